"""统计报表: the numbers of a period, each table of it, and the rows behind each number."""

from dataclasses import dataclass

from flask import Blueprint, render_template, request
from markupsafe import Markup

from bot.reports import behind, dashboard
from bot.reports.charts import NoPicture
from bot.reports.lines import lines
from bot.reports.outward import is_closed
from bot.reports.period import Period, year
from bot.reports.picker import Unfit
from bot.reports.svg import has_gaps, to_svg
from bot.reports.table import Hidden, Table
from bot.reports.to_text import shown
from bot.reports.trace import NoSuchCell, cell_of
from handlers.console import report_checks, report_files
from handlers.console.access import ANYBODY, allow
from handlers.console.report_pages import Asked, Link, address, asked, counted, frame, is_office, known, links, note, today
from handlers.services import services

blueprint = Blueprint("reports", __name__, url_prefix="/reports")
for part in (report_files, report_checks):
    blueprint.register_blueprint(part.blueprint)

PER_PAGE = 200
_LONGEST = 120
"""Characters of a name in an address; no table, row or column has a longer one."""


@dataclass(frozen=True)
class Picture:
    """A chart: as SVG or why there is none, and the places of the columns and rows it shows."""

    table: Table
    svg: Markup | None
    problem: str
    has_gaps: bool
    columns: list[int]
    rows: list[int]


@blueprint.get("/")
@allow(*ANYBODY)
def page() -> str:
    """Show the main numbers of a period and its charts."""
    wanted = asked()
    report = counted(wanted, services(), for_office=is_office())
    if wanted.audience == "office":
        note("看统计报表（办公版）", f"{wanted.period}")
    link = links(wanted)
    return render_template(
        "console/reports/page.html",
        report=report,
        compared=report.table("compared"),
        headlines=dashboard.headlines(report),
        pictures=[_picture(table, f"chart{'abcdefghij'[n]}", link) for n, table in enumerate(dashboard.pictures(report))],
        form=report_files.form_for(wanted),
        link=link,
        shown=shown,
        **frame(wanted, "console.reports.page"),
    )


@blueprint.get("/table/<key>")
@allow(*ANYBODY)
def table(key: str) -> str | tuple[str, int]:
    """Show one table whole."""
    wanted = asked()
    report = counted(wanted, services(), for_office=is_office())
    found = report.table(key)
    if found is None:
        return _problem(404, "没有这张表", "这一版的报表里没有这张表。请从统计报表的首页点进去。")
    if wanted.audience == "office":
        note("看统计报表（办公版）", f"{wanted.period} {found.title}")
    number, pages = _page_of(len(found.rows))
    link = links(wanted)
    return render_template(
        "console/reports/table.html",
        report=report,
        table=found,
        picture=_picture(found, "chart", link) if found.chart else None,
        places=range((number - 1) * PER_PAGE, min(number * PER_PAGE, len(found.rows))),
        turn=_turner("console.reports.table", wanted, number, pages, key=key),
        link=link,
        shown=shown,
        **frame(wanted, "console.reports.table", key=key),
    )


@blueprint.get("/rows")
@allow(*ANYBODY)
def rows() -> str | tuple[str, int]:
    """Show how a number came about: its rows to those who may read them, to others what the report says of it."""
    wanted = asked()
    names = {name: request.args.get(name, "")[:_LONGEST] for name in ("table", "row", "column")}
    if not is_office():
        return _explained(wanted, names)
    wanted = Asked(wanted.period, "office")  # the real number: what is behind it is no secret to them
    report = counted(wanted, services(), for_office=True)
    town, store, now = known(services()), services().store, services().clock()
    found = behind.behind(store, town, report, names["table"], names["row"], names["column"], now=now)
    if not behind.leads(found.table, found.table.rows.index(found.row), found.column.key):
        return _problem(404, "这一格没有可以点开的记录", "它不是从记录里数出来的，或者本来就是空的。")
    note("看报表数字后面的记录", f"{found.period} {found.table.title} {names['row']} {found.column.heading}")
    number, pages = _page_of(len(found.groups))
    agrees, said = behind.agreement(found)
    return render_template(
        "console/reports/rows.html",
        report=report,
        found=found,
        row=names["row"],
        agrees=agrees,
        said=said,
        lines=lines(store, behind.part_of(found, (number - 1) * PER_PAGE, PER_PAGE)),
        first=(number - 1) * PER_PAGE + 1,
        turn=_turner("console.reports.rows", wanted, number, pages, **names),
        shown=shown,
        **frame(wanted, "console.reports.rows", **names),
    )


@blueprint.errorhandler(Unfit)
def unfit(error: Unfit) -> tuple[str, int]:
    """Say what is wrong with the period, and let another one be chosen."""
    period = Asked(_this_year(), "public")
    return render_template("console/reports/unfit.html", problem=str(error), **frame(period, "console.reports.page")), 400


@blueprint.errorhandler(NoSuchCell)
def no_such_cell(error: NoSuchCell) -> tuple[str, int]:
    """Say that the report has no such number."""
    return _problem(404, "报表里没有这个数", f"{error}。台账可能刚刚有变动，请从统计报表的首页重新点进去。")


def _explained(wanted: Asked, names: dict[str, str]) -> str | tuple[str, int]:
    """Say nothing but what the public report says: neither rows nor how many there are."""
    report = counted(wanted, services(), for_office=False)
    found, row, place = cell_of(report, names["table"], names["row"], names["column"])
    cell, column = row.cells[place], found.columns[place]
    if isinstance(cell, Hidden) or is_closed(found, column.key, known(services()).counting.sensitive):
        return _problem(403, "这个数不公开", "这一格涉及个人隐私，后面的记录可能看出是谁。")
    return render_template(
        "console/reports/explained.html",
        report=report,
        table=found,
        row=names["row"],
        column=column,
        of=behind.period_of(report, column),
        cell=cell,
        shown=shown,
        **frame(wanted, "console.reports.rows", **names),
    )


def _picture(drawn: Table, name: str, link: Link) -> Picture:
    columns, places = dashboard.shown(drawn)
    svg, problem = None, ""
    try:
        # Made here and nowhere else: each text in it was escaped when it was written as XML.
        svg = Markup(to_svg(drawn, name=name, link=lambda place, column: link(drawn, place, column)))  # noqa: S704
    except NoPicture as e:
        problem = str(e)
    return Picture(drawn, svg, problem, has_gaps(drawn), columns, places)


def _page_of(length: int) -> tuple[int, int]:
    """Return the page that is asked for and how many there are; there is always one."""
    pages = max(1, -(-length // PER_PAGE))
    said = request.args.get("page", "")
    return (max(1, min(int(said), pages)) if said.isascii() and said.isdecimal() and len(said) < 7 else 1), pages


def _turner(endpoint: str, wanted: Asked, number: int, pages: int, **names: str) -> dict[str, object]:
    """Return what turns the pages."""

    def at(page_: int) -> str | None:
        return address(endpoint, wanted, **names, page=page_) if 1 <= page_ <= pages else None

    return {"number": number, "pages": pages, "before": at(number - 1), "after": at(number + 1)}


def _this_year() -> Period:
    return year(today().year)


def _problem(status: int, title: str, text: str) -> tuple[str, int]:
    return render_template("console/problem.html", title=title, text=text), status
