"""The settings that are rules: the lists of the registers, how it is counted, how long is kept what, when is answered."""

from typing import Any, get_args

from flask import Blueprint
from werkzeug.wrappers import Response as BaseResponse

from bot.faq.counting import FILE as COUNTING
from bot.faq.counting import Counting
from bot.faq.edit import setup as parts
from bot.faq.edit.settings_files import Document, as_text
from bot.faq.edit.setup import Values, gone
from bot.faq.lists import FILE as REGISTERS
from bot.faq.retention import FILE as RETENTION
from bot.ledger import uses
from bot.ledger.counting import OUTCOMES, Window
from bot.ledger.keeping import purge
from bot.ledger.keeping.retention import FOR_EVER, Periods
from bot.ledger.register.definitions import DISPUTES
from bot.message import CHANNELS
from handlers.console import faq_common as common
from handlers.console.access import ANYBODY, allow
from handlers.console.setup_edit import SETTERS, Page, document_of, shown, stored
from handlers.console.setup_forms import SetupForm, ThresholdForm, choice, hours, of_lists, of_periods, several, whole
from handlers.services import services

blueprint = Blueprint("rules", __name__)

MATCHING = "matching.yaml"
WINDOWS = get_args(Window)
_SAME = "同一个人、同一类别的问题：天，同一天只算一次；周，同一周只算一次；月，同一个月只算一次；条，每条都算。"
Shown = str | tuple[str, int]
Stored = BaseResponse | str | tuple[str, int]


@blueprint.get("/registers")
@allow(*ANYBODY)
def lists() -> Shown:
    """Show what the registers let people choose from."""
    return shown(_lists())


@blueprint.post("/registers")
@allow(*SETTERS)
def save_lists() -> Stored:
    """Save it."""
    return stored(_lists())


@blueprint.get("/counting")
@allow(*ANYBODY)
def counting() -> Shown:
    """Show how consultations are counted."""
    return shown(_counting())


@blueprint.post("/counting")
@allow(*SETTERS)
def save_counting() -> Stored:
    """Save it."""
    return stored(_counting())


@blueprint.get("/retention")
@allow(*ANYBODY)
def retention() -> Shown:
    """Show how long is kept what."""
    return shown(_retention())


@blueprint.post("/retention")
@allow(*SETTERS)
def save_retention() -> Stored:
    """Save it."""
    return stored(_retention())


@blueprint.get("/thresholds")
@allow(*ANYBODY)
def thresholds() -> Shown:
    """Show when the bot answers outright, and what that was measured to cost."""
    return shown(_thresholds())


@blueprint.post("/thresholds")
@allow(*SETTERS)
def save_thresholds() -> Stored:
    """Save it."""
    return stored(_thresholds())


def _lists() -> Page:
    names = list(parts.registers(document) if (document := document_of(REGISTERS)) is not None else ())

    def read(found: Document) -> Values:
        return {f"list{n}": value for n, value in enumerate(parts.registers(found).values())}

    def write(found: Document, said: Values) -> None:
        parts.put_registers(found, {name: said[f"list{n}"] for n, name in enumerate(names)})

    def warn(before: Values, after: Values) -> list[str]:
        told = []
        with services().store.reading() as db:
            for n, name in enumerate(names):
                for value in gone(before[f"list{n}"], after[f"list{n}"]):
                    if number := uses.of_value(db, name.partition(" ")[0], value):
                        told.append(f"「{value}」记过 {number} 条：以前记的不变，以后选不到；报表里单独列一行。")
        return told

    lead = "记台账时从这些里选。改了以后新记的按新的选，以前记的不变。"
    return Page("台账选项", lead, REGISTERS, of_lists(names), read, write, "台账选项", warn=warn)


