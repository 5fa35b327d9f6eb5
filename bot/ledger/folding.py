"""A row that waited in the spool comes into the ledger: once, and counted like any other."""

from contextlib import suppress
from dataclasses import replace

from bot.ledger import advisers, duties, turns, villagers
from bot.ledger.clock import moment
from bot.ledger.database import Database
from bot.ledger.forgetting import forget
from bot.ledger.known import since
from bot.ledger.spool import Kept
from bot.ledger.store import stranger
from bot.ledger.turns import Replayed, Turn
from bot.ledger.villagers import Villager
from bot.message import ON_BEHALF


def fold(db: Database, kept: Kept) -> None:
    """Take a row in, in the transaction of ``db``; nothing happens where its message has a row already."""
    turn, now = kept.turn, moment(kept.turn.received_at)
    if turns.reply_to(db, turn.key, since=since(now)) is not None:
        return
    known = villagers.find(db, kept.who) if kept.who else Villager("")
    if kept.leaves:
        turn = replace(turn, villager=forget(db, kept.who, now, leaves=True), text=None)
    elif known.withdrawn_at:
        turn = replace(turn, villager=stranger(), text=None)
    elif kept.who:
        _go_on(db, kept, known)
    turns.record(db, _completed(db, turn, kept.who, known))
    if kept.judged:
        turns.judge(db, *kept.judged)
    if kept.duty:
        duties.open_duty(db, kind=turn.category or "", village=turn.village, now=now)
    if kept.nonce is not None:
        with suppress(Replayed):  # it was found out too late to refuse; the row stays
            turns.claim_nonce(db, kept.nonce, turn.key, now)


def _go_on(db: Database, kept: Kept, known: Villager) -> None:
    """Let the conversation go on from where the spool left it, unless it went on since."""
    at = kept.turn.received_at
    changes: dict[str, str] = {}
    if kept.state is not None and (known.state_at is None or known.state_at < at):
        changes["state"] = kept.state
    if kept.notice is not None and known.notice != kept.notice:
        changes |= {"notice": kept.notice, "noticed_at": at}
    if kept.village:
        changes["village"] = kept.village
    if changes:
        villagers.save(db, known, now=moment(at), **changes)


def _completed(db: Database, turn: Turn, who: str, known: Villager) -> Turn:
    """Add what the ledger knew, and whoever answered could not look up."""
    if not who or turn.channel == ON_BEHALF:
        return turn
    adviser = advisers.of_sender(db, who) if turn.adviser is None else None
    return replace(turn, village=turn.village or known.village, adviser=adviser.number if adviser else turn.adviser)
