"""Words that mean the same: dialect, old words, typing errors, all rewritten to one word before anything is compared."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

Kind = Literal["同义", "方言", "同音", "称谓"]


class Group(BaseModel):
    """Words that mean the same; the first is what the others become."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind
    words: tuple[str, ...] = Field(min_length=2)
    why: str = Field(min_length=1)


_GROUPS = TypeAdapter(tuple[Group, ...])


def any_of(words: Iterable[str]) -> str:
    """Return a pattern for any of ``words``, the longest that fits; far quicker than the plain alternation of hundreds.

    >>> any_of(["工资", "工钱", "工地工资", "拆"])
    '(?=[工拆])(?:工(?:地工资|资|钱)|拆(?:))'
    """
    rests: dict[str, list[str]] = {}
    for word in sorted(words, key=lambda word: (-len(word), word)):
        rests.setdefault(word[0], []).append(word[1:])
    firsts = "".join(re.escape(first) for first in sorted(rests))
    ways = (f"{re.escape(first)}(?:{'|'.join(map(re.escape, rest))})" for first, rest in sorted(rests.items()))
    return f"(?=[{firsts}])(?:{'|'.join(ways)})"


@dataclass(frozen=True)
class Lexicon:
    """All groups, ready to rewrite a normalised text; the longest word wins where several fit."""

    groups: tuple[Group, ...] = ()
    _first: dict[str, Group] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_first", {word: group for group in self.groups for word in group.words[1:]})

    @classmethod
    def of(cls, data: Any) -> "Lexicon":
        """Make a lexicon of a list of mappings. Raises pydantic's ValidationError."""
        return cls(_GROUPS.validate_python(data or ()))

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        # A word that holds its own first word (工地工资 in a group of 工资) is matched whole, so first words stand here too.
        words = {w for g in self.groups for w in g.words}
        return re.compile(any_of(words)) if words else None

    def rewrite(self, text: str) -> str:
        """Return ``text`` (normalised) with every word of a group replaced by the group's first.

        >>> Lexicon.of([{"kind": "同义", "words": ["工资", "工钱"], "why": "村里的说法"}]).rewrite("老板不给工钱")
        '老板不给工资'
        """
        return self._pattern.sub(self._replaced, text) if self._pattern else text

    def fired(self, text: str) -> list[tuple[str, Group]]:
        """Return the words of ``text`` that were rewritten, in order, each with its group."""
        found = self._pattern.findall(text) if self._pattern else []
        return [(word, self._first[word]) for word in found if word in self._first]

    def clashes(self) -> Iterable[str]:
        """Yield in words what is wrong with the groups as a whole: a word in two of them, or a first word that is rewritten."""
        seen: dict[str, str] = {}
        firsts = {g.words[0] for g in self.groups}
        for group in self.groups:
            for word in dict.fromkeys(group.words):
                if word in seen:
                    yield f"「{word}」在「{seen[word]}」和「{group.words[0]}」两组里都有"
                seen.setdefault(word, group.words[0])
            for word in group.words[1:]:
                if word in firsts:
                    yield f"「{word}」是别组的第一个词，又在「{group.words[0]}」这组里"

    def _replaced(self, found: re.Match[str]) -> str:
        group = self._first.get(found[0])
        return group.words[0] if group else found[0]
