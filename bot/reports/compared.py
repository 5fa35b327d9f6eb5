"""The main numbers of a period beside those of the period before and of the same days a year earlier."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from bot.reports.registers import matching, total_of
from bot.reports.table import Cell, Column, Rate, Row, Table

if TYPE_CHECKING:
    from bot.reports.annual import Books

Source = dict[str, str]


def _answered(books: Books) -> Rate:
    facts = books.count.consultations
    return Rate(facts.tally("outcome").get(("已答",), 0), facts.tally().get((), 0))


def _settled(books: Books) -> int:
    return len(matching(books.registers["disputes"], {"result": "成功"}))


_LINES: tuple[tuple[str, str, Callable[[Books], Cell], Source], ...] = (
    ("消息条数", "consultations", lambda b: sum(b.count.turns.values()), {"rows": "turns"}),
    ("咨询人次", "consultations", lambda b: b.count.consultations.tally().get((), 0), {"rows": "consultations"}),
    ("咨询人数", "consultations", lambda b: b.count.consultations.people().get((), 0), {"rows": "consultations"}),
    ("答复率", "consultations", _answered, {"rows": "consultations"}),
    ("转人工的问题", "consultations", lambda b: len(b.tickets), {"rows": "tickets"}),
    ("村法律顾问服务（次）", "services", lambda b: len(matching(b.registers["services"], {"served": "村（社区）"})),
     {"rows": "services", "served": "村（社区）"}),
    ("普法活动（场次）", "activities", lambda b: total_of(b.registers["activities"], "times"),
     {"rows": "activities", "times": "*"}),
    ("普法活动参加人次", "activities", lambda b: total_of(b.registers["activities"], "attendance"),
     {"rows": "activities", "attendance": "*"}),
    ("矛盾纠纷排查（次）", "inspections", lambda b: total_of(b.registers["inspections"], "rounds"),
     {"rows": "inspections", "rounds": "*"}),
    ("受理矛盾纠纷（宗）", "disputes", lambda b: len(b.registers["disputes"]), {"rows": "disputes"}),
    ("调解成功（宗）", "disputes", _settled, {"rows": "disputes", "result": "成功"}),
    ("调解成功率", "disputes", lambda b: Rate(_settled(b), len(b.registers["disputes"])), {"rows": "disputes"}),
)  # fmt: skip


def compared(books: Books, others: Sequence[Books]) -> Table:
    """Return the table; ``others``: the period before, where it is not the same as a year earlier, and a year earlier."""
    names = ["上期", "上年同期"][-len(others) :]
    columns = [Column("item", "项目", "text"), Column("now", str(books.period), "amount", {"period": "now"})]
    for n, (name, other) in enumerate(zip(names, others, strict=True)):
        columns += [
            Column(f"other{n}", f"{name}（{other.period}）", "amount", {"period": str(n)}),
            Column(f"change{n}", f"比{name}", "text"),
        ]
    rows = []
    for item, register, value, source in _LINES:
        kept = [_is_kept(b, register) for b in (books, *others)]
        cells: list[Cell] = [item, value(books) if kept[0] else None]
        for other, known in zip(others, kept[1:], strict=True):
            cells += [value(other) if known else None, change(value(books), value(other)) if known and kept[0] else "—"]
        rows.append(Row(tuple(cells), source))
    note = "增减按 (本期 − 上期) ÷ 上期 计算，四舍五入到一位小数；比率之间相差写成百分点。没有记录的期间不写0。"
    return Table("compared", "与上期、上年同期相比", tuple(columns), tuple(rows), source="", note=note)


def change(now: Cell, before: Cell) -> str:
    """Return by how much a number changed: 增长12.3%, 下降4.0%, 持平; rates by percentage points; — from nothing."""
    if isinstance(now, Rate) and isinstance(before, Rate):
        if now.value is None or before.value is None:
            return "—"
        points = now.value - before.value
        return "持平" if not points else f"{'提高' if points > 0 else '降低'}{abs(points)}个百分点"
    if not isinstance(now, int) or not isinstance(before, int) or before == 0:
        return "—"
    if now == before:
        return "持平"
    share = (Decimal(abs(now - before)) * 100 / before).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return f"{'增长' if now > before else '下降'}{share}%"


def _is_kept(books: Books, register: str) -> bool:
    """Tell whether there was anything at all to count: a register that nobody kept says nothing, not 0."""
    if register == "consultations":
        return books.counts
    return bool(books.registers[register])
