"""Fit the model's few numbers to labelled questions, and show by cross-validation what to expect of them.

Needs SciPy, which serving does not: ``pip install -r tests/requirements.txt``.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.matching.confidence import features
from bot.matching.decision import BOTH_NEAR, SHOWN
from bot.matching.index import Index, standardised
from bot.matching.measures import NO_ENTRY, Labelled
from bot.matching.model import FEATURES, SIGNALS, Model

PENALTY = 3e-3
"""L2 on the signals' weights; L2 on the confidence's is a tenth of it per feature of deviation 1."""


OUTSIDE = 4.0
"""What a question without an entry counts for the confidence's direction: they are few in the sample, many in life."""


@dataclass(frozen=True)
class Sample:
    """What fitting needs of labelled questions: signals by row, which rows are right, features' raw material.

    entries: how many of the rows are entries, the others being topics outside, any of which is right without an entry.
    rivals: entries by entries, which must not be confused with which.
    """

    raw: list[NDArray[np.float32]]
    right: NDArray[np.bool_]
    texts: list[str]
    inside: NDArray[np.bool_]
    entries: int
    rivals: NDArray[np.bool_]


@dataclass(frozen=True)
class Held:
    """Predictions for questions that were held out: is there an entry, was the first right, one of five, how confident.

    contested: an entry that must not be confused with the first is near, so that it is not answered however confident.
    """

    inside: NDArray[np.bool_]
    first: NDArray[np.bool_]
    five: NDArray[np.bool_]
    confidence: NDArray[np.float64]
    contested: NDArray[np.bool_]


def sample(index: Index, labels: Sequence[Labelled], rivals: Mapping[str, Collection[str]]) -> Sample:
    """Compute the signals of every question that says something."""
    raw, right, texts, inside = [], [], [], []
    topics = len(index.outside)
    for label in labels:
        text = index.essence(label.q)
        if text:
            raw.append(index.signals(text)[0])
            accepted = {label.id, *label.also} if label.id not in NO_ENTRY else set()
            inside.append(bool(accepted & set(index.ids)))
            right.append([id_ in accepted for id_ in index.ids] + [not inside[-1]] * topics)
            texts.append(text)
    apart = np.array([[two in rivals.get(one, ()) for two in index.ids] for one in index.ids])
    return Sample(raw, np.array(right), texts, np.array(inside), len(index.ids), apart)


def fit(data: Sample, questions: NDArray[np.bool_] | None = None) -> Model:
    """Fit signals' weights (softmax over entries) and then the confidence (logistic) on the chosen questions."""
    chosen = np.flatnonzero(np.ones(len(data.texts), bool) if questions is None else questions)
    cubes = np.stack([standardised(data.raw[n]) for n in chosen])
    weights = _signals(cubes, data.right[chosen])
    rows, hits = _features(data, chosen, cubes @ weights)
    confidence, constant = _confidence(rows, hits, np.where(data.inside[chosen], 1.0, OUTSIDE))
    return Model(
        questions=len(chosen),
        signals=dict(zip(SIGNALS, np.round(weights, 3).tolist(), strict=True)),
        confidence_of=dict(zip(FEATURES, np.round(confidence, 3).tolist(), strict=True)),
        constant=round(float(constant), 3),
    )


def held_out(data: Sample, *, folds: int = 5, seed: int = 0) -> Held:
    """Predict each question by a model fitted on the other folds."""
    fold = np.random.default_rng(seed).permutation(len(data.texts)) % folds
    first, five = np.zeros(len(fold), bool), np.zeros(len(fold), bool)
    contested = np.zeros(len(fold), bool)
    confidence = np.zeros(len(fold))
    for number in range(folds):
        model = fit(data, fold != number)
        for n in np.flatnonzero(fold == number):
            scores = standardised(data.raw[n]) @ model.weights()
            likely = _softmax(scores)
            order = np.argsort(-scores[: data.entries], kind="stable")[:SHOWN]
            first[n], five[n] = data.right[n][order[0]], data.right[n][order].any()
            contested[n] = (data.rivals[order[0], order] & (likely[order] >= BOTH_NEAR)).any()
            confidence[n] = model.confidence(features(data.raw[n], likely, data.texts[n], data.entries))
    return Held(data.inside, first, five, confidence, contested)


@dataclass(frozen=True)
class Trade:
    """What a threshold on confidence would give, as shares: see ``measures``."""

    threshold: float
    direct_right: float
    direct_wrong: float
    false_answer: float
    helped: float


