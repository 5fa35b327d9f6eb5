"""Turns: each message and its reply once, and what belongs to that: nonces, verdicts, forgetting."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from bot.ledger.clock import stamp
from bot.ledger.counted import ASKED, touch
from bot.ledger.database import Database
from bot.ledger.store import Store, first, insert
from bot.message import ON_BEHALF, Option, Reply

NONCE_LIFE = timedelta(minutes=15)

Verdict = Literal["helped", "useless", "wrong"]
"""What the villager said of an answer: 有用, 没用, or 0 (not what was asked)."""


class Replayed(Exception):
    """A signature that was already used for another message."""


@dataclass(frozen=True)
class Turn:
    """One row of ``turns``.

    answered_by: 机器人, or the role of the person who answered; adviser: the number of the adviser who sent it.
    topic: what a miss was about: a topic without an entry, or the nearest entry's id.
    verdict, remark: what the villager said of the answer afterwards.
    """

    key: str
    received_at: str
    day: str
    channel: str
    villager: str
    kind: str
    text: str | None
    decision: str
    entry_id: str | None
    entry_version: str | None
    category: str | None
    score: float | None
    offered: tuple[str, ...]
    follows: str | None
    reply: Reply
    latency_ms: float
    village: str | None = None
    answered_by: str = "机器人"
    adviser: int | None = None
    verdict: Verdict | None = None
    remark: str | None = None
    topic: str | None = None


_COLUMNS = tuple(Turn.__annotations__)


def reply_to(db: Database, key: str, *, since: str = "") -> Reply | None:
    """Return the reply that the message ``key`` already got, since that day, or None."""
    row = db.execute("select reply from turns where key = :key and day >= :since", {"key": key, "since": since}).fetchone()
    return as_reply(row[0]) if row else None


def nonce_owner(db: Database, nonce: str) -> str | None:
    """Return the key of the message that ``nonce`` came with, or None."""
    row = db.execute("select message from nonces where nonce = :nonce", {"nonce": nonce}).fetchone()
    return row[0] if row else None


def claim_nonce(db: Database, nonce: str, key: str, now: datetime) -> None:
    """Bind ``nonce`` to the message ``key``. Raises Replayed if it is bound to another one."""
    db.execute("delete from nonces where seen_at < :old", {"old": stamp(now - NONCE_LIFE)})
    if not insert(db, "nonces", {"nonce": nonce, "message": key, "seen_at": stamp(now)}, once="nonce") and (
        nonce_owner(db, nonce) != key
    ):
        raise Replayed


def record(db: Database, turn: Turn) -> None:
    """Write the turn."""
    values = {name: getattr(turn, name) for name in _COLUMNS} | {
        "offered": json.dumps(turn.offered) if turn.offered else None,
        "reply": _as_json(turn.reply),
    }
    insert(db, "turns", values)
    touch(db, {turn.day[:7]})
    if turn.follows is not None:
        db.execute("update turns set superseded = 1 where key = :key", {"key": turn.follows})
        _touch(db, turn.follows)


def came_again(db: Database, key: str) -> None:
    """Note that the message ``key`` was delivered once more."""
    db.execute("update turns set retries = retries + 1 where key = :key", {"key": key})
    _touch(db, key)


def answered_by(db: Database, key: str, role: str) -> None:
    """Note that a person in ``role`` answered the question of turn ``key``."""
    db.execute("update turns set answered_by = :role where key = :key", {"key": key, "role": role})
    _touch(db, key)


def judge(db: Database, key: str, verdict: Verdict, remark: str | None = None) -> None:
    """Keep what the villager said of the answer in turn ``key``."""
    _touch(db, key)
    db.execute(
        "update turns set verdict = :verdict, remark = coalesce(:remark, remark) where key = :key",
        {"key": key, "verdict": verdict, "remark": remark},
    )


def question_of(db: Database, key: str) -> dict[str, Any] | None:
    """Return the ``text``, ``category`` and ``entry_id`` of a turn, or None."""
    return first(db, "select text, category, entry_id from turns where key = :key", {"key": key})


def thread(db: Database, key: str) -> list[dict[str, Any]]:
    """Return a question's turn and those that settled it, in order of time.

    Each with ``text``, ``decision``, ``entry_id``, ``verdict``, ``remark``, and ``reply`` as a Reply.
    """
    sql = (
        "select text, decision, entry_id, verdict, remark, reply from turns where key = :key or follows = :key"
        " order by received_at"
    )
    return [row | {"reply": as_reply(row["reply"])} for row in db.query(sql, {"key": key})]


def forget(db: Database, villager: str, name: str) -> None:
    """Cut the turns of ``villager`` loose from them and drop their words; the rows keep one name, ``name``, so counts stay."""
    found = db.execute("select distinct substr(day, 1, 7) from turns where villager = :villager", {"villager": villager})
    touch(db, [row[0] for row in found.fetchall()])
    db.execute(
        "update turns set villager = :name, text = null, remark = null, reply = :silence where villager = :villager",
        {"name": name, "villager": villager, "silence": json.dumps(asdict(Reply("")))},
    )


def count_of(db: Database, villager: str) -> int:
    """Return how many messages are kept of the villager."""
    found: int = db.execute("select count(*) from turns where villager = :villager", {"villager": villager}).fetchone()[0]
    return found


def last_questions(db: Database, villager: str, limit: int) -> Iterator[dict[str, Any]]:
    """Yield ``received_at`` and the masked ``text`` of the villager's last messages, newest first."""
    sql = (
        "select received_at, text from turns where villager = :villager and text is not null"
        " order by received_at desc limit :limit"
    )
    yield from db.query(sql, {"villager": villager, "limit": limit})


def questions_asked(store: Store, *, village: str | None = None, limit: int | None = None) -> list[str]:
    """Return the masked texts of the villagers' questions in the ledger, newest first; of one ``village`` where it is named."""
    values: dict[str, Any] = {"on_behalf": ON_BEHALF}
    sql = (
        f"select text from turns where decision in {ASKED!r} and kind in ('text', 'voice')"
        " and (adviser is null or channel = :on_behalf) and text is not null and follows is null"
    )
    if village is not None:
        sql, values = f"{sql} and village = :village", values | {"village": village}
    sql += " order by received_at desc"
    if limit is not None:
        sql, values = f"{sql} limit :limit", values | {"limit": limit}
    rows = store.query(sql, values)
    return [row["text"] for row in rows]


def _touch(db: Database, key: str) -> None:
    row = db.execute("select day from turns where key = :key", {"key": key}).fetchone()
    touch(db, {row[0][:7]} if row else ())


def _as_json(reply: Reply) -> str:
    # By hand: dataclasses.asdict copies everything in depth, which takes longer than to write it.
    options = [{"label": option.label, "send": option.send, "number": option.number} for option in reply.options]
    return json.dumps({"text": reply.text, "options": options, "tail": reply.tail}, ensure_ascii=False)


def as_reply(stored: str) -> Reply:
    """Return the reply that was kept in the column ``reply``."""
    data = json.loads(stored)
    return Reply(data["text"], tuple(Option(**option) for option in data["options"]), data["tail"])
