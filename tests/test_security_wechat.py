"""What a hostile sender may try against the webhook, beside what tests/handlers/test_wechat.py shows."""

import json
from collections.abc import Callable

import pytest
from flask import Flask

from tests.actors import WeChat
from tests.conftest import NOW, wechat_for

Make = Callable[..., Flask]
Rows = Callable[[], list[dict[str, object]]]
QUESTION = "老板不给工资"


def still(make_app: Make, mode: str) -> WeChat:
    return wechat_for(make_app(wechat_mode=mode, clock=lambda: NOW), clock=NOW.timestamp)


def captured(wechat: WeChat, text: str = QUESTION) -> tuple[dict[str, str], bytes]:
    """Return a message as somebody on the way saw it; it was delivered."""
    seen: list[tuple[dict[str, str], bytes]] = []
    post = wechat.post

    def listening(query: dict[str, str], body: bytes) -> tuple[int, bytes, str]:
        seen.append((query, body))
        return post(query, body)

    wechat.post = listening
    assert wechat.villager("oVictim").says(text).status == 200
    wechat.post = post
    return seen[0]


def test_the_clear_signature_of_an_encrypted_message_signs_no_clear_message_in_compatible_mode(
    make_app: Make, rows: Rows
) -> None:
    wechat = still(make_app, "compat")
    query, _ = captured(wechat)
    forged = wechat.villager("oVictim").xml("text", Content="老公不肯离婚", MsgId="99").encode()
    for gone in ({"encrypt_type"}, {"encrypt_type", "msg_signature"}):
        heard = wechat.raw({k: v for k, v in query.items() if k not in gone}, forged)
        assert (heard.status, heard.fields) == (403, {})
    assert wechat.raw(query | {"encrypt_type": "raw"}, forged).status == 403
    assert len(rows()) == 1


@pytest.mark.parametrize("kind", ["raw", "AES", "aes ", "", "none", "aes,raw"])
def test_no_name_of_an_encryption_makes_safe_mode_take_a_clear_message(make_app: Make, rows: Rows, kind: str) -> None:
    wechat = still(make_app, "safe")
    xml = wechat.villager().xml("text", Content=QUESTION, MsgId="1")
    assert wechat.push(xml, mode="plain", encrypt_type=kind).status == 403
    assert wechat.push(xml, mode="safe", encrypt_type=kind).status == 403
    assert rows() == []


def test_naming_the_encryption_twice_does_not_help(make_app: Make, rows: Rows) -> None:
    app = make_app(wechat_mode="safe", clock=lambda: NOW)
    wechat = wechat_for(app, clock=NOW.timestamp)
    now = str(int(NOW.timestamp()))
    xml = wechat.villager().xml("text", Content=QUESTION, MsgId="1").encode()
    base = [("timestamp", now), ("nonce", "5"), ("signature", wechat.sign(now, "5"))]
    client = app.test_client()
    for kinds in (["raw", "aes"], ["aes", "raw"]):
        query = [*base, *(("encrypt_type", kind) for kind in kinds)]
        assert client.post("/wechat", query_string=query, data=xml).status_code in {400, 403}
    assert rows() == []


def test_a_captured_message_gives_the_same_encrypted_reply_and_no_second_row(make_app: Make, rows: Rows) -> None:
    wechat = still(make_app, "safe")
    query, body = captured(wechat)
    again = [wechat.raw(query, body) for _ in range(3)]
    assert {h.status for h in again} == {200}
    assert all(QUESTION.encode() not in h.body and b"<Encrypt>" in h.body for h in again)
    assert len(rows()) == 1


def test_the_cipher_of_one_message_with_the_signature_of_another_is_refused(make_app: Make, rows: Rows) -> None:
    wechat = still(make_app, "safe")
    query, _ = captured(wechat)
    _, other = captured(wechat, "老公不肯离婚")
    assert wechat.raw(query, other).status == 403
    assert len(rows()) == 2


def test_a_second_encrypt_element_is_not_read(make_app: Make, rows: Rows) -> None:
    wechat = still(make_app, "safe")
    query, body = captured(wechat)
    for altered in (
        body.replace(b"</xml>", b"<Encrypt>AAAA</Encrypt></xml>"),
        body.replace(b"<xml>", b"<xml><x>" + body + b"</x>"),
    ):
        heard = wechat.raw(query, altered)
        assert heard.status == 200 and "老板拖欠工资" in heard.text
    assert wechat.raw(query, body.replace(b"<xml>", b"<xml><Encrypt>AAAA</Encrypt>")).status == 403
    assert len(rows()) == 1


INJECTIONS = [
    "'; drop table turns; --",
    "' or 1=1 --",
    "\"; update advisers set role = '司法所'; --",
    "\\'); delete from villagers; --",
    "%s %d %n {0} {turn.key} ${jndi:ldap://x}",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "]]><Encrypt>x</Encrypt>",
    "</Content><MsgType>image</MsgType>",
    "&lt;!DOCTYPE x&gt;",
    "老板\r\n不给\n工资\u2028\u2029\x1b[31m",
    '=cmd|"/c calc"!A1',
    "+1-1@SUM(A1)",
    "../../../../etc/passwd",
    "{{ 7*7 }}{% raw %}",
    "\u202e\u200b\ufeff",
]


@pytest.mark.parametrize("text", INJECTIONS)
@pytest.mark.parametrize("mode", ["plain", "safe"])
def test_what_a_villager_writes_is_a_text_and_never_a_command_to_anything(
    make_app: Make, rows: Rows, mode: str, text: str
) -> None:
    wechat = still(make_app, mode)
    villager = wechat.villager("oHostile")
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    xml = villager.xml("text", Content="PLACE", MsgId="1").replace("<![CDATA[PLACE]]>", escaped)
    heard = wechat.push(xml)
    assert heard.status == 200
    assert heard.fields["MsgType"] == "text"
    assert set(heard.fields) == {"ToUserName", "FromUserName", "CreateTime", "MsgType", "Content"}
    (row,) = rows()
    assert row["text"] in {text.replace("\r\n", "\n").replace("\x1b", "").strip(), None}  # as XML has line ends
    assert villager.says(QUESTION).text.startswith("您问的是：老板拖欠工资")


def test_a_line_of_the_log_stays_one_line_whatever_it_quotes(make_app: Make, caplog: pytest.LogCaptureFixture) -> None:
    from bot.logs import JsonLines

    wechat = still(make_app, "safe")
    wechat.raw({"timestamp": '1\r\n{"level": "forged"}', "nonce": "x\n", "encrypt_type": "aes"}, b"\r\n{}\n")
    lines = [JsonLines().format(record) for record in caplog.records]
    assert lines
    for line in lines:
        assert "\n" not in line and "\r" not in line
        assert json.loads(line)["level"] != "forged"
