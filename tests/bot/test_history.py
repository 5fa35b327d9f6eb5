"""The history of the knowledge folder."""

import argparse
import os
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from dulwich.repo import Repo

from bot.commands import knowledge as knowledge_commands
from bot.commands.common import login
from bot.dialogue.drafts import draft
from bot.faq import workbook
from bot.faq.edit import gitstore, history, lock
from bot.faq.edit.history import BEGINNING, BY_HAND, Busy, Change, Changed, HistoryError, NotRecorded, NotWritten, Refused
from bot.faq.edit.texts import digest
from bot.faq.library import Library
from tests.conftest import ROOT

NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "knowledge"
    put(made, "faq/婚姻/divorce.md", "起诉。\n")
    put(made, "town.yaml", "name: 示例镇\n")
    return made


def put(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    return path


def save(folder: Path, texts: dict[str, str], **more: object) -> str:
    told = {"author": "李律师", "why": "改答案", "now": NOW} | more
    return history.save(folder, {folder / name: text for name, text in texts.items()}, **told)  # type: ignore[arg-type]


def told(changes: list[Change]) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(c.author, c.why, c.paths) for c in changes]


def all_files(folder: Path) -> dict[str, str]:
    return {
        p.relative_to(folder).as_posix(): p.read_text("utf-8")
        for p in folder.rglob("*")
        if p.is_file() and ".git" not in p.parts
    }


def test_a_change_is_written_and_kept_with_who_when_and_why(folder: Path) -> None:
    id_ = save(folder, {"faq/婚姻/divorce.md": "先调解，再起诉。\n"})
    assert (folder / "faq/婚姻/divorce.md").read_text("utf-8") == "先调解，再起诉。\n"
    changes = history.log(folder)
    assert changes[0] == Change(id_, "李律师", NOW, "改答案", ("faq/婚姻/divorce.md",))
    assert told(changes[1:]) == [(BY_HAND, BEGINNING, ("faq/婚姻/divorce.md", "town.yaml"))]
    assert history.change(folder, id_) == changes[0]


def test_what_was_before_can_be_read(folder: Path) -> None:
    id_ = save(folder, {"faq/婚姻/divorce.md": "新的。\n", "new.yaml": "a: 1\n"})
    first = history.log(folder)[-1].id
    assert history.text_at(folder, "faq/婚姻/divorce.md", id_) == "新的。\n"
    assert history.text_at(folder, folder / "faq/婚姻/divorce.md", first) == "起诉。\n"
    assert history.text_before(folder, "faq/婚姻/divorce.md", id_) == "起诉。\n"
    assert history.text_at(folder, "new.yaml", first) is None
    assert history.text_before(folder, "new.yaml", first) is None
    assert history.text_at(folder, "faq", id_) is None
    assert history.text_at(folder, "town.yaml/deeper", id_) is None


def test_restoring_is_a_new_change(folder: Path) -> None:
    save(folder, {"town.yaml": "name: 写错了\n"})
    first = history.log(folder)[-1].id
    id_ = history.restore(folder, Path("town.yaml"), first, author="王所长", why="写错了，退回", now=NOW)
    assert (folder / "town.yaml").read_text("utf-8") == "name: 示例镇\n"
    assert told(history.log(folder))[0] == ("王所长", "写错了，退回", ("town.yaml",))
    assert history.log(folder)[0].id == id_
    with pytest.raises(LookupError):
        history.restore(folder, Path("new.yaml"), first, author="王", why="", now=NOW)


def test_a_file_can_move_in_one_change_and_its_log_follows_it(folder: Path) -> None:
    old, new = folder / "faq/婚姻/divorce.md", folder / "faq/离婚/divorce.md"
    id_ = history.save(folder, {new: "起诉。\n"}, remove=[old], author="李", why="换类别", now=NOW)
    assert (old.exists(), new.exists()) == (False, True)
    assert told(history.log(folder, "faq/离婚/divorce.md")) == [
        ("李", "换类别", ("faq/婚姻/divorce.md", "faq/离婚/divorce.md")),
        (BY_HAND, BEGINNING, ("faq/婚姻/divorce.md",)),
    ]
    assert history.text_at(folder, old, id_) is None


