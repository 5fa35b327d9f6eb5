"""Workbooks of the registers by the browser: an empty one, one that is entered whole or not at all, one of what there is."""

import hashlib
import io
from datetime import date
from pathlib import Path

from flask import Blueprint, abort, flash, redirect, render_template, request, send_file, url_for
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from werkzeug.wrappers import Response as BaseResponse

from bot.ledger import uploads
from bot.ledger.access import audit
from bot.ledger.clock import local_time, moment
from bot.ledger.register import imports, intake, records, sheets
from bot.ledger.register.definitions import REGISTERS
from bot.ledger.register.fields import Register
from bot.ledger.register.imports import PAGES, Entered
from bot.ledger.uploads import Upload
from bot.sheet import WorkbookError
from handlers.console import register_access as access
from handlers.console.access import allow, user
from handlers.services import services

blueprint = Blueprint("books", __name__, url_prefix="/books")

UPLOAD = 8 * 1024 * 1024
"""The guard of the console lets no larger request in."""

SHOWN = 200
"""As many faults are listed; the marked workbook has all."""

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class BookForm(FlaskForm):  # type: ignore[misc]
    """A workbook to enter."""

    book = FileField("填好的表（.xlsx）")


@blueprint.get("/")
@allow(*access.KEEPERS)
def page() -> str:
    """Show what can be fetched and sent."""
    return _page(BookForm())


@blueprint.get("/template")
@allow(*access.KEEPERS)
def template() -> BaseResponse:
    """Return a workbook to fill in."""
    return _file(sheets.template(_chosen(), access.lists()), "台账空表.xlsx")


@blueprint.get("/export")
@allow(*access.KEEPERS)
def export() -> BaseResponse:
    """Return what stands in the registers in a period; that names went out is in the security log."""
    now, who, lists = access.today(), user(), access.lists()
    try:
        start = date.fromisoformat(request.args.get("from") or f"{now.year}-01-01")
        end = date.fromisoformat(request.args.get("to") or now.isoformat())
    except ValueError:
        abort(404)
    if start > end:
        start, end = end, start
    chosen = _chosen()
    with services().store.writing() as db:
        rows = {register.key: records.rows(db, register.key, start, end) for register in chosen}
        total = sum(map(len, rows.values()))
        about = f"{'、'.join(register.title for register in chosen)} {start} 至 {end} {total} 条，含人名"
        audit.note(db, who=who.name, what="导出台账", about=about, now=services().clock())
    return _file(sheets.export(rows, lists), f"台账-{start}至{end}.xlsx")


@blueprint.post("/import")
@allow(*access.KEEPERS)
def import_() -> BaseResponse | str:
    """Read a workbook that was sent, and enter it where it has no fault and was not entered before."""
    form, now, lists = BookForm(), services().clock(), access.lists()
    sent = form.book.data
    if not sent or not sent.filename:
        form.book.errors = ["没有选文件。点「选择文件」，选填好的表。"]
        return _page(form)
    raw = sent.read()
    try:
        found = intake.read(raw, lists, today=access.today())
    except WorkbookError as e:
        form.book.errors = str(e).split("\n")
        return _page(form)
    made = uploads.of(user().number, sent.filename, now, notes=found.notes)
    digest = hashlib.sha256(raw).hexdigest()
    faults = list(found.faults)
    if not faults:
        with services().store.reading() as db:
            before = imports.earlier(db, digest)
        if before:
            said = f"{local_time(moment(before['at'])):%Y-%m-%d %H:%M} {before['editor']} 导入过，{before['rows']} 行"
            waiting = uploads.of(user().number, sent.filename, now, before=said)
            return _to(uploads.keep(_folder(), waiting, raw, now=now))
        done = _enter(found, digest, made.name)
        if isinstance(done, Entered):
            return _entered(made, done)
        faults = done
    made = uploads.of(user().number, sent.filename, now, notes=found.notes, faults=tuple(faults))
    return _to(uploads.keep(_folder(), made, intake.marked(found.book, faults), now=now))


@blueprint.get("/import/<token>")
@allow(*access.KEEPERS)
def imported(token: str) -> str:
    """Show what came of a workbook."""
    found = _kept(token)
    return render_template("console/registers/imported.html", upload=found, token=token, most=SHOWN, registers=_by_title())


@blueprint.get("/import/<token>/marked")
@allow(*access.KEEPERS)
def marked(token: str) -> BaseResponse:
    """Return the workbook with its faults marked."""
    found = _kept(token)
    book = uploads.book_of(_folder(), token) if found.faults else None
    if book is None:
        abort(404)
    return _file(book, f"{Path(found.name).stem}-有错.xlsx")


@blueprint.post("/import/<token>/again")
@allow(*access.KEEPERS)
def again(token: str) -> BaseResponse:
    """Enter a workbook that was entered before, because somebody insists."""
    found, now = _kept(token), services().clock()
    raw = uploads.book_of(_folder(), token) if found.before else None
    if raw is None:
        abort(404)
    uploads.forget(_folder(), token)
    read = intake.read(raw, access.lists(), today=access.today())
    done = _enter(read, hashlib.sha256(raw).hexdigest(), found.name) if not read.faults else list(read.faults)
    if isinstance(done, Entered):
        return _entered(found, done)
    made = uploads.of(user().number, found.name, now, notes=read.notes, faults=tuple(done))
    return _to(uploads.keep(_folder(), made, intake.marked(read.book, done), now=now))


def _enter(found: intake.Intake, digest: str, name: str) -> Entered | list[intake.CellFault]:
    who, now = user(), services().clock()
    with services().store.writing() as db:
        done = imports.enter(db, found.lines, digest=digest, name=name, by=who.shown, now=now, ways=PAGES)
        if isinstance(done, Entered):
            audit.note(db, who=who.name, what="导入台账", about=f"{name} {done.rows.total()} 行", now=now)
    return done


def _entered(upload_: Upload, done: Entered) -> BaseResponse:
    now = services().clock()
    rows = tuple(done.rows.items())
    made = uploads.of(
        user().number, upload_.name, now, notes=upload_.notes, rows=rows, already=done.already, repeated=done.repeated
    )
    flash(f"导入了 {done.rows.total()} 行。", "success" if done.rows else "warning")
    return _to(uploads.keep(_folder(), made, None, now=now))


def _page(form: BookForm) -> str:
    now = access.today()
    return render_template(
        "console/registers/books.html", form=form, registers=REGISTERS.values(), start=f"{now.year}-01-01", end=now.isoformat(),
        most=UPLOAD // 1024 // 1024, bytes=UPLOAD,
    )  # fmt: skip


def _chosen() -> list[Register]:
    """Return the registers that the address names; all where it names none."""
    keys = request.args.getlist("key")
    if not set(keys) <= REGISTERS.keys():
        abort(404)
    return [register for key, register in REGISTERS.items() if key in keys or not keys]


def _kept(token: str) -> Upload:
    found = uploads.kept(_folder(), token, user().number, now=services().clock())
    if found is None:
        abort(404)
    return found


def _folder() -> Path:
    return services().settings.cache_dir / "uploads"


def _by_title() -> dict[str, str]:
    return {register.title: register.key for register in REGISTERS.values()}


def _to(token: str) -> BaseResponse:
    return redirect(url_for("console.registers.books.imported", token=token))


def _file(data: bytes, name: str) -> BaseResponse:
    return send_file(io.BytesIO(data), mimetype=XLSX, as_attachment=True, download_name=name)