def _counting() -> Page:
    document = document_of(COUNTING) or {}
    categories = common.categories([*(document.get("sensitive") or ()), *(document.get("mediation_types") or ())])
    defaults = Counting().model_dump()
    figures = list(parts.counting(document, defaults)["rounded"])
    fields: dict[str, Any] = {
        "window": choice("多长时间里只算一个人次", WINDOWS, _SAME),
        "outcomes": several("哪些问题算咨询", OUTCOMES, needed=True, about="已答；待选：给了选项没有选；未答：没答上。"),
        "channels": several("哪些方式算咨询", CHANNELS, needed=True),
        "sensitive": several("涉及隐私的类别", categories, needed=False, about="对外的报表里，一个村不足3的数写成「少于3」。"),
        "adviser_hours": hours("法律顾问每村每月至少服务几小时"),
        "roster_per_village": whole("每村至少几名法律明白人", 0, 1000),
    }
    fields |= {
        f"round{n}": whole(f"句子里去零头：{name}", 1, 1_000_000, "去到哪一位，比如 1000；写 1 就不去。")
        for n, name in enumerate(figures)
    }
    named = [one for text in parts.counting(document, defaults)["mediation_types"].values() for one in _types(text)]
    types_ = tuple(dict.fromkeys((*DISPUTES, *named)))
    fields |= {f"type{n}": several(name, types_, needed=False) for n, name in enumerate(categories)}

    def read(found: Document) -> Values:
        now = parts.counting(found, defaults)
        types = {f"type{n}": _types(now["mediation_types"].get(name, "")) for n, name in enumerate(categories)}
        rounds = {f"round{n}": as_text(now["rounded"].get(name)) for n, name in enumerate(figures)}
        one = {name: now[name] for name in ("window", "outcomes", "channels", "sensitive")}
        return one | {name: as_text(now[name]) for name in ("adviser_hours", "roster_per_village")} | rounds | types

    def write(found: Document, said: Values) -> None:
        before = parts.counting(found, defaults)
        types = {name: "、".join(said[f"type{n}"]) for n, name in enumerate(categories) if said[f"type{n}"]}
        # What is chosen as before keeps the order in which the file names it.
        kept = {
            name: old for name, old in before["mediation_types"].items() if set(_types(old)) == set(_types(types.get(name, "")))
        }
        values = {name: _ordered(before[name], said[name]) for name in ("outcomes", "channels", "sensitive")}
        hours_ = float(said["adviser_hours"])
        numbers = {
            "adviser_hours": int(hours_) if hours_.is_integer() else hours_,
            "roster_per_village": int(said["roster_per_village"]),
        }
        rounds = {name: int(said[f"round{n}"]) for n, name in enumerate(figures)}
        changed = {"window": said["window"], **values, **numbers, "rounded": rounds, "mediation_types": types | kept}
        parts.put_counting(found, {name: value for name, value in changed.items() if value != before[name]})

    def warn(before: Values, after: Values) -> list[str]:
        changed = [name for name in ("window", "outcomes", "channels") if _set(before[name]) != _set(after[name])]
        return ["所有报表都按新的算，包括以前的月份；已经公布的数会对不上，前后也不能比。最好只在年初改。"] if changed else []

    return Page("统计规则", "咨询怎么计数。规则印在每张表下面，改了所有报表都按新的算。", COUNTING,
                type("CountingForm", (SetupForm,), fields), read, write, "统计规则", warn=warn,
                fold="类别对应哪种纠纷", folded=[f"type{n}" for n in range(len(categories))])  # fmt: skip


def _retention() -> Page:
    def warn(before: Values, after: Values) -> list[str]:
        shorter = [name for name in before if _length(after[name]) < _length(before[name])]
        if not shorter:
            return []
        store, now = services().store, services().clock()
        old, new = (purge.purge(store, _periods(said), now=now, dry_run=True) for said in (before, after))
        more = purge.summary(new)
        first = f"期限改短，到期的会在凌晨自动删掉，删了找不回。按新的期限，现在就到期的：{more}。" if new != old else ""
        return [first or "期限改短，到期的会在凌晨自动删掉，删了找不回。现在没有因此到期的。", "改之前先备份。"]

    lead = "各种记录保存多久，到期自动删。限度是法律和给群众的告知定的。"
    return Page("保存期限", lead, RETENTION, of_periods(), parts.periods, parts.put_periods, "保存期限", warn=warn)


def _thresholds() -> Page:
    def read(found: Document) -> Values:
        return parts.thresholds(found)

    def beside(_: Document) -> dict[str, Any]:
        return {"model": common.snapshot().index.model}

    def warn(before: Values, after: Values) -> list[str]:
        lower = after["answer"] < before["answer"]
        return ["门槛调低以后，直接答错的会变多。改完到「没答上的」看几天，不对就改回来。"] if lower else []

    lead = "机器人有多大把握才直接回答，多小就说没有。"
    return Page("什么时候直接回答", lead, MATCHING, ThresholdForm, read, parts.put_thresholds, "匹配门槛", warn=warn,
                more="console/setup/thresholds.html", beside=beside)  # fmt: skip


def _types(text: str) -> list[str]:
    return [one for one in text.split("、") if one]


def _ordered(before: list[str], after: list[str]) -> list[str]:
    return [one for one in before if one in after] + [one for one in after if one not in before]


def _set(value: str | list[str]) -> object:
    return value if isinstance(value, str) else frozenset(value)


def _length(value: str) -> float:
    return float("inf") if value == FOR_EVER else int(value)


def _periods(said: Values) -> Periods:
    values: dict[str, Any] = {name: None if value == FOR_EVER else int(value) for name, value in said.items()}
    return Periods(**values)
