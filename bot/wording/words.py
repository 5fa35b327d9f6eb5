"""All the sentences of one town, by situation, and what may be put in the place of each."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any

from bot.wording.advisers import Binding, Duty, Logging, Queue
from bot.wording.person import Emergency, Person, Privacy
from bot.wording.sentence import Sentence
from bot.wording.villagers import Answers, Browsing, Choices, Coming, Law, Unreadable, Web


@dataclass(frozen=True)
class Words:
    """The sentences that are said: those that are shipped, where the town has not put others in their place."""

    coming: Coming = field(default_factory=Coming)
    answers: Answers = field(default_factory=Answers)
    choices: Choices = field(default_factory=Choices)
    person: Person = field(default_factory=Person)
    unreadable: Unreadable = field(default_factory=Unreadable)
    browsing: Browsing = field(default_factory=Browsing)
    law: Law = field(default_factory=Law)
    emergency: Emergency = field(default_factory=Emergency)
    privacy: Privacy = field(default_factory=Privacy)
    web: Web = field(default_factory=Web)
    binding: Binding = field(default_factory=Binding)
    queue: Queue = field(default_factory=Queue)
    logging: Logging = field(default_factory=Logging)
    duty: Duty = field(default_factory=Duty)


SHIPPED = Words()
"""The sentences as they are shipped."""

SITUATIONS: Mapping[str, str] = MappingProxyType(
    {
        "coming": "来和去：欢迎、帮助、打招呼",
        "answers": "答案前后说的话",
        "choices": "让群众选、没答上、出毛病",
        "person": "找人问：转给人、查编号、看答复",
        "unreadable": "看不了的：语音、图片、链接",
        "browsing": "目录、村子、顾问和司法所",
        "law": "查法条",
        "emergency": "急事卡片下面说的话",
        "privacy": "个人信息：告知、隐私、删除",
        "web": "网页",
        "binding": "顾问在微信里：绑定和帮助",
        "queue": "顾问在微信里：待办和答复",
        "logging": "顾问在微信里：记一笔、代问",
        "duty": "司法所在微信里：值班任务",
    }
)
"""What each situation is called, in the order in which people look for them."""


def text_of(words: Words, key: str) -> str:
    """Return a sentence as it is said."""
    situation, _, name = key.partition(".")
    text: str = getattr(getattr(words, situation), name)
    return text


def _sentences() -> dict[str, Sentence]:
    found = {}
    for situation in SITUATIONS:
        for one in fields(getattr(SHIPPED, situation)):
            key = f"{situation}.{one.name}"
            found[key] = Sentence(key, one.metadata["when"], text_of(SHIPPED, key), one.metadata["keep"], one.metadata["most"])
    return found


SENTENCES: Mapping[str, Sentence] = MappingProxyType(_sentences())
"""Every sentence by its key, 「situation.name」."""


def of(situation: str) -> list[Sentence]:
    """Return the sentences of a situation."""
    return [one for key, one in SENTENCES.items() if key.startswith(f"{situation}.")]


def with_changes(changes: Mapping[str, str]) -> Words:
    """Return the sentences with the town's own, by their keys, which must be free of faults."""
    by: dict[str, dict[str, Any]] = {}
    for key, text in changes.items():
        situation, _, name = key.partition(".")
        by.setdefault(situation, {})[name] = text
    changed: dict[str, Any] = {situation: replace(getattr(SHIPPED, situation), **of) for situation, of in by.items()}
    return replace(SHIPPED, **changed)
