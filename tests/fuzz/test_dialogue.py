"""Conversations of several people at once, at random: one reply and one row each, and nobody reads another's words."""

import json
from dataclasses import dataclass, field
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.dialogue.respond import respond
from bot.ledger import advisers
from bot.ledger.store import Store
from bot.message import WEB, WECHAT_TEXT, WECHAT_VOICE, Incoming, Reply
from bot.text import WECHAT_TEXT_BYTES
from handlers.wechat_io import to_text
from tests.fuzz.world import START, ledger, library, tries

VILLAGERS = ("oAn", "oBo", "oCao")
ADVISERS = {
    "oLawyer": ("李建", "法律顾问", "示例一村"),
    "oHelper": ("王芳", "法律明白人", "示例二村"),
    "oOffice": ("陈所", "司法所", None),
    "oTester": ("测试", "测试", None),
}
SECRETS = {"oAn": "甲家的牛圈", "oBo": "乙家的鱼塘", "oCao": "丙家的果园"}
"""What only one villager ever writes; no reply to another may hold it."""

SAID = (
    """
老板不给工资|老公不肯离婚，老板不给工资，悔婚彩礼|没结婚彩礼要退吗|隔壁占了我的地|今天天气怎么样|谢谢|你好|帮助|目录|更多|返回
人工|00|0|1|2|3|9|③|第二个|001|002|999999|我的村|示例一村|示例二村|有用|没用|没用 答得不对|我的问题|查法条 民法典 1079|查法条
隐私|查看我的记录|删除我的记录|撤回同意|同意|是|问 他打我|他正在打我，救命|不想活了|我电话13800138000|| |？
绑定 ABCDEFGH|待办|答 001 可以先到镇调解委员会|转 001 李建|结 001|入库 001|收到 1|办结 1 已经处理
记 示例一村 劳动与工资 电话|代问 示例一村 老板欠工资怎么办
""".strip()
    .replace("\n", "|")
    .split("|")
)
TEXT = st.one_of(
    st.sampled_from(SAID),
    st.sampled_from(SAID),
    st.text(max_size=80),
    st.tuples(st.sampled_from(SAID), st.text(max_size=10)).map("".join),
    st.builds(lambda word, times: word * times, st.sampled_from(SAID), st.integers(2, 400)),
)
KIND = st.sampled_from(
    ["text"] * 12 + ["voice", "image", "location", "link", "subscribe", "unsubscribe", "scan", "click", "other"]
)
SPEAKER = st.sampled_from([*VILLAGERS, *VILLAGERS, *ADVISERS])


@dataclass
class Said:
    who: str
    text: str
    kind: str
    own: bool
    later: int
    channel: str = field(default=WECHAT_TEXT)


MESSAGES = st.lists(
    st.builds(
        Said, SPEAKER, TEXT, KIND, st.booleans(), st.sampled_from([1, 1, 1, 60, 3600, 100_000]),
        st.sampled_from([WECHAT_TEXT, WECHAT_TEXT, WECHAT_VOICE, WEB]),
    ),
    min_size=1,
    max_size=25,
)  # fmt: skip


@given(messages=MESSAGES)
@tries(20)
def test_everybody_gets_one_reply_that_fits_and_one_row_and_never_anothers_words(messages: list[Said]) -> None:
    store = ledger()
    try:
        _bind(store)
        now, answered = START, 0
        for number, said in enumerate(messages):
            now += timedelta(seconds=said.later)
            text = f"{SECRETS[said.who]}，{said.text}" if said.own and said.who in SECRETS else said.text
            message = Incoming(f"{said.who}|{number}", said.who, said.channel, said.kind, text)
            reply = respond(message, store=store, library=library(), now=now)
            assert isinstance(reply, Reply)
            assert len(to_text(reply).encode()) <= WECHAT_TEXT_BYTES
            if said.who in SECRETS:
                heard = json.dumps([reply.text, reply.tail, [o.label for o in reply.options]], ensure_ascii=False)
                assert not [s for who, s in SECRETS.items() if who != said.who and s in heard], heard
            assert bool(reply.text) == (said.kind not in {"other", "unsubscribe"})
            answered += said.kind != "other"
            assert store.query("select count(*) as n from turns", {})[0]["n"] == answered
            assert respond(message, store=store, library=library(), now=now) == reply
            assert store.query("select count(*) as n from turns", {})[0]["n"] == answered
        _nobody_is_named(store)
    finally:
        store.close()


def _bind(store: Store) -> None:
    with store.writing() as db:
        for sender, (name, role, village) in ADVISERS.items():
            made = advisers.add(db, name=name, role=role, village=village)  # type: ignore[arg-type]
            advisers.set_code(db, made.number, store.code_hash(sender), START)
            advisers.bind(db, store.code_hash(sender), store.pseudonym(sender), START)


def _nobody_is_named(store: Store) -> None:
    rows = json.dumps([dict(r) for r in store.query("select * from turns", {})], ensure_ascii=False)
    assert not [who for who in (*VILLAGERS, *ADVISERS) if f'"{who}' in rows]
    assert "13800138000" not in rows