def test_the_log_of_a_file_leaves_out_the_others_and_goes_on_where_it_ended(folder: Path) -> None:
    ids = [save(folder, {"town.yaml": f"name: {n}\n"}, why=str(n)) for n in range(5)]
    save(folder, {"faq/婚姻/divorce.md": "别的。\n"})
    assert [c.why for c in history.log(folder, "town.yaml", 2)] == ["4", "3"]
    assert [c.why for c in history.log(folder, "town.yaml", before=ids[3])] == ["2", "1", "0", BEGINNING]
    assert len(history.log(folder, limit=3)) == 3


def test_what_was_changed_by_hand_is_recorded_first_and_by_itself(folder: Path) -> None:
    save(folder, {"town.yaml": "name: 一\n"})
    put(folder, "faq/婚姻/divorce.md", "手改的。\r\n")
    put(folder, "hotlines.yaml", "[]\n")
    assert history.pending(folder) == ["faq/婚姻/divorce.md", "hotlines.yaml"]
    id_ = save(folder, {"faq/婚姻/divorce.md": "程序改的。\n"})
    assert told(history.log(folder, limit=2)) == [
        ("李律师", "改答案", ("faq/婚姻/divorce.md",)),
        (BY_HAND, BY_HAND, ("faq/婚姻/divorce.md", "hotlines.yaml")),
    ]
    assert history.text_before(folder, "faq/婚姻/divorce.md", id_) == "手改的。\n"
    assert history.pending(folder) == []


def test_a_file_deleted_by_hand_is_recorded_and_can_be_had_back(folder: Path) -> None:
    id_ = save(folder, {"town.yaml": "name: 一\n"})
    (folder / "faq/婚姻/divorce.md").unlink()
    history.note(folder, now=NOW)
    assert told(history.log(folder, limit=1)) == [(BY_HAND, BY_HAND, ("faq/婚姻/divorce.md",))]
    history.restore(folder, folder / "faq/婚姻/divorce.md", id_, author="李", why="删错了", now=NOW)
    assert (folder / "faq/婚姻/divorce.md").read_text("utf-8") == "起诉。\n"


def test_an_edit_in_the_same_moment_and_of_the_same_length_is_seen(folder: Path) -> None:
    save(folder, {"town.yaml": "name: 一\n"})
    status = (folder / "town.yaml").stat()
    put(folder, "town.yaml", "name: 二\n")
    os.utime(folder / "town.yaml", ns=(status.st_atime_ns, status.st_mtime_ns))
    assert history.pending(folder) == ["town.yaml"]


def test_files_that_were_not_touched_are_not_read_again(folder: Path) -> None:
    past = time.time() - 60
    for path in (folder / "town.yaml", folder / "faq/婚姻/divorce.md"):
        os.utime(path, (past, past))
    save(folder, {"new.yaml": "a: 1\n"})
    found = gitstore.state(folder)
    assert set(found.entries) == {b"town.yaml", b"new.yaml", "faq/婚姻/divorce.md".encode()}
    assert set(found.blobs) == {b"new.yaml"}


def test_a_broken_index_costs_nothing(folder: Path) -> None:
    save(folder, {"town.yaml": "name: 一\n"})
    (gitstore.home(folder) / "index").write_bytes(b"DIRC broken")
    assert history.pending(folder) == []
    save(folder, {"town.yaml": "name: 二\n"})
    assert len(history.log(folder)) == 3


@pytest.mark.parametrize("start", ["起诉。\n", None, "不是这样的\n"])
def test_the_second_of_two_editors_overwrites_nothing(folder: Path, start: str | None) -> None:
    path = folder / "faq/婚姻/divorce.md"
    path.write_text("别人先改了。\n", "utf-8")
    expected = {path: digest(start) if start else None}
    with pytest.raises(Changed) as e:
        save(folder, {"faq/婚姻/divorce.md": "我的。\n", "town.yaml": "也不写\n"}, expected=expected)
    assert (e.value.path, e.value.now_text) == (path, "别人先改了。\n")
    assert all_files(folder)["faq/婚姻/divorce.md"] == "别人先改了。\n"
    assert all_files(folder)["town.yaml"] == "name: 示例镇\n"


def test_a_file_that_is_gone_was_changed_too(folder: Path) -> None:
    path = folder / "town.yaml"
    start = digest("name: 示例镇\n")
    path.unlink()
    with pytest.raises(Changed) as e:
        save(folder, {"town.yaml": "新\n"}, expected={path: start})
    assert (e.value.now_text, path.exists()) == (None, False)


