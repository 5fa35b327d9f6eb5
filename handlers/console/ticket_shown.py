"""How a ticket is shown in the console: how it stands, who has it, what happened to it; in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot import wording
from bot.ledger import tickets
from bot.ledger.clock import local_time, moment
from bot.ledger.tickets import Ticket

STATES = {"open": "等答复", "answered": "已答复，等群众来看", "closed": "已办结", "all": "全部"}
BECAUSE = {"asked": "群众要找人", "missed": "机器人没答上", "useless": "群众说答案没用"}


@dataclass(frozen=True)
class Shown:
    """A ticket in the list: whether it is late, and who has it."""

    ticket: Ticket
    due: str
    late: bool
    state: str
    who: str


def told(event: tickets.Event, names: Mapping[int, str]) -> tuple[str, str]:
    """Return an event in words: what happened, and what was said."""
    word, _, said = event.what.partition(": ")
    who = names.get(event.adviser or 0, "有人")
    if word.startswith("passed to "):
        return f"{who}转给{names.get(int(word.removeprefix('passed to ')), '别人')}", ""
    words = {
        "opened": "转给人答复",
        "answered": f"{who}答复",
        "closed": f"{who}办结" + (f"：{said}" if said else ""),
        "delivered": "群众看到了答复",
        "drafted": f"{who}做成条目草稿",
        "words removed": "原话已按规定删掉",
        "identity removed": "到期，已去掉代号和原话",
    }
    return words.get(word, "有改动"), said if word == "answered" else ""


def shown_of(ticket: Ticket, names: Mapping[int, str], now: datetime) -> Shown:
    """Return a ticket as the list shows it."""
    state = state_of(ticket)
    due = moment(ticket.due_at)
    who = names.get(ticket.answered_by or ticket.assigned or 0, "")
    return Shown(ticket, wording.minute(local_time(due)), state == "open" and now > due, STATES[state], who)


def state_of(ticket: Ticket) -> str:
    """Return how a ticket stands, of ``STATES``."""
    if ticket.closed_at is not None:
        return "closed"
    return "open" if ticket.answer is None else "answered"


def minute(at: str) -> str:
    """Return a stamp as people write it, in the town's time."""
    return wording.minute(local_time(moment(at)))
