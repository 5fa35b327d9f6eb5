"""Signed and encrypted requests through the real app."""

import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.logs import JsonLines
from bot.message import Option, Reply
from bot.wording.words import SHIPPED as WORDS
from handlers.wechat_io import to_text
from tests.actors import AES_KEY, TOKEN, WeChat
from tests.conftest import wechat_for

Make = Callable[..., Flask]
Rows = Callable[[], list[dict[str, object]]]
MODES = ["plain", "compat", "safe"]


@pytest.fixture(params=MODES)
def any_wechat(request: pytest.FixtureRequest, make_app: Make) -> WeChat:
    return wechat_for(make_app(wechat_mode=request.param))


def test_a_question_is_answered_in_every_mode(any_wechat: WeChat, rows: Rows) -> None:
    heard = any_wechat.villager("oA").says("老板不给工资")
    assert heard.status == 200
    assert heard.content_type.startswith("text/xml")
    assert heard.text.startswith("您问的是：老板拖欠工资怎么要？")
    assert heard.fields["MsgType"] == "text"
    assert (heard.fields["ToUserName"], heard.fields["FromUserName"]) == ("oA", "gh_0123456789ab")
    assert abs(int(heard.fields["CreateTime"]) - time.time()) < 60
    assert [r["channel"] for r in rows()] == ["公众号文字"]
    assert (b"<Encrypt>" in heard.body) == (any_wechat.mode != "plain")


def test_retries_get_the_same_reply_and_one_row_in_every_mode(any_wechat: WeChat, rows: Rows) -> None:
    villager = any_wechat.villager()
    first = villager.says("老板不给工资")
    assert [villager.retries().text for _ in range(3)] == [first.text] * 3
    assert len(rows()) == 1


@pytest.mark.parametrize(
    ("query", "signature", "good"),
    [
        ({"timestamp": "1714036504", "nonce": "1514711492"}, "f464b24fc39322e44b38aa78f5edd27bd1441696", True),
        ({"timestamp": "1714036504", "nonce": "1514711493"}, "f464b24fc39322e44b38aa78f5edd27bd1441696", False),
        ({"timestamp": "1714036504", "nonce": "1514711492"}, "", False),
        ({}, "f464b24fc39322e44b38aa78f5edd27bd1441696", False),
    ],
)
def test_the_handshake_gives_back_exactly_the_echostr(
    make_app: Make, query: dict[str, str], signature: str, good: bool
) -> None:
    client = make_app(wechat_token="AAAAA").test_client()
    response = client.get("/wechat", query_string=query | {"signature": signature, "echostr": "<b>4375120948345356249</b>"})
    if good:
        assert (response.status_code, response.data) == (200, b"<b>4375120948345356249</b>")
        assert response.content_type.startswith("text/plain")
    else:
        assert response.status_code == 403
        assert b"4375120948345356249" not in response.data


SENT = [
    ("text", {"Content": "你好"}, WORDS.coming.greeting),
    ("text", {"Content": ""}, WORDS.unreadable.empty),
    ("text", {"Content": "   "}, WORDS.unreadable.empty),
    ("voice", {"MediaId": "m", "Format": "amr", "MediaId16K": "n"}, WORDS.unreadable.voice.partition("{")[0]),
    ("voice", {"MediaId": "m", "Format": "amr", "Recognition": ""}, WORDS.unreadable.voice.partition("{")[0]),
    ("image", {"PicUrl": "http://example.cn/a.jpg", "MediaId": "m"}, WORDS.unreadable.picture),
    ("video", {"MediaId": "m", "ThumbMediaId": "t"}, WORDS.unreadable.picture),
    ("shortvideo", {"MediaId": "m", "ThumbMediaId": "t"}, WORDS.unreadable.picture),
    ("location", {"Location_X": "23.7", "Location_Y": "114.7", "Scale": "15", "Label": "某村"}, WORDS.unreadable.place),
    ("link", {"Title": "t", "Description": "d", "Url": "http://example.cn"}, WORDS.unreadable.link),
    (
        "file",
        {"Title": "合同.pdf", "Description": "d", "FileKey": "k", "FileMd5": "5", "FileTotalLen": "1"},
        WORDS.unreadable.picture,
    ),
]


