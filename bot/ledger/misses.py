"""Questions that were not answered well: which turns they are, and what was done with them."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bot.ledger.clock import stamp
from bot.ledger.database import Database
from bot.ledger.store import first, insert, next_number
from bot.ledger.turns import reply_to
from bot.message import ON_BEHALF, Reply

DAYS = 180
"""Villagers' words are kept no longer, and what is older says little of what is asked now."""

KINDS: Mapping[str, str] = {"miss": "没答上", "wrong": "答非所问", "useless": "没用"}


@dataclass(frozen=True)
class Miss:
    """A question that was not answered well; of one that was chosen from a list, the words are those that were typed.

    key: the turn that missed or was judged. kind: of ``KINDS``. entry_id: what it was answered with. chosen: the entry
    that the villager took instead. remark: what they said of it. by_person: somebody answered it since.
    action: the number of the action that dealt with it.
    """

    key: str
    day: str
    at: str
    text: str
    kind: str
    village: str | None
    entry_id: str | None
    remark: str | None
    by_person: bool
    action: int | None
    chosen: str | None = None

    @property
    def id(self) -> str:
        """What pages call it; it leads nowhere else."""
        return hashlib.sha256(self.key.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Action:
    """One row of ``miss_actions``, and how many questions it dealt with. ``about`` holds no villager's word."""

    number: int
    at: str
    who: str
    what: str
    about: str
    questions: int


_ASKED = "(t.adviser is null or t.channel = :on_behalf) and t.day >= :since"
_MISSED = f"""
    select t.key, t.day, t.received_at as at, t.text, 'miss' as kind, t.village, t.entry_id, t.remark,
        t.answered_by, m.action
    from turns t left join miss_turns m on m.turn = t.key
    where t.decision = 'miss' and t.kind in ('text', 'voice') and t.text is not null and t.follows is null and {_ASKED}"""
_JUDGED = f"""
    select t.key, t.day, t.received_at as at, coalesce(q.text, t.text) as text, t.verdict as kind, t.village,
        t.entry_id, t.remark, t.answered_by, m.action, coalesce(q.key, t.key) as question
    from turns t left join turns q on q.key = t.follows left join miss_turns m on m.turn = t.key
    where t.decision = 'answer' and t.verdict in ('wrong', 'useless') and {_ASKED}
        and ((t.follows is null and t.text is not null and t.kind in ('text', 'voice')) or q.text is not null)"""
_CHOSEN = """
    select t.follows as question, t.entry_id from turns t
    where t.decision = 'answer' and t.follows is not null and t.day >= :since
        and (t.verdict is null or t.verdict = 'helped') order by t.received_at"""


def load(db: Database, since: date) -> list[Miss]:
    """Return the questions of the days from ``since`` on whose words are still there, in order of time."""
    values: dict[str, Any] = {"since": since.isoformat(), "on_behalf": ON_BEHALF}
    chosen = {row["question"]: row["entry_id"] for row in db.query(_CHOSEN, {"since": values["since"]})}
    found = [_miss(row) for row in db.query(_MISSED, values)]
    found += [_miss(row, chosen.get(row["question"])) for row in db.query(_JUDGED, values)]
    return sorted(found, key=lambda miss: (miss.at, miss.key))


def replies(db: Database, keys: Collection[str]) -> dict[str, Reply]:
    """Return what the turns were answered."""
    found = ((key, reply_to(db, key)) for key in keys)
    return {key: reply for key, reply in found if reply is not None and reply.text}


def settle(db: Database, misses: Collection[Miss], *, who: str, what: str, about: str, now: datetime) -> int:
    """Note what was done with questions, and by whom; return the number of the action. What it dealt with leaves the list."""
    number = next_number(db, "miss_actions")
    insert(db, "miss_actions", {"number": number, "at": stamp(now), "who": who, "what": what, "about": about})
    db.execute("delete from miss_turns where not exists (select 1 from turns where turns.key = miss_turns.turn)")
    for miss in misses:
        db.execute("delete from miss_turns where turn = :turn", {"turn": miss.key})
        insert(db, "miss_turns", {"turn": miss.key, "action": number})
    return number


def put_back(db: Database, number: int) -> int:
    """Put what an action dealt with on the list again; return how many questions that were."""
    found: int = db.execute("delete from miss_turns where action = :number", {"number": number}).rowcount
    return found


def action(db: Database, number: int) -> Action | None:
    """Return an action, or None."""
    row = first(db, f"{_ACTIONS} where a.number = :number", {"number": number})
    return Action(**row) if row else None


def actions(db: Database, limit: int) -> list[Action]:
    """Return the last actions, newest first."""
    return [Action(**row) for row in db.query(f"{_ACTIONS} order by a.number desc limit :limit", {"limit": limit})]


def sender_of(db: Database, key: str) -> str | None:
    """Return who wrote a turn, as the ledger names them; for opening a ticket, and never shown."""
    row = first(db, "select villager from turns where key = :key", {"key": key})
    return row["villager"] if row else None


_ACTIONS = """
    select a.number, a.at, a.who, a.what, a.about,
        (select count(*) from miss_turns m where m.action = a.number) as questions from miss_actions a"""


def _miss(row: dict[str, Any], chosen: str | None = None) -> Miss:
    names = ("key", "day", "at", "text", "kind", "village", "entry_id", "remark", "action")
    return Miss(**{name: row[name] for name in names}, by_person=row["answered_by"] != "机器人", chosen=chosen)
