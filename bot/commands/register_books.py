"""Workbooks of the registers: an empty one to fill in, one that is entered, one of what the ledger holds."""

import argparse
import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from bot.commands.common import Usage, lists_of, write
from bot.ledger.clock import local_day, local_time, moment
from bot.ledger.register import imports, intake, records, sheets
from bot.ledger.register.definitions import REGISTERS, named
from bot.ledger.register.imports import Entered
from bot.ledger.register.intake import CellFault, Intake
from bot.ledger.store import Store
from bot.sheet import WorkbookError

_SHOWN = 50
"""As many faults are printed; the marked workbook has all."""


def template(args: argparse.Namespace, store: Store) -> int:
    """Write a workbook to fill in, with a sheet for each register that is named, or for all."""
    path = _path(args)
    chosen = [(word, named(word)) for word in args.words[1:]]
    if unknown := [word for word, one in chosen if one is None]:
        raise Usage(f"没有「{unknown[0]}」这本台账。有：{'、'.join(one.title for one in REGISTERS.values())}")
    registers = [one for _, one in chosen if one] or list(REGISTERS.values())
    _write_new(path, sheets.template(registers, lists_of(args)))
    print(f"已写入 {path}。填好以后：python -m bot register import {path} --by 姓名")
    return 0


def export(args: argparse.Namespace, store: Store) -> int:
    """Write a workbook of what stands in the registers in a period."""
    path, lists = _path(args), lists_of(args)
    start, end = period_of(args, local_day(datetime.now(UTC)))
    with store.reading() as db:
        rows = {key: records.rows(db, key, start, end) for key in REGISTERS}
    _write_new(path, sheets.export(rows, lists))
    print(f"已把 {start} 至 {end} 的 {sum(map(len, rows.values()))} 条写入 {path}。里面有人名，不要外传。")
    return 0


def import_(args: argparse.Namespace, store: Store) -> int:
    """Enter a workbook: all of it, or nothing and a marked copy beside it."""
    path = _path(args)
    if not args.by:
        raise Usage("还要写上 --by 姓名（谁导入的）")
    now = datetime.now(UTC)
    try:
        raw = path.read_bytes()
        found = intake.read(raw, lists_of(args), today=local_day(now))
    except OSError as e:
        raise Usage(f"读不了 {path}：{e.strerror}") from e
    except WorkbookError as e:
        raise Usage(f"{path}：{e}") from e
    digest = hashlib.sha256(raw).hexdigest()
    done: Entered | list[CellFault] = list(found.faults)
    if not found.faults:
        with store.writing() as db:
            if (before := imports.earlier(db, digest)) and not args.again:
                at = local_time(moment(before["at"]))
                print(f"这个文件导入过了：{at:%Y-%m-%d %H:%M} {before['editor']}，{before['rows']} 行。")
                print("确实要再导入一次，加 --again。")
                return 1
            done = imports.enter(db, found.lines, digest=digest, name=path.name, by=args.by, now=now)
    if found.notes:
        print("\n".join(found.notes))
    return _say(done) if isinstance(done, Entered) else _say_faults(path, found, done)


def period_of(args: argparse.Namespace, today: date) -> tuple[date, date]:
    """Return the days from --from (or the first of the year) to --to (or today). Raises Usage where they are reversed."""
    end = args.end or today
    start = args.start or date(end.year, 1, 1)
    if start > end:
        raise Usage(f"起始日 {start} 在截止日 {end} 之后，请对调 --from 和 --to")
    return start, end


def _say(done: Entered) -> int:
    print("；".join([f"导入了 {done.rows.total()} 行", *(f"{title} {n}" for title, n in done.rows.items())]))
    if done.already:
        print(f"有 {done.already} 行和台账里已有的一模一样，没有再记。确实是另一件事的，在备注里写明区别再导入。")
    if done.repeated:
        print(f"有 {done.repeated} 行和这个文件里别的行一模一样，也都记了。看看是不是抄重了。")
    return 0


def _say_faults(path: Path, found: Intake, faults: Sequence[CellFault]) -> int:
    copy = path.with_name(f"{path.stem}-有错.xlsx")
    write(copy, intake.marked(found.book, faults))
    print("\n".join(map(str, faults[:_SHOWN])))
    more = f"（只列了前 {_SHOWN} 处）" if len(faults) > _SHOWN else ""
    print(f"{len(faults)} 处有错{more}，一行也没有导入。错的格子标红并写了说明：{copy}")
    return 1


def _path(args: argparse.Namespace) -> Path:
    if not args.words or not args.words[0].lower().endswith(".xlsx"):
        raise Usage(f"写上文件：python -m bot register {args.action} 文件.xlsx")
    return Path(args.words[0])


def _write_new(path: Path, data: bytes) -> None:
    if path.exists():
        raise Usage(f"已经有 {path} 了，换个名字，免得盖掉填好的表。")
    write(path, data)
