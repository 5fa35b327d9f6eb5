"""What every view works with, made once per process by ``create_app``."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import current_app

from bot.faq.library import Library
from bot.ledger.store import Store
from bot.settings import Settings
from handlers.wechat_io import Gate


def utc_now() -> datetime:
    """Return the moment, aware."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Services:
    """The settings, the ledger, the knowledge, WeChat's gate and the clock of one app; ``stop`` ends its background thread."""

    settings: Settings
    store: Store
    library: Library
    gate: Gate
    stop: threading.Event
    clock: Callable[[], datetime]


def services() -> Services:
    """Return the services of the app that serves this request."""
    made: Services = current_app.extensions["bot"]
    return made
