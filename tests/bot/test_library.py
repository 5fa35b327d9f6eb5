import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.faq.library import Library
from tests.conftest import write_entry


@pytest.fixture
def following(library: Library) -> Iterator[Library]:
    stop = threading.Event()
    thread = threading.Thread(target=library.follow, args=(stop,))
    thread.start()
    time.sleep(0.3)
    yield library
    stop.set()
    thread.join(10)


def soon(condition: Callable[[], bool], seconds: float = 2.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


def test_a_good_edit_is_live_within_two_seconds(following: Library, knowledge: Path) -> None:
    write_entry(knowledge, "wage", "老板拖欠工资怎么要？", ["老板不给工资"], "新的答案。", "劳动与工资")
    assert soon(lambda: following.current.entries["wage"].answer == "新的答案。")


def test_a_broken_edit_keeps_the_last_good_version_and_says_what_is_wrong(
    following: Library, knowledge: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = knowledge / "faq" / "劳动与工资" / "wage.md"
    good = following.current.entries["wage"]
    path.write_text(path.read_text(encoding="utf-8").replace("status: draft", "status: 好了"), encoding="utf-8")
    write_entry(knowledge, "divorce", "对方不同意离婚怎么办？", ["老公不肯离婚"], "另一处改好了。", "婚姻")
    assert soon(lambda: bool(following.current.findings))
    assert following.current.entries["wage"] == good
    assert soon(lambda: following.current.entries["divorce"].answer == "另一处改好了。")
    (finding,) = following.current.findings
    assert str(finding) in caplog.text
    assert (finding.path, finding.field, finding.line) == (path, "status", 9)


def test_new_moved_and_deleted_files_are_followed(following: Library, knowledge: Path) -> None:
    write_entry(knowledge, "loan", "借钱不还怎么办？", ["欠钱不还"])
    assert soon(lambda: "loan" in following.current.entries)
    (knowledge / "faq" / "类别" / "loan.md").unlink()
    assert soon(lambda: "loan" not in following.current.entries)


def test_a_folder_that_disappears_keeps_serving_and_one_that_returns_is_read(following: Library, knowledge: Path) -> None:
    before = dict(following.current.entries)
    away = knowledge.with_name("away")
    shutil.move(knowledge, away)
    assert soon(lambda: bool(following.current.findings), 8)
    assert dict(following.current.entries) == before
    write_entry(away, "loan", "借钱不还怎么办？", ["欠钱不还"])
    shutil.move(away, knowledge)
    assert soon(lambda: "loan" in following.current.entries, 10)


def test_one_id_in_two_files_serves_the_first_and_says_so(library: Library, knowledge: Path) -> None:
    write_entry(knowledge, "wage", "另一个工资问题？", ["另一个"], category="另类")
    snapshot = library.refresh()
    assert [f.field for f in snapshot.findings] == ["id"]
    assert len(snapshot.entries) == 3


def test_a_refresh_without_a_change_keeps_the_index(library: Library) -> None:
    assert library.refresh().index is library.refresh().index


def test_broken_hotlines_keep_the_last_ones(library: Library, knowledge: Path) -> None:
    before = library.current.hotlines
    (knowledge / "hotlines.yaml").write_text("- number: 110\n", encoding="utf-8")
    snapshot = library.refresh()
    assert snapshot.hotlines == before
    assert {(f.path.name, f.field) for f in snapshot.findings} >= {
        ("hotlines.yaml", "第1条 number"),
        ("hotlines.yaml", "第1条 purpose"),
    }


def test_questions_go_on_while_the_folder_is_read_again(library: Library, knowledge: Path) -> None:
    stop, problems = threading.Event(), []

    def asking() -> None:
        while not stop.is_set():
            snapshot = library.current
            ranked = snapshot.index.rank("老板不给工资")
            if not ranked or any(c.id not in snapshot.entries for c in ranked):
                problems.append(ranked)

    threads = [threading.Thread(target=asking) for _ in range(4)]
    for t in threads:
        t.start()
    for n in range(20):
        write_entry(knowledge, f"extra-{n}", f"第{n}个问题是什么？", ["别的事情"])
        library.refresh()
    stop.set()
    for t in threads:
        t.join()
    assert not problems


def test_what_is_hidden_in_the_folder_is_no_reason_to_read_it_again(following: Library, knowledge: Path) -> None:
    before = following.current
    (knowledge / ".history").mkdir()
    (knowledge / ".history" / "lock").write_text("x", encoding="utf-8")
    time.sleep(0.6)
    assert following.current is before
