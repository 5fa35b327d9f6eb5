"""``wording.yaml``: the sentences that the town says in its own words; what it does not name is said as it is shipped."""

from collections.abc import Iterator
from pathlib import Path

import yaml

from bot.faq import plain_yaml
from bot.faq.finding import Finding
from bot.wording.sentence import faults, tidy
from bot.wording.words import SENTENCES, SHIPPED, Words, with_changes

FILE = "wording.yaml"
_SHAPE = "每句写成「名称: 改后的话」，或者到网页的设置里改"
_TEXT = "tag:yaml.org,2002:str"


def read_words(path: Path) -> tuple[Words | None, list[Finding]]:
    """Read ``wording.yaml``: the sentences with the town's own, and what is wrong with the file.

    A sentence that is wrong is said as it is shipped. None where the whole file cannot be read, so that the caller keeps the
    last one.
    """
    if not path.exists():
        return SHIPPED, []
    try:
        rows = list(_rows(path.read_text(encoding="utf-8-sig")))
    except OSError as e:
        return None, [Finding(path, 0, "", f"读不了这个文件（{e.strerror}）", f"从备份里找回 {path.name}")]
    except (yaml.YAMLError, UnicodeDecodeError, ValueError) as e:
        mark = getattr(e, "problem_mark", None)
        return None, [Finding(path, mark.line + 1 if mark else 0, "", "写法不对", _SHAPE)]
    changes: dict[str, str] = {}
    findings: list[Finding] = []
    for line, key, text in rows:
        sentence = SENTENCES.get(key)
        if sentence is None:
            findings.append(Finding(path, line, key, "没有这一句", "对照网页设置里的名称改正，或者删掉"))
        elif key in changes:
            findings.append(Finding(path, line, key, "写了两遍，只用前面一遍", "删掉一处"))
        elif text is None:
            findings.append(Finding(path, line, key, "不是一段话", _SHAPE + "；数字、是否要加引号"))
        elif found := list(faults(sentence, text)):
            when = f"（{sentence.when}）"
            findings += [Finding(path, line, key, f"{when}{f.problem}，现在说的是原来的话", f.remedy) for f in found]
        else:
            changes[key] = text
    return with_changes(changes), findings


def _rows(text: str) -> Iterator[tuple[int, str, str | None]]:
    """Yield (line, key, text) as the file has them; None for what is no text. Raises ValueError where it is no mapping."""
    plain_yaml.look_over(text)
    root = yaml.compose(text, Loader=yaml.CSafeLoader)
    if root is None:
        return
    if not isinstance(root, yaml.MappingNode):
        raise ValueError("no mapping")
    for key, value in root.value:
        is_text = isinstance(value, yaml.ScalarNode) and value.tag == _TEXT
        yield key.start_mark.line + 1, str(key.value), tidy(value.value) if is_text else None
