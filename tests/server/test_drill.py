"""The drill of backup and restore, run beside the real server as the timer runs it."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from tests.conftest import ROOT, make_knowledge
from tests.server.conftest import Start, environment


def drill(folder: Path, **changes: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "deploy" / "drill.py"), "--question", "老板不给工资"],
        cwd=folder, env=environment(folder, **changes), capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def test_the_drill_passes_beside_a_running_server_and_leaves_its_ledger_alone(start_server: Start, tmp_path: Path) -> None:
    knowledge = make_knowledge(tmp_path / "knowledge")
    server = start_server(tmp_path, KNOWLEDGE_DIR=str(knowledge))
    villager = server.wechat.villager("oDrill")
    for text in ("示例一村", "老板不给工资", "想离婚他不签字"):
        villager.says(text)
    keys = {"WECHAT_TOKEN": "t" * 20, "KNOWLEDGE_DIR": str(knowledge), "TMPDIR": str(tmp_path)}
    done = drill(tmp_path, **keys)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert [line for line in lines if "张表的行数逐张对上，消息 3 条（正在用的现在 3 条）" in line], done.stdout
    for part in ("备份做好了", "知识库", "密钥一样", "您问的是：老板拖欠工资怎么要？", "正好记了一条", "演练通过"):
        assert any(part in line for line in lines), part
    assert villager.says("00").status == 200
    with closing(sqlite3.connect(tmp_path / "bot.db")) as db:
        assert db.execute("select count(*) from turns").fetchone() == (4,)
    assert not list(tmp_path.glob("bot-drill-*"))


def test_a_row_that_does_not_come_back_fails_the_drill(tmp_path: Path) -> None:
    """The trigger stands for whatever may go wrong: the restored ledger loses rows while it is noted that it was restored."""
    with closing(sqlite3.connect(tmp_path / "bot.db")) as db:
        db.executescript((ROOT / "tests" / "data" / "releases" / "012.sql").read_text(encoding="utf-8"))
        db.execute("create trigger loses after insert on security_log begin delete from turns; end")
        db.commit()
        (number,) = db.execute("select count(*) from turns").fetchone()
    done = drill(tmp_path, WECHAT_TOKEN="t" * 20, KNOWLEDGE_DIR=str(make_knowledge(tmp_path / "knowledge")))
    assert done.returncode == 1
    assert f"[不对] 表 turns：备份里 {number} 行，恢复以后 0 行" in done.stderr and "演练没有通过" in done.stderr
    assert "演练通过" not in done.stdout


def test_without_a_ledger_there_is_nothing_to_drill(tmp_path: Path) -> None:
    done = drill(tmp_path, WECHAT_TOKEN="t" * 20)
    assert (done.returncode, done.stdout) == (2, "")
    assert "没有台账" in done.stderr
    assert os.listdir(tmp_path) == ["instance"] or not os.listdir(tmp_path)
