"""Which drafts were handed in to be signed: ``review.yaml`` in the knowledge folder, by whom and in which version."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from bot.faq import plain_yaml
from bot.faq.edit import history

FILE = "review.yaml"
ATTEMPTS = 5


class Waiting(BaseModel):
    """A draft that waits for a signature. version: ``history.digest`` of the text; another text is another draft."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    by: str
    on: date
    version: str


_ALL = TypeAdapter(dict[str, Waiting])


@dataclass(frozen=True)
class _Listed:
    text: str | None
    waiting: Mapping[str, Waiting]


def waiting(folder: Path) -> Mapping[str, Waiting]:
    """Return what was handed in, by id; nothing where the file cannot be read."""
    return _read(folder).waiting


def hand_in(folder: Path, id_: str, text: str, *, by: str, author: str, today: date, at: datetime) -> None:
    """Note that a draft waits for a signature. Raises what ``history.save`` raises."""
    for last in (False,) * ATTEMPTS + (True,):
        now = _read(folder)
        new = {**now.waiting, id_: Waiting(by=by, on=today, version=history.digest(text))}
        expected = {folder / FILE: None if now.text is None else history.digest(now.text)}
        try:
            history.save(folder, {folder / FILE: _written(new)}, author=author, why=f"送审：{id_}", now=at, expected=expected)
        except history.Changed:  # somebody handed in another draft at this very moment
            if last:
                raise
        else:
            return


def without(folder: Path, id_: str) -> dict[Path, str]:
    """Return the file without an entry, to be saved with what settles it; nothing where the entry is not in it."""
    now = _read(folder)
    left = {one: what for one, what in now.waiting.items() if one != id_}
    return {folder / FILE: _written(left)} if id_ in now.waiting else {}


def _read(folder: Path) -> _Listed:
    text = history.read(folder / FILE)
    try:
        return _Listed(text, _ALL.validate_python(plain_yaml.load(text or "{}") or {}))
    except (yaml.YAMLError, ValidationError):
        return _Listed(text, {})


def _written(waiting: Mapping[str, Waiting]) -> str:
    data = {id_: one.model_dump() for id_, one in sorted(waiting.items())}
    text: str = yaml.safe_dump(data, allow_unicode=True, sort_keys=False)
    return "# 送审的条目，由管理页面记\n" + text
