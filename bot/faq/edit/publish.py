"""The knowledge folder on every machine: what is saved on one is in the folders of all others seconds later.

Each machine has the whole folder with its history. The published line of changes is a table of the ledger's database, a git
pack in each row, in the one order in which all machines have them. Whoever saves holds the line for those milliseconds: first
takes over what is new, then writes, commits and publishes. Everybody else looks every two seconds whether there is a new row.

Why in the database and not in a git repository of its own: there is no second server to run, to guard and to back up, and no
further password; a change is published in one transaction or not at all; and whoever has the ledger has the knowledge.

Without the database everything goes on with the folder as it is; what is saved meanwhile is published when it is back.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from dulwich.objects import ObjectID
from dulwich.repo import Repo

from bot.faq.change import HistoryError
from bot.faq.edit import gitstore, publish_git, publish_line, working
from bot.faq.edit.texts import Refused
from bot.faq.writer import write_all
from bot.ledger import packs
from bot.ledger.packs import Published
from bot.ledger.store import Store

logger = logging.getLogger(__name__)

EVERY_SECONDS = 2.0
"""How often the newest row is looked for."""

BY_HAND_EVERY, TIDY_EVERY = 15, 900
"""After so many looks, changes by hand are looked for (half a minute), or rows are joined (half an hour)."""

LOOSE = 200
"""How many rows of one change each there may be; more are joined into one, so that a new machine has few to fetch."""

_ABOUT = "knowledge"
_WAIT_SECONDS = 10.0
_shared: dict[Path, Store] = {}


@dataclass(frozen=True)
class Done:
    """What saving came to: the id of the change, and why it could not be published."""

    id: str
    trouble: Exception | None = None


def share(folder: Path, store: Store) -> None:
    """From now on publish what is saved in this folder."""
    _shared[folder.resolve()] = store


def unshare(folder: Path, store: Store) -> None:
    """Publish no longer what is saved in this folder."""
    if _shared.get(folder.resolve()) is store:
        del _shared[folder.resolve()]


def store_of(folder: Path) -> Store | None:
    """Return where the changes of a folder are published; None where it is this machine's alone."""
    return _shared.get(folder.resolve())


def around(store: Store | None, folder: Path, now: datetime, change: Callable[[gitstore.State | Exception], str]) -> Done:
    """Make a change in between taking over what others published and publishing it; the caller has the folder's lock.

    ``change`` gets what the folder holds, with what was changed by hand committed, or why that could not be; it returns the id
    of the last commit. Raises what it raises; then nothing of it is published.
    """
    before = working.noted(folder, now)
    if store is None or isinstance(before, Exception):
        return Done(change(before))
    made: list[str] = []
    try:
        with gitstore.make(folder) as repo:
            with store.reading() as db:  # what takes long, while others may still publish
                fetched = publish_line.fetch(db, repo, _known(folder, repo))
            with store.writing(_ABOUT) as db:
                fetched = publish_line.fetch(db, repo, fetched)
                if publish_line.taken_over(repo, folder, fetched, now):
                    before = working.noted(folder, now)
                    if isinstance(before, Exception):
                        raise before
                made.append(change(before))
                published = publish_line.publish(db, repo, fetched, now)
            _remember(folder, published)
            return Done(made[0])
    except (HistoryError, Refused):
        raise
    except Exception as e:  # the database is gone, or the repository broken: what was saved here counts here
        logger.warning("知识库没能和其他机器对上，过几秒再试：%s", e)
        return Done(made[0] if made else change(working.noted(folder, now)), e)


def pull(store: Store, folder: Path, now: datetime, *, by_hand: bool = False) -> bool:
    """Take over what others published and publish what only this machine has; return whether there was any of it.

    Costs one small query where there is nothing. by_hand: look for changes by hand, too. Raises what stands in the way.
    """
    with store.reading() as db:
        newest = packs.newest(db)
    if not by_hand and newest.number and _remembered(folder) == newest and gitstore.head_id(folder) == newest.head:
        return False
    with working.alone(folder, _WAIT_SECONDS):
        if by_hand and newest.number and _remembered(folder) == newest:
            trouble = working.noted(folder, now)
            if isinstance(trouble, Exception):
                raise trouble
            if gitstore.head_id(folder) == newest.head:
                return False
        done = around(store, folder, now, _nothing)
    if done.trouble is not None:
        raise done.trouble
    return True


def catch_up(store: Store, folder: Path, now: datetime) -> None:
    """Pull once before the folder is read for the first time; where that cannot be, say so in the log and go on."""
    share(folder, store)
    try:
        pull(store, folder, now, by_hand=True)
    except Exception as e:  # whatever stands in the way: what the folder holds is better than nothing
        logger.warning("启动时知识库没能和其他机器对上，先用这台机器上的：%s", e)


def follow(
    store: Store, folder: Path, stop: threading.Event, clock: Callable[[], datetime], *, every: float = EVERY_SECONDS
) -> None:
    """Pull again and again until ``stop`` is set; what is saved in the folder meanwhile is published at once."""
    share(folder, store)
    look, told = 0, ""
    try:
        while not stop.is_set():
            try:
                pull(store, folder, clock(), by_hand=look % BY_HAND_EVERY == 0)
                if look % TIDY_EVERY == 0:
                    tidy(store)
                told = ""
            except Exception as e:  # the database is gone, the disk full: serve on, and try again
                if told != type(e).__name__:
                    logger.warning("知识库没能和其他机器对上，%g 秒后再试：%s", every, e)
                told = type(e).__name__
            stop.wait(every)
            look += 1
    finally:
        unshare(folder, store)


def tidy(store: Store, *, more_than: int = LOOSE) -> int:
    """Join the rows of single changes into one where there are many; return how many were joined. Raises StoreError."""
    with store.writing(_ABOUT) as db:
        return packs.join(db, publish_git.joined, more_than=more_than)


def published_in(folder: Path) -> Published:
    """Return how far along the line this folder is, as far as it knows; number 0 where it was never published."""
    return _remembered(folder)


def _nothing(before: gitstore.State | Exception) -> str:
    if isinstance(before, Exception):
        raise HistoryError(f"修改历史记不进去（{before}）") from before
    return ""


def _known(folder: Path, repo: Repo) -> Published:
    """Return up to where this machine has the objects."""
    line = _remembered(folder)
    return line if line.number and ObjectID(line.head.encode()) in repo.object_store else Published()


def _remembered(folder: Path) -> Published:
    try:
        number, head = (folder / gitstore.BESIDE / "published").read_text("ascii").split()
        return Published(int(number), head)
    except (OSError, ValueError):
        return Published()


def _remember(folder: Path, line: Published) -> None:
    if line.number and line != _remembered(folder):
        write_all({working.beside(folder) / "published": f"{line.number} {line.head}\n"})
