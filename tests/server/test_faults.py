"""The running server while its ledger fails: killed, locked, full, deleted, and two of them on one file."""

import contextlib
import http.client
import json
import os
import random
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.actors import Villager
from tests.server.conftest import Server, Start

resource = pytest.importorskip("resource", reason="Windows has no limits for a process")

QUESTION = "老板拖欠工资怎么办"
UNCLEAR = "老公不肯离婚，老板不给工资，悔婚彩礼"
LIMIT = 4.0
"""Seconds within which every villager gets an answer, whatever is broken."""


@pytest.fixture(scope="module")
def town(start_server: Start) -> Server:
    """One server for all that it comes out of by itself."""
    return start_server(THREADS="8", PACE_PER_MINUTE="0")


def until(true: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


def rows(server: Server, sql: str = "select count(*) from turns") -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(server.folder / "bot.db", timeout=10)) as db:
        return db.execute(sql).fetchall()


def count(server: Server) -> int:
    return int(str(rows(server)[0][0]))


def spooled(server: Server) -> list[Path]:
    return [path for path in (server.folder / "spool").glob("*.jsonl") if path.stat().st_size]


@contextlib.contextmanager
def locked(server: Server) -> Iterator[None]:
    """Somebody else writes to the ledger, and does not end."""
    with closing(sqlite3.connect(server.folder / "bot.db", isolation_level=None)) as db:
        db.execute("begin immediate")
        yield
        db.execute("rollback")


def together(villagers: list[Villager], text: str) -> list[tuple[str, float]]:
    """All say ``text`` at once; return what each heard, and after how many seconds."""
    heard: dict[int, tuple[str, float]] = {}

    def ask(n: int) -> None:
        began = time.monotonic()
        heard[n] = villagers[n].says(text).text, time.monotonic() - began

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(len(villagers))]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return [heard[n] for n in range(len(villagers))]


def test_while_another_process_holds_the_ledger_everybody_is_answered_in_time_and_counted_once_later(town: Server) -> None:
    before = count(town)
    villagers = [town.wechat.villager(f"oLocked{n}") for n in range(16)]
    with locked(town):
        heard = together(villagers, QUESTION)
        assert all(text.startswith("您问的是") and took < LIMIT for text, took in heard), heard
        assert [v.retries().text for v in villagers] == [text for text, _ in heard]
        assert town.get("/healthz")[0] == 503
        assert spooled(town) and count(town) == before
        lines = "".join(path.read_text(encoding="utf-8") for path in spooled(town))
        assert len([line for line in lines.splitlines() if line]) == 16
        assert "oLocked" not in lines
    until(lambda: count(town) == before + 16)
    until(lambda: not spooled(town))
    assert [v.retries().text for v in villagers] == [text for text, _ in heard]
    assert count(town) == before + 16
    assert rows(town, "select count(distinct villager), sum(decision = 'answer') from turns")[0][0] >= 16  # type: ignore[operator]
    until(lambda: town.get("/healthz")[0] == 200)


def test_a_conversation_goes_on_by_numbers_without_the_ledger_and_after_it(town: Server) -> None:
    villager = town.wechat.villager("oTalk")
    with locked(town):
        offered = villager.says(UNCLEAR).text
        assert "msgmenuid=2" in offered
        first = villager.says("1").text
        assert "您问的是" in first
        person = villager.says("00").text
        assert "没法转给人" in person and "12348" in person
        assert villager.says(QUESTION).text.startswith("您问的是")
        assert "msgmenuid=1" in villager.says("0").text
    until(lambda: not spooled(town))
    assert villager.says("1").text.startswith("您问的是")
    who = "(select villager from turns where text = '00' order by received_at desc limit 1)"
    found = rows(town, f"select text, decision, verdict from turns where villager = {who} order by received_at")
    assert found == [
        (UNCLEAR, "choose", None),
        ("1", "answer", None),
        ("00", "command", None),
        (QUESTION, "answer", "wrong"),
        ("0", "choose", None),
        ("1", "answer", None),
    ]
    assert rows(town, "select count(*) from tickets") == [(0,)]


def test_who_wants_a_person_while_the_ledger_is_away_is_told_so_and_whom_to_call(town: Server) -> None:
    with locked(town):
        for said in ("00", "我的村 示例一村", "删除我的记录", "我的问题"):
            text = town.wechat.villager("oPerson").says(said).text
            assert "现在办不成" in text and "12348" in text, said
        assert "110" in town.wechat.villager("oCrisis").says("他正在打我，救命").text
    until(lambda: not spooled(town))
    assert rows(town, "select count(*) from tickets") == [(0,)]
    crisis = rows(town, "select text, decision from turns where decision = 'crisis'")
    assert crisis == [(None, "crisis")]
    assert rows(town, "select count(*) from duties")[0][0] == 1


