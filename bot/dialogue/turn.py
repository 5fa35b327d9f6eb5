"""What a rule knows of a message, and what it decides."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from bot.dialogue.state import State
from bot.faq.entry import Entry
from bot.faq.library import Snapshot
from bot.faq.town import Village
from bot.ledger.advisers import Adviser
from bot.ledger.database import Database
from bot.ledger.turns import Verdict
from bot.ledger.villagers import Villager
from bot.matching.index import Candidate
from bot.message import Incoming, Reply
from bot.wording.words import Words


@dataclass(frozen=True)
class Context:
    """A message and all that a rule may look at.

    key: the turn's key. text: the message without what XML forbids and blank edges. state: where the conversation
    stands, empty when that was too long ago. villager: what is kept of them. adviser: who it is, where it is one.
    hashed: how a code is kept. draft: makes a draft entry of id, category, question, answer, author; returns its path.
    """

    message: Incoming
    text: str
    now: datetime
    today: date
    snapshot: Snapshot
    state: State = field(default_factory=State)
    villager: Villager = field(default_factory=lambda: Villager(""))
    adviser: Adviser | None = None
    key: str = ""
    hashed: Callable[[str], str] = str
    draft: Callable[[str, str | None, str, str, str], str] = lambda *_: ""

    @property
    def words(self) -> Words:
        """The sentences of the town."""
        return self.snapshot.words

    @property
    def village(self) -> Village | None:
        """The villager's village, if it is kept and still in the town's list."""
        return self.snapshot.village(self.villager.village)


@dataclass(frozen=True)
class Done:
    """What an effect came to: the reply, and where the conversation stands now (None: as before)."""

    reply: Reply
    state: State | None = None


Effect = Callable[[Database], Done]
"""What a decision does in the ledger, in the transaction that records the turn: opening a ticket, keeping a verdict."""


@dataclass(frozen=True)
class Outcome:
    """A rule's decision, as the ledger keeps it, and the reply.

    decision: ``answer``, ``choose``, ``miss``, ``read`` (an entry found by browsing), ``empty``, ``command``, ``event``,
        ``media``, ``crisis`` or ``limited`` (they write too much).
    candidates: the entries that were weighed, best first.
    offered: ids of the entries to choose from; follows: key of the turn whose question this one settles.
    state: where the conversation stands now; None leaves it as it is.
    village: the village to keep. effect: what is done in the ledger; its reply and state take the place of these.
    category, village_of_turn, channel, answered_by: what the row says instead of what follows from the rest.
    topic: what a miss was about: a topic without an entry, or the nearest entry's id.
    secret: neither the words nor who wrote are kept.
    judged: all that ``effect`` does is to keep this verdict on the turn with this key; the reply holds without it.
    """

    reply: Reply
    decision: str
    entry: Entry | None = None
    candidates: tuple[Candidate, ...] = ()
    offered: tuple[str, ...] = ()
    follows: str | None = None
    state: State | None = None
    village: str | None = None
    effect: Effect | None = None
    category: str | None = None
    channel: str | None = None
    village_of_turn: str | None = None
    answered_by: str | None = None
    adviser: int | None = None
    topic: str | None = None
    secret: bool = False
    judged: tuple[str, Verdict] | None = None

    @property
    def score(self) -> float | None:
        """The score of the best candidate."""
        return self.candidates[0].score if self.candidates else None
