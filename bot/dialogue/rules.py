"""The rules: small functions that answer or decline. Their order in ``RULES`` is the policy."""

import re
import unicodedata
from dataclasses import replace
from datetime import datetime

from bot import wording
from bot.dialogue.turn import Context, Outcome
from bot.faq.citation import parse
from bot.faq.entry import Entry
from bot.faq.library import Snapshot
from bot.ledger.clock import local_day
from bot.matching.decision import SHOWN, decide
from bot.matching.index import Ranking
from bot.matching.normalise import normalise
from bot.message import WECHAT_TEXT, Incoming, Option, Reply
from bot.text import clean, mask

SILENT = {"other"}
"""Kinds that nobody expects an answer to; they are acknowledged and not kept."""

_MEDIA = {
    "voice": wording.VOICE,
    "image": wording.PICTURE,
    "video": wording.PICTURE,
    "file": wording.PICTURE,
    "location": wording.PLACE,
    "link": wording.LINK,
}

# What is sent, normalised -> what is answered.
_COMMANDS = {
    sent: answer
    for answer, sents in (
        (wording.HELP, ("帮助", "help", "怎么用", "使用说明", "说明", "菜单", "功能")),
        (wording.HELP, ("你好", "您好", "喂", "在吗", "在不在", "有人吗", "hi", "hello", "早上好", "下午好", "晚上好")),
        (wording.THANKS, ("谢谢", "谢谢你", "谢谢您", "多谢", "唔该", "感谢", "好的谢谢", "知道了谢谢")),
        (wording.THANKS, ("好", "好的", "知道了", "明白了", "嗯", "嗯嗯", "哦", "ok")),
    )
    for sent in sents
}
_MORE = {"更多", "更多内容", "还有呢", "继续", "接着看", "下一页", "更多更多"}
LONGEST_CHOICE = 20
"""More characters than a number has with what people write around it."""

NOT_SURE = 0.5
"""Confidence that is never enough to answer, and enough to offer."""

_NUMERALS = {c: n for n, c in enumerate("一二三四五六七八九", 1)}


def gone(turn: Context) -> Outcome | None:
    """Somebody left; there is nobody to answer."""
    return Outcome(Reply(""), "event") if turn.message.kind == "unsubscribe" else None


def welcome(turn: Context) -> Outcome | None:
    """Somebody came, or scanned a code."""
    return Outcome(Reply(wording.WELCOME), "event") if turn.message.kind in {"subscribe", "scan"} else None


def media(turn: Context) -> Outcome | None:
    """Something that cannot be read; a voice message with recognised text is a question like any other."""
    if turn.message.kind in _MEDIA and not turn.text:
        return Outcome(Reply(_MEDIA[turn.message.kind]), "media")
    return None


def nothing(turn: Context) -> Outcome | None:
    """A message without a word in it."""
    return None if normalise(turn.text) else Outcome(Reply(wording.EMPTY), "empty")


def choice(turn: Context) -> Outcome | None:
    """The number, or the very question, of something that was offered."""
    number = _number(turn.text)
    if turn.offer and turn.offer.entries:
        chosen = None
        if number is not None and 1 <= number <= len(turn.offer.entries):
            chosen = turn.offer.entries[number - 1]
        elif number is None:
            asked = normalise(turn.text)
            chosen = next((i for i in turn.offer.entries if asked == _question(turn, i)), None)
        if chosen and (entry := turn.snapshot.servable(chosen, turn.today)):
            return Outcome(Reply(wording.answer(entry)), "answer", entry, follows=turn.offer.key)
    return None if number is None else Outcome(Reply(wording.NOT_OFFERED), "command")


def more(turn: Context) -> Outcome | None:
    """The rest of the answer before."""
    if normalise(turn.text) not in _MORE:
        return None
    entry = turn.snapshot.servable(turn.offer.answered, turn.today) if turn.offer and turn.offer.answered else None
    return Outcome(Reply(wording.more(entry) if entry and entry.more else wording.NO_MORE), "command")


