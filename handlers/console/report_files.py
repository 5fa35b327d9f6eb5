"""Reports as files: made in the background, shown how far they are, kept for an hour for whoever wanted them."""

import io
import re
import time
from collections.abc import Mapping
from pathlib import Path

from flask import Blueprint, Response, abort, flash, make_response, redirect, render_template, send_file, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import HiddenField, SelectChoice, SelectField

from bot.ledger.clock import local_time, moment
from bot.reports import picker
from bot.reports.formats import FORMATS
from bot.reports.jobs import FOLDER, Busy, Job, Jobs, Plain, Step, Work
from bot.reports.picker import Unfit
from handlers.console.access import ANYBODY, allow, user
from handlers.console.report_pages import EDITIONS, Asked, address, counted, is_office, note, today
from handlers.services import kept, services

blueprint = Blueprint("files", __name__, url_prefix="/files")

WORD = "docx"
TYPES = {
    "xlsx": ("Excel 表格", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    WORD: ("Word 报告", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "csv": ("CSV", "text/csv"),
    "json": ("JSON", "application/json"),
}
STAGES = {
    "waiting": "排队等着",
    "counting": "正在统计",
    "writing": "正在生成文件",
    "ready": "做好了",
    "failed": "没有做成",
    "cancelled": "已取消",
}
PATIENCE, LOOK = 1.5, 0.05
"""Seconds: what is ready sooner comes at once, without a page in between; how often that is looked at."""

REFRESH = 2
"""Seconds until the page of work under way looks again."""


class FileForm(FlaskForm):  # type: ignore[misc]
    """Which file to make."""

    period = HiddenField()
    format = SelectField("格式", choices=[SelectChoice(key, name) for key, (name, _) in TYPES.items()])
    edition = SelectField("版本", choices=[SelectChoice(key, name) for key, name in EDITIONS.items()], default="public")
    template = SelectField("Word 模板")


class CancelForm(FlaskForm):  # type: ignore[misc]
    """Only the token against forged requests."""


def form_for(wanted: Asked) -> FileForm:
    """Return the form for a period."""
    form = FileForm(formdata=None, data={"period": picker.code(wanted.period), "edition": wanted.audience})
    form.template.choices = list(templates())
    return form


def templates() -> Mapping[str, Path]:
    """Return the Word templates of the knowledge folder by name."""
    found = sorted((services().settings.knowledge_dir / "report").glob("*.docx"), reverse=True)
    return {path.stem: path for path in found if not path.name.startswith((".", "~"))}


def jobs() -> Jobs:
    """Return the work of this app."""
    return kept("report_jobs", lambda: Jobs(services().store.path.parent / FOLDER, services().clock))


@blueprint.post("/")
@allow(*ANYBODY)
def start() -> BaseResponse:
    """Start making a file; one that is ready at once is sent at once."""
    form = FileForm()
    form.template.choices = list(templates())
    if form.edition.data not in EDITIONS:
        form.edition.data = "public"
    if form.format.data not in TYPES:
        raise Unfit("没有这个格式。请重新选。")
    wanted = Asked(picker.chosen({"period": form.period.data or ""}, today()), form.edition.data)
    if wanted.audience == "office" and not is_office():
        abort(403)
    back = redirect(address("console.reports.page", wanted))
    if form.format.data == WORD and wanted.audience == "office":
        flash("Word 报告是对外的，只有对外发布版。内部核对请选 Excel。", "warning")
        return back
    template = form.template.data if form.format.data == WORD else ""
    if form.format.data == WORD and template not in templates():
        flash("没有这个 Word 模板，请重新选。", "warning")
        return back
    try:
        job = jobs().start(
            "word" if form.format.data == WORD else "tables",
            _work(wanted, form.format.data, template),
            owner=user().number,
            wanted="|".join((picker.code(wanted.period), wanted.audience, form.format.data, template)),
            name=file_name(wanted, form.format.data),
            type_=TYPES[form.format.data][1],
            office=wanted.audience == "office",
        )
    except Busy:
        flash("您已经有几份文件在做，等它们做好，或者先取消。", "warning")
        return redirect(url_for("console.reports.files.listing"))
    return _arrived(job)


@blueprint.get("/")
@allow(*ANYBODY)
def listing() -> str:
    """Show somebody's own files."""
    jobs().sweep()
    return render_template("console/reports/files.html", jobs=_seen(), stages=STAGES, minute=_minute, form=CancelForm())


@blueprint.get("/<id_>")
@allow(*ANYBODY)
def job(id_: str) -> Response:
    """Show how far a file is; the page looks again by itself."""
    found = _own(id_)
    page = render_template(
        "console/reports/job.html", job=found, stages=STAGES, refresh=REFRESH, minute=_minute, form=CancelForm()
    )
    response = make_response(page)
    if not found.is_over:
        response.headers["Refresh"] = str(REFRESH)
    return response


@blueprint.get("/<id_>/file")
@allow(*ANYBODY)
def file(id_: str) -> Response:
    """Send a file that is ready."""
    found = _own(id_)
    data = jobs().result(found)
    if data is None:
        abort(404)
    if found.office:
        note("下载统计报表（办公版）", found.name)
    return send_file(io.BytesIO(data), mimetype=found.type, as_attachment=True, download_name=found.name, max_age=0)


@blueprint.post("/<id_>/cancel")
@allow(*ANYBODY)
def cancel(id_: str) -> BaseResponse:
    """Stop making a file, or delete one that is ready."""
    found = _own(id_)
    jobs().cancel(found)
    flash("已删除。" if found.is_over else "已取消。", "success")
    return redirect(url_for("console.reports.files.listing"))


def file_name(wanted: Asked, format_: str) -> str:
    """Return what a file is called: 示例镇-2025年-法律咨询统计.xlsx."""
    town = services().library.current.town
    kind = "法律咨询报告" if format_ == WORD else "法律咨询统计"
    edition = "（办公版）" if wanted.audience == "office" else ""
    name = f"{town.name if town else '本镇'}-{wanted.period}-{kind}{edition}.{format_}"
    return re.sub(r'[\x00-\x1f\\/:*?"<>|]', "", name)


def _work(wanted: Asked, format_: str, template: str) -> Work:
    of, for_office, path = services(), is_office(), templates().get(template)

    def work(step: Step) -> bytes:
        step("counting")
        report = counted(wanted, of, for_office=for_office)
        step("writing")
        if path is None:
            return FORMATS[format_](report)
        # Half a second to load, for Word alone.
        from bot.reports.word.rendering import TemplateError
        from bot.reports.word.to_docx import to_docx

        try:
            return to_docx(report, path)
        except TemplateError as e:
            raise Plain(str(e)) from e

    return work


def _arrived(found: Job) -> BaseResponse:
    """Wait a moment; then send to the file, or to the page that shows how far it is."""
    end = time.monotonic() + PATIENCE
    now: Job | None = found
    while now and not now.is_over and time.monotonic() < end:
        time.sleep(LOOK)
        now = jobs().find(found.id, found.owner)
    if now and now.stage == "ready":
        return redirect(url_for("console.reports.files.file", id_=found.id), code=303)
    return redirect(url_for("console.reports.files.job", id_=found.id), code=303)


def _own(id_: str) -> Job:
    """Return somebody's own work; 404 for any other, and for the office's edition where they left the office since."""
    found = jobs().find(id_, user().number)
    if found is None:
        abort(404)
    if found.office and not is_office():
        abort(403)
    return found


def _seen() -> list[Job]:
    return [job for job in jobs().of(user().number) if is_office() or not job.office]


def _minute(stamped: str) -> str:
    return f"{local_time(moment(stamped)):%H:%M}"
