"""What PostgreSQL does differently from SQLite below the same statements."""

import json
import multiprocessing
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import psycopg
import pytest

from bot.ledger import tickets, towns, turns
from bot.ledger.keeping.move import MoveError, move
from bot.ledger.postgres_pool import translated
from bot.ledger.store import Store, StoreError
from bot.settings import Settings
from tests import postgres
from tests.bot.test_sample import filled
from tests.bot.test_store import SCHEMA, TURN
from tests.commands import command
from tests.conftest import NOW, PSEUDONYM_KEY


@pytest.fixture
def url() -> str:
    return postgres.new_database()


@pytest.fixture
def server(url: str) -> Iterator[Store]:
    made = Store(url, pseudonym_key=PSEUDONYM_KEY)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("select 1", "select 1"),
        ("select * from t where a = :a and b >= :b_2", "select * from t where a = %(a)s and b >= %(b_2)s"),
        (
            "select * from t where what like 'answered: %' and a = :a",
            "select * from t where what like 'answered: %%' and a = %(a)s",
        ),
        ("select * from t where what like 'answered: %'", "select * from t where what like 'answered: %'"),
        ("select a::text from t where b = ':c'", "select a::text from t where b = ':c'"),
        ("create table t (text text not null, n integer)", 'create table t (text text collate "C" not null, n integer)'),
        ("alter table t add column a text", 'alter table t add column a text collate "C"'),
    ],
)
def test_a_statement_is_written_as_postgresql_wants_it(written: str, sent: str) -> None:
    assert translated(written) == sent.encode()


def test_the_schema_has_the_tables_and_columns_of_sqlite_and_one_that_knows_each_message(server: Store) -> None:
    with server.reading() as db:
        names = server.tables(db)
        found = {name: [c[0] for c in db.execute(f"select * from {name} limit 0").description] for name in names}
    assert found == SCHEMA | {"turn_keys": ["key", "day"]}


def migrate(url: str, barrier: object) -> None:
    barrier.wait()  # type: ignore[attr-defined]
    Store(url, pseudonym_key=PSEUDONYM_KEY, schema="town_new").close()


def test_ten_processes_that_open_a_new_database_at_once_migrate_it_once(url: str) -> None:
    context = multiprocessing.get_context("fork")
    barrier = context.Barrier(10)
    processes = [context.Process(target=migrate, args=(url, barrier)) for _ in range(10)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0] * 10
    with closing(Store(url, pseudonym_key=PSEUDONYM_KEY, schema="town_new")) as store, store.reading() as db:
        assert set(store.tables(db)) == set(SCHEMA) | {"turn_keys"}


def test_the_turns_lie_in_a_part_for_each_month_and_one_outside_them_is_not_lost(server: Store) -> None:
    days = ["2019-12-31", "2020-01-01", "2020-02-29"]
    server.expect(date(2019, 12, 5), date(2020, 1, 5))
    with server.writing() as db:
        for number, day in enumerate(days):
            turns.record(db, replace(TURN, key=f"k{number}", day=day))
    where = "select tableoid::regclass::text as part, day from turns order by day"
    assert [row["part"] for row in server.query(where, {})] == ["turns_2019_12", "turns_2020_01", "turns_other"]
    server.expect(date(2020, 2, 1), date(2020, 2, 1))
    assert [row["part"] for row in server.query(where, {})] == ["turns_2019_12", "turns_2020_01", "turns_2020_02"]
    assert server.query("select key, day from turn_keys order by key", {}) == [
        {"key": f"k{number}", "day": day} for number, day in enumerate(days)
    ]


def test_one_message_has_one_turn_even_on_two_days(server: Store) -> None:
    with server.writing() as db:
        turns.record(db, TURN)
    with pytest.raises(StoreError, match="UniqueViolation"), server.writing() as db:
        turns.record(db, replace(TURN, day="2026-12-24"))
    with server.writing() as db:
        db.execute("delete from turns")
        turns.record(db, replace(TURN, day="2026-12-24"))


def test_two_towns_of_one_database_have_nothing_in_common(url: str) -> None:
    with (
        closing(Store(url, pseudonym_key="a", schema="town_a")) as a,
        closing(Store(url, pseudonym_key="b", schema="town_b")) as b,
    ):
        for _ in range(3):  # the connections of the process's one pool go back and forth between them
            with a.writing("v1") as db:
                db.execute("delete from turns")
                turns.record(db, TURN)
            assert [len(town.query("select key from turns", {})) for town in (a, b)] == [1, 0]


def test_messages_of_one_villager_wait_for_each_other_and_others_do_not(server: Store) -> None:
    passed: list[str] = []

    def other(name: str) -> None:
        with server.writing(name):
            passed.append(name)

    threads = [threading.Thread(target=other, args=(name,)) for name in ("one", "two")]
    with server.writing("one"):
        for thread in threads:
            thread.start()
        threads[1].join(5)
        assert passed == ["two"]
        passed.append("first")
    threads[0].join(5)
    assert passed == ["two", "first", "one"]


