"""The knowledge folder in the hands of one writer: locked, and what was changed by hand in it committed first."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from bot.faq.change import BY_HAND, Busy
from bot.faq.edit import gitstore, lock

logger = logging.getLogger(__name__)

BEGINNING = "开始记录：文件夹里原来就有的"
WAIT_SECONDS = 20.0


@contextmanager
def alone(folder: Path, wait: float = WAIT_SECONDS) -> Iterator[None]:
    """Keep all others of this machine from writing to the folder. Raises Busy."""
    try:
        held = lock.take(beside(folder) / "lock", wait=wait)
    except TimeoutError as e:
        raise Busy("别人正在保存，等了很久还没有完。什么也没有改，请过一会儿再保存。") from e
    except OSError:
        logger.exception("没能锁住知识库")  # nor will the history take it in; the files can be saved all the same
        yield
        return
    with held:
        yield


def beside(folder: Path) -> Path:
    """Return the hidden folder for what belongs to this machine alone, made where it is not there. Raises OSError."""
    place = folder / gitstore.BESIDE
    place.mkdir(parents=True, exist_ok=True)
    # A repository around the folder need not know of all this.
    if not (ignore := place / ".gitignore").exists():
        ignore.write_text("*\n", encoding="utf-8")
    return place


def noted(folder: Path, now: datetime) -> gitstore.State | Exception:
    """Commit what was changed by hand; return what the folder holds, or why it could not be committed."""
    try:
        with gitstore.make(folder) as repo:
            found = gitstore.state(folder)
            why = BY_HAND if gitstore.head(repo) else BEGINNING
            gitstore.commit(repo, folder, found, author=BY_HAND, why=why, now=now)
            return found
    except Exception as e:  # whatever a broken repository causes; the files matter more than their history
        return e
