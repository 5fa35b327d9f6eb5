"""Files of the knowledge folder, broken in every way: findings in words, never an exception, never a long wait."""

import contextlib
import functools
import itertools
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.faq import plain_yaml
from bot.faq.check import check
from bot.faq.counting import read_counting
from bot.faq.crisis import read_cards, read_examples
from bot.faq.edit import settings_files
from bot.faq.laws import read_laws
from bot.faq.library import Library
from bot.faq.lists import read_own
from bot.faq.reader import parse_entry, read_loosely
from bot.faq.retention import read_periods
from bot.faq.town import read_catalogue, read_hotlines, read_town, read_yaml
from bot.faq.words import read_words
from bot.matching.lexicon import Lexicon
from bot.matching.model import Model
from bot.matching.outside import topics
from tests.conftest import ENTRY, KNOWLEDGE, ROOT
from tests.fuzz.world import FAULT, TODAY, broken, folder, knowledge, tries

PATH = Path("knowledge/faq/劳动与工资/wage.md")
GOOD = ENTRY.format(id="wage", question="工资怎么要？", phrasings="  - 老板不给工资\n  - 欠薪", answer="可以要。\n\n第二段。")
SECONDS = 1.0
"""No file may take longer."""

_WORDS = """
2026-02-30|2026-01-01 99:00:00|0000-01-01|.nan|-.inf|1e999|0x1F|190:20:30|=|~|on|!!bool x|!!int ''|!!float ''|!!timestamp x
!!binary x|!!set {a}|!!omap [a: 1]|!!str {a: b}|!!python/object/apply:os.system [id]|&a [*a]|&a a|*nobody|<<: *a|? [a]|[]|{}
[[[[]]]]|{a: {b: c}}|- - - -|>|'|%YAML 9.9|---|...|：|"\\ud800"|"\\0"
"""
VALUES = [*_WORDS.strip().replace("\n", "|").split("|"), "9" * 5000, "|\n  x", "\t", "\u2028", "[" * 100, "{a: " * 100]
LINES = st.lists(
    st.tuples(st.floats(0, 1), st.sampled_from(["value", "item", "drop", "twice", "indent"]), st.sampled_from(VALUES))
)
READERS: dict[str, Callable[[Path], tuple[object, Any]]] = {
    "town.yaml": read_town,
    "hotlines.yaml": read_hotlines,
    "laws.yaml": read_laws,
    "lexicon.yaml": lambda path: read_yaml(path, Lexicon.of, "改"),
    "crisis.yaml": read_cards,
    "crisis-examples.yaml": lambda path: read_examples(path, None),
    "legalese.yaml": lambda path: read_yaml(path, lambda data: [str(word) for word in data or ()], "改"),
    "outside.yaml": lambda path: read_yaml(path, topics, "改"),
    "matching.yaml": lambda path: read_yaml(path, Model.of, "改"),
    "registers.yaml": read_own,
    "retention.yaml": read_periods,
    "counting.yaml": read_counting,
    "catalogue.yaml": read_catalogue,
    "wording.yaml": read_words,
}
FILES = sorted(READERS)
WAYS = st.sampled_from(["", "bom", "crlf", "cr", "gbk", "utf-16"])


def mishandled(text: str, lines: list[tuple[float, str, str]]) -> str:
    """Return a file with lines changed as a hand, or a hostile one, might."""
    rows = text.split("\n")
    for place, what, value in lines[:4]:
        n = min(int(place * len(rows)), len(rows) - 1)
        if what == "value":
            rows[n] = re.sub(r":.*", lambda _, to=value: f": {to}", rows[n], count=1)
        elif what == "item":
            rows.insert(n, f"  - {value}")
        elif what == "drop":
            del rows[n]
            rows = rows or [""]
        elif what == "twice":
            rows.insert(n, rows[n])
        else:
            rows[n] = f" {rows[n]}"
    return "\n".join(rows)


def stored(text: str, way: str) -> bytes:
    """Return the bytes in which an editor stores a text."""
    if way in {"crlf", "cr"}:
        text = text.replace("\n", "\r\n" if way == "crlf" else "\r")
    code = {"bom": "utf-8-sig", "gbk": "gb18030", "utf-16": "utf-16"}.get(way, "utf-8")
    return text.encode(code, "surrogatepass")


def read(raw: bytes) -> None:
    began = time.monotonic()
    entry, findings = parse_entry(PATH, raw)
    assert (entry is None) == any(f.severity == "error" for f in findings)
    assert entry or findings
    assert all(f.problem and f.remedy for f in findings)
    read_loosely(PATH, raw)
    assert time.monotonic() - began < SECONDS


@given(raw=st.binary(max_size=400))
@tries(100)
def test_any_bytes_are_an_entry_or_findings(raw: bytes) -> None:
    read(raw)
    read(b"---\n" + raw + b"\n---\nx")


@given(lines=LINES, way=WAYS, faults=st.lists(FAULT, max_size=2))
@tries(120)
def test_a_mishandled_entry_is_an_entry_or_findings(lines: list[tuple[float, str, str]], way: str, faults: list[Any]) -> None:
    read(broken(stored(mishandled(GOOD, lines), way), faults))


