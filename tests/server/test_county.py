"""A county: three machines behind nginx on one PostgreSQL, as ``deploy/`` ships it, while its parts fail under load."""

import contextlib
import random
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.conftest import make_knowledge
from tests.server.county import County, county, message_key, new_name
from tests.server.namespaces import why_not

LIMIT = 5.0
"""Seconds that WeChat waits for an answer."""

TALKERS, PAUSE = 6, 0.05
"""How many people write at once, and for how many seconds each reads an answer: what is killed needs room to start again."""

QUESTIONS = ("老板拖欠工资怎么办", "老公不肯离婚", "悔婚彩礼", "老公不肯离婚，老板不给工资，悔婚彩礼", "你好", "帮助")

pytestmark = pytest.mark.skipif(bool(reason := why_not()), reason=reason)


@dataclass
class Said:
    """One message, and what was heard; ``took``: seconds."""

    openid: str
    xml: str
    status: int
    text: str
    took: float

    @property
    def key(self) -> str:
        return message_key(self.openid, re.findall(r"<MsgId>(\d+)", self.xml)[0])


@dataclass
class Load:
    """What all talkers said so far."""

    said: list[Said] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def wait_for(self, more: int, seconds: float = 20) -> None:
        """Wait until so many more messages were answered."""
        wanted, end = len(self.said) + more, time.monotonic() + seconds
        while len(self.said) < wanted:
            assert time.monotonic() < end, f"{len(self.said)} of {wanted} answered; {self.broken}"
            time.sleep(0.02)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[County]:
    knowledge = make_knowledge(tmp_path_factory.mktemp("county") / "knowledge")
    with county(knowledge, PACE_PER_MINUTE="0") as made:
        yield made


@contextlib.contextmanager
def load(place: County, talkers: int = TALKERS) -> Iterator[Load]:
    """Let people write through nginx all the while, each the next message when the last was answered."""
    made, over = Load(), threading.Event()

    def talk(n: int) -> None:
        chosen = random.Random(n)
        people = [place.wechat.villager(new_name(f"T{n}")) for _ in range(4)]
        while not over.is_set():
            villager, began = chosen.choice(people), time.monotonic()
            try:
                heard = villager.says(chosen.choice(QUESTIONS))
            except OSError as e:
                made.broken.append(f"{time.monotonic() - began:.2f} s: {e!r}")
                continue
            took = time.monotonic() - began
            time.sleep(PAUSE)
            made.said.append(Said(villager.openid, villager.last["xml"], heard.status, heard.text, took))

    threads = [threading.Thread(target=talk, args=(n,)) for n in range(talkers)]
    for t in threads:
        t.start()
    try:
        yield made
    finally:
        over.set()
        for t in threads:
            t.join()


def count(place: County) -> int:
    return int(place.sql("select count(*) from turns")[0][0])


def all_in(place: County) -> None:
    """Wait until no row waits on any machine, and every machine uses the database."""
    place.until(lambda: not place.spooled(), "taking in what waited", *place.bots)
    for bot in place.bots:
        place.until(lambda bot=bot: '"ready"' in place.ready(bot), f"{bot.name} to be ready", bot)  # type: ignore[misc]
        assert list(bot.folder.rglob("*.bad")) == []  # nothing that could not be taken in


def check(place: County, before: int, loaded: Load, *, again: int = 25) -> None:
    """Everybody was answered in time, every answer has its row, nothing is there twice, and a retry gets the same."""
    all_in(place)
    slow = sorted((round(said.took, 2) for said in loaded.said), reverse=True)[:5]
    print(f"\n{len(loaded.said)} messages, the slowest took {slow} s")
    assert loaded.broken == []
    assert {said.status for said in loaded.said} == {200}
    assert all(said.text for said in loaded.said)
    assert slow[0] < LIMIT, slow
    keys = [said.key for said in loaded.said]
    rows = place.sql("select key, count(*) from turns where key = any(%s) group by key", keys)
    assert sorted(rows) == sorted((key, 1) for key in keys)
    assert count(place) == before + len(keys)
    for said in random.sample(loaded.said, min(again, len(loaded.said))):
        villager = place.directly(random.choice(place.bots)).villager(said.openid)
        villager.last["xml"] = said.xml
        assert villager.retries().text == said.text
    assert count(place) == before + len(keys)


