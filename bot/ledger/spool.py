"""Rows that wait for the ledger: one file for each process, a line for each row, on the disk before the reply goes out.

A line holds what the ledger would: masked text, pseudonyms, keyed hashes. Whoever finds a file may take its rows in; the
lock on it says that nobody else writes or reads it at that moment.
"""

import os
import re
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from pydantic import TypeAdapter, ValidationError

from bot.ledger.turns import Turn, Verdict
from bot.locks import try_lock
from bot.message import Reply

ROWS, ASIDE = ".jsonl", ".bad"
"""How the names of files end: of those that wait, and of those with rows that nobody could take in."""

MOST_IN_MEMORY = 5000
"""So many rows are held in memory where not even the spool can be written."""

SETTLED_NS = 5_000_000_000
"""What changed less than so long ago may have changed again within one tick of the disk's clock, and is looked at again."""

_BUSY = (BlockingIOError, PermissionError)


@dataclass(frozen=True)
class Kept:
    """One line: a turn and what belongs to it.

    who: whose conversation it is, '' where nobody may know. state: where it stands now, as the ledger keeps it; notice: which
    notice they have read. village: which they named or whose code they scanned. duty: the law wants it reported.
    judged: what they said of an earlier turn. leaves: they unsubscribed.
    """

    turn: Turn
    who: str = ""
    state: str | None = None
    notice: str | None = None
    village: str | None = None
    nonce: str | None = None
    duty: bool = False
    judged: tuple[str, Verdict] | None = None
    leaves: bool = False


_KEPT = TypeAdapter(Kept)


def spool_folder(chosen: Path | None, ledger: Path) -> Path:
    """Return where rows wait: the folder that was chosen, or one beside the ledger."""
    return chosen or ledger.parent / "spool"


