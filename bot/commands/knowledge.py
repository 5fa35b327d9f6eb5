"""Commands on the knowledge folder: check, export, import, new."""

import argparse
import re
from datetime import UTC, datetime

from bot.commands.common import Usage, login, settings_of, snapshot_of, write
from bot.faq import workbook
from bot.faq.check import check as find
from bot.faq.citation import parse
from bot.faq.edit import history
from bot.faq.entry import ID, Entry
from bot.faq.library import Snapshot
from bot.faq.reader import entry_files
from bot.faq.writer import stub, write_all
from bot.ledger.clock import local_day
from bot.reports.formats import grid


def check(args: argparse.Namespace) -> int:
    """List every finding in the knowledge folder; or count it, or list the entries that cite a law."""
    snapshot = snapshot_of(args, strict=False)
    if args.stats:
        return _stats(snapshot)
    if args.law:
        return _citing(snapshot, args.law, args.article)
    if args.article:
        raise Usage("--article 要和 --law 一起用")
    findings = find(settings_of(args).knowledge_dir, snapshot, local_day(datetime.now(UTC)))
    for finding in findings:
        print(finding)
    errors = sum(f.severity == "error" for f in findings)
    print(f"{len(snapshot.entries)} 个条目，{errors} 个错误，{len(findings) - errors} 个提醒")
    return 1 if errors else 0


def export(args: argparse.Namespace) -> int:
    """Write the whole FAQ into a workbook."""
    snapshot = snapshot_of(args)
    write(args.file, workbook.export(list(snapshot.entries.values())))
    print(f"已导出 {len(snapshot.entries)} 个条目到 {args.file}")
    return 0


def import_(args: argparse.Namespace) -> int:
    """Read the whole FAQ from a workbook; with any fault nothing is changed and a marked copy is written."""
    snapshot = snapshot_of(args, strict=False)
    try:
        result = workbook.read(args.file.read_bytes())
    except OSError as e:
        raise Usage(f"读不了 {args.file}：{e.strerror}") from e
    except workbook.WorkbookError as e:
        raise Usage(f"{args.file}：{e}") from e
    if result.marked is not None:
        marked = args.file.with_name(f"{args.file.stem}-有错.xlsx")
        write(marked, result.marked)
        print("\n".join(result.faults))
        print(f"{len(result.faults)} 处有错，什么也没有改。错的格子标红并写了说明：{marked}")
        return 1
    try:
        changes = workbook.apply(
            settings_of(args).knowledge_dir,
            list(snapshot.entries.values()),
            result.entries,
            author=login(),
            why=f"导入 {args.file.name}",
            now=datetime.now(UTC),
        )
    except history.HistoryError as e:
        print(e)
        return 1
    print("\n".join([*changes, f"共改动 {len(changes)} 个条目"]))
    return 0


def new(args: argparse.Namespace) -> int:
    """Make the file of a new entry, with the next steps as comments; it answers nobody until it is filled in."""
    folder = settings_of(args).knowledge_dir
    path = folder / "faq" / args.category / f"{args.id}.md"
    if not re.fullmatch(ID, args.id):
        raise Usage(f"编号 {args.id} 不能用：只用小写字母、数字和短横线，例如 wage-arrears")
    taken = [p for p in entry_files(folder) if p.stem == args.id]
    if taken:
        raise Usage(f"编号 {args.id} 已经有了：{taken[0]}")
    write_all({path: stub(args.id, args.question, local_day(datetime.now(UTC)))})
    print(f"已新建 {path}\n打开它，照着 # 开头的说明填；填完运行 python -m bot check")
    return 0


def _stats(snapshot: Snapshot) -> int:
    rows: list[tuple[str, ...]] = [("类别", "条目", "问法", "依据", "不同法条", "有期限", "已签发")]
    by_category: dict[str, list[Entry]] = {}
    for entry in snapshot.entries.values():
        by_category.setdefault(entry.category, []).append(entry)
    for name, entries in [*by_category.items(), ("合计", list(snapshot.entries.values()))]:
        basis = [b for e in entries for b in e.basis]
        figures = (
            len(entries),
            sum(len(e.phrasings) for e in entries),
            len(basis),
            len(set(basis)),
            sum(bool(e.deadline) for e in entries),
            sum(e.status == "signed" for e in entries),
        )
        rows.append((name, *map(str, figures)))
    print(grid(rows))
    return 0


def _citing(snapshot: Snapshot, name: str, article: int | None) -> int:
    law = snapshot.laws.find(name)
    names = {law.name, law.full} if law else {name}
    found = 0
    for entry in sorted(snapshot.entries.values(), key=lambda e: (e.category, e.id)):
        cited = [b for b in entry.basis if (c := parse(b)) and c.law in names and article in (None, c.article)]
        if cited:
            found += 1
            print(f"{entry.category}/{entry.id}.md　{entry.question}　{'；'.join(cited)}")
    print(f"共 {found} 个条目引用")
    return 0