def trade_offs(held: Held, thresholds: Sequence[float]) -> list[Trade]:
    """Return what each threshold would give on the held-out questions, everything else being offered."""
    out = []
    for threshold in thresholds:
        direct = (held.confidence >= threshold) & ~held.contested
        inside, outside = held.inside, ~held.inside
        share = inside.sum() or 1
        right = (direct & held.first & inside).sum() / share
        out.append(
            Trade(
                threshold,
                float(right),
                float((direct & ~held.first & inside).sum() / share),
                float((direct & outside).sum() / (outside.sum() or 1)),
                float(right + (~direct & held.five & inside).sum() / share),
            )
        )
    return out


def reliability(held: Held, bins: int = 10) -> list[tuple[float, float, int, float, float]]:
    """Return for each bin of confidence: from, to, how many, mean predicted, share observed right."""
    out = []
    for n in range(bins):
        low, high = n / bins, (n + 1) / bins
        inside = (held.confidence >= low) & ((held.confidence < high) | (n == bins - 1))
        if inside.any():
            out.append((low, high, int(inside.sum()), float(held.confidence[inside].mean()), float(held.first[inside].mean())))
    return out


def _signals(cubes: NDArray[np.float32], right: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Minimise the mean of -ln(likelihood of the right entries) plus the penalty."""
    from scipy.optimize import minimize

    # Entries far behind change nothing but the time it takes.
    near = np.argsort(-cubes.sum(axis=2), axis=1)[:, :80]
    cubes = np.take_along_axis(cubes, near[:, :, None], axis=1)
    right = np.take_along_axis(right, near, axis=1)
    cubes, right = cubes[right.any(axis=1)], right[right.any(axis=1)]
    count, _, width = cubes.shape

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        scores = cubes @ weights
        likely = np.exp(scores - scores.max(axis=1, keepdims=True))
        likely /= likely.sum(axis=1, keepdims=True)
        held = (likely * right).sum(axis=1) + 1e-12
        slope = (likely - likely * right / held[:, None]).reshape(-1) @ cubes.reshape(-1, width) / count
        return float(-np.log(held).mean() + PENALTY * (weights**2).sum()), slope + 2 * PENALTY * weights

    found: Any = minimize(loss, np.full(width, 0.3), jac=True, method="L-BFGS-B")
    return np.asarray(found.x)


def _features(
    data: Sample, chosen: NDArray[np.int64], scores: NDArray[np.float64]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    count = data.entries
    rows = [features(data.raw[n], _softmax(own), data.texts[n], count) for n, own in zip(chosen, scores, strict=True)]
    return np.array(rows), data.right[chosen, scores[:, :count].argmax(axis=1)]


def _confidence(
    rows: NDArray[np.float32], hits: NDArray[np.bool_], importance: NDArray[np.float64]
) -> tuple[NDArray[np.float64], float]:
    """Return weights and constant: the direction fitted with ``importance``, then scaled to what was really observed."""
    centre, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-6
    scaled = (rows - centre) / spread
    direction = _logistic(scaled, hits, importance, PENALTY)
    margin = scaled @ direction[:-1] + direction[-1]
    scale, shift = _logistic(margin[:, None], hits, np.ones(len(hits)), 0.0)
    weights = direction[:-1] / spread * scale
    return weights, float(direction[-1] * scale + shift - weights @ centre)


def _logistic(
    rows: NDArray[Any], hits: NDArray[np.bool_], importance: NDArray[np.float64], penalty: float
) -> NDArray[np.float64]:
    """Return the weights, and last the constant, of a logistic regression (Platt 1999 for one column)."""
    from scipy.optimize import minimize

    sign = np.where(hits, 1.0, -1.0)
    share = importance / importance.sum()

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margin = sign * (rows @ weights[:-1] + weights[-1])
        pull = -sign / (1 + np.exp(margin)) * share
        slope = np.append(pull @ rows + penalty * 2 * weights[:-1], pull.sum())
        return float((np.logaddexp(0, -margin) * share).sum() + penalty * (weights[:-1] ** 2).sum()), slope

    found: Any = minimize(loss, np.zeros(rows.shape[1] + 1), jac=True, method="L-BFGS-B")
    return np.asarray(found.x)


def _softmax(scores: NDArray[Any]) -> NDArray[np.float32]:
    likely = np.exp(scores - scores.max())
    return np.asarray(likely / likely.sum(), np.float32)
