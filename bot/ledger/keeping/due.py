"""What is due to be removed from the ledger, each kind a row: which rows, and what is done to them."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from bot.ledger import counted
from bot.ledger.clock import CHINA, local_day, stamp
from bot.ledger.keeping.retention import Periods
from bot.ledger.register.definitions import REGISTERS
from bot.ledger.store import Store
from bot.ledger.turns import NONCE_LIFE
from bot.message import Reply

IDENTITY = "identity removed"
"""What the history of a ticket says once it leads to nobody."""

SILENCE = json.dumps(asdict(Reply("")))
"""What stands in place of a reply."""

SETTLED = "已办结"
"""What stands in place of an old alarm's outcome."""


@dataclass(frozen=True)
class Kind:
    """One kind of what is due: rows of ``table`` that fulfil ``due``, whose age ``at`` tells (an expression, never null).

    how: what is done to a row, found by its ``key``; also: what is done next where that was done, for the row's ``:key``.
    before: what comes first, once. In ``how`` and ``also``, ``:name`` is a new name that belongs to nobody.
    """

    name: str
    table: str
    key: str
    at: str
    due: str
    how: str
    values: dict[str, Any]
    also: tuple[str, ...] = ()
    before: Callable[[Store], None] | None = None


def kinds(periods: Periods, now: datetime) -> list[Kind]:
    """Return every kind, in the order in which it is removed."""
    return [
        _words(periods, now),
        _tickets(periods, now),
        *_villagers(periods, now),
        _duties(periods, now),
        _nonces(now),
        *_turns(periods, now),
        *_counted(periods, now),
        *_registers(periods, now),
        *_log(periods, now),
    ]


def whole_years(years: int, today: date) -> int:
    """Return the last calendar year all of whose days are more than ``years`` years past."""
    return today.year - years - 1


def _words(periods: Periods, now: datetime) -> Kind:
    return Kind(
        "咨询原话、评价和回复原文",
        "turns",
        "key",
        "day",
        "day < :cut and (text is not null or remark is not null or reply <> :silence)",
        "update turns set text = null, remark = null, reply = :silence",
        {"cut": _days_ago(periods.text_days, now), "silence": SILENCE},
    )


def _tickets(periods: Periods, now: datetime) -> Kind:
    """A question that waits is never touched; an answer that nobody fetches waits as long as any text is kept."""
    return Kind(
        "转人工问题的代号和原话",
        "tickets",
        "number",
        "coalesce(closed_at, answered_at, opened_at)",
        "(closed_at < :cut or (closed_at is null and answer is not null and answered_at < :fetched))"
        " and not exists (select 1 from ticket_events e where e.ticket = tickets.number and e.what = :done)",
        "update tickets set villager = :name, question = null, answer = null, turn = null,"
        " closed_at = coalesce(closed_at, :now)",
        {
            "cut": stamp(now - timedelta(days=periods.tickets_days)),
            "fetched": stamp(now - timedelta(days=periods.text_days)),
            "now": stamp(now),
            "done": IDENTITY,
        },
        also=(
            "update ticket_events set what = 'words removed' where ticket = :key and what like 'answered: %'",
            "insert into ticket_events (ticket, at, what) values (:key, :now, :done)",
        ),
    )


def _villagers(periods: Periods, now: datetime) -> list[Kind]:
    """Who withdrew stays known as that, and as nothing else."""
    values = {"cut": stamp(now - timedelta(days=periods.villagers_days))}
    at = "coalesce(state_at, noticed_at, '')"
    return [
        Kind(
            "不再来的人的村子和对话位置",
            "villagers",
            "villager",
            at,
            "withdrawn_at is null and coalesce(state_at, '') < :cut and coalesce(noticed_at, '') < :cut and not exists"
            " (select 1 from turns t where t.villager = villagers.villager and t.received_at >= :cut)",
            "delete from villagers",
            values,
        ),
        Kind(
            "撤回同意的人的对话位置",
            "villagers",
            "villager",
            at,
            "withdrawn_at is not null and state is not null and coalesce(state_at, '') < :cut",
            "update villagers set state = null, version = version + 1",
            values,
        ),
    ]


def _duties(periods: Periods, now: datetime) -> Kind:
    return Kind(
        "值班任务的处理结果",
        "duties",
        "number",
        "opened_at",
        "opened_at < :cut and outcome <> :settled",
        "update duties set outcome = :settled",
        {"cut": _years_ago(periods.duties_years, now), "settled": SETTLED},
    )


def _nonces(now: datetime) -> Kind:
    return Kind(
        "防重放记号", "nonces", "nonce", "seen_at", "seen_at < :cut", "delete from nonces", {"cut": stamp(now - NONCE_LIFE)}
    )


def _turns(periods: Periods, now: datetime) -> list[Kind]:
    if periods.rows_years is None:
        return []
    last = whole_years(periods.rows_years, local_day(now))

    def seal(store: Store) -> None:
        """Keep what the years come to before their rows go."""
        (row,) = store.query("select min(day) as day from turns", {})
        for year in range(int(row["day"][:4]), last + 1):
            counted.seal(store, year, now=now)

    values = {"beyond": f"{last + 1:04}-01-01"}
    return [
        Kind("整年的消息记录（先把统计封存）", "turns", "key", "day", "day < :beyond", "delete from turns", values, before=seal)
    ]


def _counted(periods: Periods, now: datetime) -> list[Kind]:
    if periods.counted_years is None:
        return []
    values = {"beyond": f"{whole_years(periods.counted_years, local_day(now)) + 1:04}-01"}
    return [Kind("封存的月统计", "counted", "month", "month", "month < :beyond", "delete from counted", values)]


def _registers(periods: Periods, now: datetime) -> list[Kind]:
    """Who is still on the roster and what is still being settled stays, however old."""
    if periods.registers_years is None:
        return []
    ends = {
        "people": "coalesce(left_on, substr(voided_at, 1, 10), '9')",
        "disputes": "coalesce(closed_on, substr(voided_at, 1, 10), '9')",
    }
    values = {"beyond": f"{whole_years(periods.registers_years, local_day(now)) + 1:04}-01-01"}
    return [
        Kind(
            f"台账：{register.title}",
            key,
            "number",
            "day",
            f"day < :beyond and {ends.get(key, 'day')} < :beyond",
            f"delete from {key}",
            values,
            also=(f"delete from register_changes where register = '{key}' and number = :key",),
        )
        for key, register in REGISTERS.items()
    ]


def _log(periods: Periods, now: datetime) -> list[Kind]:
    if periods.log_months is None:
        return []
    values = {"cut": _months_ago(periods.log_months, now)}
    return [Kind("安全日志", "security_log", "number", "at", "at < :cut", "delete from security_log", values)]


def _days_ago(days: int, now: datetime) -> str:
    return (local_day(now) - timedelta(days=days)).isoformat()


def _years_ago(years: int, now: datetime) -> str:
    return _months_ago(12 * years, now)


def _months_ago(months: int, now: datetime) -> str:
    """Return the first moment of the town's day that many months ago; of the 31st, in a shorter month, its last day."""
    today = local_day(now)
    year, month = divmod(12 * today.year + today.month - 1 - months, 12)
    day = next(d for d in range(today.day, 0, -1) if _is_day(year, month + 1, d))
    return stamp(datetime(year, month + 1, day, tzinfo=CHINA))


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
