"""The turns of a period as columns of numbers. What a finished month comes to is kept, so that it is read row by row once."""

import base64
import hashlib
import io
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from bot.ledger.clock import local_day, months, stamp
from bot.ledger.database import Database
from bot.ledger.store import Store, first, insert

ASKED = ("answer", "choose", "miss")
"""The decisions on what may be a question; whether it counts is for the rule to say."""

CHUNK = 20_000

Codes = npt.NDArray[np.int16]


class Kind(NamedTuple):
    """What is told apart in turns. ``staff``: an adviser or tester wrote; ``superseded``: a later turn settled this one."""

    decision: str
    kind: str
    channel: str
    staff: str = ""
    superseded: str = ""
    category: str = ""
    village: str = ""
    answered_by: str = ""
    verdict: str = ""
    topic: str = ""


class Column(NamedTuple):
    """One respect in which turns differ: the names that occur, and for each turn the place of its own."""

    names: tuple[str, ...]
    codes: Codes


class Rest(NamedTuple):
    """Turns of one day that nobody asked anything with, and how often a message of that day came again."""

    day: int
    kind: Kind
    turns: int
    retries: int


@dataclass(frozen=True)
class Turns:
    """The turns of some days.

    day: each question's day (``date.toordinal``); person: a number for its villager, the same all over the ledger;
    columns: by the fields of ``Kind``; keys: the turns' keys, where they were asked for; rest: all other turns, summed up.
    sealed: years whose turns are gone, so that people can only be told apart within each of them.
    """

    day: npt.NDArray[np.int32]
    person: npt.NDArray[np.int64]
    columns: Mapping[str, Column]
    rest: tuple[Rest, ...] = ()
    keys: tuple[str, ...] | None = None
    sealed: tuple[int, ...] = ()

    def kinds(self, *fields: str) -> tuple[list[Kind], npt.NDArray[np.int64]]:
        """Return the kinds of turns told apart by ``fields`` alone, and for each turn the place of its own among them."""
        sizes = [max(1, len(self.columns[field].names)) for field in fields]
        joint = np.zeros(len(self.day), np.int64)
        for field, size in zip(fields, sizes, strict=True):
            joint = joint * size + self.columns[field].codes
        there = np.flatnonzero(np.bincount(joint, minlength=1))
        places = np.zeros(int(there.max(initial=0)) + 1, np.int64)
        places[there] = np.arange(len(there))
        kinds = []
        for rest in map(int, there):
            names = {"decision": "", "kind": "", "channel": ""}
            for field, size in zip(reversed(fields), reversed(sizes), strict=True):
                rest, at = divmod(rest, size)  # noqa: PLW2901 - the digits of a number, one by one
                names[field] = self.columns[field].names[at]
            kinds.append(Kind(**names))
        return kinds, places[joint]


def load(store: Store, start: date, end: date, *, today: date, keys: bool = False) -> Turns:
    """Return the turns of the days ``start`` to ``end``; with their ``keys`` they are read from the rows themselves."""
    parts: list[Turns] = []
    sealed: set[int] = set()
    for first_day, last_day in months(start, end):
        kept = None if keys else _kept(store, first_day, today)
        if kept is not None:
            turns, is_sealed = kept
            sealed |= {first_day.year} if is_sealed else set()
            parts.append(_between(turns, max(start, first_day), min(end, last_day)))
        elif first_day <= today:
            with store.reading() as db:
                parts.append(_read(db, max(start, first_day), min(end, last_day), keys=keys))
    return _together(parts, tuple(sorted(sealed)))


def keep_finished(store: Store, today: date) -> int:
    """Keep what every finished month comes to that is not kept yet; return how many those were. For quiet hours."""
    rows = store.query("select min(day) as first from turns", {})
    if not rows[0]["first"]:
        return 0
    start = date.fromisoformat(rows[0]["first"])
    there = {row["month"] for row in store.query("select month from counted where data is not null", {})}
    missing = [days for days in months(start, today) if f"{days[0]:%Y-%m}" not in there and days[1] < today]
    for first_day, _ in missing:
        _kept(store, first_day, today)
    return len(missing)


def each(store: Store, start: date, end: date) -> Iterator[tuple[str, Kind, int]]:
    """Yield the key and kind of each turn of these days, and how often it came again."""
    period = {"start": start.isoformat(), "end": end.isoformat()}
    with store.reading() as db:
        found = db.execute(
            f"select key, {_KIND}, retries from turns where day between :start and :end order by day, key", period
        )
        rows = found.fetchall()
    for key, kind, retries in rows:
        yield key, Kind(*kind.split("\t")), retries


