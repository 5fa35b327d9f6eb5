"""The knowledge folder on several machines: saved on one, answered with on all, and nobody's work is lost."""

import itertools
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from dulwich.repo import Repo
from flask import Flask

from bot.faq.edit import gitstore, history, publish, shared
from bot.faq.edit.history import BEGINNING, BY_HAND, Changed, Unpublished
from bot.ledger import packs
from bot.ledger.store import Store
from tests import postgres
from tests.conftest import NOW, PSEUDONYM_KEY, ROOT, make_knowledge

_numbers = itertools.count()
WAGE, DIVORCE = "faq/劳动与工资/wage.md", "faq/婚姻/divorce.md"


@pytest.fixture
def url() -> str:
    return postgres.new_database()


class Machine:
    """A host: a knowledge folder of its own, and its connections to the one database. Its two processes share the folder."""

    def __init__(self, folder: Path, url: str, schema: str = "public") -> None:
        self.schema = schema
        # Its connections are its own: a process shares those of one address.
        self.folder, self.url = folder, f"{url}&keepalives_count={3 + next(_numbers)}"
        self.back()

    def pull(self, **more: bool) -> bool:
        return publish.pull(self.store, self.folder, NOW, **more)

    def writes(self, name: str, text: str, *, by: str = "李律师", why: str = "改", **more: object) -> str:
        return history.save(self.folder, {self.folder / name: text}, author=by, why=why, now=NOW, **more)  # type: ignore[arg-type]

    def changes(self, name: str, old: str, new: str, **more: object) -> str:
        text = self.text(name)
        assert old in text
        return self.writes(name, text.replace(old, new), expected={self.folder / name: history.digest(text)}, **more)  # type: ignore[arg-type]

    def by_hand(self, name: str, old: str, new: str) -> None:
        (self.folder / name).write_text(self.text(name).replace(old, new), encoding="utf-8")

    def text(self, name: str) -> str:
        return history.read(self.folder / name) or ""

    def files(self) -> dict[str, bytes]:
        return {name.decode(): Path(file.path).read_bytes() for name, file in gitstore.files(self.folder)}

    def told(self) -> list[tuple[str, str]]:
        return [(one.author, one.why) for one in history.log(self.folder)]

    def close(self) -> None:
        self.store.close()
        publish.unshare(self.folder, self.store)

    def cut_off(self) -> None:
        self.store.close()

    def back(self) -> None:
        self.store = Store(self.url, pseudonym_key=PSEUDONYM_KEY, schema=self.schema)
        publish.share(self.folder, self.store)


@pytest.fixture
def machine(url: str, tmp_path: Path) -> Iterator[Callable[..., Machine]]:
    shipped = make_knowledge(tmp_path / "shipped")
    with ExitStack() as stack:

        def make(name: str, *, empty: bool = False, schema: str = "public") -> Machine:
            folder = tmp_path / name
            if empty:
                folder.mkdir()
            else:
                shutil.copytree(shipped, folder)
            made = Machine(folder, url, schema)
            stack.callback(made.close)
            return made

        yield make


@pytest.fixture
def two(machine: Callable[..., Machine]) -> tuple[Machine, Machine]:
    """Two machines that were installed with the same folder, and have met."""
    a, b = machine("a"), machine("b")
    a.pull(), b.pull()
    return a, b


def until(test: Callable[[], bool], seconds: float = 10) -> float:
    start = time.monotonic()
    while not test():
        assert time.monotonic() - start < seconds, "too late"
        time.sleep(0.02)
    return time.monotonic() - start


