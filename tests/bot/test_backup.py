"""Backups that can be trusted, and restoring that loses nothing by accident and brings nothing back that was erased."""

import hashlib
import io
import itertools
import json
import random
import resource
import shutil
import sqlite3
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.ledger import advisers, tickets, turns, villagers
from bot.ledger.access import audit
from bot.ledger.clock import stamp
from bot.ledger.keeping import backup, locked, unpack
from bot.ledger.keeping.locked import BackupError, LockedWriter, unlocked
from bot.ledger.migrations import MIGRATIONS
from bot.ledger.store import Store
from bot.ledger.turns import Turn
from bot.message import Reply
from tests.conftest import NOW, PSEUDONYM_KEY, ROOT

TURN = Turn(
    key="k1", received_at=stamp(NOW), day="2026-11-23", channel="公众号文字", villager="v1", kind="text", text="工钱不给",
    decision="answer", entry_id="wage", entry_version="1", category="劳动与工资", score=0.5, offered=(), follows=None,
    reply=Reply("可以投诉"), latency_ms=1.5,
)  # fmt: skip
PASSWORD = "示例密码一二三四"

Run = Callable[..., tuple[int, str]]


def record(store: Store, *keys: str, **more: object) -> None:
    for key in keys:
        with store.writing() as db:
            turns.record(db, replace(TURN, key=key, **more))  # type: ignore[arg-type]


def keys(database: Path) -> list[str]:
    with closing(sqlite3.connect(database)) as db:
        return [row[0] for row in db.execute("select key from turns order by key")]


def dump(database: Path) -> list[str]:
    with closing(sqlite3.connect(database)) as db:
        return [line for line in db.iterdump() if '"security_log"' not in line]


@pytest.fixture
def run(
    tmp_path: Path, database: Path, knowledge: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PSEUDONYM_KEY", PSEUDONYM_KEY)
    monkeypatch.delenv("BACKUP_PASSWORD", raising=False)
    monkeypatch.setattr(locked, "_LOG_N", 4)  # a password is tried a hundred times here
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(getattr(sys, name), "reconfigure", lambda **_: None, raising=False)
    Path("password").write_text(f"{PASSWORD}\n", encoding="utf-8")
    Path("out").mkdir()

    def run(*words: str) -> tuple[int, str]:
        status = main([*words, "--knowledge", str(knowledge), "--database", f"sqlite:///{database}"])
        captured = capsys.readouterr()
        return status, captured.out + captured.err

    return run


def made(run: Run, *words: str) -> Path:
    """Back up into a file of its own and return it."""
    before = set(Path("out").iterdir())
    status, out = run("backup", "out", *words)
    assert status == 0, out
    (path,) = set(Path("out").iterdir()) - before
    return path


def test_a_backup_holds_ledger_and_knowledge_in_the_clear_and_says_so_and_no_secrets(
    run: Run, store: Store, knowledge: Path
) -> None:
    record(store, "k1", "k2")
    path = made(run)
    assert path.name.startswith("bot-备份-2") and path.suffix == ".zip"
    assert path.stat().st_mode & 0o077 == 0
    with zipfile.ZipFile(path) as files:
        names = set(files.namelist())
        manifest = json.loads(files.read("manifest.json"))
    files_of_knowledge = {f"knowledge/{p.relative_to(knowledge).as_posix()}" for p in knowledge.rglob("*") if p.is_file()}
    assert names == {"manifest.json", "ledger.db"} | files_of_knowledge
    assert manifest["tables"]["turns"] == 2
    assert Path("instance", "secrets.env").exists()
    status, out = run("backup", "out/named.zip")
    assert status == 0 and "没有加密" in out and "里面没有密钥" in out
    assert list(Path("out").glob(".*")) == [] and list(store.path.parent.glob(".*")) == []


def test_with_a_password_nothing_can_be_read_and_the_secrets_are_in_it(
    run: Run, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(store, "k1")
    path = made(run, "--password-file", "password")
    assert path.name.endswith(".zip.enc")
    raw = path.read_bytes()
    assert not any(word in raw for word in (b"SQLite format", b"manifest.json", b"knowledge/", b"PSEUDONYM_KEY", b"PK\x03\x04"))
    monkeypatch.setenv("BACKUP_PASSWORD", PASSWORD)
    with unpack.opened(path, password=PASSWORD, folder=Path("out")) as found:
        assert found.read("secrets.env") == Path("instance", "secrets.env").read_bytes()
    status, out = run("restore", str(path))
    assert status == 0 and "完好" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("backup", "nowhere"), "没有文件夹 nowhere"),
        (("backup", "nowhere/x.zip"), "没有文件夹 nowhere"),
        (("backup", "there.zip"), "已经有 there.zip 了"),
        (("backup", "out", "--password-file", "none"), "读不了 none"),
        (("backup", "out", "--password-file", "empty"), "第一行是空的"),
        (("backup", "out", "--password-file", "short"), "密码太短"),
        (("restore", "none.zip"), "none.zip：读不了"),
        (("restore", "there.zip"), "there.zip：不是备份"),
        (("restore", "empty"), "empty：不是备份"),
        (("restore", "other.zip"), "没有能用的清单"),
    ],
)
def test_a_mistake_is_said_with_what_to_do_and_leaves_nothing(
    run: Run, store: Store, words: tuple[str, ...], said: str
) -> None:
    Path("there.zip").write_text("no zip", encoding="utf-8")
    Path("empty").write_text("\n", encoding="utf-8")
    Path("short").write_text("1234567", encoding="utf-8")
    with zipfile.ZipFile("other.zip", "w") as files:
        files.writestr("holiday.jpg", "…")
    status, out = run(*words)
    assert status == 2 and said in out
    assert list(Path("out").iterdir()) == [] and Path("there.zip").read_text(encoding="utf-8") == "no zip"


