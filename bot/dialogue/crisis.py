"""An emergency comes before everything else: a fixed, signed card, nothing kept of what was written or by whom."""

import re

from bot.dialogue.commands import command_of
from bot.dialogue.state import State
from bot.dialogue.turn import Context, Done, Outcome
from bot.faq import telling
from bot.ledger import duties
from bot.ledger.database import Database
from bot.message import Reply

JUST_ASKING = re.compile(r"\s*(?:我?只?是?问|想问|问问)[\s:：,，]+(?=\S)")
"""问 before a sentence says that it is no emergency: the way out of a false alarm, which each card names."""


def crisis(turn: Context) -> Outcome | None:
    """Self-harm, violence, a child in danger, a fraud under way …: whom to call, now."""
    if turn.message.kind not in {"text", "voice", "click"} or JUST_ASKING.match(turn.text) or command_of(turn.text):
        return None
    found = turn.snapshot.crisis.emergency_in(turn.text)
    if found is None:
        return None
    lines = [line for number in found.hotlines for line in turn.snapshot.hotlines if line.number == number]
    reply = Reply(telling.crisis(turn.words, found, lines))
    village = turn.villager.village

    def effect(db: Database) -> Done:
        if found.reportable:
            duties.open_duty(db, kind=found.kind, village=village, now=turn.now)
        return Done(reply)

    return Outcome(reply, "crisis", category=found.kind, state=State(), effect=effect, secret=True)
