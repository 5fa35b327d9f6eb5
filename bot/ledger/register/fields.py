"""The fields of a register, and what people say for them made into a row of it, or into faults that say what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from bot.ledger.register import values as read
from bot.ledger.register.values import Unfit, folded, plain

Kind = Literal["text", "choice", "choices", "count", "amount", "date", "time"]
"""``choices``: several, kept joined by 、. ``amount``: at most four decimals. Dates and times are kept as text."""


@dataclass(frozen=True)
class Lists:
    """The texts to choose from that a town sets itself, by the name of the list; ``groups``: the group of each 形式."""

    texts: Mapping[str, tuple[str, ...]]
    groups: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Field:
    """A column of a register.

    key: its column in the database. heading: what people see. choices: what may be chosen, after the texts of ``listed``,
    one of the town's lists. only: filled in where that field has one of these values (none named: any value), and only
    there; ``required`` then means there. since: the field whose day it cannot precede. follows: worked out anew where one of
    these changes. event: the field with the day on which this became known, when that is later than the day of the row.
    masked: phone and ID numbers in a text are masked; where not, a text that holds one is refused. hint: what else to know.
    """

    key: str
    heading: str
    kind: Kind = "text"
    required: bool = False
    choices: tuple[str, ...] = ()
    listed: str = ""
    default: str | int | None = None
    least: float = 0
    most: float = read.MOST
    only: tuple[str, tuple[str, ...]] | None = None
    since: str = ""
    follows: tuple[str, ...] = ()
    event: str = ""
    masked: bool = True
    example: str | int | float = ""
    hint: str = ""

    def allowed(self, lists: Lists) -> tuple[str, ...]:
        """Return what may be chosen."""
        return (*lists.texts.get(self.listed, ()), *self.choices)


@dataclass(frozen=True)
class Fault:
    """What is wrong with a field, by its heading, and what to do."""

    field: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"「{self.field}」{self.problem}。{self.remedy}。"


Check = Callable[[dict[str, Any]], list[Fault]]
"""Rules across the fields of a row; it may fill in what follows from the others."""


@dataclass(frozen=True)
class Register:
    """A register: its table in the database, its title, its fields, and the rules across them."""

    key: str
    title: str
    fields: tuple[Field, ...]
    check: Check = lambda values: []

    def field(self, word: str) -> Field | None:
        """Return the field with this key or heading."""
        return next((f for f in self.fields if word == f.key or folded(word).rstrip("*") == folded(f.heading)), None)


def validated(register: Register, said: Mapping[str, Any], lists: Lists, *, today: date) -> tuple[dict[str, Any], list[Fault]]:
    """Return a whole row (key of every field -> value or None) of what is said (heading or key -> value), and the faults.

    ``said`` may hold texts, numbers, dates and times as a workbook gives them; a blank is the field's default.
    """
    given, faults = _read(register, said, lists, today)
    row = {f.key: given.get(f.key) for f in register.fields}
    return row, [*faults, *_rules(register, row, {fault.field for fault in faults})]


def corrected(
    register: Register, row: Mapping[str, Any], said: Mapping[str, Any], lists: Lists, *, today: date
) -> tuple[dict[str, Any], list[Fault]]:
    """Return what changes in ``row`` (key -> new value) where ``said`` takes the place of what is there, and the faults.

    Only what is said is compared with the lists: a row may hold a choice that the town has dropped since.
    """
    given, faults = _read(register, said, lists, today, all_fields=False)
    new = {f.key: row[f.key] for f in register.fields} | given
    for f in register.fields:
        if f.follows and f.key not in given and given.keys() & set(f.follows) and all(new[k] is not None for k in f.follows):
            new[f.key] = None
    faults += _rules(register, new, {fault.field for fault in faults})
    return {key: value for key, value in new.items() if value != row[key]}, faults


def _read(
    register: Register, said: Mapping[str, Any], lists: Lists, today: date, *, all_fields: bool = True
) -> tuple[dict[str, Any], list[Fault]]:
    given: dict[str, Any] = {}
    faults: list[Fault] = []
    for word in said:
        f = register.field(word)
        if f is None:
            names = "、".join(one.heading for one in register.fields)
            faults.append(Fault(word, f"不是{register.title}的栏目", f"有这些：{names}"))
        elif f.key in given:
            faults.append(Fault(f.heading, "写了两次", "只留一个"))
        else:
            given[f.key] = said[word]
    for f in register.fields:
        if f.key not in given and not all_fields:
            continue
        value = given.get(f.key)
        try:
            given[f.key] = f.default if plain(value) == "" else value_of(f, value, lists, today=today)
        except Unfit as e:
            given[f.key] = None
            faults.append(Fault(f.heading, e.problem, e.remedy))
    return given, faults


def value_of(f: Field, said: Any, lists: Lists, *, today: date) -> str | int | float:
    """Return what is said for one field as the ledger keeps it. Raises Unfit."""
    match f.kind:
        case "choice":
            return read.choice(said, f.allowed(lists))
        case "choices":
            return read.choices(said, f.allowed(lists))
        case "count":
            return read.count(said, f.least, f.most)
        case "amount":
            return read.amount(said, f.least, f.most)
        case "date":
            return read.day(said, today)
        case "time":
            return read.clock(said)
        case "text":
            return read.text(said, masked=f.masked)


def applies(f: Field, row: Mapping[str, Any]) -> bool:
    """Tell whether a field is to be filled in beside what ``row`` holds so far."""
    if f.only is None:
        return True
    key, among = f.only
    value = row.get(key)
    return value is not None and (not among or value in among)


def described(register: Register, f: Field, lists: Lists) -> str:
    """Return in words what is to be filled into a field, and when."""
    allowed = "、".join(f.allowed(lists))
    what = {
        "text": "文字",
        "choice": f"选一项：{allowed}",
        "choices": f"可以选几项，用顿号隔开：{allowed}",
        "count": "整数" + (f"，{f.least:g} 到 {f.most:g}" if f.most < read.MOST else f"，至少 {f.least:g}" if f.least else ""),
        "amount": "数字，可以有小数",
        "date": "日期，如 2026-03-15",
        "time": "钟点，24小时，如 09:30",
    }[f.kind]
    parts = [what]
    if f.only:
        other, among = register.field(f.only[0]), "或".join(f.only[1])
        when = f"「{other.heading if other else ''}」" + (f"是{among}" if among else "填了")
        parts.append(f"{when}时{'必填' if f.required else '才填'}")
    if f.default is not None:
        parts.append(f"空着就是 {f.default}")
    return "。".join([*parts, *([f.hint] if f.hint else [])])


def _rules(register: Register, row: dict[str, Any], at_fault: set[str]) -> list[Fault]:
    """Return the faults of fields that go together; a field that is at fault already is not named twice."""
    named = {f.key: f for f in register.fields}
    faults = []
    for f in register.fields:
        value = row[f.key]
        other, among = (named[f.only[0]], f.only[1]) if f.only else (None, ())
        if f.heading in at_fault or (other and other.heading in at_fault):
            continue
        if other and not applies(f, row):
            if value is not None:
                when = f"「{other.heading}」是{'或'.join(among)}" if among else f"填了「{other.heading}」"
                faults.append(Fault(f.heading, f"{when}才填", f"清空它，或者核对「{other.heading}」"))
        elif f.required and value is None:
            faults.append(Fault(f.heading, "没有填", "必须填"))
        elif f.since and value is not None and row[f.since] is not None and value < row[f.since]:
            problem = f"{value} 在「{named[f.since].heading}」{row[f.since]} 之前"
            faults.append(Fault(f.heading, problem, "核对两个日期"))
    return faults if faults or at_fault else register.check(row)
