"""The people behind the bot: who they are, and which WeChat is bound to whom by a code that the clerk hands out."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from bot.ledger.clock import stamp
from bot.ledger.database import Database
from bot.ledger.store import first, insert, next_number

Role = Literal["法律顾问", "法律明白人", "司法所", "测试"]
ROLES: tuple[str, ...] = get_args(Role)
TESTER = "测试"
"""Who tries the bot as a villager would: no adviser to the dialogue, and nothing that they ask counts."""

CODE_LASTS = timedelta(days=7)
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without those that are mistaken for each other; eight of them are 40 bits, far beyond guessing in a week."""


@dataclass(frozen=True)
class Adviser:
    """One row of ``advisers``; ``village`` None: the whole town. 司法所 sees every village and is on duty for alarms."""

    number: int
    name: str
    role: str
    village: str | None
    sender: str | None
    bound_at: str | None
    removed_at: str | None

    def looks_after(self, village: str | None) -> bool:
        """Tell whether questions from ``village`` (None: unknown) are theirs; the town's people look after all."""
        return self.village is None or self.role == "司法所" or self.village == village


_COLUMNS = ", ".join(Adviser.__annotations__)


def new_code() -> str:
    """Return a code to bind a WeChat with: eight letters and digits."""
    return "".join(secrets.choice(_LETTERS) for _ in range(8))


def add(db: Database, *, name: str, role: Role, village: str | None) -> Adviser:
    """Add a person."""
    number = next_number(db, "advisers")
    insert(db, "advisers", {"number": number, "name": name, "role": role, "village": village})
    return Adviser(number, name, role, village, None, None, None)


def set_code(db: Database, number: int, code_hash: str, now: datetime) -> None:
    """Give a person a code, in place of any earlier one; it can be used once, within ``CODE_LASTS``."""
    db.execute(
        "update advisers set code = :code, code_until = :until where number = :number",
        {"number": number, "code": code_hash, "until": stamp(now + CODE_LASTS)},
    )


def bind(db: Database, code_hash: str, sender: str, now: datetime) -> Adviser | None:
    """Bind ``sender`` (a pseudonym) to the person with this code and use the code up; None for a code that is not valid."""
    values = {"code": code_hash, "sender": sender, "now": stamp(now)}
    row = first(db, f"select {_COLUMNS} from advisers where code = :code and code_until >= :now and removed_at is null", values)
    if row is None:
        return None
    unbind(db, sender)
    db.execute(
        "update advisers set sender = :sender, bound_at = :now, code = null, code_until = null where code = :code", values
    )
    return Adviser(**row | {"sender": sender, "bound_at": values["now"]})


def unbind(db: Database, sender: str) -> None:
    """Part a WeChat from whomever it is bound to."""
    db.execute("update advisers set sender = null, bound_at = null where sender = :sender", {"sender": sender})


def remove(db: Database, number: int, now: datetime) -> None:
    """End a person's service: their WeChat and code stop working, their name stays with what they answered."""
    db.execute(
        "update advisers set sender = null, bound_at = null, code = null, code_until = null, removed_at = :now"
        " where number = :number",
        {"number": number, "now": stamp(now)},
    )


def of_sender(db: Database, sender: str) -> Adviser | None:
    """Return the adviser whose WeChat this is, or None."""
    row = first(db, f"select {_COLUMNS} from advisers where sender = :sender and removed_at is null", {"sender": sender})
    return Adviser(**row) if row else None


def everybody(db: Database) -> list[Adviser]:
    """Return all who serve, in the order in which they were added."""
    return [Adviser(**row) for row in db.query(f"select {_COLUMNS} from advisers where removed_at is null order by number")]


def all_ever(db: Database) -> list[Adviser]:
    """Return all who serve or served, without those who only test."""
    sql = f"select {_COLUMNS} from advisers where role <> :tester order by number"
    return [Adviser(**row) for row in db.query(sql, {"tester": TESTER})]


def find(db: Database, number: int | None) -> Adviser | None:
    """Return the adviser with this number, also one who has left."""
    row = first(db, f"select {_COLUMNS} from advisers where number = :number", {"number": number}) if number else None
    return Adviser(**row) if row else None
