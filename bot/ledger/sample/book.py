"""The rows of a made-up year, as they gather before they are written."""

import json
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any, NamedTuple

from bot.ledger.advisers import Role
from bot.ledger.clock import CHINA, stamp
from bot.ledger.counted import touch
from bot.ledger.database import Database
from bot.ledger.duties import ACKNOWLEDGE
from bot.ledger.sample.words import ANSWER, CHOICE, MISS, OTHER
from bot.ledger.tickets import DUE, Because
from bot.message import Reply

PREFIX = "sample-"
"""How the keys of made-up turns begin; those of real ones are hexadecimal."""

_REPLIES = {
    decision: json.dumps(asdict(Reply(text)), ensure_ascii=False)
    for decision, text in {"answer": ANSWER, "read": ANSWER, "choose": CHOICE, "miss": MISS, "": OTHER}.items()
}
_VERSION = "sample"
_COLUMNS = (
    "key", "received_at", "day", "channel", "villager", "kind", "text", "decision", "entry_id", "entry_version", "category",
    "score", "offered", "follows", "reply", "latency_ms", "village", "answered_by", "adviser", "verdict", "topic", "superseded",
    "retries",
)  # fmt: skip
_DAY, _ANSWERED_BY = _COLUMNS.index("day"), _COLUMNS.index("answered_by")


class Who(NamedTuple):
    """Who writes, and how; ``adviser`` and ``answered_by`` as in the row of the turn."""

    villager: str
    village: str | None
    channel: str
    kind: str
    adviser: int | None = None
    answered_by: str = "机器人"


class Post(NamedTuple):
    """An adviser: the row's number, role, village."""

    number: int
    role: Role
    village: str | None


