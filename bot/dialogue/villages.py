"""The villager's village: chosen by digits, named in a message, bound by a QR code; and whom to call there."""

import re
from dataclasses import replace
from functools import lru_cache

from bot.dialogue import show
from bot.dialogue.state import Choice, State
from bot.dialogue.turn import Context, Done, Outcome
from bot.faq import telling
from bot.faq.hours import is_open, next_duty
from bot.faq.town import Village
from bot.ledger import tickets
from bot.ledger.clock import local_time
from bot.ledger.database import Database
from bot.matching.normalise import normalise
from bot.message import Reply

_SUFFIX = re.compile(r"(?:社区|居委会|村委会|村)$")
_SAYS_SO = re.compile(r"(?:我|我们|我家|俺|𠊎|我屋企)(?:是|在|系|住|住在|家在|屋企在|的村是|村是|的村子是)?")


def listing(turn: Context, value: str) -> Outcome:
    """List the villages to choose one's own; ``value`` is the page."""
    town = turn.snapshot.town
    page = int(value or 1)
    items = [Choice(v.name, f"village:{v.name}") for v in (town.villages if town else ())]
    items.append(Choice(turn.words.browsing.other_town, "village:"))
    back = f"villages:{page - 1}" if page > 1 else "menu"
    reply, state = show.listing(turn, turn.words.browsing.which_village, items, page=page, turn_page="villages", back=back)
    return Outcome(reply, "command", state=state)


def chosen(turn: Context, name: str) -> Outcome:
    """Keep the village that was chosen or named; open tickets get it too. An empty name keeps none."""
    village = turn.snapshot.village(name)
    if village is None:
        return Outcome(Reply(turn.words.browsing.no_village), "command", state=State(), village="")
    reply = Reply(telling.village_set(turn.words, village, adviser_line(turn, village)))

    def effect(db: Database) -> Done:
        tickets.set_village(db, turn.villager.villager, village.name)
        return Done(reply, replace(turn.state, choices=(), back="menu"))

    return Outcome(reply, "command", village=village.name, effect=effect)


def scanned(turn: Context) -> Village | None:
    """Return the village whose QR code was scanned."""
    town, scene = turn.snapshot.town, turn.text
    return next((v for v in (town.villages if town else ()) if str(v.scene) == scene), None)


def told(turn: Context) -> Village | None:
    """Return the village that the whole message names: 王家村, 我是王家村的; 我的村 王家村."""
    said = normalise(turn.text)
    for village in _in(said, turn):
        for name in names(village):
            rest = said.replace(name, "", 1) if name in said else None
            if rest is not None and re.fullmatch(rf"(?:{_SAYS_SO.pattern})?(?:我的村)?(?:的|人|的人|的村民|村民)?", rest):
                return village
    return None


def named(turn: Context, text: str) -> Village | None:
    """Return the village that a text names, if it is exactly one."""
    said = normalise(text)
    found = []
    for village in _in(said, turn):
        name = names(village)[0]
        if name in said:
            found.append(village)
            said = said.replace(name, " ")
    return found[0] if len(found) == 1 else None


def adviser_line(turn: Context, village: Village) -> str:
    """Return who looks after a village and when they are there next."""
    return telling.adviser_line(turn.words, village.adviser, next_duty(village.adviser.duty, local_time(turn.now)))


def contact(turn: Context) -> str:
    """Return whom to call: the adviser of the villager's village, the town's office of justice, and whether now."""
    town = turn.snapshot.town
    if town is None:
        return telling.hotline_lines(turn.snapshot.hotlines)
    office = telling.office_line(turn.words, town.justice_office, is_open(town.justice_office.hours, local_time(turn.now)))
    return f"{adviser_line(turn, turn.village)}\n{office}" if turn.village else office


def _in(said: str, turn: Context) -> list[Village]:
    """Return the villages whose name, long or short, is in a normalised text, the longest first."""
    town = turn.snapshot.town
    found = [v for v in (town.villages if town else ()) if names(v)[-1] in said]
    return sorted(found, key=lambda v: -len(v.name)) if len(found) > 1 else found


def names(village: Village) -> tuple[str, ...]:
    """Return how a village may be called, normalised: with and without 村, 社区."""
    return _names(village.name)


@lru_cache(1024)
def _names(name: str) -> tuple[str, ...]:
    # The same few names are looked for in every message.
    whole = normalise(name)
    short = _SUFFIX.sub("", whole)
    return (whole, short) if len(short) >= 2 else (whole,)
