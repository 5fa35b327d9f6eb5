"""Restoring: a backup's ledger is made ready on the side, then becomes the live one in a single transaction.

What was erased since the backup (a villager's wish, somebody's access, what was due) stays erased, and the security
log forgets nothing. Connections that a running server holds see the restored ledger at their next query.
"""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.ledger.access import audit
from bot.ledger.clock import local_time, stamp
from bot.ledger.database import Database
from bot.ledger.keeping import purge
from bot.ledger.keeping.backup import copy_database, knowledge_files
from bot.ledger.keeping.due import SILENCE
from bot.ledger.keeping.locked import BackupError
from bot.ledger.keeping.retention import Periods
from bot.ledger.keeping.unpack import Opened, counts
from bot.ledger.store import Store, StoreError

WAIT = 30.0
"""How long restoring waits for whoever is writing, in seconds."""

PASSING = {"nonces", "villagers", "purges", "logins", "guesses", "recovery_codes"}
"""Tables whose rows a running server may take away at any moment."""


@dataclass(frozen=True)
class Ready:
    """A restored ledger that waits on the side: rows of each table, how many turns were erased once more, what was purged."""

    tables: dict[str, int]
    erased: int
    removed: list[purge.Removed]


def prepare(backup: Opened, present: Path | None, *, periods: Periods, now: datetime) -> Ready:
    """Bring the ledger of a backup up to date, in its own file; ``present`` is the live one, if that can be read."""
    copy = backup.ledger
    if counts(copy) != backup.manifest.tables:
        raise BackupError("台账和清单的行数对不上。什么也没有恢复。")
    store = Store(f"sqlite:///{copy}", pseudonym_key="")
    try:
        erased = 0
        if present is not None:
            with store.reading() as db:
                db.execute("attach :path as present", {"path": str(present)})
                try:
                    db.execute("begin immediate")
                    erased = _carry_over(db, now)
                    db.execute("commit")
                except BaseException:
                    db.rollback()
                    raise
                finally:
                    db.execute("detach present")
        with store.writing() as db:
            db.execute("delete from logins")  # of another day: everybody logs in again
        removed = purge.purge(store, periods, now=now)
        store.settle()
    finally:
        store.close()
    return Ready(counts(copy), erased, removed)


def load(copy: Path, live: Path, ready: Ready) -> dict[str, int]:
    """Put the ledger ``copy`` in place of the live one; return the rows of each table after it. Raises BackupError."""
    try:
        copy_database(copy, live, wait=WAIT)
        store = Store(f"sqlite:///{live}", pseudonym_key="")
        try:
            (found,) = store.query("pragma integrity_check(1)", {})
            store.settle()
        finally:
            store.close()
    except (StoreError, OSError) as e:
        raise BackupError(f"台账没有恢复，还是原来的样子：{e}。检查磁盘是不是满了；服务太忙就过一会儿再试。") from e
    after = counts(live)
    short = {name: number for name, number in ready.tables.items() if name not in PASSING and after.get(name, -1) < number}
    if found["integrity_check"] != "ok" or short:
        raise BackupError(f"恢复以后台账对不上（{found['integrity_check']}，{short}）。请停掉服务再恢复一次。")
    return after


def set_aside(live: Path, now: datetime) -> list[Path]:
    """Move a ledger that nobody can read out of the way, with what belongs to it; return where it lies now."""
    moved = []
    for path in (live, live.with_name(f"{live.name}-wal"), live.with_name(f"{live.name}-shm")):
        if path.exists():
            moved.append(path.with_name(f"{purge.BEFORE}{local_time(now):%Y%m%d-%H%M%S}-{path.name}"))
            path.replace(moved[-1])
    return moved


def need_room(folder: Path, ledger: Path) -> None:
    """Raise BackupError where a ledger of this size cannot be restored for want of disk space."""
    needed = 3 * ledger.stat().st_size + 10_000_000
    if shutil.disk_usage(folder).free < needed:
        raise BackupError(f"{folder} 所在的磁盘空间不够，先腾出 {needed // 1_000_000} MB。什么也没有改。")


