"""What becomes of a decision in the ledger: its effect, its row, and what goes with the reply."""

from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

from bot.dialogue import people, privacy, show
from bot.dialogue.state import State, to_json
from bot.dialogue.turn import Context, Done, Outcome
from bot.faq import telling
from bot.ledger import advisers, tickets, turns, villagers
from bot.ledger.clock import local_day, stamp
from bot.ledger.database import Database
from bot.ledger.known import since
from bot.ledger.store import stranger
from bot.ledger.turns import Turn
from bot.ledger.villagers import NOTICE_VERSION, Villager
from bot.message import Reply
from bot.text import mask

KEPT_CHARACTERS = 2000


@dataclass(frozen=True)
class Known:
    """What the ledger knew before the message."""

    villager: Villager
    adviser: advisers.Adviser | None = None
    waiting: tickets.Ticket | None = None


def record(db: Database, turn: Context, known: Known, outcome: Outcome, began: float) -> Reply:
    """Do what was decided and write it down, in the transaction of ``db``; return the reply that goes out."""
    message, now = turn.message, turn.now
    if (earlier := turns.reply_to(db, turn.key, since=since(now))) is not None:
        turns.came_again(db, turn.key)
        return earlier
    if message.nonce is not None:
        turns.claim_nonce(db, message.nonce, turn.key, now)
    done = outcome.effect(db) if outcome.effect else Done(outcome.reply, outcome.state)
    state = done.state if done.state is not None else outcome.state
    reply = done.reply
    changes: dict[str, Any] = {}
    gone = privacy.forget_all(db, turn) if message.kind == "unsubscribe" else ""
    leaves_trace = not (outcome.secret or known.villager.withdrawn_at or gone)
    if leaves_trace and reply.text:
        reply, state, changes = accompanied(db, turn, known, reply, state)
    if outcome.village is not None:
        changes["village"] = outcome.village or None
    if state is not None:
        changes["state"] = to_json(state)
    if known.villager.withdrawn_at:
        # Nothing may lead from them to what they asked.
        changes = {"state": to_json(replace(state, question="", shown=""))} if state is not None else {}
    if changes and not gone and (not outcome.secret or outcome.decision == "crisis"):
        villagers.save(db, known.villager, now=now, **changes)
    db.conclude()
    turns.record(db, row(turn, known, outcome, reply, began, gone=gone, village=changes.get("village")))
    return reply


def row(
    turn: Context, known: Known, outcome: Outcome, reply: Reply, began: float, *, gone: str = "", village: str | None = None
) -> Turn:
    """Return what the ledger keeps of a message. ``gone``: the name in place of one who left; ``village``: chosen just now."""
    message, now, withdrawn = turn.message, turn.now, known.villager.withdrawn_at
    nobody = outcome.secret or withdrawn or outcome.channel is not None
    wordless = outcome.secret or withdrawn or outcome.decision == "limited"
    entry, said = outcome.entry, outcome.village_of_turn
    return Turn(
        key=turn.key,
        received_at=stamp(now),
        day=local_day(now).isoformat(),
        channel=outcome.channel or message.channel,
        villager=gone or (stranger() if nobody else known.villager.villager),
        kind=message.kind,
        text=None if wordless else mask(turn.text)[:KEPT_CHARACTERS] or None,
        decision=outcome.decision,
        entry_id=entry.id if entry else None,
        entry_version=entry.version if entry else None,
        category=outcome.category or (entry.category if entry else None),
        score=outcome.score,
        offered=outcome.offered,
        follows=outcome.follows,
        reply=reply,
        latency_ms=round((perf_counter() - began) * 1000, 3),
        village=(village or known.villager.village) if said is None else said or None,
        answered_by=outcome.answered_by or "机器人",
        adviser=outcome.adviser or (known.adviser.number if known.adviser else None),
        topic=outcome.topic,
    )


def accompanied(
    db: Database | None, turn: Context, known: Known, reply: Reply, state: State | None
) -> tuple[Reply, State | None, dict[str, Any]]:
    """Add to a reply what goes with it: an answer that waits, the hint on numbers, the notice at first contact.

    What does not fit beside a list waits for the next message. Without ``db`` nobody knows of answers.
    """
    before = after = notice = ""
    waiting = tickets.find(db, known.waiting.number) if db and known.waiting else None
    if db and waiting and waiting.answer is not None and waiting.delivered_at is None:
        before = people.answer_text(db, turn.words, waiting)
    if mask(turn.text) != turn.text and turn.adviser is None:
        after = turn.words.unreadable.masked
    version = telling.notice_version(turn.words, NOTICE_VERSION)
    if known.villager.notice != version:
        notice = telling.notice(turn.words, turn.snapshot.town)
    if not (before or after or notice):
        return reply, state, {}
    shown = show.together(turn, reply, state if state is not None else turn.state, before=before, after=(after, notice))
    if shown is None:
        return reply, state, {}
    if db and before and waiting:
        tickets.deliver(db, waiting.number, turn.now)
    kept = shown[1] if state is not None or shown[1] != turn.state else None
    return shown[0], kept, {"notice": version, "noticed_at": stamp(turn.now)} if notice else {}
