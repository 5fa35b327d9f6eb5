"""The first page: what needs me now, and the week in a few lines. And what is wrong in the knowledge folder."""

from dataclasses import dataclass

from flask import Blueprint, render_template, request

from bot.ledger.access.users import ADMIN, CLERK, JUSTICE, LAWYER, MINDER
from bot.ledger.clock import local_day
from bot.reports import todo, week
from bot.reports.annual import read_books
from bot.reports.known import read_known
from bot.reports.problems import Problem, problems
from bot.reports.todo import Facts, Line
from handlers.console import ticket_access
from handlers.console.access import ANYBODY, allow, user
from handlers.console.links import link
from handlers.services import services

blueprint = Blueprint("home", __name__)

NOTE_ROLES = tuple(role for role in ANYBODY if role != MINDER)
"""A 法律明白人 sees what concerns their village; the week is the whole town's."""


@dataclass(frozen=True)
class Shown:
    """A line with its address."""

    line: Line
    address: str


@blueprint.get("/")
@allow(*ANYBODY)
def page() -> str:
    """Show what waits."""
    who, here = user(), services()
    now, (known, _) = here.clock(), read_known(here.library.folder)
    with here.store.reading() as db:
        adviser = ticket_access.adviser_of(db, who)
        found = todo.facts(db, here.library, known, lambda ticket: ticket_access.has_to(who, adviser, ticket, now), now)
    village = adviser.village if adviser and who.role == LAWYER else None
    lines = todo.lines(found, who.role, village, known.counting.adviser_hours)
    note, before = "", request.args.get("week") == "last"
    if who.role in NOTE_ROLES:
        books = read_books(here.store, known, week.week_of(found.today, before=before), now=now)
        categories = {entry.id: entry.category for entry in here.library.current.entries.values()}
        note = week.note(books, known, found, categories)
    return render_template(
        "console/home/page.html",
        lines=[Shown(line, _address(line, found)) for line in lines],
        note=note,
        before=before,
        rows=note.count("\n") + 4,
    )


@blueprint.get("/findings")
@allow(ADMIN, JUSTICE, LAWYER, CLERK)
def findings() -> str:
    """Show what is wrong in the knowledge folder: where, what, what to do."""
    here = services()
    broken, better = problems(here.library.folder, here.library.current, local_day(here.clock()))
    return render_template("console/home/findings.html", broken=broken, better=better, address=_entry)


def _entry(problem: Problem) -> str:
    return link("console.faq.entry", id_=problem.entry) if problem.entry else ""


def _address(line: Line, found: Facts) -> str:
    there: dict[str, tuple[str, dict[str, str]]] = {
        "tickets": ("console.tickets.listing", {"mine": "1"}),
        "duties": ("console.tickets.duties.listing", {}),
        "misses": ("console.misses.listing", {}),
        "wrong": ("console.misses.listing", {"kind": "wrong"}),
        "sign": ("console.faq.listing", {"status": "waiting"}),
        "drafts": ("console.faq.listing", {"status": "draft"}),
        "ending": ("console.faq.listing", {"status": "expired" if found.ended else "soon"}),
        "findings": ("console.home.findings", {}),
        "hotlines": ("console.setup.listing", {}),
        "hours": ("console.registers.rows", {"key": "services"}),
        "months": ("console.registers.months.listing", {}),
        "year": ("console.reports.page", {}),
    }
    endpoint, values = there[line.key]
    return link(endpoint, **values)