def replace_files(folder: Path, names: list[str], read: Callable[[str], bytes]) -> tuple[int, int]:
    """Make the files of the knowledge folder those that are named, each in one step; return how many were written and removed.

    Raises BackupError; then some files are restored and others not, none by halves, and doing it again is safe.
    """
    there = set(knowledge_files(folder)) if folder.exists() else set()
    written = removed = 0
    name = ""
    try:
        for name in names:
            path, data = folder / name, read(name)
            if name in there and path.read_bytes() == data:
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.with_name(f".{path.name}.draft")
            try:
                with draft.open("wb") as out:
                    out.write(data)
                    out.flush()
                    os.fsync(out.fileno())
                draft.replace(path)
            finally:
                draft.unlink(missing_ok=True)
            written += 1
        for name in sorted(there - set(names)):
            (folder / name).unlink(missing_ok=True)
            removed += 1
    except OSError as e:
        problem = f"{folder / name} 换不了：{e.strerror or e}。如果它正开着，先关掉，再恢复一次；重做没有坏处。"
        raise BackupError(problem) from e
    return written, removed


def _carry_over(db: Database, now: datetime) -> int:
    """Erase in the restored ledger what was erased in the present one; return how many turns that were.

    A turn or ticket that bears different names here and there was cut loose from its villager in one of the two, whichever
    is the later one: it gets a third name, and no words.
    """
    db.execute("""
        create temp table parted as select old, new, lower(hex(randomblob(16))) as name from (
        select distinct t.villager as old, p.villager as new from main.turns t
        join present.turns p on p.key = t.key and p.villager <> t.villager)""")
    pair = "select name from parted, present.turns p where p.key = turns.key and old = turns.villager and new = p.villager"
    erased: int = db.execute(
        f"update main.turns set villager = ({pair}), text = null, remark = null, reply = :silence where exists ({pair})",
        {"silence": SILENCE},
    ).rowcount
    db.execute("create temp table loose as select t.number, p.closed_at from main.tickets t join present.tickets p"
               " on p.number = t.number and p.opened_at = t.opened_at and p.villager <> t.villager")  # fmt: skip
    db.execute("""
        update main.ticket_events set what = 'words removed'
        where what like 'answered: %' and ticket in (select number from loose)""")
    db.execute(
        """
        update main.tickets set villager = lower(hex(randomblob(16))), question = null, answer = null, turn = null,
        closed_at = coalesce(closed_at, (select l.closed_at from loose l where l.number = tickets.number), :now)
        where number in (select number from loose)""",
        {"now": stamp(now)},
    )
    gone = "select old from parted union select villager from present.villagers where withdrawn_at is not null"
    db.execute(f"delete from main.villagers where villager in ({gone})")
    db.execute(f"insert into main.villagers select * from present.villagers where villager in ({gone})")
    db.execute("drop table parted")
    db.execute("drop table loose")
    _keep_access(db)
    if db.execute("select count(*) from present.towns").fetchone()[0]:
        # Who was added since keeps its keys, without which nobody there is known again; who was erased stays erased.
        db.execute("delete from main.towns")
        db.execute("insert into main.towns select * from present.towns")
    db.execute("update main.counted set data = null, version = version + 1 where sealed_at is null")
    audit.adopt(db, [audit.Entry(**row) for row in db.query("select * from present.security_log")])
    return erased


def _keep_access(db: Database) -> None:
    """Let nobody back in who was shut out since: who has an account now or left the advisers stands as it is now."""
    same = "p.number = users.number and p.name = users.name"
    db.execute(f"create temp table now_in as select users.number from main.users join present.users p on {same}")
    for table, number in (("users", "number"), ("recovery_codes", "person")):
        db.execute(f"delete from main.{table} where {number} in (select number from now_in)")
        db.execute(f"insert into main.{table} select * from present.{table} where {number} in (select number from now_in)")
    db.execute("drop table now_in")
    db.execute("""
        update main.advisers set sender = null, bound_at = null, code = null, code_until = null, removed_at =
        (select p.removed_at from present.advisers p where p.number = advisers.number)
        where removed_at is null and exists (select 1 from present.advisers p
        where p.number = advisers.number and p.name = advisers.name and p.removed_at is not null)""")
