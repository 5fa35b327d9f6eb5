"""Logs as JSON lines that name neither a villager nor a question, on standard error or in a file that may be rotated."""

import json
import logging
import os
import sys
import traceback
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler, WatchedFileHandler
from pathlib import Path

LARGEST, KEPT = 10_000_000, 10
"""Where nobody else rotates (Windows): how large a file becomes, in bytes, and how many older ones are kept."""


class LogError(Exception):
    """The log file cannot be written; the message says why."""


class JsonLines(logging.Formatter):
    """One JSON object a line. Of an exception it keeps the type and the place: its message may quote what was asked."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as a line."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            line["at"] = " < ".join(
                f"{frame.name} {frame.filename.rpartition('/')[2]}:{frame.lineno}"
                for frame in reversed(traceback.extract_tb(record.exc_info[2])[-6:])
            )
        return json.dumps(line, ensure_ascii=False)


class _Spilling(logging.Handler):
    """A line that cannot be written into its file goes to standard error: it is not lost, and nothing else fails for it."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record."""
        try:
            super().emit(record)
        except OSError:  # the file was moved away, and no new one can be made
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:
        """Write to standard error what could not be written into the file."""
        sys.stderr.write(f"{self.format(record)}\n")
        sys.stderr.flush()


class _Watched(_Spilling, WatchedFileHandler):
    """Goes on in a new file once logrotate has moved the old one away; so do other processes with the same file."""


class _Rotating(_Spilling, RotatingFileHandler):
    """Rotates by itself; fit for one process."""


def configure(level: str, file: Path | None = None) -> None:
    """Send the logs of the program and its server to standard error, or to ``file``, once. Raises LogError."""
    handler = None
    for name in ("bot", "handlers", "app", "waitress"):
        logger = logging.getLogger(name)
        logger.setLevel("WARNING" if name == "waitress" else level.upper())
        if not logger.handlers:
            handler = handler or _handler(file)
            logger.addHandler(handler)


def _handler(file: Path | None) -> logging.Handler:
    handler: logging.Handler
    try:
        if file is None:
            handler = logging.StreamHandler(sys.stderr)
        elif hasattr(os, "fork"):
            handler = _Watched(file, encoding="utf-8")
        else:
            handler = _Rotating(file, maxBytes=LARGEST, backupCount=KEPT, encoding="utf-8")
    except OSError as e:
        raise LogError(f"日志文件 {file} 写不了：{e.strerror}。检查 LOG_FILE 的文件夹在不在、能不能写") from e
    handler.setFormatter(JsonLines())
    return handler
