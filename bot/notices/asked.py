"""Which entries a village asks for most, without leading to who asked."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import chain, zip_longest

from bot.faq.entry import Entry
from bot.ledger.database import Database

LEAST = 3
"""What fewer people asked for may lead to one of them; reports hide the same (``bot.reports.suppress``)."""

TOWN = ""
"""The town as a whole, among its villages."""

_SQL = """
    select {village} as village, entry_id, count(distinct villager) as people from turns
    where day >= :since and day < :before and decision = 'answer' and superseded = 0 and entry_id is not null
    and (verdict is null or verdict = 'helped') {only}
    group by {group}entry_id having count(distinct villager) >= :least
    order by people desc, entry_id"""
_OF_TOWN = _SQL.format(village="''", only="", group="")
_OF_VILLAGES = _SQL.format(village="village", only="and village is not null", group="village, ")


def most_asked(db: Database, today: date) -> dict[str, list[str]]:
    """Return by village (and for the ``TOWN``) the ids of the entries that answered most people, the most asked first.

    Of the twelve months before this one, so that a notice does not change from day to day; entries that fewer than three
    people asked for are left out.
    """
    before = today.replace(day=1)
    since = (before - timedelta(days=365)).isoformat()
    found: dict[str, list[str]] = {TOWN: []}
    for sql in (_OF_TOWN, _OF_VILLAGES):
        for row in db.query(sql, {"since": since, "before": before.isoformat(), "least": LEAST}):
            found.setdefault(row["village"], []).append(row["entry_id"])
    return found


def ranked(
    own: Iterable[str], all_: Iterable[str], categories: Mapping[str, Sequence[Entry]], sensitive: Collection[str]
) -> list[Entry]:
    """Return entries for a village's notice: what it asks most, then the town, then one of each category in turn.

    ``sensitive``: categories that never come from the village's own questions, for a wall tells everybody.
    """
    known = {entry.id: entry for entry in chain.from_iterable(categories.values())}
    mine = [known[id_] for id_ in own if id_ in known and known[id_].category not in sensitive]
    town = [known[id_] for id_ in all_ if id_ in known]
    turns = chain.from_iterable(zip_longest(*categories.values()))
    return list({entry.id: entry for entry in chain(mine, town, turns) if entry}.values())
