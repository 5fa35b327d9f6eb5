"""An entry as villagers see it in WeChat, message by message; what is wrong with it, beside the field that it concerns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.dialogue import show
from bot.dialogue.rules import asked
from bot.dialogue.state import State
from bot.faq.edit.editing import Composed, Fields
from bot.faq.edit.entry_check import Cited, cited
from bot.faq.entry import Entry
from bot.faq.finding import Finding
from bot.message import Reply
from bot.text import WECHAT_TEXT_BYTES
from handlers.console import faq_common as common
from handlers.services import services
from handlers.wechat_io import to_text

MOST_PARTS = 30


@dataclass(frozen=True)
class Message:
    """One WeChat message: its text, what can be tapped, its last lines, and its length in bytes with all markup."""

    text: str
    options: tuple[str, ...]
    tail: str
    size: int

    @property
    def most(self) -> int:
        """How long a message may be."""
        return WECHAT_TEXT_BYTES


@dataclass(frozen=True)
class Beside:
    """A finding beside a field of the form."""

    problem: str
    remedy: str
    is_error: bool


@dataclass(frozen=True)
class Look:
    """All that is shown of an edit without saving it."""

    messages: tuple[Message, ...]
    beside: Mapping[str, tuple[Beside, ...]]
    basis: tuple[Cited, ...]

    @property
    def errors(self) -> int:
        """How many findings are errors."""
        return sum(one.is_error for many in self.beside.values() for one in many)


def messages(entry: Entry) -> tuple[Message, ...]:
    """Return what a villager gets who asks for the entry and then for 「更多」 until there is no more."""
    turn = asked(entry.question, common.snapshot(), services().clock())
    reply, state = show.entry(replace(turn, state=State(question="preview")), entry)
    found = [_message(reply)]
    while state.rest and len(found) < MOST_PARTS:
        reply, state = show.part(turn, state, state.rest, state.tail)
        found.append(_message(reply))
    return tuple(found)


def as_entry(said: Fields, made: Composed, id_: str) -> Entry:
    """Return what is being written as an entry, also where it is unfinished."""
    return made.entry or Entry.model_construct(
        id=id_, category=said.category or "类别", question=said.question, phrasings=said.phrasings, basis=said.basis,
        deadline=said.deadline or None, related=said.related, not_to_confuse_with=said.not_to_confuse_with, status="draft",
        author=said.author, updated=common.today(), answer=said.answer, more=said.more,
    )  # fmt: skip


def look(said: Fields, made: Composed, id_: str) -> Look:
    """Return an edit as villagers would see it, and what is wrong with it."""
    today, now = common.today(), common.snapshot()
    beside: dict[str, list[Beside]] = {}
    for fault in made.faults:
        beside.setdefault(fault.field, []).append(Beside(fault.problem, fault.remedy, True))
    if made.entry:
        for finding in common.desk().checked.one(common.folder(), now, made.entry, today):
            beside.setdefault(finding.field, []).append(_beside(finding))
    cited_ = tuple(cited(common.checked_folder(), line) for line in said.basis)
    shown = messages(as_entry(said, made, id_)) if said.question or said.answer else ()
    return Look(shown, {name: tuple(many) for name, many in beside.items()}, cited_)


def of_entry(findings: Sequence[Finding]) -> tuple[Beside, ...]:
    """Return findings for a page that shows them together."""
    return tuple(map(_beside, findings))


def _beside(finding: Finding) -> Beside:
    return Beside(finding.problem, finding.remedy, finding.severity == "error")


def _message(reply: Reply) -> Message:
    options = tuple(f"{option.number or n}. {option.label}" for n, option in enumerate(reply.options, 1))
    return Message(reply.text, options, reply.tail, len(to_text(reply).encode()))
