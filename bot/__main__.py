"""The command line: ``python -m bot COMMAND``. Exit status 0 good, 1 findings, 2 wrong use."""

import argparse
import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from bot.dialogue.rules import preview
from bot.dialogue.turn import Outcome
from bot.faq import workbook
from bot.faq.check import check as find
from bot.faq.citation import parse
from bot.faq.entry import ID, Entry
from bot.faq.library import Library, Snapshot
from bot.faq.reader import entry_files
from bot.faq.writer import stub, write_all
from bot.ledger.clock import local_day
from bot.ledger.store import Store, StoreError
from bot.matching.measures import IN_WORDS, Labelled, Matched, measure
from bot.reports.consultations import report
from bot.reports.formats import FORMATS, grid
from bot.settings import Settings, SettingsError, load


class Usage(Exception):
    """The command cannot do what it was asked; the message says why and what to do."""


def ask(args: argparse.Namespace) -> int:
    """Answer one question as a villager would see it, and say why it matched."""
    snapshot = _snapshot(args)
    outcome = preview(args.question, snapshot, datetime.now(UTC))
    reply = outcome.reply
    print(reply.text)
    for n, option in enumerate(reply.options, 1):
        print(f"{n}. {option.label}")
    if reply.tail:
        print(reply.tail)
    words = {"answer": "直接作答", "choose": "给出选项", "miss": "没答上", "command": "按命令处理"}
    print(f"\n[处理] {words.get(outcome.decision, outcome.decision)}", file=sys.stderr)
    for candidate in outcome.candidates:
        print(f"[候选] {candidate.score:.2f} {candidate.id}，最像的问法「{candidate.phrasing}」", file=sys.stderr)
    return 0


def match(args: argparse.Namespace) -> int:
    """Read questions from standard input, one a line or JSON lines with ``q``; write one JSON line each."""
    snapshot = _snapshot(args)
    now = datetime.now(UTC)
    for n, raw in enumerate(sys.stdin, 1):
        line = raw.removeprefix("\ufeff").strip()
        question = _json_line(line, n, "标准输入")["q"] if line.startswith("{") else line
        outcome = preview(question, snapshot, now)
        print(json.dumps({"q": question, **_matched(outcome)}, ensure_ascii=False), flush=True)
    return 0


def evaluate(args: argparse.Namespace) -> int:
    """Measure the matching of labelled questions."""
    snapshot = _snapshot(args)
    now = datetime.now(UTC)
    pairs = []
    for label in _labels(args.file):
        outcome = preview(label.q, snapshot, now)
        got = _matched(outcome)
        pairs.append((label, Matched(got["decision"], got["id"], [c["id"] for c in got["candidates"]])))
    measures = asdict(measure(pairs))
    if args.json:
        print(json.dumps(measures))
        return 0
    for name, value in measures.items():
        print(f"{value:8.1%}  {IN_WORDS[name]}" if isinstance(value, float) else f"{value:8}  {IN_WORDS[name]}")
    return 0


def check(args: argparse.Namespace) -> int:
    """List every finding in the knowledge folder; or count it, or list the entries that cite a law."""
    snapshot = _snapshot(args, strict=False)
    if args.stats:
        return _stats(snapshot)
    if args.law:
        return _citing(snapshot, args.law, args.article)
    if args.article:
        raise Usage("--article 要和 --law 一起用")
    findings = find(_settings(args).knowledge_dir, snapshot, local_day(datetime.now(UTC)))
    for finding in findings:
        print(finding)
    errors = sum(f.severity == "error" for f in findings)
    print(f"{len(snapshot.entries)} 个条目，{errors} 个错误，{len(findings) - errors} 个提醒")
    return 1 if errors else 0


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


def export(args: argparse.Namespace) -> int:
    """Write the whole FAQ into a workbook."""
    snapshot = _snapshot(args)
    _write(args.file, workbook.export(list(snapshot.entries.values())))
    print(f"已导出 {len(snapshot.entries)} 个条目到 {args.file}")
    return 0


def import_(args: argparse.Namespace) -> int:
    """Read the whole FAQ from a workbook; with any fault nothing is changed and a marked copy is written."""
    snapshot = _snapshot(args, strict=False)
    try:
        result = workbook.read(args.file.read_bytes())
    except OSError as e:
        raise Usage(f"读不了 {args.file}：{e.strerror}") from e
    except workbook.WorkbookError as e:
        raise Usage(f"{args.file}：{e}") from e
    if result.marked is not None:
        marked = args.file.with_name(f"{args.file.stem}-有错.xlsx")
        _write(marked, result.marked)
        print("\n".join(result.faults))
        print(f"{len(result.faults)} 处有错，什么也没有改。错的格子标红并写了说明：{marked}")
        return 1
    changes = workbook.apply(_settings(args).knowledge_dir, list(snapshot.entries.values()), result.entries)
    print("\n".join([*changes, f"共改动 {len(changes)} 个条目"]))
    return 0


def new(args: argparse.Namespace) -> int:
    """Make the file of a new entry, with the next steps as comments; it answers nobody until it is filled in."""
    folder = _settings(args).knowledge_dir
    path = folder / "faq" / args.category / f"{args.id}.md"
    if not re.fullmatch(ID, args.id):
        raise Usage(f"编号 {args.id} 不能用：只用小写字母、数字和短横线，例如 wage-arrears")
    taken = [p for p in entry_files(folder) if p.stem == args.id]
    if taken:
        raise Usage(f"编号 {args.id} 已经有了：{taken[0]}")
    write_all({path: stub(args.id, args.question, local_day(datetime.now(UTC)))})
    print(f"已新建 {path}\n打开它，照着 # 开头的说明填；填完运行 python -m bot check")
    return 0


