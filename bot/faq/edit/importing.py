"""A workbook of the FAQ taken in through the console: what it would change, within what its sender may do.

A workbook signs nothing: that is for a second person, on the page of the entry. What is signed goes on answering while its
edit waits under ``drafts/``, as with an edit in the console.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bot.faq.edit import history
from bot.faq.edit.drafting import DRAFTS, draft_files
from bot.faq.entry import Entry
from bot.faq.reader import entry_files, parse_entry
from bot.faq.writer import path_of, to_markdown

Kind = Literal["新增", "修改", "停用", "存成修改稿", "不导入"]
KINDS: tuple[Kind, ...] = ("新增", "修改", "存成修改稿", "停用", "不导入")
UNSIGNED: dict[str, object] = {"status": "draft", "reviewed_by": None, "reviewed_on": None}

_TO_SIGN = "表里写的是已签发，导入以后是草稿，要在条目的页面上签发"
_WAITS = "签发过的旧内容接着回答，改动等第二个人签发以后换上"
_REPLACES = "换掉还没签发的修改稿，历史里找得回"
_ONLY_STATUS = "只改了状态和审核，不导入：签发、撤回要在条目的页面上做"


@dataclass(frozen=True)
class Step:
    """What becomes of one row: where its text goes and which files it leaves; ``old`` is what it is compared with."""

    kind: Kind
    id: str
    question: str
    name: str
    old: str | None
    new: str
    remove: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """What a workbook would change; ``same``: how many rows change nothing."""

    steps: tuple[Step, ...]
    same: int
    expected: Mapping[Path, str | None]

    @property
    def counts(self) -> dict[Kind, int]:
        """How many rows there are of each kind."""
        return {kind: n for kind in KINDS if (n := sum(step.kind == kind for step in self.steps))}

    def saved_as(self, folder: Path) -> tuple[dict[Path, str], list[Path]]:
        """Return the texts to write and the files to remove."""
        steps = [step for step in self.steps if step.kind != "不导入"]
        return {folder / step.name: step.new for step in steps}, [path for step in steps for path in step.remove]


def planned(folder: Path, rows: Sequence[Entry]) -> Plan:
    """Compare the rows of a workbook with the folder. Raises OSError."""
    live = {path.stem: path for path in entry_files(folder)}
    waiting = {path.stem: path for path in draft_files(folder)}
    steps: list[Step] = []
    expected: dict[Path, str | None] = {}
    for row in rows:
        paths = [found[row.id] for found in (live, waiting) if row.id in found]
        texts = {path: history.read(path) for path in paths}
        step = _step(folder, row, live.get(row.id), waiting.get(row.id), texts)
        if step is None:
            continue
        steps.append(step)
        if step.kind != "不导入":
            expected |= {path: None if text is None else history.digest(text) for path, text in texts.items()}
            expected.setdefault(folder / step.name, None)
    steps.sort(key=lambda step: (KINDS.index(step.kind), step.name))
    return Plan(tuple(steps), len(rows) - len(steps), expected)


def _step(folder: Path, row: Entry, live: Path | None, waiting: Path | None, texts: Mapping[Path, str | None]) -> Step | None:
    old = texts[live] if live else None
    before = parse_entry(live, old.encode()).entry if live and old is not None else None
    if before and before.model_dump(exclude={"version"}) == row.model_dump(exclude={"version"}):
        return None
    if before and _content(before) == _content(row) and row.status != "withdrawn":
        return Step("不导入", row.id, row.question, _name(folder, live), old, old or "", notes=(_ONLY_STATUS,))
    notes = [_TO_SIGN] if row.status == "signed" and (before is None or before.status != "signed") else []
    new = row if row.status == "withdrawn" else row.model_copy(update=UNSIGNED)
    path = path_of(new, folder)
    kind: Kind = "停用" if row.status == "withdrawn" else "修改" if live else "新增"
    leaves = [live] if live else []
    if before and before.status == "signed" and row.status != "withdrawn":
        kind, path, leaves = "存成修改稿", folder / DRAFTS / row.category / path.name, []
        notes.append(_WAITS)
    text = to_markdown(new)
    if waiting and kind != "停用":
        if waiting == path and texts[waiting] == text:
            return None
        notes.append(_REPLACES)
        leaves.append(waiting)
    remove = tuple(one for one in leaves if one != path)
    return Step(kind, row.id, row.question, _name(folder, path), old, text, remove, tuple(notes))


def _name(folder: Path, path: Path | None) -> str:
    return path.relative_to(folder).as_posix() if path else ""


def _content(entry: Entry) -> dict[str, object]:
    return entry.model_dump(exclude={"status", "reviewed_by", "reviewed_on", "version"})