def touch(db: Database, months: Iterable[str]) -> None:
    """Drop what is kept of these months, because their turns change; sealed ones have none left."""
    for month in months:
        db.execute(
            "update counted set version = version + 1, data = null where month = :month and sealed_at is null", {"month": month}
        )


def seal(store: Store, year: int, *, now: datetime) -> None:
    """Keep what the questions of a past year come to without their turns, for these will be deleted.

    People get numbers that lead nowhere. Does nothing for a year that is sealed; raises ValueError for one that goes on.
    """
    if year >= local_day(now).year:
        raise ValueError(f"{year} is not over")
    found = list(months(date(year, 1, 1), date(year, 12, 31)))
    with store.writing() as db:
        if first(db, "select 1 from counted where month = :month and sealed_at is not null", {"month": f"{year}-01"}):
            return
        parts = [_read(db, *days) for days in found]
        numbers = np.unique(np.concatenate([part.person for part in parts]))
        shuffled = np.random.default_rng().permutation(len(numbers)).astype(np.int64)
        for (first_day, _), part in zip(found, parts, strict=True):
            person = shuffled[np.searchsorted(numbers, part.person)] + year * 10_000_000_000
            month = f"{first_day:%Y-%m}"
            db.execute("delete from counted where month = :month", {"month": month})
            data = _packed(Turns(part.day, person, part.columns, part.rest))
            insert(db, "counted", {"month": month, "version": 0, "data": data, "sealed_at": stamp(now)})


def _kept(store: Store, month: date, today: date) -> tuple[Turns, bool] | None:
    """Return a finished month, read and kept now if it was not kept, and whether it is sealed; None for one that goes on."""
    name, last_day = f"{month:%Y-%m}", next(months(month, month))[1]
    if last_day >= today:
        return None
    rows = store.query("select version, data, sealed_at from counted where month = :month", {"month": name})
    if rows and rows[0]["data"]:
        return _unpacked(rows[0]["data"]), bool(rows[0]["sealed_at"])
    if not rows:
        with store.writing() as db:
            insert(db, "counted", {"month": name, "version": 0}, once="month")
        rows = store.query("select version from counted where month = :month", {"month": name})
    with store.reading() as db:
        turns = _read(db, month, last_day)
    values = {"month": name, "version": rows[0]["version"], "data": _packed(turns)}
    with store.writing() as db:  # only if no turn of the month changed since the version was read
        db.execute("update counted set data = :data where month = :month and version = :version and sealed_at is null", values)
    return turns, False


_ASKED = ", ".join(f"'{decision}'" for decision in ASKED)
_KIND = (
    "decision || '\t' || kind || '\t' || channel || '\t' || case when adviser is null then '' else 'y' end"
    " || '\t' || case when superseded = 0 then '' else 'y' end || '\t' || coalesce(category, '')"
    " || '\t' || coalesce(village, '') || '\t' || answered_by || '\t' || coalesce(verdict, '') || '\t' || coalesce(topic, '')"
)


def _read(db: Database, start: date, end: date, *, keys: bool = False) -> Turns:
    period = {"start": start.isoformat(), "end": end.isoformat()}
    where = f"day between :start and :end and decision in ({_ASKED})"
    cursor = db.execute(f"select day, villager, {_KIND}{', key' if keys else ''} from turns where {where}", period)
    days: dict[str, int] = {}
    kinds: dict[str, int] = {}
    parts: list[Any] = []
    named: list[str] = []
    while rows := cursor.fetchmany(CHUNK):
        day, villager, kind, *more = zip(*rows, strict=True)
        for text in set(day) - days.keys():
            days[text] = date.fromisoformat(text).toordinal()
        for text in set(kind) - kinds.keys():
            kinds[text] = len(kinds)
        on = np.fromiter(map(days.__getitem__, day), np.int32, len(day))
        parts.append((on, _numbers(villager), np.fromiter(map(kinds.__getitem__, kind), np.int32, len(kind))))
        named += more[0] if more else ()
    on, person, place = map(np.concatenate, zip(*parts, strict=True)) if parts else _NONE
    return Turns(on, person, _columns(list(kinds), place), tuple(_rest(db, period, where)), tuple(named) if keys else None)


_NONE: tuple[Any, Any, Any] = (np.empty(0, np.int32), np.empty(0, np.int64), np.empty(0, np.int32))