def test_what_cannot_be_backed_up_is_said(run: Run, database: Path) -> None:
    status, out = run("backup", "out")
    assert status == 2 and "没有台账" in out
    assert not database.exists()


def test_restoring_brings_back_what_was_and_keeps_what_is_aside(run: Run, store: Store, knowledge: Path) -> None:
    record(store, "k1", "k2")
    path = made(run)
    before, entry = dump(store.path), next(knowledge.rglob("wage.md"))
    text = entry.read_bytes()
    record(store, "k3")
    entry.write_text("改坏了", encoding="utf-8")
    extra, hidden = knowledge / "faq" / "婚姻" / "extra.md", knowledge / ".hidden"
    extra.write_text("后加的", encoding="utf-8")
    hidden.write_text("编辑器的", encoding="utf-8")
    status, out = run("restore", str(path))
    assert status == 0 and "恢复后的台账核对过" in out and "改回 1 个，去掉备份里没有的 1 个" in out
    assert dump(store.path) == before
    assert (entry.read_bytes(), extra.exists(), hidden.exists()) == (text, False, True)
    (aside,) = store.path.parent.glob("before-restore-*.zip")
    aside.rename("undo.zip")
    assert run("restore", "undo.zip")[0] == 0
    assert keys(store.path) == ["k1", "k2", "k3"]
    assert (entry.read_text(encoding="utf-8"), extra.read_text(encoding="utf-8")) == ("改坏了", "后加的")
    assert [e.what for e in _log(store)] == ["备份", "恢复", "恢复"]


def _log(store: Store) -> list[audit.Entry]:
    with store.reading() as db:
        return audit.entries(db)


def test_the_same_file_can_be_restored_twice(run: Run, store: Store) -> None:
    record(store, "k1")
    path = made(run)
    record(store, "k2")
    assert run("restore", str(path))[0] == 0
    record(store, "k3")
    assert run("restore", str(path))[0] == 0
    assert keys(store.path) == ["k1"]


@pytest.mark.parametrize("only", ["ledger", "knowledge"])
def test_only_the_ledger_or_only_the_knowledge_can_be_restored(run: Run, store: Store, knowledge: Path, only: str) -> None:
    record(store, "k1")
    path = made(run)
    record(store, "k2")
    (knowledge / "town.yaml").unlink()
    status, out = run("restore", str(path), "--only", only)
    assert status == 0 and ("知识库" in out) is (only == "knowledge")
    assert keys(store.path) == (["k1"] if only == "ledger" else ["k1", "k2"])
    assert (knowledge / "town.yaml").exists() is (only == "knowledge")


def test_a_wrong_password_changes_nothing(run: Run, store: Store) -> None:
    record(store, "k1")
    path = made(run, "--password-file", "password")
    Path("wrong").write_text("示例密码四三二一", encoding="utf-8")
    before = dump(store.path)
    assert run("restore", str(path)) == (2, f"{path.name}：这份备份是加密的，要密码：用 --password-file 文件，"
                                            "或者环境变量 BACKUP_PASSWORD。\n")  # fmt: skip
    status, out = run("restore", str(path), "--password-file", "wrong")
    assert status == 2 and "密码不对" in out
    assert dump(store.path) == before
    assert list(store.path.parent.glob("before-restore-*")) == []


