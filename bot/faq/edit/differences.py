"""What a change changed, side by side: an entry field by field under its Chinese headings, any other file line by line."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Literal, NamedTuple

from bot.faq.edit.editing import HEADINGS, LISTS, Fields, fields_of, state_of
from bot.faq.edit.history import entry_of

Kind = Literal["same", "gone", "new"]
CONTEXT = 2
"""How many unchanged lines are shown around a change; of a list none."""

MOST_LINES, MOST_WORDS, MOST_REPLACED = 6000, 1500, 200
"""Longer texts are not compared line by line, longer lines or more at once not word by word: that would take minutes."""

_FEW = 400
"""From so many lines or words on, those that are everywhere are no ground for likeness."""

_ALIKE = 0.35
"""Below this share of common words a line is shown as replaced, for single words that happen to be common only confuse."""

_WORD = re.compile(r"[A-Za-z0-9.]+|\s+|.", re.DOTALL)
_STATUS = {"draft": "草稿", "signed": "已签发", "withdrawn": "已停用"}


class Piece(NamedTuple):
    """A part of a line: in both texts, only in the old one, or only in the new one."""

    kind: Kind
    text: str


class Line(NamedTuple):
    """One line of both texts, side by side; None where a text has none there. skipped: so many unchanged lines stand here."""

    old: tuple[Piece, ...] | None
    new: tuple[Piece, ...] | None
    skipped: int = 0


@dataclass(frozen=True)
class Part:
    """A field that changed, or a whole file; without lines where it is too long to be compared."""

    heading: str
    lines: tuple[Line, ...]


def compared(name: str, old: str | None, new: str | None) -> tuple[Part, ...]:
    """Return what differs between two texts of a file (None: it was not there); nothing where they are the same."""
    if entry_of(name) is not None:
        before, after = (_fields(name, text) if text is not None else {} for text in (old, new))
        if before is not None and after is not None:
            return _of_fields(before, after)
    lines = _lines((old or "").splitlines(), (new or "").splitlines(), CONTEXT)
    return (Part("全文", lines),) if lines or old != new else ()


def _of_fields(old: dict[str, str], new: dict[str, str]) -> tuple[Part, ...]:
    parts = []
    for heading in dict.fromkeys((*new, *old)):
        context = 0 if heading in _LISTED else CONTEXT
        if lines := _lines(old.get(heading, "").splitlines(), new.get(heading, "").splitlines(), context):
            parts.append(Part(heading, lines))
    return tuple(parts)


_LISTED = {HEADINGS[name] for name in LISTS}


def _fields(name: str, text: str) -> dict[str, str] | None:
    """Return the fields of an entry's file as texts under their headings; None where it cannot be made out."""
    path = Path(name)
    said: Fields | None = fields_of(path, text)
    if said is None:
        return None
    found = {heading: "\n".join(v) if isinstance(v := getattr(said, key), tuple) else v for key, heading in HEADINGS.items()}
    status, by, on = state_of(path, text)
    more = {"状态": _STATUS.get(status, status), "审核人": by or "", "审核日期": on.isoformat() if on else ""}
    return {heading: text for heading, text in (found | more).items() if text}


def _lines(old: Sequence[str], new: Sequence[str], context: int) -> tuple[Line, ...]:
    if old == new or max(len(old), len(new)) > MOST_LINES:
        return ()
    found: list[Line] = []
    blocks = _matcher(old, new).get_opcodes()
    for number, (kind, a, b, c, d) in enumerate(blocks):
        if kind == "equal":
            first, last = number == 0, number == len(blocks) - 1
            found += _shortened([Line((Piece("same", t),), (Piece("same", t),)) for t in old[a:b]], context, first, last)
        else:
            found += _replaced(old[a:b], new[c:d])
    return tuple(found)


def _matcher(old: Sequence[str], new: Sequence[str]) -> SequenceMatcher[str]:
    return SequenceMatcher(None, old, new, autojunk=max(len(old), len(new)) > _FEW)


def _shortened(lines: list[Line], context: int, first: bool, last: bool) -> Iterator[Line]:
    before, after = 0 if first else context, 0 if last else context
    skipped = len(lines) - before - after
    if skipped <= 1 and context:
        yield from lines
        return
    if skipped <= 0:
        return
    yield from lines[:before]
    yield Line(None, None, skipped)
    yield from lines[len(lines) - after :] if after else ()


def _replaced(old: Sequence[str], new: Sequence[str]) -> Iterator[Line]:
    for number in range(max(len(old), len(new))):
        before, after = (texts[number] if number < len(texts) else None for texts in (old, new))
        if before is None or after is None or len(old) + len(new) > 2 * MOST_REPLACED:
            yield Line(
                None if before is None else (Piece("gone", before),),
                None if after is None else (Piece("new", after),),
            )
        else:
            yield Line(*_words(before, after))


def _words(old: str, new: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    one, other = _WORD.findall(old), _WORD.findall(new)
    match = _matcher(one, other)
    if max(len(one), len(other)) > MOST_WORDS or match.ratio() < _ALIKE:
        return (Piece("gone", old),), (Piece("new", new),)
    before: list[Piece] = []
    after: list[Piece] = []
    for kind, a, b, c, d in match.get_opcodes():
        if b > a:
            before.append(Piece("same" if kind == "equal" else "gone", "".join(one[a:b])))
        if d > c:
            after.append(Piece("same" if kind == "equal" else "new", "".join(other[c:d])))
    return tuple(before), tuple(after)
