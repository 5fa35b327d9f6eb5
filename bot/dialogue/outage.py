"""What a villager gets, and what is kept, while the ledger cannot be read or written. Nothing is promised that is not done."""

from dataclasses import replace

from bot.dialogue.record import Known, accompanied, row
from bot.dialogue.state import to_json
from bot.dialogue.turn import Context, Outcome
from bot.faq import telling
from bot.ledger.spool import Kept
from bot.ledger.standby import Standby
from bot.ledger.turns import Replayed
from bot.ledger.villagers import Villager
from bot.message import Reply


def earlier_reply(standby: Standby, key: str, nonce: str | None) -> Reply | None:
    """Return the reply that the message ``key`` got while the ledger was away. Raises Replayed for a nonce of another one."""
    if nonce is not None and standby.spool.nonce_owner(nonce) not in {None, key}:
        raise Replayed
    return standby.spool.reply_to(key)


def as_it_stands(last: Kept | None, villager: Villager) -> Villager:
    """Return the villager with the conversation as it went on while the ledger was away; ``last``: their newest row of then."""
    if last is None or (villager.state_at is not None and villager.state_at >= last.turn.received_at):
        return villager
    known = replace(villager, notice=last.notice or villager.notice, village=last.village or villager.village)
    return known if last.state is None else replace(known, state=last.state, state_at=last.turn.received_at)


def answer(standby: Standby, turn: Context, known: Known, outcome: Outcome, began: float, *, read: bool) -> Reply:
    """Return the reply, once its row waits for the ledger. ``read``: what the ledger knew of the villager was found."""
    withdrawn, leaves = known.villager.withdrawn_at, turn.message.kind == "unsubscribe"
    plain = Reply(telling.cannot_now(turn.words, turn.snapshot.hotlines))
    holds = _holds(turn, outcome, read=read)
    reply, state = (outcome.reply, outcome.state) if holds else (plain, None)
    if outcome.decision == "event" and outcome.village:
        reply = Reply(turn.words.coming.welcome)  # without 记下了: the village is noted later
    notice = None
    if reply.text and not (outcome.secret or withdrawn):
        reply, state, changes = accompanied(None, turn, known, reply, state)
        notice = changes.get("notice", known.villager.notice)
    linked = not (outcome.secret or withdrawn)  # nothing may lead from them to what they asked
    kept = Kept(
        row(turn, known, outcome, reply, began, village=outcome.village if holds else None),
        who=turn.villager.villager if linked else "",
        state=to_json(state) if linked and state is not None else None,
        notice=notice if linked else None,
        village=outcome.village if holds and linked else None,
        nonce=turn.message.nonce,
        duty=_is_reportable(turn, outcome),
        judged=outcome.judged,
        leaves=leaves,
    )
    return standby.keep(kept)


def _holds(turn: Context, outcome: Outcome, *, read: bool) -> bool:
    """Tell whether what the reply says is true without the ledger."""
    if outcome.decision == "crisis" or outcome.judged:
        return True
    if outcome.effect is not None or (outcome.village is not None and outcome.decision == "command"):
        return False
    if outcome.state is not None and outcome.state.asking == "ticket":
        return False
    # Who has withdrawn, and who is an adviser, only the ledger knows.
    return read or outcome.reply.text not in {turn.words.privacy.consented, turn.words.binding.staff_only}


def _is_reportable(turn: Context, outcome: Outcome) -> bool:
    """Tell whether the law wants it reported: that must not be lost with the ledger."""
    cards = turn.snapshot.crisis.cards
    return outcome.decision == "crisis" and any(
        card.kind == outcome.category and card.reportable for card in (cards.kinds if cards else ())
    )
