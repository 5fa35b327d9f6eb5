"""The dialogue with a real ledger, without a channel: messages in, replies out, rows written."""

import itertools
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot import wording
from bot.dialogue.respond import respond
from bot.faq import telling
from bot.faq.library import Library
from bot.ledger import villagers
from bot.ledger.store import Store
from bot.ledger.turns import Replayed
from bot.message import WECHAT_TEXT, Incoming, Option, Reply
from bot.wording.words import SHIPPED as WORDS
from tests.conftest import NOW, write_entry

pytestmark = pytest.mark.both_ledgers

Say = Callable[..., Reply]
Rows = Callable[[], list[dict[str, object]]]


@pytest.fixture
def say(store: Store, library: Library) -> Say:
    numbers = itertools.count()
    told: set[str] = set()

    def say(
        text: str = "", *, who: str = "oA", kind: str = "text", at: datetime = NOW, key: str = "", nonce: str | None = None
    ) -> Reply:
        n = next(numbers)
        if who not in told:
            # The notice at first contact has tests of its own.
            told.add(who)
            with store.writing() as db:
                known = villagers.find(db, store.pseudonym(who))
                villagers.save(db, known, now=NOW, notice=villagers.NOTICE_VERSION)
        moment = at + timedelta(seconds=n)
        message = Incoming(key or f"{who}|{n}", who, WECHAT_TEXT, kind, text, nonce)
        return respond(message, store=store, library=library, now=moment)

    return say


def test_a_clear_question_is_answered_and_recorded_whole(say: Say, rows: Rows, store: Store, library: Library) -> None:
    reply = say("律师你好，老板不给工资怎么办？我电话13800138000")
    entry = library.current.entries["wage"]
    assert reply.text == f"{telling.answer(WORDS, entry)}\n\n{WORDS.unreadable.masked}"
    assert reply.tail == telling.footer(WORDS, entry)
    (row,) = rows()
    latency = row.pop("latency_ms")
    assert isinstance(latency, float) and 0 < latency < 5000
    assert row.pop("score") > 0.14  # type: ignore[operator]
    assert reply.text in eval(str(row.pop("reply")).replace("\\n", "\\n"))["text"]
    assert row == {
        "key": store.message_key("oA|0"),
        "received_at": "2026-11-23T04:00:00.000Z",
        "day": "2026-11-23",
        "channel": "公众号文字",
        "villager": store.pseudonym("oA"),
        "kind": "text",
        "text": "律师你好，老板不给工资怎么办？我电话[手机号]",
        "decision": "answer",
        "entry_id": "wage",
        "entry_version": entry.version,
        "category": "劳动与工资",
        "offered": None,
        "follows": None,
        "village": None,
        "answered_by": "机器人",
        "adviser": None,
        "verdict": None,
        "remark": None,
        "topic": None,
        "superseded": 0,
        "retries": 0,
    }


def test_neither_openid_nor_number_is_anywhere_in_the_files(say: Say, store: Store, database: Path) -> None:
    say("老板不给工资，打我13800138000，身份证441622199001011234", who="oVillagerSecret")
    store.close()
    for path in database.parent.iterdir():
        content = path.read_bytes()
        assert b"oVillagerSecret" not in content
        assert b"13800138000" not in content
        assert b"441622199001011234" not in content


def test_a_retry_gets_the_same_reply_and_one_row(say: Say, rows: Rows) -> None:
    assert say("老板不给工资", key="same") == say("老板不给工资", key="same")
    assert len(rows()) == 1


def test_one_message_number_of_two_villagers_is_two_messages(say: Say, rows: Rows) -> None:
    say("老板不给工资", who="oA", key="oA|1")
    say("老公不肯离婚", who="oB", key="oB|1")
    assert [r["entry_id"] for r in rows()] == ["wage", "divorce"]


def test_an_unclear_question_is_offered_and_a_number_settles_it(
    say: Say, rows: Rows, knowledge: Path, library: Library
) -> None:
    offered = say("老公不肯离婚，老板不给工资，悔婚彩礼")
    assert offered.text == WORDS.choices.head
    second = offered.options[1]
    answered = say("2")
    assert answered.text.startswith(f"您问的是：{second.label}")
    one, two = rows()
    assert (one["decision"], two["decision"], two["follows"]) == ("choose", "answer", one["key"])


@pytest.mark.parametrize("number", ["2", "２", "②", "二", "选2", "第2个", "2.", "2、", " 2 ", "回复2"])
def test_a_number_is_understood_however_it_is_typed(say: Say, number: str) -> None:
    second = say("老公不肯离婚，老板不给工资，悔婚彩礼").options[1]
    assert say(number).text.startswith(f"您问的是：{second.label}")


