"""The whole FAQ as a workbook, by the browser: fetched; sent, looked at, and taken in."""

import io
import json
import os
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from flask import Blueprint, abort, flash, redirect, render_template, send_file, url_for
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from werkzeug.wrappers import Response as BaseResponse
from wtforms import StringField
from wtforms.validators import Length

from bot.faq import workbook
from bot.faq.edit import history, importing
from bot.faq.edit.differences import compared
from bot.faq.edit.history import Changed
from bot.ledger.access.users import ADMIN, JUSTICE, LAWYER
from bot.sheet import WorkbookError
from handlers.console import faq_common as common
from handlers.console.access import ANYBODY, allow, user
from handlers.console.saving import saved
from handlers.services import services

blueprint = Blueprint("books", __name__, url_prefix="/books")

IMPORTERS = (JUSTICE, LAWYER, ADMIN)
LASTS = timedelta(hours=1)
SHOWN = 200
"""As many faults and changes are listed."""

COMPARED = 20
"""As many changed entries are compared on the page."""

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_TOKEN = re.compile(r"[0-9a-f]{32}")


class BookForm(FlaskForm):  # type: ignore[misc]
    """A workbook to take in."""

    book = FileField("改好的表（.xlsx，8 MB 以内）")


class TakeForm(FlaskForm):  # type: ignore[misc]
    """The confirmation."""

    why = StringField("说明（可以不写）", [Length(max=200, message="太长，写短一些。")])


@dataclass(frozen=True)
class Kept:
    """A workbook that waits to be confirmed, and what the folder held when it was looked at."""

    token: str
    name: str
    raw: bytes
    seen: dict[str, str | None]


@blueprint.get("/")
@allow(*ANYBODY)
def page() -> str:
    """Show what can be fetched and sent."""
    return _page(BookForm())


@blueprint.get("/export")
@allow(*ANYBODY)
def export() -> BaseResponse:
    """Return all entries that answer, as a workbook."""
    data = workbook.export(list(common.snapshot().entries.values()))
    return _file(data, f"常见问题-{common.today()}.xlsx")


@blueprint.post("/import")
@allow(*IMPORTERS)
def import_() -> BaseResponse | str:
    """Take a workbook and show what it would change; nothing is changed yet."""
    form = BookForm()
    sent = form.book.data
    if not sent or not sent.filename:
        form.book.errors = ["没有选文件。点「选择文件」，选改好的表。"]
        return _page(form)
    raw = sent.read()
    try:
        read = workbook.read(raw)
    except WorkbookError as e:
        form.book.errors = [str(e)]
        return _page(form)
    seen = {} if read.faults else _seen(importing.planned(common.folder(), read.entries))
    called = re.split(r"[\\/]", sent.filename)[-1].strip()[-100:] or "表格.xlsx"
    return redirect(url_for(".waiting", token=_keep(called, raw, seen)))


@blueprint.get("/import/<token>")
@allow(*IMPORTERS)
def waiting(token: str) -> str:
    """Show what is wrong with a workbook, or what it would change."""
    return _shown(_kept(token), TakeForm())


@blueprint.get("/import/<token>/marked")
@allow(*IMPORTERS)
def marked(token: str) -> BaseResponse:
    """Return the workbook with every bad cell marked; it is made anew each time."""
    kept = _kept(token)
    found = workbook.read(kept.raw).marked
    if found is None:
        abort(404)
    return _file(found, f"{Path(kept.name).stem}-有错.xlsx")


