"""What stands on a notice, as plain data: it is printed from it, kept with what was printed, and compared with it later."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from bot import wording
from bot.faq.entry import Entry
from bot.faq.town import Hotline, Town, Village
from bot.notices.answer import blocks, whom
from bot.notices.phrases import Phrase
from bot.text import clean

Content = dict[str, Any]
"""Texts, and lists of texts, by name: ``kind`` is ``village`` or ``entry``, ``about`` the village or the entry's id."""

VILLAGE, ENTRY = "village", "entry"

BIG, SMALL = 3, 8
"""As many hotlines stand on a village's notice in big and in small type."""

LABELS = {
    "town": "镇名", "host": "主办单位", "adviser": "法律顾问", "phone": "顾问电话", "duty": "值班时间", "office": "司法所",
    "office_phone": "司法所电话", "office_hours": "司法所时间", "first": "热线", "others": "热线", "picture": "二维码",
    "address": "网址", "example": "示例字样", "question": "问题", "answer": "答复", "who": "找谁", "deadline": "期限",
    "basis": "依据", "reviewed": "审核情况", "valid_until": "有效期", "say": "可以发的话",
}  # fmt: skip
"""What the parts of a notice are called where they changed."""


def village_notice(
    town: Town, village: Village, hotlines: Sequence[Hotline], phrases: Sequence[Phrase], *, picture: str, address: str
) -> Content:
    """Return a village's notice. picture: the digest of the QR code's picture, "" without one; address: of the web page."""
    first = [h for h in hotlines if h.first][:BIG]
    others = [h for h in hotlines if h not in first][:SMALL]
    content = {
        "kind": VILLAGE,
        "about": village.name,
        "town": town.name,
        "host": town.office.name,
        "adviser": village.adviser.name,
        "phone": village.adviser.phone,
        "duty": village.adviser.duty,
        "office": town.justice_office.name,
        "office_phone": town.justice_office.phone,
        "office_hours": town.justice_office.hours,
        "first": [[h.number, h.purpose] for h in first],
        "others": [[h.number, h.purpose] for h in others],
        "phrases": [list(p) for p in phrases],
        "picture": picture,
        "address": address,
        "example": town.example,
    }
    return _cleaned(content)


def entry_notice(
    town: Town | None, entry: Entry, hotlines: Sequence[Hotline], say: Phrase | None, *, picture: str, address: str
) -> Content:
    """Return an entry's 明白纸; ``picture`` and ``address`` as for a village."""
    office = town.justice_office if town else None
    content = {
        "kind": ENTRY,
        "about": entry.id,
        "town": town.name if town else "",
        "host": town.office.name if town else "",
        "question": entry.question,
        "answer": [list(block) for block in blocks(entry.answer)],
        "who": whom(entry.answer),
        "deadline": entry.deadline or "",
        "basis": list(entry.basis),
        "reviewed": _reviewed(entry),
        "valid_until": wording.day(entry.valid_until) if entry.valid_until else "",
        "office": office.name if office else "",
        "office_phone": office.phone if office else "",
        "first": [[h.number, h.purpose] for h in hotlines if h.first][:BIG],
        "say": say.say if say else "",
        "picture": picture,
        "address": address,
        "example": town.example if town else False,
    }
    return _cleaned(content)


def version(content: Content) -> str:
    """Return the name of what stands on a notice: eight hex digits that change with any part of it (SHA-256 of its JSON)."""
    return hashlib.sha256(to_json(content).encode()).hexdigest()[:8]


def to_json(content: Content) -> str:
    """Return the content as it is kept."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def from_json(text: str) -> Content:
    """Return the content that was kept."""
    found: Content = json.loads(text)
    return found


def title(content: Content) -> str:
    """Return what the notice is called in lists and file names."""
    return f"{content['about']} 张贴单" if content["kind"] == VILLAGE else f"明白纸：{content['question']}"


def differences(printed: Content, now: Content | None, gone: Sequence[str] = ()) -> list[str]:
    """Return in words what is no longer as it was printed; ``now`` is None where the village or the entry is gone.

    ``gone``: phrases that were printed and lead to their entry no longer. What an older version of the program did not
    print is not compared.
    """
    if now is None:
        return ["村子已经不在名单里" if printed["kind"] == VILLAGE else "这一条已经停用或过期"]
    found = []
    for key, label in LABELS.items():
        if key in printed and printed[key] != now.get(key):
            found.append(_difference(key, label, printed[key], now.get(key)))
    found += [f"发「{say}」现在查不到那一条了" for say in gone]
    return list(dict.fromkeys(found))


def phrases_of(content: Content) -> tuple[Phrase, ...]:
    """Return the phrases that stand on a notice."""
    return tuple(Phrase(*(str(part) for part in p)) for p in content.get("phrases", ()))


def spoken(content: Content) -> tuple[tuple[str, str], ...]:
    """Return (phrase, id of the entry that it must lead to) for each phrase on a notice."""
    if content["kind"] == VILLAGE:
        return tuple((p.say, p.entry) for p in phrases_of(content))
    return ((content["say"], content["about"]),) if content.get("say") else ()


def _difference(key: str, label: str, old: Any, new: Any) -> str:
    if key == "picture":
        return "二维码换过了" if old and new else "现在有二维码了" if new else "二维码去掉了"
    if key == "example":
        return "现在是正式的了" if old else "现在标着示例"
    if isinstance(old, str) and isinstance(new, str) and len(old) + len(new) <= 80:
        return f"{label}：原来是「{old or '没有'}」，现在是「{new or '没有'}」"
    return f"{label}有改动"


def _reviewed(entry: Entry) -> str:
    if entry.status != "signed":
        return ""
    on = f"，{wording.day(entry.reviewed_on)}" if entry.reviewed_on else ""
    return f"{entry.reviewed_by}审核{on}"


def _cleaned(content: Mapping[str, Any]) -> Content:
    """Return the content with what no paper can show taken out of its texts."""
    return {key: _clean(value) for key, value in content.items()}


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        # Marks that turn the direction of text around, or that nobody sees.
        return re.sub(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]", "", " ".join(clean(value).split()))
    return [_clean(one) for one in value] if isinstance(value, list | tuple) else value
