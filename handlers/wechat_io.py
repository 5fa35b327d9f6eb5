"""WeChat's XML and encryption, in and out; the only module that knows wechatpy."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from wechatpy import parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.exceptions import InvalidAppIdException, InvalidSignatureException
from wechatpy.messages import BaseMessage
from wechatpy.replies import TextReply

from bot.message import WECHAT_TEXT, WECHAT_VOICE, Incoming, Option, Reply
from bot.settings import Settings
from bot.text import WECHAT_TEXT_BYTES, clip, strip_illegal

MAX_AGE = timedelta(minutes=5)
MAX_BODY = 64 * 1024

_WHO = re.compile(r"[A-Za-z0-9_-]{1,64}")
_FORBIDDEN = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)

# WeChat's type of a message, or of an event, -> our kind; what is not here is acknowledged and not answered.
_MESSAGES = {
    "text": "text",
    "voice": "voice",
    "image": "image",
    "video": "video",
    "shortvideo": "video",
    "location": "location",
    "link": "link",
    "file": "file",
}
_EVENTS = {"subscribe": "subscribe", "unsubscribe": "unsubscribe", "scan": "scan", "click": "click"}


class Forged(Exception):
    """The request does not come from WeChat, or is too old, or weaker than the mode demands."""


class BadMessage(Exception):
    """The request is from WeChat, but what it carries cannot be read."""


@dataclass(frozen=True)
class Received:
    """A message with what is needed to answer it in the way it came."""

    incoming: Incoming
    raw: BaseMessage
    crypto: WeChatCrypto | None
    nonce: str


class Gate:
    """Verifies, decrypts and reads requests in one account's message mode, and writes the replies."""

    def __init__(self, settings: Settings) -> None:
        self._token = settings.wechat_token
        self._mode = settings.mode
        # While a key is being changed, messages come with either; the answer takes the key of the question.
        self._cryptos = [
            WeChatCrypto(self._token, key, settings.wechat_app_id)
            for key in (settings.wechat_aes_key, settings.wechat_aes_key_previous)
            if key
        ]

    def handshake(self, query: Mapping[str, str]) -> str:
        """Return the ``echostr`` of WeChat's check of our address. Raises Forged."""
        self._check(query, "signature", query.get("timestamp", ""), query.get("nonce", ""))
        return query.get("echostr", "")

    def receive(self, query: Mapping[str, str], body: bytes, now: datetime) -> Received:
        """Read a pushed message. Raises Forged or BadMessage."""
        encrypted = query.get("encrypt_type") == "aes"
        if self._mode == "safe" and not encrypted:
            raise Forged("安全模式不收明文")
        timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
        if not re.fullmatch(r"[0-9]{10}", timestamp) or abs(now.timestamp() - int(timestamp)) > MAX_AGE.total_seconds():
            # Ten digits exactly: the signature runs timestamp and nonce together, so 12+3 would sign for 1+23.
            raise Forged(f"时间戳不对{_apart(timestamp, now)}")
        if not encrypted:
            self._check(query, "signature", timestamp, nonce)
            return self._read(body, None, timestamp, nonce)
        if self._mode == "plain":
            raise BadMessage("明文模式收到加密消息")
        cipher = self._cipher(body)
        self._check(query, "msg_signature", timestamp, nonce, cipher)
        clear, crypto = self._decrypt(cipher, query["msg_signature"], timestamp, nonce)
        return self._read(clear, crypto, timestamp, nonce)

    def write(self, received: Received, reply: Reply, now: datetime) -> str:
        """Return the body of the answer: XML, encrypted where the message was, or ``success`` for silence."""
        if not reply.text:
            return "success"
        answer = TextReply(content=to_text(reply), message=received.raw)
        answer._data["CreateTime"] = int(now.timestamp())
        xml: str = answer.render()
        if received.crypto is None:
            return xml
        encrypted: str = received.crypto.encrypt_message(xml, received.nonce, str(int(now.timestamp())))
        return encrypted

    def _check(self, query: Mapping[str, str], name: str, *signed: str) -> None:
        expected = hashlib.sha1("".join(sorted((self._token, *signed))).encode("utf-8", "surrogatepass")).hexdigest()
        if not hmac.compare_digest(expected.encode(), query.get(name, "").encode("utf-8", "surrogatepass")):
            raise Forged(f"{name} 不对")

    def _cipher(self, body: bytes) -> str:
        # Before the signature is known to be good, nothing but this one element is looked at.
        if _FORBIDDEN.search(body):
            raise BadMessage("消息里有 DTD")
        # Cut out by its tags and not by one pattern, which a body of blanks could keep busy for minutes.
        cipher = body.partition(b"<Encrypt>")[2].partition(b"</Encrypt>")[0].strip()
        cipher = cipher.removeprefix(b"<![CDATA[").removesuffix(b"]]>").strip()
        if not re.fullmatch(rb"[A-Za-z0-9+/=\s]+", cipher):
            raise BadMessage("没有 Encrypt")
        return cipher.decode("ascii")

    def _decrypt(self, cipher: str, signature: str, timestamp: str, nonce: str) -> tuple[bytes, WeChatCrypto]:
        envelope = f"<xml><Encrypt><![CDATA[{cipher}]]></Encrypt></xml>"
        problem: Exception = BadMessage("没有密钥")
        for crypto in self._cryptos:
            try:
                clear: str | bytes = crypto.decrypt_message(envelope, signature, timestamp, nonce)
                return clear.encode() if isinstance(clear, str) else clear, crypto
            except InvalidSignatureException as e:
                raise Forged("msg_signature 不对") from e
            except InvalidAppIdException as e:
                problem = Forged("AppID 不对")
                problem.__cause__ = e
            except Exception as e:  # wechatpy lets whatever the broken padding or length causes through
                problem = BadMessage("解不开密文")
                problem.__cause__ = e
        raise problem

    def _read(self, body: bytes, crypto: WeChatCrypto | None, timestamp: str, nonce: str) -> Received:
        if _FORBIDDEN.search(body):
            raise BadMessage("消息里有 DTD")
        try:
            raw = parse_message(strip_illegal(body.decode("utf-8-sig")))
        except Exception as e:  # seven kinds of exception, five of them other libraries'
            raise BadMessage("读不懂 XML") from e
        if raw is None:
            raise BadMessage("空消息")
        # In compatible mode an encrypted message bears a signature, too, with which a clear one could be sent.
        once = None if self._mode == "safe" else f"{timestamp}:{nonce}"
        incoming = _incoming(raw._data, once)
        return Received(incoming, raw, crypto, nonce)


