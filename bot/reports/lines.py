"""Rows of the ledger as lines that people read: what was asked, masked as it is kept, who answered, how it ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.ledger.clock import local_time, moment
from bot.ledger.register.definitions import REGISTERS
from bot.ledger.store import Store
from bot.reports.period import Period
from bot.reports.table import Cell

if TYPE_CHECKING:
    from bot.reports.behind import Behind, Group

Order = Mapping[str, tuple[str, str]]
"""id -> what lines are sorted by: the day, and the time on it."""

GONE = "（已按期限删除，或本人要求删除）"
_AT_ONCE = 400
_DECISIONS = {
    "answer": "直接回答", "choose": "给了选项", "miss": "没答上", "command": "问候和命令", "crisis": "急事提示",
    "media": "没听懂的图片、语音", "event": "关注、扫码等", "empty": "空消息", "read": "翻目录看条目",
    "limited": "发得太密，没有处理",
}  # fmt: skip
_VERDICTS = {"helped": "有用", "useless": "没用", "wrong": "答非所问"}
_BECAUSE = {"asked": "群众要求", "missed": "没答上", "useless": "回答没用"}


@dataclass(frozen=True)
class Lines:
    """A list for a page. refs: for each line the register and the number of its row there, None where it is in none."""

    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    refs: tuple[tuple[str, int] | None, ...]


def lines(store: Store, found: Behind) -> Lines:
    """Return the lines of what lies behind a cell."""
    if found.source == "consultations":
        return _consultations(store, found.groups)
    ids = [group.ids[0] for group in found.groups]
    if found.source == "turns":
        return _turns(store, ids)
    numbers = [int(id_.split(" ")[1]) for id_ in ids]
    return _tickets(store, numbers) if found.source == "tickets" else _register(store, found.source, numbers)


def order_of(store: Store, source: str, period: Period) -> Order:
    """Return what the rows of a source are sorted by: consultations and turns by time; all else keeps its own order."""
    if source not in {"consultations", "turns"}:
        return {}
    days = {"start": period.start.isoformat(), "end": period.end.isoformat()}
    turns = store.query("select key, day, received_at from turns where day between :start and :end", days)
    found = {row["key"]: (row["day"], row["received_at"]) for row in turns}
    held = store.query("select number, day from offline where day between :start and :end", days)
    return found | {f"offline {row['number']}": (row["day"], "") for row in held}


def register_rows(store: Store, key: str, numbers: Sequence[int]) -> list[dict[str, Any]]:
    """Return the rows of a register with these numbers, in this order."""
    found = {row["number"]: row for row in _among(store, f"select * from {REGISTERS[key].key} where number", numbers)}
    return [found[number] for number in numbers if number in found]


def retries_of(store: Store, keys: Sequence[str]) -> int:
    """Return how often these messages came again."""
    return sum(row["retries"] for row in _among(store, "select retries from turns where key", keys))


def _consultations(store: Store, groups: Sequence[Group]) -> Lines:
    turns = _by_key(store, [id_ for group in groups for id_ in group.ids if not id_.startswith("offline ")])
    numbers = [int(id_.split(" ")[1]) for group in groups for id_ in group.ids if id_.startswith("offline ")]
    held = {row["number"]: row for row in register_rows(store, "offline", numbers)}
    rows: list[tuple[Cell, ...]] = []
    refs: list[tuple[str, int] | None] = []
    for group in groups:
        said = group.said
        if group.ids[0].startswith("offline "):
            number = int(group.ids[0].split(" ")[1])
            row = held[number]
            when, text, outcome, ref = row["day"], row["summary"] or "", row["result"], ("offline", number)
        else:
            asked = sorted((turns[id_] for id_ in group.ids if id_ in turns), key=lambda turn: turn["received_at"])
            texts = [turn["text"] for turn in asked if turn["text"]]
            when = _minute(asked[0]["received_at"]) if asked else ""
            text, outcome, ref = "；".join(texts)[:300] or GONE, said["outcome"], None
        rows.append(
            (when, said["channel"], said["village"], said["category"], text, said["answered_by"], outcome, group.weight)
        )
        refs.append(ref)
    headings = ("时间", "方式", "村（社区）", "类别", "问题（号码已遮）", "谁解答", "结果", "计人次")
    return Lines(headings, tuple(rows), tuple(refs))


def _turns(store: Store, keys: Sequence[str]) -> Lines:
    found = _by_key(store, keys)
    rows: list[tuple[Cell, ...]] = []
    for key in keys:
        if (turn := found.get(key)) is None:
            continue
        # What somebody in need wrote is nobody's business here: it is counted and nothing else.
        text = "（急事，这里不显示原话）" if turn["decision"] == "crisis" else turn["text"] or GONE
        rows.append((
            _minute(turn["received_at"]), turn["channel"], turn["village"] or "未说明", turn["category"] or "—", text,
            _DECISIONS.get(turn["decision"], "其他"), turn["answered_by"], _VERDICTS.get(turn["verdict"] or "", ""),
            turn["retries"],
        ))  # fmt: skip
    headings = ("时间", "方式", "村（社区）", "类别", "原话（号码已遮）", "怎么处理的", "谁解答", "评价", "微信重发")
    return Lines(headings, tuple(rows), (None,) * len(rows))


def _tickets(store: Store, numbers: Sequence[int]) -> Lines:
    names = (
        "number, village, category, question, because, opened_at, answered_at,"
        " (select role from advisers where advisers.number = tickets.answered_by) as role"
    )
    found = {row["number"]: row for row in _among(store, f"select {names} from tickets where number", numbers)}
    rows: list[tuple[Cell, ...]] = []
    for number in numbers:
        if row := found.get(number):
            rows.append((
                number, _minute(row["opened_at"]), row["village"] or "未说明", row["category"] or "—", row["question"] or GONE,
                _BECAUSE.get(row["because"], ""), _minute(row["answered_at"]) or "还没有答复", row["role"] or "",
            ))  # fmt: skip
    headings = ("编号", "转来的时间", "村（社区）", "类别", "问题（号码已遮）", "为什么转", "答复时间", "谁答复")
    return Lines(headings, tuple(rows), (None,) * len(rows))


def _register(store: Store, key: str, numbers: Sequence[int]) -> Lines:
    found = register_rows(store, key, numbers)
    fields = [field for field in REGISTERS[key].fields if any(row[field.key] not in {None, ""} for row in found)]
    rows = tuple((row["number"], *(row[field.key] for field in fields), row["entered_by"]) for row in found)
    headings = ("编号", *(field.heading for field in fields), "录入人")
    return Lines(headings, rows, tuple((key, row["number"]) for row in found))


def _by_key(store: Store, keys: Sequence[str]) -> dict[str, dict[str, Any]]:
    names = "key, received_at, channel, village, category, text, decision, answered_by, verdict, retries"
    return {row["key"]: row for row in _among(store, f"select {names} from turns where key", keys)}


def _among(store: Store, sql: str, values: Sequence[Any]) -> Iterator[dict[str, Any]]:
    """Yield what a statement that ends with a column finds for these values of it."""
    for begin in range(0, len(values), _AT_ONCE):
        some = {f"v{n}": value for n, value in enumerate(values[begin : begin + _AT_ONCE])}
        yield from store.query(f"{sql} in ({', '.join(f':{name}' for name in some)})", some)


def _minute(stamped: str | None) -> str:
    return f"{local_time(moment(stamped)):%Y-%m-%d %H:%M}" if stamped else ""
