"""Actors that speak the real protocol: WeChat's servers on behalf of a villager."""

import base64
import hashlib
import itertools
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from wechatpy.crypto import WeChatCrypto

TOKEN = "test-token-of-the-town-0123456789"
APP_ID = "wx0123456789abcdef"
AES_KEY = base64.b64encode(bytes(range(32))).decode().rstrip("=").replace("+", "a").replace("/", "b")
ACCOUNT = "gh_0123456789ab"

_numbers = itertools.count(7_000_000_000_000_000)


@dataclass(frozen=True)
class Heard:
    """What WeChat's servers got back."""

    status: int
    body: bytes
    content_type: str
    fields: dict[str, str]

    @property
    def text(self) -> str:
        return self.fields.get("Content", "")


Post = Callable[[dict[str, str], bytes], tuple[int, bytes, str]]


@dataclass
class WeChat:
    """WeChat's servers for one account: signs, encrypts and parses as they do."""

    post: Post
    mode: str = "plain"
    token: str = TOKEN
    app_id: str = APP_ID
    aes_key: str = AES_KEY
    clock: Callable[[], float] = time.time

    def push(self, xml: str, *, mode: str | None = None, **override: str) -> Heard:
        """Deliver one message. ``override`` replaces parts of the query, as a forger would."""
        mode = mode or self.mode
        timestamp, nonce = str(int(self.clock())), str(next(_numbers))
        query = {"timestamp": timestamp, "nonce": nonce, "openid": "x"}
        query["signature"] = self.sign(timestamp, nonce)
        body = xml
        if mode != "plain":
            crypto = WeChatCrypto(self.token, self.aes_key, self.app_id)
            envelope = ET.fromstring(crypto.encrypt_message(xml, nonce, timestamp))
            cipher = envelope.findtext("Encrypt") or ""
            query |= {"encrypt_type": "aes", "msg_signature": envelope.findtext("MsgSignature") or ""}
            inner = (
                xml.removeprefix("<xml>").removesuffix("</xml>")
                if mode == "compat"
                else "<ToUserName><![CDATA[gh]]></ToUserName>"
            )
            body = f"<xml>{inner}<Encrypt><![CDATA[{cipher}]]></Encrypt></xml>"
        return self.raw({**query, **override}, body.encode("utf-8", "surrogatepass"))

    def raw(self, query: dict[str, str], body: bytes) -> Heard:
        status, answer, content_type = self.post(query, body)
        return Heard(status, answer, content_type, self._parse(answer))

    def sign(self, *parts: str) -> str:
        return hashlib.sha1("".join(sorted((self.token, *parts))).encode()).hexdigest()

    def villager(self, openid: str = "oVillager_number-one00000001") -> "Villager":
        return Villager(self, openid)

    def _parse(self, answer: bytes) -> dict[str, str]:
        if not answer.startswith(b"<xml"):
            return {}
        root = ET.fromstring(answer)
        if (cipher := root.findtext("Encrypt")) is not None:
            signature, timestamp, nonce = (root.findtext(n) or "" for n in ("MsgSignature", "TimeStamp", "Nonce"))
            crypto = WeChatCrypto(self.token, self.aes_key, self.app_id)
            clear = crypto.decrypt_message(f"<xml><Encrypt>{cipher}</Encrypt></xml>", signature, timestamp, nonce)
            root = ET.fromstring(clear)
        return {child.tag: child.text or "" for child in root}


@dataclass
class Villager:
    """Somebody who writes to the account."""

    wechat: WeChat
    openid: str
    last: dict[str, Any] = field(default_factory=dict)

    def says(self, text: str, **extra: str) -> Heard:
        return self.sends("text", Content=text, **extra)

    def sends(self, kind: str, **fields: str) -> Heard:
        return self.wechat.push(self.xml(kind, MsgId=str(next(_numbers)), **fields))

    def does(self, event: str, **fields: str) -> Heard:
        return self.wechat.push(self.xml("event", Event=event, **fields))

    def retries(self) -> Heard:
        """WeChat got no answer in time and delivers the last message once more, signed anew."""
        return self.wechat.push(self.last["xml"])

    def xml(self, kind: str, **fields: str) -> str:
        all_fields = {
            "ToUserName": ACCOUNT,
            "FromUserName": self.openid,
            "CreateTime": str(int(self.wechat.clock())),
            "MsgType": kind,
            **fields,
        }
        inner = "".join(
            f"<{n}>{v}</{n}>" if n in {"CreateTime", "MsgId"} else f"<{n}><![CDATA[{v}]]></{n}>" for n, v in all_fields.items()
        )
        self.last["xml"] = f"<xml>{inner}</xml>"
        return str(self.last["xml"])
