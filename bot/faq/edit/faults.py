"""What would be wrong with a file of the knowledge folder if it held a given text: asked before the text is written."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bot.faq import counting, lists, retention
from bot.faq.crisis import read_cards, read_examples
from bot.faq.edit.entry_check import check_one
from bot.faq.edit.history import entry_of
from bot.faq.finding import Finding
from bot.faq.laws import read_laws
from bot.faq.library import Snapshot
from bot.faq.reader import parse_entry
from bot.faq.town import read_catalogue, read_hotlines, read_town, read_yaml
from bot.faq.words import FILE as WORDING
from bot.faq.words import read_words
from bot.matching.lexicon import Lexicon
from bot.matching.model import Model
from bot.matching.outside import topics

Reader = Callable[[Path], tuple[Any, list[Finding]]]

_REMEDY = "对照程序附带的文件"


def _unknown(path: Path) -> tuple[Any, list[Finding]]:
    return read_yaml(path, lambda data: data, _REMEDY)


READERS: dict[str, Reader] = {
    "town.yaml": read_town,
    "hotlines.yaml": read_hotlines,
    "registers.yaml": lists.read_own,
    counting.FILE: counting.read_counting,
    retention.FILE: retention.read_periods,
    WORDING: read_words,
    "crisis.yaml": read_cards,
    "crisis-examples.yaml": lambda path: read_examples(path, None),
    "laws.yaml": read_laws,
    "catalogue.yaml": read_catalogue,
    "lexicon.yaml": lambda path: read_yaml(path, Lexicon.of, _REMEDY),
    "matching.yaml": lambda path: read_yaml(path, Model.of, _REMEDY),
    "outside.yaml": lambda path: read_yaml(path, topics, _REMEDY),
}
"""Who reads which file; the reader is the check."""


def faults_in(folder: Path, name: str, text: str, snapshot: Snapshot, today: date) -> list[Finding]:
    """Return the findings of the file ``name`` (``faq/类别/编号.md``, ``town.yaml``) if it held ``text``.

    Errors are what keeps the file from being used, or what a reader of an answer would be misled by.
    """
    if entry_of(name) is not None:
        read = parse_entry(folder / name, text.encode())
        return [*read.findings, *(check_one(folder, snapshot, read.entry, today) if read.entry else ())]
    if not name.endswith((".yaml", ".yml")):
        return []
    with TemporaryDirectory() as aside:
        path = Path(aside, Path(name).name)
        path.write_text(text, encoding="utf-8", newline="\n")
        _, findings = READERS.get(name, _unknown)(path)
    return findings
