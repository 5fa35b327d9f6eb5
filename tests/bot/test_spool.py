"""Rows that wait for the ledger, and how they come in: once, in order, whatever breaks on the way."""

import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.dialogue.respond import respond
from bot.dialogue.state import State, to_json
from bot.faq.library import Library
from bot.ledger import advisers, villagers
from bot.ledger.clock import stamp
from bot.ledger.spool import Kept, Spool
from bot.ledger.standby import Standby
from bot.ledger.store import Store, StoreError, insert
from bot.ledger.turns import Replayed, Turn
from bot.message import WECHAT_TEXT, Incoming, Reply
from tests.conftest import NOW, PSEUDONYM_KEY

TURN = Turn(
    key="k1", received_at=stamp(NOW), day="2026-11-23", channel="公众号文字", villager="v1", kind="text", text="欠薪",
    decision="answer", entry_id="wage", entry_version="1", category="劳动与工资", score=0.5, offered=(), follows=None,
    reply=Reply("答"), latency_ms=1.5,
)  # fmt: skip


def kept(key: str, seconds: int = 0, **changes: object) -> Kept:
    more = {name: changes.pop(name) for name in list(changes) if name in Kept.__annotations__}
    turn = replace(TURN, key=key, received_at=stamp(NOW + timedelta(seconds=seconds)), **changes)  # type: ignore[arg-type]
    return Kept(turn, who="v1", **more)  # type: ignore[arg-type]


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool")


@pytest.fixture
def standby(spool: Spool) -> Standby:
    return Standby(spool)


def keys(store: Store) -> list[str]:
    return [row["key"] for row in store.query("select key from turns order by received_at, key", {})]


def files(spool: Spool) -> list[str]:
    return sorted(path.suffix for path in spool.folder.iterdir())


def test_a_row_is_kept_once_and_its_message_gets_the_same_reply_again(spool: Spool) -> None:
    assert spool.add(kept("k1")) == Reply("答")
    assert spool.add(kept("k1", reply=Reply("别的"))) == Reply("答")
    assert spool.reply_to("k1") == Reply("答")
    (path,) = spool.waiting()
    assert [json.loads(line)["turn"]["key"] for line in path.read_text("utf-8").splitlines() if line] == ["k1"]
    assert path.stat().st_mode & 0o077 == 0


def test_another_process_knows_what_waits_and_what_was_taken_in(spool: Spool, store: Store) -> None:
    other = Spool(spool.folder)
    assert other.reply_to("k1") is None
    spool.add(kept("k1", nonce="n", state="{}"))
    assert (other.reply_to("k1"), other.nonce_owner("n")) == (Reply("答"), "k1")
    last = other.last_of("v1")
    assert last is not None and last.state == "{}"
    assert Standby(other).recover(store) == 1
    assert (spool.reply_to("k1"), spool.nonce_owner("n"), spool.last_of("v1")) == (None, None, None)
    spool.add(kept("k2"))
    assert other.reply_to("k2") == Reply("答")


def test_a_spool_that_was_empty_for_long_knows_at_once_what_another_process_writes(spool: Spool) -> None:
    spool.folder.mkdir()
    os.utime(spool.folder, (1_700_000_000, 1_700_000_000))
    assert [spool.reply_to("k1"), spool.reply_to("k1")] == [None, None]
    Spool(spool.folder).add(kept("k1"))
    assert spool.reply_to("k1") == Reply("答")


def test_rows_come_in_like_others_in_their_order_and_once(standby: Standby, store: Store) -> None:
    with store.writing() as db:
        insert(db, "counted", {"month": "2026-11", "version": 1, "data": "as it was counted before"})
    for n in range(3):
        standby.keep(kept(f"k{n}", n, follows="k0" if n else None))
    data = standby.spool.waiting()[0].read_bytes()
    assert standby.recover(store) == 3
    assert standby.spool.is_empty and list(standby.spool.folder.iterdir()) == []
    rows = store.query("select key, superseded from turns order by key", {})
    assert [(row["key"], row["superseded"]) for row in rows] == [("k0", 1), ("k1", 0), ("k2", 0)]
    assert store.query("select month, data from counted", {}) == [{"month": "2026-11", "data": None}]  # to be counted anew
    # Killed before the file was gone: it is found once more.
    (standby.spool.folder / "again.jsonl").write_bytes(data)
    standby.recover(store)
    assert keys(store) == ["k0", "k1", "k2"]
    assert standby.spool.is_empty