def report_(args: argparse.Namespace) -> int:
    """Print the consultation report of a period."""
    today = local_day(datetime.now(UTC))
    start, end = args.start or date(today.year, 1, 1), args.end or today
    if start > end:
        raise Usage(f"起始日 {start} 在截止日 {end} 之后，请对调 --from 和 --to")
    settings = _settings(args)
    store = Store(settings.database_url, pseudonym_key=settings.pseudonym_key)
    try:
        text = FORMATS[args.format](report(store, start, end, now=datetime.now(UTC)))
    finally:
        store.close()
    if args.out:
        args.out.write_text(text, encoding="utf-8", newline="")
        print(f"已写入 {args.out}")
    else:
        sys.stdout.write(text)
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):  # a Windows console or pipe may be in GBK
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    args = _parser().parse_args(argv)
    try:
        status: int = args.run(args)
        return status
    except (Usage, SettingsError) as e:
        print(e, file=sys.stderr)
        return 2
    except StoreError as e:
        print(f"台账数据库用不了：{e}。请检查 --database 或 DATABASE_URL 指的文件。", file=sys.stderr)
        return 2
    except BrokenPipeError:  # "match | head": whoever reads has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--knowledge", type=Path, metavar="目录", help="知识库目录，默认 KNOWLEDGE_DIR")
    common.add_argument("--database", metavar="地址", help="台账数据库，如 sqlite:///instance/bot.db，默认 DATABASE_URL")
    parser = argparse.ArgumentParser(prog="python -m bot", description="镇普法问答机器人的命令")
    commands = parser.add_subparsers(dest="command", required=True, metavar="命令")

    def add(name: str, run: Callable[[argparse.Namespace], int], help_: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, parents=[common], help=help_, description=help_)
        command.set_defaults(run=run)
        return command

    add("ask", ask, "问一个问题，看群众会收到什么、为什么").add_argument("question", metavar="问题")
    add("match", match, "从标准输入读问题，每行一个（或带 q 的 JSON），每行输出一个 JSON 结果")
    command = add("evaluate", evaluate, "用标注好的问题（JSON 行：q、id、also）量一量匹配得准不准")
    command.add_argument("file", type=Path, metavar="文件")
    command.add_argument("--json", action="store_true", help="输出 JSON")
    command = add("check", check, "检查知识库，列出每个问题在哪个文件哪一行、怎么改")
    command.add_argument("--stats", action="store_true", help="按类别数条目、问法、依据")
    command.add_argument("--law", metavar="法名", help="列出引用这部法的条目；法改了就知道要重看哪些")
    command.add_argument("--article", type=int, metavar="条号", help="和 --law 一起用：只列引用这一条的")
    add("export", export, "把全部条目导出成 .xlsx 表").add_argument("file", type=Path, metavar="文件.xlsx")
    add("import", import_, "从 .xlsx 表导入条目；有错就什么也不改").add_argument("file", type=Path, metavar="文件.xlsx")
    command = add("new", new, "新建一个条目的空文件，里面写着下一步")
    command.add_argument("id", metavar="编号")
    command.add_argument("--category", required=True, metavar="类别", help="放在哪个类别")
    command.add_argument("--question", default="", metavar="问题", help="标准问题")
    command = add("report", report_, "统计一段时间的消息条数、咨询人次、咨询人数")
    command.add_argument("--from", dest="start", type=_date, metavar="日期", help="起始日，默认今年1月1日")
    command.add_argument("--to", dest="end", type=_date, metavar="日期", help="截止日（含），默认今天")
    command.add_argument("--format", choices=FORMATS, default="table", help="格式，默认 table")
    command.add_argument("--out", type=Path, metavar="文件", help="写到文件")
    return parser


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} 不是日期，写成 2026-01-31 这样") from None


def _settings(args: argparse.Namespace) -> Settings:
    settings, _ = load(
        {
            **os.environ,
            **({"KNOWLEDGE_DIR": str(args.knowledge)} if args.knowledge else {}),
            **({"DATABASE_URL": args.database} if args.database else {}),
        }
    )
    return settings


def _snapshot(args: argparse.Namespace, *, strict: bool = True) -> Snapshot:
    settings = _settings(args)
    snapshot = Library(settings.knowledge_dir, only_signed=settings.answer_from == "signed").refresh()
    if strict and not snapshot.entries:
        raise Usage("\n".join(map(str, snapshot.findings)))
    return snapshot


def _matched(outcome: Outcome) -> dict[str, Any]:
    return {
        "decision": "miss" if outcome.decision == "empty" else outcome.decision,
        "id": outcome.entry.id if outcome.entry else None,
        "candidates": [{"id": c.id, "score": c.score} for c in outcome.candidates],
    }


def _labels(path: Path) -> Iterator[Labelled]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as e:
        raise Usage(f"读不了 {path}：{e}") from e
    for n, line in enumerate(lines, 1):
        if line.strip():
            data = _json_line(line, n, str(path))
            if not isinstance(data.get("id"), str):
                raise Usage(f"{path} 第{n}行缺 id")
            yield Labelled(data["q"], data["id"], tuple(data.get("also") or ()))


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as e:
        raise Usage(f"写不了 {path}：{e.strerror}。如果它正在 WPS 或 Excel 里开着，请先关掉。") from e


def _json_line(line: str, number: int, source: str) -> dict[str, Any]:
    try:
        data = json.loads(line)
    except ValueError as e:
        raise Usage(f"{source} 第{number}行不是 JSON：{e}") from e
    if not isinstance(data, dict) or not isinstance(data.get("q"), str):
        raise Usage(f"{source} 第{number}行缺 q")
    return data


if __name__ == "__main__":
    sys.exit(main())
