"""What a rule knows of the message before it, and what it decides."""

from dataclasses import dataclass
from datetime import date, datetime

from bot.faq.entry import Entry
from bot.faq.library import Snapshot
from bot.matching.index import Candidate
from bot.message import Incoming, Reply


@dataclass(frozen=True)
class Offer:
    """What the villager was shown last: the turn's key, the entries to choose from, the entry that was answered."""

    key: str
    entries: tuple[str, ...]
    answered: str | None


@dataclass(frozen=True)
class Context:
    """A message and all that a rule may look at. ``text`` is the message without what XML forbids and blank edges."""

    message: Incoming
    text: str
    now: datetime
    today: date
    snapshot: Snapshot
    offer: Offer | None


@dataclass(frozen=True)
class Outcome:
    """A rule's decision, as the ledger keeps it, and the reply.

    decision: ``answer``, ``choose``, ``miss``, ``empty``, ``command``, ``event`` or ``media``.
    candidates: the entries that were weighed, best first.
    offered: ids of the entries to choose from; follows: key of the turn whose question this one settles.
    """

    reply: Reply
    decision: str
    entry: Entry | None = None
    candidates: tuple[Candidate, ...] = ()
    offered: tuple[str, ...] = ()
    follows: str | None = None

    @property
    def score(self) -> float | None:
        """The score of the best candidate."""
        return self.candidates[0].score if self.candidates else None
