"""Pure helpers for text: what XML forbids, clipping to bytes, masking personal data."""

import re

WECHAT_TEXT_BYTES = 2048
"""Longest text of a passive reply in bytes of UTF-8, markup included (not documented; measured by several projects)."""

_NOT_XML = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LINK = re.compile(r"<a\b[^>]*>.*?</a>", re.DOTALL)


def strip_illegal(text: str) -> str:
    r"""Drop the characters that XML 1.0 (§2.2) forbids: control characters, lone surrogates, U+FFFE and U+FFFF.

    >>> strip_illegal("征地\x00补偿")
    '征地补偿'
    """
    return _NOT_XML.sub("", text)


def clean(text: str) -> str:
    """Return ``text`` as the dialogue takes it: without what XML forbids and without blank edges."""
    return strip_illegal(text).strip()


def clip(text: str, limit: int = WECHAT_TEXT_BYTES, *, mark: str = "…") -> str:
    """Return ``text`` cut to at most ``limit`` bytes of UTF-8, never inside a character or an ``<a>…</a>`` element.

    A cut text ends in ``mark`` where the mark fits.

    >>> clip("征地补偿", 9)
    '征地…'
    """
    if len(text.encode("utf-8", "surrogatepass")) <= limit:
        return text
    room = limit - len(mark.encode())
    if room < 0:
        mark, room = "", limit
    kept = text.encode("utf-8", "surrogatepass")[:room].decode("utf-8", "ignore")
    for link in _LINK.finditer(text):
        if link.start() < len(kept) < link.end():
            kept = text[: link.start()]
            break
    return kept.rstrip() + mark


# Digits may be full width or Arabic-Indic (``\d`` of Unicode), and be parted by blanks, dots or dashes.
_GAP = r"[\s\-－—–.·_]{0,2}"
_START, _END = r"(?<![\dA-Za-z])", r"(?![\dA-Za-z])"


def _digits(count: str, last: str = "") -> str:
    return rf"(?:\d{_GAP}){count}{last}"


_PERSONAL = (
    # ID card: 17 digits and a check character; the old one had 15 digits (GB 11643-1999).
    ("证件号", re.compile(_START + _digits("{17}", r"[\dXxＸｘ]") + _END)),
    ("证件号", re.compile(_START + _digits("{14}", r"\d") + _END)),
    # Bank card: 12 to 19 digits (ISO/IEC 7812); Chinese cards have 16 to 19.
    ("银行卡号", re.compile(_START + _digits("{15,18}", r"\d") + _END)),
    # Mobile: 1 and ten more digits, with or without the country code.
    (
        "手机号",
        re.compile(
            r"(?<!\d)(?:(?:[+＋]|00)?86" + _GAP + r")?[1１]" + _GAP + r"[3-9３-９]" + _GAP + _digits("{8}", r"\d") + r"(?!\d)"
        ),
    ),
    # Landline with area code.
    ("电话号", re.compile(r"(?<!\d)[0０]\d{2,3}[\s\-－—–]?\d{7,8}(?!\d)")),
    ("邮箱", re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}", re.ASCII)),
    # A number read out, as voice input writes it.
    ("号码", re.compile(r"[零〇一二三四五六七八九幺]{8,}")),
    # Anything else of 9 digits and more: account numbers, numbers typed with a digit too many.
    ("号码", re.compile(r"\d(?:" + _GAP + r"\d){8,}")),
)


_SUSPECT = re.compile(r"\d|@|[零〇一二三四五六七八九幺]{8}")
"""What every one of those has something of; most messages have none, and need not be looked through for each."""


def mask(text: str) -> str:
    """Replace phone, ID-card, bank-card and other long numbers and e-mail addresses by their kind in brackets.

    >>> mask("我电话13800138000，欠我5000元")
    '我电话[手机号]，欠我5000元'
    """
    if not _SUSPECT.search(text):
        return text
    for name, pattern in _PERSONAL:
        text = pattern.sub(f"[{name}]", text)
    return text
