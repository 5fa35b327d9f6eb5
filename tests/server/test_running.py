"""The running server over HTTP."""

import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.conftest import KNOWLEDGE, ROOT
from tests.server.conftest import Server, Start, environment


def count(folder: Path) -> int:
    connection = sqlite3.connect(folder / "bot.db")
    try:
        return int(connection.execute("select count(*) from turns").fetchone()[0])
    finally:
        connection.close()


def test_a_question_is_answered_well_inside_five_seconds_and_shows_up_in_the_count(server: Server) -> None:
    before = count(server.folder)
    began = time.monotonic()
    heard = server.wechat.villager("oHttp").says("老板拖欠工资怎么办")
    assert time.monotonic() - began < 1
    assert heard.text.startswith("您问的是：老板、公司拖欠工资怎么要？")
    assert count(server.folder) == before + 1
    report = subprocess.run(
        [sys.executable, "-m", "bot", "report", "--format", "json"],
        cwd=server.folder, env=environment(server.folder), capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert '"category": "劳动与工资"' in report


def test_health_is_open(server: Server) -> None:
    status, body = server.get("/healthz")
    assert (status, '"status":"ok"' in body.replace(" ", "")) == (200, True)


def test_idle_and_half_open_connections_do_not_stop_others(server: Server) -> None:
    idle = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(100)]
    try:
        for s in idle[::2]:
            s.sendall(b"POST /wechat HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n<xml>")
        began = time.monotonic()
        assert "您问的是" in server.wechat.villager("oIdle").says("老板拖欠工资怎么办").text
        assert time.monotonic() - began < 3
    finally:
        for s in idle:
            s.close()


def test_an_edit_while_it_runs_is_live_in_two_seconds_and_a_broken_one_does_no_harm(
    start_server: Start, tmp_path: Path
) -> None:
    knowledge = tmp_path / "knowledge"
    shutil.copytree(KNOWLEDGE, knowledge)  # the whole FAQ: reading it again must be quick enough, too
    server = start_server(KNOWLEDGE_DIR=str(knowledge))
    path = next(knowledge.glob("faq/*/wage-arrears.md"))
    good = path.read_text(encoding="utf-8")
    path.write_text(good.replace("做了工就该拿钱", "做了工一定要拿钱"), encoding="utf-8")
    end = time.monotonic() + 2
    while "做了工一定要拿钱" not in (answer := server.wechat.villager("oEdit").says("老板拖欠工资怎么办").text):
        assert time.monotonic() < end, "not live after two seconds"
        time.sleep(0.05)
    path.write_text(good.replace("status: draft", "status: 随便"), encoding="utf-8")
    end = time.monotonic() + 10
    while '"findings":1' not in server.get("/healthz")[1].replace(" ", ""):
        assert time.monotonic() < end, "the fault was not noticed"
        time.sleep(0.1)
    assert server.wechat.villager("oEdit").says("老板拖欠工资怎么办").text == answer
    assert "wage-arrears.md 第" in (server.folder / "log").read_text(encoding="utf-8")


def test_several_processes_share_one_ledger_and_answer_a_retry_alike(start_server: Start) -> None:
    server = start_server(PROCESSES="2", THREADS="4")
    villagers = [server.wechat.villager(f"oMany{n}") for n in range(12)]
    said: dict[int, set[str]] = {}

    def talk(n: int) -> None:
        said[n] = {villagers[n].says("老板拖欠工资怎么办").text} | {villagers[n].retries().text for _ in range(4)}

    threads = [threading.Thread(target=talk, args=(n,)) for n in range(12)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert [len(s) for s in said.values()] == [1] * 12
    assert count(server.folder) == 12


def test_a_restart_between_two_messages_keeps_the_retry_and_the_choice(start_server: Start, tmp_path: Path) -> None:
    server = start_server(tmp_path)
    villager = server.wechat.villager("oRestart")
    offered = villager.says("老公不肯离婚，老板不给工资，悔婚彩礼")
    assert "msgmenuid=2" in offered.text
    assert server.stop() == 0
    again = start_server(tmp_path)
    villager.wechat = again.wechat
    assert villager.retries().text == offered.text
    assert villager.says("2").text.startswith("您问的是：")


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_cleanly_when_told_to(start_server: Start, sign: int) -> None:
    server = start_server()
    server.wechat.villager("oStop").says("老板拖欠工资怎么办")
    assert server.stop(sign) == 0
    connection = sqlite3.connect(server.folder / "bot.db")
    assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
    connection.close()


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"WECHAT_TOKEN": ""}, "E01"),
        ({"WECHAT_TOKEN": "t" * 20, "WECHAT_AES_KEY": "broken", "WECHAT_APP_ID": "wx1"}, "E02"),
        ({"WECHAT_TOKEN": "t" * 20, "DATABASE_URL": "sqlite:////proc/nowhere/bot.db"}, "台账数据库"),
    ],
)
def test_it_refuses_to_start_with_what_cannot_work_and_says_why(tmp_path: Path, settings: dict[str, str], says: str) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "app.py")],
        cwd=tmp_path, env=environment(tmp_path, **settings), capture_output=True, text=True, timeout=30,
    )  # fmt: skip
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_the_demo_says_what_to_open_and_what_to_try(start_server: Start, tmp_path: Path) -> None:
    server = start_server(tmp_path, demo=True)
    log = (server.folder / "log").read_text(encoding="utf-8")
    assert f"http://127.0.0.1:{server.port}/" in log
    assert "演示版" in log
