"""What the bot says of itself, and the cards of emergencies, changed in the console."""

import html
import re
from pathlib import Path

import pytest
import yaml
from flask import Flask

from bot.faq.edit import history
from bot.ledger.access.users import ADMIN, JUSTICE, LAWYER, ROLES
from bot.wording.words import SENTENCES, SITUATIONS
from tests.conftest import KNOWLEDGE
from tests.console.conftest import As, Client
from tests.console.test_setup import change, form, noted

BASE = "/console/setup"
MISS = "/wording/choices"
XSS = '"><img src=x onerror=alert(1)> 00 12348'


@pytest.fixture(autouse=True)
def shipped(knowledge: Path) -> None:
    (knowledge / "wording.yaml").write_bytes((KNOWLEDGE / "wording.yaml").read_bytes())


def own(knowledge: Path) -> object:
    return yaml.safe_load((knowledge / "wording.yaml").read_text("utf-8"))


def test_every_sentence_is_listed_with_when_it_is_said_and_leads_to_its_field(as_: As) -> None:
    client = as_(ADMIN)
    page = client.get(f"{BASE}/wording/")
    for key, sentence in SENTENCES.items():
        situation, _, name = key.partition(".")
        assert f'href="/console/setup/wording/{situation}#say_{name}"' in page
        assert html.escape(sentence.when) in page
    for situation in SITUATIONS:
        text = client.get(f"{BASE}/wording/{situation}")
        for key, sentence in SENTENCES.items():
            if key.startswith(f"{situation}."):
                assert f'id="say_{key.partition(".")[2]}"' in text
                assert f"最多 {sentence.most} 字" in text
    assert client.status(f"{BASE}/wording/none") == 404


def test_everybody_reads_the_sentences_and_two_roles_change_them(as_: As, knowledge: Path) -> None:
    for role in ROLES:
        client = as_(role)
        assert ("fieldset disabled" in client.get(BASE + MISS)) == (role not in {ADMIN, JUSTICE}), role
        assert (client.status(BASE + MISS, "POST", say_miss="x") == 403) == (role not in {ADMIN, JUSTICE}), role
    assert own(knowledge) == {}


def test_every_situation_saved_as_it_was_writes_nothing(as_: As, knowledge: Path) -> None:
    before, client = (knowledge / "wording.yaml").read_bytes(), as_(ADMIN)
    for situation in SITUATIONS:
        assert "没有改什么" in change(client, f"/wording/{situation}"), situation
    assert (knowledge / "wording.yaml").read_bytes() == before


def test_a_sentence_of_the_town_is_said_at_once_and_has_its_author(as_: As, app: Flask, knowledge: Path) -> None:
    said = "这件事这里还没有答案。\n\n想找人问，回 00；急的话拨12348。"
    assert "保存好了" in change(as_(JUSTICE), MISS, say_miss=said.replace("\n", "\r\n"), why="说短些")
    assert own(knowledge) == {"choices.miss": said}
    assert (knowledge / "wording.yaml").read_text("utf-8").startswith("# 机器人自己说的话里")
    last = history.log(knowledge)[0]
    assert (last.author, last.paths) == ("示例司法所（司法所）", ("wording.yaml",))
    assert last.why == "设置：机器人说的话：让群众选、没答上、出毛病，说短些"
    assert noted(app)[-1] == ("司法所", "修改设置", "机器人说的话：让群众选、没答上、出毛病")
    assert app.extensions["bot"].library.refresh().words.choices.miss == said
    answer = app.test_client().post("/ask", json={"id": "a" * 12, "text": "月球上能不能种番薯"})
    assert answer.json is not None
    assert said in answer.json["text"]


