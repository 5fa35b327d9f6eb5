"""A sentence that the town may change: where it appears, what must stay in it, how long it may be; and filling it in."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple, cast

from bot.text import WECHAT_TEXT_BYTES

WHOLE = WECHAT_TEXT_BYTES // 3
"""As many Chinese characters fit one WeChat text."""

LONGEST = WHOLE // 2
"""As many a sentence may have, for other things go with it."""

ONE_LINE = 40
"""A sentence that may not be longer than this is part of a line."""

_SLOT = re.compile(r"\{([^{}]*)\}")
_LAWYER = re.compile(r"我是.{0,4}(?:律师|法律顾问)|本律师")


class Slot(NamedTuple):
    """What the program puts in the place of a name in brackets: an example, and how many characters it has at most."""

    example: str
    longest: int


_CONTACT = "示例镇司法所：电话 0762-1234567，周一至周五 8:30–12:00（节假日除外）。现在是上班时间，可以打。"
SLOTS: Mapping[str, Slot] = MappingProxyType(
    {
        "问题": Slot("老板不给工资怎么办？", 60),
        "原话": Slot("老板欠我三个月工钱", 200),
        "期限": Slot("自被欠工资那天起一年内申请仲裁", 100),
        "依据": Slot("《劳动法》第五十条", 200),
        "审核人": Slot("李律师", 20),
        "日期": Slot("2026年1月5日", 12),
        "法名": Slot("民法典", 80),
        "类别": Slot("劳动与工资", 20),
        "第几页": Slot("（第1页，共2页）", 20),
        "页": Slot("1", 2),
        "总页": Slot("2", 2),
        "村名": Slot("王家村", 80),
        "村顾问": Slot("您村的法律顾问：李律师，电话 0762-1234567，值班每月第一个周三。", 300),
        "姓名": Slot("李律师", 80),
        "电话": Slot("0762-1234567", 80),
        "值班": Slot("每月第一个周三 9:00–11:00", 80),
        "下次": Slot("，下次是1月7日", 30),
        "单位": Slot("示例镇司法所", 80),
        "上班时间": Slot("周一至周五 8:30–12:00", 80),
        "现在": Slot("现在是上班时间，可以打。", 30),
        "找谁": Slot(_CONTACT, 250),
        "编号": Slot("023", 6),
        "时间": Slot("1月6日17:30", 12),
        "说明": Slot("已转给人来答复，编号023；编号只有您本人能查。", 400),
        "答复人": Slot("李律师（法律顾问）", 30),
        "进展": Slot("等答复", 20),
        "谁在办": Slot("示例镇人民政府（示例路1号，电话 0762-1234567）", 300),
        "条数": Slot("12", 6),
        "个数": Slot("2", 4),
        "身份": Slot("法律顾问", 10),
        "缘由": Slot("，机器人没答上", 20),
        "期限前": Slot("1月6日17:30前", 25),
        "名字": Slot("李律", 60),
        "名单": Slot("李律师、王律师", 190),
        "文件": Slot("drafts/劳动与工资/ticket-023.md", 90),
        "方式": Slot("电话", 5),
        "月份": Slot("2026-01", 8),
        "急事": Slot("正在被骗", 20),
        "热线": Slot("110 报警；96110 反诈专线", 200),
    }
)
"""All that can stand in brackets in a sentence."""


@dataclass(frozen=True)
class Sentence:
    """One sentence. key: 「situation.name」. when: what has happened when it is read. keep: words that must stay in it.

    most: as many characters it may have, names in brackets counted as they are written.
    """

    key: str
    when: str
    default: str
    keep: tuple[str, ...]
    most: int

    @property
    def slots(self) -> tuple[str, ...]:
        """The names in brackets, as often as they stand in the text that is shipped."""
        return tuple(_SLOT.findall(self.default))

    @property
    def one_line(self) -> bool:
        """Whether it is part of a line."""
        return self.most <= ONE_LINE

    def example(self, text: str) -> str:
        """Return ``text`` with examples in the place of the names in brackets."""
        return _SLOT.sub(lambda found: SLOTS[found[1]].example if found[1] in SLOTS else found[0], text)

    def longest(self, text: str) -> int:
        """Return how many characters ``text`` has with the longest there can be in the place of the names."""
        return len(_SLOT.sub(lambda found: "字" * SLOTS[found[1]].longest if found[1] in SLOTS else found[0], text))


class Fault(NamedTuple):
    """What is wrong with a text, and what to do."""

    problem: str
    remedy: str


def said(when: str, text: str, *, keep: tuple[str, ...] = (), most: int = LONGEST) -> str:
    """Return a field of a situation: when the sentence is read, what it is, what must stay in it, how long it may be."""
    return cast(str, field(default=cast(Any, text), metadata={"when": when, "keep": keep, "most": most}))


def fill(text: str, **values: object) -> str:
    """Return a sentence with what stands for its names in brackets; looks at each bracket once, so values may hold some."""
    return _SLOT.sub(lambda found: str(values[found[1]]), text)


def tidy(text: str) -> str:
    """Return a text as it is kept: the ends of lines alike, no blank edges."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def faults(sentence: Sentence, text: str) -> Iterator[Fault]:
    """Yield all that is wrong with ``text``, tidied, in the place of a sentence."""
    if not text:
        yield Fault("是空的", "写上要说的话，或者删掉这一项，就说原来的话")
        return
    if any(not c.isprintable() and c != "\n" for c in text):
        yield Fault("里面有看不见的字符，多半是从别处复制带来的", "重新打一遍")
    if sentence.one_line and "\n" in text:
        yield Fault("分了行", "写成一行")
    if len(text) > sentence.most:
        yield Fault(f"有{len(text)}个字，太长", f"缩短到{sentence.most}个字以内")
    yield from _slot_faults(sentence, text)
    for word in sentence.keep:
        if not names(text, word):
            yield Fault(f"没有写「{word}」", f"把「{word}」写上，不写群众就不知道" if word.isascii() else f"把「{word}」写上")
    if _LAWYER.search(text):
        yield Fault("自称律师或法律顾问", "改掉：这个号不是律师")
    if text.count("！") > 1:
        yield Fault("感叹号太多", "最多一个")
    if any(ord(c) > 0xFFFF for c in text):
        yield Fault("有表情或者生僻符号，有的手机显示不出来", "去掉")
    if "<" in text or ">" in text:
        yield Fault("有尖括号，微信里会变成别的", "换成「」")


def names(text: str, word: str) -> bool:
    """Tell whether a text names ``word``: 0 is not named by 00, nor 110 by 12110."""
    if word.isdecimal():
        return re.search(rf"(?<![0-9]){word}(?![0-9])", text) is not None
    return word in text


def _slot_faults(sentence: Sentence, text: str) -> Iterator[Fault]:
    found, allowed = _SLOT.findall(text), sentence.slots
    for name in dict.fromkeys(found):
        if name not in allowed:
            listed = "、".join(f"{{{one}}}" for one in dict.fromkeys(allowed))
            yield Fault(f"{{{name}}} 不认识", f"这一句只能用 {listed}" if listed else "这一句里不能有大括号")
        elif found.count(name) > allowed.count(name):
            yield Fault(f"{{{name}}} 写了{found.count(name)}次", f"最多写{allowed.count(name)}次")
    for name in dict.fromkeys(allowed):
        if name not in found:
            yield Fault(f"少了 {{{name}}}", f"写上 {{{name}}}，发的时候换成真的，比如「{SLOTS[name].example[:20]}」")
    if re.search(r"[{}]", _SLOT.sub("", text)):
        yield Fault("大括号没有成对", "每个 { 后面写名称和 }，都用英文的大括号")