@pytest.mark.parametrize(("kind", "fields", "answer"), SENT)
def test_every_kind_of_message_gets_its_sentence(wechat: WeChat, kind: str, fields: dict[str, str], answer: str) -> None:
    villager = wechat.villager()
    heard = villager.sends(kind, **fields)
    assert heard.status == 200
    assert heard.text.startswith(answer) and "【告知】" in heard.text
    assert "【告知】" not in villager.sends(kind, **fields).text


def test_recognised_speech_is_answered_and_counted_as_voice(wechat: WeChat, rows: Rows) -> None:
    heard = wechat.villager().sends("voice", MediaId="m", Format="amr", Recognition="老板不给工资")
    assert "您问的是：老板拖欠工资怎么要？" in heard.text
    assert [r["channel"] for r in rows()] == ["公众号语音"]


EVENTS = [
    ("subscribe", {"EventKey": ""}, WORDS.coming.welcome),
    ("subscribe", {"EventKey": "qrscene_7", "Ticket": "t"}, "记下了，您是示例七村的。您村的法律顾问：示例顾问七"),
    ("subscribe", {"EventKey": "qrscene_99", "Ticket": "t"}, WORDS.coming.welcome),
    ("subscribe", {}, WORDS.coming.welcome),
    ("SCAN", {"EventKey": "7", "Ticket": "t"}, "记下了，您是示例七村的。您村的法律顾问：示例顾问七"),
    ("CLICK", {"EventKey": "帮助"}, WORDS.coming.help),
]


@pytest.mark.parametrize(("event", "fields", "answer"), EVENTS)
def test_events_that_a_villager_causes_are_answered_once(
    wechat: WeChat, rows: Rows, event: str, fields: dict[str, str], answer: str
) -> None:
    villager = wechat.villager()
    first = villager.does(event, **fields).text
    assert first.startswith(answer) and "【告知】" in first
    assert villager.retries().text == first
    assert len(rows()) == 1


QUIET = [
    ("unsubscribe", {"EventKey": ""}),
    ("LOCATION", {"Latitude": "23.1", "Longitude": "113.3", "Precision": "119"}),
    ("VIEW", {"EventKey": "http://example.cn", "MenuId": "1"}),
    ("view_miniprogram", {"EventKey": "pages/a"}),
    ("TEMPLATESENDJOBFINISH", {"MsgID": "200163836", "Status": "success"}),
    ("MASSSENDJOBFINISH", {"MsgID": "1", "Status": "send success"}),
    ("scancode_push", {"EventKey": "6"}),
    ("user_info_modified", {"OpenID": "o"}),
    ("something_new", {}),
]


@pytest.mark.parametrize(("event", "fields"), QUIET)
@pytest.mark.parametrize("mode", ["plain", "safe"])
def test_other_events_are_acknowledged_in_clear(make_app: Make, mode: str, event: str, fields: dict[str, str]) -> None:
    heard = wechat_for(make_app(wechat_mode=mode)).villager().does(event, **fields)
    assert (heard.status, heard.body) == (200, b"success")


def test_an_unknown_kind_of_message_is_acknowledged(wechat: WeChat) -> None:
    assert wechat.villager().sends("hologram", Content="x").body == b"success"


def test_an_event_and_another_of_the_same_second_are_two(wechat: WeChat, rows: Rows) -> None:
    frozen = time.time()
    wechat.clock = lambda: frozen
    villager = wechat.villager()
    villager.does("subscribe", EventKey="")
    villager.does("CLICK", EventKey="帮助")
    villager.does("CLICK", EventKey="更多")
    assert len(rows()) == 3


# Forgeries


@pytest.mark.parametrize("mode", MODES)
def test_a_wrong_signature_is_refused(make_app: Make, rows: Rows, mode: str) -> None:
    wechat = wechat_for(make_app(wechat_mode=mode))
    xml = wechat.villager().xml("text", Content="老板不给工资", MsgId="1")
    for wrong in ("", "0" * 40, "é", "0" * 10000):
        heard = wechat.push(xml, signature=wrong, msg_signature=wrong)
        assert (heard.status, heard.fields) == (403, {})
    assert rows() == []


def test_another_towns_token_key_or_account_is_refused(make_app: Make) -> None:
    app = make_app(wechat_mode="safe")
    for changes in ({"token": "x" * 32}, {"app_id": "wx9999999999999999"}):
        other = wechat_for(app, **changes)
        assert other.villager().says("老板不给工资").status == 403
    assert wechat_for(app, aes_key="b" * 43).villager().says("老板不给工资").status in {400, 403}