def test_who_started_from_what_is_there_may_save(folder: Path) -> None:
    path, new = folder / "town.yaml", folder / "new.yaml"
    path.write_bytes("\ufeffname: 示例镇\r\n".encode())
    save(folder, {"town.yaml": "name: 二\r\n", "new.yaml": "a\n"}, expected={path: digest("name: 示例镇\n"), new: None})
    assert path.read_bytes() == "name: 二\n".encode()


def test_saving_the_same_twice_is_one_change(folder: Path) -> None:
    one = save(folder, {"town.yaml": "name: 一\n"})
    assert save(folder, {"town.yaml": "name: 一\n"}) == one
    assert len(history.log(folder)) == 2


def test_a_folder_that_does_not_exist_yet_is_made(tmp_path: Path) -> None:
    save(tmp_path / "new", {"faq/a/b.md": "一\n"})
    assert told(history.log(tmp_path / "new")) == [("李律师", "改答案", ("faq/a/b.md",))]


def test_without_a_history_there_is_nothing_to_read_and_nothing_is_made(folder: Path) -> None:
    assert history.log(folder) == []
    assert history.change(folder, "0" * 40) is None
    assert history.pending(folder) == ["faq/婚姻/divorce.md", "town.yaml"]
    assert sorted(p.name for p in folder.iterdir()) == ["faq", "town.yaml"]


@pytest.mark.parametrize(
    "name",
    ["../out.md", "faq/../../out.md", "/etc/passwd", ".git/config", ".history/git/HEAD", "faq/.x.md", "faq/a\nb.md", "",
     ".", "faq/~$a.md", "C:\\x.md", "a:b.md", "faq/a .md/../../../x", "x" * 300, "aux\0.md"],
)  # fmt: skip
def test_paths_that_lead_elsewhere_are_refused(folder: Path, name: str) -> None:
    before = all_files(folder.parent)
    with pytest.raises(Refused):
        history.save(folder, {Path(name): "x"}, author="a", why="b", now=NOW)
    with pytest.raises(Refused):
        history.save(folder, {}, remove=[Path(name)], author="a", why="b", now=NOW)
    with pytest.raises(Refused):
        history.text_at(folder, name, "0" * 40)
    assert all_files(folder.parent) == before


def test_a_link_that_leads_out_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (folder / "faq" / "链接").symlink_to(tmp_path / "outside")
    with pytest.raises(Refused):
        save(folder, {"faq/链接/a.md": "x"})
    assert list((tmp_path / "outside").iterdir()) == []


@pytest.mark.parametrize("id_", ["", "HEAD", "0" * 40, "../../x", "g" * 40, "f" * 41])
def test_an_id_that_is_none_is_told_so(folder: Path, id_: str) -> None:
    save(folder, {"town.yaml": "一\n"})
    assert history.change(folder, id_) is None
    with pytest.raises(HistoryError, match="没有这一次修改"):
        history.text_at(folder, "town.yaml", id_)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("李 <admin@x>", "李 admin@x"),
        ("李\n律师\r", "李 律师"),
        ("  ", "不明"),
        ("<>", "不明"),
        ("a\0b", "a b"),
        ("\ud800李", "李"),
    ],
)
def test_names_cannot_break_the_history(folder: Path, name: str, shown: str) -> None:
    save(folder, {"town.yaml": "一\n"}, author=name, why="为什么\n\n第二行\0 <x>")
    one = history.log(folder, limit=1)[0]
    assert (one.author, one.why) == (shown, "为什么\n\n第二行 <x>")


def test_git_itself_finds_the_history_sound(folder: Path) -> None:
    save(folder, {"town.yaml": "一\n"}, author="李 <x> 律师")
    git = ["git", "-C", str(folder), "-c", "safe.directory=*"]
    assert subprocess.run([*git, "fsck", "--strict"], capture_output=True, text=True, check=False).returncode == 0
    assert subprocess.run([*git, "status", "--porcelain"], capture_output=True, text=True, check=True).stdout == ""
    said = subprocess.run([*git, "log", "--format=%an|%s|%aI"], capture_output=True, text=True, check=True).stdout
    assert said.splitlines()[0] == "李 x 律师|改答案|2026-11-24T12:00:00+08:00"


