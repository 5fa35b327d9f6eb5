"""Logs as JSON lines that name neither a villager nor a question."""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime


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


def configure(level: str) -> None:
    """Send the logs of ``bot``, ``handlers`` and ``app`` to standard error, once."""
    for name in ("bot", "handlers", "app"):
        logger = logging.getLogger(name)
        logger.setLevel(level.upper())
        if not logger.handlers:
            handler = logging.StreamHandler(sys.stderr)
            handler.setFormatter(JsonLines())
            logger.addHandler(handler)