def test_tapping_an_old_list_means_what_it_shows_even_after_a_new_one(say: Say) -> None:
    old = say("老公不肯离婚，老板不给工资，悔婚彩礼").options[2]
    say("老板不给工资")
    assert say(old.send).text.startswith(f"您问的是：{old.label}")


def test_a_number_without_an_offer_or_too_late_is_explained(say: Say) -> None:
    assert say("2").text == WORDS.choices.not_offered
    say("老公不肯离婚，老板不给工资，悔婚彩礼")
    assert say("9").text == WORDS.choices.not_offered
    assert say("2", at=NOW + timedelta(minutes=31)).text == WORDS.choices.not_offered


def test_a_new_question_in_the_middle_of_a_choice_is_a_new_question(say: Say) -> None:
    say("老公不肯离婚，老板不给工资，悔婚彩礼")
    assert say("老板不给工资").text.startswith("您问的是：老板拖欠工资")


def test_one_villagers_offer_is_not_anothers(say: Say) -> None:
    say("老公不肯离婚，老板不给工资，悔婚彩礼", who="oA")
    assert say("1", who="oB").text == WORDS.choices.not_offered


def test_a_question_without_an_entry_is_a_miss_with_whom_to_call(say: Say, rows: Rows) -> None:
    reply = say("月球上能不能种番薯")
    assert reply.text == WORDS.choices.miss
    assert "12348" in reply.text
    assert rows()[0]["decision"] == "miss"


@pytest.mark.parametrize(
    ("kind", "text", "answer"),
    [
        ("text", "", WORDS.unreadable.empty),
        ("text", "😭😭", WORDS.unreadable.empty),
        ("text", "[流泪]", WORDS.unreadable.empty),
        ("text", "你好", WORDS.coming.greeting),
        ("text", "帮助！", WORDS.coming.help),
        ("text", "谢谢[抱拳]", WORDS.coming.thanks),
        ("text", "更多", WORDS.answers.no_more),
        ("image", "", WORDS.unreadable.picture),
        ("video", "", WORDS.unreadable.picture),
        ("file", "", WORDS.unreadable.picture),
        ("location", "", WORDS.unreadable.place),
        ("link", "", WORDS.unreadable.link),
        ("subscribe", "", WORDS.coming.welcome),
        ("scan", "", WORDS.coming.welcome),
        ("click", "帮助", WORDS.coming.help),
        ("unsubscribe", "", ""),
        ("other", "", ""),
    ],
)
def test_everything_else_gets_its_sentence(say: Say, kind: str, text: str, answer: str) -> None:
    assert say(text, kind=kind).text == answer


def test_understood_speech_is_a_question_and_says_what_was_heard(say: Say, rows: Rows) -> None:
    reply = say("老板不给工资，电话13800138000", kind="voice")
    assert reply.text.startswith("听到您说：老板不给工资，电话[手机号]\n\n您问的是：")
    assert rows()[0]["kind"] == "voice"


def test_more_shows_the_rest_of_the_answer(say: Say, knowledge: Path, library: Library) -> None:
    path = write_entry(
        knowledge, "wage", "老板拖欠工资怎么要？", ["老板不给工资"], "先投诉。\n\n## 更多\n\n还可以申请支付令。", "劳动与工资"
    )
    library.refresh()
    assert path.exists()
    assert say("老板不给工资").options[0].send == wording.MORE
    assert "还可以申请支付令。" in say("更多").text


def test_an_entry_past_its_date_or_withdrawn_answers_nobody(say: Say, knowledge: Path, library: Library) -> None:
    path = knowledge / "faq" / "劳动与工资" / "wage.md"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("2027-11-30", "2026-11-23"), encoding="utf-8")
    library.refresh()
    assert "老板拖欠工资" in say("老板不给工资").text
    assert "老板拖欠工资" not in str(say("老板不给工资", at=NOW + timedelta(days=1)))
    path.write_text(text.replace("status: draft", "status: withdrawn"), encoding="utf-8")
    library.refresh()
    assert "老板拖欠工资" not in str(say("老板不给工资"))


def test_unsubscribing_forgets_the_villager(say: Say, rows: Rows, store: Store) -> None:
    say("老板不给工资", who="oA")
    say(who="oA", kind="unsubscribe")
    assert {r["text"] for r in rows()} == {None}
    assert store.pseudonym("oA") not in {r["villager"] for r in rows()}
    assert len({r["villager"] for r in rows()}) == 1


