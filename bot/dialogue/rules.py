"""The rules: small functions that answer or decline. Their order in ``RULES`` is the policy."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial

from bot import wording
from bot.dialogue import menu, people, privacy, show, villages
from bot.dialogue.commands import command_of, useless_because
from bot.dialogue.crisis import JUST_ASKING, crisis
from bot.dialogue.staff import bind, staff
from bot.dialogue.state import State
from bot.dialogue.turn import Context, Outcome
from bot.faq import telling
from bot.faq.citation import parse
from bot.faq.library import Snapshot
from bot.ledger.clock import local_day
from bot.matching.decision import SHOWN, decide
from bot.matching.index import Ranking
from bot.matching.normalise import normalise
from bot.matching.story import second_matter
from bot.message import WECHAT_TEXT, Incoming, Option, Reply
from bot.text import clean, mask
from bot.wording import filled
from bot.wording.villagers import Coming, Unreadable

SILENT = {"other"}
"""Kinds that nobody expects an answer to; they are acknowledged and not kept."""

_MEDIA: dict[str, Callable[[Unreadable], str]] = {
    "image": lambda words: words.picture,
    "video": lambda words: words.picture,
    "file": lambda words: words.picture,
    "location": lambda words: words.place,
    "link": lambda words: words.link,
}

LONGEST_CHOICE = 20
"""More characters than a number has with what people write around it."""

NOT_SURE = 0.5
"""Confidence that is never enough to answer, and enough to offer."""

_NUMERALS = {c: n for n, c in enumerate("零一二三四五六七八九")}


def gone(turn: Context) -> Outcome | None:
    """Somebody left; there is nobody to answer."""
    return Outcome(Reply(""), "event") if turn.message.kind == "unsubscribe" else None


def welcome(turn: Context) -> Outcome | None:
    """Somebody came, or scanned a code; a village's code says which village they are of."""
    if turn.message.kind not in {"subscribe", "scan"}:
        return None
    village = villages.scanned(turn)
    text = turn.words.coming.welcome
    if village:
        text = f"{telling.village_set(turn.words, village, villages.adviser_line(turn, village))}\n\n{text}"
    return Outcome(Reply(text), "event", state=State(), village=village.name if village else None)


def media(turn: Context) -> Outcome | None:
    """Something that cannot be read; a voice message with recognised text is a question like any other."""
    if turn.text:
        return None
    if turn.message.kind == "voice":
        return Outcome(Reply(filled.voice(turn.words, villages.contact(turn))), "media")
    if turn.message.kind in _MEDIA:
        return Outcome(Reply(_MEDIA[turn.message.kind](turn.words.unreadable), (Option(wording.PERSON, "00", "00"),)), "media")
    return None


def nothing(turn: Context) -> Outcome | None:
    """A message without a word in it."""
    return None if normalise(turn.text) else Outcome(Reply(turn.words.unreadable.empty), "empty")


def number(turn: Context) -> Outcome | None:
    """A number: a choice from what was offered, 0 back, 00 a person, three digits and more a pick-up number."""
    digits = _digits(turn.text)
    if digits is None:
        return None
    if len(digits) >= 3:
        return people.pick_up(turn, int(digits))
    if digits == "00":
        return people.wanted(turn)
    if digits == "0":
        return menu.act(turn, turn.state.back or "menu")
    if int(digits) <= len(turn.state.choices):
        return menu.act(turn, turn.state.choices[int(digits) - 1].action)
    if digits == "9" and turn.state.choices and turn.state.choices[-1].label == wording.NEXT_PAGE:
        return menu.act(turn, turn.state.choices[-1].action)
    return Outcome(Reply(turn.words.choices.not_offered), "command")


def tapped(turn: Context) -> Outcome | None:
    """The very words of something that was offered, as a tap sends them; also of a list from before."""
    said = normalise(turn.text)
    for choice in turn.state.choices:
        if normalise(choice.label) == said:
            return menu.act(turn, choice.action)
    for name in turn.snapshot.categories(turn.today):
        if normalise(name) == said:
            return menu.act(turn, f"category:{name}:1")
    return None


def told(turn: Context) -> Outcome | None:
    """The sentence that was asked for, where it is no command: it goes to a person."""
    return people.asked(turn) if turn.state.asking == "ticket" and command_of(turn.text) is None else None


def command(turn: Context) -> Outcome | None:
    """A command, in any of its spellings."""
    if because := useless_because(turn.text):
        return menu.useless(turn, because)
    name = command_of(turn.text)
    return _COMMANDS[name](turn) if name else None


def village(turn: Context) -> Outcome | None:
    """The name of a village and nothing else."""
    named = villages.told(turn)
    return villages.chosen(turn, named.name) if named else None


def statute(turn: Context) -> Outcome | None:
    """The text of an article: 查法条 民法典 1079."""
    asked = re.fullmatch(r"\s*查(?:一下|下)?(?:法条|法律|条文|法规)\s*[:：,，]?\s*(.*)", turn.text, re.DOTALL)
    if not asked:
        return None
    reply, state = show.long(turn, _statute(turn, asked[1]))
    return Outcome(reply, "command", state=state)


def _statute(turn: Context, asked: str) -> str:
    citation = parse(asked)
    if citation is None:
        return turn.words.law.usage
    laws = turn.snapshot.laws
    law = laws.find(citation.law)
    if law is None:
        return turn.words.law.no_law
    if law.repealed and law.is_repealed(turn.today):
        return filled.repealed(turn.words, law.name, law.repealed, law.replaced_by)
    if not laws.has_text(law, turn.today):
        return turn.words.law.no_text
    text = laws.article(citation, turn.today)
    whole = replace(citation, law=law.name, clause=None, point=None)
    return filled.article(turn.words, str(whole), text, law.amended) if text else turn.words.law.no_article


