"""The week in a few lines, to be pasted into the group of those who work on it: numbers, and who has to do what.

No villager's word and no villager's name; categories that the town calls sensitive are named only from three on.
"""

from collections.abc import Mapping
from datetime import date, timedelta

from bot.ledger.counting import UNCLASSIFIED
from bot.reports.annual import Books
from bot.reports.known import Known
from bot.reports.period import Period
from bot.reports.table import Rate
from bot.reports.todo import Facts, wrong

SHOWN = 5
LEAST = 3
"""Of a sensitive category, a smaller number may lead to somebody."""


def week_of(today: date, *, before: bool = False) -> Period:
    """Return this week's days until today, or the whole week ``before``."""
    monday = today - timedelta(days=today.weekday())
    return Period(monday - timedelta(days=7), monday - timedelta(days=1)) if before else Period(monday, today)


def note(books: Books, known: Known, found: Facts, categories: Mapping[str, str]) -> str:
    """Return the note; ``categories``: the category of each entry."""
    count, sensitive = books.count, set(known.counting.sensitive)
    facts = count.consultations
    whole, people = facts.tally().get((), 0), facts.people().get((), 0)
    answered = facts.tally("outcome").get(("已答",), 0)
    lines = [f"【{known.town}普法问答】{books.period}小结"]
    if whole:
        lines.append(f"咨询{whole}人次（{people}人），答上{answered}人次，占{Rate(answered, whole)}。")
        sums = {name: n for (name,), n in facts.tally("category").items() if name != UNCLASSIFIED}
        shown = [f"{name}{n}" for name, n in _top(sums) if name not in sensitive or n >= LEAST]
        if shown:
            lines.append(f"问得多的：{'、'.join(shown)}。")
    else:
        lines.append("还没有人来咨询。")
    topics = [
        (known.entries.get(topic, topic), n)
        for topic, n in _top(count.topics)
        if topic != UNCLASSIFIED and (categories.get(topic) not in sensitive or n >= LEAST)
    ]
    if topics:
        lines.append("没答上的多是：" + "、".join(f"{name.rstrip('？?')}（{n}条）" for name, n in topics) + "。")
    todo = _todo(found, known.counting.adviser_hours)
    lines += ["", "要办的：", *(f"{n}. {text}" for n, text in enumerate(todo, 1))] if todo else ["", "没有积压的事。"]
    return "\n".join(lines)


def _todo(found: Facts, least: float) -> list[str]:
    made = []
    if found.tickets.number:
        where = "、".join(f"{village}{n}个" for village, n in found.villages.most_common())
        late = f"，{found.tickets.late}个逾期" if found.tickets.late else ""
        made.append(f"法律顾问、法律明白人：{found.tickets.number}个群众提问等答复{late}（{where}）。")
    if found.duties.number:
        made.append(f"司法所：{found.duties.number}个值班任务没有办结。")
    if found.groups:
        apart = f"，其中{len(wrong(found.groups))}组答非所问" if wrong(found.groups) else ""
        made.append(f"法律顾问、司法所：{len(found.groups)}组没答好的问题等处理{apart}。")
    if found.handed_in:
        made.append(f"法律顾问、司法所：{found.handed_in}条等审核签发。")
    if found.ending + found.ended:
        made.append(f"法律顾问：{found.ending + found.ended}条快到有效期或者已过期，请复核。")
    if found.short:
        made.append(f"法律顾问：{'、'.join(found.short)}这个月服务不足{least:g}小时。")
    if found.months:
        made.append(f"统计员：{'、'.join(found.months)}还没有关账。")
    if found.hotlines:
        made.append(f"统计员：{found.hotlines}个热线要核对。")
    return made


def _top(numbers: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(numbers.items(), key=lambda item: (-item[1], item[0]))[:SHOWN]