def test_a_nonce_used_for_another_message_is_refused_before_anything_is_recorded(say: Say, rows: Rows) -> None:
    say("老板不给工资", key="k1", nonce="n")
    say("老板不给工资", key="k1", nonce="n")
    with pytest.raises(Replayed):
        say("伪造的问题", key="k2", nonce="n")
    assert len(rows()) == 1


def test_a_fault_in_the_matcher_still_gives_the_hotlines(say: Say, library: Library, rows: Rows) -> None:
    broken = replace(library.current, index=None)  # type: ignore[arg-type]
    library._current = broken
    reply = say("老板不给工资")
    assert reply.text.startswith(WORDS.choices.sorry)
    assert "110 报警" in reply.text and "12348" in reply.text
    assert rows()[0]["decision"] == "miss"


def test_a_ledger_that_is_locked_still_gives_the_answer(say: Say, database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    say("你好")
    blocker = sqlite3.connect(database, isolation_level=None)
    blocker.execute("begin exclusive")
    try:
        assert say("老板不给工资").text.startswith("您问的是：老板拖欠工资")
    finally:
        blocker.execute("rollback")
        blocker.close()


def test_options_are_the_questions_themselves(say: Say) -> None:
    options = say("老公不肯离婚，老板不给工资，悔婚彩礼").options
    assert all(isinstance(o, Option) and o.label == o.send for o in options if not o.number)
    assert [o.number for o in options if o.number] == ["0", "00"]


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("查法条 民法典 1079", "《民法典》第一千零七十九条"),
        ("查法条：《民法典》第一千零七十九条第二款", "《民法典》第一千零七十九条"),
        ("查一下法律 中华人民共和国民法典第1079条", "《民法典》第一千零七十九条"),
        ("查法条民法典1079条", "《民法典》第一千零七十九条"),
    ],
)
def test_a_statute_is_looked_up_and_given_word_for_word(say: Say, rows: Rows, asked: str, answered: str) -> None:
    text = say(asked).text
    assert text.startswith(answered)
    assert "因感情不和分居满二年" in text
    assert rows()[0]["decision"] == "command"


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("查法条", WORDS.law.usage),
        ("查法条 民法典", WORDS.law.usage),
        ("查法条 月球法 1", WORDS.law.no_law),
        ("查法条 民法典 1261", WORDS.law.no_article),
        ("查法条 工伤保险条例 14", WORDS.law.no_text),
        ("查法条 婚姻法 32", "《婚姻法》已从2021年1月1日起废止。现在看《民法典》。"),
    ],
)
def test_a_statute_that_cannot_be_shown_is_explained(say: Say, asked: str, answered: str) -> None:
    assert say(asked).text == answered


def test_a_voice_message_without_words_says_how_to_type_and_whom_to_call(say: Say) -> None:
    text = say(kind="voice").text
    assert text.startswith(WORDS.unreadable.voice.partition("{")[0])
    assert "12348" in text and "示例镇司法所" in text


def test_without_the_data_file_the_bot_runs_and_says_where_to_look(say: Say, library: Library) -> None:
    snapshot = library.current
    library._current = replace(snapshot, laws=replace(snapshot.laws, data=None))
    assert say("查法条 民法典 1079").text == WORDS.law.no_text
    assert say("老板不给工资").text.startswith("您问的是：")


def test_where_only_signed_entries_answer_drafts_do_not(say: Say, library: Library, knowledge: Path) -> None:
    library.only_signed = True
    library.refresh()
    assert say("老板不给工资").text == WORDS.choices.miss
    path = knowledge / "faq" / "劳动与工资" / "wage.md"
    signed = "status: signed\nreviewed_by: 测试律师\nreviewed_on: 2026-11-01"
    path.write_text(path.read_text(encoding="utf-8").replace("status: draft", signed), encoding="utf-8")
    library.refresh()
    tail = say("老板不给工资").tail
    assert "测试律师审核，2026年11月1日。" in tail
    assert "待律师审核" not in tail


def test_chat_gets_one_kind_line_and_the_way_in(say: Say, knowledge: Path, library: Library, rows: Rows) -> None:
    topics = [("天气", "闲聊", ["今天会下雨吗", "明天天气怎么样"]), ("股权", "法律", ["股东怎么退股", "股权怎么转让"])]
    (knowledge / "outside.yaml").write_text(
        "".join(f"- {{topic: {t}, kind: {k}, why: 没有条目, phrasings: {p}}}\n" for t, k, p in topics), encoding="utf-8"
    )
    library.refresh()
    assert say("今天会下雨吗").text == WORDS.coming.chat
    assert say("股权怎么转让").text == WORDS.choices.miss
    assert [row["decision"] for row in rows()] == ["command", "miss"]