@blueprint.post("/import/<token>/take")
@allow(*IMPORTERS)
def take(token: str) -> BaseResponse | str:
    """Save what the workbook changes, as one change."""
    kept, form, folder = _kept(token), TakeForm(), common.folder()
    read = workbook.read(kept.raw)
    if read.faults or not form.validate_on_submit():
        return _shown(kept, form)
    plan = importing.planned(folder, read.entries)
    texts, remove = plan.saved_as(folder)
    why = f"导入 {kept.name}" + (f"：{form.why.data.strip()}" if (form.why.data or "").strip() else "")
    try:
        if _seen(plan) != kept.seen:
            raise Changed(folder, None)
        if not texts:
            return _shown(kept, form)
        now = services().clock()
        if not saved(
            lambda: history.save(folder, texts, remove=remove, author=common.author(), why=why, now=now, expected=plan.expected)
        ):
            return redirect(url_for(".waiting", token=token))
    except Changed:
        _forget(token)
        flash("您看的时候有人改了这些条目，还没有导入。下面是按现在的内容重新比较的，看过再确认。", "warning")
        return redirect(url_for(".waiting", token=_keep(kept.name, kept.raw, _seen(importing.planned(folder, read.entries)))))
    _forget(token)
    counts = "，".join(f"{kind} {n} 条" for kind, n in plan.counts.items())
    common.note("导入常见问题", f"{kept.name}：{counts}")
    flash(f"导入好了：{counts}。两秒内生效。", "success")
    return redirect(url_for("console.faq_history.listing"))


@blueprint.post("/import/<token>/drop")
@allow(*IMPORTERS)
def drop(token: str) -> BaseResponse:
    """Forget a workbook."""
    _kept(token)
    _forget(token)
    flash("没有导入，什么也没有改。", "info")
    return redirect(url_for(".page"))


def _page(form: BookForm) -> str:
    return render_template(
        "console/faq_history/books.html", form=form, may_import=user().role in IMPORTERS, number=len(common.snapshot().entries)
    )


def _shown(kept: Kept, form: TakeForm) -> str:
    read = workbook.read(kept.raw)
    if read.faults:
        return render_template(
            "console/faq_history/faults.html", name=kept.name, token=kept.token, faults=read.faults, most=SHOWN
        )
    plan = importing.planned(common.folder(), read.entries)
    steps = [
        (step, compared(step.name, step.old, step.new) if number < COMPARED and step.old is not None else ())
        for number, step in enumerate(plan.steps[:SHOWN])
    ]
    return render_template(
        "console/faq_history/waiting.html", name=kept.name, token=kept.token, plan=plan, steps=steps, form=form,
        rest=len(plan.steps) - len(steps), counts=plan.counts, total=sum(n for k, n in plan.counts.items() if k != "不导入"),
    )  # fmt: skip


def _seen(plan: importing.Plan) -> dict[str, str | None]:
    return {history.name_of(common.folder(), path): digest for path, digest in plan.expected.items()}


def _keep(name: str, raw: bytes, seen: dict[str, str | None]) -> str:
    folder, now = _folder(), services().clock()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for old in folder.iterdir():
        if now.timestamp() - old.stat().st_mtime > LASTS.total_seconds():
            old.unlink(missing_ok=True)
    token = secrets.token_hex(16)
    about = {"person": user().number, "name": name, "seen": seen}
    for suffix, data in (("xlsx", raw), ("json", json.dumps(about).encode())):
        path = folder / f"{token}.{suffix}"
        path.touch(mode=0o600)
        path.write_bytes(data)
        os.utime(path, (now.timestamp(), now.timestamp()))
    return token


def _kept(token: str) -> Kept:
    """Return a workbook of the person who asks; 404 for anybody else's, and when its hour is over."""
    if not _TOKEN.fullmatch(token):
        abort(404)
    path = _folder() / f"{token}.json"
    try:
        about, raw = json.loads(path.read_bytes()), path.with_suffix(".xlsx").read_bytes()
        age = services().clock().timestamp() - path.stat().st_mtime
    except (OSError, ValueError):
        abort(404)
    if about["person"] != user().number or age > LASTS.total_seconds():
        abort(404)
    return Kept(token, about["name"], raw, about["seen"])


def _forget(token: str) -> None:
    for suffix in ("json", "xlsx"):
        (_folder() / f"{token}.{suffix}").unlink(missing_ok=True)


def _folder() -> Path:
    return services().settings.cache_dir / "faq-books"


def _file(data: bytes, name: str) -> BaseResponse:
    return send_file(io.BytesIO(data), mimetype=XLSX, as_attachment=True, download_name=name)
