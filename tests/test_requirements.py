"""What is installed: exactly what is listed, each file of it known by its hash."""

import ast
import re
import sys
from importlib.metadata import packages_distributions, version
from pathlib import Path

import pytest

from tests.audit import told
from tests.conftest import ROOT

LOCKED = ("requirements.txt", "requirements-laws.txt", "tests/requirements.txt", "tests/requirements-audit.txt",
          "tests/fuzz/requirements.txt")  # fmt: skip
NOT_INSTALLED_FOR_TESTS = LOCKED[3:]
OWN = {"app", "bot", "handlers", "tests"}
ASKED_FOR = {"atheris", "bm25s", "scipy", "sklearn"}
"""Where these are imported, it was looked first whether they are there."""


def name_of(text: str) -> str:
    """Return a distribution's name as PyPI compares it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", text).lower()


def pins(path: str) -> dict[str, tuple[str, list[str]]]:
    """Return what a list pins: version and hashes by name; fails for a line that is anything else."""
    found = {}
    text = re.sub(r"\\\n", " ", (ROOT / path).read_text(encoding="utf-8"))
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        pin = re.fullmatch(r"([\w.-]+)==([\w.]+)(?: ; [^-]*?)?((?:\s+--hash=sha256:[0-9a-f]{64})+)\s*", line)
        assert pin, f"{path}: {line[:80]}"
        found[name_of(pin[1])] = (pin[2], re.findall(r"sha256:(\w+)", pin[3]))
    return found


@pytest.mark.parametrize("path", LOCKED)
def test_every_line_is_one_exact_version_with_its_hashes_and_nothing_of_the_machine_that_wrote_it(path: str) -> None:
    assert pins(path)
    text = (ROOT / path).read_text(encoding="utf-8")
    assert "make lock" in text
    assert not re.search(r"://|--(?:index|extra|find|trusted)|[\w.]+:\d{2,5}/", text)


@pytest.mark.parametrize("path", LOCKED)
def test_the_list_is_locked_from_the_short_one_beside_it(path: str) -> None:
    short = (ROOT / path).with_suffix(".in").read_text(encoding="utf-8").splitlines()
    for line in short:
        if line and not line.startswith("#"):
            wanted = re.fullmatch(r"([\w.-]+)(?:\[\w+\])?==([\w.]+)", line)
            assert wanted, line
            assert pins(path)[name_of(wanted[1])][0] == wanted[2], f"{line}: make lock"


def test_both_lists_agree_where_they_overlap() -> None:
    product = pins("requirements.txt")
    for path in LOCKED[2:4]:
        for name, (wanted, _) in pins(path).items():
            assert name not in product or product[name][0] == wanted, name


@pytest.mark.parametrize("name", ["numpy", "lxml", "cryptography", "pydantic-core", "rapidfuzz", "psycopg-binary"])
def test_what_is_compiled_is_listed_for_every_system(name: str) -> None:
    assert len(pins("requirements.txt")[name][1]) >= 10, "Linux, Windows, macOS on two processors"


def test_what_is_installed_is_what_is_listed() -> None:
    listed = {n: v for path in LOCKED if path not in NOT_INSTALLED_FOR_TESTS for n, (v, _) in pins(path).items()}
    installed = {name_of(d) for names in packages_distributions().values() for d in names}
    assert [n for n in listed if n in installed and version(n) != listed[n]] == []


@pytest.mark.parametrize(
    ("folders", "lists"),
    [(("app.py", "bot", "handlers"), LOCKED[:1]), (("tests", "deploy"), (LOCKED[0], LOCKED[2]))],
    ids=["program", "tests"],
)
def test_everything_that_is_imported_is_listed(folders: tuple[str, ...], lists: tuple[str, ...]) -> None:
    listed = {name for path in lists for name in pins(path)}
    where = packages_distributions()
    for path in (p for f in folders for p in ([ROOT / f] if f.endswith(".py") else sorted((ROOT / f).rglob("*.py")))):
        for package in imported(path) - OWN - ASKED_FOR - set(sys.stdlib_module_names):
            names = {name_of(d) for d in where.get(package, [package])}
            assert names & listed, f"{path.relative_to(ROOT)} imports {package}, which no list names"


def imported(path: Path) -> set[str]:
    """Return the packages that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def test_the_makefile_installs_nothing_without_hashes() -> None:
    for line in (ROOT / "Makefile").read_text(encoding="utf-8").splitlines():
        assert "pip install" not in line or "--require-hashes" in line, line


WEAK = {
    "name": "示例包",
    "version": "1.0",
    "vulns": [{"id": "GHSA-1", "fix_versions": ["1.1"]}, {"id": "GHSA-2", "fix_versions": []}],
}
GOOD = {"name": "good", "version": "1.0", "vulns": []}
SKIPPED = {"name": "skipped", "skip_reason": "Dependency not found on PyPI"}


def test_an_audit_that_could_ask_nobody_says_so_and_fails_nothing() -> None:
    for found in ([], [SKIPPED, SKIPPED]):
        status, text = told(found)
        assert status == 0 and "连不上漏洞库" in text


def test_a_known_weakness_fails_the_audit_and_says_what_to_do() -> None:
    assert told([GOOD, WEAK]) == (
        1,
        "依赖审计：2 个包，1 个有已知漏洞。\n"
        "示例包 1.0：GHSA-1，升到 1.1\n示例包 1.0：GHSA-2，还没有修好的版本，看看要不要停用\n"
        "改 requirements.in 里的版本，运行 make lock，再运行 make test。",
    )
    assert told([GOOD, SKIPPED]) == (0, "依赖审计：1 个包，0 个有已知漏洞。\n没有查到：skipped")
