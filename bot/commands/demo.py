"""The command demo: a made-up ledger to try the reports on."""

import argparse
import os
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from bot.commands.common import Usage, lists_of, settings_of
from bot.faq.reader import entry_files
from bot.faq.town import Town, read_town
from bot.ledger.advisers import Role
from bot.ledger.clock import local_day
from bot.ledger.sample import fill, holds
from bot.ledger.towns import ledger_of

DATABASE = "sqlite:///instance/demo.db"
"""Never the town's own ledger by default: what is made up stays apart from it."""

LESS = 0.8
"""How much was asked in the year before, beside this one."""


def demo(args: argparse.Namespace) -> int:
    """Fill a ledger with a made-up year and the one before it, and say what to look at."""
    this_year = local_day(datetime.now(UTC)).year
    if not 2001 <= args.year < this_year:
        raise Usage(f"--year 写 2001 到 {this_year - 1} 之间的一年：示例要有完整的一年")
    if args.consultations < 1 or args.seed < 0:
        raise Usage("--consultations 至少是 1，--seed 不能是负数")
    if args.town:
        raise Usage("演示台账不分镇，去掉 --town。")
    args.database = args.database or os.environ.get("DATABASE_URL") or DATABASE
    settings = settings_of(args)
    town, findings = read_town(settings.knowledge_dir / "town.yaml")
    lists = lists_of(args)
    entries = entries_of(settings.knowledge_dir)
    if town is None or not entries:
        raise Usage("\n".join(map(str, findings)) or f"{settings.knowledge_dir} 里没有条目")
    with closing(ledger_of(settings)) as store:
        there = holds(store)
        if there == "real":
            raise Usage(f"{settings.database_url} 里已经有别的记录，不能掺进编的。换一个：--database {DATABASE}")
        if there == "sample":
            print(f"{settings.database_url} 里已经有示例数据，没有再填。想重新填，先删掉这个文件。")
        else:
            for year, much in ((args.year - 1, LESS), (args.year, 1.0)):
                asked = max(1, round(args.consultations * much))
                fill(
                    store,
                    year=year,
                    consultations=asked,
                    seed=args.seed,
                    villages=[village.name for village in town.villages],
                    categories=entries,
                    advisers=advisers_of(town),
                    lists=lists,
                )
                print(f"{year} 年：约 {asked} 咨询人次，和七本台账")
            print(f"已填进 {settings.database_url}，全部是编的。")
    _say_what_next(args.year, settings.database_url)
    return 0


def entries_of(knowledge: Path) -> dict[str, list[str]]:
    """Return the entry ids of each category of a knowledge folder."""
    found: dict[str, list[str]] = {}
    for path in entry_files(knowledge):
        found.setdefault(path.parent.name, []).append(path.stem)
    return found


def advisers_of(town: Town) -> list[tuple[str, Role, str | None]]:
    """Return a lawyer and a 法律明白人 for each village and the justice office; nobody real ever answers in a sample."""
    people: list[tuple[str, Role, str | None]] = [("示例司法助理员", "司法所", None)]
    for number, village in enumerate(town.villages, 1):
        lawyer = village.adviser.name if town.example else f"示例顾问{number}"
        people += [(lawyer, "法律顾问", village.name), (f"示例法律明白人{number}", "法律明白人", village.name)]
    return people


def _say_what_next(year: int, database: str) -> None:
    where = f"--database {database}"
    print(
        f"\n接下来可以看：\n"
        f"  python -m bot report --year {year} {where}                                 全年报表，在屏幕上\n"
        f"  python -m bot report --year {year} --format docx --out 报告.docx {where}   年度报告，Word\n"
        f"  python -m bot report --month {year}-05 --format xlsx --out 五月.xlsx {where}\n"
        f"  python -m bot trace by_category 劳动与工资 咨询人次 --year {year} {where}   一个数是怎么来的\n"
        f"  python -m bot register show 矛盾纠纷 --from {year}-12-01 --to {year}-12-31 {where}\n"
        f"  python -m bot tickets {where}                                           等人答复的问题"
    )
