"""Why an entry won, for an adviser: what was read, which words counted, what came second and how close."""

from dataclasses import dataclass

import numpy as np

from bot.matching.grams import pairs
from bot.matching.index import Candidate, Index, Ranking, standardised
from bot.matching.lexicon import Group
from bot.matching.model import SIGNALS, SIGNALS_IN_WORDS
from bot.matching.normalise import normalise


@dataclass(frozen=True)
class Trace:
    """The way from a question to its ranking.

    read: the question after normalising; compared: after the lexicon and without filler words.
    fired: the words that the lexicon rewrote, each with its group.
    words: the question's pairs of characters that the first entry's phrasings hold, most telling first, with their rarity.
    missing: those that they do not hold.
    reasons: what each signal gave the first entry over the second, the largest first.
    """

    question: str
    read: str
    compared: str
    fired: tuple[tuple[str, Group], ...]
    ranking: Ranking
    words: tuple[tuple[str, float], ...]
    missing: tuple[str, ...]
    reasons: tuple[tuple[str, float], ...]


def explain(index: Index, question: str) -> Trace:
    """Trace one question; costs a little more than ranking it."""
    read, text = normalise(question), index.essence(question)
    ranking = index.ranking(question)
    words: list[tuple[str, float]] = []
    missing: list[str] = []
    reasons: list[tuple[str, float]] = []
    if ranking.candidates:
        first = index.ids.index(ranking.candidates[0].id)
        for pair in dict.fromkeys(pairs(text)):
            rarity = index.rarity_in(first, pair)
            if rarity is None:
                missing.append(pair)
            else:
                words.append((pair, rarity))
        if len(ranking.candidates) > 1:
            second = index.ids.index(ranking.candidates[1].id)
            gains = (standardised(index.signals(text)[0]) * index.model.weights())[[first, second]]
            order = np.argsort(-np.abs(gains[0] - gains[1]))
            reasons = [(SIGNALS_IN_WORDS[SIGNALS[n]], float(gains[0][n] - gains[1][n])) for n in order]
    words.sort(key=lambda word: -word[1])
    return Trace(question, read, text, tuple(index.lexicon.fired(read)), ranking, tuple(words), tuple(missing), tuple(reasons))


def in_words(trace: Trace, questions: dict[str, str]) -> str:
    """Return the trace in plain Chinese; ``questions`` are the entries' standard questions by id."""
    lines = [f"比较时看的是：{trace.compared or '（没有内容）'}"]
    lines += [f"词表：「{word}」当作「{group.words[0]}」（{group.kind}：{group.why}）" for word, group in trace.fired]
    if trace.ranking.outside:
        lines.append(f"更像条目以外的话题：{trace.ranking.outside.topic}（{trace.ranking.outside.why}）")
    if not trace.ranking.candidates:
        return "\n".join([*lines, "没有可以比较的内容，按没听懂处理。"])
    first = trace.ranking.candidates[0]
    lines.append(f"第一名：{_named(first, questions)}，把握 {trace.ranking.confidence:.0%}")
    lines.append(f"　最像的问法：「{first.phrasing}」")
    if trace.words:
        lines.append("　起作用的词（越靠前越少见）：" + "、".join(word for word, _ in trace.words[:8]))
    if trace.missing:
        lines.append("　它的问法里没有的词：" + "、".join(trace.missing[:8]))
    for place, candidate in enumerate(trace.ranking.candidates[1:], 2):
        lines.append(f"第{place}名：{_named(candidate, questions)}")
    if trace.reasons:
        gains = [f"{name}{'多' if gain > 0 else '少'}{abs(gain):.1f}分" for name, gain in trace.reasons[:4] if abs(gain) >= 0.1]
        if gains:
            lines.append("第一名比第二名：" + "，".join(gains))
    return "\n".join(lines)


def _named(candidate: Candidate, questions: dict[str, str]) -> str:
    return f"{questions.get(candidate.id, '')}（{candidate.id}，可能性 {candidate.score:.0%}）"