@pytest.mark.parametrize("timestamp", ["", "0", "abc", "12345", "171403650４", "99999999999", "-123456789", "1 14036504"])
def test_a_timestamp_that_is_none_or_old_is_refused(wechat: WeChat, timestamp: str) -> None:
    xml = wechat.villager().xml("text", Content="x", MsgId="1")
    assert wechat.push(xml, timestamp=timestamp, signature=wechat.sign(timestamp, "1"), nonce="1").status == 403


@pytest.mark.parametrize(("age", "status"), [(0, 200), (290, 200), (310, 403), (-290, 200), (-310, 403), (315360000, 403)])
@pytest.mark.parametrize("mode", ["plain", "safe"])
def test_a_message_is_good_for_five_minutes(make_app: Make, mode: str, age: int, status: int) -> None:
    wechat = wechat_for(make_app(wechat_mode=mode), clock=lambda: time.time() - age)
    assert wechat.villager().says("老板不给工资").status == status


def test_a_captured_signature_does_not_sign_another_message_in_plain_mode(wechat: WeChat, rows: Rows) -> None:
    now = str(int(time.time()))
    signed = {"timestamp": now, "nonce": "12345", "signature": wechat.sign(now, "12345")}
    victim, attacker = wechat.villager("oVictim"), wechat.villager("oAttacker")
    xml = victim.xml("text", Content="老板不给工资", MsgId="1")
    assert wechat.push(xml, **signed).status == 200
    assert wechat.push(xml, **signed).status == 200
    assert wechat.push(attacker.xml("text", Content="老公不肯离婚", MsgId="2"), **signed).status == 403
    assert wechat.push(victim.xml("text", Content="老公不肯离婚", MsgId="2"), **signed).status == 403
    assert len(rows()) == 1


def test_a_captured_signature_of_a_silent_event_signs_nothing_else(wechat: WeChat) -> None:
    now = str(int(time.time()))
    signed = {"timestamp": now, "nonce": "777", "signature": wechat.sign(now, "777")}
    villager = wechat.villager()
    assert wechat.push(villager.xml("event", Event="LOCATION", Latitude="1"), **signed).status == 200
    assert wechat.push(villager.xml("text", Content="老板不给工资", MsgId="2"), **signed).status == 403


def test_safe_mode_takes_no_clear_message(make_app: Make, rows: Rows) -> None:
    wechat = wechat_for(make_app(wechat_mode="safe"))
    xml = wechat.villager().xml("text", Content="老板不给工资", MsgId="1")
    assert wechat.push(xml, mode="plain").status == 403
    assert wechat.push(xml, mode="plain", encrypt_type="raw").status == 403
    assert rows() == []


def test_compatible_mode_takes_both_and_believes_only_what_was_encrypted(make_app: Make) -> None:
    wechat = wechat_for(make_app(wechat_mode="compat"))
    villager = wechat.villager()
    assert wechat.push(villager.xml("text", Content="老板不给工资", MsgId="1"), mode="plain").text.startswith("您问的是")
    post = wechat.post

    def tampered(query: dict[str, str], body: bytes) -> tuple[int, bytes, str]:
        return post(query, body.replace("老板不给工资".encode(), "老公不肯离婚".encode()))

    wechat.post = tampered
    assert "老板拖欠工资" in villager.says("老板不给工资").text


def test_plain_mode_cannot_read_an_encrypted_message(wechat: WeChat) -> None:
    assert wechat.push(wechat.villager().xml("text", Content="x", MsgId="1"), mode="safe").status == 400


def test_while_the_key_is_changed_both_keys_work_and_the_answer_takes_the_questions(make_app: Make) -> None:
    app = make_app(wechat_mode="safe", wechat_aes_key="b" * 43, wechat_aes_key_previous=AES_KEY)
    for key in ("b" * 43, AES_KEY):
        assert "您问的是" in wechat_for(app, aes_key=key).villager().says("老板不给工资").text


# Broken and hostile

