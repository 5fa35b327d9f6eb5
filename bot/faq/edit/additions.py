"""What villagers asked goes into the knowledge folder: as phrasings of an entry, as the draft of one, as a topic outside.

Everything is tried before anything is written; what would be wrong is refused with what to do. The rest of a file stays
as it is, down to its comments where a file is edited by hand.
"""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from bot.faq import plain_yaml
from bot.faq.edit import drafting, history
from bot.faq.edit.editing import Fields, compose, suggested_id, tidied, with_phrasings
from bot.faq.edit.entry_check import check_one
from bot.faq.library import Snapshot
from bot.matching.outside import CATEGORY, Outside, Topic, topics

OUTSIDE = "outside.yaml"
LONGEST = 200
"""Characters of a phrasing; the longest that an entry takes."""

_MASKED = re.compile(r"\[(?:证件号|银行卡号|手机号|电话号|邮箱|号码)\]")


class Refused(Exception):
    """Nothing was written; the message says why and what to do."""


@dataclass(frozen=True)
class Added:
    """What was written: where, how many texts of how many (the others stood there already), and whether it answers now."""

    path: Path
    new: int
    live: bool


def texts_of(said: Sequence[str]) -> list[str]:
    """Return texts fit to be phrasings: on one line, each once. Raises Refused."""
    found = list(dict.fromkeys(filter(None, (" ".join(text.split()) for text in said))))
    if not found:
        raise Refused("一句也没有。至少勾上一句。")
    for text in found:
        if len(text) > LONGEST:
            raise Refused(f"「{text[:20]}…」有{len(text)}个字，最多{LONGEST}个字。留下最要紧的一句。")
        if masked := _MASKED.search(text):
            raise Refused(f"「{text[:30]}」里有遮掉的号码 {masked[0]}。把它删掉，换成一般的说法。")
    return found


def to_entry(
    folder: Path, snapshot: Snapshot, id_: str, said: Sequence[str], *, author: str, at: datetime, today: date
) -> Added:
    """Add phrasings to an entry; to one that is signed, as an edit that waits for a signature.

    Raises Refused, and what ``history.save`` raises.
    """
    texts = texts_of(said)
    now = drafting.held(folder, id_)
    fields = now.current.fields if now.current else None
    if now.current is None or fields is None:
        raise Refused("这一条刚刚被删掉了，或者文件坏了读不出来。换一条，或者先到「常见问题」看看。")
    new = [text for text in texts if text not in fields.phrasings]
    if not new:
        raise Refused("这几句这一条里都已经有了，不用再加。")
    made = drafting.composed(tidied(with_phrasings(fields, new)), now, id_, today)
    if made.text is None:
        raise Refused("".join(map(str, made.faults)))
    if made.entry:
        before = now.current.entry
        known = {f.problem for f in check_one(folder, snapshot, before, today)} if before else set()
        bad = [f for f in check_one(folder, snapshot, made.entry, today) if f.severity == "error" and f.problem not in known]
        if bad:
            raise Refused("".join(f"{f.problem}。{f.remedy}。" for f in bad))
    path = drafting.save(folder, now, made, author=author, why="加入群众问过的问法", at=at)
    return Added(path, len(new), path.is_relative_to(folder / "faq"))


def to_new_entry(
    folder: Path,
    question: str,
    category: str,
    said: Sequence[str],
    *,
    author: str,
    at: datetime,
    today: date,
    answer: str = "",
    id_: str = "",
    by: str = "",
) -> Path:
    """Write the draft of an entry and return where it is; ``id_``: its id, else one is made of the question.

    author: whom the history names; by: whom the entry names, where that is spelled otherwise. Where there is an entry
    of this id, it stays as it is. Raises Refused, and what ``history.save`` raises.
    """
    id_ = id_ or suggested_id(question, drafting.taken(folder))
    now = drafting.held(folder, id_)
    if now.current:
        return now.current.path
    until = f"{today.replace(year=today.year + 1, day=min(today.day, 28)):%Y-%m-%d}"
    fields = Fields(
        question=" ".join(question.split()), category=category, phrasings=tuple(texts_of(said)), answer=answer,
        author=by or author, valid_until=until,
    )  # fmt: skip
    made = compose(tidied(fields), id_, today=today)
    if made.text is None:
        raise Refused("".join(str(fault) for fault in made.faults if not fault.missing))
    return drafting.save(folder, now, made, author=author, why="群众问过，还没有条目", at=at)