def test_what_is_saved_on_one_machine_is_what_the_others_answer_with(
    make_app: Callable[..., Flask], url: str, tmp_path: Path
) -> None:
    folders = [make_knowledge(tmp_path / name) for name in "ab"]
    apps = [make_app(database_url=url, knowledge_dir=folder) for folder in folders]
    a, b = (app.extensions["bot"] for app in apps)
    text = (folders[0] / WAGE).read_text("utf-8").replace("可以去劳动监察投诉。", "打 12333。")
    history.save(folders[0], {folders[0] / WAGE: text}, author="李律师", why="改", now=NOW)
    took = until(lambda: b.library.current.entries["wage"].answer == "打 12333。", 10)
    assert history.log(folders[1]) == history.log(folders[0])
    (back,) = history.log(folders[0], WAGE)[1:]
    history.restore(folders[0], folders[0] / WAGE, back.id, author="王所长", why="退回", now=NOW)
    took = max(took, until(lambda: b.library.current.entries["wage"].answer == "可以去劳动监察投诉。", 10))
    until(lambda: a.library.current.entries["wage"].answer == "可以去劳动监察投诉。")
    print(f"{took:.1f} s")


def test_nothing_new_costs_one_query_and_touches_nothing(two: tuple[Machine, Machine], monkeypatch: pytest.MonkeyPatch) -> None:
    _, b = two
    monkeypatch.setattr("bot.faq.edit.working.alone", None)  # the lock would be the first to be touched
    assert b.pull() is False


def test_machines_that_save_different_entries_at_once_both_have_both(two: tuple[Machine, Machine]) -> None:
    a, b = two
    both = [
        threading.Thread(target=a.changes, args=(WAGE, "可以去劳动监察投诉。", "打 12333。")),
        threading.Thread(target=b.changes, args=(DIVORCE, "可以向法院起诉。", "先去调解。")),
    ]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    a.pull(), b.pull()
    assert a.files() == b.files()
    assert ("打 12333。" in a.text(WAGE), "先去调解。" in a.text(DIVORCE)) == (True, True)
    assert a.told() == b.told() == [*[("李律师", "改")] * 2, (BY_HAND, BEGINNING)]


def test_of_two_who_save_one_entry_the_second_is_shown_what_the_first_wrote(two: tuple[Machine, Machine]) -> None:
    a, b = two
    a.changes(WAGE, "可以去劳动监察投诉。", "打 12333。")
    with pytest.raises(Changed) as seen:  # b has not even looked since
        b.changes(WAGE, "可以去劳动监察投诉。", "去仲裁。")
    assert "打 12333。" in (seen.value.now_text or "")
    assert b.files() == a.files()
    assert b.told() == a.told()


def test_many_savers_on_three_machines_lose_nothing(machine: Callable[..., Machine]) -> None:
    machines = [machine("a"), machine("b"), machine("c", empty=True)]
    for one in machines:
        one.pull()

    def work(one: Machine, name: str) -> None:
        for number in range(3):
            one.writes(f"faq/新/{name}-{number}.md", f"{name} {number}\n", by=name, why=str(number))

    threads = [threading.Thread(target=work, args=(one, f"n{n}x{m}")) for n, one in enumerate(machines) for m in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one in machines:
        one.pull()
    assert machines[0].files() == machines[1].files() == machines[2].files()
    written = {f"faq/新/n{n}x{m}-{number}.md" for n in range(3) for m in range(2) for number in range(3)}
    assert written <= machines[0].files().keys()
    assert len(history.log(machines[2].folder, limit=100)) == 19
    assert machines[0].told() == machines[1].told() == machines[2].told()


def test_a_machine_that_was_off_catches_up_and_a_rollback_reaches_it(two: tuple[Machine, Machine]) -> None:
    a, b = two
    before = a.text(WAGE)
    for number in range(5):
        a.writes("hotlines.yaml", a.text("hotlines.yaml") + f"# {number}\n", why=str(number))
    wrong = a.changes(WAGE, "可以去劳动监察投诉。", "不用管。")
    a.writes("report/year.docx.txt", "x")
    history.save(a.folder, {}, remove=[a.folder / DIVORCE], author="李律师", why="删", now=NOW)
    assert b.pull() is True
    assert b.files() == a.files()
    (root,) = history.log(a.folder, WAGE)[1:]
    history.restore(a.folder, a.folder / WAGE, root.id, author="王所长", why="写错了", now=NOW)
    b.pull()
    assert (b.text(WAGE), history.log(b.folder, WAGE)[1].id) == (before, wrong)


def test_what_is_saved_without_the_database_is_published_when_it_is_back(two: tuple[Machine, Machine], url: str) -> None:
    a, b = two
    with down(url), pytest.raises(Unpublished, match="已保存，等数据库恢复后传到其他机器"):
        a.changes(WAGE, "可以去劳动监察投诉。", "打 12333。")
    assert "打 12333。" in a.text(WAGE)
    b.changes(DIVORCE, "可以向法院起诉。", "先去调解。", by="王所长")
    a.pull(), b.pull()
    assert a.files() == b.files()
    assert a.told() == b.told() == [("李律师", "改"), ("王所长", "改"), (BY_HAND, BEGINNING)]


@contextmanager
def down(url: str) -> Iterator[None]:
    """Let the database take no connection and end those that it has."""
    name = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
    with psycopg.connect(postgres.server(), autocommit=True) as db:
        db.execute(f"alter database {name} allow_connections false")
        db.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [name])
        yield
        db.execute(f"alter database {name} allow_connections true")


