"""One of several towns, made ready to answer: its ledger and gate at once, its knowledge in the background."""

import threading
from dataclasses import replace

from bot.dialogue.pace import Pace
from bot.faq.edit import beginning, publish
from bot.faq.library import Library
from bot.ledger.towns import Town, settings_for
from handlers import ledger
from handlers.services import Services
from handlers.wechat_io import Gate


def opened(base: Services, town: Town) -> Services:
    """Return a town that can take messages, though it knows no entry yet. Raises TownError, StoreError, OSError."""
    settings = settings_for(base.settings, town)
    settings.ledger_place.mkdir(parents=True, exist_ok=True)
    store, standby = ledger.opened(settings)
    library = Library(settings.knowledge_dir, only_signed=settings.answer_from == "signed", memory=settings.memory_dir)
    library.begin()
    pace = Pace(per_minute=settings.pace_per_minute, per_day=settings.pace_per_day)
    metrics = base.metrics.of(town.slug)
    return Services(
        settings, store, library, Gate(settings), threading.Event(), base.clock, pace, metrics, standby, town=town
    )  # fmt: skip


def changed(old: Services, base: Services, town: Town) -> Services:
    """Return the same town with its new keys, name or state. Raises TownError."""
    settings = settings_for(base.settings, town)
    old.library.only_signed = settings.answer_from == "signed"
    return replace(old, settings=settings, gate=Gate(settings), town=town)


def read(town: Services, base: Services) -> None:
    """Read a town's knowledge; takes seconds. Raises OSError."""
    folder = town.settings.knowledge_dir
    if not town.store.is_file:
        publish.catch_up(town.store, folder, town.clock())
    name = town.town.name if town.town else ""
    beginning.begin(base.settings.knowledge_dir, folder, name, now=town.clock())  # one that another machine added
    town.library.refresh()
    if not town.ready.is_set() and not town.store.is_file:
        threading.Thread(
            target=publish.follow, args=(town.store, folder, town.stop, town.clock), name="publishing", daemon=True
        ).start()
    town.ready.set()
