"""Tables of the registers: activities, disputes, the roster of 法律明白人. Each counts rows, or sums a column of them."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from bot.reports.table import Cell, Chart, Column, Rate, Row, Table, sum_row

Rows = Sequence[Mapping[str, Any]]

_MATERIALS = (
    ("times", "场次"),
    ("attendance", "参加人次"),
    ("leaflets", "资料（份、张）"),
    ("banners", "横幅（条）"),
    ("boards", "宣传牌（个）"),
    ("led", "LED（次）"),
    ("consulted", "现场咨询人次"),
)


def matching(rows: Rows, where: Mapping[str, str]) -> list[Mapping[str, Any]]:
    """Return the rows that fulfil ``where``: field -> its value as text, ``*`` for any but nothing and 0.

    ``month`` is the month of the row's day; a field of several values fulfils each of them.
    """
    return [row for row in rows if all(_fulfils(row, name, value) for name, value in where.items())]


def total_of(rows: Rows, field: str, **where: str) -> int:
    """Return the sum of a field of whole numbers over the rows that fulfil ``where``."""
    return sum(int(row[field] or 0) for row in matching(rows, where))


def amount_of(rows: Rows, field: str, **where: str) -> Decimal:
    """Return the sum of a field of amounts, two decimals."""
    cells = (Decimal(str(row[field] or 0)) for row in matching(rows, where))
    return sum(cells, Decimal(0)).quantize(Decimal("0.01"))


def activities(rows: Rows, forms: Mapping[str, str]) -> Table:
    """普法活动 by form; ``forms``: form -> its group (学习, 宣传)."""
    return _materials("activities", "普法活动：按形式", rows, "form", "形式", [*forms], groups=forms)


def settings(rows: Rows, settings_: Sequence[str]) -> Table:
    """普法活动 by 七进."""
    return _materials("activity_settings", "普法活动：按「七进」", rows, "setting", "七进类别", settings_)


def _materials(
    key: str, title: str, rows: Rows, field: str, heading: str, order: Sequence[str], *, groups: Mapping[str, str] | None = None
) -> Table:
    names = [n for n in order if matching(rows, {field: n})]
    names += sorted({str(row[field]) for row in rows if row[field]} - set(names))
    columns = (
        Column(field, heading, "text"),
        *([Column("group", "用途", "text")] if groups is not None else []),
        *(Column(name, said, where={name: "*"}) for name, said in _MATERIALS),
    )
    found = []
    for name in [*names, *([""] if any(not row[field] for row in rows) else [])]:
        cells: list[Cell] = [name or "没有填", *([groups.get(name, "—")] if groups is not None else [])]
        cells += [total_of(rows, field_, **{field: name}) for field_, _ in _MATERIALS]
        found.append(Row(tuple(cells), {field: name}))
    whole = sum_row("合计", columns, found, texts=1 if groups is None else 2)
    chart = Chart("bar", title, field, ("times",)) if found else None
    return Table(key, title, columns, (*found, whole), source="activities", chart=chart)


def disputes(rows: Rows, types: Sequence[str]) -> Table:
    """矛盾纠纷 by the 18 types of 人民调解."""
    return _disputes("disputes", "矛盾纠纷：按类型", rows, "type", "纠纷类型", types, chart=True)


def dispute_sources(rows: Rows, sources: Sequence[str]) -> Table:
    """矛盾纠纷 by where they came from."""
    return _disputes("dispute_sources", "矛盾纠纷：按来源", rows, "source", "来源", sources)


def dispute_bodies(rows: Rows, bodies: Sequence[str]) -> Table:
    """矛盾纠纷 by who mediated."""
    return _disputes("dispute_bodies", "矛盾纠纷：按调解主体", rows, "body", "调解主体", bodies)


def _disputes(
    key: str, title: str, rows: Rows, field: str, heading: str, order: Sequence[str], *, chart: bool = False
) -> Table:
    columns = (
        Column(field, heading, "text"),
        Column("accepted", "受理（宗）"),
        Column("settled", "成功（宗）", where={"result": "成功"}),
        Column("failed", "不成（宗）", where={"result": "不成"}),
        Column("pending", "在办（宗）", where={"result": "在办"}),
        Column("rate", "成功率", "rate"),
        Column("hard", "疑难复杂（宗）", where={"hard": "是"}),
        Column("parties", "当事人数", where={"parties": "*"}),
        Column("amount", "涉及金额（万元）", "amount", where={"amount": "*"}),
    )
    names = [*order, *([""] if any(not row[field] for row in rows) else [])]
    found = [Row((name or "没有填", *_dispute_cells(matching(rows, {field: name}))), {field: name}) for name in names]
    whole = Row(("合计", *_dispute_cells(rows)), total=True)
    note = "成功率 = 成功 ÷ 受理（不是 ÷ 已办结），四舍五入到一位小数。"
    picture = Chart("bar", "矛盾纠纷：各类受理和成功", field, ("accepted", "settled")) if chart and rows else None
    return Table(key, title, columns, (*found, whole), source="disputes", note=note, chart=picture)


def _dispute_cells(rows: Rows) -> list[Cell]:
    settled = len(matching(rows, {"result": "成功"}))
    return [
        len(rows),
        settled,
        len(matching(rows, {"result": "不成"})),
        len(matching(rows, {"result": "在办"})),
        Rate(settled, len(rows)),
        len(matching(rows, {"hard": "是"})),
        total_of(rows, "parties"),
        amount_of(rows, "amount"),
    ]


def inspections(rows: Rows, villages: Sequence[str]) -> Table:
    """矛盾纠纷排查 by village."""
    columns = (
        Column("village", "村（社区）", "text"),
        Column("rounds", "排查（次）", where={"rounds": "*"}),
        Column("found", "发现纠纷", where={"found": "*"}),
        Column("prevented", "预防纠纷", where={"prevented": "*"}),
    )
    names = [*villages, *sorted({str(row["village"]) for row in rows} - set(villages))]
    found = [Row((v, *(total_of(rows, f, village=v) for f in ("rounds", "found", "prevented"))), {"village": v}) for v in names]
    return Table(
        "inspections", "矛盾纠纷排查：按村（社区）", columns, (*found, sum_row("合计", columns, found)), source="inspections"
    )


def roster(rows: Rows, villages: Sequence[str], *, start: str, end: str, least: int) -> Table:
    """法律明白人 by village, as of the day ``end``; ``least``: how many each village should have."""
    serving = [row for row in rows if not row["left_on"] or row["left_on"] > end]
    columns = (
        Column("village", "村（社区）", "text"),
        Column("serving", "在册（人）", where={"serving": "是"}),
        Column("joined", "本期登记", where={"joined": "是"}),
        Column("left", "本期退出", where={"left": "是"}),
        Column("enough", f"每村不少于{least}人", "text"),
    )
    names = [*villages, *sorted({str(row["village"]) for row in rows} - set(villages))]
    found = []
    for village in names:
        here = matching(rows, {"village": village})
        now = len(matching(serving, {"village": village}))
        joined = sum(start <= row["day"] <= end for row in here)
        left = sum(bool(row["left_on"]) and start <= row["left_on"] <= end for row in here)
        found.append(Row((village, now, joined, left, "达到" if now >= least else "不足"), {"village": village}))
    title = "法律明白人名册：按村（社区）"
    return Table(
        "people", title, columns, (*found, sum_row("合计", columns, found)), source="people", note=f"在册人数截至 {end}。"
    )


def trainings(rows: Rows) -> Table:
    """法律明白人 trainings, one row each."""
    columns = (
        Column("day", "日期", "text"),
        Column("topic", "主题", "text"),
        Column("everybody", "全体", "text"),
        Column("hours", "学时", "amount"),
        Column("attendance", "参加人次"),
    )
    found = [
        Row(
            (row["day"], row["topic"], row["everybody"] or "—", _amount(row["hours"]), int(row["attendance"] or 0)),
            {"number": str(row["number"])},
        )
        for row in rows
    ]
    return Table("trainings", "法律明白人培训", columns, (*found, sum_row("合计", columns, found, texts=3)), source="trainings")


def _amount(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _fulfils(row: Mapping[str, Any], name: str, value: str) -> bool:
    said = row["day"][:7] if name == "month" else row.get(name)
    if value == "*":
        return bool(said)
    if name == "groups":
        return value in (said or "").split("、")
    return str(said if said is not None else "") == value
