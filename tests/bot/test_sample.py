"""The made-up ledger: the same for the same seed, plausible, valid, and with nobody's data in it."""

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.__main__ import main
from bot.faq.lists import categories, read_lists
from bot.ledger import counted
from bot.ledger.counting import Rule, count
from bot.ledger.register import records
from bot.ledger.register.definitions import REGISTERS
from bot.ledger.register.fields import validated
from bot.ledger.sample import fill, holds
from bot.ledger.sample.words import SENTENCES
from bot.ledger.store import Store
from bot.ledger.turns import Turn, record
from bot.message import CHANNELS, Reply
from bot.text import mask
from tests.conftest import KNOWLEDGE, PSEUDONYM_KEY

YEAR, ASKED = 2024, 900
VILLAGES = [f"示例{n}村" for n in "一二三四五六"]
PEOPLE = [
    *((f"示例顾问{v[2]}", "法律顾问", v) for v in VILLAGES),
    *((f"示例明白人{v[2]}", "法律明白人", v) for v in VILLAGES),
    ("示例助理员", "司法所", None),
]
NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
REAL = Turn(
    key="ab" * 16, received_at="2026-11-23T04:00:00.000Z", day="2026-11-23", channel="网页", villager="cd" * 16,
    kind="text", text="问题", decision="miss", entry_id=None, entry_version=None, category=None,
    score=None, offered=(), follows=None, reply=Reply(""), latency_ms=1.0,
)  # fmt: skip


def filled(path: Path, **changes: Any) -> Store:
    store = Store(f"sqlite:///{path}", pseudonym_key=PSEUDONYM_KEY)
    lists, _ = read_lists(KNOWLEDGE)
    assert lists
    entries = {name: [f"{n}-{i}" for i in range(5)] for n, name in enumerate(lists.texts["类别"])}
    fill(
        store,
        **{
            "year": YEAR,
            "consultations": ASKED,
            "seed": 1,
            "villages": VILLAGES,
            "categories": entries,
            "advisers": PEOPLE,
            "lists": lists,
            **changes,
        },
    )
    return store


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = filled(tmp_path_factory.mktemp("sample") / "a.db")
    yield store
    store.close()


def everything(store: Store) -> dict[str, list[dict[str, Any]]]:
    tables = [row["name"] for row in store.query("select name from sqlite_master where type = 'table'", {})]
    return {table: store.query(f"select * from {table} order by rowid", {}) for table in tables}


def seen(store: Store, column: str) -> Counter[Any]:
    return Counter(row[column] for row in store.query(f"select {column} from turns", {}))


def test_the_same_seed_gives_the_same_rows_and_another_seed_others(sample: Store, tmp_path: Path) -> None:
    same, other = filled(tmp_path / "same.db"), filled(tmp_path / "other.db", seed=2)
    assert everything(same) == everything(sample)
    assert everything(other)["turns"] != everything(sample)["turns"]
    same.close()
    other.close()


def test_about_as_many_consultations_as_were_asked_for(sample: Store) -> None:
    days = date(YEAR, 1, 1), date(YEAR, 12, 31)
    found = count(sample, *days, rule=Rule(), now=NOW)
    with sample.reading() as db:
        offline = sum(row["people"] for row in records.rows(db, "offline", *days))
    assert ASKED * 0.97 <= found.consultations.tally()[()] + offline <= ASKED * 1.03
    assert ASKED * 0.3 < found.consultations.people()[()] < ASKED * 0.6
    assert set(found.left_out) >= {
        "后来重新选过",
        "问候和命令",
        "关注、扫码等",
        "图片、语音没听懂等",
        "翻目录看条目",
        "顾问和测试人员",
    }
    assert found.retries > 0


def test_every_category_channel_and_month_occurs(sample: Store) -> None:
    lists, _ = read_lists(KNOWLEDGE)
    assert lists
    turns = "select category, channel, substr(day, 1, 7) as month from turns where decision <> 'crisis'"
    asked = sample.query(f"{turns} union all select category, channel, substr(day, 1, 7) from offline", {})
    assert {row["category"] for row in asked} - {None, "其他"} == set(lists.texts["类别"])
    assert {row["channel"] for row in asked} == set(CHANNELS)
    assert len({row["month"] for row in asked}) == 12
    assert set(seen(sample, "verdict")) == {None, "helped", "useless", "wrong"}
    assert set(seen(sample, "village")) == {None, *VILLAGES}


def test_a_settled_turn_is_marked_and_its_settling_follows_it(sample: Store) -> None:
    rows = sample.query("select key, day, villager, follows, superseded from turns", {})
    by_key = {row["key"]: row for row in rows}
    followed = [(row, by_key[row["follows"]]) for row in rows if row["follows"]]
    assert len(followed) > 50
    assert all((row["day"], row["villager"]) == (first["day"], first["villager"]) for row, first in followed)
    assert {first["key"] for _, first in followed} == {row["key"] for row in rows if row["superseded"]}


def test_wages_are_asked_for_before_the_festival_and_most_is_asked_in_the_week_of_the_constitution(tmp_path: Path) -> None:
    store = filled(tmp_path / "large.db", consultations=6000, lists=None, year=2025)
    wages = store.query(
        "select substr(day, 1, 7) as month, count(*) as n from turns where category = '劳动与工资' group by 1", {}
    )
    months = {row["month"]: row["n"] for row in wages}
    assert months["2025-01"] > 1.5 * max(months["2025-06"], months["2025-08"])
    days = seen(store, "day")
    week = sum(days[f"2025-12-0{n}"] for n in range(1, 8))
    assert week > 1.5 * sum(days[f"2025-11-{n:02d}"] for n in range(3, 10))
    assert sum(days[f"2025-01-{n}"] for n in (29, 30, 31)) < 0.5 * sum(days[f"2025-01-{n}"] for n in (15, 16, 17))
    store.close()


