"""What is told of an entry, a village, an emergency: its own texts with the sentences around them. ``words`` are the town's."""

import hashlib
from collections.abc import Sequence
from datetime import date

from bot.faq.crisis import Emergency
from bot.faq.entry import Entry
from bot.faq.town import Adviser, Hotline, Office, Town, Village
from bot.wording import FALLBACK_HOTLINES, day, filled
from bot.wording.sentence import fill
from bot.wording.words import SHIPPED, Words

_NO_TOWN = "镇人民政府"


def answer(words: Words, entry: Entry, *, heard: str = "") -> str:
    """Return an entry as a villager reads it: the question it answers, the answer, the deadline, the basis."""
    parts = [fill(words.answers.asked, 问题=entry.question), entry.answer]
    if entry.deadline:
        parts.append(fill(words.answers.deadline, 期限=entry.deadline))
    parts.append(fill(words.answers.basis, 依据="；".join(entry.basis)))
    return filled.heard_line(words, heard) + "\n\n".join(parts)


def more(words: Words, entry: Entry) -> str:
    """Return the second part of an entry."""
    return f"{fill(words.answers.continued, 问题=entry.question)}\n\n{entry.more}"


def footer(words: Words, entry: Entry) -> str:
    """Return who answers for the entry, since when, the disclaimer, and how to reach a person."""
    if entry.status != "signed":
        source = fill(words.answers.unsigned, 日期=day(entry.updated))
    elif entry.reviewed_on:
        source = fill(words.answers.signed, 审核人=entry.reviewed_by, 日期=day(entry.reviewed_on))
    else:
        source = fill(words.answers.signed_undated, 审核人=entry.reviewed_by)
    return f"——\n{source}{words.answers.disclaimer}{words.answers.person_hint}"


def hotline_lines(hotlines: Sequence[Hotline]) -> str:
    """Return the hotlines that come first, a line each."""
    return "\n".join(f"{h.number} {h.purpose}" for h in hotlines if h.first) or FALLBACK_HOTLINES


def sorry(words: Words, hotlines: Sequence[Hotline]) -> str:
    """Return what a villager gets when something broke: an apology and whom to call."""
    return f"{words.choices.sorry}\n{hotline_lines(hotlines)}"


def paused(words: Words, hotlines: Sequence[Hotline]) -> str:
    """Return what a villager gets while their town does not answer, and whom to call."""
    return f"{words.choices.paused}\n{hotline_lines(hotlines)}"


def cannot_now(words: Words, hotlines: Sequence[Hotline]) -> str:
    """Return what a villager gets who wants what cannot be done without the ledger, and whom to call."""
    return f"{words.choices.cannot_now}\n{hotline_lines(hotlines)}"


def too_many(words: Words, hotlines: Sequence[Hotline], *, today: bool) -> str:
    """Return what a villager gets who sends more than anybody reads: when to go on, and whom to call meanwhile."""
    return f"{words.choices.too_many_today if today else words.choices.too_fast}\n{hotline_lines(hotlines)}"


def village_set(words: Words, village: Village, adviser: str) -> str:
    """Return that a village is kept and who looks after it; ``adviser`` as ``adviser_line`` gives it."""
    return fill(words.browsing.village_set, 村名=village.name, 村顾问=adviser)


def adviser_line(words: Words, adviser: Adviser, next_day: date | None) -> str:
    """Return who the village's adviser is and when they are there."""
    upcoming = fill(words.browsing.next_day, 日期=f"{next_day.month}月{next_day.day}日") if next_day else ""
    return fill(words.browsing.adviser, 姓名=adviser.name, 电话=adviser.phone, 值班=adviser.duty, 下次=upcoming)


def office_line(words: Words, office: Office, is_open: bool | None) -> str:
    """Return whom to call in the town, and whether somebody is there now."""
    now = {True: words.browsing.is_open, False: words.browsing.is_shut, None: ""}[is_open]
    return fill(words.browsing.office, 单位=office.name, 电话=office.phone, 上班时间=office.hours, 现在=now)


def notice(words: Words, town: Town | None) -> str:
    """Return the notice at first contact (PIPL 17): who, what for, what is kept, how to delete."""
    return fill(words.privacy.notice, 单位=town.office.name if town else _NO_TOWN)


def notice_version(words: Words, shipped: str) -> str:
    """Return under which name it is kept who has seen the notice: the town's own is shown to everybody again.

    ``shipped``: that of the notice as it is shipped.
    """
    own = words.privacy.notice
    return shipped if own == SHIPPED.privacy.notice else f"{shipped} {hashlib.sha256(own.encode()).hexdigest()[:8]}"


def privacy(words: Words, town: Town | None) -> str:
    """Return the whole rule on personal data (PIPL 17): by the keyword 隐私."""
    office = town.office if town else None
    where = "，".join(filter(None, [office.address, f"电话 {office.phone}"])) if office else ""
    who = f"{office.name}（{where}）" if office else _NO_TOWN
    return fill(words.privacy.rule, 谁在办=who)


def crisis(words: Words, card: Emergency, hotlines: Sequence[Hotline]) -> str:
    """Return the fixed card of an emergency; the first line is neutral, for the chat list shows it."""
    said = words.emergency
    calls = fill(said.calls, 热线="；".join(f"{h.number} {h.purpose}" for h in hotlines))
    signed = fill(said.signed, 审核人=card.signed_by) if card.signed_by else said.unsigned
    return "\n\n".join([card.first, "\n".join(card.steps), calls, card.next, said.delete_chat, f"——\n{signed}{said.just_ask}"])
