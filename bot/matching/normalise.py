"""A question as the matcher sees it: one spelling for what means the same, without what says nothing."""

import re
import unicodedata
from functools import cache, lru_cache

from opencc import OpenCC

from bot.matching.lexicon import Lexicon, any_of

MAX_CHARACTERS = 1000
"""Longer messages are read up to here: a story in WeChat has at most some hundred characters."""

REMEMBERED = 2048
"""So many texts are kept as they were read: each rule reads the same message, and after a broadcast many send the same."""

_LINK = re.compile(r"https?://\S+|www\.\S+", re.IGNORECASE)
_STICKER = re.compile(r"\[[\u4e00-\u9fffA-Za-z]{1,6}\]")  # WeChat's emoji as text: [流泪], [Cry]
_NOISE = re.compile(r"[^0-9a-z\u3400-\u9fff\U00020000-\U0003ffff]+")

# Words of courtesy, of asking and of hesitation: they are in every question and tell none from another. 律师 and 老师 go
# as a greeting only: 请律师要多少钱 and 老师打人 are about them.
_WORDS = """
你好 您好 请问一下 请问 请教一下 请教 咨询一下 咨询 想问一下 想问下 想问 问一下 问下 我想知道 想知道 麻烦问 麻烦 谢谢 多谢 唔该
律师你好 律师您好 你好律师 您好律师 请问律师 律师请问 老师你好 老师您好 你好老师 您好老师
帮帮我 帮帮忙 帮忙 求助 急急急 这种情况 这样的情况
该怎么办 应该怎么办 要怎么办 怎么办呢 怎么办 咋办 点办 点算 怎办 仰般办 该怎么处理 怎么处理 如何处理 该如何 应该如何 怎样处理
怎么样 有什么办法 有没有办法 有办法吗 可以吗 行不行 行吗 对吗 是吗 对不对 好不好 就是说 就是 那个
嗯 呃 啊 呢 吗 吧 呀 哦 啦 嘛
"""
FILLERS = tuple(_WORDS.split())
_FILLER = re.compile(any_of(FILLERS))


@cache
def _simplify() -> OpenCC:
    return OpenCC("t2s")


def normalise(text: str) -> str:
    """Fold width, case and traditional characters; drop links, emoji, WeChat's stickers, punctuation and blanks.

    >>> normalise("請問：ＡＢ公司欠薪，[流泪]怎麼辦？？")
    '请问ab公司欠薪怎么办'
    """
    return _normalised(text[:MAX_CHARACTERS])


@lru_cache(REMEMBERED)
def _normalised(text: str) -> str:
    text = _STICKER.sub(" ", _LINK.sub(" ", text))
    folded = unicodedata.normalize("NFKC", text.encode("utf-8", "ignore").decode())
    return _NOISE.sub("", _simplify().convert(folded).lower())


def essence(text: str, lexicon: Lexicon | None = None) -> str:
    """Return the normalised text, its words rewritten by the lexicon, without those that are in every question; may be empty.

    >>> essence("律师你好，请问老板欠工资怎么办呢")
    '老板欠工资'
    """
    plain = normalise(text)
    return _FILLER.sub("", lexicon.rewrite(plain) if lexicon else plain)