@pytest.mark.parametrize("words", [(), ("--password-file", "password")], ids=["clear", "locked"])
def test_a_file_damaged_anywhere_is_refused_or_was_not_damaged_where_it_matters(
    run: Run, store: Store, words: tuple[str, ...]
) -> None:
    record(store, "k1")
    path = made(run, *words)
    good, refused = path.read_bytes(), 0
    password = PASSWORD if words else None
    with unpack.opened(path, password=password, folder=Path("out")) as found:
        manifest = found.manifest
    places = range(0, len(good), len(good) // 60)
    cut = [good[:n] for n in places]
    flipped = [good[:n] + bytes([good[n] ^ 0x41]) + good[n + 1 :] for n in places]
    for data in (*cut, *flipped, good + b"x"):
        Path("bad.zip").write_bytes(data)
        try:
            with unpack.opened(Path("bad.zip"), password=password, folder=Path("out")) as found:
                assert found.manifest == manifest
        except BackupError:
            refused += 1
    assert refused >= (len(cut) + len(flipped) - (0 if words else 3))
    assert list(Path("out").iterdir()) == [path]
    Path("bad.zip").write_bytes(good[: len(good) // 2])
    before = dump(store.path)
    status, out = run("restore", "bad.zip", *words)
    assert status == 2 and "换一份备份" in out
    assert dump(store.path) == before


def rewritten(path: Path, change: Callable[[dict[str, bytes], dict[str, object]], None]) -> Path:
    """Return a copy of a backup with its files and its manifest changed, as somebody would who knows how it is made."""
    with zipfile.ZipFile(path) as files:
        parts = {name: files.read(name) for name in files.namelist()}
    manifest = json.loads(parts.pop("manifest.json"))
    change(parts, manifest)
    copy = path.with_name("changed.zip")
    with zipfile.ZipFile(copy, "w") as files:
        for name, data in parts.items():
            files.writestr(name, data)
        files.writestr("manifest.json", json.dumps(manifest))
    return copy


def add(name: str) -> Callable[[dict[str, bytes], dict[str, object]], None]:
    def change(parts: dict[str, bytes], manifest: dict[str, object]) -> None:
        parts[name] = b""
        empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        manifest["parts"] |= {name: {"sha256": empty, "bytes": 0}}  # type: ignore[operator]

    return change


def without(parts: dict[str, bytes], manifest: dict[str, object]) -> None:
    del parts["knowledge/town.yaml"]


def unlisted(parts: dict[str, bytes], manifest: dict[str, object]) -> None:
    parts["knowledge/extra.md"] = b""


def of_tomorrow(parts: dict[str, bytes], manifest: dict[str, object]) -> None:
    manifest["version"] = 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (add("knowledge/../../evil.md"), "不该有的文件名"),
        (add("../evil.md"), "不该有的文件名"),
        (add("/evil.md"), "不该有的文件名"),
        (add("knowledge/faq\\..\\evil.md"), "不该有的文件名"),
        (add("knowledge/C:evil.md"), "不该有的文件名"),
        (add("knowledge/.git/hooks/post-merge"), "不该有的文件名"),
        (add("knowledge/"), "不该有的文件名"),
        (without, "和清单对不上"),
        (unlisted, "和清单对不上"),
        (of_tomorrow, "更新的程序"),
    ],
)
def test_a_backup_with_what_does_not_belong_into_it_is_refused_whole(
    run: Run, store: Store, tmp_path: Path, change: Callable[[dict[str, bytes], dict[str, object]], None], said: str
) -> None:
    record(store, "k1")
    bad = rewritten(made(run), change)
    record(store, "k2")
    status, out = run("restore", str(bad))
    assert status == 2 and said in out
    assert keys(store.path) == ["k1", "k2"]
    assert list(tmp_path.rglob("evil.md")) == []


def test_a_file_that_is_in_it_twice_is_refused(run: Run, store: Store) -> None:
    path = made(run)
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(path, "a") as files:
        files.writestr("knowledge/town.yaml", "example: false")
    status, out = run("restore", str(path))
    assert status == 2 and "和清单对不上" in out


def test_two_backups_of_one_second_are_two_files(tmp_path: Path) -> None:
    for name in ("b.zip", "b.zip.enc", "b-2.zip"):
        (tmp_path / name).touch()
    assert [backup.free(tmp_path / name).name for name in ("a.zip", "b.zip", "b.zip.enc")] == [
        "a.zip",
        "b-3.zip",
        "b-2.zip.enc",
    ]


def test_a_ledger_of_a_newer_program_is_refused(run: Run, store: Store, tmp_path: Path) -> None:
    def of_the_future(parts: dict[str, bytes], manifest: dict[str, object]) -> None:
        ledger = tmp_path / "future.db"
        ledger.write_bytes(parts["ledger.db"])
        with closing(sqlite3.connect(ledger)) as db:
            db.execute("insert into migrations (number, name) values (99, 'm099_future')")
            db.commit()
        parts["ledger.db"] = data = ledger.read_bytes()
        manifest["parts"]["ledger.db"] = {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}  # type: ignore[index]
        manifest["tables"]["migrations"] += 1  # type: ignore[index]

    record(store, "k1")
    path = rewritten(made(run), of_the_future)
    record(store, "k2")
    status, out = run("restore", str(path))
    assert status == 2 and "现在的程序不认识" in out
    assert keys(store.path) == ["k1", "k2"]


def test_a_ledger_of_an_older_program_is_brought_up_to_date(run: Run, store: Store, knowledge: Path, tmp_path: Path) -> None:
    old = tmp_path / "old.db"
    with closing(sqlite3.connect(old)) as db:
        for step in MIGRATIONS[:3]:
            step(db.execute)
        db.execute("create table migrations (number integer primary key, name text not null)")
        db.executemany("insert into migrations values (?, ?)", enumerate((s.__name__ for s in MIGRATIONS[:3]), 1))
        db.execute(
            "insert into turns (key, received_at, day, channel, villager, kind, decision, reply, latency_ms)"
            f" values ('old', '{stamp(NOW)}', '2026-11-23', '网页', 'v', 'text', 'miss', '{{}}', 1)"
        )
        db.commit()
    backup.make(Path("old.zip"), database=old, knowledge=knowledge, secrets=None, password=None, key_check="", now=NOW)
    record(store, "k1")
    assert run("restore", "old.zip")[0] == 0
    assert store.query("select key, superseded, retries from turns", {}) == [{"key": "old", "superseded": 0, "retries": 0}]
    with store.reading() as db:
        assert [row[0] for row in db.execute("select number from migrations")] == list(range(1, len(MIGRATIONS) + 1))


def test_what_was_erased_since_the_backup_stays_erased(run: Run, store: Store) -> None:
    with store.writing() as db:
        for who in ("gone", "stays", "withdraws"):
            villagers.save(db, villagers.find(db, who), now=NOW, village="示例一村", state="{}")
        tickets.open_ticket(
            db, villager="gone", village=None, question="工钱", category=None, turn="k1", because="asked", now=NOW
        )
        tickets.answer(db, 1, "去投诉", adviser=1, now=NOW)
        for name in ("示例甲", "示例乙"):
            person = advisers.add(db, name=name, role="法律顾问", village=None)
            db.execute("update advisers set sender = :name where number = :n", {"name": name, "n": person.number})
    record(store, "k1", "k1b", villager="gone")
    record(store, "k2", villager="stays")
    record(store, "k3", villager="withdraws")
    path = made(run)
    with store.writing() as db:
        for who, name in (("gone", "a stranger"), ("withdraws", "another")):
            turns.forget(db, who, name)
            tickets.forget(db, who, name, NOW)
            villagers.forget(db, who)
        villagers.withdraw(db, "withdraws", NOW)
        advisers.remove(db, 2, NOW)
    status, out = run("restore", str(path))
    assert status == 0 and "3 条消息已照样再去掉" in out
    said = store.query("select key, villager, text from turns order by key", {})
    names = [row["villager"] for row in said]
    assert said == [
        {"key": "k1", "villager": names[0], "text": None},
        {"key": "k1b", "villager": names[0], "text": None},
        {"key": "k2", "villager": "stays", "text": "工钱不给"},
        {"key": "k3", "villager": names[3], "text": None},
    ]
    assert len(set(names)) == 3 and not {"gone", "withdraws"} & set(names)
    assert store.query("select villager, village, withdrawn_at from villagers order by villager", {}) == [
        {"villager": "stays", "village": "示例一村", "withdrawn_at": None},
        {"villager": "withdraws", "village": None, "withdrawn_at": stamp(NOW)},
    ]
    (row,) = store.query("select villager, question, answer, turn, closed_at from tickets", {})
    assert row == {"villager": row["villager"], "question": None, "answer": None, "turn": None, "closed_at": stamp(NOW)}
    assert row["villager"] != "gone"
    assert "去投诉" not in str(store.query("select what from ticket_events", {}))
    assert store.query("select sender, removed_at from advisers order by number", {}) == [
        {"sender": "示例甲", "removed_at": None},
        {"sender": None, "removed_at": stamp(NOW)},
    ]


def test_what_was_erased_in_the_backup_is_not_brought_together_again(run: Run, store: Store) -> None:
    record(store, "k1", villager="gone")
    earlier = made(run)
    with store.writing() as db:
        turns.forget(db, "gone", "a stranger")
    later = made(run)
    shutil.copy(later, "later.zip")
    store.close()
    for path in store.path.parent.glob("bot.db*"):  # nobody can say any more what was erased
        path.unlink()
    assert run("restore", str(earlier))[0] == 0
    assert keys(store.path) == ["k1"]
    assert run("restore", "later.zip")[0] == 0
    (row,) = store.query("select villager, text from turns", {})
    assert row["text"] is None and row["villager"] != "gone"


def test_nobody_gets_back_in_who_was_shut_out_since_the_backup(run: Run, store: Store) -> None:
    add = (
        "insert into users (number, name, shown, role, password, must_change, created_at)"
        " values (:n, :name, :name, '统计员', 'old', 0, '2026')"
    )
    with store.writing() as db:
        for n, name in enumerate(("stays", "leaves", "deleted"), 1):
            db.execute(add, {"n": n, "name": name})
        db.execute("insert into recovery_codes values (1, 'used'), (1, 'unused')")
        db.execute("insert into logins values ('token', 2, '2026', '2026', null, 'in')")
    path = made(run)
    with store.writing() as db:
        db.execute("update users set password = 'new' where number = 1")
        db.execute("update users set disabled_at = '2026' where number = 2")
        db.execute("delete from users where number = 3")
        db.execute("delete from recovery_codes where code = 'used'")
    assert run("restore", str(path))[0] == 0
    assert store.query("select name, password, disabled_at from users order by number", {}) == [
        {"name": "stays", "password": "new", "disabled_at": None},
        {"name": "leaves", "password": "old", "disabled_at": "2026"},
        {"name": "deleted", "password": "old", "disabled_at": None},
    ]
    assert store.query("select code from recovery_codes", {}) == [{"code": "unused"}]
    assert store.query("select * from logins", {}) == []


def test_what_is_due_in_an_old_backup_does_not_come_back(run: Run, store: Store) -> None:
    old = NOW - timedelta(days=400)
    record(store, "k1", received_at=stamp(old), day=f"{old:%Y-%m-%d}")
    path = made(run)
    status, out = run("restore", str(path))
    assert status == 0 and "备份里已经到期的也清理了：咨询原话、评价和回复原文 1" in out
    assert store.query("select text from turns", {}) == [{"text": None}]


def test_on_a_new_machine_a_locked_backup_brings_ledger_knowledge_and_secrets(
    run: Run, store: Store, database: Path, knowledge: Path
) -> None:
    record(store, "k1")
    path = made(run, "--password-file", "password")
    secrets = Path("instance", "secrets.env").read_bytes()
    store.close()
    for folder in (database.parent, knowledge, Path("instance")):
        shutil.rmtree(folder)
    status, out = run("restore", str(path), "--password-file", "password")
    assert status == 0 and "也恢复了" in out
    assert keys(database) == ["k1"]
    assert Path("instance", "secrets.env").read_bytes() == secrets
    assert Path("instance", "secrets.env").stat().st_mode & 0o077 == 0
    assert len(list(Path("instance").glob("secrets.env.2*"))) == 1  # those that the command itself had just made
    assert len(list(knowledge.rglob("*.md"))) == 3


def test_without_the_key_of_its_time_a_backup_is_restored_with_a_warning(
    run: Run, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = made(run)
    assert "PSEUDONYM_KEY" not in run("restore", str(path))[1]
    monkeypatch.setenv("PSEUDONYM_KEY", "another key of the town")
    assert "另一个 PSEUDONYM_KEY" in run("restore", str(path))[1]


def test_a_ledger_that_nobody_can_read_is_set_aside_and_replaced(run: Run, store: Store, database: Path) -> None:
    record(store, "k1")
    path = made(run)
    store.close()
    database.write_bytes(b"this is not a database, it is a text" * 100)
    status, out = run("restore", str(path))
    assert status == 0 and "要重启" in out
    assert keys(database) == ["k1"]
    (aside,) = database.parent.glob("before-restore-*bot.db")
    assert aside.read_bytes().startswith(b"this is not")


def test_a_damaged_ledger_is_not_backed_up_as_if_it_were_whole(run: Run, store: Store, database: Path) -> None:
    record(store, *(f"k{n:04}" for n in range(300)))
    with store.reading() as db:
        db.execute("pragma wal_checkpoint(truncate)")
    store.close()
    raw = bytearray(database.read_bytes())
    page = raw.index(b"k0150") // 4096 * 4096
    raw[page + 3 : page + 5] = b"\xff\xff"
    database.write_bytes(raw)
    status, out = run("backup", "out")
    assert status == 2 and ("坏了" in out or "写不了备份" in out)
    assert list(Path("out").iterdir()) == []


def test_a_full_disk_is_said_and_leaves_no_half_file(run: Run, store: Store, database: Path, knowledge: Path) -> None:
    record(store, "k1", text="字" * 30_000)
    store.close()
    (knowledge / "big.yaml").write_bytes(random.Random(1).randbytes(3_000_000))

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))

    done = subprocess.run(
        [sys.executable, "-m", "bot", "backup", "out", "--knowledge", str(knowledge), "--database", f"sqlite:///{database}"],
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}, capture_output=True, text=True, preexec_fn=limit,
    )  # fmt: skip
    assert done.returncode == 2
    assert "写不了备份" in done.stderr and "检查磁盘" in done.stderr and "Traceback" not in done.stderr
    assert list(Path("out").iterdir()) == [] and list(database.parent.glob(".bot-draft-*")) == []