@dataclass
class Book:
    """Rows for one day after another: of ``turns`` in ``asked``, of other tables in ``rows``.

    tickets, duties: the numbers used last. turns: how many there were so far.
    """

    year: int
    posts: list[Post]
    tickets: int
    duties: int
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    asked: list[list[Any]] = field(default_factory=list)
    turns: int = 0
    day: date = date.min
    _said: str = ""
    _dates: tuple[str, str] = ("", "")

    def open(self, day: date) -> None:
        """Turn to a new day."""
        self.day, self._said = day, day.isoformat()
        # The day in the town begins at 16:00 of the day before in UTC, as moments are kept.
        self._dates = ((day - timedelta(1)).isoformat(), self._said)

    def post(self, role: Role, village: str | None) -> Post:
        """Return who of this role looks after a village: their own one, else any."""
        same = [p for p in self.posts if p.role == role] or self.posts
        return next((p for p in same if village is not None and p.village == village), same[0])

    def turn(
        self,
        who: Who,
        at: int,
        decision: str,
        text: str | None,
        *,
        category: str | None = None,
        entry: str | None = None,
        score: float | None = None,
        offered: str | None = None,
        follows: str | None = None,
        verdict: str | None = None,
        superseded: int = 0,
        topic: str | None = None,
        kind: str = "",
        retries: int = 0,
    ) -> str:
        """Add a message that came ``at`` seconds after midnight, and its reply; return its key."""
        self.turns += 1
        key = f"{PREFIX}{self.year}-{self.turns:020d}"
        self.asked.append(
            [
                key,
                f"{self._dates[at >= 28_800]}T{_clock()[at]}.{self.turns * 37 % 1000:03d}Z",
                self._said,
                who.channel,
                who.villager,
                kind or who.kind,
                text,
                decision,
                entry,
                _VERSION if entry else None,
                category,
                score,
                offered,
                follows,
                _REPLIES.get(decision) or _REPLIES[""],
                6.0 + self.turns % 397 / 10,
                who.village,
                who.answered_by,
                who.adviser,
                verdict,
                topic,
                superseded,
                retries,
            ]
        )
        return key

    def ticket(
        self, who: Who, at: int, because: Because, *, question: str, category: str | None, turn: str, answer: str, luck: float
    ) -> None:
        """Add a question that waits for a person, and what came of it; ``luck`` (0 to 1) says how long it waited."""
        self.tickets += 1
        opened = self._moment(at)
        row: dict[str, Any] = {
            "number": self.tickets,
            "villager": who.villager,
            "village": who.village,
            "question": question,
            "category": category,
            "turn": turn,
            "because": because,
            "opened_at": stamp(opened),
            "due_at": stamp(opened + DUE),
            "assigned": None,
            "answer": None,
            "answered_by": None,
            "answered_at": None,
            "delivered_at": None,
            "closed_at": None,
        }
        self._note(opened, None, "opened")
        if luck > 0.99:
            self.add("tickets", row)  # forgotten
            return
        role: Role = "法律顾问" if luck * 100 % 10 < 7 else "法律明白人" if luck * 100 % 10 < 9 else "司法所"
        by = self.post(role, who.village).number
        # Half of them within three hours by day, one in ten later than a day; nobody answers at night.
        answered = _awake(opened + timedelta(hours=0.1 + 3 * luck / (1.001 - luck)))
        if luck > 0.97:
            self._note(answered, by, "closed")
            self.add("tickets", row | {"closed_at": stamp(answered)})
            return
        next(row for row in reversed(self.asked) if row[0] == turn)[_ANSWERED_BY] = role
        row |= {"answer": answer, "answered_by": by, "answered_at": stamp(answered)}
        self._note(answered, by, f"answered: {answer}")
        if luck * 1000 % 10 < 9:
            fetched = _awake(answered + timedelta(minutes=5 + 600 * (luck * 1000 % 1)))
            row |= {"delivered_at": stamp(fetched), "closed_at": stamp(fetched)}
            self._note(fetched, None, "delivered")
        self.add("tickets", row)

    def duty(self, at: int, kind: str, *, village: str | None, outcome: str, luck: float) -> None:
        """Add an alarm that was reported; one in ten was confirmed too late."""
        self.duties += 1
        opened = self._moment(at)
        self.add(
            "duties",
            {
                "number": self.duties,
                "kind": kind,
                "village": village,
                "opened_at": stamp(opened),
                "acknowledge_by": stamp(opened + ACKNOWLEDGE),
                "acknowledged_at": stamp(opened + timedelta(minutes=1 + 15.5 * luck)),
                "acknowledged_by": self.post("司法所", village).number,
                "outcome": outcome,
            },
        )

    def add(self, table: str, row: dict[str, Any]) -> None:
        """Add a row to any table."""
        self.rows.setdefault(table, []).append(row)

    def write(self, db: Database) -> None:
        """Write all rows that wait, in the transaction of ``db``."""
        touch(db, {row[_DAY][:7] for row in self.asked})
        db.many("turns", _COLUMNS, self.asked)
        for table, rows in self.rows.items():
            names = list(rows[0])
            db.many(table, names, (tuple(row[name] for name in names) for row in rows))
        self.asked, self.rows = [], {}

    def _note(self, moment: datetime, adviser: int | None, what: str) -> None:
        self.add("ticket_events", {"ticket": self.tickets, "at": stamp(moment), "adviser": adviser, "what": what})

    def _moment(self, at: int) -> datetime:
        return datetime.combine(self.day, time(), CHINA) + timedelta(seconds=at)


@cache
def _clock() -> list[str]:
    """Return the time in UTC of each second of the day in the town; far faster than writing each anew."""
    utc = [(at - 28_800) % 86_400 for at in range(86_400)]
    return [f"{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}" for s in utc]


def _awake(moment: datetime) -> datetime:
    """Return ``moment``, at night the next morning."""
    if moment.hour >= 21:
        moment += timedelta(days=1)
    elif moment.hour >= 8:
        return moment
    return moment.replace(hour=8, minute=moment.minute // 2 + 10)