def test_one_entry_changed_on_both_sides_of_a_cut_keeps_what_was_published_and_the_other_in_the_history(
    two: tuple[Machine, Machine], caplog: pytest.LogCaptureFixture
) -> None:
    a, b = two
    a.cut_off()
    with pytest.raises(Unpublished):
        a.changes(WAGE, "可以去劳动监察投诉。", "打 12333。", why="甲的")
    with pytest.raises(Unpublished):
        a.changes(DIVORCE, "可以向法院起诉。", "先去调解。", why="另一条")
    b.changes(WAGE, "可以去劳动监察投诉。", "去仲裁。", by="王所长", why="乙的")
    a.back()
    a.pull(), b.pull()
    assert a.files() == b.files()
    assert ("去仲裁。" in a.text(WAGE), "先去调解。" in a.text(DIVORCE)) == (True, True)
    changes = history.log(a.folder)
    assert [(one.author, one.why[:4]) for one in changes] == [
        ("两处同时修改", "别的机器"), ("李律师", "另一条"), ("李律师", "甲的"), ("王所长", "乙的"), (BY_HAND, BEGINNING[:4]),
    ]  # fmt: skip
    assert "打 12333。" in (history.text_at(b.folder, WAGE, changes[2].id) or "")
    assert WAGE in caplog.text
    assert [one.name for one in history.taken_back(b.folder, since=NOW - timedelta(days=7))] == [WAGE]


def test_changes_by_hand_are_published_under_their_name_and_meet_others_by_file(two: tuple[Machine, Machine]) -> None:
    a, b = two
    b.by_hand(DIVORCE, "可以向法院起诉。", "先去调解。")
    b.by_hand(WAGE, "可以去劳动监察投诉。", "手改的。")
    a.changes(WAGE, "可以去劳动监察投诉。", "打 12333。")
    assert b.pull() is True
    a.pull()
    assert a.files() == b.files()
    assert ("打 12333。" in b.text(WAGE), "先去调解。" in b.text(DIVORCE)) == (True, True)
    assert b.told()[1] == (BY_HAND, BY_HAND)
    a.by_hand("town.yaml", "示例镇", "本镇")
    assert (a.pull(), a.pull(by_hand=True), b.pull()) == (False, True, True)
    assert b.files() == a.files()


def test_the_same_release_installed_by_hand_everywhere_is_one_change(two: tuple[Machine, Machine]) -> None:
    a, b = two
    for one in two:
        one.by_hand("lexicon.yaml", "\n", "\n# 新版\n")
    a.pull(by_hand=True), b.pull(by_hand=True), a.pull()
    assert a.told() == b.told() == [(BY_HAND, BY_HAND), (BY_HAND, BEGINNING)]


