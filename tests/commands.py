"""The command line, run in this process: what one command prints, and its exit status. ``process`` runs it in its own."""

import contextlib
import io
import logging
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from bot.__main__ import main
from tests.conftest import ROOT

Done = subprocess.CompletedProcess[str]


def command(folder: Path, *args: str, text: str = "", environment: Mapping[str, str]) -> Done:
    """Run ``python -m bot`` with these arguments in ``folder``, in this process: starting another takes a second."""
    streams = [io.TextIOWrapper(io.BytesIO(data), encoding="utf-8") for data in (text.encode(), b"", b"")]
    with contextlib.chdir(folder), _environment(environment), _streams(streams):
        try:
            status = main(args)
        except SystemExit as e:  # argparse
            status = int(e.code or 0)
    out, err = (stream.buffer.getvalue().decode() for stream in _flushed(streams[1:]))  # type: ignore[attr-defined]
    return subprocess.CompletedProcess(args, status, out, err)


def process(folder: Path, *args: str, text: str = "", environment: Mapping[str, str]) -> Done:
    """Run ``python -m bot`` in a process of its own, as people do."""
    return subprocess.run(
        [sys.executable, "-m", "bot", *args], cwd=folder, env={"PYTHONPATH": str(ROOT), "PATH": "", **environment},
        input=text, capture_output=True, text=True, timeout=60,
    )  # fmt: skip


@contextlib.contextmanager
def _environment(wanted: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update({"PATH": "", **wanted})
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextlib.contextmanager
def _streams(streams: list[io.TextIOWrapper]) -> Iterator[None]:
    before = sys.stdin, sys.stdout, sys.stderr
    sys.stdin, sys.stdout, sys.stderr = streams
    # As in a process of its own: what others log to is not there, and what is set up goes with its streams.
    loggers = [logging.getLogger(name) for name in ("bot", "handlers", "app", "waitress")]
    handlers = [logger.handlers for logger in loggers]
    for logger in loggers:
        logger.handlers = []
    try:
        yield
    finally:
        sys.stdin, sys.stdout, sys.stderr = before
        for logger, own in zip(loggers, handlers, strict=True):
            logger.handlers = own


def _flushed(streams: list[io.TextIOWrapper]) -> list[io.TextIOWrapper]:
    for stream in streams:
        stream.flush()
    return streams