def command(turn: Context) -> Outcome | None:
    """A greeting, thanks, a call for help."""
    text = _COMMANDS.get(normalise(turn.text))
    return Outcome(Reply(text), "command") if text else None


def statute(turn: Context) -> Outcome | None:
    """The text of an article: 查法条 民法典 1079."""
    asked = re.fullmatch(r"\s*查(?:一下|下)?(?:法条|法律|条文)\s*[:：,，]?\s*(.*)", turn.text, re.DOTALL)
    if not asked:
        return None
    return Outcome(Reply(_statute(turn, asked[1])), "command")


def _statute(turn: Context, asked: str) -> str:
    citation = parse(asked)
    if citation is None:
        return wording.LAW_USAGE
    laws = turn.snapshot.laws
    law = laws.find(citation.law)
    if law is None:
        return wording.NO_SUCH_LAW
    if law.repealed and law.is_repealed(turn.today):
        return wording.repealed(law.name, law.repealed, law.replaced_by)
    if not laws.has_text(law, turn.today):
        return wording.NO_LAW_TEXT
    text = laws.article(citation, turn.today)
    whole = replace(citation, law=law.name, clause=None, point=None)
    return wording.article(str(whole), text, law.amended) if text else wording.NO_SUCH_ARTICLE


def question(turn: Context) -> Outcome:
    """A question: answer it, offer what may be meant, or admit the miss."""
    ranking = turn.snapshot.index.ranking(turn.text, limit=2 * SHOWN)
    candidates = tuple(c for c in ranking.candidates if turn.snapshot.servable(c.id, turn.today))[:SHOWN]
    heard = mask(turn.text) if turn.message.kind == "voice" else ""
    # Where the first may not answer, its confidence says nothing of the next.
    sure = ranking.confidence if candidates[:1] == ranking.candidates[:1] else min(ranking.confidence, NOT_SURE)
    rivals = turn.snapshot.rivals(candidates[0].id) if candidates else ()
    decision = decide(Ranking(candidates, sure), turn.snapshot.index.model.thresholds, rivals)
    if decision == "miss":
        return Outcome(Reply(wording.MISS), "miss", candidates=candidates)
    entries = [turn.snapshot.entries[c.id] for c in candidates]
    if decision == "answer":
        return Outcome(Reply(wording.answer(entries[0], heard=heard)), "answer", entries[0], candidates)
    options = tuple(map(_option, entries))
    reply = Reply(wording.choose(heard=heard), options, wording.CHOOSE_TAIL)
    return Outcome(reply, "choose", candidates=candidates, offered=tuple(e.id for e in entries))


RULES = (gone, welcome, media, nothing, choice, more, command, statute, question)


def first_answer(turn: Context) -> Outcome:
    """Return the outcome of the first rule that has one; ``question`` always does."""
    return next(outcome for rule in RULES if (outcome := rule(turn)))


def preview(text: str, snapshot: Snapshot, now: datetime) -> Outcome:
    """Return what a villager who wrote nothing before would get for ``text``; nothing is recorded."""
    message = Incoming("", "", WECHAT_TEXT, "text", text)
    return first_answer(Context(message, clean(text), now, local_day(now), snapshot, None))


def _option(entry: Entry) -> Option:
    # Tapping sends the whole question, not its number: an old list tapped after a new one still means what it shows.
    return Option(entry.question, entry.question)


def _question(turn: Context, entry_id: str) -> str | None:
    entry = turn.snapshot.entries.get(entry_id)
    return normalise(entry.question) if entry else None


def _number(text: str) -> int | None:
    """Return the number that the text is: 3, ３, ③, 三, 第3个, 选3; None for anything else."""
    if len(text) > LONGEST_CHOICE:
        return None
    bare = re.sub(r"^(?:我?选|第|回复?)|(?:[个条]|号|[.。、])+$", "", unicodedata.normalize("NFKC", text).strip())
    bare = re.sub(r"[個條.。、]$", "", bare).strip()
    if bare in _NUMERALS:
        return _NUMERALS[bare]
    return int(bare) if re.fullmatch(r"[0-9]{1,2}", bare) else None
