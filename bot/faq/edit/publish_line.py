"""One folder and the published line brought together: fetched, taken over, gone on with. Who calls has the folder's lock."""

import logging
from datetime import datetime
from pathlib import Path

from dulwich.objects import Commit, ShaFile
from dulwich.repo import Repo

from bot.faq.edit import gitstore, publish_git, working
from bot.faq.writer import write_all
from bot.ledger import packs
from bot.ledger.packs import Overtaken, Published
from bot.ledger.store import Database

logger = logging.getLogger(__name__)

_TOGETHER = 2000
"""So many objects are kept in memory before they are written down."""


def fetch(db: Database, repo: Repo, known: Published) -> Published:
    """Take over the objects of the rows after ``known``; return up to where. Nothing points to them yet.

    Where the line does not go on from there, as after a backup of the database was restored, all rows are read.
    """
    newest = packs.newest(db)
    if newest == known:
        return known
    line = _rows(db, repo, known.number) if known.number < newest.number else Published()
    if line.number and (not known.number or _goes_on(repo, line, known)):
        return line
    return _rows(db, repo, 0)


def _rows(db: Database, repo: Repo, number: int) -> Published:
    line, waiting = Published(), list[ShaFile]()
    for line, pack in packs.after(db, number):  # noqa: B007
        waiting += publish_git.unpacked(pack)
        if len(waiting) > _TOGETHER:
            gitstore.add(repo, waiting)
            waiting = []
    gitstore.add(repo, waiting)
    return line


def _goes_on(repo: Repo, line: Published, known: Published) -> bool:
    try:
        return any(one.id.decode() == known.head for one in publish_git.chain(repo, gitstore.at(repo, line.head)))
    except KeyError:
        return False


def taken_over(repo: Repo, folder: Path, line: Published, now: datetime) -> bool:
    """Bring the folder and its history to what was published, with what was changed here on top; tell whether they changed."""
    theirs = gitstore.at(repo, line.head) if line.number else None
    ours = gitstore.head(repo)
    if theirs is None or (ours and ours.id == theirs.id):
        return False
    if _is_bare(repo, ours) and not _is_bare(repo, theirs):
        if ours is not None:
            logger.error("知识库文件夹里一个条目也没有了，已经照其他机器上的放回去")
        met = publish_git.Replayed(theirs)
    else:
        met = publish_git.replayed(repo, ours, theirs, now=now)
    if ours and met.head.id == ours.id:
        return False
    _put_aside(repo, folder, met, now)
    if met.clashes:
        logger.warning("这些文件这里和别的机器都改了，用的是先公布的那一份，这里的在修改历史里：%s", "、".join(met.clashes))
    _write(repo, folder, ours, met.head)
    gitstore.move(repo, ours, met.head)
    return True


def _is_bare(repo: Repo, one: Commit | None) -> bool:
    return not any(name.startswith(b"faq/") for name in publish_git.files(repo, one))


def _write(repo: Repo, folder: Path, old: Commit | None, new: Commit) -> None:
    """Make the files of one commit those of another, each whole or not at all.

    Who dies in the middle leaves files that look as if they were changed by hand; as they are what was published, replaying
    that change comes to nothing.
    """
    before, after = publish_git.files(repo, old), publish_git.files(repo, new)
    for name in after:
        if any(part.startswith((b".", b"~")) or b"\\" in part or not part for part in name.split(b"/")):
            raise ValueError(f"公布的内容里有不像知识库文件的名字 {name!r}")
    texts = {
        _path(folder, name): repo.object_store[id_].as_raw_string() for name, id_ in after.items() if before.get(name) != id_
    }
    write_all(texts, remove=tuple(_path(folder, name) for name in before.keys() - after.keys()))


def _put_aside(repo: Repo, folder: Path, met: publish_git.Replayed, now: datetime) -> None:
    if not met.aside:
        return
    place = working.beside(folder) / "aside" / f"{now:%Y%m%d-%H%M%S}"
    write_all({_path(place, name): repo.object_store[id_].as_raw_string() for name, id_ in met.aside.items()})
    logger.warning("这台机器的知识库有 %d 个文件和已经公布的不一样，改用公布的，原来的放在 %s", len(met.aside), place)


def _path(folder: Path, name: bytes) -> Path:
    return folder / name.decode("utf-8", "surrogateescape")


def publish(db: Database, repo: Repo, line: Published, now: datetime) -> Published:
    """Publish what is here after the end of the line; the folder has been brought up to it. Raises Overtaken."""
    last = gitstore.head(repo)
    if last is None or last.id.decode() == line.head:
        return line
    old = gitstore.at(repo, line.head) if line.number else None
    if old is not None and not any(one.id == old.id for one in publish_git.chain(repo, last)):
        raise Overtaken(line)
    pack = publish_git.packed(publish_git.between(repo, old, last))
    return packs.put(db, line, last.id.decode(), pack, now)
