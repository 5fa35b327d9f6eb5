"""各镇对比: sums over the towns for a period, as a page and as files."""

import io
import re
from datetime import date

from flask import Blueprint, Response, abort, render_template, request, send_file, url_for
from markupsafe import Markup

from bot.ledger.access import audit
from bot.ledger.clock import local_day
from bot.reports import county, picker
from bot.reports.charts import NoPicture
from bot.reports.formats import FORMATS
from bot.reports.known import read_known
from bot.reports.period import Period
from bot.reports.picker import Unfit
from bot.reports.svg import has_gaps, to_svg
from bot.reports.table import Report, Table
from bot.reports.to_text import shown
from handlers.console.access import ADMIN, COUNTY, allow, user
from handlers.console.county_common import stores
from handlers.console.report_files import TYPES, WORD
from handlers.console.report_pages import YEARS
from handlers.services import services

blueprint = Blueprint("compare", __name__, url_prefix="/compare")


@blueprint.get("/")
@allow(ADMIN, COUNTY)
def page() -> str:
    """Show the towns beside each other."""
    period = picker.chosen(request.args, _today())
    report = _counted(period)
    year, part = picker.parts(period)
    return render_template(
        "console/county/compare.html",
        report=report,
        period=period,
        code=picker.code(period),
        pictures={table.key: _picture(table) for table in report.tables if table.chart},
        types=TYPES,
        shown=shown,
        years=sorted({*range(_today().year - YEARS + 1, _today().year + 1), year}, reverse=True),
        chosen_year=year,
        parts=picker.PARTS,
        part=part,
        earlier=picker.earlier(period),
        later=picker.later(period, _today()),
        at=lambda other: url_for(".page", period=picker.code(other)),
        first_day=f"{picker.FIRST}-01-01",
        last_day=f"{_today().year}-12-31",
    )


@blueprint.get("/file")
@allow(ADMIN, COUNTY)
def file() -> Response:
    """Send the comparison as a file."""
    format_ = request.args.get("format", "xlsx")
    if format_ not in TYPES:
        abort(404)
    period = picker.chosen(request.args, _today())
    report = _counted(period)
    if format_ == WORD:
        from bot.reports.county_word import to_word  # half a second to load, for Word alone

        data = to_word(report)
    else:
        data = FORMATS[format_](report)
    with services().store.writing() as db:
        audit.note(db, who=user().name, what="下载各镇对比", about=f"{period} {format_}", now=services().clock())
    name = re.sub(r'[\x00-\x1f\\/:*?"<>|]', "", f"{report.town}-{period}-各镇对比.{format_}")
    return send_file(io.BytesIO(data), mimetype=TYPES[format_][1], as_attachment=True, download_name=name, max_age=0)


@blueprint.errorhandler(Unfit)
def unfit(error: Unfit) -> tuple[str, int]:
    """Say what is wrong with the period."""
    return render_template("console/problem.html", title="期间不对", text=str(error)), 400


def _counted(period: Period) -> Report:
    here = services()
    with county.members(here.settings, here.store, stores()) as towns:
        return county.report(towns, read_known(here.settings.knowledge_dir)[0], period, now=here.clock())


def _picture(table: Table) -> tuple[Markup | None, str, bool]:
    try:
        # Made here and nowhere else: each text in it was escaped when it was written as XML.
        return Markup(to_svg(table, name=f"chart{table.key.replace('_', '')}")), "", has_gaps(table)  # noqa: S704
    except NoPicture as e:
        return None, str(e), False


def _today() -> date:
    return local_day(services().clock())
