"""How an entry, a list, a long text is shown: in parts that fit one WeChat text, with numbers and things to tap."""

import re
from collections.abc import Sequence
from dataclasses import replace

from bot import wording
from bot.dialogue.state import Choice, State
from bot.dialogue.turn import Context
from bot.faq import telling
from bot.faq.entry import Entry
from bot.message import Option, Reply
from bot.text import WECHAT_TEXT_BYTES
from bot.wording import filled

LINK_BYTES = 75
"""What a thing to tap costs in a WeChat text, besides its label and what it sends."""

PER_PAGE = 8
"""Lists show so many, so that 9 turns the page."""

MOST_RELATED = 3


def entry(
    turn: Context, shown: Entry, *, heard: str = "", back: str = "reject", also: Entry | None = None
) -> tuple[Reply, State]:
    """Show an entry: the question it answers, the answer, its source, and the ways on that fit; ``also`` is a second matter."""
    parts, tail = _parts(turn, shown, heard)
    state = replace(turn.state, entry=shown.id, shown=turn.key, back=back, misses=0, asking="")
    return part(turn, state, parts, tail, also)


def _parts(turn: Context, shown: Entry, heard: str) -> tuple[Sequence[str], str]:
    """Return the parts of an entry and what stands under each; without what was ``heard`` they are always the same."""
    kept: dict[str, tuple[list[str], str]] = turn.snapshot.worked_out
    is_served = not heard and shown is turn.snapshot.entries.get(shown.id)
    if is_served and (found := kept.get(shown.id)):
        return found
    tail = telling.footer(turn.words, shown)
    parts = pages(telling.answer(turn.words, shown, heard=heard), _room(tail))
    if shown.more:
        parts += pages(telling.more(turn.words, shown), _room(tail))
    if is_served:
        kept[shown.id] = parts, tail
    return parts, tail


def part(turn: Context, state: State, parts: Sequence[str], tail: str, also: Entry | None = None) -> tuple[Reply, State]:
    """Show the first of ``parts``; the others follow by 「更多」."""
    text, rest = parts[0], tuple(parts[1:])
    wanted = _ways_on(turn, state, rest, also)
    room = WECHAT_TEXT_BYTES - len(text.encode()) - len(tail.encode()) - 2
    fitting: list[tuple[int, Option, str]] = []
    for place, option, action in wanted:
        room -= LINK_BYTES + len(option.label.encode()) + len(option.send.encode())
        if room >= 0:
            fitting.append((place, option, action))
    fitting.sort(key=lambda one: one[0])
    options = tuple(option for _, option, _ in fitting)
    choices = tuple(Choice(option.label, action) for _, option, action in fitting if not option.number)
    return Reply(text, options, tail), replace(state, choices=choices, rest=rest, tail=tail)


def _ways_on(turn: Context, state: State, rest: Sequence[str], also: Entry | None) -> list[tuple[int, Option, str]]:
    """Return (place, option, action), the most wanted first: what does not fit is left to be typed."""
    ways: list[tuple[int, Option, str]] = []
    if rest:
        ways.append((0, Option(wording.MORE, wording.MORE), "more"))
    elif not state.entry:
        return []
    if also:
        ways.append((5, Option(filled.also_asked(turn.words, also.question), also.question), f"entry:{also.id}"))
    ways.append((90, Option(turn.words.answers.not_this, "0", "0"), state.back))
    ways.append((91, Option(wording.PERSON, "00", "00"), "person"))
    ways.append((80, Option(wording.HELPED, wording.HELPED), "helped"))
    ways.append((81, Option(wording.USELESS, wording.USELESS), "useless"))
    shown = turn.snapshot.entries.get(state.entry)
    related = [e for id_ in (shown.related if shown else ()) if (e := turn.snapshot.servable(id_, turn.today))]
    for place, other in enumerate(related[:MOST_RELATED], 10):
        ways.append((place, Option(other.question, other.question), f"entry:{other.id}"))
    return ways


