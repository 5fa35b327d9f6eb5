"""Transactions that share a commit."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from bot.ledger.group import Group, Locked


class Watched(sqlite3.Connection):
    """A connection that counts its commits, and can be made to fail at them."""

    commits = 0
    broken = False

    def execute(self, sql: str, *values: object) -> sqlite3.Cursor:
        if sql == "commit":
            Watched.commits += 1
            if Watched.broken:
                raise sqlite3.OperationalError("database or disk is full")
        return super().execute(sql, *values)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    db = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    db.execute("pragma journal_mode = wal")
    db.execute("create table said (who text primary key)")
    db.close()
    return tmp_path / "a.db"


@pytest.fixture
def group(file: Path) -> Group:
    Watched.commits, Watched.broken = 0, False

    @contextmanager
    def lend() -> Iterator[Watched]:
        db = sqlite3.connect(file, isolation_level=None, check_same_thread=False, factory=Watched)
        try:
            yield db
        finally:
            db.close()

    return Group(lend, patience=2.0)


def rows(file: Path) -> list[str]:
    db = sqlite3.connect(file)
    try:
        return [who for (who,) in db.execute("select who from said order by who")]
    finally:
        db.close()


def say(group: Group, who: str) -> None:
    with group.together() as db:
        db.execute("insert into said values (?)", (who,))


def all_at_once(group: Group, works: list[Callable[[], None]]) -> None:
    """Start everything while the first holds the turn, so that the others wait behind it."""
    begun = threading.Event()

    def first() -> None:
        with suppress(sqlite3.OperationalError), group.together() as db:
            db.execute("insert into said values ('first')")
            begun.set()
            while group._waiting < len(works):
                threading.Event().wait(0.001)

    threads = [threading.Thread(target=first), *(threading.Thread(target=work) for work in works)]
    threads[0].start()
    begun.wait(2)
    for thread in threads[1:]:
        thread.start()
    for thread in threads:
        thread.join(5)


def test_what_waits_is_committed_once_for_all(group: Group, file: Path) -> None:
    all_at_once(group, [lambda n=n: say(group, f"{n}") for n in range(6)])  # type: ignore[misc]
    assert rows(file) == ["0", "1", "2", "3", "4", "5", "first"]
    assert Watched.commits == 1


def test_what_has_returned_is_there_for_everybody_at_once(group: Group, file: Path) -> None:
    seen: list[bool] = []

    def work(n: int) -> None:
        say(group, f"{n}")
        seen.append(f"{n}" in rows(file))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    assert seen == [True] * 20


def test_one_that_fails_is_undone_alone_and_sees_the_others_when_it_tries_again(group: Group, file: Path) -> None:
    found: list[list[str]] = []

    def twice() -> None:
        try:
            with group.together() as db:
                db.execute("insert into said values ('half')")
                db.execute("insert into said values ('first')")  # is there already
        except sqlite3.IntegrityError:
            found.append(rows(file))

    all_at_once(group, [twice, lambda: say(group, "other")])
    assert "first" in found[0] and "half" not in found[0]
    assert rows(file) == ["first", "other"]


def test_a_commit_that_fails_fails_for_all_that_wait_for_it(group: Group, file: Path) -> None:
    Watched.broken = True
    failed: list[str] = []

    def work(who: str) -> None:
        try:
            say(group, who)
        except sqlite3.OperationalError as e:
            failed.append(str(e))

    all_at_once(group, [lambda n=n: work(f"{n}") for n in range(3)])  # type: ignore[misc]
    assert failed == ["database or disk is full"] * 3
    Watched.broken = False
    say(group, "after")
    assert rows(file) == ["after"]


def test_a_transaction_of_its_own_shares_no_commit(group: Group, file: Path) -> None:
    def alone() -> None:
        with group.alone() as db:
            db.execute("insert into said values ('alone')")
            raise ValueError

    def work() -> None:
        with suppress(ValueError):
            alone()

    all_at_once(group, [work])
    assert rows(file) == ["first"]


def test_who_waits_too_long_is_told_and_nobody_is_left_without_a_commit(group: Group, file: Path) -> None:
    group._patience = 0.2
    told: list[str] = []

    def work() -> None:
        try:
            say(group, "late")
        except Locked as e:
            told.append(str(e))

    with group.together() as db:
        db.execute("insert into said values ('slow')")
        thread = threading.Thread(target=work)
        thread.start()
        thread.join(5)
    assert told == ["database is locked"]
    assert rows(file) == ["slow"]
