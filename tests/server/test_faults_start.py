"""A server that starts with a ledger, a key or a disk that is broken: it answers, says what to do, and mends itself."""

import contextlib
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.ledger import keycheck, turns
from bot.ledger.clock import local_day, stamp
from bot.ledger.store import Store
from bot.ledger.turns import Turn
from bot.message import Reply
from tests.actors import TOKEN
from tests.conftest import ENTRY, ROOT, make_knowledge
from tests.server.conftest import Server, Start, environment
from tests.server.test_faults import LIMIT, QUESTION, until

MOUNTS = ("unshare", "-m", "sh", "-c")
"""Runs what follows where it may mount, unseen by everybody else."""


def can_mount() -> bool:
    if not (shutil.which("unshare") and shutil.which("nsenter")):
        return False
    return subprocess.run([*MOUNTS, "mount -t tmpfs none /mnt"], capture_output=True, check=False).returncode == 0


mounting = pytest.mark.skipif(not can_mount(), reason="this machine lets nobody mount in a namespace of their own")


def make_ledger(path: Path, key: str = "k", rows: int = 1) -> None:
    now = datetime.now(UTC) - timedelta(hours=1)
    store = Store(f"sqlite:///{path}", pseudonym_key=key)
    keycheck.fits(store, now)
    with store.writing() as db:
        for n in range(rows):
            turn = Turn(
                key=f"k{n}", received_at=stamp(now), day=local_day(now).isoformat(), channel="网页", villager=f"v{n}",
                kind="text", text="以前问的" * 50, decision="answer", entry_id=None, entry_version=None, category="劳动与工资",
                score=None, offered=(), follows=None, reply=Reply("以前的回复"), latency_ms=1.0,
            )  # fmt: skip
            turns.record(db, turn)
    store.settle()
    store.close()


def fill(path: Path) -> None:
    with path.open("wb", buffering=0) as out, contextlib.suppress(OSError):
        while True:
            out.write(b"-" * 4096)
    assert shutil.disk_usage(path.parent).free == 0


