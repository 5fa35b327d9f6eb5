"""An entry as a form: fields that a lawyer fills in, what is wrong with them, and the file that they make."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError
from pypinyin import lazy_pinyin

from bot.faq.citation import parse
from bot.faq.entry import Entry
from bot.faq.reader import MAX_BYTES, in_words, parse_entry, read_loosely
from bot.faq.writer import path_of, to_markdown

SYLLABLES = 4
"""So many syllables of the question make an id."""

_INVISIBLE = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\xad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\uffff\\ud800-\\udfff]"
)
_MORE = re.compile(r"^##[ \t]*更多[ \t]*$", re.MULTILINE)
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")


@dataclass(frozen=True)
class Fields:
    """What people fill in, as texts; ``valid_until`` is as it was typed."""

    question: str = ""
    category: str = ""
    phrasings: tuple[str, ...] = ()
    answer: str = ""
    more: str = ""
    basis: tuple[str, ...] = ()
    deadline: str = ""
    related: tuple[str, ...] = ()
    not_to_confuse_with: tuple[str, ...] = ()
    valid_until: str = ""
    author: str = ""


HEADINGS: Mapping[str, str] = {
    "question": "标准问题",
    "category": "类别",
    "phrasings": "问法",
    "answer": "答案",
    "more": "更多",
    "basis": "依据",
    "deadline": "期限",
    "related": "相关条目",
    "not_to_confuse_with": "不要弄混",
    "valid_until": "有效期至",
    "author": "作者",
}
LISTS = ("phrasings", "basis", "related", "not_to_confuse_with")
MAY_WAIT = ("phrasings", "answer", "basis")
"""Without these an entry is unfinished: it can be kept as a draft, and answers nobody."""


class Fault(NamedTuple):
    """What is wrong with a field, and what to do. missing: it is only not filled in yet."""

    field: str
    problem: str
    remedy: str
    missing: bool = False

    def __str__(self) -> str:
        heading = HEADINGS.get(self.field, "")
        return f"{heading}：{self.problem}。{self.remedy}。" if heading else f"{self.problem}。{self.remedy}。"


class Composed(NamedTuple):
    """What fields make: the file's text, and the entry if it is finished; ``faults`` say why there is no text or no entry."""

    category: str
    text: str | None
    entry: Entry | None
    faults: tuple[Fault, ...]


def fields_of(path: Path, text: str) -> Fields | None:
    """Return what a file fills in, also where it is no entry yet; None where nothing can be made out."""
    raw = text.encode()
    entry = parse_entry(path, raw).entry
    data = entry.model_dump() if entry else read_loosely(path, raw)
    if data is None:
        return None
    said = {f.name: _listed(data.get(f.name)) if f.name in LISTS else _said(data.get(f.name)) for f in fields(Fields)}
    return Fields(**said)  # type: ignore[arg-type]


def state_of(path: Path, text: str) -> tuple[str, str | None, date | None]:
    """Return a file's status, and by whom and when it was signed."""
    entry = parse_entry(path, text.encode()).entry
    return (entry.status, entry.reviewed_by, entry.reviewed_on) if entry else ("draft", None, None)


def tidied(said: Fields) -> Fields:
    """Return the fields with blanks, line ends and citations in one spelling.

    >>> tidied(Fields(basis=("民法典1079条；劳动法第50条",))).basis
    ('《民法典》第一千零七十九条', '《劳动法》第五十条')
    """
    texts = {f.name: _plain(getattr(said, f.name)) for f in fields(Fields) if f.name not in LISTS}
    lists = {name: tuple(dict.fromkeys(filter(None, map(_plain, getattr(said, name))))) for name in LISTS}
    cited = [one.strip() for line in lists["basis"] for one in re.split("[；;]", line) if one.strip()]
    lists["basis"] = tuple(dict.fromkeys(map(_cited, cited)))
    found = _DAY.fullmatch(texts["valid_until"])
    if found:
        texts["valid_until"] = "{}-{:0>2}-{:0>2}".format(*found.groups())
    return Fields(**texts, **lists)  # type: ignore[arg-type]


def visible(said: Fields) -> tuple[Fields, tuple[Fault, ...]]:
    """Return the fields without characters that nobody sees (control, zero-width, direction), and where some were."""
    clean: dict[str, Any] = {}
    for f in fields(Fields):
        value = getattr(said, f.name)
        clean[f.name] = tuple(_INVISIBLE.sub("", v) for v in value) if f.name in LISTS else _INVISIBLE.sub("", value)
    problem, remedy = "里面有看不见的字符，多半是从别处复制带来的", "已经替您去掉，再看一遍，重新保存"
    return Fields(**clean), tuple(Fault(name, problem, remedy) for name, v in clean.items() if v != getattr(said, name))


