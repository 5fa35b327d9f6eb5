"""The command on the registers (台账): list, fields, add, show, correct, void, history, workbooks, closing of months."""

import argparse
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bot.commands import register_books
from bot.commands.asking import ask
from bot.commands.common import Usage, lists_of, settings_of
from bot.ledger.clock import local_day, local_time, moment
from bot.ledger.database import Database
from bot.ledger.register import records
from bot.ledger.register.definitions import REGISTERS, named
from bot.ledger.register.fields import Fault, Register, corrected, described, validated
from bot.ledger.register.records import Refused
from bot.ledger.store import Store
from bot.ledger.towns import ledger_of
from bot.reports.to_text import grid

_CELL = 16
"""As many characters of a value fit into a list."""


def register(args: argparse.Namespace) -> int:
    """Do what ``args.action`` says with the registers; exit 1 where the ledger does not take something, and say why."""
    settings = settings_of(args)
    store = ledger_of(settings)
    try:
        return ACTIONS[args.action](args, store)
    except Refused as e:
        print(e)
        return 1
    finally:
        store.close()


def _list(args: argparse.Namespace, store: Store) -> int:
    with store.reading() as db:
        rows: list[tuple[str, ...]] = [("台账", "记录", "作废", "最早", "最近")]
        for one in REGISTERS.values():
            rows.append((one.title, *(_text(value, none="") for value in records.counts(db, one).values())))
        closed, events = records.closed_months(db), records.month_events(db)
    print(grid(rows))
    print(f"已关账的月份：{'、'.join(closed) or '没有'}")
    for event in events:
        reason = f"，原因：{event['reason']}" if event["reason"] else ""
        print(f"　{_minute(event['at'])} {event['editor']} {event['what']} {event['month']}{reason}")
    return 0


def _fields(args: argparse.Namespace, store: Store) -> int:
    one, _ = _register(args)
    lists = lists_of(args)
    rows = [(f.heading, "必填" if f.required and f.only is None else "", described(one, f, lists)) for f in one.fields]
    print(grid([("栏目", "", "填什么"), *rows]))
    return 0


def _add(args: argparse.Namespace, store: Store) -> int:
    one, words = _register(args)
    _needs(args, "by")
    now, lists = datetime.now(UTC), lists_of(args)
    if words:
        values, faults = validated(one, _said(words), lists, today=local_day(now))
        if faults:
            return _refused(faults)
    elif sys.stdin.isatty():
        try:
            values = ask(one, lists, today=local_day(now), read=input)
        except (EOFError, KeyboardInterrupt):
            print("\n不记了。")
            return 1
    else:
        raise Usage(
            f"写上内容：python -m bot register add {one.title} 栏目=内容 … --by 姓名；有哪些栏目：register fields {one.title}"
        )
    with store.writing() as db:
        number = records.add(db, one, values, by=args.by, now=now)
    print(f"记下了：{one.title}第{number}号")
    return 0


def _show(args: argparse.Namespace, store: Store) -> int:
    one, words = _register(args)
    with store.reading() as db:
        if words:
            return _show_one(one, _found(db, one, _number(words[0])))
        today = local_day(datetime.now(UTC))
        start, end = register_books.period_of(args, today)
        rows = records.rows(db, one.key, start, end)
    keys = [f for f in one.fields if any(row[f.key] is not None for row in rows)]
    lines = [(str(row["number"]), *(_short(row[f.key]) for f in keys)) for row in rows]
    if rows:
        print(grid([("编号", *(f.heading for f in keys)), *lines]))
    print(f"{one.title} {start} 至 {end}：{len(rows)} 条")
    return 0


def _show_one(one: Register, row: Mapping[str, Any]) -> int:
    print(f"{one.title}第{row['number']}号")
    for f in one.fields:
        print(f"　{f.heading}：{_text(row[f.key])}")
    print(f"　录入：{_minute(row['entered_at'])} {row['entered_by']}")
    if row[records.VOIDED]:
        print(f"　作废：{_minute(row[records.VOIDED])}")
    return 0


def _correct(args: argparse.Namespace, store: Store) -> int:
    one, words = _register(args)
    _needs(args, "by", "reason")
    if len(words) < 2:
        raise Usage(f"写上编号和要改的：python -m bot register correct {one.title} 12 栏目=内容 --by 姓名 --reason 原因")
    number, now, lists = _number(words[0]), datetime.now(UTC), lists_of(args)
    with store.writing() as db:
        row = _found(db, one, number)
        changes, faults = corrected(one, row, _said(words[1:]), lists, today=local_day(now))
        if faults:
            return _refused(faults)
        records.correct(db, one, number, changes, by=args.by, reason=args.reason, now=now)
    print(f"改好了：{one.title}第{number}号")
    for f in one.fields:
        if f.key in changes:
            print(f"　{f.heading}：{_text(row[f.key])} → {_text(changes[f.key])}")
    return 0


