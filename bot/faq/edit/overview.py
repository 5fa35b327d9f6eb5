"""All entries at a glance: where each stands, what is wrong with it, what of it waits; searched and filtered."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot.faq.check import RENEW
from bot.faq.edit import history
from bot.faq.edit.drafting import File, draft_files, held
from bot.faq.edit.editing import Fields
from bot.faq.edit.review import Waiting, waiting
from bot.faq.entry import Entry
from bot.faq.finding import Finding
from bot.faq.library import Snapshot
from bot.faq.reader import entry_files

STATUS: Mapping[str, str] = {"draft": "草稿", "signed": "已签发", "withdrawn": "已停用"}
UNFINISHED = "没写完"
FEW = 18
"""An entry with fewer phrasings is hard to find."""


@dataclass(frozen=True)
class Row:
    """An entry in the list. entry: as it answers, or is edited where it does not answer yet; None: unfinished or broken.

    edit: an edit of it waits beside what answers. handed_in: who handed in which version to be signed.
    """

    id: str
    fields: Fields
    entry: Entry | None
    findings: tuple[Finding, ...] = ()
    edit: bool = False
    handed_in: Waiting | None = None

    @property
    def status(self) -> str:
        """How the entry stands, in a word."""
        return STATUS[self.entry.status] if self.entry else UNFINISHED

    @property
    def errors(self) -> int:
        """How many findings are errors."""
        return sum(f.severity == "error" for f in self.findings)

    def is_expired(self, today: date) -> bool:
        """Tell whether its last day has passed."""
        return self.entry is not None and self.entry.status != "withdrawn" and self.entry.is_expired(today)

    def ends_soon(self, today: date) -> bool:
        """Tell whether it must be renewed within a month."""
        if self.entry is None or self.entry.status == "withdrawn" or self.entry.valid_until is None:
            return False
        return today <= self.entry.valid_until < today + RENEW

    def is_to_sign(self) -> bool:
        """Tell whether a signature is missing: a finished draft, or an edit of what is signed."""
        return self.edit or (self.entry is not None and self.entry.status == "draft")


def rows(folder: Path, snapshot: Snapshot, findings: Mapping[str, Sequence[Finding]]) -> list[Row]:
    """Return all entries, by category and id."""
    handed = {
        id_: what
        for id_, what in waiting(folder).items()
        if (file := held(folder, id_).current) and history.digest(file.text) == what.version
    }
    drafts = {path.stem: File(path, history.read(path) or "") for path in draft_files(folder)}
    found = []
    for id_, entry in snapshot.entries.items():
        found.append(Row(id_, _fields(entry), entry, tuple(findings.get(id_, ())), id_ in drafts, handed.get(id_)))
    known = set(snapshot.entries)
    broken = {path.stem: File(path, history.read(path) or "") for path in entry_files(folder) if path.stem not in known}
    for id_, file in {**broken, **drafts}.items():
        if id_ not in known:
            problems = tuple(f for f in snapshot.findings if f.path.stem == id_ and f.path.suffix == ".md")
            said = file.fields or Fields(category=file.path.parent.name)
            found.append(Row(id_, said, file.entry, problems, False, handed.get(id_)))
    return sorted(found, key=lambda row: (row.fields.category, row.id))


def _fields(entry: Entry) -> Fields:
    return Fields(entry.question, entry.category, entry.phrasings, entry.answer, entry.more, deadline=entry.deadline or "")


FILTERS: Mapping[str, tuple[str, Callable[[Row, date], bool]]] = {
    "draft": ("草稿", lambda row, _: row.status == STATUS["draft"]),
    "signed": ("已签发", lambda row, _: row.status == STATUS["signed"]),
    "waiting": ("送审的", lambda row, _: row.handed_in is not None and row.is_to_sign()),
    "edit": ("有修改稿没签发", lambda row, _: row.edit),
    "unfinished": ("没写完", lambda row, _: row.status == UNFINISHED),
    "withdrawn": ("已停用", lambda row, _: row.status == STATUS["withdrawn"]),
    "expired": ("已过期", Row.is_expired),
    "soon": ("30天内到期", Row.ends_soon),
}
"""Where an entry stands: what it is called, and which rows are there."""

PROBLEMS: Mapping[str, tuple[str, Callable[[Row], bool]]] = {
    "any": ("有问题的", lambda row: bool(row.findings)),
    "error": ("有错误的", lambda row: row.errors > 0),
    "basis": ("依据有问题", lambda row: any(f.field == "basis" for f in row.findings)),
    "answer": ("答案有问题", lambda row: any(f.field in {"answer", "more"} for f in row.findings)),
    "deadline": ("没写期限", lambda row: not row.fields.deadline),
    "few": (f"问法不到{FEW}条", lambda row: len(row.fields.phrasings) < FEW),
    "none": ("没有问题的", lambda row: not row.findings),
}


def matching(
    found: Sequence[Row], today: date, *, words: str = "", category: str = "", status: str = "", problem: str = ""
) -> Iterator[Row]:
    """Yield the rows that hold all words (question, phrasings, answer or id) and are where they are looked for."""
    wanted = words.lower().split()
    for row in found:
        if category and row.fields.category != category:
            continue
        if status in FILTERS and not FILTERS[status][1](row, today):
            continue
        if problem in PROBLEMS and not PROBLEMS[problem][1](row):
            continue
        text = "\n".join((row.id, row.fields.question, *row.fields.phrasings, row.fields.answer, row.fields.more)).lower()
        if all(word in text for word in wanted):
            yield row
