"""What each role has to do now: at most ten lines, each a number."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.faq.check import HOTLINES_CHECKED, RENEW
from bot.faq.edit import review
from bot.faq.library import Library
from bot.ledger import misses as miss_ledger
from bot.ledger import tickets, work
from bot.ledger.access.users import ADMIN, CLERK, JUSTICE, LAWYER, MINDER
from bot.ledger.clock import local_day
from bot.ledger.database import Database
from bot.ledger.tickets import Ticket
from bot.ledger.work import Waiting
from bot.reports.known import Known
from bot.reports.misses import Group, groups

MOST, NAMED = 10, 3
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Facts:
    """What waits in the whole town; of the tickets also what waits for whoever looks (``mine``)."""

    today: date
    mine: Waiting
    tickets: Waiting
    villages: Counter[str]
    duties: Waiting
    groups: Sequence[Group]
    handed_in: int
    drafts: int
    ending: int
    ended: int
    findings: int
    hotlines: int
    short: Sequence[str]
    months: Sequence[str]


@dataclass(frozen=True)
class Line:
    """A line: what it is about, the number, what to do. urgent: its time is over."""

    key: str
    number: int
    text: str
    urgent: bool = False


def facts(db: Database, library: Library, known: Known, mine: Callable[[Ticket], bool], now: datetime) -> Facts:
    """Gather what waits."""
    today, snapshot = local_day(now), library.current
    waiting = tickets.waiting(db)
    live = [entry for entry in snapshot.entries.values() if entry.status != "withdrawn"]
    left = [entry.valid_until - today for entry in live if entry.valid_until]
    return Facts(
        today=today,
        mine=work.waiting_tickets(db, mine, now),
        tickets=work.waiting_tickets(db, lambda _: True, now),
        villages=Counter(ticket.village or "村子没说" for ticket in waiting),
        duties=work.waiting_duties(db, now),
        groups=groups(miss_ledger.load(db, today - timedelta(days=miss_ledger.DAYS)), snapshot),
        handed_in=len(review.waiting(library.folder)),
        drafts=sum(entry.status == "draft" for entry in live),
        ending=sum(timedelta(0) <= days < RENEW for days in left),
        ended=sum(days < timedelta(0) for days in left),
        findings=len(snapshot.findings),
        hotlines=sum(today - line.checked > HOTLINES_CHECKED for line in snapshot.hotlines),
        short=work.short_of_hours(db, known.villages, known.counting.adviser_hours, today),
        months=work.months_to_close(db, today),
    )


def lines(found: Facts, role: str, village: str | None, least: float) -> list[Line]:
    """Return what somebody can do something about, the most urgent first; ``village``: the one that they look after."""
    made = [
        line
        for roles, make in _LINES
        if role in roles and (line := make(found, village, least)) is not None and (line.number or line.key == "year")
    ]
    return sorted(made, key=lambda line: not line.urgent)[:MOST]


def wrong(found: Sequence[Group]) -> list[Group]:
    """Return the groups with a question that was answered with something else."""
    return [group for group in found if group.kinds["wrong"]]


def year_line(today: date) -> Line | None:
    """Return the reminder of the annual report, from 1 December until it must be public (domain rule R40)."""
    if today.month == 12 or today.month <= 3:
        year = today.year if today.month == 12 else today.year - 1
        due, what = date(year + 1, 3, 1), f"{year}年度法治政府建设年度报告：3月1日前报上级，4月1日前公开"
        if today >= due:
            due, what = date(year + 1, 4, 1), f"{year}年度法治政府建设年度报告：4月1日前公开"
        return Line("year", (due - today).days, f"天后到期。{what}", (due - today).days <= 14)
    return None


def _tickets(found: Facts, _: str | None, __: float) -> Line:
    late = f"，其中 {found.mine.late} 个逾期" if found.mine.late else ""
    return Line("tickets", found.mine.number, f"个群众提问等您答复{late}", bool(found.mine.late))


def _duties(found: Facts, _: str | None, __: float) -> Line:
    late = f"，其中 {found.duties.late} 个逾期没有确认" if found.duties.late else ""
    return Line("duties", found.duties.number, f"个值班任务没有办结{late}", bool(found.duties.late))


def _misses(found: Facts, _: str | None, __: float) -> Line:
    new = sum(group.since(found.today - WEEK) > 0 for group in found.groups)
    return Line("misses", len(found.groups), f"组没答上的问题等处理，最近七天有新问的 {new} 组")


def _wrong(found: Facts, _: str | None, __: float) -> Line:
    return Line("wrong", len(wrong(found.groups)), "组问题答非所问，可能要改问法")


def _sign(found: Facts, _: str | None, __: float) -> Line:
    if found.handed_in:
        return Line("sign", found.handed_in, "条送来等审核签发")
    return Line("drafts", found.drafts, "条还是草稿，没有人审核签发过")


def _ending(found: Facts, _: str | None, __: float) -> Line:
    ended = f"，其中 {found.ended} 条已经过期、不再回答" if found.ended else ""
    return Line("ending", found.ending + found.ended, f"条有效期不到30天{ended}", bool(found.ended))


def _findings(found: Facts, _: str | None, __: float) -> Line:
    return Line("findings", found.findings, "处知识库里的问题，机器人读不懂", bool(found.findings))


def _hotlines(found: Facts, _: str | None, __: float) -> Line:
    return Line("hotlines", found.hotlines, "个热线超过一个季度没有核对")


def _hours(found: Facts, village: str | None, least: float) -> Line:
    short = [name for name in found.short if village in {None, name}]
    names = "、".join(short[:NAMED]) + ("等" if len(short) > NAMED else "")
    return Line("hours", len(short), f"个村这个月的顾问服务不足{least:g}小时：{names}")


def _months(found: Facts, _: str | None, __: float) -> Line:
    names = "、".join(found.months[:NAMED]) + ("等" if len(found.months) > NAMED else "")
    return Line("months", len(found.months), f"个月可以关账：{names}")


_LINES: tuple[tuple[tuple[str, ...], Callable[[Facts, str | None, float], Line | None]], ...] = (
    ((JUSTICE,), _duties),
    ((JUSTICE, LAWYER, MINDER), _tickets),
    ((ADMIN, JUSTICE, LAWYER), _findings),
    ((ADMIN, JUSTICE, LAWYER), _misses),
    ((ADMIN, JUSTICE, LAWYER), _wrong),
    ((JUSTICE, LAWYER), _sign),
    ((JUSTICE, LAWYER), _ending),
    ((ADMIN, CLERK), _hotlines),
    ((CLERK, JUSTICE, LAWYER), _hours),
    ((ADMIN, CLERK, JUSTICE), _months),
    ((ADMIN, CLERK, JUSTICE), lambda found, _, __: year_line(found.today)),
)
"""The lines, each with who can do something about it."""
