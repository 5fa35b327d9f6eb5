"""What the registers let a clerk choose from and the town sets itself: its own lists, its villages, the FAQ's categories."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from bot.faq.finding import Finding
from bot.faq.reader import entry_files
from bot.faq.town import read_catalogue, read_town, read_yaml
from bot.ledger.register.fields import Lists
from bot.ledger.register.values import folded, parted

FILE = "registers.yaml"


def _distinct(texts: tuple[str, ...]) -> tuple[str, ...]:
    if len({folded(text) for text in texts}) < len(texts):
        raise ValueError("twice the same")
    return texts


def _whole(texts: tuple[str, ...]) -> tuple[str, ...]:
    if any(parted(text) != [text] for text in texts):
        raise ValueError("would be taken for several")
    return texts


def _apart(groups: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    _distinct(tuple(text for texts in groups.values() for text in texts))
    return groups


_Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
_Words = Annotated[tuple[_Word, ...], Field(min_length=1), AfterValidator(_distinct)]


class Own(BaseModel):
    """The file ``registers.yaml``: what the town itself lets its registers choose from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    settings: _Words = Field(alias="七进")
    forms: Annotated[dict[_Word, _Words], AfterValidator(_apart)] = Field(alias="形式", min_length=1)
    groups: Annotated[_Words, AfterValidator(_whole)] = Field(alias="人群")
    people: _Words = Field(alias="明白人类别")


def read_own(path: Path) -> tuple[Own | None, list[Finding]]:
    """Read ``registers.yaml``; None and findings where it cannot be used."""
    remedy = "对照程序附带的 registers.yaml：七进、形式（分组）、人群、明白人类别都要有，每行一项，不重复"
    return read_yaml(path, Own.model_validate, remedy)


def read_lists(folder: Path) -> tuple[Lists | None, list[Finding]]:
    """Read the lists of a knowledge folder; None and findings where ``registers.yaml`` or ``town.yaml`` cannot be used."""
    own, findings = read_own(folder / FILE)
    town, more = read_town(folder / "town.yaml")
    if own is None or town is None:
        return None, [*findings, *more]
    forms = [(form, group) for group, forms in own.forms.items() for form in forms]
    texts = {
        "村": tuple(village.name for village in town.villages),
        "类别": categories(folder),
        "七进": own.settings,
        "形式": tuple(form for form, _ in forms),
        "人群": own.groups,
        "明白人类别": own.people,
    }
    return Lists(texts, dict(forms)), []


def categories(folder: Path) -> tuple[str, ...]:
    """Return the categories that hold entries, in the order of ``catalogue.yaml``, then those that it does not name."""
    there = sorted({path.parent.name for path in entry_files(folder)})
    order = list(read_catalogue(folder / "catalogue.yaml")[0] or ())
    return tuple([c for c in order if c in there] + [c for c in there if c not in order])