FAULTS = [
    (MISS, "say_miss", "回 00。", "没有写「12348」"),
    (MISS, "say_miss", "字" * 500 + " 00 12348", "太长"),
    (MISS, "say_miss", "我是律师，回 00，拨12348", "自称律师"),
    (MISS, "say_miss", "急！急！00 12348", "感叹号太多"),
    (MISS, "say_miss", "😭 00 12348", "生僻符号"),
    (MISS, "say_miss", "00\u200b 12348", "看不见的字符"),
    (MISS, "say_miss", "{村名} 00 12348", "这一句里不能有大括号"),
    (MISS, "say_miss", XSS, "有尖括号"),
    ("/wording/person", "say_waits", "编号{编号}还在等。急的话拨12348。", "少了 {时间}"),
    ("/wording/person", "say_waits", "{编号}{编号}{时间}12348", "{编号} 写了2次"),
    ("/wording/person", "say_waits", "{编号}{时间}{ 12348", "没有成对"),
    ("/wording/answers", "say_disclaimer", "有事拨12348。", "没有写「不是律师意见」"),
    ("/wording/answers", "say_not_this", "不\n是", "写成一行"),
]


def test_a_fault_is_told_beside_its_sentence_and_nothing_is_written(as_: As, knowledge: Path) -> None:
    client = as_(ADMIN)
    for path, field, text, told in FAULTS:
        page = change(client, path, **{field: text})
        beside = re.search(rf'id="{field}-error">([^<]*)<', page)
        assert beside, (field, text)
        assert told in html.unescape(beside[1])
        assert "还没有保存" in page
        assert form(page)[field] == text.strip()  # what was typed stays, as text
        assert "<img src=x" not in page
    assert own(knowledge) == {}


def test_a_sentence_is_as_it_was_shipped_again_by_its_button_or_by_emptying_it(as_: As, knowledge: Path) -> None:
    client, said = as_(ADMIN), "没有答案。回 00，拨12348。"
    change(client, MISS, say_miss=said, say_rephrase="换个说法。回 00。")
    page = change(client, MISS, restore="say_miss", say_head="哪一个？回数字：")
    assert "恢复原来的话" in page
    assert form(page)["say_miss"] == SENTENCES["choices.miss"].default
    assert form(page)["say_head"] == "哪一个？回数字："  # what was typed stays
    assert own(knowledge) == {"choices.miss": said, "choices.rephrase": "换个说法。回 00。"}
    assert "保存好了" in client.post(BASE + MISS, **form(page))
    change(client, MISS, say_rephrase=" ")
    assert own(knowledge) == {"choices.head": "哪一个？回数字："}


def test_what_it_will_look_like_is_shown_without_saving(as_: As, knowledge: Path) -> None:
    page = change(as_(ADMIN), "/wording/person", say_waits="还没答，编号{编号}，{时间}前。12348", look="1")
    assert "还没答，编号023，1月6日17:30前。12348" in page
    assert "合在一起的样子：答复" in page
    assert own(knowledge) == {}


def test_two_who_change_one_sentence_are_told_and_two_who_change_different_ones_are_not(as_: As, knowledge: Path) -> None:
    one, other = as_(ADMIN), as_(JUSTICE)
    mine = form(one.get(BASE + MISS))
    change(other, MISS, say_miss="他改的。回 00，拨12348。")
    page = one.post(BASE + MISS, **(mine | {"say_miss": "我改的。回 00，拨12348。"}))
    assert "有人改了同一项" in page
    assert "他改的" in page
    assert "保存好了" in one.post(BASE + MISS, **(mine | {"say_rephrase": "换个说法。回 00。"}))
    assert own(knowledge) == {"choices.miss": "他改的。回 00，拨12348。", "choices.rephrase": "换个说法。回 00。"}


