"""A town whose knowledge is still being read answers with the hotlines, keeps its row, and knows an emergency by its words."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.dialogue.respond import respond
from bot.faq.library import Library
from bot.ledger.store import Store
from bot.message import WECHAT_TEXT, Incoming
from handlers.towns import PATIENCE, Towns
from tests.conftest import NOW
from tests.towns.conftest import County, new_county


def test_before_its_entries_are_read_a_library_answers_with_the_hotlines_and_the_row_is_kept(
    store: Store, knowledge: Path
) -> None:
    library = Library(knowledge)
    library.begin()

    def says(number: int, text: str) -> str:
        return respond(Incoming(f"v|{number}", "v", WECHAT_TEXT, "text", text), store=store, library=library, now=NOW).text

    asked = says(1, "老板不给工资")
    assert asked.startswith("机器人这会儿出了点问题")
    assert "12348" in asked
    assert "120" in says(2, "我不想活了")
    rows = store.query("select text, decision from turns order by received_at, key", {})
    assert sorted((row["text"], row["decision"]) for row in rows if row["text"]) == [("老板不给工资", "miss")]
    assert len(rows) == 2


@pytest.fixture
def unread(tmp_path: Path, memory: Path) -> Iterator[County]:
    """A county with a town whose knowledge nobody reads."""
    county, end = new_county(tmp_path, f"sqlite:///{tmp_path / 'bot.db'}", memory)
    idle = Towns(county.base)
    county.app.extensions["bot"] = replace(county.base, towns=idle)
    county.add("slow", "慢慢镇")
    yield county
    for town in idle.all():
        town.store.close()
    end()


def test_a_message_waits_three_seconds_for_it_and_then_has_its_answer_while_others_have_theirs_at_once(unread: County) -> None:
    town = unread.base.towns.find("slow") if unread.base.towns else None
    assert town is not None
    assert not town.ready.is_set()
    slow = unread.wechat("slow", mode="plain")
    began = time.monotonic()
    heard = slow.villager().says("老板不给工资")
    took = time.monotonic() - began
    assert heard.text.startswith("机器人这会儿出了点问题")
    assert PATIENCE - 0.1 < took < PATIENCE + 1
    began = time.monotonic()
    assert "劳动监察" in unread.wechat("").villager().says("老板不给工资").text
    assert time.monotonic() - began < 1
    assert [row["text"] for row in town.store.query("select text from turns", {})] == ["老板不给工资"]


def test_while_the_county_s_ledger_is_away_towns_begin_as_they_were_last_known(unread: County, tmp_path: Path) -> None:
    (tmp_path / "bot.db").rename(tmp_path / "away.db")
    again = Towns(unread.base)
    again.look()
    town = again.find("slow")
    assert town is not None
    assert town.settings.wechat_token == unread.keys["slow"].wechat_token
    town.store.close()
    (tmp_path / "away.db").rename(tmp_path / "bot.db")
