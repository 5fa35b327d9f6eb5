"""What the clerk works with and nobody else sees: the consultations one by one, and what the bot could not answer, masked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bot.ledger import counted
from bot.ledger.clock import local_time, moment
from bot.ledger.counting import reason
from bot.ledger.store import Store
from bot.reports.known import Known
from bot.reports.table import Cell, Column, Row, Table

if TYPE_CHECKING:
    from bot.reports.annual import Books

LIMIT = 20_000
"""Rows of one sheet; who needs more asks for a shorter period."""

_AT_ONCE = 400
"""Keys in one query, below what any database takes."""

_COLUMNS = (
    Column("number", "编号", "text"),
    Column("first", "首次时间", "text"),
    Column("last", "末次时间", "text"),
    Column("village", "村（社区）", "text"),
    Column("channel", "咨询方式", "text"),
    Column("category", "类别", "text"),
    Column("type", "对应的纠纷类型", "text"),
    Column("groups", "人群", "text"),
    Column("people", "人数"),
    Column("summary", "问题（号码已遮）", "text"),
    Column("answered_by", "解答主体", "text"),
    Column("entry", "条目编号和版本", "text"),
    Column("result", "处理结果", "text"),
    Column("latency", "答复用时（毫秒）", "amount"),
    Column("verdict", "评价", "text"),
    Column("entered_by", "录入人", "text"),
    Column("changes", "更正次数"),
    Column("rows", "原始记录", "text"),
)
_VERDICTS = {"helped": "有用", "useless": "没用", "wrong": "答非所问", None: ""}


def tables(store: Store, books: Books, known: Known, *, now: datetime) -> list[Table]:
    """Return the consultations one by one and the misses, for the office."""
    from bot.reports.annual import read_books

    traced = read_books(store, known, books.period, now=now, traced=True)
    return [_consultations(store, traced, known), _misses(store, traced, known, now)]


def _consultations(store: Store, books: Books, known: Known) -> Table:
    facts = books.count.consultations
    behind: dict[int, list[str]] = {}
    for fact, id_ in facts.ids or ():
        behind.setdefault(fact, []).append(id_)
    offline = {f"offline {row['number']}": row for row in books.registers["offline"]}
    corrected = {
        row["number"]: row["n"]
        for row in store.query(
            "select number, count(*) as n from register_changes where register = 'offline' group by number", {}
        )
    }
    names = {n: facts.dimensions[n].names for n in ("village", "channel", "category", "groups", "answered_by", "outcome")}
    chosen = sorted(behind)[: 5 * LIMIT]
    turns = _turns(store, [id_ for fact in chosen for id_ in behind[fact] if not id_.startswith("offline ")])
    found = []
    for fact in chosen:
        said = {n: names[n][int(facts.columns[n][fact])] for n in names}
        ids = behind[fact]
        if row := offline.get(ids[0]):
            cells = _held(row, said, known, corrected.get(row["number"], 0), ids)
        else:
            cells = _asked([turns[id_] for id_ in ids if id_ in turns], said, known, ids)
        found.append(cells)
    found.sort(key=lambda cells: str(cells[1]))
    serial: dict[str, int] = {}
    rows = []
    for cells in found[:LIMIT]:
        day = str(cells[1])[:10].replace("-", "")
        serial[day] = serial.get(day, 0) + 1
        rows.append(Row((f"{day}{serial[day]:03}", *cells[1:])))
    note = "含群众原话，只供统计员核对，不要外传。编号 = 日期 + 当天按首次时间排的序号。"
    if len(found) > LIMIT:
        note += f"只列了前{LIMIT}条，要看全的请选短一点的期间。"
    return Table("consultations", "咨询明细", _COLUMNS, tuple(rows), note=note, office=True)


def _asked(turns: Sequence[Mapping[str, Any]], said: Mapping[str, str], known: Known, ids: Sequence[str]) -> tuple[Cell, ...]:
    ordered = sorted(turns, key=lambda t: t["received_at"])
    first, last = (ordered[0], ordered[-1]) if ordered else ({}, {})
    texts = [t["text"] for t in ordered if t["text"]]
    entries = dict.fromkeys(f"{t['entry_id']} {t['entry_version']}" for t in ordered if t["entry_id"])
    return (
        "",
        _minute(first.get("received_at")),
        _minute(last.get("received_at")),
        said["village"],
        said["channel"],
        said["category"],
        known.counting.mediation_types.get(said["category"], "—"),
        "",
        1,
        "；".join(texts)[:300] or "（已按期限删除，或本人要求删除）",
        said["answered_by"],
        "、".join(entries),
        said["outcome"],
        round(float(last["latency_ms"])) if last else None,
        "、".join(dict.fromkeys(_VERDICTS[t["verdict"]] for t in ordered if t["verdict"])),
        "",
        0,
        " ".join(id_[:12] for id_ in ids),
    )


def _held(row: Mapping[str, Any], said: Mapping[str, str], known: Known, changes: int, ids: Sequence[str]) -> tuple[Cell, ...]:
    type_ = known.counting.mediation_types.get(said["category"], "—")
    cells: tuple[Cell, ...] = (
        "", row["day"], row["day"], said["village"], said["channel"], said["category"], type_, row["groups"] or "",
        row["people"], row["summary"] or "", said["answered_by"], "", row["result"], None,
        f"{row['satisfaction']}分" if row["satisfaction"] else "", row["entered_by"], changes, ids[0],
    )  # fmt: skip
    return cells


def _misses(store: Store, books: Books, known: Known, now: datetime) -> Table:
    period = books.period
    rule = known.counting.rule
    loaded = counted.load(store, period.start, period.end, today=local_time(now).date(), keys=True)
    kinds, places = loaded.kinds("decision", "kind", "channel", "staff", "superseded")
    missed = [kind.decision == "miss" and not reason(kind, rule) for kind in kinds]
    keys = [key for key, place in zip(loaded.keys or (), places, strict=True) if missed[place]]
    turns = sorted(_turns(store, keys[-LIMIT:]).values(), key=lambda t: t["received_at"], reverse=True)
    rows = []
    for turn in turns:
        topic = known.entries.get(turn["topic"] or "", turn["topic"] or "—")
        cells = (
            _minute(turn["received_at"]), turn["channel"], turn["village"] or "未说明",
            turn["text"] or "（已删除）", topic, turn["key"][:12],
        )  # fmt: skip
        rows.append(Row(cells))
    columns = (
        Column("at", "时间", "text"),
        Column("channel", "方式", "text"),
        Column("village", "村（社区）", "text"),
        Column("text", "原话（号码已遮）", "text"),
        Column("topic", "话题或最相近的条目", "text"),
        Column("row", "原始记录", "text"),
    )
    return Table("misses", "没答上的问题（原话）", columns, tuple(rows), note="含群众原话，不要外传。", office=True)


def _turns(store: Store, keys: Sequence[str]) -> dict[str, dict[str, Any]]:
    names = "key, received_at, channel, village, text, entry_id, entry_version, latency_ms, verdict, topic"
    found: dict[str, dict[str, Any]] = {}
    with store.reading() as db:
        for begin in range(0, len(keys), _AT_ONCE):
            some = {f"k{n}": key for n, key in enumerate(keys[begin : begin + _AT_ONCE])}
            marks = ", ".join(f":{name}" for name in some)
            found |= {row["key"]: row for row in db.query(f"select {names} from turns where key in ({marks})", some)}
    return found


def _minute(stamped: str | None) -> str:
    return f"{local_time(moment(stamped)):%Y-%m-%d %H:%M}" if stamped else ""
