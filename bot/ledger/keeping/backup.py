"""Backups made: ledger, knowledge and, only where it is encrypted, the secrets, in one zip that was read back once."""

import hashlib
import itertools
import json
import os
import sqlite3
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, cast

from bot.ledger.clock import local_time, moment, stamp
from bot.ledger.keeping.locked import SHORTEST, BackupError, LockedWriter
from bot.ledger.keeping.purge import DRAFT
from bot.ledger.keeping.unpack import (
    BLOCK,
    KNOWLEDGE,
    LEDGER,
    MANIFEST,
    SECRETS,
    VERSION,
    Manifest,
    Part,
    counts,
    is_safe,
    opened,
)
from bot.ledger.migrations import MIGRATIONS


def file_name(now: datetime, *, locked: bool) -> str:
    """Return the name of a backup made now."""
    return f"bot-备份-{local_time(now):%Y%m%d-%H%M%S}.zip" + (".enc" if locked else "")


def free(path: Path) -> Path:
    """Return ``path``, or where that is taken, the first like it that is not: ….zip, …-2.zip, …-3.zip."""
    names = itertools.chain([path.name], (path.name.replace(".zip", f"-{n}.zip", 1) for n in itertools.count(2)))
    return next(found for name in names if not (found := path.with_name(name)).exists())


def make(
    target: Path,
    *,
    database: Path,
    knowledge: Path,
    secrets: Path | None,
    password: str | None,
    key_check: str,
    now: datetime,
) -> Manifest:
    """Write a backup to ``target``, which must not exist, while others read and write; ``secrets`` only with a ``password``.

    Raises BackupError, and leaves nothing behind.
    """
    if target.exists():
        raise BackupError(f"已经有 {target} 了，换个名字，或者先挪走它。")
    if password is not None and len(password) < SHORTEST:
        raise BackupError(f"密码太短，至少{SHORTEST}个字符。")
    draft = target.with_name(f".{target.name}.part")
    try:
        with TemporaryDirectory(prefix=DRAFT, dir=database.parent, ignore_cleanup_errors=True) as place:
            copy = Path(place, LEDGER)
            _snapshot(database, copy)
            parts = {LEDGER: copy} | {KNOWLEDGE + name: knowledge / name for name in knowledge_files(knowledge)}
            if bad := next((name for name in parts if not is_safe(name)), None):
                raise BackupError(f"知识库里的文件名 {bad!r} 有不能用的符号，改名后再备份。")
            if secrets is not None and password is not None and secrets.exists():
                parts[SECRETS] = secrets
            manifest = Manifest(VERSION, stamp(now), len(MIGRATIONS), key_check, counts(copy), {})
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
                _write(out, parts, manifest, password)
                out.flush()
                os.fsync(out.fileno())
        with opened(draft, password=password, folder=database.parent) as again:
            made = again.manifest
        draft.replace(target)
        _sync(target.parent)
        return made
    except (OSError, sqlite3.Error) as e:
        reason = (e.strerror if isinstance(e, OSError) else None) or str(e)
        raise BackupError(f"写不了备份 {target}：{reason}。检查磁盘是不是满了、有没有权限。什么也没有留下。") from e
    finally:
        draft.unlink(missing_ok=True)


def knowledge_files(folder: Path) -> Iterator[str]:
    """Yield the files of a knowledge folder as they are named in a backup; hidden ones and editors' drafts stay out."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_file() and not any(part.startswith((".", "~")) for part in name.parts):
            yield name.as_posix()


def copy_database(source: Path, target: Path, *, wait: float) -> None:
    """Copy a whole database into another one, as one transaction of it. Raises sqlite3.Error, TimeoutError."""
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target, timeout=wait)) as other:
        tries = iter(range(int(wait / 0.05)))

        def patient(*_: object) -> None:
            if next(tries, None) is None:
                raise TimeoutError("台账一直被占用")

        # All pages in one step: in several, every message that is recorded meanwhile would make it begin again.
        one.backup(other, pages=-1, progress=patient, sleep=0.05)


def _snapshot(database: Path, copy: Path) -> None:
    copy_database(database, copy, wait=30)
    with closing(sqlite3.connect(copy)) as db:
        db.execute("pragma journal_mode = delete")  # one file, without a log beside it
        found = db.execute("pragma integrity_check(1)").fetchone()[0]
    if found != "ok":
        raise BackupError(f"台账数据库本身坏了（{found}），没有做备份。请用以前的备份恢复：python -m bot restore 文件")


def _write(out: BinaryIO, parts: Mapping[str, Path], manifest: Manifest, password: str | None) -> None:
    stream = LockedWriter(out, password) if password is not None else None
    written: dict[str, Part] = {}
    made_at = local_time(moment(manifest.made_at)).timetuple()[:6]
    with zipfile.ZipFile(cast(Any, stream or out), "w", zipfile.ZIP_DEFLATED) as files:
        for name, path in parts.items():
            try:
                source = path.open("rb")
            except FileNotFoundError:
                if name.startswith(KNOWLEDGE):  # deleted since it was listed
                    continue
                raise
            info, digest, size = zipfile.ZipInfo(name, date_time=made_at), hashlib.sha256(), 0
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            with source, files.open(info, "w", force_zip64=True) as target:
                while block := source.read(BLOCK):
                    digest.update(block)
                    size += len(block)
                    target.write(block)
            written[name] = Part(digest.hexdigest(), size)
        whole = asdict(manifest) | {"parts": {name: asdict(part) for name, part in written.items()}}
        files.writestr(MANIFEST, json.dumps(whole, ensure_ascii=False, indent=1))
    if stream is not None:
        stream.close()


def _sync(folder: Path) -> None:
    """Make a rename last through a power cut, where the system can."""
    if hasattr(os, "O_DIRECTORY"):
        number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
