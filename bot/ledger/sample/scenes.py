"""What happens in a made-up ledger: each scene is a consultation, each aside a message that is none."""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from bot.ledger.sample.book import Book, Who
from bot.ledger.sample.words import BEFORE, EMERGENCIES, MISSED, OUTCOMES, TICKET_ANSWERS
from bot.ledger.tickets import Because
from bot.message import ON_BEHALF, WEB, WECHAT_TEXT

Chances = Sequence[float]
"""Six random numbers from 0 to 1 that decide what happens in a scene."""


class Topic(NamedTuple):
    """A category: how people ask, its entries, and of each how often it is asked for, whether it answers badly, the choice.

    often: summed up, to 1 at the last. offered: the entry and two others, as a turn keeps what was offered.
    """

    category: str
    sentences: Sequence[str]
    entries: Sequence[str]
    often: Sequence[float]
    weak: Sequence[bool]
    offered: Sequence[str]

    def entry(self, luck: float) -> int:
        """Return the place of the entry that is asked for."""
        return min(bisect_left(self.often, luck), len(self.entries) - 1)


Scene = Callable[[Book, Who, Topic, int, Chances], None]


def answered(book: Book, who: Who, topic: Topic, at: int, luck: Chances) -> None:
    """Ask and get the answer; sometimes with a greeting before and a verdict after."""
    if luck[0] < 0.2:
        book.turn(who, max(0, at - 40), "command", BEFORE[int(luck[0] * 20)])
    entry = topic.entry(luck[1])
    text, score = topic.sentences[int(luck[2] * len(topic.sentences))], round(0.55 + 0.44 * luck[2], 3)
    retries = 1 + int(luck[0] * 2) if luck[3] > 0.985 and who.adviser is None else 0
    wrong = luck[4] < (0.2 if topic.weak[entry] else 0.015)
    verdict = "wrong" if wrong else "helped" if luck[5] < 0.15 else "useless" if luck[5] > 0.97 else None
    key = book.turn(
        who, at, "answer", text, category=topic.category, entry=topic.entries[entry], score=score,
        verdict=verdict, superseded=int(wrong), retries=retries,
    )  # fmt: skip
    if wrong and luck[3] < 0.25:
        book.turn(_typing(who), at + 30, "miss", "0", follows=key)
    elif wrong:
        book.turn(_typing(who), at + 30, "choose", "0", follows=key, offered=topic.offered[(entry + 1) % len(topic.entries)])
        chosen = (entry + 1) % len(topic.entries)
        book.turn(
            _typing(who), at + 60, "answer", "1", category=topic.category, entry=topic.entries[chosen], score=score, follows=key
        )
    elif verdict == "helped":
        book.turn(_typing(who), at + 45, "command", "有用")
    elif verdict == "useless":
        book.turn(_typing(who), at + 45, "command", "没用")
        _wait(book, who, at + 45, "useless", text, topic.category, key, luck)
    elif luck[3] < 0.02:
        book.turn(_typing(who), at + 60, "command", "人工")
        _wait(book, who, at + 60, "asked", text, topic.category, key, luck)


def asked_again(book: Book, who: Who, topic: Topic, at: int, luck: Chances) -> None:
    """Ask twice about one matter on one day: two messages, one consultation."""
    answered(book, who, topic, at, luck)
    answered(book, who, topic, at + 240, (0.9, luck[3], luck[1], 0.5, 0.9, luck[2]))


def chosen(book: Book, who: Who, topic: Topic, at: int, luck: Chances) -> None:
    """Get a list and choose from it: the choice settles the question."""
    entry = topic.entry(luck[1])
    text, score = topic.sentences[int(luck[2] * len(topic.sentences))], round(0.3 + 0.25 * luck[2], 3)
    offered = topic.offered[entry]
    key = book.turn(who, at, "choose", text, score=score, offered=offered, superseded=1)
    verdict = "helped" if luck[5] < 0.15 else None
    book.turn(
        _typing(who), at + 25, "answer", "1", category=topic.category, entry=topic.entries[entry], follows=key, verdict=verdict
    )
    if verdict:
        book.turn(_typing(who), at + 80, "command", "有用")


def undecided(book: Book, who: Who, topic: Topic, at: int, luck: Chances) -> None:
    """Get a list and choose nothing."""
    text = topic.sentences[int(luck[2] * len(topic.sentences))]
    book.turn(who, at, "choose", text, score=round(0.3 + 0.1 * luck[2], 3), offered=topic.offered[topic.entry(luck[1])])


