"""What the pages of the reports share: the period and the edition that an address names, the report, links to rows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import abort, request, url_for

from bot.ledger.access import audit
from bot.ledger.clock import local_day
from bot.reports import annual, behind, picker
from bot.reports.known import Known, read_known
from bot.reports.outward import for_readers, is_closed
from bot.reports.period import Period
from bot.reports.picker import Unfit
from bot.reports.table import Audience, Report, Table
from handlers.console.access import ADMIN, CLERK, JUSTICE, user
from handlers.services import Services, services

OFFICE_ROLES = (ADMIN, CLERK, JUSTICE)
"""Who sees the edition that never leaves the office, with what people wrote."""

YEARS = 6
"""How many years can be chosen by name; older ones by their days."""

EDITIONS: dict[Audience, str] = {"public": "对外发布版", "office": "办公版"}


@dataclass(frozen=True)
class Asked:
    """What a page is to show."""

    period: Period
    audience: Audience

    @property
    def query(self) -> dict[str, str]:
        """What an address says of it."""
        return {"period": picker.code(self.period)} | ({"edition": "office"} if self.audience == "office" else {})


def is_office() -> bool:
    """Tell whether whoever asks may see the office's edition."""
    return user().role in OFFICE_ROLES


def today() -> date:
    """Return the town's day."""
    return local_day(services().clock())


def asked() -> Asked:
    """Return what the address asks for. Raises Unfit; 403 where the edition is not theirs."""
    period = picker.chosen(request.args, today())
    edition = request.args.get("edition") or "public"
    if edition not in EDITIONS:
        raise Unfit("没有这个版本。只有对外发布版和办公版。")
    if edition == "office" and not is_office():
        abort(403)
    return Asked(period, "office" if edition == "office" else "public")


def known(of: Services) -> Known:
    """Return the town's names and choices."""
    return read_known(of.settings.knowledge_dir)[0]


def counted(wanted: Asked, of: Services, *, for_office: bool) -> Report:
    """Count the report; who does not work in the office gets the public one with what free days would give away left out."""
    town = known(of)
    report = annual.report(of.store, town, wanted.period, now=of.clock(), audience=wanted.audience)
    return report if for_office else for_readers(report, town.counting.sensitive)


def note(what: str, about: str) -> None:
    """Keep in the security log that somebody saw the office's edition."""
    with services().store.writing() as db:
        audit.note(db, who=user().name, what=what, about=about, now=services().clock())


def address(endpoint: str, wanted: Asked, **names: Any) -> str:
    """Return the address of a page for what is asked for."""
    query: dict[str, Any] = {**names, **wanted.query}
    return url_for(endpoint, **query)


Link = Callable[[Table, int, str], str | None]


def links(wanted: Asked) -> Link:
    """Return what gives the address of the rows behind a cell, by its table, the place of its row and its column."""
    sensitive = () if is_office() else known(services()).counting.sensitive

    def link(table: Table, place: int, column: str) -> str | None:
        if not behind.leads(table, place, column) or is_closed(table, column, sensitive):
            return None
        names = {"table": table.key, "row": behind.name_of(table, place), "column": column}
        return address("console.reports.rows", wanted, **names)

    return link


def frame(wanted: Asked, endpoint: str, **keep: Any) -> dict[str, Any]:
    """Return what the top of each page needs: the period, its neighbours, the choices, the editions."""
    period, now = wanted.period, today()

    def at(other: Period | None, audience: Audience = wanted.audience) -> str | None:
        return address(endpoint, Asked(other, audience), **keep) if other else None

    chosen_year, part = picker.parts(period)
    years = sorted({*range(now.year - YEARS + 1, now.year + 1), chosen_year}, reverse=True)
    return {
        "asked": wanted,
        "period": period,
        "is_office": is_office(),
        "editions": [(name, at(period, audience), audience == wanted.audience) for audience, name in EDITIONS.items()],
        "earlier": (picker.earlier(period), at(picker.earlier(period))),
        "later": (picker.later(period, now), at(picker.later(period, now))),
        "goes_on": period.end >= now,
        "choose": url_for(endpoint, **keep),
        "years": years,
        "chosen_year": chosen_year,
        "parts": picker.PARTS,
        "part": part,
        "first_day": f"{picker.FIRST}-01-01",
        "last_day": f"{now.year}-12-31",
    }
