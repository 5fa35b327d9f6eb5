"""What a town sends after a broadcast, made of the shipped FAQ's own phrasings: the messages of every benchmark of load."""

import hashlib
import random
import time
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from wechatpy.crypto import WeChatCrypto

from bot.faq.library import Library
from tests.actors import ACCOUNT, AES_KEY, APP_ID

ROOT = Path(__file__).parent.parent.parent
TOKEN = "benchmark-token-of-32-characters"

MIX = {
    "typed questions": 46,
    "numbers, as offered": 16,
    "更多": 5,
    "other commands": 8,
    "greetings and thanks": 5,
    "follows": 6,
    "names of villages": 3,
    "pictures and voice": 3,
    "nonsense": 3,
    "emergencies": 0.5,
    "a person wanted": 1.5,
    "the same message again": 3,
}
"""Parts of a hundred."""

NAMED, COPIED = 20, 0.4
"""A broadcast names so many questions as examples; such a part of the typed questions are those, word for word."""

SPELLED_ANEW = 0.5
"""Of the other typed questions so many are none of the FAQ's phrasings: with typing errors, words left out or put around."""

_COMMANDS = ["帮助", "目录", "返回", "有用", "没用", "我的村", "我的问题", "隐私", "有用", "有用"]
_COURTESY = ["你好", "谢谢", "好的", "知道了", "在吗", "谢谢你", "嗯"]
_EMERGENCIES = ("我不想活了，活着没意思", "老公正在打我，救命", "刚刚被骗了钱，怎么办", "有人要打死我")
_NONSENSE = ("？？？", "哈哈哈哈", "asdf", "😀😀", "。", "今天天气", "了了了", "啊啊啊啊啊", "123abc", "赶集")
_BEFORE = ("请问", "你好，", "咨询一下", "那个", "我想问一下，", "律师你好，", "急急急 ", "大家帮忙看下，")
_AFTER = ("怎么办", "？？", "呢", "[流泪]", "，谢谢", "啊", "，急", "，有没有人知道")


@dataclass(frozen=True)
class Message:
    """One push of WeChat's; ``number`` is its MsgId."""

    kind: str
    openid: str
    number: int
    type: str
    fields: tuple[tuple[str, str], ...]

    def xml(self, now: int) -> str:
        """Return the push as WeChat writes it."""
        inner = "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in self.fields)
        number = "" if self.type == "event" else f"<MsgId>{self.number}</MsgId>"
        created = now if self.type != "event" else 1_700_000_000 + self.number
        return (
            f"<xml><ToUserName><![CDATA[{ACCOUNT}]]></ToUserName><FromUserName><![CDATA[{self.openid}]]></FromUserName>"
            f"<CreateTime>{created}</CreateTime><MsgType><![CDATA[{self.type}]]></MsgType>{inner}{number}</xml>"
        )


def request(xml: str, nonce: str, *, mode: str) -> bytes:
    """Return a push as a whole HTTP request, signed now, and sealed in safe mode."""
    now = str(int(time.time()))
    query = {"timestamp": now, "nonce": nonce, "signature": signature(now, nonce)}
    if mode == "safe":
        sealed = ET.fromstring(WeChatCrypto(TOKEN, AES_KEY, APP_ID).encrypt_message(xml, nonce, now))
        query |= {"encrypt_type": "aes", "msg_signature": sealed.findtext("MsgSignature") or ""}
        xml = f"<xml><ToUserName>gh</ToUserName><Encrypt><![CDATA[{sealed.findtext('Encrypt')}]]></Encrypt></xml>"
    body = xml.encode()
    head = (
        f"POST /wechat?{urllib.parse.urlencode(query)} HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def signature(*parts: str) -> str:
    """Return WeChat's signature of the parts."""
    return hashlib.sha1("".join(sorted((TOKEN, *parts))).encode()).hexdigest()


class Town:
    """People who write about what was broadcast. Few questions are asked by many and many by few, as Zipf has it."""

    def __init__(self, *, seed: int = 1, distinct: bool = False) -> None:
        """Make a town; with ``distinct`` no two typed questions are alike."""
        self._random = random.Random(seed)
        self._distinct = distinct
        library = Library(ROOT / "knowledge", memory=ROOT / "instance" / "cache")
        snapshot = library.refresh()
        self._entries = [(e.question, *e.phrasings) for e in snapshot.entries.values()]
        self._random.shuffle(self._entries)
        self._characters = "".join(p for entry in self._entries[:40] for p in entry)
        self._villages = [v.name for v in (snapshot.town.villages if snapshot.town else ())]
        self._number = 10_000

    def messages(self, people: int) -> Iterator[Message]:
        """Yield messages of so many people without end."""
        last: Message | None = None
        kinds, parts = list(MIX), list(MIX.values())
        while True:
            kind = self._random.choices(kinds, parts)[0]
            if kind == "the same message again":
                if last:
                    yield Message(kind, last.openid, last.number, last.type, last.fields)
                continue
            last = self.message(kind, f"oBench{self._random.randrange(people):022d}")
            yield last

    def message(self, kind: str, openid: str) -> Message:
        """Make one message of a kind."""
        self._number += 1
        pick = self._random.choice
        if kind == "follows":
            return Message(kind, openid, self._number, "event", (("Event", "subscribe"), ("EventKey", "")))
        if kind == "pictures and voice" and self._random.random() < 0.5:
            return Message(kind, openid, self._number, "image", (("PicUrl", "http://x/1"), ("MediaId", "m")))
        if kind == "pictures and voice":
            said = (("MediaId", "m"), ("Format", "amr"), ("Recognition", self._question()))
            return Message(kind, openid, self._number, "voice", said)
        text = {
            "typed questions": self._question,
            "numbers, as offered": lambda: pick("111122233450"),
            "更多": lambda: "更多",
            "other commands": lambda: pick(_COMMANDS),
            "greetings and thanks": lambda: pick(_COURTESY),
            "names of villages": lambda: pick(self._villages),
            "nonsense": lambda: pick(_NONSENSE),
            "emergencies": lambda: pick(_EMERGENCIES),
            "a person wanted": lambda: pick(("人工", "00")),
        }[kind]()
        return Message(kind, openid, self._number, "text", (("Content", text),))

    def _question(self) -> str:
        pick = self._random.choice
        if self._distinct:
            return self._spelled_anew(pick(pick(self._entries))) + pick(self._characters) + pick(self._characters)
        if self._random.random() < COPIED:
            return self._entries[self._zipf(NAMED)][0]
        entry = self._entries[self._zipf(len(self._entries))]
        text = entry[self._zipf(len(entry))]
        return self._spelled_anew(text) if self._random.random() < SPELLED_ANEW else text

    def _zipf(self, count: int) -> int:
        """Return a place below ``count``, place n with a chance of about 1/(n+1)."""
        return int((count + 1) ** self._random.random()) - 1

    def _spelled_anew(self, text: str) -> str:
        chance = self._random.random
        said = list(text)
        for _ in range(self._random.choice((0, 1, 1, 2))):
            n = self._random.randrange(max(1, len(said) - 1))
            how = chance()
            if how < 0.35:
                del said[n : n + 1]
            elif how < 0.6:
                said[n : n + 2] = said[n : n + 2][::-1]
            elif how < 0.8:
                said[n : n + 1] = [self._random.choice(self._characters)]
            else:
                said.insert(n, self._random.choice("的了就他我不是有在"))
        before = self._random.choice(_BEFORE) if chance() < 0.5 else ""
        after = self._random.choice(_AFTER) if chance() < 0.5 else ""
        return f"{before}{''.join(said)}{after}"
