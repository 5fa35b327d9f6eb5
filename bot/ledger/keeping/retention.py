"""How long the ledger keeps what, within what the law demands."""

from dataclasses import dataclass, fields
from typing import NamedTuple

FOR_EVER = "永久"


class Limit(NamedTuple):
    """What a period may be, in ``unit``; ``ever``: also without end. ``rule`` says whose demand ``least`` or ``most`` is."""

    least: int
    most: int
    unit: str
    rule: str
    ever: bool = False


_PROMISE = "给群众的告知（回「隐私」看到的）里这样写明了，依据个人信息保护法第十七条、第十九条"
_STATISTICS = "统计法实施条例第二十二条、第二十三条：原始资料和台账至少2年，汇总资料至少10年"
_NETWORK = "网络安全法第二十三条（2026年1月1日前是第二十一条）：网络日志不少于六个月"
LIMITS = {
    "text_days": Limit(1, 180, "天", f"原话最多留180天，{_PROMISE}"),
    "tickets_days": Limit(1, 90, "天", f"办完最多90天就去掉代号和原话，{_PROMISE}"),
    "villagers_days": Limit(1, 180, "天", "没有再来的人，村子和对话位置最多留180天，和原话一样"),
    "duties_years": Limit(1, 100, "年", "至少1年，好说明急事报告过；法律没有定年限"),
    "rows_years": Limit(2, 100, "年", _STATISTICS, ever=True),
    "log_months": Limit(6, 1200, "个月", _NETWORK, ever=True),
    "counted_years": Limit(10, 100, "年", _STATISTICS, ever=True),
    "registers_years": Limit(10, 100, "年", f"{_STATISTICS}；台账就是汇总的依据，所以也留10年以上", ever=True),
}


def fault(name: str, value: object) -> str | None:
    """Return in Chinese why the period ``name`` cannot be ``value`` (None: for ever) and whose rule that is; None if it can."""
    limit = LIMITS[name]
    if value is None:
        return None if limit.ever else f"不能是{FOR_EVER}：{limit.rule}"
    if not isinstance(value, int) or isinstance(value, bool):
        return f"应当是整数，单位是{limit.unit}" + (f"，或者写{FOR_EVER}" if limit.ever else "")
    if value < limit.least:
        return f"是{value}{limit.unit}，不能少于{limit.least}{limit.unit}：{limit.rule}"
    if value > limit.most:
        return f"是{value}{limit.unit}，不能多于{limit.most}{limit.unit}：{limit.rule}"
    return None


@dataclass(frozen=True)
class Periods:
    """How long what is kept; None: for ever. Raises ValueError for a period that ``LIMITS`` forbids.

    text_days: what villagers wrote and what they were answered. tickets_days: whose a closed ticket was, and its words.
    villagers_days: village and conversation of who does not come back. duties_years: what came of an alarm.
    rows_years: turns without their words, in whole calendar years. log_months: the security log.
    counted_years: what months come to. registers_years: rows of the registers, in whole calendar years.
    """

    text_days: int = 180
    tickets_days: int = 90
    villagers_days: int = 180
    duties_years: int = 2
    rows_years: int | None = 3
    log_months: int | None = 12
    counted_years: int | None = None
    registers_years: int | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            if problem := fault(field.name, getattr(self, field.name)):
                raise ValueError(f"{field.name} {problem}")
