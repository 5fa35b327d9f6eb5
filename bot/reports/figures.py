"""The figures that sentences of the report are made of, by their Chinese names; None where nothing is known."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from bot.message import GROUP, ON_BEHALF, PHONE, VISIT, WEB, WECHAT_TEXT, WECHAT_VOICE
from bot.reports import advisers
from bot.reports.compared import change
from bot.reports.known import Known
from bot.reports.registers import Rows, amount_of, matching, total_of
from bot.reports.table import Cell, Rate, rounded

if TYPE_CHECKING:
    from bot.reports.annual import Books

SHOWN = 5
"""How many categories a sentence names."""


def figures(books: Books, known: Known, *, today: date, year_before: Books | None = None) -> dict[str, Cell]:
    """Return the figures of a period. Those of a register that holds no row of it are None: nobody kept it."""
    found: dict[str, Cell] = {
        "年份": str(books.period.end.year),
        "期间": str(books.period),
        "全期": books.period.word,
        "镇名": known.town,
        "村数": len(known.villages),
        "条目数": len(known.entries),
    }
    rows = books.registers
    found |= _consultations(books)
    found |= {"上年咨询人次": None, "咨询同比": None}
    if year_before is not None and (earlier := _consultations(year_before)["咨询人次"]) is not None:
        found |= {"上年咨询人次": earlier, "咨询同比": _known(change(found["咨询人次"], earlier))}
    for made, register in (
        (_government(rows["services"]), matching(rows["services"], {"served": advisers.GOVERNMENT})),
        (_services(books, known, today), matching(rows["services"], {"served": advisers.VILLAGE})),
        (_disputes(rows["disputes"]), rows["disputes"]),
        (_inspections(rows["inspections"]), rows["inspections"]),
        (_activities(rows["activities"], known), rows["activities"]),
        (_roster(books, known), rows["people"]),
        (_trainings(rows["trainings"]), rows["trainings"]),
    ):
        found |= made if register else dict.fromkeys(made)
    for name, place in known.counting.rounded.items():
        if isinstance(number := found.get(name), int):
            found[name] = rounded(number, place)
    return found


def _consultations(books: Books) -> dict[str, Cell]:
    facts, count = books.count.consultations, books.count
    channel = {name: n for (name,), n in facts.tally("channel").items()}
    who = {name: n for (name,), n in facts.tally("answered_by").items()}
    whole = facts.tally().get((), 0)
    top = sorted(facts.tally("category").items(), key=lambda item: (-item[1], item[0]))
    waited = advisers.waited(books.tickets)
    found: dict[str, Cell] = {
        "咨询人次": whole,
        "咨询人数": facts.people().get((), 0),
        "消息条数": sum(count.turns.values()),
        "线上人次": sum(channel.get(c, 0) for c in (WECHAT_TEXT, WECHAT_VOICE, WEB)),
        "来访人次": channel.get(VISIT, 0),
        "电话人次": channel.get(PHONE, 0),
        "微信群人次": channel.get(GROUP, 0),
        "代问人次": channel.get(ON_BEHALF, 0),
        "机器人解答": who.get("机器人", 0),
        "法律明白人解答": who.get("法律明白人", 0),
        "法律顾问解答": who.get("法律顾问", 0),
        "司法所解答": who.get("司法所", 0),
        "未解答": who.get("未解答", 0),
        "答复率": Rate(facts.tally("outcome").get(("已答",), 0), whole),
        "咨询最多的类别": "、".join([name for (name,), _ in top if name != "未归类"][:SHOWN]) or None,
        "有用": count.verdicts["有用"],
        "没用": count.verdicts["没用"],
        "答非所问": count.verdicts["答非所问"],
        "转人工": waited.opened,
        "人工答复": waited.answered,
        "答复中位小时": waited.median_hours,
        "急事提示": count.crises,
    }
    return found if books.counts else dict.fromkeys(found)


def _government(rows: Rows) -> dict[str, Cell]:
    own = {"served": advisers.GOVERNMENT}
    return {
        "政府合同审查": total_of(rows, "quantity", **own, kind="合同审查"),
        "政府意见书": total_of(rows, "quantity", **own, kind="法律意见书"),
        "政府现场解答": total_of(rows, "quantity", **own, kind="现场解答"),
    }


def _services(books: Books, known: Known, today: date) -> dict[str, Cell]:
    rows = matching(books.registers["services"], {"served": advisers.VILLAGE})
    table = advisers.services(rows, known.villages, books.period, least=known.counting.adviser_hours, today=today)
    return {
        "驻村次数": len(rows),
        "驻村小时": amount_of(rows, "hours").normalize() if amount_of(rows, "hours") % 1 else int(amount_of(rows, "hours")),
        "坐班值班": total_of(rows, "quantity", kind="坐班值班"),
        "村讲座场次": total_of(rows, "quantity", kind="法治讲座"),
        "村讲座人次": total_of(rows, "attendance", kind="法治讲座"),
        "参与调解": total_of(rows, "quantity", kind="参与调解"),
        "法律援助": total_of(rows, "quantity", kind="法律援助"),
        "村合同审查": total_of(rows, "quantity", kind="合同审查"),
        "村意见书": total_of(rows, "quantity", kind="法律意见书"),
        "村咨询次数": total_of(rows, "quantity", kind="法律咨询"),
        "不足8小时": advisers.short_months(table),
    }


def _disputes(rows: Rows) -> dict[str, Cell]:
    settled = len(matching(rows, {"result": "成功"}))
    amount = amount_of(rows, "amount")
    return {
        "受理纠纷": len(rows),
        "调解成功": settled,
        "调解成功率": Rate(settled, len(rows)),
        "涉及金额": amount if amount else None,
        "当事人数": total_of(rows, "parties") or None,
    }


def _inspections(rows: Rows) -> dict[str, Cell]:
    return {
        "排查次数": total_of(rows, "rounds"),
        "排查发现": total_of(rows, "found"),
        "预防纠纷": total_of(rows, "prevented"),
    }


def _activities(rows: Rows, known: Known) -> dict[str, Cell]:
    public = [form for form, group in known.lists.groups.items() if group == "宣传"]
    outside = [row for row in rows if row["form"] in public]
    branches, committees = "支部专题学习", "“两委”专题学习会"
    return {
        "宣传活动": total_of(rows, "times", form="法治宣传活动"),
        "法治课堂": total_of(rows, "times", form="法治课堂"),
        "法治讲座": total_of(rows, "times", form="法治讲座"),
        "LED次数": total_of(rows, "led"),
        "横幅": total_of(rows, "banners"),
        "宣传牌": total_of(rows, "boards"),
        "宣传单": total_of(rows, "leaflets"),
        "受惠人次": total_of(outside, "attendance"),
        "支部学习场次": total_of(rows, "times", form=branches),
        "两委学习场次": total_of(rows, "times", form=committees),
        "学习人次": total_of(rows, "attendance", form=branches) + total_of(rows, "attendance", form=committees),
        "法治思想讲座": total_of(rows, "times", form="习近平法治思想讲座"),
        "法治思想讲座人次": total_of(rows, "attendance", form="习近平法治思想讲座"),
    }


def _roster(books: Books, known: Known) -> dict[str, Cell]:
    end = books.period.end.isoformat()
    serving = [row for row in books.registers["people"] if not row["left_on"] or row["left_on"] > end]
    numbers: Mapping[str, int] = {v: len(matching(serving, {"village": v})) for v in known.villages}
    short = [v for v, n in numbers.items() if n < known.counting.roster_per_village]
    return {
        "明白人人数": len(serving),
        "明白人最少村人数": min(numbers.values(), default=None),
        "明白人不足的村": "、".join(short) or "无",
    }


def _trainings(rows: Rows) -> dict[str, Cell]:
    return {"明白人培训": len(rows), "明白人培训人次": total_of(rows, "attendance")}


def _known(text: str) -> str | None:
    return None if text == "—" else text