def test_who_leaves_while_the_ledger_is_away_is_forgotten_when_it_is_back(town: Server) -> None:
    villager = town.wechat.villager("oLeaves")
    villager.says("我要走了，老板拖欠工资怎么办")
    with locked(town):
        villager.does("unsubscribe")
    until(lambda: not spooled(town))
    assert rows(town, "select count(*) from turns where text like '我要走了%'") == [(0,)]


def test_on_a_full_disk_rows_wait_and_come_in_when_there_is_room(town: Server) -> None:
    before = count(town)
    log = town.folder / "bot.db-wal"
    pid, hard = town.process.pid, resource.prlimit(town.process.pid, resource.RLIMIT_FSIZE)[1]
    town.wechat.villager("oBefore").says(QUESTION)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (log.stat().st_size, hard))
    try:
        villager = town.wechat.villager("oFull")
        heard = [villager.says(f"{QUESTION}{n}").text for n in range(40)]
        assert all(text.startswith("您问的是") for text in heard)
        assert villager.retries().text == heard[-1]
        assert spooled(town)
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))
    # Those that did not fit into the spool either wait in memory, and come in after those in its files.
    until(lambda: not spooled(town) and count(town) == before + 41)
    assert rows(town, "pragma integrity_check") == [("ok",)]


def test_a_ledger_deleted_under_the_server_is_put_back_with_every_row(town: Server) -> None:
    before = count(town)
    for path in town.folder.glob("bot.db*"):
        path.unlink()
    villager = town.wechat.villager("oDeleted")
    began = time.monotonic()
    heard = villager.says(QUESTION).text
    assert heard.startswith("您问的是") and time.monotonic() - began < LIMIT
    until(lambda: (town.folder / "bot.db").exists() and not spooled(town) and count(town) == before + 1)
    assert villager.retries().text == heard
    assert "放回原处" in (town.folder / "log").read_text(encoding="utf-8")
    assert rows(town, "pragma integrity_check") == [("ok",)]


def test_two_servers_on_one_ledger_give_a_message_one_reply_and_one_row(start_server: Start, town: Server) -> None:
    other = start_server(town.folder, THREADS="4")
    before = count(town)
    villagers = [town.wechat.villager(f"oTwo{n}") for n in range(6)]
    first = [text for text, _ in together(villagers, QUESTION)]
    for villager in villagers:
        villager.wechat = other.wechat
    assert [v.retries().text for v in villagers] == first
    assert count(town) == before + 6
    with locked(town):
        spoken = villagers[0].says(UNCLEAR).text
        villagers[0].wechat = town.wechat
        assert villagers[0].retries().text == spoken
        assert "您问的是" in villagers[0].says("1").text
    until(lambda: not spooled(town))
    assert count(town) == before + 8
    assert other.stop() == 0


def test_the_log_names_neither_a_villager_nor_a_question(town: Server) -> None:
    log = (town.folder / "log").read_text(encoding="utf-8")
    assert "台账用不了" in log and "台账好了" in log
    assert "拖欠" not in log and "oLocked" not in log and "oDeleted" not in log
    assert all(json.loads(line) for line in log.splitlines() if line.startswith("{"))


def test_a_killed_server_lost_no_row_whose_reply_went_out(start_server: Start, tmp_path: Path) -> None:
    answered: list[tuple[Villager, str]] = []
    for round_ in range(2):
        server = start_server(tmp_path, THREADS="4")
        over = threading.Event()

        def talk(name: str, server: Server = server, over: threading.Event = over) -> None:
            n = 0
            while not over.is_set():
                villager = server.wechat.villager(f"{name}-{n}")
                with contextlib.suppress(OSError, http.client.HTTPException):
                    heard = villager.says(QUESTION)
                    if heard.status == 200:
                        answered.append((villager, heard.text))
                n += 1

        talkers = [threading.Thread(target=talk, args=(f"oKill{round_}{n}",)) for n in range(4)]
        for t in talkers:
            t.start()
        time.sleep(random.uniform(0.3, 1.0))
        os.killpg(server.process.pid, signal.SIGKILL)
        over.set()
        for t in talkers:
            t.join()
    server = start_server(tmp_path, THREADS="4")
    assert len(answered) > 20
    before = count(server)
    assert len(answered) <= before <= len(answered) + 8  # at most what each talker was waiting for
    for villager, text in random.sample(answered, min(40, len(answered))):
        villager.wechat = server.wechat
        assert villager.retries().text == text
    assert count(server) == before
    # Told to stop, it finishes what is under way, even what waits for somebody else's transaction.
    villagers = [server.wechat.villager(f"oDrain{n}") for n in range(4)]
    heard: list[tuple[str, float]] = []
    asking = threading.Thread(target=lambda: heard.extend(together(villagers, QUESTION)))
    with locked(server):
        asking.start()
        time.sleep(0.7)
        server.process.send_signal(signal.SIGTERM)
    asking.join()
    assert [text.startswith("您问的是") for text, _ in heard] == [True] * 4
    assert server.process.wait(15) == 0
    waiting = sum(path.read_bytes().count(b"\n{") for path in spooled(server))
    assert count(server) + waiting == before + 4
