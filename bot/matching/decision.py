"""Whether a ranking is good enough to answer, good enough to offer, or a miss."""

from collections.abc import Collection
from typing import Literal

from bot.matching.index import Ranking
from bot.matching.model import Thresholds

Decision = Literal["answer", "choose", "miss"]

SHOWN = 5
"""Most entries that are offered at once."""

BOTH_NEAR = 0.2
"""How likely an entry must be to stand in the way of answering with one that must not be confused with it."""


def decide(ranking: Ranking, thresholds: Thresholds, rivals: Collection[str] = ()) -> Decision:
    """Decide on a ranking; ``rivals`` are the ids that must not be confused with the first.

    A wrong answer given with confidence is worse than a question back: unless the first is very probably right, and no
    rival is near, the villager chooses.
    """
    if not ranking.candidates or ranking.confidence < thresholds.offer:
        return "miss"
    if any(c.id in rivals and c.score >= BOTH_NEAR for c in ranking.candidates[1:]):
        return "choose"
    return "answer" if ranking.confidence >= thresholds.answer else "choose"
