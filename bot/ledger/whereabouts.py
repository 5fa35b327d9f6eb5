"""Whether the ledger's file is still the one that was opened: a deleted file takes rows without a word, and loses them."""

import os
import secrets
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple

from bot.locks import try_lock


class Place(NamedTuple):
    """Which file a path leads to; zeros where it leads nowhere."""

    device: int
    number: int


def place_of(path: Path) -> Place:
    """Return which file is at ``path`` now."""
    try:
        found = os.stat(path)
    except OSError:
        return Place(0, 0)
    return Place(found.st_dev, found.st_ino)


def log_of(path: Path) -> Path:
    """Return where SQLite keeps the log of the file ``path``."""
    return path.with_name(f"{path.name}-wal")


def refuse_mixture(path: Path, log: Place) -> None:
    """Raise OSError where another file was put at ``path`` beside the log of the last one, which would spoil it."""
    if log != Place(0, 0) and place_of(log_of(path)) == log:
        raise OSError(
            f"台账文件 {path} 换成了另一个，旁边还是原来那个的 {log_of(path).name}，合在一起会坏。"
            f"停掉服务，把 {log_of(path).name} 和 {path.name}-shm 挪走，再启动"
        )


def put_back(connection: sqlite3.Connection, path: Path) -> None:
    """Write what ``connection`` still holds of a deleted file to ``path``, unless another process did. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with path.with_name(f".{path.name}.lock").open("ab") as turnstile:
        try_lock(turnstile)
        if path.exists():
            return
        try:
            with closing(sqlite3.connect(draft)) as target:
                connection.backup(target)
            with draft.open("rb+") as file:
                os.fsync(file.fileno())
            for left in ("wal", "shm"):  # of the file that is gone: they would spoil this one
                path.with_name(f"{path.name}-{left}").unlink(missing_ok=True)
            with suppress(FileExistsError):
                os.link(draft, path)
        finally:
            draft.unlink(missing_ok=True)