class Spool:
    """The folder of such files, with the file of this process. Safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._writing, self._knowing = threading.Lock(), threading.Lock()
        self._path: Path | None = None
        self._held: list[Kept] = []
        self._empty_since: int | None = None  # when the folder, in which there was nothing, was last changed
        self._sizes: dict[str, int] = {}
        self._read: dict[str, int] = {}
        self._turns: dict[str, Reply] = {}
        self._people: dict[str, Kept] = {}
        self._nonces: dict[str, str] = {}

    def probe(self) -> None:
        """Find out whether the folder can be written. Raises OSError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f".{os.getpid()}-{secrets.token_hex(4)}"
        try:
            with path.open("wb") as file:
                file.write(b"-" * 4096)
                file.flush()
                os.fsync(file.fileno())
        finally:
            with suppress(OSError):
                path.unlink()

    def add(self, kept: Kept) -> Reply:
        """Keep a row, once; return the reply that its message got first. Raises OSError; then it is held in memory."""
        with self._writing:
            if (earlier := self.reply_to(kept.turn.key)) is not None:
                return earlier
            try:
                self._append([*self._held, kept])
            except OSError:
                if len(self._held) < MOST_IN_MEMORY:
                    self._held.append(kept)
                with self._knowing:
                    self._learn(kept)
                raise
            self._held = []
            with self._knowing:
                self._look()
        return kept.turn.reply

    def reply_to(self, key: str) -> Reply | None:
        """Return the reply that the message ``key`` got, if its row waits here."""
        with self._knowing:
            self._look()
            return self._turns.get(key)

    def nonce_owner(self, nonce: str) -> str | None:
        """Return the key of the message that ``nonce`` came with, if that waits here."""
        with self._knowing:
            self._look()
            return self._nonces.get(nonce)

    def last_of(self, who: str) -> Kept | None:
        """Return the newest row of the villager that waits here."""
        with self._knowing:
            self._look()
            return self._people.get(who)

    def waiting(self) -> list[Path]:
        """Return the files with rows, oldest first."""
        return sorted(path for path in self.folder.glob(f"*{ROWS}") if path.stat().st_size)

    def aside(self) -> list[Path]:
        """Return the files with rows that nobody could take in."""
        return sorted(self.folder.glob(f"*{ASIDE}"))

    @property
    def is_empty(self) -> bool:
        """Whether no row waits, neither in a file nor in memory."""
        return not self._held and not self.waiting()

    @property
    def held(self) -> int:
        """How many rows are in memory only."""
        return len(self._held)

    def drain(self, take: Callable[[Kept], bool]) -> int:
        """Give each row to ``take``, in the order of the files, and drop those that it took; return how many that were.

        What ``take`` refuses, or what cannot be read, is put aside. What ``take`` raises ends it; rows before may then be
        given once more.
        """
        number = 0
        for path in self.waiting():
            with suppress(FileNotFoundError), path.open("r+b") as file:
                try:
                    try_lock(file)
                except _BUSY:
                    continue
                number += self._drain(path, file, take)
        with self._writing:
            held, self._held = self._held, []
        try:
            while held:
                if take(held[0]):
                    number += 1
                else:
                    self._put_aside("memory", [_KEPT.dump_json(held[0])])
                held.pop(0)
        finally:
            with self._writing:
                self._held = held + self._held
        with self._knowing:
            self._forget()
        return number

    def bring_back(self) -> None:
        """Let rows that were put aside be tried again."""
        for path in self.aside():
            path.rename(path.with_suffix(ROWS))

    def _drain(self, path: Path, file: IO[bytes], take: Callable[[Kept], bool]) -> int:
        data, number, refused = file.read(), 0, []
        lines = data.split(b"\n")
        for place, line in enumerate(lines):
            if not line.strip():
                continue
            kept = _parsed(line)
            if kept is not None and take(kept):
                number += 1
            elif kept is not None or place < len(lines) - 1:
                refused.append(line)
            # else: the end of the file, broken off; no reply went out for that.
        if refused:
            self._put_aside(path.stem, refused)
        file.truncate(0)
        with suppress(PermissionError):  # Windows keeps what is open: it stays, empty
            path.unlink()
        return number

    def _put_aside(self, stem: str, lines: list[bytes]) -> None:
        with (self.folder / f"{stem}-{secrets.token_hex(3)}{ASIDE}").open("wb") as out:
            out.write(b"\n".join(lines) + b"\n")
            out.flush()
            os.fsync(out.fileno())

    def _append(self, rows: list[Kept]) -> None:
        """Write rows and see them on the disk."""
        # The line before may be broken off half-way: a full disk.
        data = memoryview(b"".join(b"\n" + _KEPT.dump_json(row) + b"\n" for row in rows))
        with self._taken(rows[0].turn.received_at) as file:
            while data:
                data = data[os.write(file.fileno(), data) :]
            os.fsync(file.fileno())

    def _taken(self, at: str) -> IO[bytes]:
        """Return the file of this process, locked; a new one, of ``at``, where somebody is taking in, or took, the last."""
        if self._path is not None:
            with suppress(FileNotFoundError):
                file = os.fdopen(os.open(self._path, os.O_WRONLY | os.O_APPEND), "ab", buffering=0)
                try:
                    try_lock(file)
                    if os.path.samestat(self._path.stat(), os.fstat(file.fileno())):
                        return file
                except (*_BUSY, FileNotFoundError):
                    pass
                file.close()
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{re.sub('[^0-9]', '', at)}-{os.getpid()}-{secrets.token_hex(3)}{ROWS}"
        file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600), "ab", buffering=0)
        try_lock(file)
        self._path = path
        if hasattr(os, "O_DIRECTORY"):  # its name must last, too
            folder = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        return file

    def _look(self) -> None:
        """Learn what this or another process wrote since; forget what was taken in."""
        try:
            changed = os.stat(self.folder).st_mtime_ns
            if changed == self._empty_since:
                return
            # A clock that ticks slowly tells two changes apart only when some time has passed since.
            settled = time.time_ns() - changed > SETTLED_NS
            with os.scandir(self.folder) as found:
                sizes = {one.name: one.stat().st_size for one in found if one.name.endswith(ROWS)}
        except FileNotFoundError:
            sizes, settled, changed = {}, False, 0
        except OSError:  # what is known already is better than nothing
            return
        self._empty_since = changed if settled and not sizes else None
        if sizes == self._sizes:
            return
        if any(sizes.get(name, 0) < size for name, size in self._sizes.items()):
            self._forget()
        for name in sorted(sizes):
            self._read_on(name)
        self._sizes = sizes

    def _read_on(self, name: str) -> None:
        start = self._read.get(name, 0)
        try:
            with (self.folder / name).open("rb") as file:
                file.seek(start)
                data = file.read()
        except OSError:
            return
        whole = data.rpartition(b"\n")[0]
        self._read[name] = start + (len(whole) + 1 if whole else 0)
        for line in whole.split(b"\n"):
            if line.strip() and (kept := _parsed(line)) is not None:
                self._learn(kept)

    def _learn(self, kept: Kept) -> None:
        self._turns.setdefault(kept.turn.key, kept.turn.reply)
        if kept.nonce is not None:
            self._nonces.setdefault(kept.nonce, kept.turn.key)
        if kept.leaves:
            self._people.pop(kept.who, None)
        elif kept.who:
            last = self._people.get(kept.who, kept)
            self._people[kept.who] = replace(
                kept,
                state=kept.state or last.state,
                notice=kept.notice or last.notice,
                village=kept.village or last.village,
            )

    def _forget(self) -> None:
        for known in (self._sizes, self._read, self._turns, self._people, self._nonces):
            known.clear()
        for kept in self._held:
            self._learn(kept)


def _parsed(line: bytes) -> Kept | None:
    try:
        return _KEPT.validate_json(line)
    except ValidationError:
        return None
