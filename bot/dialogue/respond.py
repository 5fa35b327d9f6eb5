"""One message in, one reply out, one row in the ledger."""

import logging
from dataclasses import dataclass, replace
from datetime import datetime
from time import perf_counter
from typing import Any

from sqlite_utils import Database

from bot import wording
from bot.dialogue import people, privacy, show
from bot.dialogue.drafts import draft
from bot.dialogue.rules import SILENT, first_answer
from bot.dialogue.state import STATE_LASTS, State, from_json, to_json
from bot.dialogue.turn import Context, Done, Outcome
from bot.faq.library import Library
from bot.ledger import advisers, tickets, turns, villagers
from bot.ledger.clock import local_day, moment, stamp
from bot.ledger.store import Store, StoreError, stranger
from bot.ledger.turns import Replayed, Turn
from bot.ledger.villagers import NOTICE_VERSION, Stale, Villager
from bot.message import Incoming, Reply
from bot.text import clean, mask

logger = logging.getLogger(__name__)

ATTEMPTS = 5
"""How often a message is thought over again because another of the same villager came in between."""

KEPT_CHARACTERS = 2000


@dataclass(frozen=True)
class _Known:
    """What the ledger knew before the message."""

    villager: Villager
    adviser: advisers.Adviser | None = None
    waiting: tickets.Ticket | None = None


def respond(message: Incoming, *, store: Store, library: Library, now: datetime) -> Reply:
    """Answer ``message`` and record the turn; a message that was seen before gets the same reply and no second row.

    A villager gets a useful reply whatever breaks: the hotlines if no answer could be found, the answer even if it
    could not be recorded. Raises Replayed for a nonce that belongs to another message.
    """
    began = perf_counter()
    key, who = store.message_key(message.key), store.pseudonym(message.sender)
    if message.kind in SILENT:
        _claim(store, message, key, now)
        return Reply("")
    outcome = None
    for _ in range(ATTEMPTS):
        try:
            with store.reading() as db:
                if message.nonce is not None and turns.nonce_owner(db, message.nonce) not in {None, key}:
                    raise Replayed
                if (earlier := turns.reply_to(db, key)) is not None:
                    break
                known = _Known(villagers.find(db, who), advisers.of_sender(db, who), tickets.undelivered(db, who))
            earlier = None
        except StoreError:
            logger.exception("台账读不了")
            known, earlier = _Known(Villager(who)), None
        turn = _context(message, key, known, store, library, now)
        outcome = _decide(turn)
        try:
            with store.writing() as db:
                return _record(db, turn, known, outcome, began)
        except Stale:
            continue
        except (StoreError, OSError):  # OSError: a draft that cannot be written
            # A lost row is bad; a villager left without an answer is worse.
            logger.exception("没能记下一条咨询")
            return outcome.reply
    if earlier is not None:
        _claim(store, message, key, now, again=True)
        return earlier
    logger.error("同一个人的消息太密，没能记下一条")
    return outcome.reply if outcome else Reply(wording.sorry(library.current.hotlines))


def _claim(store: Store, message: Incoming, key: str, now: datetime, *, again: bool = False) -> None:
    """Bind the nonce of a message that leaves no row of its own; note that it came ``again``."""
    if message.nonce is None and not again:
        return
    try:
        with store.writing() as db:
            if message.nonce is not None:
                turns.claim_nonce(db, message.nonce, key, now)
            if again:
                turns.came_again(db, key)
    except StoreError:
        logger.exception("台账写不了")


def _context(message: Incoming, key: str, known: _Known, store: Store, library: Library, now: datetime) -> Context:
    villager = known.villager
    fresh = villager.state_at is not None and now - moment(villager.state_at) <= STATE_LASTS
    return Context(
        message,
        clean(message.text),
        now,
        local_day(now),
        library.current,
        from_json(villager.state) if fresh else State(),
        villager,
        known.adviser if known.adviser and known.adviser.role != advisers.TESTER else None,
        key,
        store.code_hash,
        lambda *parts: draft(library.folder, *parts, now=now),
    )


def _decide(turn: Context) -> Outcome:
    try:
        return first_answer(turn)
    except Exception:
        # Whatever is wrong in a rule or the index must not leave the villager with WeChat's outage notice.
        logger.exception("回答时出错")
        asked = turn.message.kind in {"text", "voice"}
        return Outcome(Reply(wording.sorry(turn.snapshot.hotlines)), "miss" if asked else "event")


def _record(db: Database, turn: Context, known: _Known, outcome: Outcome, began: float) -> Reply:
    """Do what was decided and write it down, in the transaction of ``db``; return the reply that goes out."""
    message, now, who = turn.message, turn.now, known.villager.villager
    if (earlier := turns.reply_to(db, turn.key)) is not None:
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
        reply, state, changes = _accompanied(db, turn, known, reply, state)
    if outcome.village is not None:
        changes["village"] = outcome.village or None
    if state is not None:
        changes["state"] = to_json(state)
    if known.villager.withdrawn_at:
        # Nothing may lead from them to what they asked.
        changes = {"state": to_json(replace(state, question="", shown=""))} if state is not None else {}
    if changes and not gone and (not outcome.secret or outcome.decision == "crisis"):
        villagers.save(db, known.villager, now=now, **changes)
    nobody = outcome.secret or known.villager.withdrawn_at or outcome.channel is not None
    entry, village = outcome.entry, outcome.village_of_turn
    turns.record(
        db,
        Turn(
            key=turn.key,
            received_at=stamp(now),
            day=local_day(now).isoformat(),
            channel=outcome.channel or message.channel,
            villager=gone or (stranger() if nobody else who),
            kind=message.kind,
            text=None if outcome.secret or known.villager.withdrawn_at else mask(turn.text)[:KEPT_CHARACTERS] or None,
            decision=outcome.decision,
            entry_id=entry.id if entry else None,
            entry_version=entry.version if entry else None,
            category=outcome.category or (entry.category if entry else None),
            score=outcome.score,
            offered=outcome.offered,
            follows=outcome.follows,
            reply=reply,
            latency_ms=round((perf_counter() - began) * 1000, 3),
            village=(changes.get("village") or known.villager.village) if village is None else village or None,
            answered_by=outcome.answered_by or "机器人",
            adviser=outcome.adviser or (known.adviser.number if known.adviser else None),
            topic=outcome.topic,
        ),
    )
    return reply


def _accompanied(
    db: Database, turn: Context, known: _Known, reply: Reply, state: State | None
) -> tuple[Reply, State | None, dict[str, Any]]:
    """Add to a reply what goes with it: an answer that waits, the hint on numbers, the notice at first contact.

    What does not fit beside a list waits for the next message.
    """
    before = after = notice = ""
    waiting = tickets.find(db, known.waiting.number) if known.waiting else None
    if waiting and waiting.answer is not None and waiting.delivered_at is None:
        before = people.answer_text(db, waiting)
    if mask(turn.text) != turn.text and turn.adviser is None:
        after = wording.MASKED
    if known.villager.notice != NOTICE_VERSION:
        notice = wording.notice(turn.snapshot.town)
    if not (before or after or notice):
        return reply, state, {}
    shown = show.together(turn, reply, state if state is not None else turn.state, before=before, after=(after, notice))
    if shown is None:
        return reply, state, {}
    if before and waiting:
        tickets.deliver(db, waiting.number, turn.now)
    kept = shown[1] if state is not None or shown[1] != turn.state else None
    return shown[0], kept, {"notice": NOTICE_VERSION, "noticed_at": stamp(turn.now)} if notice else {}
