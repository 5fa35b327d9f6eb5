"""The sentences with names, days and numbers in them; ``words`` are those of the town.

Knows nothing of entries and villages: what is said of these is put together in ``bot.faq.telling``.
"""

from collections.abc import Sequence
from datetime import date, datetime

from bot.wording import day, minute, number
from bot.wording.sentence import fill
from bot.wording.words import Words


def voice(words: Words, contact: str) -> str:
    """Return what a voice message without words gets: how to type by speaking, and whom to call."""
    return fill(words.unreadable.voice, 找谁=contact)


def signed(name: str, role: str) -> str:
    """Return an adviser's name as a villager reads it under an answer."""
    return f"{name}（{role}）"


def heard_line(words: Words, text: str) -> str:
    """Return what was understood of a voice message, as it stands before what it gets; nothing for any other."""
    return f"{fill(words.answers.heard, 原话=text)}\n\n" if text else ""


def article(words: Words, citation: str, text: str, amended: date | None) -> str:
    """Return the text of an article as a villager reads it."""
    as_of = fill(words.law.as_of, 日期=day(amended)) if amended else ""
    return f"{citation}{as_of}\n\n{text}"


def repealed(words: Words, name: str, on: date, by: str) -> str:
    """Return that a law is out of force, since when, and what holds instead."""
    gone = fill(words.law.repealed, 法名=name, 日期=day(on))
    return gone + (fill(words.law.replaced, 法名=by) if by else "")


def choose(words: Words, *, heard: str = "") -> str:
    """Return the head of a list of questions to choose from."""
    return heard_line(words, heard) + words.choices.head


def also_asked(words: Words, question: str) -> str:
    """Return the label of a second matter in the same message."""
    return fill(words.answers.second, 问题=question)


def category(words: Words, name: str, page: int, pages: int) -> str:
    """Return the head of a list of a category's questions."""
    where = fill(words.browsing.page, 页=page, 总页=pages) if pages > 1 else ""
    return fill(words.browsing.category, 类别=name, 第几页=where)


def ticket_opened(words: Words, ticket: int, due: datetime, contact: str) -> str:
    """Return that a person will answer: the number, until when, whom to call meanwhile. ``due`` in the town's time."""
    return fill(words.person.opened, 编号=number(ticket), 时间=minute(due), 找谁=contact)


def ticket_missed(words: Words, ticket: str) -> str:
    """Return the second miss in a row, which a person takes over."""
    return fill(words.person.missed, 说明=ticket)


def ticket_useless(words: Words, ticket: str) -> str:
    """Return what 没用 leads to."""
    return fill(words.person.useless, 说明=ticket)


def ticket_waits(words: Words, ticket: int, due: datetime) -> str:
    """Return that a ticket has no answer yet."""
    return fill(words.person.waits, 编号=number(ticket), 时间=minute(due))


def ticket_late(words: Words, ticket: int) -> str:
    """Return that a ticket is overdue."""
    return fill(words.person.late, 编号=number(ticket))


def ticket_closed(words: Words, ticket: int) -> str:
    """Return that a ticket was closed without an answer."""
    return fill(words.person.closed, 编号=number(ticket))


def ticket_answer(words: Words, ticket: int, question: str | None, text: str, who: str, on: date) -> str:
    """Return a person's answer to the villager."""
    short = f"{question[:60]}{'…' if len(question) > 60 else ''}" if question else ""
    asked = f"{fill(words.person.question, 问题=short)}\n\n" if short else ""
    by = fill(words.person.by, 答复人=who, 日期=day(on))
    return f"{fill(words.person.answered, 编号=number(ticket))}\n{asked}{text}\n\n——\n{by}{words.answers.disclaimer}"


def ticket_line(words: Words, ticket: int, status: str, question: str | None) -> str:
    """Return one line of 「我的问题」."""
    return fill(words.person.line, 编号=number(ticket), 进展=status, 问题=(question or "")[:30])


