"""Two people changed one entry: what each changed, field by field, and both together where that loses nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

from bot.faq.edit.editing import HEADINGS, LISTS, Fields

Kind = Literal["theirs", "both", "conflict"]


@dataclass(frozen=True)
class Difference:
    """A field that somebody else changed meanwhile: before, theirs, mine, and what is proposed.

    kind: ``theirs``: only they changed it (or both in the same way), taken over; ``both``: a list to which each of the two
    added and from which each took; ``conflict``: two different texts, of which a person chooses.
    """

    field: str
    before: str
    theirs: str
    mine: str
    proposed: str
    kind: Kind

    @property
    def heading(self) -> str:
        """What the field is called."""
        return HEADINGS[self.field]

    @property
    def is_list(self) -> bool:
        """Tell whether it is a list, of which what was added and taken out says all."""
        return self.field in LISTS

    def lines(self, text: str) -> list[tuple[str, str]]:
        """Return what a text adds to the list before (＋) and takes out of it (－)."""
        old, new = self.before.split("\n"), text.split("\n")
        out = [("－", one) for one in old if one and one not in new]
        return [*(("＋", one) for one in new if one and one not in old), *out]


@dataclass(frozen=True)
class Merged:
    """The fields as they are proposed (mine where there is a conflict), and what the other changed."""

    fields: Fields
    differences: tuple[Difference, ...]

    @property
    def conflicts(self) -> tuple[str, ...]:
        """The fields of which a person must choose."""
        return tuple(d.field for d in self.differences if d.kind == "conflict")


def merge(before: Fields, theirs: Fields, mine: Fields) -> Merged:
    """Merge two edits of what stood ``before``: nothing that either of the two wrote is dropped unasked."""
    proposed: dict[str, Any] = {}
    found = []
    for f in fields(Fields):
        old, other, own = (getattr(one, f.name) for one in (before, theirs, mine))
        proposed[f.name] = own
        if other == old:
            continue
        kind: Kind = "theirs"
        if own in (old, other):
            proposed[f.name] = other
        elif f.name in LISTS:
            kind, proposed[f.name] = "both", _together(old, other, own)
        else:
            kind = "conflict"
        found.append(Difference(f.name, _text(old), _text(other), _text(own), _text(proposed[f.name]), kind))
    return Merged(Fields(**proposed), tuple(found))


def _together(old: Sequence[str], other: Sequence[str], own: Sequence[str]) -> tuple[str, ...]:
    dropped = set(old) - set(own)
    return tuple(dict.fromkeys((*(one for one in other if one not in dropped), *(one for one in own if one not in old))))


def _text(value: str | Sequence[str]) -> str:
    return value if isinstance(value, str) else "\n".join(value)
