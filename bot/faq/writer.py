"""An entry as a file: one canonical form, so that the same entry always gives the same bytes."""

import os
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from bot.faq.entry import Entry

_LISTS = ("phrasings", "basis")
_FLOWS = ("related", "not_to_confuse_with")
_PLAIN = re.compile("[\u4e00-\u9fff《“（][\u4e00-\u9fffA-Za-z0-9，。？！、；（）《》“”]*")
"""Texts that YAML takes as they are; asking the dumper about each of fifty thousand phrasings takes seconds."""

_SCALARS = ("status", "author", "updated", "reviewed_by", "reviewed_on", "valid_until")


def to_markdown(entry: Entry) -> str:
    """Return the entry's file; reading it back gives the same entry."""
    lines = ["---", f"id: {entry.id}", f"question: {_scalar(entry.question)}"]
    for name in _LISTS:
        lines += [f"{name}:", *(f"  - {_scalar(part)}" for part in getattr(entry, name))]
    if entry.deadline:
        lines.append(f"deadline: {_scalar(entry.deadline)}")
    for name in _FLOWS:
        lines.append(f"{name}: [{', '.join(getattr(entry, name))}]")
    for name in _SCALARS:
        value = getattr(entry, name)
        lines.append(f"{name}: {'' if value is None else _scalar(value)}".rstrip())
    lines += ["---", entry.answer]
    if entry.more:
        lines += ["", "## 更多", "", entry.more]
    return "\n".join(lines) + "\n"


def stub(id_: str, question: str, today: date, *, answer: str = "", author: str = "") -> str:
    """Return the file of a new entry with the next steps as comments; it has no basis yet, so it answers nobody."""
    return f"""---
# 新条目。照着下面一步步填，填完把 # 开头的行删掉；没填完之前不会发给群众。
id: {id_}
# 第一步：标准问题，一句话，不超过60字，问号结尾。
question: {_scalar(question[:60])}
# 第二步：群众会怎么问。一行一条，至少18条：长的短的、讲经过的、方言的、打错字的、站在对方那边问的。
phrasings:
  - {_scalar(question[:200])}
# 第三步：依据，法名加条号，例如 《劳动法》第五十条。
basis:
  -
# 第四步：有没有过了就不能再要的期限？有就去掉下一行的 # 写上，从哪天算起。
# deadline: 一年内申请劳动仲裁，从知道被欠那天算。
related: []
not_to_confuse_with: []
status: draft
author: {_scalar(author) if author else ""}
updated: {today}
reviewed_by:
reviewed_on:
valid_until: {today.replace(day=min(today.day, 28), year=today.year + 1)}
---
{answer}
"""


def path_of(entry: Entry, folder: Path) -> Path:
    """Return where the entry's file belongs in the knowledge folder."""
    return folder / "faq" / entry.category / f"{entry.id}.md"


def write_all(texts: Mapping[Path, str | bytes], *, remove: tuple[Path, ...] = ()) -> None:
    """Write the files so that each is whole or untouched: all drafts first, then one rename each.

    A crash in the middle leaves some files new and some old, never a half one. Raises OSError.
    """
    drafts = {}
    try:
        for path, text in texts.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            drafts[path] = path.with_name(f".{path.name}.draft")
            with drafts[path].open("wb") as f:
                f.write(text.encode() if isinstance(text, str) else text)
                f.flush()
                os.fsync(f.fileno())
        for path, draft in drafts.items():
            draft.replace(path)
        for path in remove:
            path.unlink(missing_ok=True)
    finally:
        for draft in drafts.values():
            draft.unlink(missing_ok=True)


def _scalar(value: Any) -> str:
    if isinstance(value, str) and _PLAIN.fullmatch(value):
        return value
    text: str = yaml.safe_dump(value, allow_unicode=True, width=1 << 20)
    return text.removesuffix("\n...\n").strip()
