"""The border between core and edges, and the README against the program."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bot.settings import Settings
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def packages(path: Path) -> set[str]:
    return {name.partition(".")[0] for name in imported(path)}


@pytest.mark.parametrize("path", sorted((ROOT / "bot").rglob("*.py")), ids=lambda p: str(p.relative_to(ROOT)))
def test_the_core_knows_no_framework(path: Path) -> None:
    assert not packages(path) & {"flask", "werkzeug", "wechatpy", "waitress", "handlers", "app"}


def test_one_module_speaks_wechatpy() -> None:
    speakers = [p.name for p in (ROOT / "handlers").rglob("*.py") if "wechatpy" in packages(p)]
    assert speakers == ["wechat_io.py"]


LOWER = {"bot.message": 0, "bot.text": 0, "bot.settings": 0, "bot.logs": 0, "bot.locks": 0, "bot.sheet": 0, "bot.tally": 0,
         "bot.wording": 1, "bot.matching": 1, "bot.ledger": 1, "bot.faq": 2, "bot.dialogue": 4, "bot.reports": 4,
         "bot.notices": 4, "bot.commands": 5, "bot.__main__": 6}  # fmt: skip


def layer(module: str) -> int | None:
    return next((n for name, n in LOWER.items() if module == name or module.startswith(name + ".")), None)


@pytest.mark.parametrize("path", sorted((ROOT / "bot").rglob("*.py")), ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_inside_the_core_point_downwards(path: Path) -> None:
    own = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    mine = layer(own)
    if own == "bot":
        return
    assert mine is not None, f"{own} has no place in the order"
    for other in imported(path):
        theirs = layer(other)
        same_package = other.split(".")[:2] == own.split(".")[:2]
        assert theirs is None or same_package or theirs < mine, f"{own} imports {other}"


def test_every_setting_is_in_the_readme_with_its_description() -> None:
    for name, field in Settings.model_fields.items():
        assert f"`{name.upper()}`" in README, name
        assert str(field.description) in README, name


def test_every_command_is_in_the_readme() -> None:
    help_ = subprocess.run([sys.executable, "-m", "bot", "--help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    commands = re.findall(r"^    (\w+) ", help_, re.MULTILINE)
    assert len(commands) >= 5
    for command in commands:
        assert f"python -m bot {command}" in README, command


def test_every_make_target_in_the_readme_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"make (\w+)", README)):
        assert f"\n{target}:" in makefile, target


def test_the_entry_example_in_the_readme_is_an_entry(tmp_path: Path) -> None:
    from bot.faq.reader import parse_entry

    (example,) = re.findall(r"```markdown\n(---\n.*?)```", README, re.DOTALL)
    id_ = re.search(r"^id: (\S+)", example, re.MULTILINE)
    assert id_
    entry, findings = parse_entry(tmp_path / "类别" / f"{id_[1]}.md", example.encode())
    assert (entry is not None, findings) == (True, ())
