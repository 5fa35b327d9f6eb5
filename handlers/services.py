"""What every view works with: made once per process by ``create_app``, and once for each of several towns."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from flask import current_app, has_request_context, request

from bot.dialogue.pace import Pace
from bot.faq.library import Library
from bot.ledger.standby import Standby
from bot.ledger.store import Store
from bot.ledger.towns import Town
from bot.settings import Settings
from handlers.wechat_io import Gate

if TYPE_CHECKING:
    from handlers.metrics import Metrics, TownMetrics
    from handlers.towns import Towns

TOWN = "bot.town"
"""In a request's WSGI environment: the services of the town that it is for."""

Kept = TypeVar("Kept")


def utc_now() -> datetime:
    """Return the moment, aware."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Services:
    """The settings, the ledger, the knowledge, WeChat's gate and the clock of one app; ``stop`` ends its background thread.

    pace: how much one sender may send. metrics: what is counted for Prometheus. standby: what is done while the ledger fails.
    town: which of several this is of; towns: all of them, of the installation itself. ready: set once a town's knowledge is
    read. kept: what modules keep between requests; nothing of a town may be kept anywhere else.
    """

    settings: Settings
    store: Store
    library: Library
    gate: Gate
    stop: threading.Event
    clock: Callable[[], datetime]
    pace: Pace
    metrics: "Metrics | TownMetrics"
    standby: Standby
    town: Town | None = field(default=None, kw_only=True)
    towns: "Towns | None" = field(default=None, kw_only=True)
    ready: threading.Event = field(default_factory=threading.Event, kw_only=True)
    kept: dict[str, Any] = field(default_factory=dict, kw_only=True)


def services() -> Services:
    """Return the services of the town that this request is for; without towns, of the app."""
    made: Services | None = request.environ.get(TOWN) if has_request_context() else None
    return made or installation()


def installation() -> Services:
    """Return the services of the installation itself, whichever town a request is for."""
    made: Services = current_app.extensions["bot"]
    return made


def kept(name: str, make: Callable[[], Kept]) -> Kept:
    """Return what this process keeps under a name for the town that the request is for; made when it is first wanted."""
    here = services().kept
    found: Kept = here[name] if name in here else here.setdefault(name, make())
    return found
