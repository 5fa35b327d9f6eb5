"""How consultations are counted: one rule, in one place, printed under every table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

import numpy as np
import numpy.typing as npt

from bot.ledger import counted
from bot.ledger.clock import local_day
from bot.ledger.counted import Kind, Turns
from bot.ledger.facts import Dimension, Facts
from bot.ledger.store import Store
from bot.message import CHANNELS, ON_BEHALF

Window = Literal["天", "周", "月", "条"]
Outcome = Literal["已答", "待选", "未答"]

UNCLASSIFIED = "未归类"
UNSAID = "未说明"
NOBODY = "未解答"
ANSWERERS = (NOBODY, "机器人", "法律明白人", "司法所", "法律顾问")
"""Who answered; of several for one consultation the later in this order."""

OUTCOMES: tuple[Outcome, ...] = ("未答", "待选", "已答")
_VERDICTS = {"": "没有评价", "helped": "有用", "useless": "没用", "wrong": "答非所问"}
_OUTCOME: dict[str, Outcome] = {"answer": "已答", "choose": "待选", "miss": "未答"}
_WINDOW = {"天": "同一天（北京时间）", "周": "同一周（周一到周日）", "月": "同一个月", "条": "每一条问题"}


@dataclass(frozen=True)
class Rule:
    """The counting rule as the town set it.

    window: what makes two questions of one person on one category the same consultation. outcomes, channels: what counts.
    sensitive: categories whose numbers by village are hidden where they are small.
    types: the mediation type (人民调解的纠纷类型) that a category belongs to, "" for none.
    """

    window: Window = "天"
    outcomes: tuple[Outcome, ...] = OUTCOMES
    channels: tuple[str, ...] = CHANNELS
    sensitive: tuple[str, ...] = ()
    types: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        once = "每条问题算一个咨询人次" if self.window == "条" else f"一个咨询人次 = 同一人、同一类别、{_WINDOW[self.window]}"
        what = {"已答": "答了的", "待选": "给了选项没有选的", "未答": "没答上的"}
        parts = [
            f"{once}。",
            f"只计法律问题：{'、'.join(what[o] for o in self.outcomes)}；方式只计{'、'.join(self.channels)}。",
            "问候、命令、点按钮翻目录、图片、关注、急事、发得太密没有处理的，以及顾问和测试人员自己试问的不计；微信重发的同一条消息只计一次；不计的条数另列。",
            "答得不对又重新选的，按最后选中的计。",
            "没有归类的问题（没答上，或给了选项没有选），此人在同一时段另有归了类的咨询时不另计。"
            if self.window != "条"
            else "",
            "同一人次先后由几方解答的，计在法律顾问、司法所、法律明白人、机器人中排在前面的一方；用了几种方式的，计在"
            f"{'、'.join(self.channels)}中排在前面的一种。",
            "来访、电话、微信群由人登记，没有登记姓名，每条按登记的人数计人次和人数。",
            "消息条数、咨询人次、咨询人数分别列出，不相加。",
        ]
        return "".join(parts)


@dataclass(frozen=True)
class Offline:
    """Consultations that a person held and entered in the register ``offline``: a row of it, or several that are alike.

    id: the row's, where it is one.
    """

    id: str
    day: date
    channel: str
    category: str
    village: str
    answered_by: str
    groups: str
    people: int
    answered: bool


@dataclass(frozen=True)
class Count:
    """What a period comes to.

    consultations: the facts, one for each consultation. turns: messages of any kind, by month.
    left_out: why messages are no consultations -> how many. answers, verdicts: what the bot answered outright, and what
    was said of it (有用 没用 答非所问). topics: what misses were about -> how many.
    retries: messages that WeChat sent again, none of them among the turns. sealed: years without their turns.
    """

    consultations: Facts
    turns: Mapping[str, int]
    left_out: Mapping[str, int]
    answers: int
    verdicts: Mapping[str, int]
    topics: Mapping[str, int]
    crises: int
    retries: int
    sealed: tuple[int, ...] = ()


def count(
    store: Store, start: date, end: date, *, rule: Rule, now: datetime, offline: Sequence[Offline] = (), traced: bool = False
) -> Count:
    """Count the days ``start`` to ``end``, both included. ``traced`` facts know the rows behind them (slower)."""
    turns = counted.load(store, start, end, today=local_day(now), keys=traced)
    held = [row for row in offline if row.channel in rule.channels]
    return Count(
        _consultations(turns, held, rule),
        _by_month(turns),
        _left_out(turns, rule),
        *_answers(turns, rule),
        _topics(turns, rule),
        sum(r.turns for r in turns.rest if r.kind.decision == "crisis"),
        sum(r.retries for r in turns.rest),
        turns.sealed,
    )


def reason(kind: Kind, rule: Rule) -> str:
    """Return why turns of this kind are no consultations; "" for those that are."""
    if kind.decision == "crisis":
        return "急事（只计次数）"
    if kind.staff and kind.channel != ON_BEHALF:
        return "顾问和测试人员"
    if kind.decision in counted.ASKED and kind.kind in {"text", "voice"}:
        if kind.superseded:
            return "后来重新选过"
        if kind.channel not in rule.channels:
            return "方式不计"
        return "" if _OUTCOME[kind.decision] in rule.outcomes else "结果不计"
    others = {
        "media": "图片、语音没听懂等",
        "event": "关注、扫码等",
        "empty": "空消息",
        "read": "翻目录看条目",
        "limited": "发得太密",
    }
    return others.get(kind.decision, "点按钮" if kind.kind == "click" else "问候和命令")


def _counts(turns: Turns, rule: Rule) -> npt.NDArray[np.bool_]:
    """Return which turns are consultations."""
    kinds, places = turns.kinds(*_DECISIVE)
    return np.array([not reason(kind, rule) for kind in kinds] or [False])[places]


_DECISIVE = ("decision", "kind", "channel", "staff", "superseded")
"""The fields on which ``reason`` depends."""


def _consultations(turns: Turns, offline: Sequence[Offline], rule: Rule) -> Facts:
    """Merge the questions that are one consultation."""
    kept = np.flatnonzero(_counts(turns, rule))
    dimensions = _dimensions(turns, offline, rule)
    code = _codes(turns, kept, dimensions)
    people, inverse = np.unique(turns.person[kept], return_inverse=True)
    person = inverse.astype(np.int32)
    del inverse
    day = turns.day[kept]
    window = _windows(day, rule.window, len(kept))
    category = list(dimensions).index("category")
    width = len(dimensions["category"].names)
    # One number for person, window and category; those without a category come first in their window.
    same = (person.astype(np.int64) * (int(window.max(initial=0)) + 1) + window) * width + code[:, category]
    order = np.argsort(same, kind="stable").astype(np.int32)
    same = same[order]
    del window
    new = np.empty(len(same), bool)
    new[:1], new[1:] = True, same[1:] != same[:-1]
    starts = np.flatnonzero(new)
    dropped = np.zeros(len(starts), bool)
    if rule.window != "条":
        # Unclassified, and the same person has something classified in the same window: not counted again.
        dropped[:-1] = (same[starts[:-1]] % width == 0) & (same[starts[1:]] // width == same[starts[:-1]] // width)
    stays = ~dropped
    merged = np.maximum.reduceat(code[order], starts, axis=0) if len(starts) else code
    first_day = np.minimum.reduceat(day[order], starts) if len(starts) else day
    rows: tuple[tuple[int, str], ...] | None = None
    if turns.keys is not None:
        place = np.where(stays, np.cumsum(stays) - 1, -1)[np.cumsum(new) - 1]
        rows = tuple((int(p), turns.keys[kept[o]]) for p, o in zip(place, order, strict=True) if p >= 0)
    whose = people[person[order][starts][stays]]
    return _facts(merged[stays], first_day[stays], whose, offline, dimensions, rows)


def _dimensions(turns: Turns, offline: Sequence[Offline], rule: Rule) -> dict[str, Dimension]:
    """Return the dimensions of consultations; where a consultation has several names, the last in its dimension stays."""

    def named(field: str, held: set[str], nothing: str) -> Dimension:
        return Dimension(nothing, *sorted({*turns.columns[field].names, *held} - {nothing, ""}))

    return {
        "category": named("category", {o.category for o in offline}, UNCLASSIFIED),
        "channel": Dimension(*reversed(rule.channels)),
        "village": named("village", {o.village for o in offline}, UNSAID),
        "answered_by": Dimension(*ANSWERERS),
        "outcome": Dimension(*OUTCOMES),
        "groups": Dimension(UNSAID, *sorted({o.groups for o in offline} - {""})),
    }


def _codes(turns: Turns, kept: npt.NDArray[np.int64], dimensions: Mapping[str, Dimension]) -> npt.NDArray[np.int16]:
    """Return for each of the ``kept`` turns the place of its name in each dimension."""
    found = np.zeros((len(kept), len(dimensions)), np.int16)
    for n, (name, dimension) in enumerate(dimensions.items()):
        if name in {"category", "channel", "village"}:
            column = turns.columns[name]
            places = np.array([dimension.code(text) for text in column.names] or [0], np.int16)
            found[:, n] = places[column.codes[kept]]
    answered, outcome = list(dimensions).index("answered_by"), list(dimensions).index("outcome")
    kinds, at = turns.kinds("decision", "answered_by")
    pairs = np.array([_answered(kind, dimensions) for kind in kinds] or [(0, 0)], np.int16)[at[kept]]
    found[:, answered], found[:, outcome] = pairs[:, 0], pairs[:, 1]
    return found


def _answered(kind: Kind, dimensions: Mapping[str, Dimension]) -> tuple[int, int]:
    """Return who answered a turn, and what came of it."""
    outcome = _OUTCOME.get(kind.decision, "未答")
    person = kind.answered_by if kind.answered_by in ANSWERERS[2:] else ""
    who = person or ("机器人" if outcome == "已答" else NOBODY)
    return dimensions["answered_by"].code(who), dimensions["outcome"].code("已答" if person else outcome)


def _facts(
    merged: npt.NDArray[np.int16],
    day: npt.NDArray[np.int32],
    person: npt.NDArray[np.int64],
    held: Sequence[Offline],
    dimensions: Mapping[str, Dimension],
    rows: tuple[tuple[int, str], ...] | None,
) -> Facts:
    """Return the facts of merged questions and of what was held offline; who came there is nobody that we know again."""
    said = [
        {
            "category": row.category or UNCLASSIFIED,
            "channel": row.channel,
            "village": row.village or UNSAID,
            "answered_by": row.answered_by if row.answered else NOBODY,
            "outcome": "已答" if row.answered else "未答",
            "groups": row.groups or UNSAID,
        }
        for row in held
    ]
    codes = np.array([[d.code(names[name]) for name, d in dimensions.items()] for names in said], np.int16)
    whole = np.concatenate([merged, codes.reshape(len(held), len(dimensions))])
    days = np.concatenate([day, np.array([row.day.toordinal() for row in held], np.int32)])
    people = np.concatenate([person, -1 - np.arange(len(held), dtype=np.int64)])
    weight = np.concatenate([np.ones(len(day), np.int64), np.array([row.people for row in held], np.int64)])
    ids = None if rows is None else (*rows, *((len(day) + n, row.id) for n, row in enumerate(held)))
    return Facts.of(
        days, {name: whole[:, n] for n, name in enumerate(dimensions)}, dimensions, weight=weight, person=people, ids=ids
    )


def _windows(day: npt.NDArray[np.int32], window: Window, length: int) -> npt.NDArray[np.int64]:
    """Return a small number for the window that each day falls into."""
    if window == "条":
        return np.arange(length, dtype=np.int64)
    if len(day) == 0:
        return np.empty(0, np.int64)
    first = int(day.min())
    if window == "天":
        return day.astype(np.int64) - first
    if window == "周":  # date.toordinal() 1 is a Monday
        return (day.astype(np.int64) - 1) // 7 - (first - 1) // 7
    begin = date.fromordinal(first)
    months = {d: (on.year - begin.year) * 12 + on.month for d in map(int, np.unique(day)) for on in [date.fromordinal(d)]}
    return np.fromiter((months[int(d)] for d in day), np.int64, length)


def _by_month(turns: Turns) -> dict[str, int]:
    days, counts = np.unique(turns.day, return_counts=True)
    found: dict[str, int] = {}
    for day, number in [*zip(map(int, days), map(int, counts), strict=True), *((r.day, r.turns) for r in turns.rest)]:
        month = f"{date.fromordinal(day):%Y-%m}"
        found[month] = found.get(month, 0) + number
    return dict(sorted(found.items()))


def _sizes(turns: Turns, *fields: str) -> list[tuple[Kind, int]]:
    """Return the kinds of turns told apart by what decides and ``fields``, and how many there are of each."""
    kinds, places = turns.kinds(*_DECISIVE, *fields)
    return list(zip(kinds, np.bincount(places, minlength=len(kinds)).tolist(), strict=True))


def _left_out(turns: Turns, rule: Rule) -> dict[str, int]:
    found: dict[str, int] = {}
    for kind, number in [*_sizes(turns), *((r.kind, r.turns) for r in turns.rest)]:
        if number and (why := reason(kind, rule)):
            found[why] = found.get(why, 0) + number
    return found


def _answers(turns: Turns, rule: Rule) -> tuple[int, dict[str, int]]:
    """Count the bot's outright answers, those that were rejected too, and what was said of them."""
    answers, verdicts = 0, dict.fromkeys(list(_VERDICTS.values())[1:], 0)
    for kind, number in _sizes(turns, "verdict"):
        if kind.decision == "answer" and reason(kind._replace(superseded=""), rule) == "":
            answers += number
            if kind.verdict:
                verdicts[_VERDICTS[kind.verdict]] += number
    return answers, verdicts


def _topics(turns: Turns, rule: Rule) -> dict[str, int]:
    found: dict[str, int] = {}
    for kind, number in _sizes(turns, "topic"):
        if kind.decision == "miss" and number and reason(kind, rule) == "":
            found[kind.topic or UNCLASSIFIED] = found.get(kind.topic or UNCLASSIFIED, 0) + number
    return found
