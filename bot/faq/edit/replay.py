"""Which questions would get another answer: the snapshot as it would be after an edit, and the same questions asked of both."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from bot.faq.entry import Entry
from bot.faq.library import Snapshot
from bot.matching.index import Index

MOST = 2000
"""So many of the last questions are asked again."""

PATIENCE = 25.0
"""Seconds that somebody waits for the one who is trying something just now."""

KEPT_SECONDS = 600.0


class Occupied(Exception):
    """Somebody else is trying an edit; only one is tried at a time."""


class Said(NamedTuple):
    """What a question gets. key: the same for the same answer; words: for people; entry: the id of the entry that answers."""

    key: Hashable
    words: str
    entry: str | None = None


class Swap(NamedTuple):
    """A question that gets another answer: how often it was asked, what it gets now, what it would get."""

    question: str
    times: int
    before: str
    after: str


@dataclass(frozen=True)
class Replay:
    """What asking again came to. asked: all questions, those asked twice twice; same: how many get the same entry or list.

    own: how many get the edited entry before and after, and so read what was edited.
    """

    asked: int
    same: int
    own: int
    swaps: tuple[Swap, ...]


def with_entry(snapshot: Snapshot, entry: Entry, *, learn: bool = False, memory: Path | None = None) -> Snapshot:
    """Return the snapshot as it is once the entry is saved; takes seconds.

    learn: as it is once its phrasings are learned too, some ten seconds after that; else as it is at once.
    """
    entries = MappingProxyType({**snapshot.entries, entry.id: entry})
    now = snapshot.index
    same = (old := snapshot.entries.get(entry.id)) is not None and _matched_by(old) == _matched_by(entry)
    if same and now.has_learned_all:
        return replace(snapshot, entries=entries)
    index = Index(entries.values(), now.lexicon, now.model, now.outside, None if learn else now, memory)
    return replace(snapshot, entries=entries, index=index)


def replay(
    questions: Iterable[str],
    before: Callable[[str], Said],
    after: Callable[[str], Said],
    *,
    edited: str = "",
    tell: Callable[[int, int], None] = lambda done, of: None,
) -> Replay:
    """Ask all questions before and after; ``tell`` is told how many of how many different ones are done."""
    times = Counter(questions)
    swaps, same, own = [], 0, 0
    for done, (question, count) in enumerate(times.items()):
        tell(done, len(times))
        old, new = before(question), after(question)
        if old.key != new.key:
            swaps.append(Swap(question, count, old.words, new.words))
            continue
        same += count
        own += count if edited and old.entry == edited else 0
    tell(len(times), len(times))
    swaps.sort(key=lambda swap: -swap.times)
    return Replay(sum(times.values()), same, own, tuple(swaps))


@dataclass
class Trials:
    """Snapshots of edits that are being tried: one is built at a time, and the last is kept for a while."""

    memory: Path | None = None
    patience: float = PATIENCE
    clock: Callable[[], float] = time.monotonic
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _last: tuple[object, Entry, bool, Snapshot, float] | None = None

    def snapshot(self, base: Snapshot, entry: Entry, *, learn: bool = False) -> Snapshot:
        """Return ``with_entry``, at once where this very edit was tried last. Raises Occupied."""
        if not self._lock.acquire(timeout=self.patience):
            raise Occupied
        try:
            last = self._last
            if last and last[0] is base.index and last[1] == entry and last[2] >= learn:
                self._last = (*last[:4], self.clock())
                return replace(last[3], entries=MappingProxyType({**base.entries, entry.id: entry}))
            self._last = None  # an index is large: the old one goes before the new one is made
            made = with_entry(base, entry, learn=learn, memory=self.memory)
            self._last = base.index, entry, learn, made, self.clock()
            return made
        finally:
            self._lock.release()

    def forget_old(self) -> None:
        """Let go of what nobody tried for ten minutes, or what was built on knowledge that changed since."""
        last = self._last
        if last and self.clock() - last[4] > KEPT_SECONDS:
            self._last = None


def _matched_by(entry: Entry) -> Mapping[str, object]:
    """Return what the index makes of an entry."""
    return entry.model_dump(include={"id", "category", "question", "phrasings", "answer", "related", "not_to_confuse_with"})
