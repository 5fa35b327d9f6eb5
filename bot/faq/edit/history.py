"""The history of the knowledge folder: every change with who, when and why; what was before can be had back.

Saving writes the files and commits them to git (see ``gitstore`` for where). What was changed in the folder by hand, by WPS
or by a restored backup is committed first, as such, so that nothing is lost and nobody gets the blame for it. Where other
machines share the folder, what was saved is published (see ``publish``).
"""

import hashlib
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from dulwich.objects import Commit
from dulwich.repo import Repo

from bot.faq.change import AT_ONCE as AT_ONCE
from bot.faq.change import BY_HAND as BY_HAND
from bot.faq.change import Busy as Busy
from bot.faq.change import Change as Change
from bot.faq.change import Changed as Changed
from bot.faq.change import HistoryError as HistoryError
from bot.faq.change import NotRecorded as NotRecorded
from bot.faq.change import NotWritten as NotWritten
from bot.faq.change import Unpublished as Unpublished
from bot.faq.edit import gitstore, publish, working
from bot.faq.edit.texts import Refused as Refused
from bot.faq.edit.texts import digest as digest
from bot.faq.edit.texts import name_of as name_of
from bot.faq.edit.texts import plain, read_bytes
from bot.faq.edit.texts import read as read
from bot.faq.edit.texts import text_of as text_of
from bot.faq.edit.working import BEGINNING as BEGINNING
from bot.faq.writer import write_all

logger = logging.getLogger(__name__)

WAIT_SECONDS = working.WAIT_SECONDS


class TakenBack(NamedTuple):
    """A file whose change was taken back because another machine had changed it before, and the change that did it."""

    name: str
    by: Change


def save(
    folder: Path,
    texts: Mapping[Path, str],
    *,
    remove: Sequence[Path] = (),
    author: str,
    why: str,
    now: datetime,
    expected: Mapping[Path, str | None] | None = None,
    wait: float = WAIT_SECONDS,
    later: bool = False,
) -> str:
    """Write files and remove others, all as one change; return its id, or that of the last one where all was so already.

    Paths are those of the files, or as they are named in the folder. ``expected``: what each file held when the editor began,
    by its ``digest``; None: there was no file. ``wait``: for how many seconds others may be saving. ``later``: the caller is in
    the middle of something with the database, so let the follower publish it, two seconds later. Raises Changed where a file
    differs now, Refused, Busy, NotWritten: then nothing of it is recorded; NotRecorded, Unpublished: then the files are saved
    all the same.
    """
    new = {name_of(folder, path): plain(text).encode() for path, text in texts.items()}
    gone = [name for name in (name_of(folder, path) for path in remove) if name not in new]
    started = {name_of(folder, path): digest_ for path, digest_ in (expected or {}).items()}
    at = {name: folder / name for name in (*new, *gone)}

    def change(before: gitstore.State | Exception) -> str:
        try:
            _as_expected(folder, started)
            changed = {at[name]: raw for name, raw in new.items() if read_bytes(at[name]) != raw}
            write_all(changed, remove=tuple(at[name] for name in gone))
        except OSError as e:
            logger.exception("没能写入知识库的文件")
            raise NotWritten(
                f"没能写入 {Path(str(e.filename or folder)).name}：{e.strerror}。"
                "看看它是不是正在别的程序里开着、磁盘满没满、有没有权限，然后再保存一次。"
            ) from e
        if isinstance(before, Exception):
            raise _not_recorded(folder, before)
        try:
            with gitstore.make(folder) as repo:
                found = gitstore.touched(before, {name.encode(): path for name, path in at.items()})
                return gitstore.commit(repo, folder, found, author=author, why=why.strip() or "没有写原因", now=now)
        except Exception as e:  # whatever a broken repository causes
            raise _not_recorded(folder, e) from e

    with working.alone(folder, wait):
        return _told_of(publish.around(None if later else publish.store_of(folder), folder, now, change))


def restore(folder: Path, path: Path, id_: str, *, author: str, why: str, now: datetime, expected: str | None = None) -> str:
    """Save what a file held after a change once more, as a new change; ``expected`` as in ``save``, of this file.

    Raises LookupError where the file was not there then, and what ``save`` raises.
    """
    text = text_at(folder, path, id_)
    if text is None:
        raise LookupError(path)
    started = None if expected is None else {path: expected}
    return save(folder, {path: text}, author=author, why=why, now=now, expected=started)


def note(folder: Path, *, now: datetime) -> None:
    """Record what was changed by hand since the last change. Raises Busy, NotRecorded."""

    def change(before: gitstore.State | Exception) -> str:
        if isinstance(before, Exception):
            raise _not_recorded(folder, before)
        return ""

    with working.alone(folder):
        _told_of(publish.around(publish.store_of(folder), folder, now, change))


def pending(folder: Path) -> list[str]:
    """Return the files that were changed by hand and are not in the history yet. Raises HistoryError, OSError."""
    with _reading(folder) as repo:
        return [_shown(name) for name in gitstore.against(repo, gitstore.state(folder))]


def log(folder: Path, path: Path | str | None = None, limit: int = 50, *, before: str | None = None) -> list[Change]:
    """Return the last changes, newest first; of one file where ``path`` is given; those older than the change ``before``.

    An entry is followed where it moved: to another category, or from ``drafts/`` to ``faq/``.
    Raises HistoryError where the history cannot be read.
    """
    name = name_of(folder, path) if path is not None else None
    found: list[Change] = []
    with _reading(folder) as repo:
        one = gitstore.head(repo) if repo else None
        if repo and before is not None:
            one = _parent(repo, _commit(repo, before))
        while repo and one and len(found) < limit:
            seen = _change(repo, one, name)
            if seen.paths or name is None:
                found.append(seen)
            one = _parent(repo, one)
    return found