def compose(
    said: Fields,
    id_: str,
    *,
    today: date,
    status: str = "draft",
    reviewed_by: str | None = None,
    reviewed_on: date | None = None,
) -> Composed:
    """Turn tidy fields into the entry's file.

    What is missing of ``MAY_WAIT`` leaves a text and no entry; anything else that is wrong leaves neither.
    """
    faults = [Fault(n, "要写在一行里", "去掉换行") for n in ("question", "deadline", "author") if "\n" in getattr(said, n)]
    faults += [Fault(n, "没有填", "填上", n in MAY_WAIT) for n in HEADINGS if n in _NEEDED and not getattr(said, n)]
    faults += visible(said)[1]
    if _MORE.search(said.answer):
        faults.append(Fault("answer", "不能单独有一行「## 更多」", "后面的内容写到「更多」一栏"))
    until = _day(said.valid_until)
    if said.valid_until and until is None:
        faults.append(Fault("valid_until", "不是日期", f"写成 {today:%Y-%m-%d} 这样"))
    values: dict[str, Any] = {
        **{f.name: getattr(said, f.name) for f in fields(Fields)},
        "id": id_, "status": status, "updated": today, "valid_until": until, "deadline": said.deadline or None,
        "reviewed_by": reviewed_by, "reviewed_on": reviewed_on,
    }  # fmt: skip
    entry = None
    try:
        entry = Entry.model_validate(values)
    except ValidationError as e:
        known = {fault.field for fault in faults}
        # A list of which one line is bad counts as too short for pydantic; the line is what is to be mended.
        wrong = [d for d in e.errors() if d["type"] != "too_short" or not d["input"]]
        faults += [Fault(*in_words(d)) for d in wrong if str(d["loc"][0] if d["loc"] else "status") not in known]
    if any(not fault.missing for fault in faults):
        return Composed(said.category, None, None, tuple(faults))
    text = to_markdown(entry or Entry.model_construct(**values))
    path = path_of(entry, Path()) if entry else Path(said.category, f"{id_}.md")
    if len(text.encode()) > MAX_BYTES:
        long = Fault("answer", f"整条有 {len(text.encode()) // 1024} KB，太大", "删掉一些问法，或者拆成两条")
        return Composed(said.category, None, None, (*faults, long))
    # Through the file and back: what a file cannot hold must not be saved as something else.
    back = parse_entry(path, text.encode()).entry
    lost = fields_of(path, text) != said if entry is None else back is None or _bare(back) != _bare(entry)
    if lost:
        odd = Fault("answer", "这样的内容存不进文件", "去掉单独一行的 --- 或 ## 再试")
        return Composed(said.category, None, None, (*faults, odd))
    return Composed(said.category, text, back, tuple(faults))


_NEEDED = {"question", "category", "author", *MAY_WAIT}


def is_day(text: str) -> bool:
    """Tell whether a text is a date: 2026-11-23."""
    return _day(text) is not None


def suggested_id(question: str, taken: Collection[str]) -> str:
    """Return an id that nobody has, of how the question is read aloud.

    >>> suggested_id("老板拖欠工资怎么要？", {"lao-ban-tuo-qian"})
    'lao-ban-tuo-qian-2'
    """
    syllables = re.findall("[a-z0-9]+", " ".join(lazy_pinyin(question)).lower())
    base = "-".join(syllables[:SYLLABLES])[:50].strip("-")
    if not re.match("[a-z]", base):
        base = f"wen-{base}".strip("-")
    return next(one for n in range(1, len(taken) + 2) if (one := base if n == 1 else f"{base}-{n}") not in taken)


def with_phrasings(said: Fields, more: Collection[str]) -> Fields:
    """Return the fields with further phrasings at the end."""
    return replace(said, phrasings=tuple(dict.fromkeys((*said.phrasings, *more))))


def _bare(entry: Entry) -> dict[str, Any]:
    return entry.model_dump(exclude={"version"})


def _plain(text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u00a0", " ").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()


def _cited(text: str) -> str:
    # 民法典1079条 becomes what entries hold; who wrote 《…》 wrote it as they want it.
    found = None if text.startswith("《") else parse(text)
    return str(found) if found else text


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) else None
    except ValueError:
        return None


def _said(value: object) -> str:
    return "" if value is None else str(value).strip()


def _listed(value: object) -> tuple[str, ...]:
    return tuple(filter(None, map(_said, value))) if isinstance(value, (list, tuple)) else tuple(filter(None, (_said(value),)))
