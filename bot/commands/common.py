"""What the commands share: settings from arguments, the knowledge, files."""

import argparse
import json
import os
from pathlib import Path
from typing import Any

from bot.faq.library import Library, Snapshot
from bot.settings import Settings, load


class Usage(Exception):
    """The command cannot do what it was asked; the message says why and what to do."""


def settings_of(args: argparse.Namespace) -> Settings:
    """Return the settings, with what the command line says in place of the environment."""
    settings, _ = load(
        {
            **os.environ,
            **({"KNOWLEDGE_DIR": str(args.knowledge)} if args.knowledge else {}),
            **({"DATABASE_URL": args.database} if args.database else {}),
        }
    )
    return settings


def snapshot_of(args: argparse.Namespace, *, strict: bool = True) -> Snapshot:
    """Read the knowledge folder. Raises Usage where it is ``strict`` and has no entry."""
    settings = settings_of(args)
    snapshot = Library(settings.knowledge_dir, only_signed=settings.answer_from == "signed").refresh()
    if strict and not snapshot.entries:
        raise Usage("\n".join(map(str, snapshot.findings)))
    return snapshot


def json_line(line: str, number: int, source: str) -> dict[str, Any]:
    """Return a JSON object with a text ``q``. Raises Usage that names the line."""
    try:
        data = json.loads(line)
    except ValueError as e:
        raise Usage(f"{source} 第{number}行不是 JSON：{e}") from e
    if not isinstance(data, dict) or not isinstance(data.get("q"), str):
        raise Usage(f"{source} 第{number}行缺 q")
    return data


def write(path: Path, data: bytes) -> None:
    """Write a file. Raises Usage where it cannot be written."""
    try:
        path.write_bytes(data)
    except OSError as e:
        raise Usage(f"写不了 {path}：{e.strerror}。如果它正在 WPS 或 Excel 里开着，请先关掉。") from e
