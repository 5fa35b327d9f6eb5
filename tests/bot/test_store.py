import json
import multiprocessing
import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.ledger import turns, villagers
from bot.ledger.clock import stamp
from bot.ledger.migrations import MIGRATIONS
from bot.ledger.store import Store, StoreError
from bot.ledger.turns import Turn
from bot.message import Option, Reply
from tests.conftest import NOW, PSEUDONYM_KEY, ROOT

pytestmark = pytest.mark.both_ledgers

TURN = Turn(
    key="k1", received_at=stamp(NOW), day="2026-11-23", channel="公众号文字", villager="v1", kind="text", text="欠薪",
    decision="choose", entry_id=None, entry_version=None, category=None, score=0.5, offered=("wage", "divorce"), follows=None,
    reply=Reply("选一个", (Option("一", "1"), Option("二", "2")), "尾"), latency_ms=1.5,
)  # fmt: skip

SCHEMA: dict[str, list[str]] = json.loads((ROOT / "tests" / "data" / "schema.json").read_text("utf-8"))
"""Every table with its columns; a new migration changes this file with it."""


def schema(path: Path) -> dict[str, list[str]]:
    connection = sqlite3.connect(path)
    try:
        names = [r[0] for r in connection.execute("select name from sqlite_master where type = 'table' order by name")]
        return {n: [r[1] for r in connection.execute(f"pragma table_info({n})")] for n in names}
    finally:
        connection.close()


def test_a_new_file_gets_the_whole_schema_and_opening_again_changes_nothing(database: Path, store: Store) -> None:
    assert schema(database) == SCHEMA
    Store(f"sqlite:///{database}", pseudonym_key="other").close()
    assert schema(database) == SCHEMA


def test_the_first_schema_is_brought_up_to_date_with_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    old = sqlite3.connect(path)
    for step in MIGRATIONS[:2]:
        step(old.execute)
    old.execute("create table migrations (number integer primary key, name text not null)")
    old.executemany("insert into migrations values (?, ?)", [(1, "m001_turns"), (2, "m002_nonces")])
    rows = [
        ("k", "网页", "miss", None),
        ("c", "网页", "choose", None),
        ("d", "网页", "answer", "c"),
        ("e", "电话", "logged", None),
    ]
    old.executemany(
        "insert into turns (key, received_at, day, channel, villager, kind, decision, category, follows, reply, latency_ms)"
        " values (?, '2026-01-01T00:00:00.000Z', '2026-01-01', ?, 'v', 'text', ?, '婚姻', ?, '{}', 1)",
        rows,
    )
    old.commit()
    old.close()
    store = Store(f"sqlite:///{path}", pseudonym_key=PSEUDONYM_KEY)
    assert [
        tuple(row.values())
        for row in store.query(
            "select key, channel, decision, category, answered_by, village, superseded, retries from turns order by key", {}
        )
    ] == [
        ("c", "网页", "choose", "婚姻", "机器人", None, 1, 0),
        ("d", "网页", "answer", "婚姻", "机器人", None, 0, 0),
        ("e", "公众号文字", "command", None, "机器人", None, 0, 0),
        ("k", "网页", "miss", "婚姻", "机器人", None, 0, 0),
    ]
    # What an adviser had noted by WeChat is a row of the register now.
    assert store.query("select number, day, village, channel, category, people, result from offline", {}) == [
        {
            "number": 1,
            "day": "2026-01-01",
            "village": "未说明",
            "channel": "电话",
            "category": "婚姻",
            "people": 1,
            "result": "已解答",
        }
    ]
    store.close()
    assert schema(path) == SCHEMA


def open_store(path: str, barrier: object) -> None:
    barrier.wait()  # type: ignore[attr-defined]
    Store(f"sqlite:///{path}", pseudonym_key=PSEUDONYM_KEY).close()