def test_a_message_that_was_recorded_after_all_is_not_recorded_again(standby: Standby, store: Store) -> None:
    standby.keep(kept("k1", reply=Reply("存着的")))
    from bot.ledger import turns

    with store.writing() as db:
        turns.record(db, TURN)
    standby.recover(store)
    (row,) = store.query("select reply from turns", {})
    assert json.loads(row["reply"])["text"] == "答"


def test_the_end_of_a_file_that_was_broken_off_is_dropped_and_a_line_that_nobody_reads_is_put_aside(
    standby: Standby, store: Store
) -> None:
    standby.keep(kept("k1"))
    (path,) = standby.spool.waiting()
    whole = path.read_bytes()
    path.write_bytes(b'{"turn": "of another program"}\n' + whole + whole[:50])
    assert standby.recover(store) == 1
    assert keys(store) == ["k1"]
    (aside,) = standby.spool.aside()
    assert aside.read_bytes() == b'{"turn": "of another program"}\n'
    standby.spool.bring_back()
    standby.recover(store)
    assert files(standby.spool) == [".bad"]


def test_a_row_that_the_ledger_refuses_does_not_keep_others_out(standby: Standby, store: Store) -> None:
    for n, category in enumerate(("一", None, "二")):
        standby.keep(kept(f"k{n}", n, category=category))
    with store.writing() as db:
        db.execute("create trigger picky before insert on turns when new.category is null begin select raise(abort, 'no'); end")
    assert standby.recover(store) == 2
    assert keys(store) == ["k0", "k2"]
    assert len(standby.spool.aside()) == 1
    with store.writing() as db:
        db.execute("drop trigger picky")
    standby.spool.bring_back()
    assert standby.recover(store) == 1
    assert keys(store) == ["k0", "k1", "k2"]


def test_the_conversation_goes_on_from_where_it_was_unless_it_went_on_since(standby: Standby, store: Store) -> None:
    state = to_json(State(misses=1))
    standby.keep(kept("k1", 5, state=state, notice="2026-11", village="示例一村"))
    standby.recover(store)
    with store.reading() as db:
        found = villagers.find(db, "v1")
    assert (found.state, found.notice, found.village) == (state, "2026-11", "示例一村")
    assert found.state_at == stamp(NOW + timedelta(seconds=5))
    standby.keep(kept("k2", 3, state=to_json(State(misses=2))))
    standby.recover(store)
    with store.reading() as db:
        assert villagers.find(db, "v1").state == state


def test_what_only_the_ledger_knew_is_added_when_a_row_comes_in(standby: Standby, store: Store) -> None:
    with store.writing() as db:
        insert(db, "villagers", {"villager": "v1", "village": "示例二村", "version": 1})
        insert(db, "advisers", {"number": 7, "name": "甲", "role": advisers.TESTER, "sender": "v1"})
    standby.keep(kept("k1"))
    standby.recover(store)
    assert store.query("select village, adviser from turns", {}) == [{"village": "示例二村", "adviser": 7}]


def test_nothing_of_somebody_who_withdrew_or_left_comes_in_with_their_name(standby: Standby, store: Store) -> None:
    with store.writing() as db:
        villagers.withdraw(db, "v1", NOW)
    standby.keep(kept("k1"))
    standby.keep(kept("k2", 1, leaves=True, text=None))
    standby.recover(store)
    rows = store.query("select villager, text from turns", {})
    assert len(rows) == 2
    assert all(row["villager"] != "v1" and row["text"] is None for row in rows)


def test_an_emergency_that_must_be_reported_opens_its_task_late_rather_than_never(standby: Standby, store: Store) -> None:
    standby.keep(Kept(replace(TURN, category="正在挨打", decision="crisis", text=None, village="示例一村"), duty=True))
    standby.recover(store)
    standby.recover(store)
    assert store.query("select kind, village, opened_at from duties", {}) == [
        {"kind": "正在挨打", "village": "示例一村", "opened_at": stamp(NOW)}
    ]


def test_a_spool_that_cannot_be_written_keeps_rows_in_memory_and_says_so_once(
    tmp_path: Path, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "spool").write_text("a file where the folder should be")
    standby = Standby(Spool(tmp_path / "spool"))
    with pytest.raises(OSError):
        standby.spool.probe()
    assert [standby.keep(kept(f"k{n}", n)) for n in range(3)] == [Reply("答")] * 3
    assert standby.spool.reply_to("k1") == Reply("答")
    said = [r.getMessage() for r in caplog.records if "内存" in r.getMessage()]
    assert len(said) == 1 and "腾出磁盘空间" in said[0]
    (tmp_path / "spool").unlink()
    standby.keep(kept("k3", 3))
    assert standby.spool.held == 0
    assert standby.recover(store) == 4
    assert keys(store) == ["k0", "k1", "k2", "k3"]