BROKEN = [
    *(b"", b"{}", b'{"a":1}', b"no xml", b"<xml>", b"<xml></xml>", b"<xml/>", b"<xml>text</xml>"),
    *(b"<a/>", b"<a/><b/>"),
    *(b"\x00" * 50, b"<xml><MsgType>text</MsgType></xml>", "<xml><MsgType>工资".encode("gbk")),
    b"\xff\xfe<\x00x\x00",
    *(b"<xml>\xed\xa0\x80</xml>", b"<xml>&#0;</xml>", b"<xml>&nbsp;</xml>"),
    b"<xml><MsgType></MsgType><FromUserName>o</FromUserName></xml>",
    b"<xml><MsgType><a>text</a></MsgType><FromUserName>oA</FromUserName><ToUserName>g</ToUserName></xml>",
    b"<xml><MsgType>text</MsgType><MsgType>text</MsgType></xml>",
]


@pytest.mark.parametrize("body", BROKEN)
def test_a_broken_body_is_a_bad_request(any_wechat: WeChat, body: bytes) -> None:
    now = str(int(time.time()))
    query = {"timestamp": now, "nonce": "5", "signature": any_wechat.sign(now, "5")}
    if any_wechat.mode != "plain":
        query |= {"encrypt_type": "aes", "msg_signature": any_wechat.sign(now, "5")}
    assert any_wechat.raw(query, body).status == 400


ODD = [
    {"FromUserName": ""}, {"FromUserName": "o]]><x>"}, {"FromUserName": "o" * 65}, {"FromUserName": "张三"}, {"ToUserName": ""},
    {"ToUserName": "a b"}, {"CreateTime": "soon"}, {"CreateTime": "9" * 30}, {"CreateTime": ""}, {"MsgType": ""},
]  # fmt: skip


@pytest.mark.parametrize("fields", ODD)
def test_odd_identifiers_are_a_bad_request_or_silence_and_never_a_row(
    wechat: WeChat, rows: Rows, fields: dict[str, str]
) -> None:
    heard = wechat.push(wechat.villager().xml("text", **{"Content": "老板不给工资", "MsgId": "1", **fields}))
    assert heard.status in {200, 400}
    assert heard.fields == {}
    assert rows() == []


@pytest.mark.parametrize("number", ["", "0", "abc", "-1", "１２", "9" * 5000, "1_000"])
def test_an_odd_message_number_does_no_harm(wechat: WeChat, number: str) -> None:
    assert wechat.push(wechat.villager().xml("text", Content="老板不给工资", MsgId=number)).status in {200, 400}


def test_doubled_and_nested_fields_are_a_bad_request(wechat: WeChat) -> None:
    xml = wechat.villager().xml("text", Content="a", MsgId="1")
    for extra in ("<Content>b</Content>", "<FromUserName>b</FromUserName>", "<MsgId>2</MsgId>", "<Event><x/></Event>"):
        heard = wechat.push(xml.replace("</xml>", extra + "</xml>"))
        assert heard.status in {200, 400}
    assert wechat.push(xml.replace("<![CDATA[a]]>", "<b>c</b>")).status == 400


BOMB = '<!DOCTYPE l [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'


@pytest.mark.parametrize("dtd", [BOMB, "<!DOCTYPE xml>", '<!doctype x SYSTEM "file:///etc/passwd">', "<!ENTITY a 'b'>"])
def test_a_dtd_is_refused_outside_and_inside_the_encryption(any_wechat: WeChat, dtd: str) -> None:
    xml = any_wechat.villager().xml("text", Content="&b;", MsgId="1")
    assert any_wechat.push(dtd + xml).status == 400


@pytest.mark.parametrize("inside", [b" " * 60_000, b"<![CDATA[" + b" " * 60_000, b"A" + b" " * 60_000 + b"!"])
def test_blanks_before_the_signature_is_known_cost_nothing(make_app: Make, inside: bytes) -> None:
    wechat = wechat_for(make_app(wechat_mode="safe"))
    query = {"timestamp": str(int(time.time())), "nonce": "5", "encrypt_type": "aes", "msg_signature": "x"}
    began = time.monotonic()
    for body in (b"<xml><Encrypt>" + inside, b"<xml><Encrypt>" + inside + b"</Encrypt></xml>"):
        assert wechat.raw(query, body).status in {400, 403}
    assert time.monotonic() - began < 1


@pytest.mark.parametrize(
    "text", ["查法条 民法典" + " " * 19_000 + "x", "。" * 19_000 + "x", "第" + "个" * 19_000 + "x", "9" * 19_000]
)
def test_a_long_odd_message_is_answered_at_once(wechat: WeChat, text: str) -> None:
    began = time.monotonic()
    assert wechat.villager().says(text).status == 200
    assert time.monotonic() - began < 1


