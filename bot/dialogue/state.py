"""Where a conversation stands: what the next number, 「更多」 or 「没用」 of a villager refers to."""

from dataclasses import dataclass
from datetime import timedelta

from pydantic import TypeAdapter, ValidationError

STATE_LASTS = timedelta(minutes=30)
"""How long a number still means what was offered."""


@dataclass(frozen=True)
class Choice:
    """A numbered way on: what it shows, and the action that it stands for (``menu.ACTIONS``), as ``name`` or ``name:value``."""

    label: str
    action: str


@dataclass(frozen=True)
class State:
    """Kept as JSON between two messages of a villager; without it, every message is the first.

    choices: what 1, 2, 3 … stand for; back: what 0 stands for.
    question: key of the turn that asked what is being settled; shown: key of the turn that showed ``entry``.
    others: ids that may be meant instead of ``entry``, best first.
    rest: parts of a long text that were not shown yet, with ``tail`` under each.
    misses: how many questions in a row had no answer.
    asking: what the next text is taken as, where it is no question: ``ticket``.
    """

    choices: tuple[Choice, ...] = ()
    back: str = ""
    question: str = ""
    shown: str = ""
    entry: str = ""
    others: tuple[str, ...] = ()
    rest: tuple[str, ...] = ()
    tail: str = ""
    misses: int = 0
    asking: str = ""


_STATES = TypeAdapter(State)


def to_json(state: State) -> str:
    """Return the state as it is kept."""
    return _STATES.dump_json(state, exclude_defaults=True).decode()


def from_json(text: str | None) -> State:
    """Return the state that was kept; the empty one for what an older or newer version wrote."""
    try:
        return _STATES.validate_json(text or "{}")
    except ValidationError:
        return State()