def question(turn: Context) -> Outcome:
    """A question: answer it, offer what may be meant, or admit the miss."""
    if (text := JUST_ASKING.sub("", turn.text, count=1)) != turn.text:
        turn = replace(turn, text=text)
    ranking = turn.snapshot.index.ranking(turn.text, limit=2 * SHOWN)
    candidates = tuple(c for c in ranking.candidates if turn.snapshot.servable(c.id, turn.today))[:SHOWN]
    heard = mask(turn.text) if turn.message.kind == "voice" else ""
    # Where the first may not answer, its confidence says nothing of the next.
    sure = ranking.confidence if candidates[:1] == ranking.candidates[:1] else min(ranking.confidence, NOT_SURE)
    rivals = turn.snapshot.rivals(candidates[0].id) if candidates else ()
    decision = decide(Ranking(candidates, sure), turn.snapshot.index.model.thresholds, rivals)
    village = None if turn.villager.village else villages.named(turn, turn.text)
    name = village.name if village else None
    if decision == "miss" and ranking.outside and ranking.outside.kind == "闲聊":
        return Outcome(Reply(turn.words.coming.chat), "command")
    if decision == "miss":
        topic = ranking.outside.topic if ranking.outside else candidates[0].id if candidates else None
        return replace(_missed(turn), candidates=candidates, village=name, topic=topic)
    entries = [turn.snapshot.entries[c.id] for c in candidates]
    second = second_matter(turn.snapshot.index, turn.text, entries[0].id)
    also = turn.snapshot.servable(second.id, turn.today) if second else None
    if also and also not in entries:
        entries[SHOWN - 1 :] = [also]
    asked = State(question=turn.key, others=tuple(e.id for e in entries), misses=turn.state.misses)
    if decision == "answer":
        reply, state = show.entry(replace(turn, state=asked), entries[0], heard=heard, also=also)
        return Outcome(reply, "answer", entries[0], candidates, state=state, village=name)
    reply, state = show.choose(turn, entries, filled.choose(turn.words, heard=heard), asked)
    return Outcome(reply, "choose", candidates=candidates, offered=tuple(e.id for e in entries), state=state, village=name)


def _missed(turn: Context) -> Outcome:
    misses = turn.state.misses + 1
    if misses >= people.MISSES:
        say = partial(filled.ticket_missed, turn.words)
        return people.ticket(turn, "missed", say=say, state=State(), decision="miss", question=turn.text)
    reply = Reply(turn.words.choices.miss, (Option(wording.PERSON, "00", "00"),))
    return Outcome(reply, "miss", state=State(question=turn.key, misses=misses))


def _says(text: Callable[[Coming], str]) -> Callable[[Context], Outcome]:
    return lambda turn: Outcome(Reply(text(turn.words.coming)), "command")


_COMMANDS: dict[str, Callable[[Context], Outcome]] = {
    "help": _says(lambda words: words.help),
    "greeting": _says(lambda words: words.greeting),
    "thanks": _says(lambda words: words.thanks),
    "goodbye": _says(lambda words: words.goodbye),
    "chat": _says(lambda words: words.chat),
    "rude": _says(lambda words: words.rude),
    "categories": lambda turn: menu.act(turn, "categories:1"),
    "more": lambda turn: menu.act(turn, "more"),
    "back": lambda turn: menu.act(turn, turn.state.back or "menu"),
    "person": people.wanted,
    "village": lambda turn: menu.act(turn, "villages:1"),
    "helped": lambda turn: menu.act(turn, "helped"),
    "useless": lambda turn: menu.act(turn, "useless"),
    "tickets": people.mine,
    "privacy": privacy.rule,
    "record": privacy.record,
    "forget": privacy.forget,
    "withdraw": privacy.withdraw,
    "consent": privacy.consent,
}

RULES = (gone, welcome, bind, staff, number, crisis, media, nothing, command, tapped, told, village, statute, question)


def first_answer(turn: Context) -> Outcome:
    """Return the outcome of the first rule that has one; ``question`` always does."""
    return next(outcome for rule in RULES if (outcome := rule(turn)))


def asked(text: str, snapshot: Snapshot, now: datetime) -> Context:
    """Return a message of a villager who wrote nothing before."""
    message = Incoming("", "", WECHAT_TEXT, "text", text)
    return Context(message, clean(text), now, local_day(now), snapshot, key="preview")


def preview(text: str, snapshot: Snapshot, now: datetime) -> Outcome:
    """Return what a villager who wrote nothing before would get for ``text``; nothing is recorded."""
    return first_answer(asked(text, snapshot, now))


def _digits(text: str) -> str | None:
    """Return the digits that the text is: 3, ３, ③, 三, 第3个, 选3, 0, 00, 023; None for anything else."""
    if len(text) > LONGEST_CHOICE:
        return None
    bare = re.sub(r"^(?:我?选|第|回复?|编号|按)|(?:[个条]|号|[.。、])+$", "", unicodedata.normalize("NFKC", text).strip())
    bare = re.sub(r"[個條.。、]$", "", bare).strip()
    if bare in _NUMERALS:
        return str(_NUMERALS[bare])
    return bare if re.fullmatch(r"[0-9]{1,6}", bare) else None
