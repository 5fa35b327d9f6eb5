"""The webhook against broken and forged requests: no server error, and no answer to what WeChat did not send."""

import hashlib
import itertools
import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.actors import TOKEN, Heard
from tests.conftest import NOW
from tests.fuzz.world import FAULT, broken, tries, wechat

MODES = st.sampled_from(["plain", "compat", "safe"])
NAMES = ("signature", "timestamp", "nonce", "msg_signature", "encrypt_type", "echostr", "openid")
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
VALUES = st.one_of(TEXTS, st.sampled_from(["aes", "AES", "raw", "", "0" * 40, "1795406400", "9" * 400]), st.integers().map(str))
QUERY = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=7)
ELEMENT = st.sampled_from(
    ["ToUserName", "FromUserName", "CreateTime", "MsgType", "Content", "MsgId", "Event", "EventKey", "Recognition", "Encrypt",
     "Ticket", "MediaId", "PicUrl", "Location_X", "ScanCodeInfo", "SendLocationInfo", "SendPicsInfo", "x"]
)  # fmt: skip
KINDS = ["text", "voice", "image", "event", "video", "location", "link", "file", "", "miniprogrampage", "device_text"]
EVENTS = ["subscribe", "unsubscribe", "SCAN", "CLICK", "LOCATION", "scancode_push", "pic_sysphoto", "location_select", "x"]
FIELDS = st.lists(
    st.tuples(ELEMENT, st.one_of(TEXTS, st.sampled_from([*KINDS, *EVENTS, "oSomebody", "gh_1", "1795406400", "<a>1</a>"]))),
    max_size=10,
)

_numbers = itertools.count()


def well(heard: Heard) -> Heard:
    """Return an answer that is one of those that the webhook may give."""
    assert heard.status in {200, 400, 403, 413}, heard
    assert heard.status == 200 or b"<xml" not in heard.body
    assert "Traceback" not in heard.body.decode("utf-8", "replace")
    return heard


@given(mode=MODES, query=QUERY, body=st.binary(max_size=300))
@tries(60)
def test_nothing_unsigned_is_answered(mode: str, query: dict[str, str], body: bytes) -> None:
    assert well(wechat(mode).raw(query, body)).status in {400, 403}


@given(mode=MODES, body=st.one_of(st.binary(max_size=300), FIELDS))
@tries(100)
def test_whatever_is_signed_is_read_or_refused(mode: str, body: bytes | list[tuple[str, str]]) -> None:
    server, now, nonce = wechat(mode), str(int(NOW.timestamp())), f"signed{next(_numbers)}"
    if isinstance(body, bytes):
        cipher = re.search(rb"<Encrypt>(.*?)</Encrypt>", body, re.DOTALL)
        signed = (cipher[1].decode("latin-1"),) if cipher else ()
        query = {"timestamp": now, "nonce": nonce, "signature": server.sign(now, nonce)}
        if mode != "plain":
            query |= {"encrypt_type": "aes", "msg_signature": server.sign(now, nonce, *signed)}
        well(server.raw(query, body))
    else:
        well(server.push(f"<xml>{''.join(f'<{n}>{v}</{n}>' for n, v in body)}</xml>"))


@given(
    mode=MODES,
    text=TEXTS,
    body_faults=st.lists(FAULT, max_size=3),
    query_faults=st.lists(st.tuples(st.sampled_from(NAMES), st.one_of(st.none(), VALUES)), max_size=3),
)
@tries(120)
def test_a_message_that_was_tampered_with_is_not_answered(
    mode: str, text: str, body_faults: list[Any], query_faults: list[tuple[str, str | None]]
) -> None:
    server = wechat(mode)
    said = re.sub(r"[<>&\]]", "", text)
    sent: list[tuple[dict[str, str], bytes]] = []
    villager = server.villager(f"oFuzz{next(_numbers)}")

    def listening(query: dict[str, str], body: bytes) -> tuple[int, bytes, str]:
        sent.append((query, body))
        return post(query, body)

    post, server.post = server.post, listening
    try:
        true = well(villager.says(said))
    finally:
        server.post = post
    ((query, body),) = sent
    forged, altered = {**query}, broken(body, body_faults)
    for name, value in query_faults:
        if value is None:
            forged.pop(name, None)
        else:
            forged[name] = value
    heard = well(server.raw(forged, altered))
    if heard.status == 200:
        # Let through: then it is the message itself once more, delivered in the way that the mode allows.
        assert signs(forged, altered, mode), (forged, altered)
        assert heard.text == true.text or heard.body == b"success"


def signs(query: dict[str, str], body: bytes, mode: str) -> bool:
    """Tell, apart from the program, whether a request bears WeChat's signature of this very second."""
    parts = [TOKEN, query.get("timestamp", ""), query.get("nonce", "")]
    name = "signature"
    if query.get("encrypt_type") == "aes":
        name = "msg_signature"
        found = re.search(rb"<Encrypt>\s*(?:<!\[CDATA\[)?(.*?)(?:\]\]>)?\s*</Encrypt>", body, re.DOTALL)
        parts.append(found[1].strip().decode("latin-1") if found else "")
    elif mode == "safe":
        return False
    signature = hashlib.sha1("".join(sorted(parts)).encode("utf-8", "surrogatepass")).hexdigest()
    return signature == query.get(name) and query.get("timestamp") == str(int(NOW.timestamp()))
