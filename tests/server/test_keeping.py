"""Purging, backing up and restoring while the server runs."""

import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.ledger import turns
from bot.ledger.clock import local_day, stamp
from bot.ledger.store import Store
from bot.ledger.turns import Turn
from bot.message import Reply
from tests.conftest import make_knowledge
from tests.server.conftest import Server, Start, environment

QUESTION = "老板拖欠工资怎么办"


def bot(server: Server, *words: str, **changes: str) -> tuple[int, str]:
    """Run a command beside the server, as the clerk does."""
    done = subprocess.run(
        [sys.executable, "-m", "bot", *words],
        cwd=server.folder, env=environment(server.folder, **changes), capture_output=True, text=True,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def rows(server: Server, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(server.folder / "bot.db")) as db:
        return db.execute(sql).fetchall()


def test_a_running_server_goes_on_after_a_restore_with_what_was_restored(start_server: Start, tmp_path: Path) -> None:
    knowledge = make_knowledge(tmp_path / "knowledge")
    server = start_server(tmp_path, KNOWLEDGE_DIR=str(knowledge))
    early, late = server.wechat.villager("oEarly"), server.wechat.villager("oLate")
    assert "劳动监察" in early.says(QUESTION).text
    (tmp_path / "password").write_text("示例密码一二三四", encoding="utf-8")
    status, out = bot(server, "backup", ".", "--password-file", "password", KNOWLEDGE_DIR=str(knowledge))
    assert status == 0, out
    (path,) = tmp_path.glob("bot-备份-*.zip.enc")
    assert "劳动监察" in late.says(QUESTION).text
    entry = next(knowledge.rglob("wage.md"))
    entry.write_text(entry.read_text(encoding="utf-8").replace("劳动监察", "改坏了"), encoding="utf-8")
    _until(lambda: "改坏了" in late.says(QUESTION).text)
    assert len(rows(server, "select key from turns")) > 2

    status, out = bot(server, "restore", path.name, "--password-file", "password", KNOWLEDGE_DIR=str(knowledge))
    assert status == 0, out
    assert rows(server, "select count(*), count(distinct villager) from turns") == [(1, 1)]
    _until(lambda: "劳动监察" in early.says(QUESTION).text)
    assert "您问的是" in late.says(QUESTION).text
    assert rows(server, "select count(distinct villager) from turns") == [(2,)]
    assert rows(server, "pragma integrity_check") == [("ok",)]
    assert server.get("/healthz")[0] == 200
    assert '"error"' not in (tmp_path / "log").read_text(encoding="utf-8")
    again = bot(server, "restore", path.name, "--password-file", "password", "--only", "ledger", KNOWLEDGE_DIR=str(knowledge))
    assert again[0] == 0
    assert rows(server, "select count(*) from turns") == [(1,)]


def test_whoever_writes_while_the_ledger_is_restored_gets_an_answer(start_server: Start, tmp_path: Path) -> None:
    server = start_server(tmp_path, PACE_PER_MINUTE="0", PACE_PER_DAY="0")
    server.wechat.villager("oFirst").says(QUESTION)
    assert bot(server, "backup", "all.zip")[0] == 0
    heard: list[str] = []
    done = threading.Event()

    def talk(name: str) -> None:
        villager = server.wechat.villager(name)
        while not done.is_set():
            heard.append(villager.says(QUESTION).text)

    talkers = [threading.Thread(target=talk, args=(f"oTalker{n}",)) for n in range(4)]
    for t in talkers:
        t.start()
    try:
        outcomes = [bot(server, "restore", "all.zip", "--only", "ledger") for _ in range(2)]
    finally:
        done.set()
        for t in talkers:
            t.join()
    assert [status for status, _ in outcomes] == [0, 0], outcomes
    assert len(heard) > 20 and all("您问的是" in text for text in heard)
    assert rows(server, "pragma integrity_check") == [("ok",)]
    before = rows(server, "select count(*) from turns")[0][0]
    server.wechat.villager("oLast").says(QUESTION)
    assert rows(server, "select count(*) from turns") == [(int(str(before)) + 1,)]


def test_the_server_purges_once_a_day_however_many_processes_it_has(start_server: Start, tmp_path: Path) -> None:
    old = datetime.now(UTC) - timedelta(days=200)
    store = Store(f"sqlite:///{tmp_path / 'bot.db'}", pseudonym_key="k")
    with store.writing() as db:
        turn = Turn(
            key="k1", received_at=stamp(old), day=local_day(old).isoformat(), channel="网页", villager="v1", kind="text",
            text="很久以前的原话", decision="answer", entry_id=None, entry_version=None, category="劳动与工资", score=None,
            offered=(), follows=None, reply=Reply("很久以前的回复"), latency_ms=1.0,
        )  # fmt: skip
        turns.record(db, turn)
    store.close()
    knowledge = make_knowledge(tmp_path / "knowledge")
    (knowledge / "retention.yaml").write_text("log_months: 1\n", encoding="utf-8")
    server = start_server(tmp_path, PROCESSES="3", KNOWLEDGE_DIR=str(knowledge))
    _until(lambda: rows(server, "select count(*) from purges where finished_at is not null") == [(1,)])
    time.sleep(1)
    assert rows(server, "select text, category from turns") == [(None, "劳动与工资")]
    assert rows(server, "select who, what, about from security_log") == [("系统", "清理", "咨询原话、评价和回复原文 1")]
    log = (tmp_path / "log").read_text(encoding="utf-8")
    assert log.count("清理到期的记录：咨询原话、评价和回复原文 1") == 1
    assert "很久以前" not in log
    assert "错误：" in log.splitlines()[0] and "网络安全法第二十三条" in log.splitlines()[0]
    assert all("很久以前".encode() not in p.read_bytes() for p in tmp_path.glob("bot.db*"))


def _until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.1)