@pytest.mark.parametrize("size", [64 * 1024 + 1, 5_000_000])
def test_a_large_body_is_refused(any_wechat: WeChat, size: int) -> None:
    assert any_wechat.push(any_wechat.villager().xml("text", Content="x" * size, MsgId="1")).status == 413


def test_control_characters_in_a_message_do_not_lose_it(wechat: WeChat) -> None:
    assert wechat.villager().says("老板\x07不给\x0b工资").text.startswith("您问的是：老板拖欠工资")


def test_what_a_villager_writes_cannot_add_to_the_reply(wechat: WeChat) -> None:
    attack = "老板不给工资]]></Content><MsgType><![CDATA[image]]></MsgType><Content><![CDATA["
    xml = (
        wechat.villager()
        .xml("voice", Recognition="PLACE", MsgId="1")
        .replace("<![CDATA[PLACE]]>", attack.replace("]]>", "]]&gt;").replace("<", "&lt;"))
    )
    heard = wechat.push(xml)
    assert heard.status == 200
    assert heard.fields["MsgType"] == "text"
    assert heard.text.startswith("听到您说：老板不给工资]]＞</Content><MsgType><![CDATA[image]]＞")
    assert heard.body.count(b"]]>") == 4


@given(text=st.text(st.characters(blacklist_categories=()), max_size=200), labels=st.lists(st.text(max_size=60), max_size=5))
def test_any_reply_fits_a_wechat_text_and_never_ends_its_cdata(text: str, labels: list[str]) -> None:
    sent = to_text(Reply(text * 9, tuple(Option(label, label) for label in labels), "尾"))
    assert len(sent.encode()) <= 2048
    assert "]]>" not in sent
    assert sent.count("<a href=") >= len(labels)


def test_options_are_links_that_send_their_text(make_app: Make, wechat: WeChat) -> None:
    heard = wechat.villager().says("老公不肯离婚，老板不给工资，悔婚彩礼")
    assert 'href="weixin://bizmsgmenu?msgmenucontent=' in heard.text
    assert heard.text.index(">1. ") < heard.text.index(">2. ")
    assert to_text(Reply("选", (Option("甲&乙", "甲&\"乙'<>#"),))).count('"') == 2


@given(body=st.binary(max_size=400))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_signed_body_is_a_server_error(wechat: WeChat, body: bytes) -> None:
    now = str(int(time.time()))
    nonce = str(hash(body))
    assert wechat.raw({"timestamp": now, "nonce": nonce, "signature": wechat.sign(now, nonce)}, body).status in {200, 400}


@given(
    query=st.dictionaries(
        st.sampled_from(["signature", "timestamp", "nonce", "msg_signature", "encrypt_type", "echostr"]), st.text(max_size=20)
    )
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_query_is_a_server_error(make_app: Make, wechat: WeChat, query: dict[str, str]) -> None:
    assert wechat.raw({k: v.encode("utf-8", "replace").decode() for k, v in query.items()}, b"<xml/>").status in {400, 403}


def test_other_methods_are_not_allowed(make_app: Make) -> None:
    client = make_app().test_client()
    assert [client.open("/wechat", method=m).status_code for m in ("PUT", "DELETE", "PATCH")] == [405] * 3
    assert client.head("/wechat").status_code == 403


class Quoting:
    """An index that fails as libraries do: quoting what it was given."""

    def ranking(self, question: str, **_: object) -> None:
        raise ValueError(f"cannot handle {question!r}")


def test_logs_name_neither_question_nor_openid_nor_token(make_app: Make, caplog: pytest.LogCaptureFixture) -> None:
    wechat = wechat_for(make_app())
    villager = wechat.villager("oSecretOpenid")
    villager.says("老板不给工资XYZZY")
    wechat.push(villager.last["xml"], signature="wrong")
    wechat.push("<xml>XYZZY", mode="plain")
    app = make_app()
    library = app.extensions["bot"].library
    library._current = replace(library.current, index=Quoting())
    wechat_for(app).villager("oSecretOpenid").says("老板不给工资XYZZY")
    logged = "\n".join(JsonLines().format(record) for record in caplog.records)
    for sentence in ("拒绝一条消息", "读不懂一条消息", "回答时出错", "ValueError", "test_wechat.py"):
        assert sentence in logged
    for secret in ("oSecretOpenid", "XYZZY", TOKEN):
        assert secret not in logged