def _columns(kinds: Sequence[str], place: npt.NDArray[np.int32]) -> dict[str, Column]:
    """Return the columns of turns that are each of one of these kinds."""
    fields = zip(*(kind.split("\t") for kind in kinds), strict=True) if kinds else [()] * len(Kind._fields)
    columns = {}
    for field, said in zip(Kind._fields, fields, strict=True):
        names = {name: code for code, name in enumerate(dict.fromkeys(said))}
        columns[field] = Column(tuple(names), np.array([names[name] for name in said], np.int16)[place])
    return columns


def _rest(db: Database, period: Mapping[str, Any], asked: str) -> Iterator[Rest]:
    staff = "case when adviser is null then '' else 'y' end"
    others = db.execute(
        f"select day, decision, kind, channel, {staff}, count(*), sum(retries) from turns"
        f" where day between :start and :end and decision not in ({_ASKED}) group by day, decision, kind, channel, {staff}",
        dict(period),
    )
    for day, decision, kind, channel, by_staff, turns, again in others.fetchall():
        yield Rest(date.fromisoformat(day).toordinal(), Kind(decision, kind, channel, by_staff), turns, again)
    for day, again in db.execute(
        f"select day, sum(retries) from turns where {asked} and retries > 0 group by day", dict(period)
    ).fetchall():
        yield Rest(date.fromisoformat(day).toordinal(), Kind("", "", ""), 0, again)


def _numbers(villagers: Sequence[str]) -> npt.NDArray[np.int64]:
    """Return 63 bits of each pseudonym: two of a million people share a number in one of ten million ledgers."""
    try:
        raw = bytes.fromhex("".join(villagers))
        if len(raw) != 16 * len(villagers) or any(len(v) != 32 for v in villagers):
            raise ValueError
    except ValueError:
        raw = b"".join(hashlib.sha256(v.encode()).digest()[:16] for v in villagers)
    return (np.frombuffer(raw, ">u8")[::2] >> np.uint64(1)).astype(np.int64)


def _between(turns: Turns, start: date, end: date) -> Turns:
    low, high = start.toordinal(), end.toordinal()
    if len(turns.day) == 0 or (low <= turns.day.min() and turns.day.max() <= high):
        return Turns(turns.day, turns.person, turns.columns, tuple(r for r in turns.rest if low <= r.day <= high))
    chosen = (turns.day >= low) & (turns.day <= high)
    columns = {field: Column(column.names, column.codes[chosen]) for field, column in turns.columns.items()}
    return Turns(turns.day[chosen], turns.person[chosen], columns, tuple(r for r in turns.rest if low <= r.day <= high))


def _together(parts: Sequence[Turns], sealed: tuple[int, ...]) -> Turns:
    columns = {}
    for field in Kind._fields:
        names: dict[str, int] = {}
        codes = [np.empty(0, np.int16)]
        for part in parts:
            column = part.columns[field]
            places = np.array([names.setdefault(name, len(names)) for name in column.names] or [0], np.int16)
            codes.append(places[column.codes])
        columns[field] = Column(tuple(names), np.concatenate(codes))
    day = np.concatenate([_NONE[0], *(part.day for part in parts)])
    person = np.concatenate([_NONE[1], *(part.person for part in parts)])
    rest = tuple(r for part in parts for r in part.rest)
    keys = None if not parts or parts[0].keys is None else tuple(key for part in parts for key in part.keys or ())
    return Turns(day, person, columns, rest, keys, sealed)


def _packed(turns: Turns) -> str:
    head = json.dumps([{f: c.names for f, c in turns.columns.items()}, turns.rest], ensure_ascii=False).encode()
    buffer = io.BytesIO()
    codes = {f"code_{field}": column.codes for field, column in turns.columns.items()}
    np.savez(buffer, day=turns.day, person=turns.person, head=np.frombuffer(head, np.uint8), **codes)  # type: ignore[arg-type]
    return base64.b64encode(zlib.compress(buffer.getvalue(), 1)).decode()


def _unpacked(data: str) -> Turns:
    with np.load(io.BytesIO(zlib.decompress(base64.b64decode(data))), allow_pickle=False) as arrays:
        names, rest = json.loads(arrays["head"].tobytes())
        told = tuple(Rest(day, Kind(*kind), turns, retries) for day, kind, turns, retries in rest)
        columns = {field: Column(tuple(found), arrays[f"code_{field}"]) for field, found in names.items()}
        return Turns(arrays["day"], arrays["person"], columns, told)
