"""The report of a period: every table and every figure, counted from the ledger. No number is ever typed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from bot.ledger import advisers as staff
from bot.ledger import counting, tickets
from bot.ledger.clock import CHINA, local_day, stamp
from bot.ledger.counting import Count
from bot.ledger.register import offline, records
from bot.ledger.register.definitions import BODIES, DISPUTES, PENDING, REGISTERS, SOURCES
from bot.ledger.store import Store
from bot.reports import advisers, compared, consultations, details, figures, registers
from bot.reports.known import Known
from bot.reports.period import Period
from bot.reports.suppress import protect
from bot.reports.table import Audience, Report, Table


@dataclass(frozen=True)
class Books:
    """Everything that the ledger holds of a period.

    tickets: those opened in it. registers: register -> its rows, of ``offline`` only where they are traced.
    spoken: adviser -> how many people they spoke to offline; groups: category and groups -> how many of them.
    """

    period: Period
    count: Count
    tickets: Sequence[advisers.Ticket]
    registers: dict[str, list[dict[str, Any]]]
    advisers: Sequence[staff.Adviser]
    spoken: Mapping[str, int]
    groups: Mapping[tuple[str, str], int]

    @property
    def counts(self) -> bool:
        """Tell whether anything was recorded that may be a consultation."""
        return bool(self.count.turns) or bool(self.count.consultations.tally())


def report(store: Store, known: Known, period: Period, *, now: datetime, audience: Audience = "public") -> Report:
    """Count a period, with the one before and the same days a year earlier beside it."""
    today = local_day(now)
    books = read_books(store, known, period, now=now)
    public = audience == "public"
    tables = [table for table in _tables(books, known, today) if not (public and table.office)]
    if public:
        sensitive = known.counting.sensitive
        tables = [protect(t, sensitive) if t.key == "village_category" else t for t in tables]
    others = [read_books(store, known, p, now=now) for p in period.others()]
    tables.insert(1, compared.compared(books, others))
    if not public:
        tables += details.tables(store, books, known, now=now)
    found = figures.figures(books, known, today=today, year_before=others[-1] if others else None)
    rule = str(known.counting.rule) + sealed_note(books.count)
    title = f"{period}法律咨询与法律服务统计"
    return Report(title, known.town, period, now.astimezone(CHINA), rule, audience, tuple(tables), found)


def read_books(store: Store, known: Known, period: Period, *, now: datetime, traced: bool = False) -> Books:
    """Read what the ledger holds of a period."""
    rule = known.counting.rule
    with store.reading() as db:
        rows = {key: records.rows(db, key, period.start, period.end) for key in REGISTERS if key != "offline" or traced}
        held = (offline.held if traced else offline.summed)(db, period.start, period.end)
        spoken = offline.by_adviser(db, period.start, period.end)
        groups = offline.by_groups(db, period.start, period.end)
        opened = tickets.opened_between(db, day_start(period.start), day_start(period.end + timedelta(days=1)))
        people = staff.all_ever(db)
    rows["disputes"] = [row | _as_of(row, period.end) for row in rows["disputes"]]
    count = counting.count(store, period.start, period.end, rule=rule, now=now, offline=held, traced=traced)
    return Books(period, count, advisers.with_hours(opened), rows, people, spoken, groups)


def _as_of(row: dict[str, Any], end: date) -> dict[str, Any]:
    """Return how a dispute stood on the last day of the period: what was settled later was then still pending."""
    settled_later = row["closed_on"] is not None and row["closed_on"] > end.isoformat()
    return {"result": PENDING} if settled_later else {}


def day_start(day: date) -> str:
    """Return the stamp of a day's first moment in the town."""
    return stamp(datetime.combine(day, time(), CHINA))


def sealed_note(count: Count) -> str:
    """Return what must be said where turns of whole years are gone."""
    if not count.sealed:
        return ""
    years = "、".join(map(str, count.sealed))
    return f"{years}年的逐条记录已按保存期限删除，数字取自删除前留下的汇总；跨年的期间里，这几年的人数按年分别计。"


def _tables(books: Books, known: Known, today: date) -> list[Table]:
    count, period, villages, rows = books.count, books.period, known.villages, books.registers
    texts, choices = known.lists.texts, known.counting
    forms = {form: known.lists.groups.get(form, "—") for form in texts.get("形式", ())}
    return [
        consultations.total(count),
        consultations.left_out(count),
        consultations.by_month(count, period.months()),
        consultations.month_channel(count, period.months()),
        consultations.by_category(count, known.categories, choices.mediation_types),
        consultations.village_category(count, villages, known.categories),
        consultations.category_group(count, books.groups, known.categories, texts.get("人群", ())),
        consultations.unanswered(count, known.entries),
        consultations.quality(count, advisers.waited(books.tickets)),
        advisers.answering(books.advisers, books.tickets),
        advisers.advisers(books.advisers, books.tickets, books.spoken, rows["services"]),
        advisers.services(rows["services"], villages, period, least=choices.adviser_hours, today=today),
        advisers.hours(rows["services"], villages, period, least=choices.adviser_hours, today=today),
        advisers.government(rows["services"]),
        registers.roster(
            rows["people"],
            villages,
            start=period.start.isoformat(),
            end=period.end.isoformat(),
            least=choices.roster_per_village,
        ),
        registers.trainings(rows["trainings"]),
        registers.activities(rows["activities"], forms),
        registers.settings(rows["activities"], texts.get("七进", ())),
        registers.disputes(rows["disputes"], DISPUTES),
        registers.dispute_sources(rows["disputes"], SOURCES),
        registers.dispute_bodies(rows["disputes"], BODIES),
        registers.inspections(rows["inspections"], villages),
    ]
