"""Long work in the background: one piece of a kind at a time, its result kept on disk for an hour, for one person alone.

What is known of a piece of work stands in its own folder, so that any process may answer who asks for it.
"""

import json
import logging
import os
import re
import secrets
import shutil
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from bot.ledger.clock import moment, stamp

logger = logging.getLogger(__name__)

Stage = Literal["waiting", "counting", "writing", "ready", "failed", "cancelled"]
KEPT = timedelta(hours=1)
FOLDER = "reports"
"""Beside the ledger; what is in it may be deleted at any time."""

LONGEST = timedelta(minutes=10)
"""What takes longer was interrupted: the server was started anew."""

AGAIN = timedelta(seconds=15)
"""Who asks for the same thing within this time pressed the button twice."""

AT_ONCE, MOST = 3, 20
"""How many one person may have under way, and how many results are kept for them."""

UNEXPECTED = "出了意外的错，已经记进日志。请再试一次；还是不行，请告诉管理员。"
INTERRUPTED = "做到一半中断了，多半是程序重新启动过。请重新做一份。"
_ID = re.compile(r"[A-Za-z0-9_-]{43}")
_OVER: frozenset[str] = frozenset({"ready", "failed", "cancelled"})


class Busy(Exception):
    """Too much is under way for one person."""


class Plain(Exception):
    """The work cannot be done; the message says why and what to do, in Chinese."""


class Cancelled(Exception):
    """Whoever wanted it does not want it any more."""


@dataclass(frozen=True)
class Job:
    """A piece of work. owner: the number of whose it is; wanted: what makes two the same; name: of the file."""

    id: str
    owner: int
    wanted: str
    name: str
    type: str
    office: bool
    started_at: str
    stage: Stage = "waiting"
    problem: str = ""
    ready_at: str = ""

    @property
    def is_over(self) -> bool:
        """Tell whether nothing more will happen to it."""
        return self.stage in _OVER


Step = Callable[[Stage], None]
Work = Callable[[Step], bytes]
"""Does the work and returns the file; tells each stage that it reaches. Raises Plain."""


class Jobs:
    """The work under way and its results, in ``folder``. Safe to share between threads."""

    def __init__(self, folder: Path, clock: Callable[[], datetime]) -> None:
        self.folder, self._clock = folder, clock
        self._kinds: dict[str, threading.Lock] = {}
        self._starting = threading.Lock()

    def start(self, kind: str, work: Work, *, owner: int, wanted: str, name: str, type_: str, office: bool) -> Job:
        """Start work of a kind, unless the same is under way for this person already. Raises Busy."""
        with self._starting:
            self.sweep()
            own = self.of(owner)
            if same := next((job for job in own if job.wanted == wanted and self._is_current(job)), None):
                return same
            if sum(not job.is_over for job in own) >= AT_ONCE:
                raise Busy
            for old in [job for job in own if job.is_over][MOST - 1 :]:
                self._remove(old.id)
            job = Job(secrets.token_urlsafe(32), owner, wanted, name, type_, office, stamp(self._clock()))
            (self.folder / job.id).mkdir(parents=True, mode=0o700)
            self._keep(job)
            lock = self._kinds.setdefault(kind, threading.Lock())
        threading.Thread(target=self._run, args=(job, work, lock), name="report", daemon=True).start()
        return job

    def find(self, id_: str, owner: int) -> Job | None:
        """Return a person's work, or None."""
        if not _ID.fullmatch(id_):
            return None
        try:
            job = Job(**json.loads((self.folder / id_ / "state.json").read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return None
        if job.owner != owner or self._age(job) > KEPT:
            return None
        if not job.is_over and (self.folder / id_ / "cancel").exists():
            return replace(job, stage="cancelled")
        if not job.is_over and self._age(job) > LONGEST:
            return replace(job, stage="failed", problem=INTERRUPTED)
        return job

    def of(self, owner: int) -> list[Job]:
        """Return all work of a person, the newest first."""
        names = [path.name for path in self.folder.iterdir()] if self.folder.is_dir() else []
        found = [job for name in names if (job := self.find(name, owner))]
        return sorted(found, key=lambda job: (job.started_at, job.id), reverse=True)

    def result(self, job: Job) -> bytes | None:
        """Return the result of work that is ready; None where it is gone."""
        try:
            return (self.folder / job.id / "result").read_bytes() if job.stage == "ready" else None
        except OSError:
            return None

    def cancel(self, job: Job) -> None:
        """Say that work is not wanted any more; it stops at its next stage. What is ready is deleted."""
        if job.is_over:
            self._remove(job.id)
        else:
            (self.folder / job.id / "cancel").touch()

    def sweep(self) -> None:
        """Delete what was kept for long enough."""
        for path in list(self.folder.iterdir()) if self.folder.is_dir() else []:
            try:
                old = self._clock() - moment(json.loads((path / "state.json").read_text("utf-8"))["started_at"]) > KEPT
            except (OSError, ValueError, TypeError, KeyError):
                old = _ID.fullmatch(path.name) is not None and not (path / "state.json").exists() and self._is_stale(path)
            if old:
                self._remove(path.name)

    def _run(self, job: Job, work: Work, lock: threading.Lock) -> None:
        def step(stage: Stage) -> None:
            if (self.folder / job.id / "cancel").exists() or not (self.folder / job.id).exists():
                raise Cancelled
            self._keep(replace(job, stage=stage))

        try:
            with lock:
                step("waiting")
                data = work(step)
                step("writing")
                self._write(job.id, "result", data)
            self._keep(replace(job, stage="ready", ready_at=stamp(self._clock())))
        except Cancelled:
            self._end(replace(job, stage="cancelled"))
        except Plain as e:
            self._end(replace(job, stage="failed", problem=str(e)))
        except Exception:
            logger.exception("报表没有做成")
            self._end(replace(job, stage="failed", problem=UNEXPECTED))

    def _end(self, job: Job) -> None:
        try:
            self._keep(job)
        except OSError:
            logger.warning("报表的结果没能记下来")

    def _is_current(self, job: Job) -> bool:
        if job.stage == "ready":
            return self._clock() - moment(job.ready_at) < AGAIN
        return not job.is_over

    def _age(self, job: Job) -> timedelta:
        return self._clock() - moment(job.started_at)

    def _is_stale(self, path: Path) -> bool:
        try:
            return self._clock().timestamp() - path.stat().st_mtime > KEPT.total_seconds()
        except OSError:
            return False

    def _keep(self, job: Job) -> None:
        self._write(job.id, "state.json", json.dumps(asdict(job), ensure_ascii=False).encode())

    def _write(self, id_: str, name: str, data: bytes) -> None:
        """Write a file whole or not at all, for its owner alone."""
        path = self.folder / id_ / name
        draft = path.with_name(f".{name}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(data)
        os.replace(draft, path)

    def _remove(self, id_: str) -> None:
        shutil.rmtree(self.folder / id_, ignore_errors=True)
