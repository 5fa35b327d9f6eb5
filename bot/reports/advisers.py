"""Tables of those who answer: tickets, the hours of the village advisers, the government's own adviser."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from bot.ledger.advisers import Adviser
from bot.ledger.clock import moment
from bot.ledger.tickets import DUE, Opened
from bot.reports.consultations import Waited
from bot.reports.period import Period
from bot.reports.registers import Rows, amount_of, matching, total_of
from bot.reports.table import Cell, Column, Rate, Row, Table, sum_row

VILLAGE, GOVERNMENT = "村（社区）", "镇政府"
_VISITS = ("坐班值班", "法律咨询", "法律意见书", "合同审查", "文书起草", "参与调解", "法律援助", "现场解答", "其他")


class Ticket(NamedTuple):
    """A question that went to a person. hours: from there to the answer, None where there is none yet; in_time: in a day."""

    number: int
    by: int | None
    hours: float | None
    in_time: bool


def with_hours(opened: Sequence[Opened]) -> list[Ticket]:
    """Return tickets with the hours that they waited."""
    found = []
    for ticket in opened:
        waited = moment(ticket.answered_at) - moment(ticket.opened_at) if ticket.answered_at else None
        hours = waited / timedelta(hours=1) if waited is not None else None
        found.append(Ticket(ticket.number, ticket.answered_by, hours, waited is not None and waited <= DUE))
    return found


def waited(tickets: Sequence[Ticket]) -> Waited:
    """Sum tickets up."""
    return Waited(len(tickets), [t.hours for t in tickets if t.hours is not None], sum(t.in_time for t in tickets))


def advisers(people: Sequence[Adviser], tickets: Sequence[Ticket], spoken: Mapping[str, int], services: Rows) -> Table:
    """What each adviser answered and how fast, what they entered, and their hours. For the office only: it names people."""
    columns = (
        Column("name", "姓名", "text"),
        Column("role", "角色", "text"),
        Column("village", "村（社区）", "text"),
        Column("answered", "答复转来的问题", where={"rows": "tickets"}),
        Column("in_time", "24小时内", where={"rows": "tickets", "in_time": "是"}),
        Column("rate", "及时率", "rate", where={"rows": "tickets"}),
        Column("median", "答复用时（小时，中位数）", "amount", where={"rows": "tickets"}),
        Column("offline", "线下咨询人次", where={"rows": "offline", "counts": "是"}),
        Column("hours", "服务小时", "amount", where={"rows": "services"}),
    )
    rows = []
    answered: dict[int | None, list[Ticket]] = {}
    for ticket in tickets:
        answered.setdefault(ticket.by, []).append(ticket)
    hours_of: dict[str, Decimal] = {}
    for row in services:
        hours_of[row["adviser"]] = hours_of.get(row["adviser"], Decimal(0)) + Decimal(str(row["hours"] or 0))
    for person in people:
        own = answered.get(person.number, [])
        sums = waited(own)
        held = spoken.get(person.name, 0)
        hours = hours_of.get(person.name, Decimal(0)).quantize(Decimal("0.01"))
        if person.removed_at and not (own or held or hours):
            continue
        cells: tuple[Cell, ...] = (
            person.name, person.role, person.village or "全镇", sums.answered, sums.in_time,
            Rate(sums.in_time, sums.answered), sums.median_hours, held, hours,
        )  # fmt: skip
        rows.append(Row(cells, {"adviser": person.name, "by": str(person.number)}))
    note = "及时率 = 24小时内答复 ÷ 已答复。线下咨询和服务小时按台账里的姓名对应，同名的会算在一起。"
    whole = sum_row("合计", columns, rows, texts=3)
    sums = waited(tickets)
    overall = {"rate": Rate(sums.in_time, sums.answered), "median": sums.median_hours}
    cells = tuple(overall.get(column.key, cell) for column, cell in zip(columns, whole.cells, strict=True))
    whole = replace(whole, cells=cells, where={"answered_at": "*"})
    return Table("advisers", "答复人履职情况", columns, (*rows, whole), source="tickets", note=note, office=True)


def answering(people: Sequence[Adviser], tickets: Sequence[Ticket]) -> Table:
    """How fast each role answered the questions that went to a person."""
    roles = {person.number: person.role for person in people}
    columns = (
        Column("role", "由谁答复", "text"),
        Column("answered", "答复转来的问题"),
        Column("in_time", "24小时内", where={"in_time": "是"}),
        Column("rate", "及时率", "rate"),
        Column("median", "答复用时（小时，中位数）", "amount"),
    )
    rows = []
    for role in ("法律顾问", "法律明白人", "司法所"):
        own = [t for t in tickets if t.hours is not None and roles.get(t.by or 0) == role]
        sums = waited(own)
        rows.append(
            Row((role, sums.answered, sums.in_time, Rate(sums.in_time, sums.answered), sums.median_hours), {"role": role})
        )
    sums = waited([t for t in tickets if t.hours is not None])
    total = ("合计", sums.answered, sums.in_time, Rate(sums.in_time, sums.answered), sums.median_hours)
    note = "只计本期转给人的问题。及时率 = 24小时内答复 ÷ 已答复。"
    return Table(
        "answering", "人工答复", columns, (*rows, Row(total, {"answered_at": "*"}, total=True)), source="tickets", note=note
    )


def services(rows: Rows, villages: Sequence[str], period: Period, *, least: float, today: date) -> Table:
    """What the village advisers did in each village, with the months under ``least`` hours and quarters without a lecture."""
    own = matching(rows, {"served": VILLAGE})
    months = _over(period.whole_months(), today)
    quarters = _quarters(months)
    columns = (
        Column("village", "村（社区）", "text"),
        Column("visits", "服务（次）"),
        Column("hours", "小时", "amount", where={"hours": "*"}),
        Column("short", f"不足{least:g}小时的月数"),
        Column("no_lecture", "没有讲座的季度数"),
        Column("lectures", "法治讲座（场）", where={"kind": "法治讲座"}),
        Column("attendance", "讲座人次", where={"kind": "法治讲座", "attendance": "*"}),
        *(Column(kind, kind, where={"kind": kind}) for kind in _VISITS),
    )
    names = [*villages, *sorted({str(row["village"]) for row in own} - set(villages))]
    found = []
    for village in names:
        here = matching(own, {"village": village})
        short = sum(amount_of(here, "hours", month=m) < Decimal(str(least)) for m in months)
        silent = sum(not any(matching(here, {"month": m, "kind": "法治讲座"}) for m in q) for q in quarters)
        cells: tuple[Cell, ...] = (
            village, len(here), amount_of(here, "hours"), short, silent, total_of(here, "quantity", kind="法治讲座"),
            total_of(here, "attendance", kind="法治讲座"), *(total_of(here, "quantity", kind=k) for k in _VISITS),
        )  # fmt: skip
        found.append(Row(cells, {"served": VILLAGE, "village": village}))
    note = f"只看整月：{months[0]} 至 {months[-1]}。" if months else "本期还没有过完的整月。"
    whole = replace(sum_row("合计", columns, found), where={"served": VILLAGE})
    return Table("services", "村（社区）法律顾问服务", columns, (*found, whole), source="services", note=note)


def hours(rows: Rows, villages: Sequence[str], period: Period, *, least: float, today: date) -> Table:
    """Hours of the village advisers by village and month."""
    own = matching(rows, {"served": VILLAGE})
    months = period.months()
    over = _over(period.whole_months(), today)
    columns = (
        Column("village", "村（社区）", "text"),
        *(Column(m, m, "amount", where={"month": m}) for m in months),
        Column("total", "合计", "amount"),
        Column("short", f"不足{least:g}小时的月份", "text"),
    )
    found = []
    for village in [*villages, *sorted({str(row["village"]) for row in own} - set(villages))]:
        cells = [amount_of(own, "hours", village=village, month=m) for m in months]
        short = [m for m, cell in zip(months, cells, strict=True) if m in over and cell < Decimal(str(least))]
        said = "、".join(f"{int(m[5:])}月" for m in short)
        found.append(Row((village, *cells, sum(cells, Decimal(0)), said), {"served": VILLAGE, "village": village}))
    note = f"每村每月不少于{least:g}小时；只检查已经过完的整月。"
    whole = replace(sum_row("合计", columns, found), where={"served": VILLAGE})
    return Table("hours", "法律顾问服务小时：村（社区） × 月", columns, (*found, whole), source="services", note=note)


def government(rows: Rows) -> Table:
    """What the government's own adviser did for the government: no consultation of villagers."""
    own = matching(rows, {"served": GOVERNMENT})
    columns = (
        Column("kind", "类别", "text"),
        Column("quantity", "份（件、次）"),
        Column("entries", "台账条数"),
        Column("hours", "小时", "amount", where={"hours": "*"}),
    )
    kinds = ["合同审查", "法律意见书", "现场解答"]
    kinds += sorted({str(row["kind"]) for row in own} - set(kinds))
    found = [
        Row(
            (
                kind,
                total_of(own, "quantity", kind=kind),
                len(matching(own, {"kind": kind})),
                amount_of(own, "hours", kind=kind),
            ),
            {"served": GOVERNMENT, "kind": kind},
        )
        for kind in kinds
    ]
    note = "这是镇政府聘请的法律顾问为镇政府做的，不是群众咨询，不计入咨询人次。"
    return Table("government", "镇政府法律顾问", columns, tuple(found), source="services", note=note)


def short_months(table: Table) -> int:
    """Return how many village-months of ``services`` were under the hours."""
    found: Cell = table.column("short")[-1]
    return found if isinstance(found, int) else 0


def _over(months: Sequence[str], today: date) -> list[str]:
    return [m for m in months if m < f"{today:%Y-%m}"]


def _quarters(months: Sequence[str]) -> list[list[str]]:
    """Return the quarters that lie wholly in ``months``."""
    found: dict[tuple[str, int], list[str]] = {}
    for month in months:
        found.setdefault((month[:4], (int(month[5:]) - 1) // 3), []).append(month)
    return [quarter for quarter in found.values() if len(quarter) == 3]
