"""The numbers that matching was fitted with: what each signal counts, how confidence follows, where the thresholds are."""

from datetime import date
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from bot.matching.grams import Floats

SIGNALS = (
    "language",
    "characters",
    "pairs",
    "sounds",
    "answer_characters",
    "answer_pairs",
    "near_three",
    "near_eight",
    "ratio",
    "partial",
    "neighbours",
    "related",
    "confused",
    "learned",
    "topic",
)
"""How near a question is to an entry:

language: how much likelier the entry's language makes the question than language at large
characters, pairs, sounds: the share of the question's telling characters, pairs of characters, pairs of syllables that the
    entry's phrasings hold (BM25)
answer_characters, answer_pairs: the same for the answer
near_three, near_eight: the cosine with the nearest phrasings, mean of three and of eight
ratio, partial: rapidfuzz's ``ratio`` and ``partial_ratio`` with the nearest phrasings, mean of three
neighbours: the language of the entries that refer to it or that it refers to
related, confused: how many entries refer to it, as related and as not to be confused with
learned: a classifier that learned from the phrasings which grams speak for which entry
topic: 1 for a topic that has no entry, which lacks an answer to be compared
"""

FEATURES = (
    "likely",
    "gap",
    "outside",
    "language",
    "covered",
    "near",
    "ratio",
    "partial",
    "best_covered",
    "length",
    "agree",
    "learned_lead",
    "language_lead",
)
"""What the confidence is computed of: how likely the first entry is and how far it leads, and how near it is in itself."""

SIGNALS_IN_WORDS = {
    "language": "整体用词",
    "characters": "相同的字",
    "pairs": "相同的词",
    "sounds": "相同的读音",
    "answer_characters": "答案里有的字",
    "answer_pairs": "答案里有的词",
    "near_three": "最像的三条问法",
    "near_eight": "最像的八条问法",
    "ratio": "逐字比较",
    "partial": "逐字比较（部分）",
    "neighbours": "相关条目的用词",
    "related": "常被引为相关",
    "confused": "常被提醒别弄混",
    "learned": "从问法里学到的",
    "topic": "条目以外的话题",
}


class Thresholds(BaseModel):
    """From which confidence on an entry is answered outright, and below which nothing is offered."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    answer: float = Field(1.0, ge=0, le=1)
    offer: float = Field(0.0, ge=0, le=1)


class Measured(BaseModel):
    """What cross-validation promised for a threshold, as shares (``fitting.trade_offs``)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    threshold: float = Field(ge=0, le=1)
    direct_right: float
    direct_wrong: float
    false_answer: float
    helped: float


class Model(BaseModel):
    """The file ``matching.yaml``. Without it all signals count alike and nothing is answered outright."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fitted: date | None = None
    questions: int = 0
    signals: dict[str, float] = Field(default_factory=lambda: dict.fromkeys(SIGNALS, 0.3))
    confidence_of: dict[str, float] = Field(default_factory=dict)
    constant: float = 0.0
    thresholds: Thresholds = Thresholds()
    measured: tuple[Measured, ...] = ()

    @classmethod
    def of(cls, data: Any) -> "Model":
        """Make a model of a mapping. Raises pydantic's ValidationError."""
        return cls.model_validate(data or {})

    def weights(self) -> Floats:
        """Return what each signal counts, in the order of ``SIGNALS``; a signal that is not named counts nothing."""
        return np.array([self.signals.get(name, 0.0) for name in SIGNALS], np.float32)

    def confidence(self, features: Floats) -> float:
        """Return the probability (logistic) that the first entry is right."""
        weights = np.array([self.confidence_of.get(name, 0.0) for name in FEATURES], np.float32)
        return float(1 / (1 + np.exp(-(float(features @ weights) + self.constant))))
