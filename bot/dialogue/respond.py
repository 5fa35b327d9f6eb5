"""One message in, one reply out, one row in the ledger."""

import logging
from datetime import datetime
from time import perf_counter

from bot.dialogue import outage
from bot.dialogue.drafts import draft
from bot.dialogue.pace import Pace, Verdict, limited
from bot.dialogue.record import Known, record
from bot.dialogue.rules import SILENT, first_answer
from bot.dialogue.state import STATE_LASTS, State, from_json
from bot.dialogue.turn import Context, Outcome
from bot.faq import telling
from bot.faq.library import Library
from bot.ledger import advisers, turns
from bot.ledger.clock import local_day, moment
from bot.ledger.known import before
from bot.ledger.standby import Standby
from bot.ledger.store import Store, StoreError
from bot.ledger.turns import Replayed
from bot.ledger.villagers import Stale, Villager
from bot.message import Incoming, Reply
from bot.tally import AGAIN, LEDGER, MESSAGE, READ, WRITE, Tell, nobody
from bot.tally import SILENT as NOT_ANSWERED
from bot.text import clean

logger = logging.getLogger(__name__)

ATTEMPTS = 5
"""How often a message is thought over again because another of the same villager came in between."""

LATE_SECONDS = 1.5
"""Later than this the ledger is not waited for any more: it may take two seconds, and WeChat waits for five."""


def respond(
    message: Incoming,
    *,
    store: Store,
    library: Library,
    now: datetime,
    pace: Pace | None = None,
    tell: Tell = nobody,
    standby: Standby | None = None,
) -> Reply:
    """Answer ``message`` and record the turn; a message that was seen before gets the same reply and no second row.

    A villager gets a useful reply whatever breaks: the hotlines if no answer could be found, the answer even if it
    could not be recorded; then its row waits in ``standby``. ``pace``: how much one sender may send; ``tell``: who counts.
    Raises Replayed for a nonce of another message.
    """
    began = perf_counter()
    key, who = store.message_key(message.key), store.pseudonym(message.sender)
    if message.kind in SILENT:
        tell(MESSAGE, NOT_ANSWERED)
        _claim(store, standby, message, key, now)
        return Reply("")
    if standby and (first := outage.earlier_reply(standby, key, message.nonce)) is not None:
        tell(MESSAGE, AGAIN)
        return first
    turn = outcome = None
    for _ in range(ATTEMPTS):
        known, earlier, read = _known(store, standby, message, key, who, now, tell)
        if earlier is not None:
            tell(MESSAGE, AGAIN)
            _claim(store, standby, message, key, now, again=True)
            return earlier
        verdict = pace.weigh(message, who, key, now) if pace else "go"
        if verdict == "silent":
            tell(MESSAGE, NOT_ANSWERED)
            _claim(store, standby, message, key, now)
            return Reply("")
        turn = _context(message, key, known, store, library, now)
        outcome = _decide(turn, verdict)
        if standby and not (read and standby.writes and perf_counter() - began < LATE_SECONDS):
            break
        try:
            with store.writing(who) as db:
                reply = record(db, turn, known, outcome, began)
            tell(MESSAGE, outcome.decision)
            return reply
        except Stale:
            continue
        except Replayed:
            raise
        except Exception as e:  # a lost row is bad; a villager left without an answer is worse
            logger.exception("没能记下一条咨询")
            tell(LEDGER, WRITE)
            if standby and isinstance(e, StoreError):
                standby.failed(e)
            break
    else:
        logger.error("同一个人的消息太密，没能马上记下一条")
    if turn is None or outcome is None:
        return Reply(telling.sorry(library.current.words, library.current.hotlines))
    tell(MESSAGE, outcome.decision)
    return outage.answer(standby, turn, known, outcome, began, read=read) if standby else outcome.reply


def _known(
    store: Store, standby: Standby | None, message: Incoming, key: str, who: str, now: datetime, tell: Tell
) -> tuple[Known, Reply | None, bool]:
    """Return what is known of the villager, the reply that the message already got, and whether the ledger could be read."""
    # Looked up first: rows go from the spool to the ledger, and must not be missed on their way.
    last = standby.spool.last_of(who) if standby else None
    if standby is None or standby.reads:
        try:
            with store.reading(who) as db:
                owner, earlier, villager, adviser, waiting = before(db, key, who, now, message.nonce)
            if owner not in {None, key}:
                raise Replayed
            return Known(outage.as_it_stands(last, villager), adviser, waiting), earlier, True
        except StoreError as e:
            logger.exception("台账读不了")
            tell(LEDGER, READ)
            if standby:
                standby.failed(e, reading=True)
    return Known(outage.as_it_stands(last, Villager(who))), None, False


def _claim(store: Store, standby: Standby | None, message: Incoming, key: str, now: datetime, *, again: bool = False) -> None:
    """Bind the nonce of a message that leaves no row of its own; note that it came ``again``."""
    if (message.nonce is None and not again) or (standby and not standby.writes):
        return
    try:
        with store.writing(key) as db:
            if message.nonce is not None:
                turns.claim_nonce(db, message.nonce, key, now)
            if again:
                turns.came_again(db, key)
    except StoreError as e:
        logger.exception("台账写不了")
        if standby:
            standby.failed(e)


def _context(message: Incoming, key: str, known: Known, store: Store, library: Library, now: datetime) -> Context:
    villager = known.villager
    # A state from a time to come was kept before the clock was set back.
    fresh = villager.state_at is not None and abs(now - moment(villager.state_at)) <= STATE_LASTS
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


def _decide(turn: Context, verdict: Verdict) -> Outcome:
    try:
        outcome = first_answer(turn) if verdict == "go" else limited(turn, verdict)
        if turn.snapshot.loading and outcome.decision == "miss":  # not that there is no answer: it is not there yet
            return Outcome(Reply(telling.sorry(turn.words, turn.snapshot.hotlines)), "miss")
        return outcome
    except Exception:
        # Whatever is wrong in a rule or the index must not leave the villager with WeChat's outage notice.
        logger.exception("回答时出错")
        asked = turn.message.kind in {"text", "voice"}
        return Outcome(Reply(telling.sorry(turn.words, turn.snapshot.hotlines)), "miss" if asked else "event")
