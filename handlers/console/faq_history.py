"""The history of the knowledge folder: who changed what, when and why; what it was before; and back to that."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import BooleanField, HiddenField, StringField
from wtforms.validators import DataRequired, Length

from bot.faq.edit import history, rollback
from bot.faq.edit.differences import Part, compared
from bot.faq.edit.history import Change, Changed, HistoryError, Refused, entry_of
from bot.faq.entry import ID
from bot.ledger.access.users import ADMIN, JUSTICE, LAWYER
from bot.ledger.clock import local_time
from handlers.console import faq_books
from handlers.console import faq_common as common
from handlers.console.access import ANYBODY, allow, user
from handlers.console.saving import saved
from handlers.services import services

blueprint = Blueprint("faq_history", __name__, url_prefix="/faq-history")
blueprint.register_blueprint(faq_books.blueprint)

RESTORERS = (JUSTICE, LAWYER, ADMIN)
"""Who may take an entry back; settings only who may change them."""

SETTERS = (ADMIN, JUSTICE)
PAGE = 30
SHOWN = 8
"""As many files of one change are compared on one page."""

TOLD = timedelta(days=14)
"""For how long it is told what was changed on two machines at once, unless somebody changes it again."""

TITLES = {
    "town.yaml": "本镇：村、顾问、值班", "hotlines.yaml": "热线", "registers.yaml": "台账选项", "counting.yaml": "统计规则",
    "retention.yaml": "保存期限", "crisis.yaml": "急事卡片", "crisis-examples.yaml": "急事例句", "laws.yaml": "法律登记表",
    "lexicon.yaml": "词表", "legalese.yaml": "行话表", "outside.yaml": "条目以外的话题", "matching.yaml": "匹配门槛",
    "catalogue.yaml": "条目清单", "review.yaml": "送审登记", "wording.yaml": "机器人说的话",
    "shared.txt": "哪些条目和县里共用",
}  # fmt: skip


class RestoreForm(FlaskForm):  # type: ignore[misc]
    """Back to an earlier text; ``base`` is what stood there when the page was shown."""

    why = StringField("为什么退回", [DataRequired("写一句原因，以后查得到。"), Length(max=200, message="太长，写短一些。")])
    sure = BooleanField("上面的问题我看过了，仍然要退回")
    base = HiddenField()


@dataclass(frozen=True)
class Compared:
    """One file of a change."""

    name: str
    title: str
    parts: tuple[Part, ...]
    is_text: bool


@blueprint.app_template_filter("town_time")
def town_time(at: object) -> str:
    """Return a moment as the town's clocks show it."""
    return f"{local_time(at):%Y-%m-%d %H:%M}"  # type: ignore[arg-type]


@blueprint.get("/")
@allow(*ANYBODY)
def listing() -> str:
    """Show all changes, the last ones first."""
    changes, trouble = _log(None)
    waiting = _pending()
    return render_template(
        "console/faq_history/listing.html", changes=changes[:PAGE], more=len(changes) > PAGE, trouble=trouble, titled=titled,
        pending=waiting, may_note=user().role in RESTORERS, older=request.args.get("before"), form=FlaskForm(),
        taken_back=_taken_back_lately(),
    )  # fmt: skip


@blueprint.post("/note")
@allow(*RESTORERS)
def note() -> BaseResponse:
    """Record what was changed in the folder by hand."""
    before = _pending()
    if saved(lambda: history.note(common.folder(), now=services().clock())) and before:
        common.note("记下手工修改", f"{len(before)} 个文件")
        flash(f"记下了 {len(before)} 个文件的手工修改。", "success")
    return redirect(url_for(".listing"))


@blueprint.get("/entry/<id_>")
@allow(*ANYBODY)
def entry(id_: str) -> BaseResponse:
    """Lead to the history of an entry."""
    if not re.fullmatch(ID, id_):
        abort(404)
    found = history.log(common.folder(), f"faq/-/{id_}.md", 1)
    if found:
        return redirect(url_for(".file", path=(history.present(common.folder(), found[0]) or found[0].paths)[-1]))
    there = [path for place in ("faq", "drafts") for path in sorted(common.folder().glob(f"{place}/*/{id_}.md"))]
    if not there:
        abort(404)
    return redirect(url_for(".file", path=there[0].relative_to(common.folder()).as_posix()))


@blueprint.get("/file")
@allow(*ANYBODY)
def file() -> str:
    """Show the changes of one file."""
    name = _name()
    changes, trouble = _log(name)
    there = (common.folder() / name).is_file()
    if not changes and not there and not trouble:
        abort(404)
    rows = [(one, (history.present(common.folder(), one) or [""])[-1]) for one in changes[:PAGE]]
    return render_template(
        "console/faq_history/file.html", name=name, title=titled(name), rows=rows, more=len(changes) > PAGE, trouble=trouble,
        there=there, entry=entry_of(name), may_restore=_may_restore(name), older=request.args.get("before"),
        pending=name in _pending(), entry_page=_page_of(name) if there else "",
    )  # fmt: skip


