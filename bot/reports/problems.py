"""What is wrong in the knowledge folder, told without names of files and fields: where it is, what, what to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot.faq.check import CHECKS, Folder, lexicon, phrasings
from bot.faq.edit.editing import HEADINGS
from bot.faq.edit.entry_check import plain
from bot.faq.finding import Finding
from bot.faq.library import Snapshot

FILES = {
    "hotlines.yaml": "热线表",
    "town.yaml": "本镇情况",
    "laws.yaml": "法律登记表",
    "lexicon.yaml": "词表",
    "matching.yaml": "匹配参数",
    "outside.yaml": "条目以外的话题",
    "crisis.yaml": "急事提示",
    "crisis-examples.yaml": "急事例句",
    "registers.yaml": "台账选项",
    "retention.yaml": "保存期限",
    "counting.yaml": "统计口径",
    "wording.yaml": "机器人说的话",
    "catalogue.yaml": "应有条目清单",
    "legalese.yaml": "行话表",
    "faq": "常见问题",
}
_FIELDS = {
    **HEADINGS,
    "id": "编号",
    "status": "状态",
    "updated": "更新日期",
    "reviewed_by": "审核人",
    "reviewed_on": "审核日期",
}

SLOW = (phrasings, lexicon)
"""These compare every phrasing with every other: too long for a page."""


@dataclass(frozen=True)
class Problem:
    """A finding in plain words. entry: the id of the entry that it is in, "" for none; error: it must be mended."""

    place: str
    problem: str
    remedy: str
    entry: str
    error: bool


def problems(folder: Path, snapshot: Snapshot, today: date) -> tuple[list[Problem], list[Problem]]:
    """Return what the bot could not read, and what it read and is not as it should be; errors before warnings."""
    checked = Folder(folder, snapshot, today)
    found = [finding for check in CHECKS if check not in SLOW for finding in check(checked)]
    return _in_words(snapshot.findings, snapshot), _in_words(found, snapshot)


def _in_words(findings: Sequence[Finding], snapshot: Snapshot) -> list[Problem]:
    made = [_problem(finding, snapshot) for finding in dict.fromkeys(findings)]
    return sorted(made, key=lambda one: not one.error)


def _problem(finding: Finding, snapshot: Snapshot) -> Problem:
    is_entry = finding.path.suffix == ".md"
    told = plain(finding)
    entry = snapshot.entries.get(finding.path.stem) if is_entry else None
    file = FILES.get(finding.path.name, finding.path.name)
    name = (
        f"「{entry.question}」这一条"
        if entry
        else f"条目 {finding.path.stem}（{finding.path.parent.name}）"
        if is_entry
        else file
    )
    field = _FIELDS.get(finding.field, finding.field)
    line = f"第{finding.line}行" if finding.line else ""
    place = "，".join(part for part in (name, field, line) if part)
    return Problem(
        place, _plain(told.problem), _plain(told.remedy), finding.path.stem if is_entry else "", finding.severity == "error"
    )


def _plain(text: str) -> str:
    for name, word in FILES.items():
        if name.endswith(".yaml"):
            text = text.replace(name, word)
    for name, word in _FIELDS.items():
        text = text.replace(f"{name}、", f"{word}、") if "_" in name else text
    return text
