"""Conversations as scripts: who says what, what comes back, what the ledger holds. the README beside this file says how."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask

from bot.ledger import advisers
from tests.actors import Villager
from tests.conftest import wechat_for

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # Monday, nine in the morning in the town
_LINK = re.compile(r"<a [^>]*>(.*?)</a>")
_EVENTS = {"关注": "subscribe", "取关": "unsubscribe", "扫码": "SCAN"}
_MEDIA = {"发图片": "image", "发语音": "voice", "发位置": "location", "发链接": "link", "发文件": "file"}


class ScriptError(AssertionError):
    """A line of a script that does not hold, with its number."""


@dataclass
class Stage:
    """Plays a script on one app; ``web`` plays it on the public page in place of WeChat."""

    make: Callable[..., Flask]
    web: bool = False
    now: datetime = START
    people: dict[str, object] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    heard: str = ""
    app: Flask | None = None
    sent: int = 0
    last: dict[str, dict[str, str]] = field(default_factory=dict)

    def play(self, path: Path) -> None:
        for number, raw in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            line = raw.strip()
            if line and not line.startswith("#"):
                try:
                    self.step(line)
                except AssertionError as e:
                    raise ScriptError(f"{path.name} 第{number}行：{line}\n{e}") from None

    def step(self, line: str) -> None:
        if line == "重启":
            self.close()
        elif found := re.fullmatch(r"钟: \+(\d+)(秒|分|小时|天)", line):
            unit = {"秒": "seconds", "分": "minutes", "小时": "hours", "天": "days"}[found[2]]
            self.now += timedelta(**{unit: int(found[1])})
        elif found := re.fullmatch(r"顾问: (\S+) (\S+)(?: (\S+))?", line):
            self.add_adviser(found[1], found[2], found[3])
        elif found := re.fullmatch(r"机: (.*)", line):
            assert found[1] in self.heard, f"没有「{found[1]}」，机器人回的是：\n{self.heard}"
        elif found := re.fullmatch(r"机没有: (.*)", line):
            assert found[1] not in self.heard, f"不该有「{found[1]}」，机器人回的是：\n{self.heard}"
        elif line == "机不回":
            assert self.heard == "", self.heard
        elif found := re.fullmatch(r"账 (\w+)( 没有)?: (.*)", line):
            self.ledger(found[1], found[3], absent=bool(found[2]))
        elif found := re.fullmatch(r"账 (\w+) (\d+)行", line):
            rows = self.query(f"select count(*) as n from {found[1]}")
            assert rows[0]["n"] == int(found[2]), f"{found[1]} 有 {rows[0]['n']} 行"
        elif found := re.fullmatch(r"(\S+) (重发|关注|取关|扫码|发图片|发语音|发位置|发链接|发文件)(?:: (.*))?", line):
            self.happens(found[1], found[2], found[3] or "")
        elif found := re.fullmatch(r"(\S+?): (.*)", line):
            self.says(found[1], found[2])
        else:
            raise AssertionError("读不懂这一行")

    def says(self, who: str, text: str) -> None:
        for name, code in self.codes.items():
            text = text.replace(f"{{{name}}}", code)
        self.now += timedelta(seconds=5)
        if self.web:
            self.heard = self.asks(who, text)
        else:
            self.heard = self.plain(self.villager(who).says(text).text)

    def happens(self, who: str, what: str, value: str) -> None:
        villager = self.villager(who)
        self.now += timedelta(seconds=0 if what == "重发" else 5)
        if what == "重发":
            heard = villager.retries()
        elif what in _EVENTS:
            heard = villager.does(_EVENTS[what], EventKey=value)
        else:
            fields = {"MediaId": "m", "Format": "amr"} if what == "发语音" else {"MediaId": "m"}
            heard = villager.sends(_MEDIA[what], **fields, **({"Recognition": value} if value else {}))
        self.heard = self.plain(heard.text)

    def villager(self, who: str) -> Villager:
        if who not in self.people:
            openid = "o" + "".join(f"{ord(c):05d}" for c in who)
            self.people[who] = (openid, None)
        openid, last = self.people[who]  # type: ignore[misc]
        wechat = wechat_for(self.running(), clock=self.now.timestamp)
        villager = Villager(wechat, openid, last or {})
        self.people[who] = (openid, villager.last)
        return villager

    def asks(self, who: str, text: str) -> str:
        app = self.running()
        if who not in self.people:
            self.people[who] = f"visitor-{len(self.people):08d}"
        client = app.test_client()
        client.set_cookie("visitor", str(self.people[who]))
        reply = client.post("/ask", json={"text": text}).json
        assert reply is not None
        options = [f"{o['number']}. {o['label']}" for o in reply["options"]]
        return "\n".join([reply["text"], *options, reply["tail"]])

    def add_adviser(self, name: str, role: str, village: str | None) -> None:
        store = self.running().extensions["bot"].store
        code = advisers.new_code()
        with store.writing() as db:
            added = advisers.add(db, name=name, role=role, village=village)  # type: ignore[arg-type]
            advisers.set_code(db, added.number, store.code_hash(code), self.now)
        self.codes[name] = code

    def ledger(self, table: str, wanted: str, *, absent: bool) -> None:
        pairs = dict(pair.split("=", 1) for pair in wanted.split())
        rows = self.query(f"select * from {table}")

        def fits(row: dict[str, object]) -> bool:
            return all(("null" if row[k] is None else str(row[k])) == v for k, v in pairs.items())

        assert any(map(fits, rows)) != absent, "台账里是：\n" + "\n".join(
            " ".join(f"{k}={row[k]}" for k in pairs) for row in rows
        )

    def query(self, sql: str) -> list[dict[str, object]]:
        rows: list[dict[str, object]] = self.running().extensions["bot"].store.query(sql, {})
        return rows

    def running(self) -> Flask:
        if self.app is None:
            self.app = self.make(clock=lambda: self.now)
        return self.app

    def close(self) -> None:
        self.app = None

    @staticmethod
    def plain(text: str) -> str:
        return _LINK.sub(r"\1", text)
