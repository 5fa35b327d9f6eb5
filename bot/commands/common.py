"""What the commands share: settings from arguments, the knowledge, files."""

import argparse
import getpass
import json
import os
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.faq.lists import read_lists
from bot.ledger.register.fields import Lists
from bot.ledger.towns import TownError, get, ledger_of, settings_for
from bot.settings import Settings, load

if TYPE_CHECKING:
    from bot.faq.library import Snapshot


class Usage(Exception):
    """The command cannot do what it was asked; the message says why and what to do."""


def settings_of(args: argparse.Namespace) -> Settings:
    """Return the settings, with what the command line says in place of the environment; with ``--town`` those of that town.

    Raises Usage where there is no such town.
    """
    base, slug = county_settings(args), getattr(args, "town", None)
    if not slug:
        return base.model_copy(update={"knowledge_dir": args.knowledge}) if args.knowledge else base
    try:
        with closing(ledger_of(base)) as store, store.reading() as db:
            settings = settings_for(base, get(db, slug))
    except TownError as e:
        raise Usage(str(e)) from e
    return settings.model_copy(update={"knowledge_dir": args.knowledge}) if args.knowledge else settings


def county_settings(args: argparse.Namespace) -> Settings:
    """Return the settings of the installation itself, in whose ledger the towns stand."""
    return load({**os.environ, **({"DATABASE_URL": args.database} if args.database else {})})[0]


def snapshot_of(args: argparse.Namespace, *, strict: bool = True) -> "Snapshot":
    """Read the knowledge folder. Raises Usage where it is ``strict`` and has no entry."""
    # Matching takes half a second to load, and most commands do not match.
    from bot.faq.library import Library

    settings = settings_of(args)
    only_signed = settings.answer_from == "signed"
    snapshot = Library(settings.knowledge_dir, only_signed=only_signed, memory=settings.memory_dir).refresh()
    if strict and not snapshot.entries:
        raise Usage("\n".join(map(str, snapshot.findings)))
    return snapshot


def lists_of(args: argparse.Namespace) -> Lists:
    """Return what the registers let people choose from. Raises Usage where the knowledge folder does not say."""
    lists, findings = read_lists(settings_of(args).knowledge_dir)
    if lists is None:
        raise Usage("\n".join(map(str, findings)))
    return lists


def lines_of(path: Path) -> list[str]:
    """Return the lines of a text file. Raises Usage where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as e:
        raise Usage(f"读不了 {path}：{e}") from e


def json_line(line: str, number: int, source: str, *names: str) -> dict[str, Any]:
    """Return a JSON object with texts under ``names`` (else ``q``). Raises Usage that names the line."""
    try:
        data = json.loads(line)
    except ValueError as e:
        raise Usage(f"{source} 第{number}行不是 JSON：{e}") from e
    for name in names or ("q",):
        if not isinstance(data, dict) or not isinstance(data.get(name), str):
            raise Usage(f"{source} 第{number}行缺 {name}")
    found: dict[str, Any] = data
    return found


def write(path: Path, data: bytes) -> None:
    """Write a file. Raises Usage where it cannot be written."""
    try:
        path.write_bytes(data)
    except OSError as e:
        raise Usage(f"写不了 {path}：{e.strerror}。如果它正在 WPS 或 Excel 里开着，请先关掉。") from e


def login() -> str:
    """Return the login name of whoever runs the command, for the security log."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user may have no name
        return "不明"