def test_a_sentence_that_was_broken_by_hand_is_shown_with_its_fault_and_can_be_put_right(as_: As, knowledge: Path) -> None:
    (knowledge / "wording.yaml").write_text('choices.miss: "没有"\nchoices.mis: 什么\nchoices.rephrase: "换"\n', "utf-8")
    client = as_(ADMIN)
    assert "choices.mis" in client.get(f"{BASE}/wording/")
    page = client.get(BASE + MISS)
    assert "没有写「12348」" in html.unescape(page)
    assert "保存好了" in change(client, "/wording/coming", say_thanks="不客气。")  # nobody is kept from the others
    assert "还没有保存" in change(client, MISS, say_miss="")
    assert "保存好了" in change(client, MISS, say_miss="", say_rephrase="")
    assert own(knowledge) == {"choices.mis": "什么", "coming.thanks": "不客气。"}


def test_a_file_that_is_none_is_told_and_not_overwritten(as_: As, knowledge: Path) -> None:
    client = as_(ADMIN)
    for text in ("- 一\n", "a: [", "一句话"):
        (knowledge / "wording.yaml").write_text(text, "utf-8")
        for path in ("/wording/", MISS):
            response = client.http.get(BASE + path)
            assert (response.status_code, "写坏了" in response.text) == (503, True), (text, path)
        assert client.status(BASE + MISS, "POST", say_miss="x") == 503
        assert (knowledge / "wording.yaml").read_text("utf-8") == text


CARD = "/crisis/正在被骗"


def signed_by(knowledge: Path) -> object:
    cards = yaml.safe_load((knowledge / "crisis.yaml").read_text("utf-8"))["kinds"]
    return next(card.get("signed_by") for card in cards if card["kind"] == "正在被骗")


def sign(client: Client) -> str:
    page = client.get(f"{BASE}/crisis/")
    seen = re.search(r'name="seen"[^>]*value="([^"]+)"', page)
    return client.post(f"{BASE}{CARD}/sign", seen=seen[1] if seen else "")


def test_a_card_is_changed_by_one_and_signed_by_another(as_: As, app: Flask, knowledge: Path) -> None:
    library = app.extensions["bot"].library
    justice, lawyer = as_(JUSTICE), as_(LAWYER)
    page = change(justice, CARD, next="没有安全账户。")
    assert "待律师审核" in page
    assert "保存好了" in justice.post(BASE + CARD, **(form(page) | {"sure": "y"}))
    library.refresh()
    assert "没有安全账户。" in justice.get(f"{BASE}/crisis/")
    assert "您自己改的" in sign(justice)
    assert signed_by(knowledge) is None
    assert "保存好了" in sign(lawyer)
    assert signed_by(knowledge) == "示例法律顾问"
    assert noted(app)[-1] == ("法律顾问", "修改设置", "审核急事卡片「正在被骗」")
    library.refresh()
    assert "示例法律顾问审核。" in lawyer.get(f"{BASE}/crisis/")
    page = change(justice, CARD, next="公安不会要您转账。")
    justice.post(BASE + CARD, **(form(page) | {"sure": "y"}))
    assert signed_by(knowledge) is None  # what is new nobody has signed
    assert "# 怎么认出来" in (knowledge / "crisis.yaml").read_text("utf-8")


def test_a_card_that_changed_since_it_was_read_is_not_signed(as_: As, knowledge: Path) -> None:
    client = as_(LAWYER)
    assert "刚刚被人改过" in client.post(f"{BASE}{CARD}/sign", seen="0" * 64)
    assert signed_by(knowledge) is None
    assert client.status(f"{BASE}/crisis/没有/sign", "POST") == 404


def test_a_card_with_a_fault_is_not_saved(as_: As, knowledge: Path) -> None:
    client, before = as_(ADMIN), (knowledge / "crisis.yaml").read_bytes()
    for said, told in (
        ({"steps": "打电话"}, "以「先打110」开头"),
        ({"steps": "先打110\n二\n三\n四\n五"}, "要1到4步"),
        ({"steps": "先打110" + "字" * 120}, "太长"),
        ({"first": ""}, "没有填"),
        ({"next": "字" * 121}, "要1到120个字"),
    ):
        assert told in html.unescape(change(client, CARD, **said))  # type: ignore[arg-type]
    assert (knowledge / "crisis.yaml").read_bytes() == before
