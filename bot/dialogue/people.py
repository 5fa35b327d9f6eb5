"""A person behind the bot, as the villager sees it: tickets, their numbers and answers, whom to call."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from bot.dialogue import show, villages
from bot.dialogue.state import State
from bot.dialogue.turn import Context, Done, Outcome
from bot.faq import telling
from bot.ledger import advisers, tickets, turns
from bot.ledger.clock import local_time, moment
from bot.ledger.database import Database
from bot.message import Reply
from bot.text import mask
from bot.wording import filled
from bot.wording.person import Person
from bot.wording.words import Words

MISSES = 2
"""The second miss in a row leads to a person, not to a third try."""


def wanted(turn: Context) -> Outcome:
    """人工 or 00: a ticket for the question asked just now; without one, ask for it."""
    if turn.villager.withdrawn_at:
        return Outcome(Reply(f"{turn.words.privacy.needs_record}\n{villages.contact(turn)}"), "command")
    if turn.state.question:
        return ticket(turn, "asked", say=lambda text: text, state=turn.state)
    return Outcome(Reply(turn.words.person.ask), "command", state=State(asking="ticket", back="cancel"))


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
        return Outcome(Reply(f"{turn.words.privacy.needs_record}\n{villages.contact(turn)}"), decision, state=State())
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
        text = say(filled.ticket_opened(turn.words, opened.number, local_time(moment(opened.due_at)), villages.contact(turn)))
        after = replace(state, question=asked_in or "", misses=0, asking="")
        if turn.village is None and turn.snapshot.town:
            # Which adviser answers depends on the village; asked once, by digits, and not needed.
            listed = villages.listing(turn, "1")
            reply = Reply(f"{text}\n\n{listed.reply.text}", listed.reply.options)
            return Done(reply, replace(listed.state or after, question=after.question, shown=after.shown, misses=0))
        return Done(Reply(text), after)

    return Outcome(Reply(telling.sorry(turn.words, turn.snapshot.hotlines)), decision, effect=effect, state=state)


def mine(turn: Context) -> Outcome:
    """我的问题: the villager's tickets and how each stands."""

    def effect(db: Database) -> Done:
        own = tickets.of_villager(db, turn.villager.villager)
        if not own:
            return Done(Reply(turn.words.person.none))
        lines = [filled.ticket_line(turn.words, t.number, _status(turn.words.person, t, turn.now), t.question) for t in own[:9]]
        return Done(Reply(filled.tickets(turn.words, lines)))

    return Outcome(Reply(turn.words.person.none), "command", effect=effect)


def pick_up(turn: Context, number: int) -> Outcome:
    """A pick-up number: its answer, or how it stands; only for its sender, and alike for numbers that do not exist."""

    def effect(db: Database) -> Done:
        found = tickets.find(db, number)
        if found is None or found.villager != turn.villager.villager:
            return Done(Reply(turn.words.person.not_yours))
        if found.answer is not None:
            reply, state = show.long(turn, answer_text(db, turn.words, found))
            tickets.deliver(db, number, turn.now)
            return Done(reply, state)
        if found.closed_at is not None:
            return Done(Reply(filled.ticket_closed(turn.words, number)))
        due = moment(found.due_at)
        late = turn.now > due
        return Done(
            Reply(filled.ticket_late(turn.words, number) if late else filled.ticket_waits(turn.words, number, local_time(due)))
        )

    return Outcome(Reply(turn.words.person.not_yours), "command", effect=effect)


def answer_text(db: Database, words: Words, ticket: tickets.Ticket) -> str:
    """Return a person's answer as the villager reads it."""
    who = advisers.find(db, ticket.answered_by)
    name = filled.signed(who.name, who.role) if who else words.person.nobody_known
    on = local_time(moment(ticket.answered_at or ticket.opened_at)).date()
    return filled.ticket_answer(words, ticket.number, ticket.question, ticket.answer or "", name, on)


def _status(words: Person, ticket: tickets.Ticket, now: datetime) -> str:
    if ticket.answer is not None:
        return words.is_answered
    if ticket.closed_at:
        return words.is_closed
    return words.is_waiting if now <= moment(ticket.due_at) else words.is_late
