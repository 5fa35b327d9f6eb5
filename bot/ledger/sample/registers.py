"""The made-up rows of the seven registers: about what a town of a dozen villages enters in a year."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any

import numpy as np

from bot.ledger.clock import CHINA
from bot.ledger.database import Database
from bot.ledger.register import records
from bot.ledger.register.definitions import (
    ANSWERERS,
    BODIES,
    CHANNELS,
    DISPUTES,
    FAILED,
    OF_TOWN,
    OF_VILLAGE,
    OTHER_TOWN,
    OUTCOMES,
    PENDING,
    REGISTERS,
    SETTLED,
    SOURCES,
    UNKNOWN_VILLAGE,
)
from bot.ledger.register.fields import Lists
from bot.ledger.sample.words import ACTIVITIES, DISPUTED, ENTERED_BY, GROUPS, LECTURES, SENTENCES, STUDIES, TRAININGS, busy

Values = dict[str, Any]


@dataclass(frozen=True)
class Town:
    """What the rows may name, and how much there is of it.

    lawyers: the lawyer of each village. offline: consultations that people held.
    """

    year: int
    lists: Lists
    villages: Sequence[str]
    lawyers: Mapping[str, str]
    offline: int

    @property
    def days(self) -> list[date]:
        """Every day of the year."""
        first = date(self.year, 1, 1)
        return [first + timedelta(n) for n in range((first.replace(year=self.year + 1) - first).days)]


def enter(db: Database, town: Town, *, seed: int) -> None:
    """Enter the rows of a year, each month's at the end of the month. Raises MonthClosed."""
    rng = np.random.default_rng([seed, town.year, 7])
    roster = not db.execute("select 1 from people limit 1").fetchone()
    rows = {
        "offline": list(_offline(town, rng)),
        "services": [*_duties(town, rng), *_for_the_town(town, rng)],
        "people": list(_people(town, rng, whole=roster)),
        "trainings": list(_trainings(town)),
        "activities": list(_activities(town, rng)),
        "disputes": list(_disputes(town, rng)),
        "inspections": list(_inspections(town, rng)),
    }
    for key, found in rows.items():
        for month, of_month in groupby(sorted(found, key=lambda row: row["day"]), key=lambda row: row["day"][:7]):
            after = date.fromisoformat(f"{month}-28") + timedelta(days=4)
            now = datetime.combine(after.replace(day=1), time(9), CHINA)
            records.add_all(db, REGISTERS[key], list(of_month), by=ENTERED_BY, now=now)


def _offline(town: Town, rng: np.random.Generator) -> Iterator[Values]:
    much = np.array([busy(day) for day in town.days])
    categories = list(town.lists.texts["类别"])
    groups = town.lists.texts["人群"]
    for day, count in zip(town.days, rng.multinomial(town.offline, much / much.sum()), strict=True):
        for _ in range(count):
            category = "其他" if rng.random() < 0.04 else _one(rng, categories)
            village = _one(rng, town.villages)
            if rng.random() < 0.15:
                village = _one(rng, (UNKNOWN_VILLAGE, UNKNOWN_VILLAGE, OTHER_TOWN))
            who = _one(rng, (*ANSWERERS, "法律顾问"))
            yield {
                "day": day.isoformat(),
                "village": village,
                "channel": _one(rng, (*CHANNELS, "来访", "来访", "电话", "电话")),
                "category": category,
                "groups": "、".join(g for g in groups if rng.random() < GROUPS.get(g, 0.04)) or None,
                "people": 1 if rng.random() < 0.93 else int(rng.integers(2, 5)),
                "summary": _one(rng, SENTENCES.get(category, ("想问问手续怎么办",))),
                "answered_by": who,
                "adviser": town.lawyers.get(village) if who == "法律顾问" else None,
                "result": "已解答" if rng.random() < 0.8 else _one(rng, OUTCOMES),
                "minutes": int(rng.integers(1, 10)) * 5,
                "satisfaction": None if rng.random() < 0.4 else int(rng.choice([5, 5, 5, 4, 4, 3])),
            }


def _duties(town: Town, rng: np.random.Generator) -> Iterator[Values]:
    """Eight hours a month in each village, sometimes half of it; a lecture each quarter; now and then something else."""
    for village in town.villages:
        common = {"served": OF_VILLAGE, "village": village, "adviser": town.lawyers.get(village, "示例顾问"), "quantity": 1}
        for month in range(1, 13):
            missed = rng.random() < 1 / 12
            for start in (6,) if missed else (4, 18):
                day = _weekday(date(town.year, month, start))
                ended = _one(rng, ("12:30", "13:00"))
                yield common | {
                    "day": day.isoformat(),
                    "manner": "到村",
                    "started": "08:30",
                    "ended": ended,
                    "hours": 4.0 if ended == "12:30" else 4.5,
                    "kind": "坐班值班",
                    "content": "示例：在村委会坐班，解答来访",
                    "evidence": "示例：签到表",
                    "confirmed": "是",
                }
            if month % 3 == 2 and rng.random() < 0.93:
                yield common | {
                    "day": _weekday(date(town.year, month, 23)).isoformat(),
                    "manner": "到村",
                    "hours": 1.5,
                    "kind": "法治讲座",
                    "attendance": int(rng.integers(20, 70)),
                    "content": _one(rng, LECTURES),
                    "confirmed": "是",
                }
            if rng.random() < 0.25:
                yield common | {
                    "day": _weekday(date(town.year, month, int(rng.integers(8, 16)))).isoformat(),
                    "manner": _one(rng, ("到村", "线上", "电话")),
                    "hours": 1.0,
                    "kind": _one(rng, ("参与调解", "文书起草", "法律援助", "法律意见书", "合同审查")),
                }