def test_a_new_machine_joins_with_an_empty_folder_and_with_a_shipped_one(
    two: tuple[Machine, Machine], machine: Callable[..., Machine]
) -> None:
    a, _ = two
    a.changes(WAGE, "可以去劳动监察投诉。", "打 12333。")
    empty, shipped = machine("c", empty=True), machine("d")
    shipped.by_hand("town.yaml", "示例镇", "我改过的镇")
    empty.pull(), shipped.pull()
    assert empty.files() == shipped.files() == a.files()
    assert empty.told() == shipped.told() == a.told()
    (aside,) = (shipped.folder / ".history" / "aside").iterdir()
    kept = {path.relative_to(aside).as_posix() for path in aside.rglob("*") if path.is_file()}
    assert kept == {"town.yaml", WAGE}
    assert "我改过的镇" in (aside / "town.yaml").read_text("utf-8")
    assert not (empty.folder / ".history" / "aside").exists()


def test_a_town_that_has_been_working_is_not_replaced_by_what_a_new_machine_shipped(machine: Callable[..., Machine]) -> None:
    old, new = machine("old"), machine("new")
    publish.unshare(old.folder, old.store)
    old.changes(WAGE, "可以去劳动监察投诉。", "打 12333。", why="一年前改的")
    new.pull()  # the new one is faster
    publish.share(old.folder, old.store)
    old.pull(), new.pull()
    assert "打 12333。" in new.text(WAGE)
    assert old.told() == new.told() == [("李律师", "一年前改的"), (BY_HAND, BEGINNING)]


def test_a_folder_that_lost_its_entries_gets_them_back_and_takes_none_from_others(two: tuple[Machine, Machine]) -> None:
    a, b = two
    whole = a.files()
    shutil.rmtree(b.folder / "faq")
    b.pull(by_hand=True), a.pull()
    assert a.files() == b.files() == whole
    shutil.rmtree(b.folder)
    b.pull()
    assert b.files() == whole


KILLED = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from bot.faq.edit import publish
from bot.ledger.store import Store

folder, url = Path(sys.argv[1]), sys.argv[2]
replaced = Path.replace
def slow(self, target):
    done = replaced(self, target)
    if self.name.endswith(".md.draft"):
        print("replaced", flush=True)
        sys.stdin.readline()
    return done