def tickets(words: Words, lines: Sequence[str]) -> str:
    """Return the list of a villager's tickets."""
    return "\n".join([words.person.listed, *lines])


def my_record(words: Words, messages: int, village: str | None, tickets: int, lines: Sequence[str]) -> str:
    """Return what is kept of a villager: 查看我的记录."""
    last = "\n".join([words.privacy.last, *lines]) if lines else words.privacy.nothing_kept
    return fill(words.privacy.record, 条数=messages, 村名=village or "没有记", 个数=tickets, 原话=last)


def bound(words: Words, name: str, role: str, village: str | None) -> str:
    """Return that an adviser's WeChat is bound."""
    return f"{fill(words.binding.bound, 姓名=name, 身份=role, 村名=village or '全镇')}\n{words.binding.help}"


def todo(words: Words, lines: Sequence[str], more: int) -> str:
    """Return an adviser's list of what waits for them."""
    rest = [fill(words.queue.rest, 个数=more)] if more else []
    return "\n".join([words.queue.head, *lines, *rest, words.queue.foot])


def todo_ticket(
    words: Words, ticket: int, village: str | None, question: str | None, due: datetime, *, late: bool, because: str
) -> str:
    """Return one ticket in an adviser's list; ``due`` in the town's time."""
    queue = words.queue
    return fill(
        queue.line,
        编号=number(ticket),
        村名=village or queue.no_village,
        缘由={"missed": queue.missed, "useless": queue.useless}.get(because, ""),
        期限前=fill(queue.overdue if late else queue.until, 时间=minute(due)),
        问题=(question or queue.no_text)[:80],
    )


def todo_duty(words: Words, duty: int, kind: str, village: str | None, opened: datetime, *, late: bool, taken: bool) -> str:
    """Return one alarm in the list of the duty officer; ``opened`` in the town's time."""
    state = words.duty.taken if taken else words.duty.late if late else words.duty.unconfirmed
    where = village or words.queue.no_village
    return fill(words.duty.line, 编号=duty, 急事=kind, 村名=where, 时间=minute(opened), 进展=state)


def answered(words: Words, ticket: int) -> str:
    """Return to the adviser that their answer is kept."""
    return fill(words.queue.answered, 编号=number(ticket))


def passed(words: Words, ticket: int, name: str) -> str:
    """Return to the adviser that a ticket was passed on."""
    return fill(words.queue.handed_on, 编号=number(ticket), 姓名=name)


def nobody_called(words: Words, name: str, names: Sequence[str]) -> str:
    """Return that there is no adviser of that name."""
    return fill(words.queue.nobody, 名字=name, 名单="、".join(names))


def closed(words: Words, ticket: int) -> str:
    """Return to the adviser that a ticket is closed."""
    return fill(words.queue.closed, 编号=number(ticket))


def drafted(words: Words, ticket: int, path: str) -> str:
    """Return to the adviser where the draft entry is."""
    return fill(words.queue.drafted, 编号=number(ticket), 文件=path)


def logged(words: Words, row: int, village: str | None, category: str, channel: str) -> str:
    """Return to the adviser what was entered, and as which row."""
    return fill(words.logging.logged, 编号=row, 村名=village or words.queue.no_village, 类别=category, 方式=channel)


def month_closed(words: Words, month: str) -> str:
    """Return that a month takes no more rows."""
    return fill(words.logging.month_closed, 月份=month)


def no_village_called(words: Words, name: str, names: Sequence[str]) -> str:
    """Return that there is no such village."""
    return fill(words.logging.no_village, 名字=name, 名单="、".join(names))


def no_category_called(words: Words, name: str, names: Sequence[str]) -> str:
    """Return that there is no such category."""
    return fill(words.logging.no_category, 名字=name, 名单="、".join(names))


def duty_taken(words: Words, duty: int) -> str:
    """Return to the duty officer that they took the task on."""
    return fill(words.duty.taken_on, 编号=duty)


def duty_done(words: Words, duty: int) -> str:
    """Return to the duty officer that the task is finished."""
    return fill(words.duty.finished, 编号=duty)
