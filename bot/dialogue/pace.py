"""How many messages one sender may send: plenty for a family on one phone, too few to keep others waiting."""

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal

from bot.dialogue.crisis import crisis
from bot.dialogue.turn import Context, Outcome
from bot.faq import telling
from bot.ledger.clock import local_day
from bot.message import Incoming, Reply

Verdict = Literal["go", "minute", "day", "silent"]
"""``go``: answer. ``minute``, ``day``: too many within that; say so, and answer emergencies alone. ``silent``: say nothing."""

HARD_TIMES = 3
"""From this many times the limit on, nothing is answered or recorded any more."""

ADDRESS_TIMES = 20
"""How many times as much one network address may send as one sender: a mobile network puts many phones behind one."""

REMEMBERED = 20_000
"""Of how many senders and addresses the last messages are remembered; those who wrote longest ago are forgotten first."""

RETRIES_SPAN = 100
"""How many messages of a sender are remembered where there is no limit by the minute: WeChat sends one again in seconds."""

_MINUTE = timedelta(minutes=1)


@dataclass
class _Lately:
    """What one sender or address sent today, and the messages of the last minute by their keys, oldest first."""

    day: date
    today: int = 0
    minute: OrderedDict[str, tuple[datetime, Verdict]] = field(default_factory=OrderedDict)


class Pace:
    """Counts in this process, in memory of bounded size. Safe to share between threads. A limit of 0 is no limit."""

    def __init__(self, *, per_minute: int, per_day: int) -> None:
        self._per_minute, self._per_day = per_minute, per_day
        self._lately: OrderedDict[str, _Lately] = OrderedDict()
        self._lock = threading.Lock()

    def weigh(self, message: Incoming, who: str, key: str, now: datetime) -> Verdict:
        """Tell what becomes of ``message`` of pseudonym ``who``; the same message again (same ``key``) fares as before.

        Who leaves is never kept waiting, for their data goes with them.
        """
        if message.kind == "unsubscribe":
            return "go"
        with self._lock:
            own = self._of(who, key, now, 1)
            everybody = self._of(f"address {message.address}", key, now, ADDRESS_TIMES) if message.address else "go"
        return max(own, everybody, key=("go", "minute", "day", "silent").index)

    def _of(self, whose: str, key: str, now: datetime, times: int) -> Verdict:
        today = local_day(now)
        lately = self._lately.setdefault(whose, _Lately(today))
        self._lately.move_to_end(whose)
        while len(self._lately) > REMEMBERED:
            self._lately.popitem(last=False)
        if lately.day != today:
            lately.day, lately.today = today, 0
        if key in lately.minute:
            return lately.minute[key][1]
        # A time to come is from before the clock was set back.
        while lately.minute and not timedelta(0) <= now - next(iter(lately.minute.values()))[0] < _MINUTE:
            lately.minute.popitem(last=False)
        verdict = self._verdict(len(lately.minute) + 1, lately.today + 1, times)
        if verdict != "silent":  # so that a flood neither grows the memory nor keeps its sender out for ever
            lately.today += 1
            lately.minute[key] = now, verdict
            if not self._per_minute and len(lately.minute) > RETRIES_SPAN:
                lately.minute.popitem(last=False)
        return verdict

    def _verdict(self, this_minute: int, today: int, times: int) -> Verdict:
        def over(number: int, limit: int) -> bool:
            return limit > 0 and number > limit * times

        if over(this_minute, HARD_TIMES * self._per_minute) or over(today, HARD_TIMES * self._per_day):
            return "silent"
        if over(today, self._per_day):
            return "day"
        return "minute" if over(this_minute, self._per_minute) else "go"


def limited(turn: Context, verdict: Verdict) -> Outcome:
    """Return what somebody gets who writes too much: the card of an emergency, or a sentence and whom to call."""
    return crisis(turn) or Outcome(
        Reply(telling.too_many(turn.words, turn.snapshot.hotlines, today=verdict == "day")), "limited"
    )
