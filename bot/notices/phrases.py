"""What a villager can copy from a wall and send: short phrases that the bot answers with just that entry.

A number means something only after a list was shown, so none is printed.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from bot.faq.entry import Entry

Answers = Callable[[str], str | None]
"""Which entry (its id) answers a text that comes fresh; None where none does at once."""

LONGEST, SHORTEST = 14, 4
"""Characters of a phrase that is easily copied from a wall, and of one that says something."""

LONG = 24
"""A whole question may be as long where nothing shorter leads to its entry."""

HALF = 10
"""As many characters fit half a line of a notice."""

MOST = 6
"""As many phrases stand on a notice."""

_BREAKS = re.compile(r"[，,、？?。；;：:！!]+")
_ASKS = re.compile(r"怎么|怎样|吗$|谁|多少|多久|哪|几|什么|如何")
_HANGS = re.compile(r"^(?:能|要|和|或|有|给|被|一方|之后|还)")
_MAY = re.compile(r"能|会|可以")
_PLAIN = re.compile(r"[\u4e00-\u9fff]+")


class Phrase(NamedTuple):
    """A phrase to send, the entry that answers it, and the question that this one stands under."""

    say: str
    entry: str
    question: str


def phrase(entry: Entry, answers: Answers, longest: int = LONG) -> Phrase | None:
    """Return the phrase of at most ``longest`` characters that leads to an entry and reads best, or None where none does."""
    for say in _candidates(entry.question):
        if len(say) <= longest and answers(say) == entry.id:
            return Phrase(say, entry.id, entry.question)
    return None


def phrases(entries: Iterable[Entry], answers: Answers, most: int = MOST) -> tuple[Phrase, ...]:
    """Return phrases for the first ``most`` entries that have one, those first whose phrase fits half a line of a notice."""
    found: dict[str, Phrase] = {}
    listed = tuple(entries)
    for longest in (HALF, LONG):
        for entry in listed:
            if len(found) == most:
                break
            if entry.id not in found and (made := phrase(entry, answers, longest)):
                found[entry.id] = made
    return tuple(found.values())


def _candidates(question: str) -> Iterator[str]:
    """Yield the parts of a question, the best to say first. Phrasings are none: some have the villagers' typing errors."""
    whole = re.sub(r"[“”\"《》]", "", question).strip().rstrip("？?。！!")
    if len(whole) <= LONGEST and not _BREAKS.search(whole):
        yield whole
    parts = [_ended(p) for p in _BREAKS.split(whole) if SHORTEST <= len(p) <= LONGEST and _PLAIN.fullmatch(p)]
    yield from sorted(parts, key=_rank)
    if len(whole) <= LONG:
        yield whole


def _ended(part: str) -> str:
    """Return a part that was cut off from its end as a question: of 能卖、换、出租吗 the part 能卖 becomes 能卖吗."""
    return f"{part}吗" if _MAY.search(part) and not _ASKS.search(part) else part


def _rank(part: str) -> int:
    """Return how well a part of a question stands alone, 0 best: a question of some length, then a matter, then the rest."""
    asks, hangs = bool(_ASKS.search(part)), bool(_HANGS.match(part))
    if asks and len(part) >= 8 and not hangs:
        return 0
    if not asks and not hangs and len(part) >= 5:
        return 1
    if asks and len(part) >= 7:
        return 2
    return 3 if not hangs else 4
