"""Commands on the numbers: report, trace."""

import argparse
import sys
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

from bot.commands.common import Usage, settings_of, write
from bot.ledger.clock import local_day
from bot.ledger.store import Store
from bot.ledger.towns import ledger_of
from bot.reports import annual
from bot.reports.formats import FORMATS
from bot.reports.known import Known, read_known
from bot.reports.period import Period, named
from bot.reports.trace import NoSuchCell
from bot.reports.trace import trace as trace_cell

TEMPLATE = "六部分"


def report(args: argparse.Namespace) -> int:
    """Print or write the report of a period."""
    period, now = _period(args), datetime.now(UTC)
    if args.format in {"xlsx", "docx"} and not args.out:
        raise Usage(f"{args.format} 要写到文件：加上 --out 文件.{args.format}")
    if args.format == "docx" and args.office:
        raise Usage("Word 报告是对外的，不能加 --office；内部核对请用 xlsx")
    known = _known(args)
    if args.county:
        return _county(args, known, period, now)
    with closing(_store(args)) as store:
        made = annual.report(store, known, period, now=now, audience="office" if args.office else "public")
    if args.format == "docx":
        # Half a second of imports that no other command needs.
        from bot.reports.word.rendering import TemplateError
        from bot.reports.word.to_docx import to_docx

        try:
            data = to_docx(made, _template(args))
        except TemplateError as e:
            raise Usage(str(e)) from e
    else:
        data = FORMATS[args.format](made)
    return _put(args, data)


def _county(args: argparse.Namespace, known: Known, period: Period, now: datetime) -> int:
    """Print or write the comparison of all towns of the installation."""
    if args.town or args.office or args.template:
        raise Usage("--county 是各镇的合计和对比，不能和 --town、--office、--template 一起用")
    from bot.reports import county

    base = settings_of(args)
    with closing(_store(args)) as store, county.members(base, store, {}) as towns:
        if not towns:
            raise Usage("还没有登记别的镇，没有可比的。登记：python -m bot town add 代号 --name 名字")
        made = county.report(towns, known, period, now=now)
    if args.format == "docx":
        from bot.reports.county_word import to_word

        return _put(args, to_word(made))
    return _put(args, FORMATS[args.format](made))


def _put(args: argparse.Namespace, data: bytes) -> int:
    if args.out:
        write(args.out, data)
        print(f"已写入 {args.out}")
    else:
        sys.stdout.write(data.decode("utf-8"))
    return 0


def trace(args: argparse.Namespace) -> int:
    """List the rows of the ledger behind a cell of a table."""
    period, now, known = _period(args), datetime.now(UTC), _known(args)
    with closing(_store(args)) as store:
        made = annual.report(store, known, period, now=now, audience="office")
        try:
            found = trace_cell(store, known, made, args.table, args.row, args.column, now=now)
        except NoSuchCell as e:
            raise Usage(str(e)) from e
    print(f"{period}　{args.table}　{args.row}　{args.column}：{found.cell}　（{len(found.ids)} 条记录）")
    print("\n".join(found.ids))
    return 0


def _period(args: argparse.Namespace) -> Period:
    today = local_day(datetime.now(UTC))
    said = [word for word in (args.year, args.quarter, args.month) if word]
    if len(said) + bool(args.start or args.end) > 1:
        raise Usage("--year、--quarter、--month、--from/--to 只能用一种")
    if said:
        try:
            return named(said[0])
        except ValueError:
            raise Usage(f"看不懂「{said[0]}」：年写 2026，季度写 2026第2季度 或 2026-Q2，月写 2026-05") from None
    start, end = args.start or date((args.end or today).year, 1, 1), args.end or today
    if start > end:
        raise Usage(f"起始日 {start} 在截止日 {end} 之后，请对调 --from 和 --to")
    return Period(start, end)


def _known(args: argparse.Namespace) -> Known:
    known, findings = read_known(settings_of(args).knowledge_dir)
    for finding in findings:
        print(finding, file=sys.stderr)
    return known


def _template(args: argparse.Namespace) -> Path:
    given = args.template or TEMPLATE
    folder = settings_of(args).knowledge_dir / "report"
    path = Path(given) if str(given).endswith(".docx") else folder / f"{given}.docx"
    if not path.is_file():
        shipped = "、".join(sorted(p.stem for p in folder.glob("*.docx")))
        raise Usage(f"没有模板 {path}。{folder} 里有：{shipped}")
    return path


def _store(args: argparse.Namespace) -> Store:
    settings = settings_of(args)
    return ledger_of(settings)
