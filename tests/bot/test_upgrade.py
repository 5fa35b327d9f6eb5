"""A ledger of an earlier release under the present program: nothing is lost, and there is a way back.

``tests/data/releases/NNN.sql`` was written by the program whose ledger ended with step NNN: a made-up conversation and,
from 012 on, some rows of ``python -m bot demo``; ``NNN.json`` is what that program reported of it.
"""

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.dialogue.respond import respond
from bot.faq.library import Library
from bot.ledger import upgrade
from bot.ledger.migrations import MIGRATIONS
from bot.ledger.store import Store
from bot.ledger.upgrade import NewerLedger, NoCopy
from bot.message import WEB, WECHAT_TEXT, Incoming
from tests.commands import command
from tests.conftest import PSEUDONYM_KEY, ROOT

RELEASES = sorted((ROOT / "tests" / "data" / "releases").glob("*.sql"))
NOW = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
STEPS = [step.__name__ for step in MIGRATIONS]

Rows = dict[str, list[dict[str, Any]]]


def rows_of(path: Path) -> Rows:
    """Return all rows of all tables, as a stranger would read the file."""
    with closing(sqlite3.connect(path)) as db:
        db.row_factory = sqlite3.Row
        names = [row[0] for row in db.execute("select name from sqlite_master where type = 'table' order by name")]
        return {name: [dict(row) for row in db.execute(f'select * from "{name}" order by rowid')] for name in names}


@pytest.fixture(params=RELEASES, ids=lambda path: path.stem)
def release(request: pytest.FixtureRequest, database: Path) -> Path:
    """The database as an earlier release left it; the dump that it comes from."""
    database.parent.mkdir(parents=True)
    with closing(sqlite3.connect(database)) as db:
        db.executescript(request.param.read_text(encoding="utf-8"))
    path: Path = request.param
    return path


@pytest.fixture
def open_store(database: Path) -> Iterator[Callable[[], Store]]:
    made: list[Store] = []

    def open_() -> Store:
        made.append(Store(f"sqlite:///{database}", pseudonym_key=PSEUDONYM_KEY))
        return made[-1]

    yield open_
    for store in made:
        store.close()


def test_every_row_of_every_release_is_there_after_the_upgrade(
    release: Path, database: Path, open_store: Callable[[], Store]
) -> None:
    before = rows_of(database)
    assert sum(map(len, before.values())) > 20
    open_store()
    after = rows_of(database)
    assert [row["name"] for row in after["migrations"]] == STEPS
    for table, rows in before.items():
        if table == "migrations":
            continue
        kept = [{name: row[name] for name in rows[0]} for row in after[table]] if rows else []
        assert kept == rows, table


def test_an_upgrade_leaves_the_ledger_as_it_was_in_one_file_and_there_is_a_way_back(
    release: Path, database: Path, open_store: Callable[[], Store]
) -> None:
    if int(release.stem) == len(STEPS):  # nothing to upgrade
        return
    before = rows_of(database)
    open_store().close()
    (copy,) = database.parent.glob("before-*")
    assert copy.name == f"before-upgrade-{release.stem}.db"
    assert copy.stat().st_mode & 0o077 == 0
    assert rows_of(copy) == before
    shutil.copy(copy, database)  # as docs/operations.md says
    for log in ("-wal", "-shm"):
        database.with_name(database.name + log).unlink(missing_ok=True)
    assert rows_of(database) == before
    open_store()
    assert [row["name"] for row in rows_of(database)["migrations"]] == STEPS


def test_reports_on_what_an_earlier_release_recorded_say_the_same(
    release: Path, database: Path, tmp_path: Path, knowledge: Path
) -> None:
    environment = {"DATABASE_URL": f"sqlite:///{database}", "KNOWLEDGE_DIR": str(knowledge), "PSEUDONYM_KEY": PSEUDONYM_KEY}
    expected = json.loads(release.with_suffix(".json").read_text(encoding="utf-8"))
    for period, numbers in expected.items():
        start, end = period.split("/")
        done = command(tmp_path, "report", "--from", start, "--to", end, "--format", "json", environment=environment)
        assert done.returncode == 0, done.stderr
        report = json.loads(done.stdout)
        # What release 002 took for questions (a village's name, a command) the later rules leave out.
        if int(release.stem) > 2:
            assert {name: report["total"][name] for name in numbers["total"]} == numbers["total"]
        assert {row["category"]: row["consultations"] for row in report["by_category"]} == numbers["by_category"]
        figures = numbers.get("figures", {})
        assert {name: report["figures"][name] for name in figures} == figures


