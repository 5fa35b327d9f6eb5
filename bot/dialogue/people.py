"""A person behind the bot, as the villager sees it: tickets, their numbers and answers, whom to call."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sqlite_utils import Database

from bot import wording
from bot.dialogue import show, villages
from bot.dialogue.state import State
from bot.dialogue.turn import Context, Done, Outcome
from bot.ledger import advisers, tickets, turns
from bot.ledger.clock import local_time, moment
from bot.message import Reply
from bot.text import mask

MISSES = 2
"""The second miss in a row leads to a person, not to a third try."""


def wanted(turn: Context) -> Outcome:
    """人工 or 00: a ticket for the question asked just now; without one, ask for it."""
    if turn.villager.withdrawn_at:
        return Outcome(Reply(f"{wording.NEEDS_RECORD}\n{villages.contact(turn)}"), "command")
    if turn.state.question:
        return ticket(turn, "asked", say=lambda text: text, state=turn.state)
    return Outcome(Reply(wording.ASK_TICKET), "command", state=State(asking="ticket", back="cancel"))


def asked(turn: Context) -> Outcome:
    """The sentence that was asked for: it becomes a ticket."""
    return ticket(turn, "asked", say=lambda text: text, state=State(), decision="miss", question=turn.text)


def ticket(
    turn: Context,
    because: tickets.Because,
    *,
    say: Callable[[str], str],
    state: State,
    decision: str = "command",
    question: str | None = None,
    remark: str = "",
) -> Outcome:
    """Open a ticket for ``question``, or for the one that the conversation is about; the reply is what ``say`` makes of it."""
    if turn.villager.withdrawn_at:
        return Outcome(Reply(f"{wording.NEEDS_RECORD}\n{villages.contact(turn)}"), decision, state=State())
    follows = state.question or turn.state.question

    def effect(db: Database) -> Done:
        if because == "useless":
            turns.judge(db, turn.state.shown, "useless", mask(remark) or None)
        asked_in = turn.key if question is not None else follows
        known = None if question is not None else turns.question_of(db, follows)
        opened = tickets.open_ticket(
            db,
            villager=turn.villager.villager,
            village=turn.village.name if turn.village else None,
            question=mask(question) if question is not None else known["text"] if known else None,
            category=known["category"] if known else None,
            turn=asked_in or None,
            because=because,
            now=turn.now,
        )
        text = say(wording.ticket_opened(opened.number, local_time(moment(opened.due_at)), villages.contact(turn)))
        after = replace(state, question=asked_in or "", misses=0, asking="")
        if turn.village is None and turn.snapshot.town:
            # Which adviser answers depends on the village; asked once, by digits, and not needed.
            listed = villages.listing(turn, "1")
            reply = Reply(f"{text}\n\n{listed.reply.text}", listed.reply.options)
            return Done(reply, replace(listed.state or after, question=after.question, shown=after.shown, misses=0))
        return Done(Reply(text), after)

    return Outcome(Reply(wording.sorry(turn.snapshot.hotlines)), decision, effect=effect, state=state)


def mine(turn: Context) -> Outcome:
    """我的问题: the villager's tickets and how each stands."""

    def effect(db: Database) -> Done:
        own = tickets.of_villager(db, turn.villager.villager)
        if not own:
            return Done(Reply(wording.NO_TICKETS))
        lines = [wording.ticket_line(t.number, _status(t, turn.now), t.question) for t in own[:9]]
        return Done(Reply(wording.tickets(lines)))

    return Outcome(Reply(wording.NO_TICKETS), "command", effect=effect)


def pick_up(turn: Context, number: int) -> Outcome:
    """A pick-up number: its answer, or how it stands; only for its sender, and alike for numbers that do not exist."""

    def effect(db: Database) -> Done:
        found = tickets.find(db, number)
        if found is None or found.villager != turn.villager.villager:
            return Done(Reply(wording.NOT_YOURS))
        if found.answer is not None:
            reply, state = show.long(turn, answer_text(db, found))
            tickets.deliver(db, number, turn.now)
            return Done(reply, state)
        if found.closed_at is not None:
            return Done(Reply(wording.ticket_closed(number)))
        due = moment(found.due_at)
        late = turn.now > due
        return Done(Reply(wording.ticket_late(number) if late else wording.ticket_waits(number, local_time(due))))

    return Outcome(Reply(wording.NOT_YOURS), "command", effect=effect)


def answer_text(db: Database, ticket: tickets.Ticket) -> str:
    """Return a person's answer as the villager reads it."""
    who = advisers.find(db, ticket.answered_by)
    name = wording.signed(who.name, who.role) if who else wording.THE_TOWN
    on = local_time(moment(ticket.answered_at or ticket.opened_at)).date()
    return wording.ticket_answer(ticket.number, ticket.question, ticket.answer or "", name, on)


def _status(ticket: tickets.Ticket, now: datetime) -> str:
    if ticket.answer is not None:
        return wording.ANSWERED
    if ticket.closed_at:
        return wording.DONE
    return wording.WAITING if now <= moment(ticket.due_at) else wording.LATE
