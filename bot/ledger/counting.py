"""How consultations are counted: one rule, in one place, printed under every table."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.ledger.store import Store
from bot.ledger.turns import QUESTIONS

RULE = (
    "一个咨询人次 = 同一人、同一类别、同一天（北京时间）。"
    "只计法律问题（已答、待选、未答，和顾问记下的来访、电话、微信群、代问，每条是一个人）；"
    "问候、命令、翻目录、图片、关注、急事和顾问自己试问的不计，微信重发的同一条消息只计一次。"
    "答得不对又重新选的，按最后选中的计。"
    "没有归类的问题（未答，或给了候选没有选），只在此人当天没有已归类的咨询时计一次。"
    "消息条数、咨询人次、咨询人数分别列出，不相加。"
)
UNCLASSIFIED = "未归类"

# Every question of the period with its category; one that was settled later counts as what it was settled to.
_QUESTIONS = f"""
    with questions as (
        select villager, coalesce(category, '') as category, day
        from turns t
        where day between :start and :end and {QUESTIONS}
        and not exists (select 1 from turns f where f.follows = t.key)
    ),
    consultations as (
        select distinct villager, category, day from questions where category <> ''
        union
        select distinct villager, '', day from questions q where category = '' and not exists (
            select 1 from questions o where o.villager = q.villager and o.day = q.day and o.category <> ''
        )
    )
"""


@dataclass(frozen=True)
class Count:
    """``turns``: messages of any kind; ``left_out``: those that are no consultation; ``people``: who consulted."""

    turns: int
    left_out: int
    consultations: int
    people: int


def total(store: Store, start: date, end: date) -> Count:
    """Count the days ``start`` to ``end``, both included."""
    (row,) = store.query(
        _QUESTIONS
        + f"""
        select (select count(*) from turns where day between :start and :end) as turns,
               (select count(*) from turns where day between :start and :end
                and not ({QUESTIONS})) as left_out,
               count(*) as consultations, count(distinct villager) as people
        from consultations""",
        _period(start, end),
    )
    return Count(**row)


def by_month(store: Store, start: date, end: date) -> list[dict[str, Any]]:
    """Return ``month`` (2026-11), ``turns``, ``consultations``, ``people`` of each month that has turns, in order."""
    return store.query(
        _QUESTIONS
        + """
        select t.month, t.turns, coalesce(c.consultations, 0) as consultations, coalesce(c.people, 0) as people
        from (select substr(day, 1, 7) as month, count(*) as turns from turns
              where day between :start and :end group by substr(day, 1, 7)) t
        left join (select substr(day, 1, 7) as month, count(*) as consultations, count(distinct villager) as people
                   from consultations group by substr(day, 1, 7)) c on c.month = t.month
        order by t.month""",
        _period(start, end),
    )


def by_category(store: Store, start: date, end: date) -> list[dict[str, Any]]:
    """Return ``category``, ``consultations``, ``people`` of each category, most consulted first, the unclassified last."""
    rows = store.query(
        _QUESTIONS
        + """
        select category, count(*) as consultations, count(distinct villager) as people from consultations
        group by category order by case when category = '' then 1 else 0 end, count(*) desc, category""",
        _period(start, end),
    )
    return [row | {"category": row["category"] or UNCLASSIFIED} for row in rows]


def _period(start: date, end: date) -> dict[str, str]:
    return {"start": start.isoformat(), "end": end.isoformat()}