@given(name=st.sampled_from(FILES), lines=LINES, way=WAYS, faults=st.lists(FAULT, max_size=1))
@tries(100)
def test_a_mishandled_file_is_read_or_gives_findings(
    name: str, lines: list[tuple[float, str, str]], way: str, faults: list[Any]
) -> None:
    raw = broken(stored(mishandled(shipped(name), lines), way), faults)
    path = folder() / name
    path.write_bytes(raw)
    began = time.monotonic()
    found, findings = READERS[name](path)
    assert found is not None or findings
    assert all(f.problem and f.remedy for f in findings)
    with contextlib.suppress(settings_files.Unreadable, UnicodeDecodeError):
        settings_files.parsed(raw.decode("utf-8-sig"))
    assert time.monotonic() - began < SECONDS * 2


@given(name=st.sampled_from(FILES), lines=LINES)
@tries(8)
def test_with_a_mishandled_file_the_folder_serves_on(name: str, lines: list[tuple[float, str, str]]) -> None:
    path = copied() / name
    path.write_bytes(stored(mishandled(shipped(name), lines), ""))
    try:
        snapshot = serving().refresh()
        assert len(snapshot.entries) == 3 and snapshot.town
        assert all(f.problem and f.remedy for f in check(path.parent, snapshot, TODAY))
    finally:
        path.unlink()
        if (knowledge() / name).exists():
            shutil.copy(knowledge() / name, path)


@functools.cache
def shipped(name: str) -> str:
    """Return a file of the folder, cut short where it is long."""
    text = (knowledge() / name if (knowledge() / name).exists() else KNOWLEDGE / name).read_text(encoding="utf-8")
    return text[: text.rindex("\n", 0, 6_000) + 1] if len(text) > 6_000 else text


def copied() -> Path:
    made = folder() / "copy"
    if not made.exists():
        shutil.copytree(knowledge(), made)
    return made


_serving: list[Library] = []


def serving() -> Library:
    if not _serving:
        _serving.append(Library(copied(), memory=folder() / "memory"))
        _serving[0].refresh()
    return _serving[0]


def bomb(levels: int) -> str:
    names = [f"a{n}" for n in range(levels)]
    rows = [f"{names[0]}: &{names[0]} [x, x, x, x, x, x, x, x, x]"]
    rows += [f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]" for a, b in itertools.pairwise(names)]
    return "\n".join(rows)


HOSTILE = {
    "bomb": bomb(12),
    "flat bomb": "a: &a [" + "x, " * 9_000 + "x]\n" + "\n".join(f"k{n}: *a" for n in range(3_000)),
    "itself": "a: &a [*a]",
    "merge": "a: &a {x: 1}\nb: {<<: *a}",
    "brackets": "a: " + "[" * 60_000,
    "braces": "a: " + "{a: " * 15_000,
    "open brackets in a text": "[" * 30_000 + "\n",
    "indents": "- " * 30_000 + "x",
    "questions": "? " * 30_000 + "x",
    "stairs": "\n".join(" " * n + "a:" for n in range(300)),
    "number": "a: " + "9" * 60_000,
    "key": "a" * 60_000 + ": b",
    "comment": "#" * 60_000,
    "blank": " " * 60_000,
    "date": "a: 2026-02-30",
    "bool": "a: !!bool x",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_yaml_is_a_finding_at_once(name: str, tmp_path: Path) -> None:
    text = HOSTILE[name]
    began = time.monotonic()
    read(f"---\n{text}\n---\nx".encode())
    with contextlib.suppress(yaml.YAMLError):
        plain_yaml.load(text)
    for file in ("town.yaml", "outside.yaml", "crisis-examples.yaml", "catalogue.yaml"):
        made = serving().folder / file
        good = made.read_bytes() if made.exists() else None
        made.write_text(text, encoding="utf-8")
        try:
            snapshot = serving().refresh()
            assert len(snapshot.entries) == 3 and snapshot.town is not None
            if name not in {"comment", "blank"}:
                assert any(f.path.name == file for f in check(made.parent, snapshot, TODAY)), file
        finally:
            made.unlink() if good is None else made.write_bytes(good)
    with pytest.raises(settings_files.Unreadable):
        settings_files.parsed(f"{text}\n: : :\n- [")
    assert time.monotonic() - began < 5


def test_nesting_without_end_does_not_end_the_process() -> None:
    code = (
        "import sys; from pathlib import Path; from bot.faq.reader import parse_entry;"
        "parse_entry(Path('a/b.md'), sys.stdin.buffer.read())"
    )
    for name in ("brackets", "braces", "indents", "questions"):
        text = f"---\n{HOSTILE[name]}\n---\nx"
        done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, input=text.encode(), capture_output=True)
        assert done.returncode == 0, (name, done.stderr[-500:])


def test_ordinary_yaml_is_read_whatever_stars_and_brackets_its_texts_hold() -> None:
    assert plain_yaml.load("a: 2*3\nb: ['*', \"[[\"]\n# *\nc: |\n  *x*\n") == {"a": "2*3", "b": ["*", "[["], "c": "*x*\n"}
    assert plain_yaml.load("\n".join(f"k{n}: [x, {{y: z}}]" for n in range(100)))["k99"] == ["x", {"y": "z"}]
