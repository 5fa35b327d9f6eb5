"""What the ledger knows before a message is answered, in one statement: each more is a journey to the database and back."""

from dataclasses import fields
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.ledger.advisers import Adviser
from bot.ledger.clock import local_day
from bot.ledger.database import Database
from bot.ledger.tickets import Ticket
from bot.ledger.turns import as_reply
from bot.ledger.villagers import Villager
from bot.message import Reply

SAME_MESSAGE = timedelta(days=31)
"""A message that comes again is looked for among so many days: WeChat tries for seconds, a clock may be set back for longer.

Without it, every month that was ever kept would be looked into.
"""


class Before(NamedTuple):
    """nonce_of: the key of the message that the nonce came with; earlier: the reply that the message got already.

    waiting: the villager's oldest answer that they have not seen.
    """

    nonce_of: str | None
    earlier: Reply | None
    villager: Villager
    adviser: Adviser | None
    waiting: Ticket | None


def since(now: datetime) -> str:
    """Return the first day of those among which a message of ``now`` may be."""
    return (local_day(now) - SAME_MESSAGE).isoformat()


def before(db: Database, key: str, who: str, now: datetime, nonce: str | None = None) -> Before:
    """Return what is known before the message ``key`` of the villager ``who``, which came with ``nonce``."""
    row = db.execute(_ALL, {"key": key, "who": who, "since": since(now), "nonce": nonce or ""}).fetchone()
    nonce_of, reply, *rest = row
    villager, rest = rest[:_VILLAGER], rest[_VILLAGER:]
    adviser, ticket = rest[:_ADVISER], rest[_ADVISER:]
    return Before(
        nonce_of,
        as_reply(reply) if reply is not None else None,
        Villager(*villager) if villager[0] is not None else Villager(who),
        Adviser(*adviser) if adviser[0] is not None else None,
        Ticket(*ticket) if ticket[0] is not None else None,
    )


def _columns(kind: type, table: str) -> str:
    return ", ".join(f"{table}.{name}" for name in kind.__annotations__)


_VILLAGER, _ADVISER = len(fields(Villager)), len(fields(Adviser))
_ALL = (
    f"select n.message, said.reply, {_columns(Villager, 'v')}, {_columns(Adviser, 'a')}, {_columns(Ticket, 'w')}"
    " from (select 1 as one) one_row"
    " left join nonces n on n.nonce = :nonce"
    " left join turns said on said.key = :key and said.day >= :since"
    " left join villagers v on v.villager = :who"
    " left join advisers a on a.sender = :who and a.removed_at is null"
    " left join tickets w on w.number = (select number from tickets where villager = :who and answer is not null"
    " and delivered_at is null order by answered_at limit 1)"
)
