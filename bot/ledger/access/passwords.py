"""What a password must be, said in Chinese, and first passwords that can be read out over the telephone."""

import secrets
import unicodedata
from typing import Any

import zxcvbn
from pypinyin import lazy_pinyin

LEAST, MOST = 10, 128
"""How many characters a password has; zxcvbn looks at the first 72."""

_STRONG = 3
"""zxcvbn's score from which a password withstands guessing: 10**8 tries and more (Wheeler, USENIX Security 2016)."""

_SYLLABLES = [consonant + vowel for consonant in "bdfgjkmnprstwy" for vowel in "aeiou"]
"""70 of them, six bits each; without l, h, z and c, which here are heard as n, f, s and k."""

_COMMON = (
    "woaini", "woaiwo", "mima", "wodemima", "nihao", "jiayou", "baobei", "laopo", "laogong", "pufa", "wenda",
    "sifasuo", "falv", "admin", "root", "qwerty",
)  # fmt: skip
"""Words that people here like and zxcvbn's English lists do not have."""

_WARNINGS = {
    "Straight rows of keys are easy to guess.": "键盘上挨着的一排键，很容易被猜中",
    "Short keyboard patterns are easy to guess.": "键盘上的短花样，很容易被猜中",
    'Repeats like "aaa" are easy to guess.': "同一个字符重复，很容易被猜中",
    'Repeats like "abcabcabc" are only slightly harder to guess than "abc".': "同一段重复几遍，并不会更难猜",
    'Sequences like "abc" or "6543" are easy to guess.': "像 abc、6543 这样顺着来的，很容易被猜中",
    "Recent years are easy to guess.": "年份很容易被猜中",
    "Dates are often easy to guess.": "日期（比如生日）很容易被猜中",
    "This is a top-10 common password.": "这是最常见的密码之一",
    "This is a top-100 common password.": "这是最常见的密码之一",
    "This is a very common password.": "这是很多人用的密码",
    "This is similar to a commonly used password.": "和很多人用的密码太像",
    "A word by itself is easy to guess.": "单独一个词很容易被猜中",
    "Names and surnames by themselves are easy to guess.": "人名很容易被猜中",
    "Common names and surnames are easy to guess.": "人名很容易被猜中",
}

ADVICE = "可以用几个不相干的词连起来，比如四样家里的东西，中间加个数字。"


def first_password() -> str:
    """Return a password for the first login: four groups of two syllables and two digits, 2**55 in all."""
    groups = ["".join(secrets.choice(_SYLLABLES) for _ in range(2)) for _ in range(4)]
    return "-".join([*groups, f"{secrets.randbelow(100):02d}"])


def weakness(password: str, *, about: tuple[str, ...]) -> str | None:
    """Return in Chinese why a password is too weak and what would be better; None for a good one.

    ``about``: what others know of the person, such as their login name, their name, their village.
    """
    password = unicodedata.normalize("NFKC", password)
    if len(password) < LEAST:
        return f"太短：至少{LEAST}个字符，现在是{len(password)}个。{ADVICE}"
    if len(password) > MOST:
        return f"太长：最多{MOST}个字符。"
    known = {text.lower() for text in about if text}
    known |= {"".join(lazy_pinyin(text)) for text in known}
    if password.lower() in known:
        return f"密码不能就是名字。{ADVICE}"
    found: dict[str, Any] = zxcvbn.zxcvbn(password[:72], user_inputs=[*known, *_COMMON])
    if found["score"] >= _STRONG:
        return None
    why = _WARNINGS.get(found["feedback"]["warning"], "太容易被猜中")
    return f"{why}。{ADVICE}"
