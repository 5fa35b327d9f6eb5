"""One question on two states of the knowledge: what a villager gets, and why."""

from dataclasses import dataclass
from datetime import datetime

from bot.dialogue.rules import preview
from bot.faq.edit.drafting import as_signed
from bot.faq.edit.editing import Composed, Fields
from bot.faq.edit.replay import Said
from bot.faq.entry import Entry
from bot.faq.library import Snapshot
from bot.matching.explain import Trace, explain
from handlers.console import faq_common as common
from handlers.console.faq_shown import as_entry
from handlers.services import services

LONGEST = 200

_DECISIONS = {"choose": "请群众选", "miss": "没答上", "empty": "请群众打字", "crisis": "急事，发固定的卡片"}


@dataclass(frozen=True)
class Asked:
    """One question on one state of the knowledge: what a villager gets, and why."""

    said: Said
    trace: Trace
    questions: dict[str, str]


@dataclass(frozen=True)
class Trial:
    """A question before and after an edit; ``after`` is None where there is none."""

    question: str
    before: Asked
    after: Asked | None = None
    edited: str = ""


def trial(said: Fields, made: Composed, id_: str, question: str) -> Trial:
    """Try a question on what is served and on an edit; takes some seconds. Raises Occupied."""
    base, question = common.snapshot(), question[:LONGEST]
    entry = answering(base, as_entry(said, made, id_))
    return Trial(question, ask(base, question), ask(common.desk().trials.snapshot(base, entry), question), id_)


def said_of(snapshot: Snapshot, question: str, now: datetime) -> Said:
    """Return what a villager would get, in a word; a list in another order is the same list."""
    outcome = preview(question, snapshot, now)
    if outcome.decision == "answer" and outcome.entry:
        return Said(("answer", outcome.entry.id), f"直接回答「{outcome.entry.question}」", outcome.entry.id)
    if outcome.decision == "choose":
        names = [snapshot.entries[id_].question for id_ in outcome.offered if id_ in snapshot.entries]
        return Said(("choose", frozenset(outcome.offered)), "请群众选：" + "、".join(f"「{name}」" for name in names))
    return Said((outcome.decision,), _DECISIONS.get(outcome.decision, "按命令处理"))


def ask(snapshot: Snapshot, question: str) -> Asked:
    """Ask a question."""
    names = {id_: entry.question for id_, entry in snapshot.entries.items()}
    return Asked(said_of(snapshot, question, services().clock()), explain(snapshot.index, question), names)


def answering(base: Snapshot, entry: Entry) -> Entry:
    """Return an edit as it is when it answers: signed, where only what is signed does."""
    if base.only_signed and entry.status == "draft":
        return as_signed(entry, "", common.today(), entry.valid_until or common.today())
    return entry
