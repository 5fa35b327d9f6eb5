"""The towns of a county beside each other: their sums, counted by one rule; no text, ticket or row of a register.

A town that cannot be read is named, and what is known of it stands out of the sums: never silently left out, never 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from bot.ledger.clock import CHINA
from bot.ledger.store import Store, StoreError
from bot.ledger.towns import REMOVED, Town, TownError, everybody, ledger_of, settings_for
from bot.reports import advisers
from bot.reports.annual import Books, read_books, sealed_note
from bot.reports.known import Known, read_known
from bot.reports.period import Period
from bot.reports.registers import matching, total_of
from bot.reports.table import Cell, Chart, Column, Rate, Report, Row, Table
from bot.settings import Settings


@dataclass(frozen=True)
class Member:
    """A town as a report sees it. problem: why its ledger cannot be counted, '' where it can."""

    slug: str
    name: str
    state: str
    store: Store | None = None
    known: Known | None = None
    problem: str = ""


def _outcome(books: Books, name: str) -> int:
    return books.count.consultations.tally("outcome").get((name,), 0)


def _share_in_time(books: Books) -> Rate:
    waited = advisers.waited(books.tickets)
    return Rate(waited.in_time, waited.opened)


def _settled(books: Books) -> int:
    return len(matching(books.registers["disputes"], {"result": "成功"}))


def _of(books: Books, register: str, value: Cell) -> Cell:
    """Return the value where the register was kept at all: one that nobody kept says nothing, not 0."""
    return value if books.registers[register] else None


OWN = "各镇自己的类别"
_VILLAGE = {"served": "村（社区）"}
Measure = Callable[[Books], Cell]
_SUMS: dict[str, tuple[str, str, tuple[tuple[str, str, str, Measure], ...]]] = {
    "towns": (
        "各镇：咨询",
        "consultations",
        (
            ("turns", "消息条数", "count", lambda b: sum(b.count.turns.values())),
            ("consultations", "咨询人次", "count", lambda b: b.count.consultations.tally().get((), 0)),
            ("people", "咨询人数", "count", lambda b: b.count.consultations.people().get((), 0)),
            ("answered", "答复率", "rate", lambda b: Rate(_outcome(b, "已答"), b.count.consultations.tally().get((), 0))),
            ("missed", "没答上（人次）", "count", lambda b: _outcome(b, "未答")),
            ("crises", "急事提示", "count", lambda b: b.count.crises),
        ),
    ),
    "towns_tickets": (
        "各镇：转人工的问题",
        "tickets",
        (
            ("opened", "转人工", "count", lambda b: advisers.waited(b.tickets).opened),
            ("replied", "人工答复", "count", lambda b: advisers.waited(b.tickets).answered),
            ("in_time", "24小时内答复", "rate", _share_in_time),
            ("hours", "答复用时（小时，中位数）", "amount", lambda b: advisers.waited(b.tickets).median_hours),
        ),
    ),
    "towns_work": (
        "各镇：普法、服务和矛盾纠纷",
        "",
        (
            (
                "services",
                "村法律顾问服务（次）",
                "count",
                lambda b: _of(b, "services", len(matching(b.registers["services"], _VILLAGE))),
            ),
            (
                "activities",
                "普法活动（场次）",
                "count",
                lambda b: _of(b, "activities", total_of(b.registers["activities"], "times")),
            ),
            (
                "attendance",
                "参加人次",
                "count",
                lambda b: _of(b, "activities", total_of(b.registers["activities"], "attendance")),
            ),
            (
                "rounds",
                "矛盾纠纷排查（次）",
                "count",
                lambda b: _of(b, "inspections", total_of(b.registers["inspections"], "rounds")),
            ),
            ("disputes", "受理矛盾纠纷（宗）", "count", lambda b: _of(b, "disputes", len(b.registers["disputes"]))),
            ("settled", "调解成功（宗）", "count", lambda b: _of(b, "disputes", _settled(b))),
            (
                "settled_share",
                "调解成功率",
                "rate",
                lambda b: _of(b, "disputes", Rate(_settled(b), len(b.registers["disputes"]))),
            ),
        ),
    ),
}


def report(members: Sequence[Member], county: Known, period: Period, *, now: datetime) -> Report:
    """Count a period of every town by the county's rule."""
    books: dict[str, Books] = {}
    problems = {member.slug: member.problem for member in members if member.problem}
    for member in members:
        if member.store is None or member.known is None:
            continue
        try:
            known = replace(member.known, counting=county.counting)
            books[member.slug] = read_books(member.store, known, period, now=now)
        except StoreError as e:
            problems[member.slug] = f"台账读不了（{type(e.__cause__ or e).__name__}）"
    note = _note(members, county, problems)
    tables = [_table(key, members, books, problems, note) for key in _SUMS]
    tables.append(_categories(members, books, problems, county, note))
    rule = str(county.counting.rule) + "".join(dict.fromkeys(sealed_note(b.count) for b in books.values()))
    figures: dict[str, Cell] = {
        "年份": str(period.end.year),
        "期间": str(period),
        "镇数": len(members),
        "读到的镇数": len(books),
    }
    title = f"{period}各镇法律咨询与法律服务对比"
    return Report(title, county.town, period, now.astimezone(CHINA), rule, "public", tuple(tables), figures)


