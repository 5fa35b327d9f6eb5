"""The town's own facts and the hotlines: data that clerks edit, never numbers in templates."""

from collections.abc import Callable
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from bot.faq import plain_yaml
from bot.faq.finding import Finding

_Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
_Read = TypeVar("_Read")


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Hotline(_Row):
    """One national hotline. ``first`` marks those that a villager gets when the bot itself cannot help."""

    number: Annotated[str, StringConstraints(strict=True, pattern=r"^\d{3,6}$")]
    purpose: Annotated[str, StringConstraints(min_length=2, max_length=40)]
    when: Annotated[str, StringConstraints(min_length=2, max_length=80)]
    source: str
    checked: date
    first: bool = False


class Office(_Row):
    """A place where somebody answers: its name, telephone and hours."""

    name: _Words
    phone: _Words
    hours: _Words
    address: str = ""


class Adviser(_Row):
    """The adviser of a village and when they are there."""

    name: _Words
    phone: _Words
    duty: _Words


class Village(_Row):
    """A village; ``scene`` is the number in its QR code."""

    name: _Words
    scene: int = Field(ge=1)
    adviser: Adviser


class Town(_Row):
    """The town; ``example`` says that these are not the facts of any real one."""

    name: _Words
    office: Office
    justice_office: Office
    villages: tuple[Village, ...] = Field(min_length=1)
    example: bool = False


_HOTLINES = TypeAdapter(Annotated[tuple[Hotline, ...], Field(min_length=1)])
_TOWN = TypeAdapter(Town)
_CATALOGUE = TypeAdapter(Annotated[dict[str, tuple[str, ...]], Field(min_length=1)])


def read_hotlines(path: Path) -> tuple[tuple[Hotline, ...] | None, list[Finding]]:
    """Read ``hotlines.yaml``; None and a finding where it cannot be used, so that the caller keeps its last ones."""
    return read_yaml(path, _HOTLINES.validate_python, "每条要有 number（加引号的号码）、purpose、when、source、checked（日期）")


def read_town(path: Path) -> tuple[Town | None, list[Finding]]:
    """Read ``town.yaml``; None and a finding where it cannot be used."""
    return read_yaml(path, _TOWN.validate_python, "对照程序附带的 town.yaml，名称、电话、时间都要有")


def read_catalogue(path: Path) -> tuple[dict[str, tuple[str, ...]] | None, list[Finding]]:
    """Read ``catalogue.yaml``: the ids that the FAQ must hold, by category."""
    return read_yaml(path, _CATALOGUE.validate_python, "每个类别一行加冒号，下面每个编号一行「  - 编号」")


@lru_cache(maxsize=16)
def _parsed(text: str) -> Any:
    """Return what YAML says; the same text, read again because another file changed, is not parsed again."""
    return plain_yaml.load(text)


def read_yaml(path: Path, validate: Callable[[Any], _Read], remedy: str) -> tuple[_Read | None, list[Finding]]:
    """Read a data file; None and findings with ``remedy`` where it cannot be used."""
    try:
        return validate(_parsed(path.read_text(encoding="utf-8-sig"))), []
    except FileNotFoundError:
        return None, [Finding(path, 0, "", "没有这个文件", f"从备份里找回 {path.name}")]
    except OSError as e:
        return None, [Finding(path, 0, "", f"读不了这个文件（{e.strerror}）", f"从备份里找回 {path.name}")]
    except (yaml.YAMLError, UnicodeDecodeError) as e:
        mark = getattr(e, "problem_mark", None)
        return None, [Finding(path, mark.line + 1 if mark else 0, "", "写法不对", remedy)]
    except ValidationError as e:
        places = dict.fromkeys(" ".join(f"第{p + 1}条" if isinstance(p, int) else p for p in d["loc"]) for d in e.errors())
        return None, [Finding(path, 0, place, "这一项不对", remedy) for place in places]