def test_numbers_of_tickets_opened_at_once_by_many_are_all_different(server: Store) -> None:
    def ask(villager: str) -> None:
        with server.writing(villager) as db:
            tickets.open_ticket(
                db, villager=villager, village=None, question="?", category=None, turn=None, because="asked", now=NOW
            )

    threads = [threading.Thread(target=ask, args=(f"v{number}",)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert [row["number"] for row in server.query("select number from tickets order by number", {})] == list(range(1, 13))


def test_a_text_with_what_postgresql_cannot_keep_is_kept_without_it(server: Store) -> None:
    with server.writing() as db:
        turns.record(db, replace(TURN, text="欠\0薪\ud83d。"))
    assert server.query("select text from turns", {}) == [{"text": "欠薪?。"}]


def test_a_database_that_nobody_answers_for_is_said_to_be_none_in_time(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        Store(f"postgresql://postgres@/none?host={tmp_path}", pseudonym_key="k")


def test_connections_that_the_server_cut_are_replaced(server: Store) -> None:
    assert server.query("select 1 as one", {}) == [{"one": 1}]
    with psycopg.connect(server.url, autocommit=True) as other:
        other.execute(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
            " where pid <> pg_backend_pid() and datname = current_database()"
        )
    assert server.query("select 1 as one", {}) == [{"one": 1}]


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A made-up ledger of some months, in a file."""
    made = filled(tmp_path_factory.mktemp("year") / "bot.db", consultations=1000)
    yield made
    made.close()


def dump(store: Store) -> dict[str, list[str]]:
    with store.reading() as db:
        return {name: sorted(map(repr, db.execute(f"select * from {name}").fetchall())) for name in store.tables(db)}


def test_a_ledger_moves_to_postgresql_and_back_with_every_row(year: Store, server: Store, tmp_path: Path) -> None:
    before = dump(year)
    moved = move(year, server)
    assert moved == {name: len(rows) for name, rows in before.items() if name != "migrations"}
    assert {name: rows for name, rows in dump(server).items() if name != "turn_keys"} == before
    with closing(Store(f"sqlite:///{tmp_path / 'back.db'}", pseudonym_key=PSEUDONYM_KEY)) as back:
        move(server, back)
        assert dump(back) == before
    with pytest.raises(MoveError, match="已经有记录"):
        move(year, server)
    assert json.loads(json.dumps(moved))["turns"] > 1000


def test_a_ledger_in_postgresql_is_backed_up_into_the_same_file_and_comes_back(
    server: Store, knowledge: Path, tmp_path: Path
) -> None:
    settings = {"PSEUDONYM_KEY": PSEUDONYM_KEY, "DATABASE_URL": server.url, "KNOWLEDGE_DIR": str(knowledge)}
    with server.writing() as db:
        for number in range(3):
            turns.record(db, replace(TURN, key=f"k{number}"))
    (tmp_path / "out").mkdir()
    assert command(tmp_path, "backup", "out", environment=settings).returncode == 0
    (made,) = (tmp_path / "out").glob("*.zip")
    with server.writing() as db:
        db.execute("delete from turns where key <> 'k1'")
        turns.record(db, replace(TURN, key="later"))
    done = command(tmp_path, "restore", str(made), environment=settings)
    assert done.returncode == 0, done.stderr
    assert [row["key"] for row in server.query("select key from turns order by key", {})] == ["k0", "k1", "k2"]
    assert len(list((tmp_path / "instance").glob("before-restore-*.zip"))) == 1


def test_the_command_moves_the_ledgers_of_all_towns_and_never_shows_the_password(year: Store, url: str, tmp_path: Path) -> None:
    secret = {"SECRET_KEY": "a-secret-for-the-tests", "PSEUDONYM_KEY": PSEUDONYM_KEY, "TOWNS_DIR": str(tmp_path / "towns")}
    base = Settings(database_url=year.url, secret_key=secret["SECRET_KEY"], towns_dir=tmp_path / "towns")
    with year.writing() as db:
        town = towns.add(db, "shanhu", "示例镇", towns.new_keys(), secret_key=base.secret_key, now=NOW)
    with closing(towns.ledger_of(towns.settings_for(base, town))) as own, own.writing() as db:
        turns.record(db, TURN)
    target = url.replace("postgres:@", "postgres:geheim@")
    done = command(tmp_path, "move", year.url, target, environment=secret)
    assert done.returncode == 0, done.stderr
    assert "逐行核对过" in done.stdout
    assert "geheim" not in done.stdout + done.stderr
    moved = base.model_copy(update={"database_url": url})
    with closing(towns.ledger_of(towns.settings_for(moved, town))) as own:
        assert own.query("select key from turns", {}) == [{"key": "k1"}]
    again = command(tmp_path, "move", year.url, target, environment=secret)
    assert (again.returncode, "已经有记录" in again.stderr) == (2, True)
