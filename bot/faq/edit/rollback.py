"""Taking a file back to what it was after an earlier change: what that would mean, and doing it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from bot.faq.edit import history
from bot.faq.edit.faults import faults_in
from bot.faq.edit.history import entry_of
from bot.faq.edit.texts import name_of
from bot.faq.finding import Finding
from bot.faq.library import Snapshot
from bot.faq.reader import parse_entry


@dataclass(frozen=True)
class Rollback:
    """An earlier text of a file and what stands in its place now.

    name: where it goes; now: what is there (None: nothing); moved: the same entry under another category, which it replaces;
    expected: for ``history.save``; readable: whether the program could use the file.
    """

    name: str
    text: str
    now: str | None
    moved: tuple[Path, ...]
    expected: Mapping[Path, str | None]
    findings: tuple[Finding, ...]
    readable: bool

    @property
    def base(self) -> str:
        """What the page showed, as one word, for the form to send back."""
        return " ".join(digest or "-" for digest in self.expected.values())


def prepared(folder: Path, path: str, id_: str, snapshot: Snapshot, today: date) -> Rollback | None:
    """Return what it would mean to take a file back to a change; None where it was not there then, or is no text.

    Raises HistoryError, Refused, OSError.
    """
    name = name_of(folder, path)
    text = history.text_at(folder, name, id_)
    if text is None:
        return None
    moved: list[Path] = []
    if (entry := entry_of(name)) is not None:
        place = folder / name.split("/")[0]
        moved = [other for other in sorted(place.glob(f"*/{entry}.md")) if other != folder / name]
    texts = {folder / name: history.read(folder / name), **{other: history.read(other) for other in moved}}
    expected = {one: None if held is None else history.digest(held) for one, held in texts.items()}
    now = next((held for held in texts.values() if held is not None), None)
    findings = faults_in(folder, name, text, snapshot, today)
    if entry is not None:
        readable = parse_entry(folder / name, text.encode()).entry is not None or name.startswith("drafts/")
    else:
        readable = not any(finding.severity == "error" for finding in findings)
    return Rollback(name, text, now, tuple(moved), expected, tuple(findings), readable)


def take_back(folder: Path, wanted: Rollback, *, author: str, why: str, now: datetime) -> str:
    """Do it; return the id of the change. Raises what ``history.save`` raises."""
    texts = {folder / wanted.name: wanted.text}
    return history.save(folder, texts, remove=wanted.moved, author=author, why=why, now=now, expected=wanted.expected)
