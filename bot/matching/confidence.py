"""What tells whether the first entry of a ranking is right."""

import numpy as np

from bot.matching.grams import Floats
from bot.matching.model import FEATURES

_VOICES = [0, 1, 2, 6, 9, 13]
"""The signals that are asked whether they would put the same entry first."""


def features(raw: Floats, likely: Floats, text: str, entries: int) -> Floats:
    """Return ``FEATURES`` of a ranking of rows, the first ``entries`` of which are entries and the others topics outside."""
    own = likely[:entries]
    order = np.argsort(-own, kind="stable")
    first = order[0]
    second = float(own[order[1]]) if len(order) > 1 else 0.0
    p = float(own[first])
    values = {
        "likely": np.log(p / (1 - p + 1e-6) + 1e-6),
        "gap": np.log(p / (second + 1e-6)),
        "outside": np.log(float(likely[entries:].sum()) + 1e-3),
        "language": raw[first, 0],
        "covered": raw[first, 2],
        "near": raw[first, 6],
        "ratio": raw[first, 8],
        "partial": raw[first, 9],
        "best_covered": raw[:, 2].max(),
        "length": np.log(len(text)),
        "agree": float((raw[:, _VOICES].argmax(axis=0) == first).mean()),
        "learned_lead": _lead(raw[:, 13], first),
        "language_lead": _lead(raw[:, 0], first),
    }
    return np.array([values[name] for name in FEATURES], np.float32)


def _lead(values: Floats, first: int) -> float:
    """Return by how many deviations ``first`` is before the best of the others."""
    if values.size < 2:
        return 1.0
    best = max(values[:first].max(initial=0.0), values[first + 1 :].max(initial=0.0))
    return float((values[first] - best) / (values.std() + 1e-9))