def test_a_repository_around_the_folder_is_left_alone(tmp_path: Path) -> None:
    Repo.init(str(tmp_path), default_branch=b"main").close()
    folder = tmp_path / "knowledge"
    put(folder, "town.yaml", "一\n")
    git = ["git", "-C", str(tmp_path), "-c", "safe.directory=*"]
    subprocess.run([*git, "add", "."], check=True)
    save(folder, {"town.yaml": "二\n", "faq/a/b.md": "三\n"})
    assert not (folder / ".git").exists()
    status = subprocess.run(
        [*git, "-c", "core.quotePath=false", "status", "--porcelain", "-uall"], capture_output=True, text=True
    )
    assert status.stdout.splitlines() == ["AM knowledge/town.yaml", "?? knowledge/faq/a/b.md"]
    assert len(history.log(folder)) == 2


def test_neither_configuration_nor_hooks_of_the_machine_are_used(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / ".gitconfig").write_text(
        "[core]\n autocrlf = true\n[init]\n defaultBranch = odd\n[commit]\n gpgsign = true\n[user]\n name = 别人\n"
    )
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GIT_AUTHOR_NAME", "别人")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))
    save(folder, {"town.yaml": "一\n"})
    hook = gitstore.home(folder) / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    save(folder, {"town.yaml": "二\r\n"})
    assert [c.author for c in history.log(folder)] == ["李律师", "李律师", BY_HAND]
    assert (gitstore.home(folder) / "HEAD").read_text() == "ref: refs/heads/main\n"


def test_a_broken_history_hinders_no_saving_and_is_told(folder: Path) -> None:
    save(folder, {"town.yaml": "一\n"})
    for path in (gitstore.home(folder) / "objects").rglob("*"):
        if path.is_file():
            path.chmod(0o644)
            path.write_bytes(b"broken")
    with pytest.raises(NotRecorded, match=r"已经保存并生效，但是没能记进修改历史.*改个名字"):
        save(folder, {"town.yaml": "二\n"})
    assert (folder / "town.yaml").read_text("utf-8") == "二\n"
    with pytest.raises(HistoryError, match="读不出来"):
        history.log(folder)
    # The remedy works.
    gitstore.home(folder).rename(folder / ".old")
    save(folder, {"town.yaml": "三\n"})
    assert [c.why for c in history.log(folder)] == ["改答案", BEGINNING]


def test_a_head_that_points_nowhere_hinders_no_saving(folder: Path) -> None:
    save(folder, {"town.yaml": "一\n"})
    (gitstore.home(folder) / "refs/heads/main").write_text("0" * 39 + "1\n")
    with pytest.raises(NotRecorded):
        save(folder, {"town.yaml": "二\n"})
    assert (folder / "town.yaml").read_text("utf-8") == "二\n"


def test_where_no_history_can_be_made_the_files_are_saved(folder: Path) -> None:
    (folder / ".history").write_text("in the way")
    (folder / ".git").write_text("in the way")
    with pytest.raises(NotRecorded):
        save(folder, {"town.yaml": "二\n"})
    assert (folder / "town.yaml").read_text("utf-8") == "二\n"


def test_a_file_that_cannot_be_written_is_told_and_nothing_is_recorded(folder: Path) -> None:
    (folder / "faq" / "占着").write_text("x")
    save(folder, {"town.yaml": "一\n"})
    with pytest.raises(NotWritten, match="没能写入"):
        save(folder, {"town.yaml": "二\n", "faq/占着/a.md": "x"})
    assert (folder / "town.yaml").read_text("utf-8") == "一\n"
    assert len(history.log(folder)) == 2


