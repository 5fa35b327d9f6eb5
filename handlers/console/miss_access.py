"""Who may see which questions that were not answered well, and who may do something about them."""

from datetime import timedelta

from flask import abort

from bot.ledger import misses
from bot.ledger.access.users import ADMIN, CLERK, JUSTICE, LAWYER, MINDER
from bot.ledger.clock import local_day
from bot.ledger.database import Database
from bot.ledger.misses import Miss
from bot.reports.misses import Group, find, groups
from handlers.console.access import user
from handlers.services import services

SEE = (ADMIN, JUSTICE, LAWYER, CLERK, MINDER)
ACT = (ADMIN, JUSTICE, LAWYER)

MOST = 30
"""Questions of a group that are shown one by one."""


def seen(db: Database) -> list[Miss]:
    """Return the questions of the last 180 days that the person may see: a 法律明白人 only those of their village."""
    since = local_day(services().clock()) - timedelta(days=misses.DAYS)
    return [miss for miss in misses.load(db, since) if user().looks_after(miss.village)]


def group_of(db: Database, id_: str) -> Group:
    """Return the group that holds a question; 404 where there is none of which anything waits."""
    group = group_or_none(db, id_)
    if group is None:
        abort(404)
    return group


def group_or_none(db: Database, id_: str) -> Group | None:
    """Return the group that holds a question, or None."""
    return find(groups(seen(db), services().library.current), id_)