@contextmanager
def members(base: Settings, store: Store, opened: Mapping[str, Store]) -> Iterator[list[Member]]:
    """Lend the towns that stand in the county's ledger ``store``; ``opened``: the ledgers that are open already, by slug."""
    with store.reading() as db:
        rows = everybody(db)
    with ExitStack() as stack:
        yield [_member(base, town, opened.get(town.slug), stack) for town in rows]


def _member(base: Settings, town: Town, store: Store | None, stack: ExitStack) -> Member:
    found = Member(town.slug, town.name, town.state)
    if town.state == REMOVED:
        return replace(found, problem="已移除")
    try:
        settings = settings_for(base, town)
        if store is None:
            store = ledger_of(settings)
            stack.callback(store.close)
    except TownError:
        return replace(found, problem="密钥解不开")
    except (StoreError, OSError) as e:
        return replace(found, problem=f"台账打不开（{type(e.__cause__ or e).__name__}）")
    return replace(found, store=store, known=read_known(settings.knowledge_dir)[0])


def _table(key: str, towns: Sequence[Member], books: Mapping[str, Books], problems: Mapping[str, str], note: str) -> Table:
    title, source, measures = _SUMS[key]
    columns = (Column("town", "镇", "text"), *(Column(name, heading, kind) for name, heading, kind, _ in measures))  # type: ignore[arg-type]
    rows = []
    for town in towns:
        own = books.get(town.slug)
        kept = own is not None and (source != "consultations" or own.counts)
        cells = [measure(own) if own is not None and kept else None for *_, measure in measures]
        rows.append(Row((_name(town, problems), *cells)))
    rows.append(
        Row(("合计", *(_sum([row.cells[n] for row in rows], kind) for n, (*_, kind, _) in enumerate(measures, 1))), total=True)
    )
    more = {
        "towns": "各镇的咨询人数是各镇自己数的：一个人在两个镇都问过，合计里算两个人。",
        "towns_tickets": "24小时内答复的占比，分母是转人工的问题；中位数不能相加。",
        "towns_work": "调解成功率 = 成功 ÷ 受理。",
    }[key]
    charts = {
        "towns": ("各镇咨询人次", ("consultations",)),
        "towns_work": ("各镇受理和调解成功的纠纷", ("disputes", "settled")),
    }
    chart = Chart("bar", charts[key][0], "town", charts[key][1]) if key in charts and books else None
    # The source is left empty: what is behind a town's number is for that town alone to see.
    return Table(key, title, columns, tuple(rows), source="", note=more + note, chart=chart)


def _categories(
    towns: Sequence[Member], books: Mapping[str, Books], problems: Mapping[str, str], county: Known, note: str
) -> Table:
    """Towns by category: a town's own public report says as much of it."""
    tallies = {
        slug: {name: n for (name,), n in own.count.consultations.tally("category").items()} for slug, own in books.items()
    }
    known = (*county.categories, "其他", "未归类")
    # What a town calls a category of its own is its own text, and may be about few people.
    tallies = {
        slug: {name: n for name, n in tally.items() if name in known}
        | {OWN: sum(n for name, n in tally.items() if name not in known)}
        for slug, tally in tallies.items()
    }
    names = [name for name in (*known, OWN) if any(tally.get(name) for tally in tallies.values())]
    columns = (Column("town", "镇", "text"), *(Column(name, name) for name in names), Column("total", "合计"))
    rows = []
    for town in towns:
        own = tallies.get(town.slug)
        cells: list[Cell] = [None] * (len(names) + 1) if own is None else [*(own.get(n, 0) for n in names), sum(own.values())]
        rows.append(Row((_name(town, problems), *cells)))
    rows.append(Row(("合计", *(_sum([row.cells[n] for row in rows], "count") for n in range(1, len(columns)))), total=True))
    return Table("towns_categories", "各镇 × 类别（咨询人次）", columns, tuple(rows), source="", note=note)


def _name(town: Member, problems: Mapping[str, str]) -> str:
    if why := problems.get(town.slug):
        return f"{town.name}（{why}）"
    return f"{town.name}（{town.state}）" if town.state != "在用" else town.name


def _note(towns: Sequence[Member], county: Known, problems: Mapping[str, str]) -> str:
    said = "「—」是没有人记过，或者读不到，不等于0，也没有算进合计。"
    if missing := [f"{town.name}（{problems[town.slug]}）" for town in towns if town.slug in problems]:
        said += f"合计里没有：{'、'.join(missing)}。"
    other = [t.name for t in towns if t.known and t.known.counting.rule != county.counting.rule]
    if other:
        said += f"{'、'.join(other)}自己的报表用的是另一种统计规则，这里都照县里的规则数，和它们自己报的数会不一样。"
    return said


def _sum(cells: Sequence[Cell], kind: str) -> Cell:
    """Return the sum of what is known; of shares the share of the sums; None of medians and where nothing is known."""
    rates = [cell for cell in cells if isinstance(cell, Rate)]
    if kind == "rate":
        return Rate(sum(r.part for r in rates), sum(r.whole for r in rates)) if rates else None
    numbers = [cell for cell in cells if isinstance(cell, int)]
    return sum(numbers) if numbers and kind == "count" else None
