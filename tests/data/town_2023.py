"""What the registers of the town's year 2023 hold: rows whose sums are the figures of its published report.

Which village, day and type a row has is made up evenly; how many there are, and what they add up to, is as published.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from bot.ledger.register.definitions import DISPUTES, REGISTERS

VILLAGES = [f"示例{n}村" for n in ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")]
ADVISER = "示例顾问"

Rows = list[Mapping[str, Any]]


def day(n: int, of: int) -> date:
    """Return the n-th of ``of`` days that are spread over the year."""
    return date(2023, 1, 1) + timedelta(days=(n * 365) // of)


def spread(total: int, parts: int) -> list[int]:
    """Return ``parts`` whole numbers that add up to ``total``."""
    return [total // parts + (n < total % parts) for n in range(parts)]


def services() -> Rows:
    """94 contracts, 2 legal opinions, 13 questions answered on the spot, all for the government."""
    common = {"服务对象": "镇政府", "顾问姓名": ADVISER}
    contracts = [common | {"日期": day(n, 12), "类别": "合同审查", "份（件、次）数": q} for n, q in enumerate(spread(94, 12))]
    opinions = [common | {"日期": day(n, 2), "类别": "法律意见书"} for n in range(2)]
    return [*contracts, *opinions, *(common | {"日期": day(n, 13), "类别": "现场解答"} for n in range(13))]


def inspections() -> Rows:
    """288 rounds: twelve villages, two a month."""
    return [
        {"日期": date(2023, month, half), "村": village, "排查次数": 1}
        for month in range(1, 13)
        for half in (8, 22)
        for village in VILLAGES
    ]


def disputes() -> Rows:
    """857 accepted, 783 settled."""
    rows: Rows = []
    for n in range(857):
        settled = n * 783 // 857 != (n + 1) * 783 // 857
        row = {
            "受理日期": day(n, 857), "村": VILLAGES[n % 12], "纠纷类型": DISPUTES[n % 18], "来源": "依申请调解",
            "调解主体": "村调委会", "结果": "成功" if settled else "在办",
        }  # fmt: skip
        rows.append(row | ({"办结日期": day(n, 857)} if settled else {}))
    return rows


def activities() -> Rows:
    """Study inside the administration, and publicity among the people."""

    def held(form: str, times: int, attendance: int = 0, **more: int) -> Rows:
        parts = {name: spread(total, times) for name, total in {"参加人次": attendance, **more}.items()}
        return [
            {"日期": day(n, times), "主题": "宪法", "形式": form} | {name: part[n] for name, part in parts.items()}
            for n in range(times)
        ]

    return [
        *held("支部专题学习", 16, 112),
        *held("“两委”专题学习会", 48, 240),
        *held("习近平法治思想讲座", 4, 320),
        *held("法治宣传活动", 24, 12_400, **{"资料（份、张）": 10_450, "横幅（条）": 48}),
        *held("法治课堂", 45, 2_970),
        *(
            {"日期": day(n, 12), "主题": "民法典", "形式": "LED标语", "场次": 0, "LED（次）": plays}
            for n, plays in enumerate(spread(216, 12))
        ),
        {"日期": date(2023, 3, 1), "主题": "反诈", "形式": "固定宣传牌", "场次": 0, "宣传牌（个）": 15},
    ]


def people() -> Rows:
    """67 on the roster: five or six of each village."""
    return [
        {"登记日期": date(2022, 6, 1), "姓名": f"示例人员{n + 1}", "村": VILLAGES[n % 12], "人员类别": "村干部"}
        for n in range(67)
    ]


def trainings() -> Rows:
    """Four trainings for all of them."""
    return [{"日期": date(2023, month, 10), "主题": "法律明白人培训", "参加人次": 67} for month in (3, 6, 9, 12)]


SHEETS = {
    "services": services,
    "inspections": inspections,
    "disputes": disputes,
    "activities": activities,
    "people": people,
    "trainings": trainings,
}


def write(path: Path) -> None:
    """Write the registers as a workbook that ``register import`` reads."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for key, rows in SHEETS.items():
        sheet = book.create_sheet(REGISTERS[key].title)
        headings = [field.heading for field in REGISTERS[key].fields]
        sheet.append(headings)
        for row in rows():
            assert set(row) <= set(headings), set(row) - set(headings)
            sheet.append([row.get(heading) for heading in headings])
    book.save(path)
