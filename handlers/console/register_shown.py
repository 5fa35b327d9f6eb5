"""Values and changes of rows as people read them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.ledger.clock import local_time, moment
from bot.ledger.database import Database
from bot.ledger.register import records
from bot.ledger.register.fields import Field, Register
from handlers.console.register_forms import as_text

HIDDEN = "（不显示）"
_CELL = 18


@dataclass(frozen=True)
class Change:
    """One change of a row."""

    at: str
    editor: str
    what: str
    old: str
    new: str
    reason: str


def shown(value: Any, none: str = "—") -> str:
    """Return a value as people read it."""
    return as_text(value) or none


def short(value: Any) -> str:
    """Return a value as it fits into a table."""
    text = as_text(value).replace("\n", " ")
    return text if len(text) <= _CELL else text[: _CELL - 1] + "…"


def minute(stamped: str) -> str:
    """Return a moment as the town's clocks show it."""
    return f"{local_time(moment(stamped)):%Y-%m-%d %H:%M}"


def history_of(db: Database, register: Register, number: int, readable: Sequence[Field]) -> list[Change]:
    """Return every change of a row, oldest first; who may not read every field reads neither those nor the reasons."""
    headings = {f.key: f.heading for f in register.fields}
    open_keys = {f.key for f in readable}
    everything = len(readable) == len(register.fields)
    found = []
    for change in records.history(db, register, number):
        key, at = change["field"], minute(change["at"])
        editor, reason = (change["editor"], change["reason"]) if everything else ("—", HIDDEN)
        if key == records.VOIDED:
            found.append(Change(at, editor, "作废", "", "", reason))
        elif key in open_keys:
            old, new = shown(change["old"], "（空）"), shown(change["new"], "（空）")
            found.append(Change(at, editor, headings.get(key, key), old, new, reason))
        else:
            found.append(Change(at, editor, headings.get(key, key), HIDDEN, HIDDEN, reason))
    return found
