"""Questions that were not answered well, grouped by likeness, with the entries that may be meant."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from bot.faq.entry import Entry
from bot.faq.library import Snapshot
from bot.ledger.misses import Miss
from bot.matching.likeness import grouped
from bot.matching.normalise import normalise

TRIED = 3
"""How many questions of a group are asked again for what may be meant."""

SUGGESTED = 5
LEAST = 0.01
"""What is less likely is not shown beside something that is likelier."""

READS_WELL = 18
"""About so many characters say what it is about."""


@dataclass(frozen=True)
class Said:
    """A question in the words of one villager, and how often it was put so."""

    id: str
    text: str
    times: int


@dataclass(frozen=True)
class Group:
    """Questions about the same thing, in order of time. before: those of them that were dealt with."""

    misses: tuple[Miss, ...]
    before: tuple[Miss, ...] = ()

    @property
    def id(self) -> str:
        """What pages call it: its oldest question; the id of any other leads to it as well."""
        return (self.before + self.misses)[0].id

    @property
    def last(self) -> Miss:
        """The latest question."""
        return self.misses[-1]

    @cached_property
    def said(self) -> tuple[Said, ...]:
        """The questions without those that are the same but for punctuation; what was put most often comes first."""
        first: dict[str, Miss] = {}
        times: Counter[str] = Counter()
        for miss in self.misses:
            key = normalise(miss.text) or miss.text
            first.setdefault(key, miss)
            times[key] += 1
        order = sorted(first, key=lambda key: (-times[key], abs(len(key) - READS_WELL), first[key].at))
        return tuple(Said(first[key].id, first[key].text, times[key]) for key in order)

    @property
    def villages(self) -> list[tuple[str, int]]:
        """The villages and how often each asked."""
        return Counter(miss.village or "村子没说" for miss in self.misses).most_common()

    @property
    def kinds(self) -> Counter[str]:
        """How often it was missed in which way."""
        return Counter(miss.kind for miss in self.misses)

    def since(self, day: date) -> int:
        """Return how many of the questions came on that day or later."""
        return sum(miss.day >= day.isoformat() for miss in self.misses)


@dataclass(frozen=True)
class Suggestion:
    """An entry that may be meant: how likely (0 to 1), and its phrasing that came nearest.

    taken, rejected: how many villagers took it instead of what they were answered, or said that they did not mean it.
    """

    entry: Entry
    score: float
    phrasing: str
    taken: int
    rejected: int


def groups(found: Sequence[Miss], snapshot: Snapshot) -> list[Group]:
    """Group questions in order of time; those groups of which something is not dealt with, the largest first."""
    made = []
    for places in grouped([miss.text for miss in found], snapshot.index):
        members = [found[n] for n in places]
        waiting = tuple(miss for miss in members if miss.action is None)
        if waiting:
            made.append(Group(waiting, tuple(miss for miss in members if miss.action is not None)))
    return _sorted(made)


def only(found: Sequence[Group], wanted: Callable[[Miss], bool]) -> list[Group]:
    """Return the groups with the questions that are wanted, without those that have none of them."""
    kept = [replace(group, misses=tuple(filter(wanted, group.misses))) for group in found]
    return _sorted([group for group in kept if group.misses])


def find(groups_: Sequence[Group], id_: str) -> Group | None:
    """Return the group that holds a question, or None."""
    return next((group for group in groups_ if any(miss.id == id_ for miss in (*group.misses, *group.before))), None)


def suggestions(group: Group, snapshot: Snapshot) -> list[Suggestion]:
    """Return the entries that may be meant, those that villagers took instead first."""
    tried = [said.text for said in group.said[:TRIED]]
    scores: dict[str, float] = {}
    nearest: dict[str, str] = {}
    for text in tried:
        for candidate in snapshot.index.ranking(text, limit=SUGGESTED).candidates:
            scores[candidate.id] = scores.get(candidate.id, 0.0) + candidate.score / len(tried)
            nearest.setdefault(candidate.id, candidate.phrasing)
    taken = Counter(miss.chosen for miss in group.misses if miss.chosen)
    rejected = Counter(miss.entry_id for miss in group.misses if miss.kind == "wrong")
    live = {id_ for id_ in {*scores, *taken} if id_ in snapshot.entries and snapshot.entries[id_].status != "withdrawn"}
    order = sorted(live, key=lambda id_: (-taken[id_], -scores.get(id_, 0.0), id_))
    found = [
        Suggestion(snapshot.entries[id_], scores.get(id_, 0.0), nearest.get(id_, ""), taken[id_], rejected[id_])
        for id_ in order[:SUGGESTED]
    ]
    return [one for place, one in enumerate(found) if not place or one.taken or one.score >= LEAST]


def _sorted(found: list[Group]) -> list[Group]:
    """Put the largest first, of those of one size the one that was asked last."""
    return sorted(sorted(found, key=lambda group: group.last.at, reverse=True), key=lambda group: -len(group.misses))
