"""Read entry files: Markdown with YAML front matter, ``<category>/<id>.md``; every fault becomes a finding."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot.faq import plain_yaml
from bot.faq.entry import Entry
from bot.faq.finding import Finding
from bot.matching.together import Together

MAX_BYTES = 64 * 1024
_TOGETHER: Together[Entry] = Together()
_FENCE = re.compile(r"^---[ \t]*$", re.MULTILINE)
_MORE = re.compile(r"^##[ \t]*更多[ \t]*$", re.MULTILINE)

# pydantic's error type -> what is wrong, what to do; a row "type field" goes before a row "type".
_IN_WORDS = {
    "missing": ("缺少这一项", "补上这一项"),
    "extra_forbidden": ("没有这一项", "删掉这一项，或者对照 README 的「条目格式」改名"),
    "string_type": ("应当是文字", "用英文双引号把它括起来"),
    "string_too_short": ("是空的", "填上内容"),
    "string_too_long": ("太长", "缩短到 {max_length} 字以内"),
    "string_pattern_mismatch": ("不是条目编号", "编号只用小写字母、数字和短横线，例如 wage-arrears"),
    "tuple_type": ("应当是一列", "每条一行，行首两个空格加「- 」"),
    "too_short": ("一条也没有", "至少写一条"),
    "literal_error status": ("不是条目状态", "写 draft（草稿）、signed（已签发）或 withdrawn（已停用）"),
    "date_type": ("不是日期", "写成 2026-11-23 这样"),
    "date_from_datetime_parsing": ("不是日期", "写成 2026-11-23 这样"),
    "citation": ("{message}", "写成《劳动法》第五十条，或《民法典》第一千零七十九条第二款第（三）项"),
    "signed": ("{message}", "补上 reviewed_by、reviewed_on、valid_until，或把 status 改回 draft"),
}


class Read(NamedTuple):
    """What one file gave: the entry, or None where a finding is an error."""

    entry: Entry | None
    findings: tuple[Finding, ...]


def entry_files(folder: Path) -> Iterator[Path]:
    """Yield the entry files of ``folder/faq`` in a fixed order; drafts of editors (``~$…``, ``.…``) are passed over."""
    for path in sorted((folder / "faq").glob("*/*.md")):
        if not path.name.startswith((".", "~")):
            yield path


def read_entry(path: Path) -> Read:
    """Read one file; never raises for what the file holds."""
    try:
        raw = path.read_bytes()
    except OSError as e:
        return Read(None, (Finding(path, 0, "", f"读不了这个文件（{e.strerror}）", "检查文件是否被别的程序占用、有没有权限"),))
    key = path.parent.name, path.name, hashlib.sha256(raw).digest()
    if known := _TOGETHER.find(key):  # the same file in the folder of another town
        return Read(known, ())
    read = parse_entry(path, raw)
    entry = read.entry
    return read if entry is None or read.findings else Read(_TOGETHER.get(key, lambda: entry), ())


def parse_entry(path: Path, raw: bytes) -> Read:
    """Turn the bytes of the file ``path`` into an entry; the folder's name is the category."""

    def fault(line: int, field: str, problem: str, remedy: str) -> Read:
        return Read(None, (Finding(path, line, field, problem, remedy),))

    if len(raw) > MAX_BYTES:
        return fault(0, "", f"文件有 {len(raw) // 1024} KB，太大", "一个文件只放一个条目")
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as e:
        line = raw[: e.start].count(b"\n") + 1
        return fault(line, "", "文件不是 UTF-8 编码", "用记事本「另存为」，编码选 UTF-8")
    fences = list(_FENCE.finditer(text))
    if len(fences) < 2 or fences[0].start() != 0:
        return fault(1, "", "开头没有用两行 --- 框起来的项目", "第一行写 ---，项目写完后再写一行 ---，答案写在后面")
    head, body = text[fences[0].end() : fences[1].start()], text[fences[1].end() :]
    try:
        fields, lines = _front_matter(head)
    except yaml.YAMLError as e:
        mark = getattr(e, "problem_mark", None)
        return fault(
            (mark.line if mark else 0) + 1,
            "",
            "这一行或上一行的写法不对",
            "检查：冒号用英文「: 」且后面有空格；每条问法前是两个空格加「- 」；带特殊符号的句子用英文双引号括起来",
        )
    except _Unreadable as e:
        return fault(e.line, e.field, e.problem, e.remedy)
    parts = _MORE.split(body, maxsplit=1)
    reserved = [name for name in ("category", "answer", "more", "version") if name in fields]
    if reserved:
        return fault(lines[reserved[0]], reserved[0], "这一项不写在开头", "类别是文件夹的名字，答案写在第二行 --- 之后")
    fields |= {"category": path.parent.name, "answer": parts[0], "more": parts[1].strip() if len(parts) > 1 else ""}
    fields["version"] = hashlib.sha256(text.encode()).hexdigest()[:12]
    try:
        entry = Entry.model_validate({k: tuple(v) if isinstance(v, list) else v for k, v in fields.items()})
    except ValidationError as e:
        lines["answer"] = text[: fences[1].end()].count("\n") + 2
        return Read(None, tuple(_finding(path, details, lines) for details in e.errors()))
    if path.stem != entry.id:
        return fault(
            lines["id"], "id", f"编号 {entry.id} 和文件名 {path.name} 不一样", f"把文件名改成 {entry.id}.md，或者改编号"
        )
    return Read(entry, ())


