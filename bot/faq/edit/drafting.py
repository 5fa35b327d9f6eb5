"""From draft to signed: where the files of an entry lie, who edited it last, who may sign it.

What is signed goes on answering while somebody edits it: the edit is a file of its own under ``drafts/``, which takes the
place of the signed one when a second person signs it. So it is whatever ``ANSWER_FROM`` says. An entry that is not signed is
edited in its place; one that lacks its basis, answer or phrasings waits under ``drafts/`` too.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from bot.faq.edit import history
from bot.faq.edit.editing import Composed, Fields, compose, fields_of
from bot.faq.edit.review import without
from bot.faq.entry import ID, Entry
from bot.faq.reader import entry_files, parse_entry
from bot.faq.writer import path_of, to_markdown

DRAFTS = "drafts"
LOOKED_BACK = 20
"""So many changes of a file are looked at for who edited it last."""


@dataclass(frozen=True)
class File:
    """A file of an entry, as text, and as an entry where it is one."""

    path: Path
    text: str

    @property
    def entry(self) -> Entry | None:
        """The entry that it is; None where it is unfinished or broken."""
        return parse_entry(self.path, self.text.encode()).entry

    @property
    def fields(self) -> Fields | None:
        """What is filled in; None where the file cannot be made out."""
        return fields_of(self.path, self.text)


@dataclass(frozen=True)
class Held:
    """What the folder holds of an entry: the file that answers, and an edit or an unfinished entry beside it."""

    id: str
    live: File | None = None
    draft: File | None = None

    @property
    def current(self) -> File | None:
        """What is edited next."""
        return self.draft or self.live


class NotAllowed(Exception):
    """The person may not do this to the entry now; the message says why."""


def held(folder: Path, id_: str) -> Held:
    """Return what there is of an entry. Raises OSError."""
    if not re.fullmatch(ID, id_):
        return Held(id_)
    live, draft = (_file(folder / place, id_) for place in ("faq", DRAFTS))
    return Held(id_, live, draft)


def draft_files(folder: Path) -> Iterator[Path]:
    """Yield the files under ``drafts/``."""
    yield from sorted(path for path in (folder / DRAFTS).glob("*/*.md") if not path.name.startswith((".", "~")))


def taken(folder: Path) -> set[str]:
    """Return the ids that are in use."""
    return {path.stem for path in (*entry_files(folder), *draft_files(folder))}


def composed(said: Fields, now: Held, id_: str, today: date) -> Composed:
    """Turn fields into the file of a draft; what is withdrawn stays so."""
    stopped = now.live is not None and now.live.entry is not None and now.live.entry.status == "withdrawn"
    return compose(said, id_, today=today, status="withdrawn" if stopped else "draft")


def save(folder: Path, now: Held, made: Composed, *, author: str, why: str, at: datetime) -> Path:
    """Write an edit and return where it is; ``now`` is what the editor saw. Raises what ``history.save`` raises."""
    if made.text is None:
        raise ValueError(made.faults)
    place = DRAFTS if _beside(now, made) else "faq"
    path = folder / place / made.category / f"{now.id}.md"
    # A draft that is finished and no edit of what is signed moves over; so does what changes its category.
    old = [f.path for f in (now.live, now.draft) if f and f.path != path and (place == "faq" or f is now.draft)]
    why = f"{'修改' if now.current else '新增'} {now.id}" + (f"：{why}" if why else "")
    history.save(folder, {path: made.text}, remove=old, author=author, why=why, now=at, expected=_expected(now, path))
    return path


def last_editor(folder: Path, now: Held) -> str | None:
    """Return who changed what the entry says last, as the history has it, else the author that it names.

    Signing, withdrawing, a new last day change nothing of what it says. Raises HistoryError.
    """
    changes = {c.id: c for file in (now.draft, now.live) if file for c in history.log(folder, file.path, LOOKED_BACK)}
    for change in sorted(changes.values(), key=lambda c: c.at, reverse=True):
        if _says_new(folder, change.id, now.id):
            if change.by_hand:
                break
            return change.author
    said = now.current.fields if now.current else None
    return said.author if said else None


def sign(folder: Path, now: Held, *, reviewer: str, valid_until: date, author: str, today: date, at: datetime) -> Entry:
    """Sign what waits (or, once more, what is signed) and put it in the place from which it answers; return it.

    Raises NotAllowed for what is unfinished or withdrawn, and what ``history.save`` raises. Who may sign is for others to say.
    """
    entry = now.current.entry if now.current else None
    if entry is None:
        raise NotAllowed("这一条还没有写完，不能签发。")
    if entry.status == "withdrawn":
        raise NotAllowed("这一条已经停用，先恢复再签发。")
    signed = as_signed(entry, reviewer, today, valid_until)
    path = path_of(signed, folder)
    old = [file.path for file in (now.live, now.draft) if file and file.path != path]
    texts = {path: to_markdown(signed), **without(folder, now.id)}
    history.save(folder, texts, remove=old, author=author, why=f"签发 {now.id}", now=at, expected=_expected(now, path))
    return signed


def turn(folder: Path, now: Held, *, off: bool, author: str, at: datetime) -> None:
    """Withdraw the entry that answers, or bring it back as a draft. Raises NotAllowed, and what ``history.save`` raises."""
    live = now.live
    if live is None or live.entry is None or (live.entry.status == "withdrawn") == off:
        raise NotAllowed("这一条现在不能这样办，请刷新后再看。")
    changes = {"status": "withdrawn"} if off else {"status": "draft", "reviewed_by": None, "reviewed_on": None}
    changed = live.entry.model_copy(update=changes)
    why = f"{'停用' if off else '恢复'} {now.id}"
    expected: dict[Path, str | None] = {live.path: history.digest(live.text)}
    history.save(folder, {live.path: to_markdown(changed)}, author=author, why=why, now=at, expected=expected)


def discard(folder: Path, now: Held, *, author: str, at: datetime) -> None:
    """Drop the edit that waits beside what is signed; the history keeps it. Raises NotAllowed, what ``history.save`` raises."""
    if now.draft is None:
        raise NotAllowed("没有没签发的修改稿。")
    expected: dict[Path, str | None] = {now.draft.path: history.digest(now.draft.text)}
    why = f"不要这份修改稿 {now.id}"
    history.save(folder, without(folder, now.id), remove=[now.draft.path], author=author, why=why, now=at, expected=expected)


def _beside(now: Held, made: Composed) -> bool:
    """Tell whether an edit is kept beside the file that answers."""
    if now.live is None:
        return made.entry is None
    answers = now.live.entry
    return answers is not None and (answers.status == "signed" or made.entry is None)


def _expected(now: Held, path: Path) -> dict[Path, str | None]:
    found: dict[Path, str | None] = {path: None}
    return found | {file.path: history.digest(file.text) for file in (now.live, now.draft) if file}


def _file(place: Path, id_: str) -> File | None:
    for path in sorted(place.glob(f"*/{id_}.md")):
        text = history.read(path)
        if text is not None:
            return File(path, text)
    return None


def _says_new(folder: Path, change: str, id_: str) -> bool:
    """Tell whether after a change some file of the entry says what none of its files said before."""
    found = history.change(folder, change)
    paths = [path for path in (found.paths if found else ()) if Path(path).stem == id_]
    before = {_content(path, history.text_before(folder, path, change)) for path in paths}
    return any(_content(path, history.text_at(folder, path, change)) not in {*before, None} for path in paths)


def _content(path: str, text: str | None) -> Fields | None:
    said = None if text is None else fields_of(Path(path), text) or Fields(answer=text)
    return replace(said, valid_until="") if said else None


def as_signed(entry: Entry, reviewer: str, today: date, valid_until: date) -> Entry:
    """Return the entry as it is when it is signed."""
    changes = {"status": "signed", "reviewed_by": reviewer, "reviewed_on": today, "valid_until": valid_until}
    return entry.model_copy(update=changes)
