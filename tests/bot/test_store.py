import multiprocessing
import sqlite3
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.ledger.clock import stamp
from bot.ledger.store import Replayed, Store, StoreError, Turn
from bot.message import Option, Reply
from tests.conftest import NOW, PSEUDONYM_KEY

TURN = Turn(
    key="k1", received_at=stamp(NOW), day="2026-11-23", channel="公众号文字", villager="v1", kind="text", text="欠薪",
    decision="choose", entry_id=None, entry_version=None, category=None, score=0.5, offered=("wage", "divorce"), follows=None,
    reply=Reply("选一个", (Option("一", "1"), Option("二", "2")), "尾"), latency_ms=1.5,
)  # fmt: skip

SCHEMA = {
    "migrations": ["number", "name"],
    "nonces": ["nonce", "message", "seen_at"],
    "turns": [
        "key", "received_at", "day", "channel", "villager", "kind", "text", "decision", "entry_id", "entry_version",
        "category", "score", "offered", "follows", "reply", "latency_ms",
    ],
}  # fmt: skip


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


def test_a_turn_is_written_once_and_its_reply_comes_back_whole(store: Store) -> None:
    assert store.record(TURN) == TURN.reply
    assert store.record(replace(TURN, reply=Reply("别的"))) == TURN.reply
    assert store.reply_to("k1") == TURN.reply
    assert store.reply_to("k2") is None
    (row,) = store.query("select * from turns", {})
    assert (row["villager"], row["offered"], row["score"]) == ("v1", '["wage", "divorce"]', 0.5)


def test_threads_that_record_one_message_at_once_get_one_reply(store: Store) -> None:
    replies: list[Reply] = []
    barrier = threading.Barrier(8)

    def record(n: int) -> None:
        barrier.wait()
        replies.append(store.record(replace(TURN, reply=Reply(f"第{n}"))))

    threads = [threading.Thread(target=record, args=(n,)) for n in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert len(set(replies)) == 1
    assert store.query("select count(*) as n from turns", {}) == [{"n": 1}]


def test_the_last_offer_is_the_newest_within_its_time(store: Store) -> None:
    store.record(TURN)
    store.record(replace(TURN, key="k2", received_at=stamp(NOW + timedelta(minutes=1)), offered=(), entry_id="wage"))
    store.record(replace(TURN, key="k3", received_at=stamp(NOW + timedelta(minutes=2)), offered=(), decision="command"))
    assert store.last_offer("v1", since=NOW) == ("k2", (), "wage")
    assert store.last_offer("v1", since=NOW + timedelta(minutes=5)) is None
    assert store.last_offer("v2", since=NOW) is None


def test_pseudonyms_are_keyed_stable_and_do_not_hold_the_sender(store: Store, database: Path) -> None:
    other = Store(f"sqlite:///{database}", pseudonym_key="another key")
    assert store.pseudonym("oOpenid") == store.pseudonym("oOpenid")
    assert store.pseudonym("oOpenid") != other.pseudonym("oOpenid")
    assert store.pseudonym("oOpenid") != store.message_key("oOpenid")
    assert "oOpenid" not in store.pseudonym("oOpenid")
    other.close()


def test_forgetting_cuts_rows_loose_and_keeps_their_count(store: Store) -> None:
    store.record(TURN)
    store.record(replace(TURN, key="k2"))
    store.record(replace(TURN, key="k3", villager="v2"))
    stranger = store.forget("v1")
    rows = store.query("select villager, text, reply from turns order by key", {})
    assert [r["villager"] for r in rows] == [stranger, stranger, "v2"]
    assert [r["text"] for r in rows] == [None, None, "欠薪"]
    assert store.reply_to("k1") == Reply("")


def test_a_nonce_belongs_to_one_message_and_is_dropped_in_time(store: Store) -> None:
    store.claim_nonce("n", "k1", NOW)
    store.claim_nonce("n", "k1", NOW)
    with pytest.raises(Replayed):
        store.claim_nonce("n", "k2", NOW)
    store.claim_nonce("n", "k2", NOW + timedelta(minutes=16))


def test_a_file_that_is_no_database_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "bot.db").write_bytes(b"this is not a database, it is a text" * 100)
    with pytest.raises(StoreError):
        Store(f"sqlite:///{tmp_path / 'bot.db'}", pseudonym_key="k")