def read_loosely(path: Path, raw: bytes) -> dict[str, Any] | None:
    """Return the fields of a file that is no entry yet, as far as it has any; None where not even they can be made out."""
    try:
        text = raw[:MAX_BYTES].decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
        fences = list(_FENCE.finditer(text))
        if len(fences) < 2 or fences[0].start() != 0:
            return None
        fields, _ = _front_matter(text[fences[0].end() : fences[1].start()])
    except (UnicodeDecodeError, yaml.YAMLError, _Unreadable):
        return None
    parts = _MORE.split(text[fences[1].end() :], maxsplit=1)
    more = parts[1].strip() if len(parts) > 1 else ""
    return fields | {"category": path.parent.name, "answer": parts[0].strip(), "more": more}


class _Unreadable(Exception):
    """The front matter is YAML, but not a list of fields."""

    def __init__(self, line: int, field: str, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.line, self.field, self.problem, self.remedy = line, field, problem, remedy


def _front_matter(head: str) -> tuple[dict[str, Any], dict[str, int]]:
    """Return the fields, and the line of each field and of each of its parts (``phrasings.3``)."""
    plain_yaml.look_over(head)
    loader = yaml.CSafeLoader(head)
    try:
        node = loader.get_single_node()
        if not isinstance(node, yaml.MappingNode):
            raise _Unreadable(2, "", "开头的项目读不懂", "每项一行，写成「名称: 内容」，用英文冒号加一个空格")
        fields: dict[str, Any] = {}
        lines: dict[str, int] = {}
        for key, value in node.value:
            name, line = str(key.value), key.start_mark.line + 1
            if name in fields:
                raise _Unreadable(line, name, "这一项写了两次", "删掉一处")
            lines[name] = line
            if isinstance(value, yaml.SequenceNode):
                lines |= {f"{name}.{n}": part.start_mark.line + 1 for n, part in enumerate(value.value)}
            try:
                fields[name] = loader.construct_object(value, deep=True)
            except ValueError as e:  # 2026-02-30
                raise _Unreadable(line, name, "不是存在的日期", "写成 2026-11-23 这样") from e
            except (AttributeError, IndexError, KeyError, OverflowError) as e:  # !!timestamp x, !!int '', !!bool x
                raise _Unreadable(line, name, "写法不对", "去掉 !! 开头的记号，直接写内容") from e
        # "related:" with nothing behind it is an empty list to an adviser, and None to YAML.
        return {k: v for k, v in fields.items() if v is not None}, lines
    except RecursionError as e:
        raise _Unreadable(0, "", "开头的项目读不懂，括号套得太深", "每项一行，写成「名称: 内容」") from e
    finally:
        loader.dispose()


def in_words(details: ErrorDetails) -> tuple[str, str, str]:
    """Return a validation error as field, problem and remedy in Chinese."""
    loc = [str(part) for part in details["loc"]]
    field = loc[0] if loc else "status"
    problem, remedy = _IN_WORDS.get(
        f"{details['type']} {field}", _IN_WORDS.get(details["type"], ("写法不对", "对照 README 的「条目格式」改"))
    )
    context = {"message": details["msg"], **details.get("ctx", {})}
    number = f"第{int(loc[1]) + 1}条" if len(loc) > 1 and loc[1].isdigit() else ""
    return field, number + problem.format(**context), remedy.format(**context)


def _finding(path: Path, details: ErrorDetails, lines: dict[str, int]) -> Finding:
    field, problem, remedy = in_words(details)
    exact = ".".join(map(str, details["loc"][:2]))
    return Finding(path, lines.get(exact, lines.get(field, 1)), field, problem, remedy)
