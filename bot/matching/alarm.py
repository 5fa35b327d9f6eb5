"""Hears an emergency in a text: learned from example sentences of each kind, beside ordinary questions that sound alike."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from bot.matching.grams import characters_and_pairs
from bot.matching.learned import VERSION, Learned
from bot.matching.lexicon import Lexicon
from bot.matching.memory import key_of, remembered
from bot.matching.normalise import normalise

ORDINARY = "平常话"
EPOCHS, RATE = 8, 6.0

QUESTION_WEIGHT = 0.4
"""What one of the villagers' questions counts as an ordinary sentence, next to one that was written to sound alike."""

TAKEN, LOOKED_AT = 6000, 15_000
"""So many questions are learned from at first, evenly taken; of so many, those that sound like an emergency are added."""

SUSPICIOUS = 0.03

MOST_REMEMBERED = 4096
"""What was heard in so many texts is kept: after a broadcast many send the same."""

_ALWAYS = [f"\0{n}" for n in range(6)]
"""In every text: what is ordinary is so before a word is said, and two rare characters do not outweigh it."""


@dataclass(frozen=True)
class Alarm:
    """Knows kinds of emergency by example. Immutable."""

    learned: Learned
    lexicon: Lexicon
    _remembered: dict[str, tuple[str, float]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def of(
        cls,
        examples: Mapping[str, Sequence[str]],
        questions: Sequence[str],
        chat: Sequence[str],
        lexicon: Lexicon,
        memory: Path | None = None,
    ) -> "Alarm":
        """Learn from the examples of each kind, those of ``ORDINARY`` among them, from ordinary ``questions`` and ``chat``.

        Twice: the second time with the questions that were taken for emergencies the first time (hard negatives).
        """
        taken, looked_at = [*_evenly(questions, TAKEN), *chat], _evenly(questions, LOOKED_AT)

        def learn() -> Learned:
            first = cls(_learn(examples, taken, lexicon), lexicon)
            suspicious = [text for text in looked_at if first.heard(text)[1] > SUSPICIOUS]
            return _learn(examples, list(dict.fromkeys([*taken, *suspicious])), lexicon)

        told = {kind: list(texts) for kind, texts in examples.items()}
        words = [group.model_dump() for group in lexicon.groups]
        key = key_of([VERSION, told, list(taken), list(looked_at), words, EPOCHS, RATE, QUESTION_WEIGHT])
        return cls(remembered(memory, key, _grams, learn), lexicon)

    def heard(self, text: str) -> tuple[str, float]:
        """Return the kind of emergency that a text most likely is, and how likely it is an emergency at all (0 to 1)."""
        read = self.lexicon.rewrite(normalise(text))
        found = self._remembered.get(read)
        if found is None:
            scores = self.learned.scores(read)
            likely = np.exp(scores - scores.max())
            likely /= likely.sum()
            found = self.learned.ids[int(likely[:-1].argmax())], float(1 - likely[-1])
            if len(self._remembered) >= MOST_REMEMBERED:
                self._remembered.clear()
            self._remembered[read] = found
        return found


def _learn(examples: Mapping[str, Sequence[str]], questions: Sequence[str], lexicon: Lexicon) -> Learned:
    kinds = [*(kind for kind in examples if kind != ORDINARY), ORDINARY]
    said = [(kinds.index(kind), text) for kind, texts in examples.items() for text in texts]
    asked = [(len(kinds) - 1, text) for text in questions]
    importance = np.concatenate([np.ones(len(said)), np.full(len(asked), QUESTION_WEIGHT)]).astype(np.float32)
    owners = np.array([owner for owner, _ in said + asked], np.int64)
    texts = [lexicon.rewrite(normalise(text)) for _, text in said + asked]
    return Learned.train(kinds, texts, owners, importance, (), grams=_grams, epochs=EPOCHS, rate=RATE)


def trade_offs(
    alarm: Alarm, labelled: Iterable[tuple[str, str]], thresholds: Sequence[float]
) -> list[tuple[float, float, float]]:
    """Return for each threshold the share of emergencies heard and of ordinary sentences that raise a false alarm."""
    heard = [(kind != ORDINARY, alarm.heard(text)[1]) for text, kind in labelled]
    real = np.array([likely for is_real, likely in heard if is_real])
    ordinary = np.array([likely for is_real, likely in heard if not is_real])
    return [
        (t, float((real >= t).mean()) if real.size else 0.0, float((ordinary >= t).mean()) if ordinary.size else 0.0)
        for t in thresholds
    ]


def _grams(text: str) -> list[str]:
    return [*_ALWAYS, *characters_and_pairs(text)]


def _evenly(texts: Sequence[str], most: int) -> Sequence[str]:
    return texts[:: max(1, len(texts) // most)][:most]
