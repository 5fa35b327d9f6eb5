"""Workbooks that somebody sent to be entered, and what came of it, kept for an hour in files of their own.

An upload belongs to one account. A file that has faults is kept as the marked workbook, one that was entered before as it
came, so that it can be entered again without being sent again; one that was entered is not kept.
"""

import json
import os
import re
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bot.ledger.clock import moment, stamp
from bot.ledger.register.intake import CellFault

LASTS = timedelta(hours=1)
_TOKEN = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Upload:
    """What came of a workbook. before: what is known of its earlier import, for one that waits to be entered again."""

    person: int
    name: str
    at: str
    notes: tuple[str, ...] = ()
    faults: tuple[CellFault, ...] = ()
    rows: tuple[tuple[str, int], ...] = ()
    already: int = 0
    repeated: int = 0
    before: str = ""


def keep(folder: Path, upload: Upload, book: bytes | None, *, now: datetime) -> str:
    """Keep an upload, and forget those whose time is over; return the token that finds it."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    sweep(folder, now)
    token = secrets.token_hex(16)
    if book is not None:
        _write(folder / f"{token}.xlsx", book, now)
    _write(folder / f"{token}.json", json.dumps(asdict(upload), ensure_ascii=False).encode(), now)
    return token


def kept(folder: Path, token: str, person: int, *, now: datetime) -> Upload | None:
    """Return an upload of this account; None where there is no such, or its time is over."""
    if not _TOKEN.fullmatch(token):
        return None
    try:
        data = json.loads((folder / f"{token}.json").read_bytes())
        faults = tuple(CellFault(**fault) for fault in data.pop("faults"))
        rows = tuple((str(title), int(n)) for title, n in data.pop("rows"))
        upload = Upload(**data | {"notes": tuple(data["notes"])}, faults=faults, rows=rows)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return upload if upload.person == person and now - moment(upload.at) < LASTS else None


def book_of(folder: Path, token: str) -> bytes | None:
    """Return the workbook of an upload that ``kept`` found."""
    try:
        return (folder / f"{token}.xlsx").read_bytes()
    except OSError:
        return None


def forget(folder: Path, token: str) -> None:
    """Remove an upload that ``kept`` found."""
    for suffix in (".json", ".xlsx"):
        (folder / f"{token}{suffix}").unlink(missing_ok=True)


def sweep(folder: Path, now: datetime) -> None:
    """Remove the uploads whose time is over."""
    for path in folder.glob("*.*"):
        try:
            if now.timestamp() - path.stat().st_mtime > LASTS.total_seconds():
                path.unlink(missing_ok=True)
        except OSError:  # another process was faster
            continue


def of(person: int, name: str, now: datetime, **more: object) -> Upload:
    """Return an upload made now; of its name only what a file of the person's own computer is called."""
    called = re.split(r"[\\/]", name)[-1].strip()[-100:] or "表格.xlsx"
    return Upload(person, called, stamp(now), **more)  # type: ignore[arg-type]


def _write(path: Path, data: bytes, now: datetime) -> None:
    path.touch(mode=0o600)
    path.write_bytes(data)
    os.utime(path, (now.timestamp(), now.timestamp()))
