"""Parts of a reply that are sentences by themselves, shown put together as a villager reads them."""

from datetime import timedelta

from bot.faq import telling
from bot.ledger.clock import local_time
from bot.wording import filled
from bot.wording.words import with_changes
from handlers.console import faq_common as common
from handlers.services import services

_QUESTION = "老板不给工资怎么办？"


def whole(situation: str, said: dict[str, str]) -> list[tuple[str, str]]:
    """Return (what it is, how it reads) for a situation whose sentences are parts of larger texts; ``said`` by their keys."""
    words, now = with_changes(said), common.snapshot()
    at = local_time(services().clock())
    if situation == "answers":
        entry = next((e for _, e in sorted(now.entries.items()) if e.deadline), next(iter(now.entries.values()), None))
        return [("一个答案", f"{telling.answer(words, entry)}\n\n{telling.footer(words, entry)}")] if entry else []
    if situation == "emergency":
        kinds = now.crisis.cards.kinds if now.crisis.cards else ()
        return [("一张急事卡片", telling.crisis(words, kinds[0], now.hotlines[:3]))] if kinds else []
    if situation == "queue":
        lines = [
            filled.todo_ticket(words, 23, "王家村", _QUESTION, at, late=True, because="missed"),
            filled.todo_ticket(words, 24, None, None, at + timedelta(days=1), late=False, because="useless"),
        ]
        return [("待办", filled.todo(words, lines, 2))]
    if situation == "person":
        lines = [
            filled.ticket_line(words, 23, words.person.is_answered, _QUESTION),
            filled.ticket_line(words, 24, words.person.is_late, "邻居占了我家的地"),
        ]
        answer = filled.ticket_answer(words, 23, _QUESTION, "可以到镇上投诉。", "李律师（法律顾问）", at.date())
        return [("我的问题", filled.tickets(words, lines)), ("答复", answer)]
    return []