def test_conversations_go_on_where_they_stood(
    release: Path, database: Path, library: Library, open_store: Callable[[], Store]
) -> None:
    store = open_store()

    def says(key: str, who: str, text: str, channel: str = WECHAT_TEXT) -> str:
        return respond(Incoming(key, who, channel, "text", text), store=store, library=library, now=NOW).text

    before = len(rows_of(database)["turns"])
    # Delivered once more after the upgrade: the reply of before it, and no second row.
    assert says("oExample1|2", "oExample1", "老板不给工资").startswith("您问的是：老板拖欠工资怎么要？")
    assert len(rows_of(database)["turns"]) == before
    assert "您问的是：对方不同意离婚怎么办？" in says("new|1", "oExample2", "想离婚他不签字")
    assert "您问的是：退婚彩礼能要回来吗？" in says("new|2", "web|exampleexample01", "女方悔婚彩礼", WEB)
    rows = rows_of(database)["turns"]
    assert len(rows) == before + 2
    assert len({row["villager"] for row in rows if row["villager"] == store.pseudonym("oExample2")}) == 1
    if int(release.stem) > 2:  # a number given before the upgrade still finds its question
        assert "001" in says("new|3", "oExample3", "001")


def test_the_program_refuses_a_ledger_of_a_newer_one_and_says_what_to_do(store: Store, database: Path) -> None:
    with store.writing() as db:
        db.execute("insert into migrations (number, name) values (99, 'm099_of_tomorrow')")
    before = rows_of(database)
    with pytest.raises(NewerLedger) as refused:
        Store(f"sqlite:///{database}", pseudonym_key=PSEUDONYM_KEY)
    said = str(refused.value)
    assert f"第99步（99：m099_of_tomorrow），这个程序只认识到第{len(STEPS)}步" in said
    assert "把程序更新到和台账一样新" in said and "before-upgrade-" in said and "docs/operations.md" in said
    assert "退回旧版" in (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    assert rows_of(database) == before
    assert not list(database.parent.glob("before-upgrade-*"))


def test_a_step_of_another_program_is_refused_though_the_number_is_known(store: Store, database: Path) -> None:
    with store.writing() as db:
        db.execute("update migrations set name = 'm005_of_somebody_else' where number = 5")
    with pytest.raises(NewerLedger, match="5：m005_of_somebody_else"):
        Store(f"sqlite:///{database}", pseudonym_key=PSEUDONYM_KEY)


def test_without_a_copy_there_is_no_upgrade(database: Path) -> None:
    database.parent.mkdir(parents=True)
    with closing(sqlite3.connect(database)) as db:
        db.executescript(RELEASES[0].read_text(encoding="utf-8"))
    before = rows_of(database)
    # Whatever keeps the copy from its place: a full disk, no permission, something else of that name.
    blocked = database.with_name("before-upgrade-002.db")
    (blocked / "in the way").mkdir(parents=True)
    with pytest.raises(NoCopy, match=r"没有存成.*台账没有动，也没有升级"):
        Store(f"sqlite:///{database}", pseudonym_key=PSEUDONYM_KEY)
    assert rows_of(database) == before
    assert not list(database.parent.glob("*.part"))
    shutil.rmtree(blocked)
    Store(f"sqlite:///{database}", pseudonym_key=PSEUDONYM_KEY).close()
    assert blocked.is_file()


def test_a_full_disk_is_noticed_before_anything_is_written(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database.parent.mkdir(parents=True)
    with closing(sqlite3.connect(database)) as db:
        db.executescript(RELEASES[0].read_text(encoding="utf-8"))
    total, used, _ = shutil.disk_usage(database.parent)
    monkeypatch.setattr(upgrade.shutil, "disk_usage", lambda _: type("Usage", (), {"total": total, "used": used, "free": 1000}))
    with pytest.raises(NoCopy, match="磁盘空间不够"):
        Store(f"sqlite:///{database}", pseudonym_key=PSEUDONYM_KEY)
    assert not list(database.parent.glob("before-upgrade-*"))


def test_a_new_ledger_and_one_that_is_up_to_date_leave_no_copy(store: Store, database: Path) -> None:
    Store(f"sqlite:///{database}", pseudonym_key=PSEUDONYM_KEY).close()
    assert not list(database.parent.glob("before-upgrade-*"))
