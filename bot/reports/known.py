"""What a report needs to know beside the ledger: the town's names, lists and choices."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from bot.faq import plain_yaml
from bot.faq.counting import FILE as COUNTING
from bot.faq.counting import Counting, read_counting
from bot.faq.finding import Finding
from bot.faq.lists import read_lists
from bot.faq.reader import entry_files
from bot.faq.town import read_town
from bot.ledger.register.fields import Lists


@dataclass(frozen=True)
class Known:
    """town: its name. entries: id -> question of each FAQ entry."""

    town: str = "本镇"
    lists: Lists = field(default_factory=lambda: Lists({}))
    counting: Counting = field(default_factory=Counting)
    entries: Mapping[str, str] = field(default_factory=dict)

    @property
    def villages(self) -> tuple[str, ...]:
        """The town's villages."""
        return self.lists.texts.get("村", ())

    @property
    def categories(self) -> tuple[str, ...]:
        """The FAQ's categories, in the order of its catalogue."""
        return self.lists.texts.get("类别", ())


def read_known(folder: Path) -> tuple[Known, list[Finding]]:
    """Read the knowledge folder as far as reports need it, and what is wrong with that."""
    town, findings = read_town(folder / "town.yaml")
    lists, more = read_lists(folder)
    counting, still_more = read_counting(folder / COUNTING)
    entries = {path.stem: _question(path) for path in entry_files(folder)}
    return Known(town.name if town else "本镇", lists or Lists({}), counting, entries), [*findings, *more, *still_more]


def _question(path: Path) -> str:
    """Return an entry's question without reading its hundreds of phrasings; its id where that cannot be found."""
    try:
        with path.open(encoding="utf-8-sig") as lines:
            line = next((line for _, line in zip(range(20), lines, strict=False) if line.startswith("question:")), "")
        found = plain_yaml.load(line)["question"]
    except (OSError, UnicodeDecodeError, yaml.YAMLError, TypeError, KeyError):
        return path.stem
    return str(found)
