"""Emergencies: a table of sentences that nothing was learned from, the cards, and what is kept."""

import json
from pathlib import Path

import pytest

from bot.dialogue.rules import preview
from bot.faq import telling
from bot.faq.citation import parse
from bot.faq.library import Library
from bot.matching.alarm import ORDINARY, Alarm, trade_offs
from bot.matching.lexicon import Lexicon
from bot.text import WECHAT_TEXT_BYTES
from bot.wording.words import SHIPPED as WORDS
from tests.conftest import NOW

TABLE = [json.loads(line) for line in (Path(__file__).parent.parent / "data" / "crisis.jsonl").read_text("utf-8").splitlines()]
EMERGENCIES = [row for row in TABLE if row["kind"] != ORDINARY]
OTHERS = [row for row in TABLE if row["kind"] == ORDINARY]


def test_the_table_is_large_and_nearly_half_of_it_only_sounds_alike() -> None:
    assert len(TABLE) >= 150
    assert 0.4 <= len(OTHERS) / len(TABLE) <= 0.6


def test_nothing_was_learned_from_the_table(real_library: Library) -> None:
    learned = {text for texts in real_library.current.crisis.examples.values() for text in texts}
    assert learned.isdisjoint(row["text"] for row in TABLE)


def test_emergencies_are_recognised_and_others_left_alone(real_library: Library) -> None:
    crisis = real_library.current.crisis
    missed = [row["text"] for row in EMERGENCIES if crisis.emergency_in(row["text"]) is None]
    alarms = [row["text"] for row in OTHERS if crisis.emergency_in(row["text"]) is not None]
    assert len(missed) / len(EMERGENCIES) <= 0.02, missed
    assert len(alarms) / len(OTHERS) <= 0.03, alarms


def test_the_kind_is_nearly_always_the_right_one(real_library: Library) -> None:
    crisis = real_library.current.crisis
    found = [(row["kind"], kind.kind) for row in EMERGENCIES if (kind := crisis.emergency_in(row["text"]))]
    assert sum(wanted == got for wanted, got in found) / len(found) >= 0.9


@pytest.mark.parametrize(
    "text",
    [
        "我不想活得这么累，想离婚",
        "打人致轻伤怎么判",
        "老板要逼死我了，拖我半年工钱",
        "家暴的证据怎么收集",
        "累死了",
        "去年被骗的钱能追回来吗",
    ],
)
def test_figures_of_speech_and_legal_questions_are_no_emergencies(real_library: Library, text: str) -> None:
    assert real_library.current.crisis.emergency_in(text) is None


def test_every_ordinary_command_is_no_emergency(real_library: Library) -> None:
    for text in ("人工", "帮助", "找律师", "1", "00", "023", "谢谢", "去死", "绑定 AB12CD34", "删除我的记录"):
        assert preview(text, real_library.current, NOW).decision == "command", text


def test_a_card_begins_neutrally_calls_110_first_names_real_hotlines_and_fits(real_library: Library) -> None:
    snapshot = real_library.current
    assert snapshot.crisis.cards
    numbers = {line.number for line in snapshot.hotlines}
    for card in snapshot.crisis.cards.kinds:
        assert card.first == "您发来的话看到了，请先看完这几行。"
        assert card.steps[0].startswith("先打110")
        assert card.hotlines[0] == "110"
        assert set(card.hotlines) <= numbers
        text = telling.crisis(WORDS, card, snapshot.hotlines)
        assert len(text.encode()) <= WECHAT_TEXT_BYTES
        assert "删除该聊天" in text and "待律师审核" in text
        for basis in card.basis:
            citation = parse(basis)
            assert citation
            law = snapshot.laws.find(citation.law)
            assert law and snapshot.laws.article(citation, NOW.date()), basis


def test_asking_with_the_word_for_asking_is_the_way_out_of_a_false_alarm(real_library: Library) -> None:
    assert preview("他拿刀砍我怎么办", real_library.current, NOW).decision == "crisis"
    assert preview("问 他拿刀砍我怎么办", real_library.current, NOW).decision != "crisis"


def test_learning_tells_apart_what_it_was_shown_and_is_the_same_every_time() -> None:
    examples = {"火": ("着火了快来人", "屋里着火了"), ORDINARY: ("火锅店欠薪", "发火骂人")}
    one, two = (Alarm.of(examples, ["老板不给工资"], ["你好"], Lexicon()) for _ in range(2))
    assert one.heard("着火了") == two.heard("着火了")
    assert one.heard("着火了")[1] > 0.5 > one.heard("老板不给工资")[1]
    assert trade_offs(one, [("着火了", "火"), ("老板不给工资", ORDINARY)], (0.5, 1.1)) == [(0.5, 1.0, 0.0), (1.1, 0.0, 0.0)]


def test_a_broken_examples_file_keeps_what_was_learned_and_the_cards_edit_lives(library: Library, knowledge: Path) -> None:
    before = library.current.crisis
    (knowledge / "crisis-examples.yaml").write_text("想不开: [", encoding="utf-8")
    path = knowledge / "crisis.yaml"
    path.write_text(path.read_text("utf-8").replace("threshold: 0.8", "threshold: 0.6"), encoding="utf-8")
    after = library.refresh().crisis
    assert after.alarm is before.alarm
    assert after.cards and after.cards.threshold == 0.6
    assert [f.path.name for f in library.current.findings] == ["crisis-examples.yaml"]
