"""A row of a register asked field by field on the terminal: a number or a word for a choice, Enter for what is usual."""

from collections.abc import Callable
from datetime import date
from typing import Any

from bot.ledger.register.fields import Field, Lists, Register, applies, validated, value_of
from bot.ledger.register.values import Unfit, parted


def ask(register: Register, lists: Lists, *, today: date, read: Callable[[str], str]) -> dict[str, Any]:
    """Return a validated row; ``read`` shows a prompt and returns the answer, and is asked again until that fits.

    What ``read`` raises (EOFError, KeyboardInterrupt) gives up.
    """
    print(f"{register.title}：一项一项填。*必填；直接回车就是［］里的，没有就空着；选项可以填前面的数字；Ctrl+C 不记了。")
    said: dict[str, Any] = {}
    for f in register.fields:
        if not applies(f, said) or (f.follows and all(said.get(key) is not None for key in f.follows)):
            continue
        said[f.key] = _answer(f, lists, today=today, read=read)
    while True:
        row, faults = validated(register, said, lists, today=today)
        if not faults:
            return row
        for fault in faults:
            print(fault)
        for f in register.fields:
            if f.heading in {fault.field for fault in faults}:
                said[f.key] = _answer(f, lists, today=today, read=read)


def _answer(f: Field, lists: Lists, *, today: date, read: Callable[[str], str]) -> Any:
    allowed = f.allowed(lists)
    default = today.isoformat() if f.key == "day" else f.default
    if allowed:
        print("　" + "　".join(f"{n} {text}" for n, text in enumerate(allowed, 1)))
    elif f.hint:
        print(f"　{f.hint}")
    prompt = f"{f.heading}{'*' if f.required else ''}{f'［{default}］' if default is not None else ''}："
    while True:
        said = read(prompt).strip()
        if not said:
            if default is not None or not f.required:
                return default
            print("　必须填。")
            continue
        try:
            return value_of(f, _chosen(f, said, allowed), lists, today=today)
        except Unfit as e:
            print(f"　{e}")


def _chosen(f: Field, said: str, allowed: tuple[str, ...]) -> str:
    """Put the texts of choices in the place of their numbers."""
    if not allowed:
        return said
    words = parted(said) if f.kind == "choices" else [said]
    return "、".join(allowed[int(w) - 1] if w.isdecimal() and 1 <= int(w) <= len(allowed) else w for w in words)