def test_processes_that_open_a_new_file_at_once_migrate_it_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(4)
    processes = [context.Process(target=open_store, args=(str(tmp_path / "new.db"), barrier)) for _ in range(4)]
    for p in processes:
        p.start()
    for p in processes:
        p.join(60)
    assert [p.exitcode for p in processes] == [0] * 4
    assert schema(tmp_path / "new.db") == SCHEMA


def test_a_turn_is_written_whole_and_its_reply_comes_back(store: Store) -> None:
    with store.writing() as db:
        turns.record(db, TURN)
    with store.reading() as db:
        assert turns.reply_to(db, "k1") == TURN.reply
        assert turns.reply_to(db, "k2") is None
    (row,) = store.query("select * from turns", {})
    assert (row["villager"], row["offered"], row["score"]) == ("v1", '["wage", "divorce"]', 0.5)
    assert (row["answered_by"], row["village"], row["verdict"]) == ("机器人", None, None)


def test_the_database_refuses_a_second_turn_of_one_message_and_undoes_the_transaction(store: Store) -> None:
    with store.writing() as db:
        turns.record(db, TURN)

    def twice() -> None:
        with store.writing() as db:
            turns.record(db, replace(TURN, key="k2"))
            turns.record(db, replace(TURN, reply=Reply("别的")))

    with pytest.raises(StoreError):
        twice()
    assert store.query("select key from turns", {}) == [{"key": "k1"}]


def test_what_is_kept_of_a_villager_is_not_overwritten_by_a_message_that_did_not_see_it(store: Store) -> None:
    with store.writing() as db:
        seen = villagers.find(db, "v1")
        villagers.save(db, seen, now=NOW, village="示例一村")
    with store.writing() as db, pytest.raises(villagers.Stale):
        villagers.save(db, seen, now=NOW, village="示例二村")
    with store.writing() as db:
        again = villagers.find(db, "v1")
        villagers.save(db, again, now=NOW, state="{}")
        assert villagers.find(db, "v1").village == "示例一村"
        with pytest.raises(villagers.Stale):
            villagers.save(db, again, now=NOW, village="示例二村")


def test_pseudonyms_are_keyed_stable_and_do_not_hold_the_sender(store: Store, database_url: str) -> None:
    other = Store(database_url, pseudonym_key="another key")
    assert store.pseudonym("oOpenid") == store.pseudonym("oOpenid")
    assert store.pseudonym("oOpenid") != other.pseudonym("oOpenid")
    assert store.pseudonym("oOpenid") != store.message_key("oOpenid")
    assert "oOpenid" not in store.pseudonym("oOpenid")
    other.close()


def test_forgetting_cuts_rows_loose_and_keeps_their_count(store: Store) -> None:
    with store.writing() as db:
        for turn in (TURN, replace(TURN, key="k2"), replace(TURN, key="k3", villager="v2")):
            turns.record(db, turn)
        turns.forget(db, "v1", "nobody")
        assert turns.reply_to(db, "k1") == Reply("")
    rows = store.query("select villager, text, reply from turns order by key", {})
    assert [r["villager"] for r in rows] == ["nobody", "nobody", "v2"]
    assert [r["text"] for r in rows] == [None, None, "欠薪"]


def test_a_nonce_belongs_to_one_message_and_is_dropped_in_time(store: Store) -> None:
    with store.writing() as db:
        turns.claim_nonce(db, "n", "k1", NOW)
        turns.claim_nonce(db, "n", "k1", NOW)
        with pytest.raises(turns.Replayed):
            turns.claim_nonce(db, "n", "k2", NOW)
        turns.claim_nonce(db, "n", "k2", NOW + timedelta(minutes=16))


def test_a_file_that_is_no_database_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "bot.db").write_bytes(b"this is not a database, it is a text" * 100)
    with pytest.raises(StoreError):
        Store(f"sqlite:///{tmp_path / 'bot.db'}", pseudonym_key="k")
