"""The town's own facts and the hotlines: data that clerks edit, never numbers in templates."""

from datetime import date
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from bot.faq.finding import Finding


class Hotline(BaseModel):
    """One national hotline. ``first`` marks those that a villager gets when the bot itself cannot help."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    number: Annotated[str, StringConstraints(pattern=r"^\d{3,6}$")]
    purpose: Annotated[str, StringConstraints(min_length=2, max_length=40)]
    when: Annotated[str, StringConstraints(min_length=2, max_length=80)]
    source: str
    checked: date
    first: bool = False


_HOTLINES = TypeAdapter(Annotated[list[Hotline], Field(min_length=1)])


def read_hotlines(path: Path) -> tuple[tuple[Hotline, ...], list[Finding]]:
    """Read ``hotlines.yaml``; an unusable file gives no hotline and a finding, so that the caller keeps its last ones."""
    remedy = "每条要有 number（加引号的号码）、purpose、when、source、checked（日期）"
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
        return tuple(_HOTLINES.validate_python(data)), []
    except OSError as e:
        return (), [Finding(path, 0, "", f"读不了热线表（{e.strerror}）", "从备份里找回 hotlines.yaml")]
    except (yaml.YAMLError, UnicodeDecodeError) as e:
        mark = getattr(e, "problem_mark", None)
        return (), [Finding(path, mark.line + 1 if mark else 0, "", "热线表的写法不对", remedy)]
    except ValidationError as e:
        place = ".".join(map(str, e.errors()[0]["loc"]))
        return (), [Finding(path, 0, place, "热线表这一项不对", remedy)]