def to_topic(folder: Path, snapshot: Snapshot, topic: Topic, *, author: str, at: datetime) -> Added:
    """Add phrasings to the topic outside of this name, or the topic itself where there is none.

    Raises Refused, and what ``history.save`` raises.
    """
    texts = texts_of(topic.phrasings)
    for text in texts:
        found = snapshot.index.ranking(text, limit=1)
        if found.confidence == 1.0 and found.candidates:
            question = snapshot.entries[found.candidates[0].id].question if found.candidates[0].id in snapshot.entries else ""
            raise Refused(f"「{text}」就是「{question}」这一条的问法，不能又算在条目以外。去掉这一句，或者先改那一条。")
        if not snapshot.index.essence(text):
            raise Refused(f"「{text}」去掉客套话就没有内容了。写出是什么事。")
    path = folder / OUTSIDE
    old = history.read(path) or ""
    try:
        before = _read(old)
        there = next((one for one in before if one.topic == topic.topic), None)
        new = [text for text in texts if there is None or text not in there.phrasings]
        if not new:
            raise Refused("这几句这个话题里都已经有了，不用再加。")
        written = _with_items(old, topic.topic, new) if there else _with_topic(old, topic.model_copy(update={"phrasings": new}))
        after = _read(written)
    except (yaml.YAMLError, ValidationError, _Unclear) as e:
        raise Refused("「条目以外的话题」这个文件现在读不懂，没有改。请管理员先到「知识库里的问题」看是哪一行。") from e
    grown = Topic(**(there or topic).model_dump() | {"phrasings": (*(there.phrasings if there else ()), *new)})
    if after != tuple(grown if one == there else one for one in before) + (() if there else (grown,)):
        raise Refused("这样的内容存不进文件。去掉特殊符号再试。")
    history.save(
        folder, {path: written}, author=author, why=f"{CATEGORY}：{topic.topic}", now=at, expected={path: history.digest(old)}
    )
    return Added(path, len(new), True)


class _Unclear(Exception):
    """The file is not laid out as it is shipped, so nothing can be put into it line by line."""


def _read(text: str) -> Outside:
    return topics(plain_yaml.load(text))


def _with_items(text: str, topic: str, new: Sequence[str]) -> str:
    """Return the file with further phrasings behind the last one of a topic."""
    root = yaml.compose(text, Loader=yaml.CSafeLoader)
    for node in root.value if isinstance(root, yaml.SequenceNode) else ():
        fields = {key.value: value for key, value in node.value}
        if fields["topic"].value != topic:
            continue
        last = fields["phrasings"].value[-1]
        lines = text.splitlines()
        dash = re.match(r"\s*- ", lines[last.start_mark.line])
        if dash is None:
            raise _Unclear
        end = last.end_mark.line + (last.end_mark.column > 0)
        return "\n".join([*lines[:end], *(f"{dash[0]}{_scalar(one)}" for one in new), *lines[end:]]) + "\n"
    raise _Unclear


def _with_topic(text: str, topic: Topic) -> str:
    """Return the file with a further topic at its end."""
    lines = text.splitlines()
    held = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    if held == ["[]"]:
        lines.remove("[]")
    elif any(not re.match(r"- |\s+", line) for line in held):
        raise _Unclear
    indent = next((re.match(r"\s*", line)[0] for line in reversed(held) if re.match(r"\s+- ", line)), "    ")  # type: ignore[index]
    made = [f"- topic: {_scalar(topic.topic)}", f"  kind: {topic.kind}", f"  why: {_scalar(topic.why)}", "  phrasings:"]
    return "\n".join(itertools.chain(lines, made, (f"{indent}- {_scalar(one)}" for one in topic.phrasings))) + "\n"


def _scalar(value: Any) -> str:
    text: str = yaml.safe_dump(value, allow_unicode=True, width=1 << 20)
    return text.removesuffix("\n...\n").strip()