def choose(turn: Context, entries: Sequence[Entry], head: str, state: State) -> tuple[Reply, State]:
    """Offer entries to choose from."""
    options = (
        *(Option(e.question, e.question) for e in entries),
        Option(wording.NONE_OF_THESE, "0", "0"),
        Option(wording.PERSON, "00", "00"),
    )
    choices = tuple(Choice(e.question, f"entry:{e.id}") for e in entries)
    return Reply(head, options), replace(
        state, choices=choices, back="none", others=tuple(e.id for e in entries), rest=(), tail="", asking=""
    )


def listing(turn: Context, head: str, items: Sequence[Choice], *, page: int, turn_page: str, back: str) -> tuple[Reply, State]:
    """Show a list, eight at a time: 9 turns the page (action ``turn_page:N``), 0 goes back."""
    first = (page - 1) * PER_PAGE
    shown = tuple(items[first : first + PER_PAGE])
    further = len(items) > first + PER_PAGE
    options = [Option(choice.label, choice.label) for choice in shown]
    if further:
        options.append(Option(wording.NEXT_PAGE, "9", "9"))
    options.append(Option(wording.GO_BACK, "0", "0"))
    choices = shown
    if further:
        choices = (*shown, Choice(wording.NEXT_PAGE, f"{turn_page}:{page + 1}"))
    state = replace(turn.state, choices=choices, back=back, rest=(), tail="", asking="")
    return Reply(head, tuple(options)), state


def pages_of(items: Sequence[object]) -> int:
    """Return how many pages a list has."""
    return max(1, -(-len(items) // PER_PAGE))


def long(turn: Context, text: str, state: State | None = None) -> tuple[Reply, State]:
    """Show a text of any length, in parts."""
    state = replace(state or turn.state, entry="", choices=(), back="menu")
    return part(turn, state, pages(text, _room("")), "")


def together(turn: Context, reply: Reply, state: State, *, before: str, after: Sequence[str]) -> tuple[Reply, State] | None:
    """Put ``before`` and ``after`` around a reply; a long text goes on to further parts, a list that is too long gives None."""
    # A list stays in one piece: what goes with it stands above its head.
    around = (before, *after, reply.text) if state.choices and not state.entry else (before, reply.text, *after)
    text = "\n\n".join(part for part in around if part)
    size = len(text.encode()) + len(reply.tail.encode()) + 2
    size += sum(LINK_BYTES + len(o.label.encode()) + len(o.send.encode()) for o in reply.options)
    if size <= WECHAT_TEXT_BYTES:
        return replace(reply, text=text), state
    if reply.options and not (state.rest or state.entry):
        return None
    shown = [*pages(text, _room(reply.tail)), *state.rest]
    return part(turn, replace(state, tail=reply.tail), shown, reply.tail)


def pages(text: str, room: int) -> list[str]:
    """Cut a text into parts of at most ``room`` bytes, between paragraphs, else lines, else sentences, else anywhere.

    >>> pages("一二。三四。", 9)
    ['一二。', '三四。']
    """
    parts: list[str] = []
    held = ""
    for piece in _pieces(text, room):
        if held and len((held + piece).rstrip().encode()) > room:
            parts.append(held.strip())
            held = ""
        held += piece
    parts.append(held.strip())
    return [part for part in parts if part] or [""]


def _pieces(text: str, room: int, marks: tuple[str, ...] = (r"(?<=\n\n)", r"(?<=\n)", r"(?<=[。！？；])")) -> list[str]:
    if len(text.rstrip().encode()) <= room:
        return [text]
    if marks:
        return [piece for whole in re.split(marks[0], text) for piece in _pieces(whole, room, marks[1:])]
    out, held = [], ""
    for character in text:
        if len((held + character).encode()) > room:
            out.append(held)
            held = ""
        held += character
    return [*out, held]


def _room(tail: str) -> int:
    """Return how long a part may be with ``tail`` and 「更多」 under it."""
    link = LINK_BYTES + 2 * len(wording.MORE.encode())
    return WECHAT_TEXT_BYTES - len(tail.encode()) - link - 4