def test_a_backup_taken_while_messages_are_recorded_is_one_moment_of_the_ledger(run: Run, store: Store) -> None:
    done = threading.Event()

    def talk() -> None:
        for n in itertools.count():
            if done.is_set():
                return
            with store.writing() as db:  # always two of a kind
                turns.record(db, replace(TURN, key=f"a{n}"))
                turns.record(db, replace(TURN, key=f"b{n}"))
            done.wait(0.002)

    talker = threading.Thread(target=talk)
    talker.start()
    try:
        paths = [made(run) for _ in range(3)]
    finally:
        done.set()
        talker.join()
    sizes = []
    for path in paths:
        with unpack.opened(path, password=None, folder=Path("out")) as found:
            kept = keys(found.ledger)
        assert {k[1:] for k in kept if k[0] == "a"} == {k[1:] for k in kept if k[0] == "b"}
        sizes.append(len(kept))
    assert sizes == sorted(sizes) and sizes[0] < sizes[-1]


@pytest.mark.parametrize("size", [0, 1, locked.CHUNK - 1, locked.CHUNK, locked.CHUNK + 1, 3 * locked.CHUNK])
def test_what_was_locked_comes_back_whole_or_not_at_all(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(locked, "_LOG_N", 4)
    data, out = bytes(range(256)) * (size // 256 + 1), io.BytesIO()
    data = data[:size]
    writer = LockedWriter(out, PASSWORD)
    for start in range(0, size, 300_000):
        writer.write(data[start : start + 300_000])
    writer.close()
    raw = out.getvalue()
    assert b"".join(unlocked(io.BytesIO(raw), PASSWORD)) == data
    chunk, head = locked.CHUNK + 16, 32 + 16
    body = [raw[n : n + chunk] for n in range(head, len(raw), chunk)]
    bad = [raw[:head], raw[: head - 1], raw[:-1], raw + b"x", b"".join([raw[:head], *body[:-1]])]
    bad += [raw[:head] + b"".join(body[::-1])] if len(body) > 1 else []
    for changed in bad:
        with pytest.raises(BackupError):
            b"".join(unlocked(io.BytesIO(changed), PASSWORD))


def test_the_shipped_cost_of_trying_a_password_is_64_megabytes() -> None:
    assert 128 * 8 * 2**locked._LOG_N == 64 * 2**20
