"""A county's shared knowledge in the folder of each town: what the town has not changed follows, what it has changed stays.

The town's folder begins as a copy. Afterwards each entry, and each of a few files beside them, is in one of three states: as it
was last taken over, and so it follows; changed or made by the town, and so it is the town's own; the town's own with a newer
shared one, of which the console tells and which one button takes back.
"""

import hashlib
import logging
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from bot.faq.edit import gitstore, history, working
from bot.faq.edit.faults import READERS
from bot.faq.edit.review import FILE as REVIEW
from bot.faq.edit.shared_list import FILE as FILE
from bot.faq.edit.shared_list import Listed, Source, grouped, held_in, is_shared, mark_of, read_list, source, version_of
from bot.faq.edit.texts import read_bytes
from bot.faq.reader import parse_entry
from bot.faq.writer import write_all

logger = logging.getLogger(__name__)

AUTHOR = "县里共用"
NOTE_SECONDS = 60
"""How often changes by hand in the shared folder are looked for."""

Kind = Literal["shared", "own", "newer"]


@dataclass(frozen=True)
class Standing:
    """How an entry of a town stands to the shared one. there: the shared file; None where there is none, or not any more."""

    kind: Kind
    there: str | None


def begin(shared: Path, town: Path, *, now: datetime, own: Mapping[str, str] | None = None) -> None:
    """Make the folder of a new town: a copy of the shared one, with ``own`` files in place of some. One that is there stays.

    Where machines share the town, let ``publish.catch_up`` fetch it first. Raises OSError, HistoryError, LookupError.
    """
    if (town / "faq").is_dir():
        return
    _note_now_and_then(shared, now)
    draft = town.with_name(f".{town.name}-{os.getpid()}")
    with source(shared) as there:
        if there is None:
            raise LookupError(shared)
        files: dict[Path, str | bytes] = {}
        for raw_name, _ in gitstore.listed(there.repo, there.commit.tree):
            name = raw_name.decode("utf-8", "replace")
            if not name.startswith("drafts/") and name not in {REVIEW, FILE}:
                files[draft / name] = there.text(name) if is_shared(name) else there.raw(name)
        files[draft / FILE] = Listed(there.number, there.versions({})).text
    files |= {draft / name: text for name, text in (own or {}).items()}
    try:
        write_all(files)
        if town.is_dir() and not gitstore.head_id(town) and next(gitstore.files(town), None) is None:
            shutil.rmtree(town)  # looked at before, and nothing was in it
        draft.replace(town)
    except OSError:
        if not (town / "faq").is_dir():  # else another process was faster
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def adopt(shared: Path, town: Path, *, now: datetime) -> int:
    """Bring what changed in the shared knowledge into a town; return how many files. Reads two small files where nothing did.

    What a town has changed stays; what is broken is not taken over. Raises OSError, HistoryError.
    """
    _note_now_and_then(shared, now)
    seen, mark = working.beside(town) / "shared-seen", mark_of(shared)
    if read_bytes(seen) == mark.encode():
        return 0
    with source(shared) as there:
        if there is None:
            return 0
        listed = read_list(town)
        if there.number < listed.number:  # this machine is behind the one that took over last
            return 0
        held = held_in(town)
        texts, gone, new = _planned(there, listed, town, held)
        if new != listed.files:
            done = len(texts) + len(gone)
            texts[FILE] = Listed(there.number, new).text
            try:
                _save(town, texts, gone, held, why=f"照县里的更新，{done} 个文件", now=now)
            except history.Changed:
                return 0  # somebody, or another machine, was faster: look again
        else:
            done = 0
    write_all({seen: mark})
    return done


def standing(shared: Path, town: Path) -> dict[str, Standing]:
    """Return how each entry of the town stands to the shared ones, by id. Raises OSError."""
    listed, ours = read_list(town), grouped(held_in(town))
    last = grouped(listed.files)
    with source(shared) as there:
        theirs = grouped(there.versions(listed.files)) if there else {}
    found = {}
    for id_, files in ours.items():
        if id_.endswith(".yaml"):
            continue
        name = next(iter(theirs.get(id_, {})), None)
        if files in (theirs.get(id_), last.get(id_)):
            found[id_] = Standing("shared", name)
        else:
            found[id_] = Standing("own" if theirs.get(id_) == last.get(id_) else "newer", name)
    return found


def text_of_shared(shared: Path, name: str) -> str | None:
    """Return a shared file as it stands; None where there is none."""
    with source(shared) as there:
        try:
            return there.text(name) if there else None
        except LookupError:
            return None


