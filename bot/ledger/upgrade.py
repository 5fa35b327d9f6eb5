"""Before the schema changes: a ledger of a newer program is refused, one of an older program is copied."""

import os
import shutil
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from bot.ledger.database import StoreError

COPY = "before-upgrade-"
"""How the names of the copies begin; they lie beside the ledger and bear the number of its last step."""


class NewerLedger(StoreError):
    """The ledger was made by a program that knows more steps, or others; the message says which and what to do."""


class NoCopy(StoreError):
    """The copy that makes it possible to go back cannot be written; the ledger is as it was."""


def before(done: Mapping[int, str], known: Sequence[str], *, file: Path | None) -> None:
    """Make sure that the steps that are missing from ``done`` may be taken. Raises NewerLedger, NoCopy.

    ``done``: the steps of the ledger by number; ``known``: all that this program knows; ``file``: the ledger's, where it
    is one. To be called in the transaction that takes the steps, so that nobody writes meanwhile.
    """
    refuse_newer(done, known)
    if file is not None and done and len(done) < len(known):
        keep_copy(file, max(done))


def refuse_newer(done: Mapping[int, str], known: Sequence[str]) -> None:
    """Raise NewerLedger where ``done`` holds a step that is not among the ``known`` ones: an older program would lose rows."""
    steps = dict(enumerate(known, 1))
    strange = {number: name for number, name in done.items() if steps.get(number) != name}
    if not strange:
        return
    number = max(strange)
    raise NewerLedger(
        f"台账是更新的程序记的：它已经到第{max(done)}步（{number}：{strange[number]}），这个程序只认识到第{len(known)}步"
        f"（{known[-1]}）。台账没有动。两条路选一条：把程序更新到和台账一样新；或者留在这个旧程序，先恢复升级前的台账"
        f"（升级时存的 {COPY}….db，或者升级前做的备份）。步骤见 docs/operations.md「退回旧版」"
    )


def keep_copy(file: Path, step: int) -> Path:
    """Copy the ledger as it is, whole and in one file, before it is changed; return where. Raises NoCopy.

    A copy of the same step is replaced: whoever went back and upgrades again wants what was recorded meanwhile.
    """
    target = file.with_name(f"{COPY}{step:03}.db")
    draft = target.with_name(f"{target.name}.part")
    try:
        draft.unlink(missing_ok=True)
        needed = sum(path.stat().st_size for path in (file, file.with_name(f"{file.name}-wal")) if path.exists())
        if shutil.disk_usage(file.parent).free < needed + 1_000_000:
            raise OSError(f"磁盘空间不够，要 {needed // 1_000_000 + 1} MB")
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(draft)) as copy:
            source.backup(copy)
            copy.execute("pragma journal_mode = delete")  # one file, without a log beside it
            if (found := copy.execute("pragma quick_check(1)").fetchone()[0]) != "ok":
                raise OSError(f"台账本身坏了（{found}），先恢复备份")
        draft.replace(target)
    except (OSError, sqlite3.Error) as e:
        raise NoCopy(
            f"升级前要先把台账另存一份 {target}，没有存成：{e}。台账没有动，也没有升级。"
            "检查磁盘是不是满了、文件夹能不能写，然后再启动一次"
        ) from e
    finally:
        draft.unlink(missing_ok=True)
    return target
