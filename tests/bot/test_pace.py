"""Who writes too much is asked to slow down, then not answered; nobody else notices, and an emergency is answered."""

import itertools
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from flask import Flask

from bot.dialogue import pace as module
from bot.dialogue.pace import Pace
from bot.dialogue.respond import respond
from bot.faq import telling
from bot.faq.library import Library
from bot.ledger.counting import Rule, count
from bot.ledger.store import Store
from bot.ledger.turns import Replayed
from bot.message import WECHAT_TEXT, Incoming, Reply
from bot.wording.words import SHIPPED as WORDS
from tests.conftest import NOW, wechat_for

Make = Callable[..., Flask]
Rows = Callable[[], list[dict[str, object]]]
Say = Callable[..., Reply]
FAST, MANY = WORDS.choices.too_fast, WORDS.choices.too_many_today
QUESTION = "老板不给工资"


@pytest.fixture
def say(store: Store, library: Library) -> Say:
    """Say something at once, to a bot that lets pass 3 messages a minute and 12 a day."""
    numbers = itertools.count()
    pace = Pace(per_minute=3, per_day=12)

    def say(
        text: str = QUESTION, *, who: str = "oA", after: float = 0, key: str = "", kind: str = "text", nonce: str | None = None
    ) -> Reply:
        message = Incoming(key or f"{who}|{next(numbers)}", who, WECHAT_TEXT, kind, text, nonce)
        return respond(message, store=store, library=library, now=NOW + timedelta(seconds=after), pace=pace)

    return say


def told(reply: Reply) -> str:
    """Return what became of a message, in a word."""
    first = reply.text.partition("\n")[0]
    return {"": "silence", FAST: "slower", MANY: "tomorrow"}.get(first, "answer")


def test_beyond_the_limit_one_sentence_with_the_hotlines_far_beyond_it_silence(say: Say, rows: Rows) -> None:
    assert [told(say()) for _ in range(11)] == ["answer"] * 3 + ["slower"] * 6 + ["silence"] * 2
    assert [r["decision"] for r in rows()] == ["answer"] * 3 + ["limited"] * 6
    assert {r["text"] for r in rows() if r["decision"] == "limited"} == {None}


def test_the_sentence_names_whom_to_call(say: Say, library: Library) -> None:
    for _ in range(3):
        say()
    assert say().text == f"{FAST}\n{telling.hotline_lines(library.current.hotlines)}"
    assert "12348" in telling.hotline_lines(library.current.hotlines)


def test_after_a_minute_it_goes_on(say: Say) -> None:
    for _ in range(20):
        say()
    assert told(say(after=59)) == "silence"
    assert told(say(after=61)) == "answer"


def test_the_limit_of_a_day_ends_with_the_day_of_the_town(say: Say) -> None:
    assert [told(say(after=120 * n)) for n in range(38)] == ["answer"] * 12 + ["tomorrow"] * 24 + ["silence"] * 2
    assert told(say(after=24 * 3600)) == "answer"


def test_others_do_not_notice(say: Say) -> None:
    for _ in range(20):
        say()
    assert told(say(who="oB")) == "answer"


def test_a_message_that_is_delivered_again_is_not_held_against_its_sender_and_gets_the_same_reply(say: Say, rows: Rows) -> None:
    once = [say(key="1") for _ in range(20)]
    assert set(once) == {once[0]} and told(say()) == "answer"
    say()
    slower = [say(key="4") for _ in range(20)]
    assert set(slower) == {slower[0]} and told(slower[0]) == "slower"
    assert [(r["decision"], r["retries"]) for r in rows()] == [("answer", 19), ("answer", 0), ("answer", 0), ("limited", 19)]


def test_an_emergency_is_answered_though_its_sender_writes_too_much(say: Say, rows: Rows) -> None:
    for _ in range(5):
        say()
    assert "110" in say("他正在打我，救命").text and told(say("他正在打我，救命")) == "answer"
    assert [r["decision"] for r in rows()][-2:] == ["crisis", "crisis"]


def test_who_leaves_is_forgotten_though_they_wrote_too_much(say: Say, store: Store, rows: Rows) -> None:
    for _ in range(12):
        say()
    assert say(kind="unsubscribe", text="").text == ""
    assert store.pseudonym("oA") not in {r["villager"] for r in rows()}


def test_a_replayed_signature_is_refused_before_it_is_held_against_the_one_it_names(say: Say) -> None:
    say(who="oAttacker", nonce="1:1")
    for _ in range(20):
        with pytest.raises(Replayed):
            say(nonce="1:1")
    assert told(say()) == "answer"


def test_silence_uses_a_signature_up_too(say: Say) -> None:
    for _ in range(9):
        say()
    assert told(say(nonce="2:2")) == "silence"
    with pytest.raises(Replayed):
        say(who="oB", nonce="2:2")