def take_back(shared: Path, town: Path, id_: str, *, author: str, now: datetime, expected: Mapping[Path, str | None]) -> None:
    """Put the shared entry in the place of the town's own; from then on it follows again.

    ``expected`` as in ``history.save``. Raises LookupError where it is not shared, and what ``history.save`` raises.
    """
    ours = grouped(held_in(town)).get(id_, {})
    _decide(shared, town, id_, remove=ours, author=author, why="换回县里共用的", now=now, expected=expected)


def keep_own(shared: Path, town: Path, id_: str, *, author: str, now: datetime) -> None:
    """Note that the town has seen what changed in the shared entry, and keeps its own.

    Raises LookupError where there is nothing to keep it from, and what ``history.save`` raises.
    """
    _decide(shared, town, id_, remove=None, author=author, why="看过县里的更新，仍用本镇的", now=now, expected={})


def _decide(
    shared: Path, town: Path, id_: str, *, remove: Mapping[str, str] | None, author: str, why: str, now: datetime,
    expected: Mapping[Path, str | None],
) -> None:  # fmt: skip
    listed = read_list(town)
    last = grouped(listed.files).get(id_, {})
    before = {town / FILE: _digest(town / FILE), **expected}
    with source(shared) as there:
        theirs = grouped(there.versions(listed.files)).get(id_, {}) if there else {}
        if there is None or (not theirs if remove is not None else theirs == last):
            raise LookupError(id_)
        texts = {town / name: there.text(name) for name in theirs} if remove is not None else {}
        new = {name: version for name, version in listed.files.items() if name not in last} | theirs
        texts[town / FILE] = Listed(max(listed.number, there.number), new).text
    gone = [town / name for name in remove or {}]
    history.save(town, texts, remove=gone, author=author, why=f"{why}：{id_}", now=now, expected=before)


def _planned(
    there: Source, listed: Listed, town: Path, held: Mapping[str, str]
) -> tuple[dict[str, str], list[str], dict[str, str]]:
    """Return the texts to be written, the files to be removed, and the list as it is then."""
    ours, last, theirs = grouped(held), grouped(listed.files), grouped(there.versions(listed.files))
    texts: dict[str, str] = {}
    gone: list[str] = []
    new = dict(listed.files)
    for key in theirs.keys() | last.keys():
        mine, before, after = ours.get(key, {}), last.get(key, {}), theirs.get(key, {})
        if after == before or (mine not in (before, after)):
            continue
        wanted = {name: there.text(name) for name in after}
        if mine != after:
            if len(after) > 1 or not all(_is_usable(town / name, text) for name, text in wanted.items()):
                logger.warning("县里共用的 %s 有错，暂时不更新到 %s", "、".join(after), town.parent.name)
                continue
            texts |= wanted
            gone += [name for name in mine if name not in after]
        for name in before:
            del new[name]
        new |= after
    return texts, gone, new


def _is_usable(path: Path, text: str) -> bool:
    if path.suffix == ".md":
        return parse_entry(path, text.encode()).entry is not None
    if (reader := READERS.get(path.name)) is None:
        return True
    aside = working.beside(path.parent) / path.name
    write_all({aside: text})
    try:
        return not any(finding.severity == "error" for finding in reader(aside)[1])
    finally:
        aside.unlink(missing_ok=True)


def _save(town: Path, texts: Mapping[str, str], gone: list[str], held: Mapping[str, str], *, why: str, now: datetime) -> None:
    """Save, unless a file is not any more what the plan was made from. Raises Changed."""
    expected: dict[Path, str | None] = {town / FILE: _digest(town / FILE)}
    for name in {*texts, *gone} - {FILE}:
        raw = read_bytes(town / name)
        if held.get(name) != (None if raw is None else version_of(raw)):
            raise history.Changed(town / name, None)
        expected[town / name] = None if raw is None else hashlib.sha256(raw).hexdigest()
    files = {town / name: text for name, text in texts.items()}
    try:
        history.save(town, files, remove=[town / name for name in gone], author=AUTHOR, why=why, now=now, expected=expected)
    except history.NotRecorded as e:  # the files are in force
        logger.warning("%s", e)


def _digest(path: Path) -> str | None:
    text = history.read(path)
    return None if text is None else history.digest(text)


def _note_now_and_then(shared: Path, now: datetime) -> None:
    """Record once a minute what was changed in the shared folder by hand, so that it reaches the towns."""
    mark = working.beside(shared) / "noted"
    try:
        if abs(now.timestamp() - mark.stat().st_mtime) < NOTE_SECONDS and gitstore.head_id(shared):
            return
    except FileNotFoundError:
        pass
    mark.touch()
    os.utime(mark, (now.timestamp(), now.timestamp()))
    try:
        history.note(shared, now=now)
    except history.NotRecorded as e:
        logger.warning("%s", e)
