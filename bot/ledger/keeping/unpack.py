"""Backups read: every byte is looked at before anything of it is used."""

import hashlib
import os
import re
import sqlite3
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import TypeAdapter, ValidationError

from bot.ledger.keeping.locked import BackupError, is_locked, unlocked
from bot.ledger.keeping.purge import DRAFT
from bot.ledger.migrations import MIGRATIONS

VERSION = 1
MANIFEST, LEDGER, SECRETS, KNOWLEDGE = "manifest.json", "ledger.db", "secrets.env", "knowledge/"
BLOCK = 1 << 20
_DAMAGED = "文件坏了或者不完整。换一份备份。"
_BAD = re.compile(r"[\\:\0\ud800-\udfff]")


@dataclass(frozen=True)
class Part:
    """A file in a backup."""

    sha256: str
    bytes: int


@dataclass(frozen=True)
class Manifest:
    """What a backup holds. schema: the last migration; tables: rows of each.

    key_check: tells one PSEUDONYM_KEY from another.
    """

    version: int
    made_at: str
    schema: int
    key_check: str
    tables: Mapping[str, int]
    parts: Mapping[str, Part]


@dataclass(frozen=True)
class Opened:
    """A backup that proved whole: its manifest, its files, and its ledger as a file of its own that may be changed."""

    manifest: Manifest
    files: zipfile.ZipFile
    ledger: Path

    def read(self, name: str) -> bytes:
        """Return the file ``name``."""
        return self.files.read(name)

    @property
    def knowledge(self) -> list[str]:
        """The names of the files of the knowledge folder, below it."""
        return sorted(name.removeprefix(KNOWLEDGE) for name in self.manifest.parts if name.startswith(KNOWLEDGE))


_MANIFEST = TypeAdapter(Manifest)


@contextmanager
def opened(path: Path, *, password: str | None, folder: Path) -> Iterator[Opened]:
    """Open a backup and look at every byte of it; what it takes apart lies in ``folder`` meanwhile. Raises BackupError."""
    with ExitStack() as stack:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            place = Path(stack.enter_context(TemporaryDirectory(prefix=DRAFT, dir=folder, ignore_cleanup_errors=True)))
            ledger = place / LEDGER
            files = stack.enter_context(zipfile.ZipFile(_plain(path, place / "plain.zip", password)))
            manifest = _manifest(files)
            for name, part in manifest.parts.items():
                _pour(_checked(files, name, part), ledger if name == LEDGER else None)
            _check_ledger(ledger, manifest)
        except BackupError as e:
            raise BackupError(f"{path.name}：{e}") from e
        except OSError as e:
            raise BackupError(f"{path.name}：读不了（{e.strerror or e}）。检查文件在不在、有没有权限、磁盘是不是满了。") from e
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError) as e:
            raise BackupError(f"{path.name}：不是备份，或者{_DAMAGED}") from e
        yield Opened(manifest, files, ledger)


def counts(path: Path) -> dict[str, int]:
    """Return how many rows each table of a database has."""
    with closing(sqlite3.connect(path)) as db:
        names = [r[0] for r in db.execute("select name from sqlite_master where type = 'table' order by name")]
        return {name: db.execute(f'select count(*) from "{name}"').fetchone()[0] for name in names}


def is_safe(name: str) -> bool:
    """Tell whether a name is one that ``make`` gives: it cannot lead out of the folder, nor to a hidden file."""
    if name in {MANIFEST, LEDGER, SECRETS}:
        return True
    parts = name.split("/")
    return (
        len(parts) > 1
        and parts[0] + "/" == KNOWLEDGE
        and all(part and not part.startswith((".", "~")) and not _BAD.search(part) for part in parts)
    )


def _plain(path: Path, plain: Path, password: str | None) -> Path:
    """Return the zip: the file itself, or what it holds, put into ``plain``."""
    with path.open("rb") as source:
        locked = is_locked(source.read(16))
        source.seek(0)
        if not locked:
            return path
        if password is None:
            raise BackupError("这份备份是加密的，要密码：用 --password-file 文件，或者环境变量 BACKUP_PASSWORD。")
        _pour(unlocked(source, password), plain)
    return plain


def _manifest(files: zipfile.ZipFile) -> Manifest:
    names = files.namelist()
    try:
        with files.open(MANIFEST) as source:
            manifest = _MANIFEST.validate_json(source.read(16 * BLOCK))
    except (KeyError, ValidationError):
        raise BackupError("不是本程序做的备份：没有能用的清单 manifest.json。") from None
    if manifest.version > VERSION:
        raise BackupError("这份备份是更新的程序做的。先把程序更新到一样新。")
    bad = next((name for name in (*names, *manifest.parts) if not is_safe(name)), None)
    if bad is not None:
        raise BackupError(f"里面有不该有的文件名 {bad!r}，可能被人动过。什么也没有恢复。")
    if len(set(names)) != len(names) or set(names) != {MANIFEST, *manifest.parts} or LEDGER not in manifest.parts:
        raise BackupError(f"里面的文件和清单对不上，{_DAMAGED}")
    return manifest


def _checked(files: zipfile.ZipFile, name: str, part: Part) -> Iterator[bytes]:
    digest, size = hashlib.sha256(), 0
    with files.open(name) as source:
        while block := source.read(BLOCK):
            digest.update(block)
            size += len(block)
            if size > part.bytes:
                break
            yield block
    if (digest.hexdigest(), size) != (part.sha256, part.bytes):
        raise BackupError(f"{name} 和清单对不上，{_DAMAGED}")


def _pour(blocks: Iterator[bytes], path: Path | None) -> None:
    """Use up ``blocks``, into a file that only we can read where one is named."""
    if path is None:
        for _ in blocks:
            pass
        return
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        for block in blocks:
            out.write(block)


def _check_ledger(path: Path, manifest: Manifest) -> None:
    try:
        with closing(sqlite3.connect(path)) as db:
            found = [row[0] for row in db.execute("pragma integrity_check(1)")]
            steps = dict(db.execute("select number, name from migrations"))
        if found != ["ok"]:
            raise BackupError(f"里面的台账坏了：{found[0]}。换一份备份。")
        known = {number: step.__name__ for number, step in enumerate(MIGRATIONS, 1)}
        if any(known.get(number) != name for number, name in steps.items()):
            raise BackupError("里面的台账是更新的程序记的，现在的程序不认识。先把程序更新到一样新，再恢复。")
        if counts(path) != manifest.tables:
            raise BackupError(f"里面的台账和清单的行数对不上，{_DAMAGED}")
    except sqlite3.Error as e:
        raise BackupError(f"里面的台账打不开（{e}）。换一份备份。") from e