def _apart(timestamp: str, now: datetime) -> str:
    """Say how far a timestamp and the clock are apart: where every message is turned away, the clock is wrong."""
    if not re.fullmatch(r"[0-9]{10}", timestamp):
        return ""
    return f"，和本机的钟差 {abs(now.timestamp() - int(timestamp)):.0f} 秒；如果条条都这样，先对好本机的时间"


def to_text(reply: Reply) -> str:
    """Return a reply as one WeChat text: options as links that send their text when tapped, numbered for older clients.

    The first part gives way where the whole would be longer than a WeChat text may be.
    """
    options = "\n".join(_link(n, option) for n, option in enumerate(reply.options, 1))
    rest = "\n".join(part for part in (options, reply.tail) if part)
    rest = _safe(f"\n{rest}") if rest else ""
    return clip(_safe(reply.text), WECHAT_TEXT_BYTES - len(rest.encode())) + rest


def _link(number: int, option: Option) -> str:
    send = re.sub(r"[&\"'<>#%\s]", lambda m: f"%{ord(m[0]):02X}", option.send)
    typed = option.number or str(number)
    return f'<a href="weixin://bizmsgmenu?msgmenucontent={send}&msgmenuid={number}">{typed}. {option.label}</a>'


def _safe(text: str) -> str:
    # wechatpy puts the text into CDATA as it is; a full-width sign reads the same and cannot end it.
    return strip_illegal(text).replace("]]>", "]]＞")


def _incoming(data: dict[str, Any], nonce: str | None) -> Incoming:
    def field(name: str) -> str:
        value = data.get(name) or ""
        if not isinstance(value, str):
            raise BadMessage(f"{name} 不是一个值")
        return value

    sender, account = field("FromUserName"), field("ToUserName")
    if not _WHO.fullmatch(sender) or not _WHO.fullmatch(account):
        raise BadMessage("收发人不对")
    created = field("CreateTime")
    if not re.fullmatch(r"[0-9]{1,20}", created):
        raise BadMessage("CreateTime 不对")
    type_ = field("MsgType").lower()
    if type_ == "event":
        event = field("Event").lower().removesuffix("_scan")  # wechatpy's name for a follow by scanning
        key = "|".join((sender, created, event, field("EventKey")))
        kind = _EVENTS.get(event, "other")
        said = field("EventKey") if kind in {"click", "subscribe", "scan"} else ""
        return Incoming(key, sender, WECHAT_TEXT, kind, said.removeprefix("qrscene_"), nonce)
    kind = _MESSAGES.get(type_, "other")
    text = field("Content") if kind == "text" else field("Recognition") if kind == "voice" else ""
    number = field("MsgId")
    key = f"{sender}|{number}" if number.strip("0") else f"{sender}|{created}|{type_}"
    return Incoming(key, sender, WECHAT_VOICE if kind == "voice" else WECHAT_TEXT, kind, text, nonce)