def _void(args: argparse.Namespace, store: Store) -> int:
    one, words = _register(args)
    _needs(args, "by", "reason")
    if len(words) != 1:
        raise Usage(f"写上编号：python -m bot register void {one.title} 12 --by 姓名 --reason 原因")
    with store.writing() as db:
        records.void(db, one, _number(words[0]), by=args.by, reason=args.reason, now=datetime.now(UTC))
    print(f"{one.title}第{words[0]}号作废了，还查得到，但不再计数。")
    return 0


def _history(args: argparse.Namespace, store: Store) -> int:
    one, words = _register(args)
    if len(words) != 1:
        raise Usage(f"写上编号：python -m bot register history {one.title} 12")
    with store.reading() as db:
        row = _found(db, one, _number(words[0]))
        changes = records.history(db, one, row["number"])
    print(f"{_minute(row['entered_at'])} {row['entered_by']} 录入")
    headings = {f.key: f.heading for f in one.fields}
    for change in changes:
        what = f"{headings.get(change['field'])}：{_text(change['old'])} → {_text(change['new'])}"
        if change["field"] == records.VOIDED:
            what = "作废"
        print(f"{_minute(change['at'])} {change['editor']} {what}（{change['reason']}）")
    return 0


def _close(args: argparse.Namespace, store: Store) -> int:
    month = _month(args)
    _needs(args, "by")
    with store.writing() as db:
        records.close_month(db, month, by=args.by, now=datetime.now(UTC))
        counted = [(one.title, records.counts(db, one, month)["rows"]) for one in REGISTERS.values()]
    print(f"{month} 关账了：{'，'.join(f'{title} {n} 条' for title, n in counted)}。这个月的记录不能再动，要动先重开。")
    return 0


def _reopen(args: argparse.Namespace, store: Store) -> int:
    month = _month(args)
    _needs(args, "by", "reason")
    with store.writing() as db:
        records.reopen_month(db, month, by=args.by, reason=args.reason, now=datetime.now(UTC))
    print(f"{month} 重开了。改完再关账：python -m bot register close {month} --by 姓名")
    return 0


ACTIONS: Mapping[str, Callable[[argparse.Namespace, Store], int]] = {
    "list": _list,
    "fields": _fields,
    "add": _add,
    "show": _show,
    "correct": _correct,
    "void": _void,
    "history": _history,
    "template": register_books.template,
    "import": register_books.import_,
    "export": register_books.export,
    "close": _close,
    "reopen": _reopen,
}


def _register(args: argparse.Namespace) -> tuple[Register, list[str]]:
    """Return the register that the first word names, and the other words."""
    titles = "、".join(one.title for one in REGISTERS.values())
    if not args.words:
        raise Usage(f"写上哪本台账：python -m bot register {args.action} 台账名；有：{titles}")
    one = named(args.words[0])
    if one is None:
        raise Usage(f"没有「{args.words[0]}」这本台账。有：{titles}")
    return one, args.words[1:]


def _said(words: Sequence[str]) -> dict[str, str]:
    """Return what 栏目=内容 says."""
    said: dict[str, str] = {}
    for word in words:
        heading, sign, value = word.replace("＝", "=", 1).partition("=")
        if not sign:
            raise Usage(f'「{word}」要写成 栏目=内容，内容里有空格就整个加引号："主题=民法典 讲座"')
        if heading in said:
            raise Usage(f"「{heading}」写了两次")
        said[heading] = value
    return said


def _needs(args: argparse.Namespace, *names: str) -> None:
    words = {"by": "--by 姓名（谁记的、谁改的）", "reason": "--reason 原因（为什么改）"}
    if missing := [words[name] for name in names if not getattr(args, name)]:
        raise Usage(f"还要写上 {'、'.join(missing)}")


def _number(word: str) -> int:
    if not word.isdecimal() or len(word) > 9:
        raise Usage(f"「{word}」不是编号，编号是 register show 第一列的数")
    return int(word)


def _month(args: argparse.Namespace) -> str:
    found = re.fullmatch(r"(\d{4})[-年.](0?[1-9]|1[0-2])月?", args.words[0]) if len(args.words) == 1 else None
    if found is None:
        raise Usage(f"写上月份：python -m bot register {args.action} 2026-05 --by 姓名")
    return f"{found[1]}-{int(found[2]):02}"


def _found(db: Database, one: Register, number: int) -> dict[str, Any]:
    row = records.find(db, one, number)
    if row is None:
        raise records.missing(one, number)
    return row


def _refused(faults: Sequence[Fault]) -> int:
    print("\n".join(map(str, faults)))
    print(f"{len(faults)} 处有错，什么也没有记。")
    return 1


def _short(value: object) -> str:
    text = _text(value, none="").replace("\n", " ")
    return text if len(text) <= _CELL else text[: _CELL - 1] + "…"


def _text(value: object, *, none: str = "（空）") -> str:
    return none if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _minute(stamped: str) -> str:
    return f"{local_time(moment(stamped)):%Y-%m-%d %H:%M}"