@blueprint.get("/change/<id_>")
@allow(*ANYBODY)
def change(id_: str) -> str:
    """Show one change side by side with what was before."""
    seen = history.change(common.folder(), id_)
    if seen is None:
        abort(404)
    only = request.args.get("path")
    if only is not None and only not in seen.paths:
        abort(404)
    names = [only] if only else list(seen.paths[:SHOWN])
    there = history.present(common.folder(), seen)
    return render_template(
        "console/faq_history/change.html", change=seen, files=_compared(seen, names), rest=[] if only else seen.paths[SHOWN:],
        only=only, titled=titled, there=there, may={name: _may_restore(name) for name in names},
    )  # fmt: skip


@blueprint.route("/restore", methods=["GET", "POST"])
@allow(*RESTORERS)
def restore() -> BaseResponse | str:
    """Show what going back would change and what is wrong with the old text, and go back."""
    name, id_, form = _name(), request.args.get("id", ""), RestoreForm()
    if not _may_restore(name):
        abort(403)
    seen = history.change(common.folder(), id_)
    wanted = _prepared(name, id_) if seen else None
    if seen is None or wanted is None:
        abort(404)
    errors = [finding for finding in wanted.findings if finding.severity == "error"]
    if form.validate_on_submit() and wanted.readable:
        if form.base.data != wanted.base:
            flash("您看的时候有人改了这个文件，还没有退回。下面是现在的样子，看过再决定。", "warning")
        elif errors and not form.sure.data:
            form.sure.errors = ["先看过上面的问题，再勾选这一项。"]
        elif (done := _taken_back(wanted, seen, form.why.data.strip())) is not None:
            return done
    form.base.data = wanted.base
    return render_template(
        "console/faq_history/restore.html", form=form, name=name, title=titled(name), change=seen, wanted=wanted, errors=errors,
        parts=compared(name, wanted.now, wanted.text),
    )  # fmt: skip


def titled(name: str) -> str:
    """Return what people call a file: the question of an entry, the title of a settings file."""
    id_ = entry_of(name)
    if id_ is None:
        return TITLES.get(name, name)
    found = common.snapshot().entries.get(id_)
    return (found.question if found else id_) + ("（修改稿）" if name.startswith("drafts/") else "")


def _taken_back(wanted: rollback.Rollback, seen: Change, why: str) -> BaseResponse | None:
    now, folder = services().clock(), common.folder()
    reason = f"退回到 {town_time(seen.at)} 的样子：{why}"
    try:
        if not saved(lambda: rollback.take_back(folder, wanted, author=common.author(), why=reason, now=now)):
            return None
    except Changed:
        flash("有人刚刚改了这个文件，还没有退回。下面是现在的样子，看过再决定。", "warning")
        return redirect(request.root_path.rstrip("/") + request.full_path)
    common.note("退回旧版本", wanted.name)
    flash("退回好了，两秒内生效。", "success")
    return redirect(url_for(".file", path=wanted.name))


def _prepared(name: str, id_: str) -> rollback.Rollback | None:
    return rollback.prepared(common.folder(), name, id_, common.snapshot(), common.today())


def _compared(seen: Change, names: Sequence[str]) -> list[Compared]:
    folder, found = common.folder(), []
    for name in names:
        old, new = history.bytes_before(folder, name, seen.id), history.bytes_at(folder, name, seen.id)
        is_text = not any(raw is not None and b"\0" in raw for raw in (old, new))
        texts = [None if raw is None else history.text_of(raw) for raw in (old, new)]
        found.append(Compared(name, titled(name), compared(name, *texts) if is_text else (), is_text))
    return found


def _log(name: str | None) -> tuple[list[Change], str]:
    try:
        return history.log(common.folder(), name, PAGE + 1, before=request.args.get("before") or None), ""
    except HistoryError as e:
        return [], str(e)


def _taken_back_lately() -> list[history.TakenBack]:
    try:
        return history.taken_back(common.folder(), since=services().clock() - TOLD)
    except HistoryError:
        return []


def _pending() -> list[str]:
    try:
        return history.pending(common.folder())
    except (HistoryError, OSError):
        return []


def _name() -> str:
    try:
        return history.name_of(common.folder(), request.args.get("path", ""))
    except Refused:
        abort(404)


def _page_of(name: str) -> str:
    """Return the address of the entry that a file is of; nothing for other files."""
    id_ = entry_of(name)
    return common.home_of(id_) if id_ and re.fullmatch(ID, id_) and "console.faq.entry" in current_app.view_functions else ""


def _may_restore(name: str) -> bool:
    return user().role in (RESTORERS if entry_of(name) else SETTERS)