def missed(book: Book, who: Who, topic: Topic, at: int, luck: Chances) -> None:
    """Ask something without an answer; the second time a person takes over."""
    text, about = MISSED[int(luck[1] ** 2 * len(MISSED))]
    if luck[5] < 0.3:  # there is an entry, and the question was put too oddly for it
        text, about = topic.sentences[int(luck[2] * len(topic.sentences))], topic.entries[topic.entry(luck[1])]
    key = book.turn(who, at, "miss", text, score=round(0.2 * luck[2], 3), topic=about)
    if luck[3] < 0.3:
        again = book.turn(who, at + 50, "miss", text, topic=about)
        _wait(book, who, at + 50, "missed", text, None, again, luck)
    elif luck[3] < 0.4:
        book.turn(_typing(who), at + 30, "command", "00")
        _wait(book, who, at + 30, "asked", text, None, key, luck)


def on_behalf(book: Book, who: Who, topic: Topic, at: int, luck: Chances) -> None:
    """Let somebody who may ask for others ask."""
    by = book.post("法律明白人", who.village)
    other = Who(_nobody(luck), who.village or by.village, ON_BEHALF, "text", by.number)
    if luck[3] < 0.08:
        text, about = MISSED[int(luck[1] * len(MISSED))]
        book.turn(other, at, "miss", text, score=0.1, topic=about)
    else:
        answered(book, other, topic, at, (0.9, luck[1], luck[2], 0.5, 0.9, 0.5))


SCENES: Mapping[str, tuple[float, Scene]] = {
    "answered": (0.64, answered),
    "asked again": (0.09, asked_again),
    "chosen": (0.14, chosen),
    "undecided": (0.03, undecided),
    "missed": (0.07, missed),
    "on behalf": (0.03, on_behalf),
}
"""How often each happens, and what."""

ASIDES: Mapping[str, float] = {
    "read": 0.05,
    "thanks": 0.06,
    "subscribe": 0.03,
    "picture": 0.02,
    "alarm": 0.004,
    "staff": 0.015,
    "empty": 0.003,
}
"""Messages that are no consultation, for each consultation."""


def aside(book: Book, name: str, who: Who, topic: Topic, at: int, luck: Chances) -> None:
    """Add a message that is no consultation."""
    if name == "read":
        entry = topic.entries[topic.entry(luck[0])]
        book.turn(who, at, "read", "1", category=topic.category, entry=entry)
    elif name in {"subscribe", "picture"}:
        decision, kind = ("event", "subscribe") if name == "subscribe" else ("media", "image")
        villager = _nobody(luck) if who.channel == WEB else who.villager
        book.turn(who._replace(villager=villager, channel=WECHAT_TEXT), at, decision, None, kind=kind)
    elif name == "alarm":
        kind, reported = EMERGENCIES[int(luck[0] * len(EMERGENCIES))]
        book.turn(who._replace(villager=_nobody(luck)), at, "crisis", None, category=kind)
        if reported:
            book.duty(at, kind, village=who.village, outcome=OUTCOMES[int(luck[1] * len(OUTCOMES))], luck=luck[2])
    elif name == "staff":
        by = book.posts[int(luck[0] * len(book.posts))]
        tried = Who(f"{by.number:032x}", by.village, WECHAT_TEXT, "text", by.number)
        if luck[2] < 0.5:
            book.turn(tried, at, "command", f"记 电话 {topic.category}")
        else:
            entry = topic.entries[topic.entry(luck[1])]
            book.turn(tried, at, "answer", topic.sentences[0], category=topic.category, entry=entry, score=0.9)
    else:
        book.turn(who, at, "empty" if name == "empty" else "command", "谢谢" if name == "thanks" else None)


def _wait(book: Book, who: Who, at: int, because: Because, text: str, category: str | None, turn: str, luck: Chances) -> None:
    answer = TICKET_ANSWERS[int(luck[2] * len(TICKET_ANSWERS))]
    chance = luck[4] * 7 % 1
    book.ticket(who, at, because, question=text, category=category, turn=turn, answer=answer, luck=chance)


def _typing(who: Who) -> Who:
    """Return ``who`` with the digits and words that are typed even by those who speak."""
    return who._replace(channel=WECHAT_TEXT, kind="text") if who.kind == "voice" else who


def _nobody(luck: Chances) -> str:
    """Return a name under which nobody comes again."""
    return f"{int(luck[0] * 2**53):016x}{int(luck[5] * 2**53):016x}"