Path.replace = slow
publish.pull(Store(url, pseudonym_key="k"), folder, datetime.now(UTC))
"""


def test_whoever_dies_in_the_middle_of_pulling_leaves_whole_files_and_the_next_one_finishes(
    two: tuple[Machine, Machine], url: str
) -> None:
    a, b = two
    old = b.files()
    history.save(
        a.folder,
        {a.folder / name: a.text(name).replace("可以", "能") for name in (WAGE, DIVORCE)},
        author="李",
        why="两条",
        now=NOW,
    )
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(b.folder), url], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as dying:
        assert dying.stdout
        assert dying.stdout.readline() == "replaced\n"
        os.kill(dying.pid, signal.SIGKILL)
    new = a.files()
    half = b.files()
    assert half.keys() == old.keys()
    assert sorted(half[name] == new[name] for name in (WAGE, DIVORCE)) == [False, True]
    assert all(half[name] in {old[name], new[name]} for name in half)
    b.pull()
    assert b.files() == new
    assert b.told() == a.told() == [("李", "两条"), (BY_HAND, BEGINNING)]


def test_two_processes_of_one_machine_pull_once(two: tuple[Machine, Machine], url: str) -> None:
    a, b = two
    a.changes(WAGE, "可以去劳动监察投诉。", "打 12333。")
    done = []
    other = Store(url, pseudonym_key=PSEUDONYM_KEY)
    threads = [
        threading.Thread(target=lambda store=store: done.append(publish.pull(store, b.folder, NOW)))
        for store in (b.store, other)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    assert b.files() == a.files()
    assert b.told() == a.told()
    with psycopg.connect(url) as db:
        assert db.execute("select count(*) from knowledge_packs").fetchone() == (2,)


def test_rows_are_joined_and_both_a_new_machine_and_one_in_the_middle_still_get_all(
    two: tuple[Machine, Machine], machine: Callable[..., Machine]
) -> None:
    a, b = two
    for number in range(3):
        a.writes("hotlines.yaml", a.text("hotlines.yaml") + f"# {number}\n", why=str(number))
    b.pull()
    for number in range(3, 6):
        a.writes("hotlines.yaml", a.text("hotlines.yaml") + f"# {number}\n", why=str(number))
    assert (publish.tidy(a.store, more_than=7), publish.tidy(a.store, more_than=3), publish.tidy(a.store, more_than=3)) == (
        0,
        7,
        0,
    )
    a.changes(WAGE, "可以去劳动监察投诉。", "打 12333。")
    new = machine("c", empty=True)
    new.pull(), b.pull()
    assert new.files() == b.files() == a.files()
    assert new.told() == b.told() == a.told()
    with new.store.reading() as db:
        assert [row["number"] for row in db.query("select number from knowledge_packs order by number")] == [7, 8]
        assert packs.newest(db).number == 8


def test_a_database_that_was_restored_from_an_older_backup_gets_back_what_the_machines_have(
    two: tuple[Machine, Machine],
) -> None:
    a, b = two
    for number in range(3):
        a.writes("hotlines.yaml", a.text("hotlines.yaml") + f"# {number}\n", why=str(number))
    b.pull()
    with b.store.writing() as db:
        db.execute("delete from knowledge_packs where number > 2")
    b.changes(WAGE, "可以去劳动监察投诉。", "打 12333。", why="后来改的")
    a.changes(
        DIVORCE, "可以向法院起诉。", "先去调解。", why="也改了"
    )  # by numbers it is where the line ends, by name it is not
    b.pull(), a.pull()
    assert a.files() == b.files()
    assert a.told() == b.told()
    assert [why for _, why in a.told()] == ["也改了", "后来改的", "2", "1", "0", BEGINNING]
    assert publish.published_in(a.folder).head == gitstore.head_id(b.folder)


def test_the_database_lets_nobody_continue_what_another_has_continued(two: tuple[Machine, Machine]) -> None:
    a, b = two
    line = publish.published_in(b.folder)
    a.changes(WAGE, "可以去劳动监察投诉。", "打 12333。")
    with pytest.raises(packs.Overtaken), b.store.writing() as db:
        packs.put(db, line, "f" * 40, b"", NOW)


def test_a_change_of_the_county_reaches_its_towns_on_every_machine_as_one_change(
    two: tuple[Machine, Machine], machine: Callable[..., Machine]
) -> None:
    a, b = two
    towns = [machine(f"town-{name}", empty=True, schema="town_hexi") for name in "ab"]
    shared.begin(a.folder, towns[0].folder, now=NOW)
    for town in towns:
        town.pull(by_hand=True)
    towns[1].changes(DIVORCE, "可以向法院起诉。", "来镇司法所。", by="王所长")
    a.changes(WAGE, "可以去劳动监察投诉。", "打 12333。")
    a.changes(DIVORCE, "可以向法院起诉。", "先去调解。")
    done = [shared.adopt(county.folder, town.folder, now=NOW) for county, town in zip(two, towns, strict=True)]  # b is behind
    b.pull(), towns[1].pull()
    done += [shared.adopt(county.folder, town.folder, now=NOW) for county, town in zip(two, towns, strict=True)]
    towns[0].pull()
    assert sum(done) == 1
    assert towns[0].files() == towns[1].files()
    assert ("打 12333。" in towns[0].text(WAGE), "来镇司法所。" in towns[0].text(DIVORCE)) == (True, True)
    assert [who for who, _ in towns[0].told()] == [shared.AUTHOR, "王所长", BY_HAND]
    assert towns[0].told() == towns[1].told()
    with psycopg.connect(towns[0].url) as db:
        assert db.execute("select count(*) from town_hexi.knowledge_packs").fetchone() == (3,)


def test_a_town_in_a_file_of_its_own_has_no_line(knowledge: Path, store: Store) -> None:
    history.save(knowledge, {knowledge / "a.md": "x"}, author="李", why="改", now=NOW)
    assert store.query("select * from knowledge_packs", {}) == []
    with Repo(str(gitstore.home(knowledge))) as repo:
        assert gitstore.head(repo)
