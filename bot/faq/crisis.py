"""``crisis.yaml`` and ``crisis-examples.yaml``: how an emergency is recognised, and the fixed text that answers it."""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter

from bot.faq.entry import cited
from bot.faq.finding import Finding
from bot.faq.town import read_yaml
from bot.matching.alarm import ORDINARY, Alarm
from bot.matching.normalise import normalise

_Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Examples = dict[str, tuple[str, ...]]


class Emergency(BaseModel):
    """One kind of emergency.

    signs: words that are enough by themselves. reportable: the law wants it reported, so a task opens for the town.
    first: the neutral first line, which WeChat's chat list shows. hotlines: numbers of ``hotlines.yaml``.
    signed_by: who answers for the text; None: nobody has yet.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: _Words
    signs: tuple[_Words, ...] = ()
    reportable: bool = False
    first: _Words
    steps: tuple[_Words, ...] = Field(min_length=1, max_length=4)
    hotlines: tuple[str, ...] = Field(min_length=1)
    next: _Words
    basis: tuple[Annotated[str, AfterValidator(cited)], ...] = ()
    signed_by: _Words | None = None


class Cards(BaseModel):
    """The file ``crisis.yaml``; ``threshold``: how likely an emergency must be for its card to be sent."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    threshold: float = Field(gt=0, lt=1)
    kinds: tuple[Emergency, ...] = Field(min_length=1)


_EXAMPLES = TypeAdapter(Annotated[dict[str, tuple[_Words, ...]], Field(min_length=2)])


@dataclass(frozen=True)
class Crisis:
    """The cards and what tells when to send them. Without an alarm the signs alone do."""

    cards: Cards | None = None
    alarm: Alarm | None = None
    examples: Examples = field(default_factory=dict, repr=False)

    def emergency_in(self, text: str) -> Emergency | None:
        """Return the kind of emergency that a text tells of, or None."""
        said = normalise(text)
        if not said or self.cards is None:
            return None
        if told := next((kind for sign, kind in self._signs if sign in said), None):
            return told
        name, likely = self.alarm.heard(text) if self.alarm else ("", 0.0)
        if likely < self.cards.threshold:
            return None
        return next((kind for kind in self.cards.kinds if kind.kind == name), None)

    @cached_property
    def _signs(self) -> tuple[tuple[str, Emergency], ...]:
        # Normalised once and not with every message.
        return tuple((normalise(sign), kind) for kind in (self.cards.kinds if self.cards else ()) for sign in kind.signs)


def read_cards(path: Path) -> tuple[Cards | None, list[Finding]]:
    """Read ``crisis.yaml``; None and a finding where it cannot be used, so that the caller keeps the last one."""
    remedy = "要有 threshold 和 kinds，每种要有 kind、first、steps（最多四步）、hotlines（加引号）、next"
    return read_yaml(path, Cards.model_validate, remedy)


def read_examples(path: Path, cards: Cards | None) -> tuple[Examples | None, list[Finding]]:
    """Read ``crisis-examples.yaml``: sentences by kind, and under 平常话 those that only sound alike."""
    remedy = f"每种一行名字加冒号，下面每句一行「- 句子」；还要有一种叫「{ORDINARY}」"
    examples, findings = read_yaml(path, _EXAMPLES.validate_python, remedy)
    names = {kind.kind for kind in cards.kinds} if cards else set()
    for name in examples or ():
        if cards and name != ORDINARY and name not in names:
            findings.append(Finding(path, 0, name, "crisis.yaml 里没有这一种", "改成 crisis.yaml 里的名字"))
    if examples is not None and ORDINARY not in examples:
        return None, [Finding(path, 0, "", f"缺「{ORDINARY}」", remedy)]
    return examples, findings