def test_two_savers_wait_for_each_other(folder: Path) -> None:
    def work(one: int) -> None:
        for n in range(8):
            save(folder, {f"{one}.yaml": f"{n}\n"}, why=f"{one}-{n}")

    threads = [threading.Thread(target=work, args=(one,)) for one in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    changes = history.log(folder)
    assert sorted(c.why for c in changes) == sorted([*(f"{a}-{b}" for a in range(4) for b in range(8)), BEGINNING])
    assert all(len(c.paths) == 1 for c in changes[:-1])


def test_who_died_while_saving_leaves_nothing_stuck(folder: Path) -> None:
    save(folder, {"town.yaml": "一\n"})
    code = (
        "import os, sys; from pathlib import Path; from bot.faq.edit import lock\n"
        "held = lock.take(Path(sys.argv[1]), wait=1); print('held', flush=True); sys.stdin.read(); os._exit(9)"
    )
    command = [sys.executable, "-c", code, str(folder / ".history" / "lock")]
    other = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert other.stdout
    assert other.stdout.readline() == "held\n"
    with pytest.raises(TimeoutError):
        lock.take(folder / ".history" / "lock", wait=0.05)
    other.kill()
    other.communicate()
    stale = gitstore.home(folder) / "refs" / "heads" / "main.lock"
    stale.write_bytes(b"")
    old = time.time() - 3600
    os.utime(stale, (old, old))
    (gitstore.home(folder) / "index.draft").write_bytes(b"half")
    (folder / ".town.yaml.draft").write_text("half")
    assert save(folder, {"town.yaml": "二\n"}) == history.log(folder)[0].id


def test_who_waits_too_long_is_told(folder: Path) -> None:
    save(folder, {"town.yaml": "一\n"})
    with lock.take(folder / ".history" / "lock", wait=1), pytest.raises(Busy, match="什么也没有改"):
        save(folder, {"town.yaml": "二\n"}, wait=0.05)
    assert (folder / "town.yaml").read_text("utf-8") == "一\n"


def test_hidden_files_links_and_drafts_stay_out_of_the_history(folder: Path) -> None:
    for name in (".secret", "~$town.yaml", "faq/.x.md.draft", ".cache/a"):
        put(folder, name, "x")
    (folder / "link.yaml").symlink_to("/etc/hostname")
    save(folder, {"town.yaml": "一\n"})
    assert history.log(folder)[-1].paths == ("faq/婚姻/divorce.md", "town.yaml")


def test_a_file_that_is_no_text_is_kept_byte_by_byte(folder: Path) -> None:
    raw = bytes(range(256))
    (folder / "report.docx").write_bytes(raw)
    id_ = save(folder, {"town.yaml": "一\n"})
    assert history.bytes_at(folder, "report.docx", id_) == raw
    assert history.text_at(folder, "report.docx", id_) is None


def test_what_windows_wrote_in_its_own_encoding_can_be_read(folder: Path) -> None:
    (folder / "town.yaml").write_bytes("name: 示例镇\r\n".encode("gb18030"))
    history.note(folder, now=NOW)
    assert history.text_at(folder, "town.yaml", history.log(folder)[0].id) == "name: 示例镇\n"


def test_ten_thousand_entries_are_saved_in_seconds(tmp_path: Path) -> None:
    folder = tmp_path / "knowledge"
    past = time.time() - 60
    for n in range(10_000):
        path = folder / "faq" / f"类{n % 20}" / f"e-{n}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{n}\n")
        os.utime(path, (past, past))
    history.note(folder, now=NOW)
    began = time.monotonic()
    save(folder, {"faq/类0/e-0.md": "新\n"}, now=NOW + timedelta(days=1))
    assert time.monotonic() - began < 5
    assert told(history.log(folder, limit=1)) == [("李律师", "改答案", ("faq/类0/e-0.md",))]


def test_an_answer_that_becomes_a_draft_is_a_change_of_its_adviser(folder: Path) -> None:
    path = draft(folder, "x-1", "婚姻", "怎么办？", "这样办。", "李律师", now=NOW)
    assert (path, draft(folder, "x-1", "婚姻", "怎么办？", "别的。", "王", now=NOW)) == ("faq/婚姻/x-1.md", "faq/婚姻/x-1.md")
    assert told(history.log(folder, limit=1)) == [("李律师", "入库：x-1", ("faq/婚姻/x-1.md",))]


def test_a_draft_that_cannot_be_written_is_told_at_once(folder: Path) -> None:
    (folder / ".history").mkdir()
    with lock.take(folder / ".history" / "lock", wait=1), pytest.raises(OSError, match="什么也没有改"):
        draft(folder, "x-1", "婚姻", "怎么办？", "这样办。", "李律师", now=NOW)


def test_importing_a_workbook_from_the_command_line_is_one_change(library: Library, knowledge: Path, tmp_path: Path) -> None:
    entries = [e.model_copy(update={"deadline": "一年内。"}) for e in library.current.entries.values()]
    book = tmp_path / "改.xlsx"
    book.write_bytes(workbook.export(entries))
    args = argparse.Namespace(file=book, knowledge=knowledge, database=None)
    assert knowledge_commands.import_(args) == 0
    assert [(c.why, len(c.paths)) for c in history.log(knowledge, limit=1)] == [("导入 改.xlsx", 3)]
    assert history.log(knowledge, limit=1)[0].author == login()