def test_limited_messages_are_no_consultations_and_the_report_says_how_many_they_were(say: Say, store: Store) -> None:
    for _ in range(7):
        say()
    counted = count(store, date(2026, 11, 23), date(2026, 11, 23), rule=Rule(), now=NOW)
    assert counted.consultations.tally("outcome") == {("已答",): 1}
    assert counted.left_out == {"发得太密": 4}
    assert dict(counted.turns) == {"2026-11": 7}


def test_a_clock_that_is_set_back_keeps_nobody_out(say: Say) -> None:
    for _ in range(9):
        say(after=3600)
    assert told(say()) == "answer"


def test_a_limit_of_nought_is_none(store: Store, library: Library) -> None:
    free = Pace(per_minute=0, per_day=0)
    message = Incoming("", "oA", WECHAT_TEXT, "text", address="1.2.4.8")
    assert {free.weigh(message, "oA", str(n), NOW) for n in range(500)} == {"go"}


def test_what_is_remembered_does_not_grow_with_those_who_write(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REMEMBERED", 100)
    pace = Pace(per_minute=5, per_day=100)
    for n in range(1000):
        pace.weigh(Incoming("", "", WECHAT_TEXT, "text"), f"o{n}", str(n), NOW)
    for n in range(1000):
        pace.weigh(Incoming("", "", WECHAT_TEXT, "text"), "oFlood", f"flood{n}", NOW)
    assert len(pace._lately) == 100
    assert len(pace._lately["oFlood"].minute) == 5 * module.HARD_TIMES


def test_a_family_on_one_phone_asks_ten_questions_in_a_minute_and_picks_an_answer_for_each(make_app: Make, rows: Rows) -> None:
    villager = wechat_for(make_app(clock=lambda: NOW), clock=NOW.timestamp).villager()
    for _ in range(10):
        villager.says("老公不肯离婚，老板不给工资，悔婚彩礼")
        villager.says("1")
        villager.says("有用")
    assert "limited" not in {r["decision"] for r in rows()}
    assert len(rows()) == 30


def test_wechat_gets_success_for_what_is_not_answered(make_app: Make, rows: Rows) -> None:
    wechat = wechat_for(make_app(clock=lambda: NOW, wechat_mode="safe", pace_per_minute=2), clock=NOW.timestamp)
    heard = [wechat.villager().says(QUESTION) for _ in range(8)]
    assert [h.text.partition("\n")[0] == FAST for h in heard] == [False] * 2 + [True] * 4 + [False] * 2
    assert [(h.status, h.body) for h in heard[6:]] == [(200, b"success")] * 2
    assert len(rows()) == 6


ADDRESS = "1.2.4.8"


def web(make_app: Make, clock: Callable[[], datetime] = lambda: NOW, **changes: object) -> Callable[..., tuple[int, str]]:
    """Ask on the public page, each time with a browser that nobody has seen before, from an address."""
    app = make_app(clock=clock, **changes)

    def ask(text: str = QUESTION, address: str = ADDRESS) -> tuple[int, str]:
        response = app.test_client().post("/ask", json={"text": text}, environ_base={"REMOTE_ADDR": address})
        return response.status_code, response.json["text"] if response.json else response.text

    return ask


def test_throwing_the_cookie_away_does_not_get_an_address_past_the_limit(make_app: Make, rows: Rows) -> None:
    ask = web(make_app, pace_per_minute=1)
    said = [ask() for _ in range(module.ADDRESS_TIMES + 1)]
    assert [text.startswith(FAST) for _, text in said] == [False] * module.ADDRESS_TIMES + [True]
    assert "110" in ask("他正在打我，救命")[1]
    for _ in range(module.ADDRESS_TIMES * 2 - 2):
        assert ask()[0] == 200
    status, text = ask()
    assert (status, text.startswith(FAST), "12348" in text) == (429, True, True)
    assert len(rows()) == module.ADDRESS_TIMES * module.HARD_TIMES
    assert ask(address="1.2.4.9")[0] == 200
    assert ADDRESS not in str(rows())


def test_a_network_of_ipv6_is_one_address(make_app: Make) -> None:
    ask = web(make_app, pace_per_minute=1)
    for n in range(module.ADDRESS_TIMES):
        assert not ask(address=f"2400:3200::{n + 1}")[1].startswith(FAST)
    assert ask(address="2400:3200::ffff")[1].startswith(FAST)


@pytest.mark.parametrize("address", ["127.0.0.1", "172.18.0.2", "192.168.1.9", "fd00::1"])
def test_behind_a_proxy_that_is_not_named_the_town_is_not_taken_for_one_visitor(make_app: Make, address: str) -> None:
    ask = web(make_app, pace_per_minute=1)
    for _ in range(module.ADDRESS_TIMES + 1):
        assert not ask(address=address)[1].startswith(FAST)
