"""What an operator does with the running server: rotates its logs, takes it out of a balancer, scrapes its processes."""

import http.client
import json
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

from tests.conftest import ROOT
from tests.server.conftest import Server, Start, environment


def lines_of(folder: Path) -> list[str]:
    return [line for path in sorted(folder.glob("bot.log*")) for line in path.read_text(encoding="utf-8").splitlines()]


def test_no_line_is_lost_while_logrotate_moves_the_log_away_again_and_again(start_server: Start, tmp_path: Path) -> None:
    logs, each, talkers = tmp_path / "logs", 60, 4
    logs.mkdir()
    server = start_server(tmp_path, PROCESSES="2", LOG_FILE=str(logs / "bot.log"))
    configuration, state = tmp_path / "logrotate.conf", tmp_path / "state"
    shipped = (ROOT / "deploy" / "logrotate.conf").read_text(encoding="utf-8")
    ours = shipped.replace("/var/log/bot/bot.log", str(logs / "bot.log")).replace("    su bot bot\n", "")
    # Compressed later, as shipped: whoever has the old file open still writes a line.
    configuration.write_text(ours.replace("    compress\n", ""), encoding="utf-8")

    def forge() -> None:
        for _ in range(each):
            assert server.wechat.push("<xml/>", msg_signature="0" * 40).status == 403

    threads = [threading.Thread(target=forge) for _ in range(talkers)]
    for t in threads:
        t.start()
    rotations = 0
    while any(t.is_alive() for t in threads):
        rotate = ["/usr/sbin/logrotate", "--force", "--state", str(state), str(configuration)]
        done = subprocess.run(rotate, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        rotations += 1
        time.sleep(0.02)
    for t in threads:
        t.join()
    assert rotations >= 3 and len(list(logs.glob("bot.log*"))) >= 3
    found = [json.loads(line)["message"] for line in lines_of(logs)]
    assert sum(message.startswith("拒绝一条消息") for message in found) == each * talkers
    assert "拒绝一条消息" not in (tmp_path / "log").read_text(encoding="utf-8")
    assert "oVillager" not in "".join(lines_of(logs))


def test_a_log_that_cannot_be_written_goes_to_standard_error_and_silences_nobody(start_server: Start, tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    server = start_server(tmp_path, LOG_FILE=str(logs / "bot.log"))
    shutil.rmtree(logs)
    assert server.wechat.push("<xml/>", msg_signature="0" * 40).status == 403
    assert server.wechat.villager("oLog").says("老板不给工资").text
    assert "拒绝一条消息" in (tmp_path / "log").read_text(encoding="utf-8")


def test_it_does_not_start_with_a_log_file_that_cannot_be(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "app.py")], capture_output=True, text=True, timeout=30,
        cwd=tmp_path, env=environment(tmp_path, WECHAT_TOKEN="t" * 20, LOG_FILE="/proc/nowhere/bot.log"),
    )  # fmt: skip
    assert done.returncode == 2
    assert "检查 LOG_FILE" in done.stderr and "Traceback" not in done.stderr


def test_it_does_not_start_on_a_ledger_of_a_newer_program_and_says_what_to_do(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "bot.db")) as db:
        db.executescript((ROOT / "tests" / "data" / "releases" / "012.sql").read_text(encoding="utf-8"))
        db.execute("insert into migrations values (99, 'm099_of_tomorrow')")
        db.commit()
    done = subprocess.run(
        [sys.executable, str(ROOT / "app.py")],
        cwd=tmp_path, env=environment(tmp_path, WECHAT_TOKEN="t" * 20), capture_output=True, text=True, timeout=30,
    )  # fmt: skip
    assert done.returncode == 2
    assert "更新的程序记的" in done.stderr and "退回旧版" in done.stderr and "Traceback" not in done.stderr


def test_once_told_to_stop_it_is_not_ready_and_still_finishes_what_is_under_way(start_server: Start, tmp_path: Path) -> None:
    server = start_server(tmp_path)
    balancer = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    assert _asks(balancer) == (200, "ready")
    # Somebody who asked for much and reads slowly: answers that are still under way when the server is told to stop.
    with socket.create_connection(("127.0.0.1", server.port)) as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        page = b"GET /static/chat.js HTTP/1.1\r\nHost: x\r\n\r\n"
        slow.sendall(page * 2000)
        time.sleep(0.5)
        server.process.send_signal(signal.SIGTERM)
        end = time.monotonic() + 5
        while (said := _asks(balancer))[0] == 200 and time.monotonic() < end:
            time.sleep(0.02)
        assert said == (503, "draining")
        assert server.process.poll() is None
    balancer.close()
    assert server.process.wait(20) == 0


def _asks(balancer: http.client.HTTPConnection) -> tuple[int, str]:
    balancer.request("GET", "/readyz")
    response = balancer.getresponse()
    return response.status, json.loads(response.read())["status"]


def test_the_numbers_of_several_processes_are_one_and_survive_the_death_of_one(start_server: Start, tmp_path: Path) -> None:
    server = start_server(tmp_path, PROCESSES="2", THREADS="2", TMPDIR=str(tmp_path))
    (tmp_path / "log").write_text("", encoding="utf-8")
    for n in range(20):
        server.wechat.villager(f"oMany{n}").says("老板不给工资")
    assert _answers(server) == {20}
    child = int(subprocess.check_output(["pgrep", "-P", str(server.process.pid)], text=True).split()[0])
    subprocess.run(["kill", "-9", str(child)], check=True)
    end = time.monotonic() + 15
    while "重新启动" not in (tmp_path / "log").read_text(encoding="utf-8"):
        assert time.monotonic() < end
        time.sleep(0.1)
    server.wechat.villager("oAfter").says("老板不给工资")
    assert _answers(server) == {21}
    assert re.findall(r"^bot_requests_running (\S+)$", server.get("/metrics")[1], re.MULTILINE) == ["1.0"]
    assert len(list(tmp_path.glob("bot-metrics-*"))) == 1
    assert server.stop() == 0
    assert not list(tmp_path.glob("bot-metrics-*"))


def _answers(server: Server) -> set[float]:
    """Ask often enough that every process is asked."""
    pattern = r'^bot_messages_total\{outcome="answer"\} (\S+)$'
    return {float(n) for _ in range(8) for n in re.findall(pattern, server.get("/metrics")[1], re.MULTILINE)}
