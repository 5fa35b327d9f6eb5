"""What every view works with, made once per process by ``create_app``."""

import threading
from dataclasses import dataclass

from flask import current_app

from bot.faq.library import Library
from bot.ledger.store import Store
from bot.settings import Settings
from handlers.wechat_io import Gate


@dataclass(frozen=True)
class Services:
    """The settings, the ledger, the knowledge and WeChat's gate of one app; ``stop`` ends its background thread."""

    settings: Settings
    store: Store
    library: Library
    gate: Gate
    stop: threading.Event


def services() -> Services:
    """Return the services of the app that serves this request."""
    made: Services = current_app.extensions["bot"]
    return made
