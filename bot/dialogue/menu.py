"""The ways on that a number stands for: an entry, the next part, a list, a verdict, a person."""

from collections.abc import Callable
from dataclasses import replace

from bot.dialogue import people, show, villages
from bot.dialogue.state import Choice, State
from bot.dialogue.turn import Context, Done, Outcome
from bot.faq.entry import Entry
from bot.ledger import turns
from bot.ledger.database import Database
from bot.message import Reply
from bot.wording import filled


def act(turn: Context, action: str) -> Outcome:
    """Do what a choice stands for."""
    name, _, value = action.partition(":")
    return ACTIONS[name](turn, value)


def entry(turn: Context, value: str) -> Outcome:
    """Show an entry that was chosen."""
    chosen = turn.snapshot.servable(value, turn.today)
    if chosen is None:
        return Outcome(Reply(turn.words.choices.not_offered), "command")
    came_from = turn.state.back if turn.state.back.startswith("categor") else ""
    back = f"category:{chosen.category}:1" if came_from else "again" if value in turn.state.others else "reject"
    reply, state = show.entry(turn, chosen, back=back)
    # What was offered for a question settles that question; related entries and browsing are questions of their own.
    settles = turn.state.question if value in turn.state.others else ""
    decision = "answer" if settles else "read"
    return Outcome(reply, decision, chosen, follows=settles or None, state=replace(state, question=settles or turn.key))


def again(turn: Context, _: str) -> Outcome:
    """Show once more what could be chosen."""
    found = [e for id_ in turn.state.others if (e := turn.snapshot.servable(id_, turn.today))]
    reply, state = show.choose(turn, found, turn.words.choices.head, turn.state)
    return Outcome(reply, "command", state=state)


def more(turn: Context, _: str) -> Outcome:
    """Show the next part of a long text."""
    if not turn.state.rest:
        return Outcome(Reply(turn.words.answers.no_more), "command")
    reply, state = show.part(turn, turn.state, turn.state.rest, turn.state.tail)
    return Outcome(reply, "command", state=state)


def reject(turn: Context, _: str) -> Outcome:
    """0 after an answer: it was not what was asked. That is kept, and what else may be meant is offered."""
    state = turn.state
    wrong = state.shown
    found = [e for id_ in state.others if id_ != state.entry and (e := turn.snapshot.servable(id_, turn.today))]
    if found:
        reply, after = show.choose(turn, found, turn.words.choices.not_that, replace(state, entry="", shown=""))
        decision, offered = "choose", tuple(e.id for e in found)
    else:
        reply, after = Reply(turn.words.choices.rephrase), State(question=state.question, misses=1)
        decision, offered = "miss", ()

    def effect(db: Database) -> Done:
        turns.judge(db, wrong, "wrong")
        return Done(reply, after)

    return Outcome(
        reply,
        decision,
        offered=offered,
        follows=state.question or None,
        state=after,
        effect=effect,
        judged=(wrong, "wrong") if wrong else None,
    )


def none(turn: Context, _: str) -> Outcome:
    """0 after a list: none of these was meant. The second time in a row a person takes over."""
    misses = turn.state.misses + 1
    if misses >= people.MISSES:
        return people.ticket(turn, "missed", say=lambda text: filled.ticket_missed(turn.words, text), state=State())
    return Outcome(Reply(turn.words.choices.rephrase), "command", state=State(question=turn.state.question, misses=misses))


def menu(turn: Context, _: str) -> Outcome:
    """Back to the start."""
    return Outcome(Reply(turn.words.coming.greeting), "command", state=State())


def categories(turn: Context, value: str) -> Outcome:
    """List the categories of the FAQ."""
    names = turn.snapshot.categories(turn.today)
    items = [Choice(name, f"category:{name}:1") for name in names]
    reply, state = show.listing(
        turn,
        turn.words.browsing.categories,
        items,
        page=int(value or 1),
        turn_page="categories",
        back=_before(value, "categories", "menu"),
    )
    return Outcome(reply, "command", state=replace(state, question="", others=()))


def category(turn: Context, value: str) -> Outcome:
    """List the entries of a category."""
    name, _, page = value.rpartition(":")
    found: list[Entry] = turn.snapshot.categories(turn.today).get(name, [])
    items = [Choice(e.question, f"entry:{e.id}") for e in found]
    head = filled.category(turn.words, name, int(page), show.pages_of(items))
    back = _before(page, f"category:{name}", "categories:1")
    reply, state = show.listing(turn, head, items, page=int(page), turn_page=f"category:{name}", back=back)
    return Outcome(reply, "command", state=replace(state, question="", others=()))


def helped(turn: Context, _: str) -> Outcome:
    """The answer was of use."""
    if not turn.state.shown:
        return Outcome(Reply(turn.words.answers.nothing_to_judge), "command")
    shown = turn.state.shown

    def effect(db: Database) -> Done:
        turns.judge(db, shown, "helped")
        return Done(Reply(turn.words.answers.helped))

    return Outcome(Reply(turn.words.answers.helped), "command", effect=effect, judged=(shown, "helped"))


def useless(turn: Context, because: str) -> Outcome:
    """The answer was of no use: that is kept, with the reason, and a person takes over."""
    if not turn.state.shown:
        return Outcome(Reply(turn.words.answers.nothing_to_judge), "command")
    return people.ticket(
        turn, "useless", say=lambda text: filled.ticket_useless(turn.words, text), state=turn.state, remark=because
    )


def person(turn: Context, _: str) -> Outcome:
    """A person is wanted: for the question that was asked just now, or for one that is asked for."""
    return people.wanted(turn)


def _before(page: str, action: str, first: str) -> str:
    return f"{action}:{int(page) - 1}" if page and int(page) > 1 else first


ACTIONS: dict[str, Callable[[Context, str], Outcome]] = {
    "entry": entry,
    "again": again,
    "more": more,
    "reject": reject,
    "none": none,
    "menu": menu,
    "categories": categories,
    "category": category,
    "villages": villages.listing,
    "village": villages.chosen,
    "helped": helped,
    "useless": useless,
    "person": person,
    "cancel": lambda turn, _: Outcome(Reply(turn.words.person.cancelled), "command", state=State()),
}
"""What the part of an action before the colon does, given the part behind it."""