def _for_the_town(town: Town, rng: np.random.Generator) -> Iterator[Values]:
    """What the government's own adviser did."""
    common = {"served": OF_TOWN, "adviser": "示例政府法律顾问", "manner": "线上"}
    for kind, count in (("合同审查", 36), ("法律意见书", 2), ("现场解答", 13)):
        for day in _spread(town, rng, count):
            quantity = int(rng.integers(1, 5)) if kind == "合同审查" else 1
            yield common | {"day": day.isoformat(), "kind": kind, "quantity": quantity}


def _people(town: Town, rng: np.random.Generator, *, whole: bool) -> Iterator[Values]:
    """The roster: five or six for each village to begin with, then a few who join and one who leaves."""
    kinds = town.lists.texts["明白人类别"]
    joined = [(village, date(town.year, 1, 10)) for village in town.villages for _ in range(5)] if whole else []
    joined += [(village, day) for village, day in zip(town.villages, _spread(town, rng, 6), strict=False)]
    for number, (village, day) in enumerate(joined, 1):
        leaves = number == len(joined)
        yield {
            "day": day.isoformat(),
            "name": f"示例明白人{town.year % 100}{number:02d}",
            "village": village,
            "kind": _one(rng, kinds),
            "chosen": _one(rng, ("自荐", "推荐")),
            "qualified": day.isoformat(),
            "certificate": f"示例{town.year}{number:03d}",
            "left_on": date(town.year, 12, 31).isoformat() if leaves else None,
            "left_because": "示例：外出务工" if leaves else None,
        }


def _trainings(town: Town) -> Iterator[Values]:
    for month, topic in zip((3, 6, 9, 11), TRAININGS, strict=True):
        day = _weekday(date(town.year, month, 15)).isoformat()
        yield {
            "day": day,
            "topic": topic,
            "hours": 4.0,
            "attendance": 60 + month % 5,
            "everybody": "是",
            "organiser": "示例镇司法所",
        }


def _activities(town: Town, rng: np.random.Generator) -> Iterator[Values]:
    known, settings = town.lists.texts["形式"], town.lists.texts["七进"]
    for form, count, ranges in ACTIVITIES:
        for n, day in enumerate(_spread(town, rng, count)):
            village = town.villages[n % len(town.villages)]
            yield {
                "day": day.isoformat(),
                "place": f"{village}（示例）",
                "village": village,
                "topic": form if form.startswith(STUDIES) else _one(rng, LECTURES),
                "setting": _one(rng, settings),
                "form": form if form in known else known[0],
                "organiser": "示例镇司法所",
                "times": 1,
                **{key: int(rng.integers(low, high + 1)) for key, (low, high) in ranges.items()},
                "evidence": "示例：照片3张",
            }


def _disputes(town: Town, rng: np.random.Generator) -> Iterator[Values]:
    weights = np.array([DISPUTED.get(name, 1) for name in DISPUTES], float)
    for day in _spread(town, rng, 70 * len(town.villages)):
        closed = day + timedelta(int(rng.integers(1, 40)))
        luck = rng.random()
        result = PENDING if luck < 0.02 or (closed.year > town.year and luck < 0.6) else FAILED if luck > 0.93 else SETTLED
        yield {
            "day": day.isoformat(),
            "village": _one(rng, town.villages),
            "type": str(rng.choice(DISPUTES, p=weights / weights.sum())),
            "source": _one(rng, SOURCES[:2] * 4 + SOURCES[2:7]),
            "body": _one(rng, (BODIES[0],) * 5 + (BODIES[2],)),
            "parties": 2 if rng.random() < 0.8 else int(rng.integers(3, 9)),
            "amount": round(float(rng.lognormal(0, 1)), 2) if rng.random() < 0.5 else None,
            "hard": "是" if rng.random() < 0.04 else "否",
            "result": result,
            "closed_on": None if result == PENDING else closed.isoformat(),
            "agreement": _one(rng, ("口头", "口头", "书面")) if result == SETTLED else None,
            "followed_up": _one(rng, ("是", "否")) if result == SETTLED else None,
        }


def _inspections(town: Town, rng: np.random.Generator) -> Iterator[Values]:
    for village in town.villages:
        for month in range(1, 13):
            for day in (10, 25):
                yield {
                    "day": date(town.year, month, day).isoformat(),
                    "village": village,
                    "rounds": 1,
                    "found": int(rng.poisson(2.5)),
                    "prevented": int(rng.poisson(0.8)),
                }


def _spread(town: Town, rng: np.random.Generator, count: int) -> list[date]:
    """Return ``count`` weekdays of the year, in order."""
    return sorted(_weekday(town.days[int(n)]) for n in rng.integers(0, 360, count))


def _weekday(day: date) -> date:
    return day + timedelta(days=max(0, 7 - day.weekday())) if day.weekday() >= 5 else day


def _one(rng: np.random.Generator, among: Sequence[str]) -> str:
    return among[int(rng.integers(len(among)))]
