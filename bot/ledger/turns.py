"""Turns: each message and its reply once, and what belongs to that: nonces, verdicts, forgetting."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlite_utils import Database

from bot.ledger.clock import stamp
from bot.ledger.store import Store, first, insert
from bot.message import GROUP, ON_BEHALF, PHONE, VISIT, Option, Reply

NONCE_LIFE = timedelta(minutes=15)

Verdict = Literal["helped", "useless", "wrong"]
"""What the villager said of an answer: 有用, 没用, or 0 (not what was asked)."""

QUESTIONS = (
    "decision in ('answer', 'choose', 'miss', 'logged') and kind in ('text', 'voice')"
    f" and (adviser is null or channel in ({', '.join(repr(c) for c in (VISIT, PHONE, GROUP, ON_BEHALF))}))"
)
"""The turns that are a villager's legal questions; what an adviser tries out is none, what they enter for somebody is."""


class Replayed(Exception):
    """A signature that was already used for another message."""


@dataclass(frozen=True)
class Turn:
    """One row of ``turns``.

    answered_by: 机器人, or the role of the person who answered; adviser: the number of the adviser who sent it.
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


def reply_to(db: Database, key: str) -> Reply | None:
    """Return the reply that the message ``key`` already got, or None."""
    row = db.execute("select reply from turns where key = :key", {"key": key}).fetchone()
    return _reply(row[0]) if row else None


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
    values: dict[str, Any] = asdict(turn) | {
        "offered": json.dumps(turn.offered) if turn.offered else None,
        "reply": json.dumps(asdict(turn.reply), ensure_ascii=False),
    }
    insert(db, "turns", values)


def judge(db: Database, key: str, verdict: Verdict, remark: str | None = None) -> None:
    """Keep what the villager said of the answer in turn ``key``."""
    db.execute(
        "update turns set verdict = :verdict, remark = coalesce(:remark, remark) where key = :key",
        {"key": key, "verdict": verdict, "remark": remark},
    )


def question_of(db: Database, key: str) -> dict[str, Any] | None:
    """Return the ``text``, ``category`` and ``entry_id`` of a turn, or None."""
    return first(db, "select text, category, entry_id from turns where key = :key", {"key": key})


def forget(db: Database, villager: str, name: str) -> None:
    """Cut the turns of ``villager`` loose from them and drop their words; the rows keep one name, ``name``, so counts stay."""
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


def questions_asked(store: Store) -> list[str]:
    """Return the masked texts of all questions in the ledger, newest first."""
    rows = store.query(
        f"select text from turns where {QUESTIONS} and decision <> 'logged'"
        " and text is not null and follows is null order by received_at desc",
        {},
    )
    return [row["text"] for row in rows]


def _reply(stored: str) -> Reply:
    data = json.loads(stored)
    return Reply(data["text"], tuple(Option(**option) for option in data["options"]), data["tail"])