def test_two_processes_that_take_in_at_once_lose_and_double_nothing(spool: Spool, store: Store) -> None:
    import threading

    writers = [Spool(spool.folder) for _ in range(3)]
    standbys = [Standby(Spool(spool.folder)) for _ in range(2)]
    over = threading.Event()

    def write(n: int) -> None:
        for m in range(60):
            writers[n].add(kept(f"k{n}-{m}", m))

    def take_in(standby: Standby) -> None:
        while not over.is_set():
            standby.recover(store)

    writing = [threading.Thread(target=write, args=(n,)) for n in range(3)]
    taking = [threading.Thread(target=take_in, args=(s,)) for s in standbys]
    for t in (*writing, *taking):
        t.start()
    for t in writing:
        t.join()
    over.set()
    for t in taking:
        t.join()
    standbys[0].recover(store)
    assert sorted(keys(store)) == sorted(f"k{n}-{m}" for n in range(3) for m in range(60))
    assert spool.is_empty and not spool.aside()


@pytest.fixture
def say(store: Store, library: Library, standby: Standby) -> Callable[..., Reply]:
    def say(text: str, *, key: str, nonce: str | None = None) -> Reply:
        message = Incoming(key, "oA", WECHAT_TEXT, "text", text, nonce)
        return respond(message, store=store, library=library, now=NOW, standby=standby)

    return say


def test_without_the_ledger_what_was_asked_is_masked_and_nobody_is_named_in_the_spool(
    say: Callable[..., Reply], standby: Standby, store: Store, database: Path
) -> None:
    standby.failed(StoreError("gone"), reading=True)
    assert "您问的是" in say("老板不给工资，我电话13800138000，住址不说", key="oA|1").text
    (path,) = standby.spool.waiting()
    data = path.read_text("utf-8")
    assert "13800138000" not in data and "oA" not in data and store.pseudonym("oA") in data
    assert standby.recover(store) == 1
    assert store.query("select text, decision from turns", {}) == [
        {"text": "老板不给工资，我电话[手机号]，住址不说", "decision": "answer"}
    ]


def test_a_nonce_used_while_the_ledger_was_away_stays_used(say: Callable[..., Reply], standby: Standby, store: Store) -> None:
    standby.failed(StoreError("gone"), reading=True)
    first = say("老板不给工资", key="k1", nonce="n")
    assert say("老板不给工资", key="k1", nonce="n") == first
    with pytest.raises(Replayed):
        say("伪造的问题", key="k2", nonce="n")
    standby.recover(store)
    with pytest.raises(Replayed):
        say("伪造的问题", key="k2", nonce="n")


def test_a_deleted_ledger_is_put_back_by_whoever_still_holds_it(store: Store, standby: Standby, database: Path) -> None:
    standby.keep(kept("k1"))
    standby.recover(store)
    for path in database.parent.glob("bot.db*"):
        path.unlink()
    with pytest.raises(StoreError, match="被删掉"):
        store.query("select 1", {})
    standby.keep(kept("k2", 1))
    assert standby.recover(store) == 1
    with closing(sqlite3.connect(database)) as db:
        assert db.execute("select key from turns order by key").fetchall() == [("k1",), ("k2",)]


def test_another_ledger_beside_the_log_of_the_last_one_is_refused(store: Store, standby: Standby, tmp_path: Path) -> None:
    standby.keep(kept("k1"))
    standby.recover(store)
    other = tmp_path / "other.db"
    Store(f"sqlite:///{other}", pseudonym_key=PSEUDONYM_KEY).close()
    os.replace(other, store.path)
    standby.recover(store)
    assert "合在一起会坏" in standby.trouble


def test_another_ledger_without_a_log_is_taken_and_goes_on(store: Store, standby: Standby, tmp_path: Path) -> None:
    standby.keep(kept("k1"))
    standby.recover(store)
    other = tmp_path / "other.db"
    Store(f"sqlite:///{other}", pseudonym_key=PSEUDONYM_KEY).close()
    for name in ("bot.db-wal", "bot.db-shm"):
        store.path.with_name(name).unlink(missing_ok=True)
    os.replace(other, store.path)
    standby.keep(kept("k2"))
    assert standby.recover(store) == 1
    assert keys(store) == ["k2"]
