"""A made-up year: who asks about what, when, and how often; then written in batches."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from typing import Literal

import numpy as np

from bot.ledger import advisers as people
from bot.ledger.advisers import Role
from bot.ledger.database import Database
from bot.ledger.register.fields import Lists
from bot.ledger.sample.book import PREFIX, Book, Post, Who
from bot.ledger.sample.registers import Town, enter
from bot.ledger.sample.scenes import ASIDES, SCENES, Topic, aside
from bot.ledger.sample.words import HOURS, SENTENCES, asked_about, busy
from bot.ledger.store import Store
from bot.message import WEB, WECHAT_TEXT, WECHAT_VOICE

BATCH = 100_000
"""Rows in one transaction."""

OFFLINE = 0.08
"""The share of consultations that people hold and enter in the register."""

_STRANGERS = 0.12
"""Villagers who never said where they live."""


@dataclass(frozen=True)
class _Villagers:
    """Everybody who may ask; ``often`` sums up how often each does, from 0 to 1, few of them very often."""

    names: list[str]
    villages: list[str | None]
    web: list[bool]
    spoken: list[float]
    often: np.ndarray

    def drawn(self, rng: np.random.Generator, count: int) -> list[Who]:
        """Return who asks ``count`` times, each with the channel used this time."""
        chosen = np.minimum(self.often.searchsorted(rng.random(count)), len(self.names) - 1).tolist()
        found = []
        for n, luck in zip(chosen, rng.random(count).tolist(), strict=True):
            spoken = luck < self.spoken[n]
            channel = WEB if self.web[n] else WECHAT_VOICE if spoken else WECHAT_TEXT
            kind = "voice" if channel == WECHAT_VOICE else "text"
            found.append(Who(self.names[n], self.villages[n], channel, kind))
        return found


def fill(
    store: Store,
    *,
    year: int,
    consultations: int,
    seed: int,
    villages: Sequence[str],
    categories: Mapping[str, Sequence[str]],
    advisers: Sequence[tuple[str, Role, str | None]],
    lists: Lists | None = None,
) -> None:
    """Write a year of about ``consultations`` consultations, with all the messages that are none, tickets and alarms.

    categories: the entry ids of each. advisers: name, role and village of those who answer; at least one.
    lists: the town's choices for the registers; with them these get their rows too, and some of the consultations.
    The same arguments give the same rows. The villagers of one seed are the same in every year.
    """
    store.expect(date(year, 1, 1), date(year, 12, 31))
    rng = np.random.default_rng([seed, year])
    asking = _villagers(seed, max(20, consultations * 5 // 11), villages)
    topics = _topics(seed, categories)
    offline = round(OFFLINE * consultations) if lists else 0
    days = [date(year, 1, 1) + timedelta(n) for n in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)]
    much = np.array([busy(day) for day in days])
    counts = rng.multinomial(consultations - offline, much / much.sum()).tolist()
    with store.writing() as db:
        posts = _posts(db, advisers)
        book = Book(year, posts, _last(db, "tickets"), _last(db, "duties"))
    for day, count in zip(days, counts, strict=True):
        book.open(day)
        _ask(book, rng, asking.drawn(rng, count), topics)
        _add_asides(book, rng, asking, topics, count)
        if len(book.asked) >= BATCH or day == days[-1]:
            with store.writing() as db:
                book.write(db)
    if lists is not None:
        lawyers = {village: name for name, role, village in advisers if role == "法律顾问" and village}
        with store.writing() as db:
            enter(db, Town(year, lists, villages, lawyers, offline), seed=seed)


def holds(store: Store) -> Literal["nothing", "sample", "real"]:
    """Tell what is in the ledger: no turn at all, the turns of ``fill`` (others may have come since), or only others."""
    (row,) = store.query(
        "select count(*) as turns, sum(case when key like :sample then 1 else 0 end) as sample from turns",
        {"sample": f"{PREFIX}%"},
    )
    return "sample" if row["sample"] else "real" if row["turns"] else "nothing"


def _ask(book: Book, rng: np.random.Generator, asking: list[Who], topics: Sequence[Topic]) -> None:
    much = np.array([asked_about(topic.category, book.day) for topic in topics])
    about = rng.choice(len(topics), len(asking), p=much / much.sum()).tolist()
    plays = [play for _, play in SCENES.values()]
    scenes = rng.choice(len(plays), len(asking), p=[share for share, _ in SCENES.values()]).tolist()
    luck = rng.random((len(asking), 6)).tolist()
    for who, topic, scene, at, chances in zip(asking, about, scenes, _seconds(rng, len(asking)), luck, strict=True):
        plays[scene](book, who, topics[topic], at, chances)


def _add_asides(book: Book, rng: np.random.Generator, asking: _Villagers, topics: Sequence[Topic], count: int) -> None:
    for name, share in ASIDES.items():
        often = rng.poisson(share * count)
        luck = rng.random((often, 6)).tolist()
        about = rng.integers(len(topics), size=often).tolist()
        for who, topic, at, chances in zip(asking.drawn(rng, often), about, _seconds(rng, often), luck, strict=True):
            aside(book, name, who, topics[topic], at, chances)


def _seconds(rng: np.random.Generator, count: int) -> list[int]:
    """Return times of a day in seconds after midnight, as people are awake; none in its last minutes."""
    hours = rng.choice(24, count, p=np.array(HOURS) / sum(HOURS))
    found: list[int] = np.minimum(hours * 3600 + rng.integers(0, 3600, count), 86_400 - 600).tolist()
    return found


def _villagers(seed: int, count: int, villages: Sequence[str]) -> _Villagers:
    """Return the first ``count`` villagers of a seed; each trait has its own numbers, so that more of them change none."""
    names, often, home, ways = (np.random.default_rng([seed, trait]) for trait in range(4))
    digits = names.bytes(16 * count).hex()
    size = np.array([1 / (2 + n % 7) for n in range(len(villages))])
    lives = home.choice(len(villages), count, p=size / size.sum()).tolist()
    way = ways.random((count, 2)).tolist()
    times = often.lognormal(0, 0.9, count).cumsum()
    return _Villagers(
        names=[digits[n : n + 32] for n in range(0, len(digits), 32)],
        villages=[None if luck < _STRANGERS else villages[n] for n, (_, luck) in zip(lives, way, strict=True)],
        web=[luck < 0.2 for luck, _ in way],
        spoken=[0.8 if luck < 0.35 else 0.06 for luck, _ in way],
        often=times / times[-1],
    )


def _topics(seed: int, categories: Mapping[str, Sequence[str]]) -> list[Topic]:
    """Return the categories with how often each entry is asked for; the order of the entries comes from the seed."""
    rng = np.random.default_rng([seed, 9])
    topics = []
    for category, entries in categories.items():
        shuffled = rng.permutation(np.array(entries)).tolist()
        weights = [1 / (n + 1) for n in range(len(shuffled))]
        often = [so_far / sum(weights) for so_far in accumulate(weights)]
        sentences = SENTENCES.get(category, (f"想问问{category}的事",))
        weak = (rng.random(len(shuffled)) < 0.08).tolist()
        offered = [json.dumps((shuffled * 3)[n : n + 3][: len(shuffled)]) for n in range(len(shuffled))]
        topics.append(Topic(category, sentences, shuffled, often, weak, offered))
    return topics


def _posts(db: Database, advisers: Sequence[tuple[str, Role, str | None]]) -> list[Post]:
    """Return the advisers as rows; who is not there yet is added."""
    there = {(p.name, p.role): p for p in people.everybody(db)}
    found = [there.get((name, role)) or people.add(db, name=name, role=role, village=at) for name, role, at in advisers]
    return [Post(p.number, role, p.village) for p, (_, role, _) in zip(found, advisers, strict=True)]


def _last(db: Database, table: str) -> int:
    number: int = db.execute(f"select coalesce(max(number), 0) from {table}").fetchone()[0]
    return number