def bot(server: Server, *words: str, within: Sequence[str] = (), **changes: str) -> tuple[int, str]:
    settings = {"PSEUDONYM_KEY": "k", "WECHAT_TOKEN": TOKEN, "KNOWLEDGE_DIR": str(make_small(server)), **changes}
    done = subprocess.run(
        [*within, sys.executable, "-m", "bot", *words],
        cwd=server.folder, env=environment(server.folder, **settings), capture_output=True, text=True,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def make_small(server: Server) -> Path:
    """A small knowledge folder beside the server's."""
    folder = server.folder / "small"
    return folder if folder.exists() else make_knowledge(folder)


def log(server: Server) -> str:
    return (server.folder / "log").read_text(encoding="utf-8")


def answers(server: Server, name: str) -> str:
    began = time.monotonic()
    heard = server.wechat.villager(name).says(QUESTION).text
    assert heard.startswith("您问的是"), heard
    assert time.monotonic() - began < LIMIT
    return heard


def test_a_damaged_ledger_is_found_at_the_start_and_a_restore_brings_it_back_without_one(
    start_server: Start, tmp_path: Path
) -> None:
    path = tmp_path / "bot.db"
    make_ledger(path, rows=400)
    knowledge = make_knowledge(tmp_path / "knowledge")
    with (tmp_path / "log").open("w"):
        pass
    stopped = Server(None, 0, tmp_path, "safe")  # type: ignore[arg-type]
    assert bot(stopped, "backup", "good.zip", KNOWLEDGE_DIR=str(knowledge))[0] == 0
    data = bytearray(path.read_bytes())
    data[4096 * 3 : 4096 * 40] = b"\xa5" * (4096 * 37)
    path.write_bytes(data)

    server = start_server(tmp_path, PSEUDONYM_KEY="k", KNOWLEDGE_DIR=str(knowledge))
    assert "W20 台账用不了" in log(server) and "python -m bot doctor" in log(server)
    answers(server, "oDamaged")
    assert server.get("/healthz")[0] == 503
    status, out = bot(server, "doctor", KNOWLEDGE_DIR=str(knowledge))
    assert status == 1
    assert "台账文件坏了" in out and "python -m bot restore" in out and "1 条记录等着补进台账" in out

    status, out = bot(server, "restore", "good.zip", "--only", "ledger", KNOWLEDGE_DIR=str(knowledge))
    assert status == 0, out
    until(lambda: server.get("/healthz")[0] == 200)
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("select count(*), sum(decision = 'answer' and text = ?) from turns", (QUESTION,)).fetchone() == (
            401,
            1,
        )
    assert not list((tmp_path / "spool").glob("*.jsonl"))


def test_a_changed_key_is_said_at_the_start_and_knowledge_that_goes_away_or_is_far_too_much_stops_no_answer(
    start_server: Start, tmp_path: Path
) -> None:
    make_ledger(tmp_path / "bot.db", key="the old key")
    knowledge = make_knowledge(tmp_path / "knowledge")
    server = start_server(tmp_path, PSEUDONYM_KEY="k", KNOWLEDGE_DIR=str(knowledge))
    assert "W10 PSEUDONYM_KEY 和记这本台账时用的不是同一个" in log(server)
    answers(server, "oKey")

    # On the side, the same server: knowledge that goes away, comes back by halves, and is far too much.
    entry = next(knowledge.rglob("wage.md"))
    knowledge.rename(tmp_path / "away")
    until(lambda: server.get("/healthz")[1].find('"findings":0') < 0, seconds=15)
    answers(server, "oGone")
    (tmp_path / "away").rename(knowledge)
    good = entry.read_text(encoding="utf-8")
    entry.write_text(good[: len(good) // 3], encoding="utf-8")
    time.sleep(0.5)
    answers(server, "oHalf")
    entry.write_text(good, encoding="utf-8")
    for n in range(10_000):
        path = tmp_path / "many" / f"类别{n % 20}" / f"many-{n}.md"
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(
            ENTRY.format(id=f"many-{n}", question=f"第{n}个问题？", phrasings="  - 番薯", answer="可以。"), encoding="utf-8"
        )
    for n, folder in enumerate((tmp_path / "many").iterdir()):
        folder.rename(knowledge / "faq" / folder.name)
        answers(server, f"oMany{n}")
    until(lambda: "条目文件太多" in log(server), seconds=15)
    answers(server, "oTooMany")


@mounting
def test_on_a_disk_without_any_room_the_answer_goes_out_the_log_is_loud_and_rows_come_in_when_there_is_room(
    start_server: Start, tmp_path: Path
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = f'mount -t tmpfs -o size=4m none {disk} && exec "$@"'
    server = start_server(tmp_path, within=[*MOUNTS, mount, "sh"], DATABASE_URL=f"sqlite:///{disk}/bot.db", PACE_PER_MINUTE="0")
    inside = Path(f"/proc/{server.process.pid}/root{disk}")
    villager = server.wechat.villager("oDisk")
    first = villager.says(QUESTION).text
    fill(inside / "fill")
    for n in range(60):
        answers(server, f"oFull{n}")
    assert villager.retries().text == first
    assert log(server).count("记录只在内存里") == 1
    settings = {"DATABASE_URL": f"sqlite:///{disk}/bot.db"}
    status, out = bot(server, "doctor", within=("nsenter", "-t", str(server.process.pid), "-m"), **settings)
    assert status == 1 and "磁盘只剩 0 MB" in out
    (inside / "fill").unlink()
    until(lambda: "补记了" in log(server))
    time.sleep(0.3)
    count = "import sqlite3,sys; print(*sqlite3.connect(sys.argv[1]).execute('select count(*) from turns').fetchone())"
    found = subprocess.run(
        ["nsenter", "-t", str(server.process.pid), "-m", sys.executable, "-c", count, str(disk / "bot.db")],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert found.stdout == "61\n"
    assert server.stop() == 0


@mounting
def test_on_a_disk_that_turned_read_only_it_starts_and_answers_if_rows_can_wait_elsewhere_and_else_refuses(
    start_server: Start, tmp_path: Path
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    make_ledger(disk / "bot.db")
    mount = f'mount --bind {disk} {disk} && mount -o remount,bind,ro {disk} && exec "$@"'
    url = f"sqlite:///{disk}/bot.db"
    server = start_server(
        tmp_path, within=[*MOUNTS, mount, "sh"], DATABASE_URL=url, SPOOL_DIR=str(tmp_path / "waits"), PSEUDONYM_KEY="k"
    )
    assert "W20 台账" in log(server)
    answers(server, "oReadOnly")
    assert list((tmp_path / "waits").glob("*.jsonl"))
    assert server.get("/healthz")[0] == 503
    assert server.stop() == 0
    # The disk is well again: the next start takes in what waited.
    again = start_server(tmp_path, DATABASE_URL=url, SPOOL_DIR=str(tmp_path / "waits"), PSEUDONYM_KEY="k")
    until(lambda: not list((tmp_path / "waits").glob("*.jsonl")))
    with closing(sqlite3.connect(disk / "bot.db")) as db:
        assert db.execute("select count(*) from turns").fetchone() == (2,)
    assert again.stop() == 0
    refused = subprocess.run(
        [*MOUNTS, mount, "sh", sys.executable, str(ROOT / "app.py")],
        cwd=tmp_path, env=environment(tmp_path, WECHAT_TOKEN=TOKEN, DATABASE_URL=url),
        capture_output=True, text=True, timeout=30,
    )  # fmt: skip
    assert refused.returncode == 2
    assert "打不开台账数据库" in refused.stderr and "也写不了" in refused.stderr
