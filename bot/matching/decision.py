"""Whether a ranking is good enough to answer, good enough to offer, or a miss."""

from collections.abc import Sequence
from typing import Literal

from bot.matching.index import Candidate

Decision = Literal["answer", "choose", "miss"]

ANSWER = 0.14
"""From this score on the first entry may be answered outright …"""

GAP = 0.04
"""… if it leads the second by this much."""

OFFER = 0.085
"""From this score on entries are offered."""

SHOWN = 5
"""Most entries that are offered at once."""


def decide(candidates: Sequence[Candidate]) -> Decision:
    """Decide on candidates that are sorted best first.

    A wrong answer given with confidence is worse than a question back: without a clear lead the villager chooses.
    """
    if not candidates or candidates[0].score < OFFER:
        return "miss"
    second = candidates[1].score if len(candidates) > 1 else 0.0
    if candidates[0].score >= ANSWER and candidates[0].score - second >= GAP:
        return "answer"
    return "choose"
