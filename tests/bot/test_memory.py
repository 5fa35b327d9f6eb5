"""What was learned is kept, found again, and never trusted blindly."""

from pathlib import Path

import numpy as np

from bot.matching.index import Index
from bot.matching.memory import KEPT, key_of
from tests.bot.test_matching import Plain

ENTRIES = [Plain("wage", "老板欠薪", ("工钱不给", "拖着工资")), Plain("divorce", "离婚", ("不想过了", "老公不肯离"))]


def scores(index: Index) -> np.ndarray:
    assert index.learned
    return index.learned.scores("工钱不给")


def test_what_was_learned_is_read_again_and_says_the_same(tmp_path: Path) -> None:
    first = Index(ENTRIES, memory=tmp_path)
    (weights,) = tmp_path.glob("*.npy")
    before = weights.stat().st_mtime_ns
    again = Index(ENTRIES, memory=tmp_path)
    assert np.array_equal(scores(first), scores(again))
    assert np.array_equal(scores(first), scores(Index(ENTRIES)))
    assert weights.stat().st_mtime_ns == before


def test_other_phrasings_are_learned_anew(tmp_path: Path) -> None:
    Index(ENTRIES, memory=tmp_path)
    Index([*ENTRIES, Plain("land", "征地", ("占了我的地",))], memory=tmp_path)
    assert len(list(tmp_path.glob("*.npy"))) == 2
    assert key_of(["ab", "c"]) != key_of(["a", "bc"])


def test_a_damaged_or_unwritable_memory_costs_time_and_nothing_else(tmp_path: Path) -> None:
    right = scores(Index(ENTRIES, memory=tmp_path))
    for path in tmp_path.iterdir():
        path.write_bytes(path.read_bytes()[:-7])
    assert np.array_equal(scores(Index(ENTRIES, memory=tmp_path)), right)
    assert np.array_equal(scores(Index(ENTRIES, memory=tmp_path)), right)
    (tmp_path / "file").write_text("x")
    assert np.array_equal(scores(Index(ENTRIES, memory=tmp_path / "file")), right)


def test_only_the_newest_are_kept(tmp_path: Path) -> None:
    for n in range(KEPT + 3):
        Index([*ENTRIES, Plain("more", f"第{n}件事", ("别的",))], memory=tmp_path)
    assert len(list(tmp_path.glob("*.npy"))) == len(list(tmp_path.glob("*.json"))) == KEPT
