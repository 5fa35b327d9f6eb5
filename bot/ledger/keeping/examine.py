"""What is wrong with a ledger, found without changing anything in it."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.ledger import upgrade
from bot.ledger.clock import local_time, moment, stamp
from bot.ledger.database import Database
from bot.ledger.migrations import MIGRATIONS
from bot.ledger.spool import Spool
from bot.ledger.sqlite import PREFIX, Sqlite
from bot.ledger.upgrade import NewerLedger
from bot.ledger.whereabouts import log_of

LEAST_FREE = 500_000_000
MOST_LOG = 256_000_000
AHEAD = timedelta(minutes=10)
BACKUP_EVERY = timedelta(days=7)
MB = 1_000_000
_RESTORE = "先停服务，把坏的文件另存一份，再用最近的备份恢复：python -m bot restore 备份文件"


@dataclass(frozen=True)
class Found:
    """One thing that is wrong, and what to do. ``urgent``: until it is done, something is lost or does not work."""

    what: str
    remedy: str
    urgent: bool = True


def examine(url: str, *, key_digits: str, now: datetime) -> Iterator[Found]:
    """Look at the whole ledger: can it be opened, is it sound, does it fit this program, this key and this clock.

    ``key_digits``: what ``keycheck`` keeps of the PSEUDONYM_KEY in force.
    """
    try:
        engine: Any = _engine(url)
    except Exception as e:  # a driver that is missing, an address that cannot be read
        yield Found(f"台账打不开：{e}", "检查 DATABASE_URL")
        return
    if isinstance(engine, Sqlite):
        if not engine.path.exists():
            yield Found(f"还没有台账 {engine.path}", "第一次启动服务时会建好；以前有过的，就是被删了，用备份恢复", urgent=False)
            return
        yield from _disk(engine)
    with closing(engine):
        try:
            if isinstance(engine, Sqlite):
                yield from _damage(engine)
            with engine.lent() as db:
                found = list(_contents(db, key_digits, now))
        except engine.errors as e:
            yield _unreadable(e)
            return
        yield from found
        try:
            with engine.writing("") as db:  # what is there already: a transaction that changes nothing proves nothing
                db.execute("update migrations set name = name where number = 1")
        except engine.errors as e:
            yield _unwritable(e)


def waiting(spool: Spool) -> Iterator[Found]:
    """Look at the rows that wait for the ledger."""
    try:
        spool.probe()
    except OSError as e:
        yield Found(
            f"台账坏了时存记录的文件夹 {spool.folder} 写不了：{e.strerror}",
            "检查磁盘满没满、文件夹的权限，或者用 SPOOL_DIR 换一个地方",
        )
    files = spool.waiting()
    if rows := sum(path.read_bytes().count(b"\n{") for path in files):
        yield Found(
            f"{spool.folder} 里有 {rows} 条记录等着补进台账", "服务开着会自动补；没开的话，运行 python -m bot doctor --repair"
        )
    if aside := spool.aside():
        yield Found(
            f"{spool.folder} 里有 {len(aside)} 个 .bad 文件，里面的记录没能补进台账",
            "运行 python -m bot doctor --repair 再试一次；还不行，把这些文件留好，交给维护程序的人",
        )


def _engine(url: str) -> Any:
    if url.startswith(PREFIX):
        return Sqlite(url)
    from bot.ledger.postgres import Postgres

    return Postgres(url)


def _disk(engine: Sqlite) -> Iterator[Found]:
    free, size = shutil.disk_usage(engine.path.parent).free, engine.path.stat().st_size
    if free < max(LEAST_FREE, 2 * size):
        yield Found(
            f"台账所在的磁盘只剩 {free // MB} MB（台账 {size // MB} MB）",
            "腾出空间：删掉旧的备份和 before-restore-…，或者换一块磁盘",
        )
    log = log_of(engine.path)
    if log.exists() and log.stat().st_size > MOST_LOG:
        yield Found(
            f"{log.name} 有 {log.stat().st_size // MB} MB，一直没有并进台账",
            "有程序长时间读着台账（没关的报表、备份、数据库工具），关掉它；再运行 python -m bot purge --compact",
            urgent=False,
        )


def _damage(engine: Sqlite) -> Iterator[Found]:
    with engine.lent() as db:
        found = [row[0] for row in db.execute("pragma integrity_check(3)").fetchall()]
    if found != ["ok"]:
        yield Found(f"台账文件坏了：{'；'.join(found)}", _RESTORE)


def _contents(db: Database, key_digits: str, now: datetime) -> Iterator[Found]:
    try:
        done = {row["number"]: row["name"] for row in db.query("select number, name from migrations")}
    except Exception:  # an empty file, or somebody else's database
        yield Found("这不是本程序的台账，或者是空的", "检查 DATABASE_URL；台账被清空了的，用备份恢复")
        return
    known = [step.__name__ for step in MIGRATIONS]
    try:
        upgrade.refuse_newer(done, known)
    except NewerLedger as e:
        yield Found(str(e), "把程序更新到和台账一样新，或者恢复升级前的备份")
        return
    if len(done) < len(known):
        yield Found(
            f"台账停在第{len(done)}步，程序已经到第{len(known)}步", "启动一次服务就会自动升级，升级前会另存一份", urgent=False
        )
        return
    row = next(iter(db.query("select max(received_at) as newest from turns")), None)
    if row and row["newest"] and moment(row["newest"]) > now + AHEAD:
        yield Found(
            f"最新一条记录的时间是 {local_time(moment(row['newest'])):%Y-%m-%d %H:%M}，比现在还晚",
            "本机的时钟可能拨回去过。先对好时间（timedatectl，Windows 在「日期和时间」里点「立即同步」），"
            "时钟差5分钟以上，微信的消息一条也收不到",
        )
    row = next(iter(db.query("select digits from key_checks where name = 'pseudonyms'")), None)
    if row and row["digits"] != key_digits:
        yield Found(
            "PSEUDONYM_KEY 和记这本台账时用的不是同一个，老用户认不出来，他们撤回的同意也认不出来",
            "把原来的密钥找回来（instance/secrets.env 或 .env 的备份）再重启；"
            "真找不回来，运行 python -m bot doctor --new-key 认下新的",
        )
    row = next(iter(db.query("select max(at) as last from security_log where what = '备份'")), None)
    if not row or not row["last"]:
        yield Found("还没有做过备份", "运行 python -m bot backup 文件夹，最好放在另一块磁盘或移动硬盘上", urgent=False)
    elif row["last"] < stamp(now - BACKUP_EVERY):
        yield Found(
            f"上一次备份是 {local_time(moment(row['last'])):%Y-%m-%d}，已经 {(now - moment(row['last'])).days} 天",
            "运行 python -m bot backup 文件夹",
            urgent=False,
        )


def _unreadable(error: Exception) -> Found:
    text = str(error)
    if any(word in text for word in ("malformed", "not a database", "corrupt")):
        return Found(f"台账文件坏了，读不了：{text}", _RESTORE)
    if "locked" in text:
        return Found(f"台账被另一个程序整个占着：{text}", "找出占着它的程序（数据库工具、没结束的恢复），关掉它")
    return Found(f"台账打不开：{text}", "检查文件和文件夹的权限、磁盘是不是变成只读的，或者数据库服务开着没有")


def _unwritable(error: Exception) -> Found:
    text = str(error)
    if "locked" in text:
        return Found("台账被另一个程序占着写，等了两秒没等到", "找出占着它的程序（数据库工具、没结束的导入或恢复），关掉它")
    return Found(
        f"台账写不了：{text}", "检查文件和文件夹的权限，磁盘是不是满了、是不是变成只读的（mount 里看得到 ro，多半是磁盘坏了）"
    )
