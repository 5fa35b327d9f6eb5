"""What the pages of the FAQ share: who may do what, the folder, and what is worked out once for all of them."""

import json
import logging
import os
import re
import secrets
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any

from flask import abort, url_for

from bot.dialogue.drafts import ELSEWHERE
from bot.faq.check import Folder
from bot.faq.edit.drafting import Held, held
from bot.faq.edit.editing import LISTS, Fields
from bot.faq.edit.entry_check import Checked
from bot.faq.edit.replay import Replay, Said, Trials
from bot.faq.edit.shared import Standing, standing
from bot.faq.entry import ID
from bot.faq.library import Snapshot
from bot.faq.town import read_catalogue
from bot.ledger.access import audit
from bot.ledger.clock import local_day
from handlers.console.access import ADMIN, JUSTICE, LAWYER, MINDER, user
from handlers.services import installation, kept, services

logger = logging.getLogger(__name__)

EDITORS = (JUSTICE, LAWYER, MINDER, ADMIN)
SIGNERS = (LAWYER, JUSTICE)
STOPPERS = (JUSTICE, LAWYER, ADMIN)

PARKED = "edits"
PARKED_SECONDS = 24 * 3600


@dataclass
class Run:
    """Questions being asked again, in the background: how far it is, or what it came to. said: 「正在…」, for people."""

    said: str = "正在排队"
    done: int = 0
    of: int = 0
    found: Replay | None = None
    failed: str = ""


@dataclass
class Desk:
    """What one process keeps for the pages of one town's FAQ."""

    trials: Trials
    checked: Checked = field(default_factory=Checked)
    runs: dict[str, Run] = field(default_factory=dict)
    before: tuple[object, dict[str, Said]] = (None, {})
    turn: threading.Lock = field(default_factory=threading.Lock)


def desk() -> Desk:
    """Return the desk of this process."""
    found: Desk = kept("faq", lambda: Desk(Trials(services().settings.memory_dir)))
    found.trials.forget_old()
    return found


def folder() -> Path:
    """Return the knowledge folder."""
    return services().settings.knowledge_dir


def shared() -> Path | None:
    """Return the folder that all towns of the county share; None in the county's own console, and where there is one town."""
    place = installation().settings.knowledge_dir
    return None if place == folder() else place


def standings() -> Mapping[str, Standing]:
    """Return how the town's entries stand to the shared ones, by id; nothing where nothing is shared, or it cannot be read."""
    place = shared()
    try:
        return standing(place, folder()) if place is not None else {}
    except Exception:  # whatever a broken history causes; the entries themselves can still be worked on
        logger.exception("看不了哪些条目是县里共用的")
        return {}


def home_of(id_: str) -> str:
    """Return the address of an entry's page."""
    return url_for("console.faq.entry", id_=id_)


def today() -> date:
    """Return the town's day."""
    return local_day(services().clock())


def snapshot() -> Snapshot:
    """Return what is being served."""
    return services().library.current


def checked_folder() -> Folder:
    """Return the folder as the checks look at it."""
    return Folder(folder(), snapshot(), today())


def held_or_404(id_: str) -> Held:
    """Return the files of an entry; 404 where there is none."""
    if not re.fullmatch(ID, id_) or len(id_) > 64:
        abort(404)
    found = held(folder(), id_)
    if found.current is None:
        abort(404)
    return found


def author() -> str:
    """Return the name under which the history keeps what the person does, with the one that is theirs alone."""
    who = user()
    return who.shown if who.shown == who.name else f"{who.shown}（{who.name}）"


def is_mine(name: str | None) -> bool:
    """Tell whether a name in the history, or of an entry's author, is the person who asks."""
    who = user()
    return name is not None and (name in {who.name, who.shown} or name.endswith(f"（{who.name}）"))


def note(what: str, about: str) -> None:
    """Put what was done into the security log."""
    now = services().clock()
    with services().store.writing() as db:
        audit.note(db, who=user().name, what=what, about=about, now=now)


def categories(also: Sequence[str] = ()) -> list[str]:
    """Return the categories: those that the catalogue names, in its order, then what else the entries have."""
    listed, _ = read_catalogue(folder() / "catalogue.yaml")
    there = sorted({entry.category for entry in snapshot().entries.values()})
    return list(dict.fromkeys([*(listed or {}), *there, *filter(None, also)])) or [ELSEWHERE]


@dataclass(frozen=True)
class Parked:
    """An edit put aside while its effect is looked at: whose, of which entry, what it says, on which text it was based."""

    who: str
    id: str
    fields: Fields
    base: str | None
    why: str = ""
    signing: bool = False


def park(edit: Parked) -> str:
    """Put an edit aside for a day and return its name; every process of the server finds it."""
    place = services().settings.cache_dir / PARKED
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    now = services().clock().timestamp()
    for old in place.glob("*.json"):
        if now - old.stat().st_mtime > PARKED_SECONDS:
            old.unlink(missing_ok=True)
    token = secrets.token_urlsafe(16)
    draft = place / f".{token}"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as f:
        json.dump(asdict(edit), f, ensure_ascii=False)
    os.utime(draft, (now, now))
    draft.replace(place / f"{token}.json")
    return token


def parked(token: str) -> Parked:
    """Return an edit of the person who asks; 404 for anybody else's, and for one that is gone."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{22}", token):
        abort(404)
    try:
        data = json.loads((services().settings.cache_dir / PARKED / f"{token}.json").read_text(encoding="utf-8"))
        said: dict[str, Any] = {f.name: data["fields"][f.name] for f in fields(Fields)}
        said |= {name: tuple(said[name]) for name in LISTS}
        found = Parked(**{**data, "fields": Fields(**said)})
    except (OSError, ValueError, KeyError, TypeError):
        abort(404)
    if found.who != user().name:
        abort(404)
    return found