def taken_back(folder: Path, *, since: datetime) -> list[TakenBack]:
    """Return the files that were changed here and on another machine at once, unless somebody has changed them since.

    Raises HistoryError.
    """
    found: list[TakenBack] = []
    touched: set[str] = set()
    for one in log(folder, limit=200):
        if one.at < since.replace(microsecond=0):
            break
        if one.author == AT_ONCE:
            found += [TakenBack(name, one) for name in one.paths if name not in touched]
        touched.update(one.paths)
    return found


def change(folder: Path, id_: str) -> Change | None:
    """Return one change, or None where there is none of this id. Raises HistoryError."""
    with _reading(folder) as repo:
        try:
            return _change(repo, gitstore.at(repo, id_), None) if repo else None
        except KeyError:
            return None


def text_at(folder: Path, path: Path | str, id_: str) -> str | None:
    """Return what a file held after a change; None where it was not there or is no text. Raises HistoryError."""
    return _text(bytes_at(folder, path, id_))


def text_before(folder: Path, path: Path | str, id_: str) -> str | None:
    """Return what a file held before a change; None where it was not there or is no text. Raises HistoryError."""
    return _text(bytes_before(folder, path, id_))


def bytes_at(folder: Path, path: Path | str, id_: str) -> bytes | None:
    """Return what a file held after a change; None where it was not there. Raises HistoryError."""
    name = name_of(folder, path).encode()
    with _reading(folder) as repo:
        return gitstore.content(repo, _commit(repo, id_), name) if repo else None


def bytes_before(folder: Path, path: Path | str, id_: str) -> bytes | None:
    """Return what a file held before a change; None where it was not there. Raises HistoryError."""
    name = name_of(folder, path).encode()
    with _reading(folder) as repo:
        parent = _parent(repo, _commit(repo, id_)) if repo else None
        return gitstore.content(repo, parent, name) if repo and parent else None


def present(folder: Path, seen: Change) -> list[str]:
    """Return which of the files that a change touched were there after it. Raises HistoryError."""
    with _reading(folder) as repo:
        one = _commit(repo, seen.id) if repo else None
        return [path for path in seen.paths if repo and one and gitstore.content(repo, one, path.encode()) is not None]


def _as_expected(folder: Path, started: Mapping[str, str | None]) -> None:
    for name, digest_ in started.items():
        raw = read_bytes(folder / name)
        held = {None} if raw is None else {digest(text_of(raw)), hashlib.sha256(raw).hexdigest()}
        if digest_ not in held:
            raise Changed(folder / name, None if raw is None else text_of(raw))


def _told_of(done: publish.Done) -> str:
    if done.trouble is not None:
        raise Unpublished("已保存，等数据库恢复后传到其他机器。不用再保存一次。") from done.trouble
    return done.id


def _not_recorded(folder: Path, trouble: Exception) -> NotRecorded:
    logger.error("知识库的历史记不进去", exc_info=trouble)
    return NotRecorded(f"内容已经保存并生效，但是没能记进修改历史（{_told(trouble)}）。{_remedy(folder)}")


@contextmanager
def _reading(folder: Path) -> Iterator[Repo | None]:
    repo = None
    try:
        repo = gitstore.opened(folder)
        yield repo
    except (HistoryError, OSError):
        raise
    except Exception as e:  # whatever a broken repository causes
        logger.exception("知识库的历史读不出来")
        raise HistoryError(f"修改历史读不出来（{_told(e)}）。{_remedy(folder)}") from e
    finally:
        if repo is not None:
            repo.close()


def _commit(repo: Repo, id_: str) -> Commit:
    try:
        return gitstore.at(repo, id_)
    except KeyError as e:
        raise HistoryError("历史里没有这一次修改。请回到历史页重新选。") from e


def _parent(repo: Repo, one: Commit) -> Commit | None:
    return gitstore.at(repo, one.parents[0].decode()) if one.parents else None


def _change(repo: Repo, one: Commit, name: str | None) -> Change:
    paths = [_shown(path) for path in gitstore.differing(repo, _parent(repo, one), one.tree)]
    if name is not None:
        entry = entry_of(name)
        paths = [path for path in paths if path == name or (entry is not None and entry_of(path) == entry)]
    author = one.author.decode("utf-8", "replace").rpartition(" <")[0]
    why = one.message.decode("utf-8", "replace").strip()
    return Change(one.id.decode(), author, datetime.fromtimestamp(one.commit_time, UTC), why, tuple(paths))


def entry_of(name: str) -> str | None:
    """Return whose file a name is: the id of an entry, live or draft; None for other files."""
    match name.split("/"):
        case ["faq" | "drafts", _, file] if file.endswith(".md"):
            return file.removesuffix(".md")
    return None


def _shown(name: bytes) -> str:
    return name.decode("utf-8", "replace")


def _text(raw: bytes | None) -> str | None:
    return None if raw is None or b"\0" in raw else text_of(raw)


def _told(e: BaseException) -> str:
    return f"{type(e).__name__} {e}"[:200]


def _remedy(folder: Path) -> str:
    return f"请管理员把 {gitstore.home(folder)} 改个名字留着，下次保存会重新开始记。"
