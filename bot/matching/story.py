"""Long stories: people write a hundred characters with two matters in them; each sentence is read by itself for the second."""

import re

from bot.matching.index import Candidate, Index

SHORTEST_STORY, SHORTEST_PART = 24, 8
"""In characters as they are compared: below, a text has one matter, and a sentence says too little by itself."""

MOST_PARTS = 4

SURE = 0.7
"""The confidence from which a sentence is taken for a matter of its own: it is only offered, so less than for answering."""

_ENDS = re.compile(r"[。！？!?；;\n]+|[，,\s]*(?=另外|还有(?:就是|一件|个)|再问|顺便|再一个|第二个?问题|二是|同时我)")


def second_matter(index: Index, text: str, first: str) -> Candidate | None:
    """Return the entry of a sentence of ``text`` that is surely about something else than ``first``, or None.

    Costs a ranking a sentence.
    """
    if len(index.essence(text)) < SHORTEST_STORY:
        return None
    parts = [part for part in _ENDS.split(text) if len(index.essence(part)) >= SHORTEST_PART]
    if len(parts) < 2:
        return None
    categories = index.categories
    for part in parts[-MOST_PARTS:]:
        ranking = index.ranking(part, limit=1)
        best = ranking.candidates[0] if ranking.candidates else None
        if best and ranking.confidence >= SURE and categories[best.id] != categories[first]:
            return best
    return None
