"""One message in, one reply out, one row in the ledger."""

import logging
from datetime import datetime, timedelta
from time import perf_counter

from bot import wording
from bot.dialogue.rules import SILENT, first_answer
from bot.dialogue.turn import Context, Offer, Outcome
from bot.faq.library import Library, Snapshot
from bot.ledger.clock import local_day, stamp
from bot.ledger.store import Replayed, Store, StoreError, Turn
from bot.message import Incoming, Reply
from bot.text import clean, mask

logger = logging.getLogger(__name__)

OFFER_LASTS = timedelta(minutes=30)
"""How long a number still means what was offered."""

KEPT_CHARACTERS = 2000


def respond(message: Incoming, *, store: Store, library: Library, now: datetime) -> Reply:
    """Answer ``message`` and record the turn; a message that was seen before gets the same reply and no second row.

    A villager gets a useful reply whatever breaks: the hotlines if no answer could be found, the answer even if it
    could not be recorded. Raises Replayed for a nonce that belongs to another message.
    """
    began = perf_counter()
    key, villager = store.message_key(message.key), store.pseudonym(message.sender)
    try:
        if message.nonce is not None:
            store.claim_nonce(message.nonce, key, now)
        if message.kind in SILENT:
            return Reply("")
        if (earlier := store.reply_to(key)) is not None:
            return earlier
        last = store.last_offer(villager, since=now - OFFER_LASTS)
        if message.kind == "unsubscribe":
            villager = store.forget(villager)
    except Replayed:
        raise
    except StoreError:
        logger.exception("台账读写失败")
        last = None
    text = clean(message.text)
    outcome = _decide(message, text, library.current, Offer(*last) if last else None, now)
    turn = Turn(
        key=key,
        received_at=stamp(now),
        day=local_day(now).isoformat(),
        channel=message.channel,
        villager=villager,
        kind=message.kind,
        text=mask(text)[:KEPT_CHARACTERS] or None,
        decision=outcome.decision,
        entry_id=outcome.entry.id if outcome.entry else None,
        entry_version=outcome.entry.version if outcome.entry else None,
        category=outcome.entry.category if outcome.entry else None,
        score=outcome.score,
        offered=outcome.offered,
        follows=outcome.follows,
        reply=outcome.reply,
        latency_ms=round((perf_counter() - began) * 1000, 3),
    )
    try:
        return store.record(turn)
    except StoreError:
        # A lost row is bad; a villager left without an answer is worse.
        logger.exception("没能记下一条咨询")
        return outcome.reply


def _decide(message: Incoming, text: str, snapshot: Snapshot, offer: Offer | None, now: datetime) -> Outcome:
    context = Context(message, text, now, local_day(now), snapshot, offer)
    try:
        return first_answer(context)
    except Exception:
        # Whatever is wrong in a rule or the index must not leave the villager with WeChat's outage notice.
        logger.exception("回答时出错")
        asked = message.kind in {"text", "voice"}
        return Outcome(Reply(wording.sorry(snapshot.hotlines)), "miss" if asked else "event")