def test_messages_go_to_all_machines_in_turn_and_a_browser_stays_on_one(place: County) -> None:
    before = count(place)
    with load(place) as loaded:
        loaded.wait_for(60)
    check(place, before, loaded)
    log = (place.nginx.folder / "bot.log").read_text(encoding="utf-8")
    shares = [len(re.findall(rf'POST /wechat 200 .*"{bot.address}:8000"$', log, re.MULTILINE)) for bot in place.bots]
    assert max(shares) - min(shares) <= 8, shares
    cookies: dict[str, str] = {}
    machines = set()
    for browser in ("one", "other", "third", "fourth", "fifth"):
        for _ in range(3):
            page = place.connection()
            page.request("GET", "/console/login", headers={"Host": "bot.example.cn", "Cookie": cookies.get(browser, "")})
            answer = page.getresponse()
            answer.read()
            for given in answer.headers.get_all("Set-Cookie") or []:
                if given.startswith("bot_machine="):
                    assert browser not in cookies
                    assert {"HttpOnly", "Secure", "SameSite=Lax"} <= set(given.split("; "))
                    cookies[browser] = given.partition(";")[0]
            page.close()
        log = (place.nginx.folder / "bot.log").read_text(encoding="utf-8")
        seen = re.findall(r'GET /console/login .*"([\d.]+):8000"$', log, re.MULTILINE)[-3:]
        assert len(set(seen[1:])) == 1, seen  # from the first answer on, which gave the cookie
        machines.add(seen[-1])
    assert len(machines) > 1  # else all of the office would be on one


def test_while_one_machine_is_killed_and_another_told_to_stop_nobody_notices(place: County) -> None:
    before, (killed, told, _) = count(place), place.bots
    with load(place) as loaded:
        loaded.wait_for(20)
        killed.ends()
        loaded.wait_for(40)
        assert told.process is not None
        began = time.monotonic()
        told.process.terminate()
        assert told.process.wait(15) == 0
        assert time.monotonic() - began < 5  # it finished what it had, and let go of the connections that nginx keeps
        loaded.wait_for(20)
        for bot in (killed, told):
            place.start_bot(bot)
        for bot in (killed, told):
            place.until(lambda bot=bot: '"ready"' in place.ready(bot), "the bot", bot)  # type: ignore[misc]
        loaded.wait_for(20)
    check(place, before, loaded)


def test_a_machine_cut_off_from_the_database_answers_and_its_rows_come_in_later(place: County) -> None:
    before, bot = count(place), place.bots[0]
    with load(place) as loaded:
        loaded.wait_for(20)
        with place.cut_off(bot):
            loaded.wait_for(60)
            time.sleep(2.5)  # longer than anything waits
            assert '"degraded"' in place.ready(bot)  # and nginx goes on giving it its share
            assert any(bot.folder in path.parents for path in place.spooled())
        loaded.wait_for(20)
    check(place, before, loaded)


def test_a_retry_to_another_machine_of_what_one_that_is_cut_off_answered_is_one_row(place: County) -> None:
    cut, other = place.bots[0], place.bots[1]
    before = count(place)
    villager = place.directly(cut).villager(new_name("Cut"))
    with place.cut_off(cut):
        first = villager.says(QUESTIONS[0])
        assert first.text.startswith("您问的是")
        assert villager.retries().text == first.text  # the same machine knows it
        villager.wechat = place.directly(other)
        second = villager.retries()  # the other cannot know it, and answers anew: at worst in other words
        assert second.text.startswith("您问的是")
        assert count(place) == before + 1
    all_in(place)
    assert count(place) == before + 1
    for bot in place.bots:
        villager.wechat = place.directly(bot)
        assert villager.retries().text == second.text


def test_while_the_database_crashes_and_comes_back_everybody_is_answered_and_counted_once(place: County) -> None:
    before = count(place)
    with load(place) as loaded:
        loaded.wait_for(20)
        place.stop_database(like_a_crash=True)
        loaded.wait_for(60)
        assert place.spooled()
        place.start_database()
        loaded.wait_for(20)
    check(place, before, loaded)


def test_while_the_database_hangs_everybody_is_answered_and_counted_once(place: County) -> None:
    before = count(place)
    with load(place) as loaded:
        loaded.wait_for(20)
        with place.stalled():
            loaded.wait_for(40)
        loaded.wait_for(20)
    check(place, before, loaded)


def test_while_the_database_lets_nobody_in_everybody_is_answered_and_counted_once(place: County) -> None:
    before = count(place)
    try:
        with load(place, talkers=12) as loaded:
            loaded.wait_for(20)
            # As if max_connections were used up: two for three machines.
            place.sql("alter role bot connection limit 2")
            place.sql("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'bot'")
            loaded.wait_for(120)
            place.sql("alter role bot connection limit -1")
            loaded.wait_for(20)
    finally:
        place.sql("alter role bot connection limit -1")
    check(place, before, loaded)


def test_no_log_names_a_villager_or_a_question(place: County) -> None:
    logs = "".join(path.read_text("utf-8", "replace") for node in (place.nginx, *place.bots) for path in _logs(node.folder))
    assert "POST /wechat 200" in logs and "台账用不了" in logs and "台账好了" in logs
    assert "拖欠" not in logs and "彩礼" not in logs and "oT0" not in logs and "oCut" not in logs


def _logs(folder: Path) -> list[Path]:
    return [*folder.glob("*.log"), folder / "log"]
