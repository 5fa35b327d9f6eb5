"""What is kept of a villager between two messages: village, notice, and where the conversation stands."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.ledger.clock import stamp
from bot.ledger.database import Database
from bot.ledger.store import first, insert

NOTICE_VERSION = "2026-11"
"""The notice of ``wording.notice``; a new wording of substance gets a new version and is shown again."""


class Stale(Exception):
    """Another message of the same villager was recorded in the meantime."""


@dataclass(frozen=True)
class Villager:
    """One row of ``villagers``. ``version`` 0: not yet kept. ``withdrawn_at``: nothing of them may be linked any more."""

    villager: str
    village: str | None = None
    notice: str | None = None
    noticed_at: str | None = None
    withdrawn_at: str | None = None
    state: str | None = None
    state_at: str | None = None
    version: int = 0


_COLUMNS = "villager, village, notice, noticed_at, withdrawn_at, state, state_at, version"


def find(db: Database, villager: str) -> Villager:
    """Return what is kept of the villager; an empty row where nothing is."""
    row = first(db, f"select {_COLUMNS} from villagers where villager = :villager", {"villager": villager})
    return Villager(**row) if row else Villager(villager)


def save(db: Database, known: Villager, *, now: datetime, **changes: Any) -> None:
    """Keep ``changes`` of a row as it was read. Raises Stale where it was changed since."""
    new = replace(known, **changes, version=known.version + 1)
    if "state" in changes:
        new = replace(new, state_at=stamp(now))
    values = {name: getattr(new, name) for name in _COLUMNS.split(", ")}
    if known.version == 0:
        if not insert(db, "villagers", values, once="villager"):
            raise Stale
        return
    sets = ", ".join(f"{name} = :{name}" for name in values if name != "villager")
    done = db.execute(
        f"update villagers set {sets} where villager = :villager and version = :old", values | {"old": known.version}
    )
    if not done.rowcount:
        raise Stale


def forget(db: Database, villager: str) -> None:
    """Drop everything that is kept of the villager."""
    db.execute("delete from villagers where villager = :villager", {"villager": villager})


def withdraw(db: Database, villager: str, now: datetime) -> None:
    """Keep of the villager only that nothing may be kept."""
    insert(db, "villagers", {"villager": villager, "withdrawn_at": stamp(now), "version": 1}, once="villager")