def test_the_day_is_the_towns_and_the_moment_is_utc(sample: Store) -> None:
    for row in sample.query("select received_at, day from turns", {}):
        at = datetime.fromisoformat(row["received_at"])
        assert (at.utcoffset() is not None, records.local_day(at).isoformat()) == (True, row["day"])


def test_no_text_holds_what_would_be_masked(sample: Store) -> None:
    texts = {
        value
        for table, rows in everything(sample).items()
        if table not in {"migrations", "counted"}
        for row in rows
        for name, value in row.items()
        if isinstance(value, str) and not re.fullmatch(r"[0-9a-f]{32}|sample-\d{4}-\d{20}|20\d\d-\d\d-\d\dT.*Z", value)
    }
    assert len(texts) > 300
    assert {text for text in texts if mask(text) != text} == set()


def test_the_rows_of_the_registers_are_valid_as_they_stand(sample: Store) -> None:
    lists, _ = read_lists(KNOWLEDGE)
    assert lists
    rows = everything(sample)
    for key, register in REGISTERS.items():
        assert rows[key], key
        for row in rows[key]:
            said = {f.key: row[f.key] for f in register.fields}
            with_villages = type(lists)({**lists.texts, "村": tuple(VILLAGES)}, lists.groups)
            assert validated(register, said, with_villages, today=NOW.date()) == (said, []), (key, said)


def test_tickets_and_alarms_are_answered_by_people_who_are_there(sample: Store) -> None:
    rows = everything(sample)
    numbers = {row["number"] for row in rows["advisers"]}
    assert len(numbers) == len(PEOPLE)
    answered = [row for row in rows["tickets"] if row["answer"]]
    assert len(answered) > 10
    assert {row["answered_by"] for row in answered} <= numbers
    assert all(row["opened_at"] < row["answered_at"] for row in answered)
    assert {row["because"] for row in answered} == {"asked", "missed", "useless"}
    turns = {row["key"]: row["answered_by"] for row in rows["turns"]}
    roles = {row["number"]: row["role"] for row in rows["advisers"]}
    assert all(turns[row["turn"]] == roles[row["answered_by"]] for row in answered)


def test_two_years_share_their_people_and_their_numbers_go_on(tmp_path: Path) -> None:
    store = filled(tmp_path / "two.db", year=2023, consultations=400)
    fresh = filled(tmp_path / "two.db", consultations=400)
    rows = everything(store)
    for table in ("tickets", "advisers", *REGISTERS):
        assert [row["number"] for row in rows[table]] == list(range(1, len(rows[table]) + 1)), table
    assert len(rows["advisers"]) == len(PEOPLE)
    years = [{row["villager"] for row in rows["turns"] if row["day"].startswith(y)} for y in ("2023", "2024")]
    assert len(years[0] & years[1]) > 50
    store.close()
    fresh.close()


def test_what_was_counted_before_is_counted_anew(store: Store, database: Path) -> None:
    days = date(YEAR, 5, 1), date(YEAR, 5, 31)
    counted.load(store, *days, today=NOW.date())
    filled(database).close()
    found = count(store, *days, rule=Rule(), now=NOW)
    assert found.turns["2024-05"] == sum(n for day, n in seen(store, "day").items() if day.startswith("2024-05"))


def test_a_ledger_is_known_for_a_sample_or_a_real_one(store: Store, sample: Store) -> None:
    assert (holds(store), holds(sample)) == ("nothing", "sample")
    with store.writing() as db:
        record(db, REAL)
    assert holds(store) == "real"


@pytest.fixture
def run(
    database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str]]:
    monkeypatch.setenv("PSEUDONYM_KEY", PSEUDONYM_KEY)
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(getattr(sys, name), "reconfigure", lambda **_: None, raising=False)

    def run(*words: str) -> tuple[int, str]:
        status = main(["demo", *words, "--knowledge", str(KNOWLEDGE), "--database", database_url])
        captured = capsys.readouterr()
        return status, captured.out + captured.err

    return run


def test_demo_fills_two_years_once_and_says_what_to_look_at(run: Callable[..., tuple[int, str]], store: Store) -> None:
    status, out = run("--year", "2024", "--consultations", "100")
    assert (status, "2023 年：约 80 咨询人次" in out, "python -m bot report --year 2024" in out) == (0, True, True)
    days = seen(store, "day")
    assert {day[:4] for day in days} == {"2023", "2024"}
    assert {row["name"] for row in store.query("select name from advisers", {})} >= {"示例顾问一", "示例司法助理员"}
    status, out = run("--year", "2024")
    assert (status, "没有再填" in out, seen(store, "day")) == (0, True, days)


def test_demo_mixes_nothing_into_a_real_ledger(run: Callable[..., tuple[int, str]], store: Store) -> None:
    with store.writing() as db:
        record(db, REAL)
    status, out = run("--year", "2024")
    assert (status, "不能掺进编的" in out, len(seen(store, "key"))) == (2, True, 1)


def test_demo_keeps_to_years_that_are_over(run: Callable[..., tuple[int, str]]) -> None:
    assert run("--year", "2999")[0] == 2
    assert run("--consultations", "0")[0] == 2


def test_every_shipped_category_has_sentences_of_its_own() -> None:
    assert set(SENTENCES) == set(categories(KNOWLEDGE))
