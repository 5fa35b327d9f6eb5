"""``/metrics``: numbers for Prometheus on how the bot does; nothing of who asked, what, or from where.

Every label takes its values from a short list. Several processes count in files that they share, in a folder that is made
for them before they start (``shared``); what a file cannot say, as the age of the knowledge, is that of the process asked.
"""

import ipaddress
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from flask import Blueprint, Flask, Response, abort, g, request

from bot.settings import networks
from bot.tally import AGAIN, LEDGER, MESSAGE, READ, SILENT, WRITE
from handlers.health import ledger_state
from handlers.server import QUEUE
from handlers.services import Services, services

if TYPE_CHECKING:
    from prometheus_client.core import GaugeMetricFamily

blueprint = Blueprint("metrics", __name__)

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The variable in which prometheus-client looks, when it is first loaded, for the folder that processes share."""

BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 4, 4.5, 5, 10)
"""Seconds. After five, WeChat asks again; three times in vain, and the villager reads that the account is out of service."""

FORGED, UNREADABLE, TOO_LARGE, REPLAYED = "forged", "unreadable", "too_large", "replayed"
REFUSED = {403: FORGED, 400: UNREADABLE, 413: TOO_LARGE}

OUTCOMES = (
    "answer", "choose", "miss", "crisis", "command", "read", "empty", "event", "media", "logged", "limited",
    AGAIN, SILENT, FORGED, UNREADABLE, TOO_LARGE, REPLAYED, "other",
)  # fmt: skip
PARTS = ("wechat", "web", "console", "other")
_STATUSES = ("2xx", "3xx", "4xx", "5xx")


@contextmanager
def shared(processes: int) -> Iterator[None]:
    """Make the folder in which several processes count, for as long as they run."""
    if processes == 1 or not hasattr(os, "fork"):
        yield
        return
    with TemporaryDirectory(prefix="bot-metrics-", ignore_cleanup_errors=True) as folder:
        os.environ[FOLDER] = folder
        yield


class Metrics:
    """What one app counts. Cheap to count, and safe to share between threads."""

    def __init__(self) -> None:
        # Not before: where it keeps its numbers is decided when it is loaded.
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

        self.registry = of = CollectorRegistry()
        self._messages = Counter("bot_messages", "Messages by what became of them", ["outcome"], registry=of)
        self._ledger = Counter("bot_ledger_errors", "What the ledger failed to do for a message", ["action"], registry=of)
        self._responses = Counter("bot_responses", "Answers over HTTP", ["part", "status"], registry=of)
        self._seconds = Histogram(
            "bot_answer_seconds", "From a whole request to its answer", ["part"], buckets=BUCKETS, registry=of
        )
        self._running = Gauge("bot_requests_running", "Requests being answered", multiprocess_mode="livesum", registry=of)
        self._waiting = Gauge(
            "bot_requests_waiting", "Requests that waited when the last one was begun", multiprocess_mode="livemax", registry=of
        )
        # Found once and kept: to look a label up takes longer than to count.
        self._by_outcome = {outcome: self._messages.labels(outcome) for outcome in OUTCOMES}
        for action in (READ, WRITE):
            self._ledger.labels(action)
        self._by_part = {part: self._seconds.labels(part) for part in PARTS}
        self._by_status = {
            (part, int(status[0])): self._responses.labels(part, status) for part in PARTS for status in _STATUSES
        }
        self._of_towns = Counter(
            "bot_town_messages", "Messages of each of several towns by what became of them", ["town", "outcome"], registry=of
        )
        self._seen: tuple[object, float] = (None, 0.0)

    def tell(self, what: str, kind: str) -> None:
        """Count what the dialogue says that happened."""
        if what == MESSAGE:
            self._by_outcome.get(kind, self._by_outcome["other"]).inc()
        elif what == LEDGER:
            self._ledger.labels(kind).inc()

    def tell_of(self, town: str, what: str, kind: str) -> None:
        """Count what the dialogue of one of several towns says that happened."""
        self.tell(what, kind)
        if what == MESSAGE:
            self._of_towns.labels(town, kind if kind in OUTCOMES else "other").inc()

    def of(self, town: str) -> "TownMetrics":
        """Return what one of several towns counts with."""
        return TownMetrics(self, town)

    def begin(self, waiting: int) -> float:
        """Note that a request is begun; return when."""
        self._running.inc()
        self._waiting.set(waiting)
        return time.perf_counter()

    def end(self) -> None:
        """Note that a request was dealt with, however it ended."""
        self._running.dec()

    def answered(self, part: str, status: int, began: float) -> None:
        """Note an answer and how long it took."""
        self._by_status[part, status // 100].inc()
        self._by_part[part].observe(time.perf_counter() - began)

    def text(self, now: Services) -> bytes:
        """Return everything in Prometheus' text format."""
        from prometheus_client import CollectorRegistry, generate_latest
        from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

        whole = CollectorRegistry()
        if folder := os.environ.get(FOLDER):
            for number in _gone(Path(folder)):
                mark_process_dead(number, folder)  # type: ignore[no-untyped-call]
            MultiProcessCollector(whole, folder)  # type: ignore[no-untyped-call]
        whole.register(_Fixed(self._gauges(now)))
        return generate_latest(self.registry) * (not folder) + generate_latest(whole)

    def _gauges(self, now: Services) -> list["GaugeMetricFamily"]:
        from prometheus_client.core import GaugeMetricFamily

        snapshot = now.library.current
        if self._seen[0] is not snapshot:
            self._seen = (snapshot, now.clock().timestamp())
        values = (
            ("bot_ledger_up", "1: the ledger can be read and written", float(ledger_state() == "ok")),
            ("bot_spool_rows", "Messages that wait on the side to be taken into the ledger", float(spooled(now))),
            ("bot_knowledge_entries", "Entries in use", float(len(snapshot.entries))),
            (
                "bot_knowledge_findings",
                "Problems of the knowledge folder that wait for somebody",
                float(len(snapshot.findings)),
            ),
            ("bot_knowledge_loaded_timestamp_seconds", "Since when the knowledge is in use, as far as seen", self._seen[1]),
            ("bot_threads", "Requests that can be answered at once", float(now.settings.threads * now.settings.processes)),
        )
        return [GaugeMetricFamily(name, text, value=value) for name, text, value in values] + self._gauges_of_towns(now)

    @staticmethod
    def _gauges_of_towns(now: Services) -> list["GaugeMetricFamily"]:
        from prometheus_client.core import GaugeMetricFamily

        towns = now.towns.all() if now.towns else []
        found = []
        for name, text, value in (
            (
                "bot_town_ledger_up",
                "1: as far as seen, the town's ledger can be read and written",
                lambda t: not t.standby.trouble,
            ),
            ("bot_town_spool_rows", "Messages that wait on the side to be taken into the town's ledger", spooled),
            ("bot_town_knowledge_entries", "Entries of the town in use", lambda t: len(t.library.current.entries)),
        ):
            family = GaugeMetricFamily(name, text, labels=["town"])
            for town in towns:
                family.add_metric([town.settings.slug], float(value(town)))
            found.append(family)
        return found


class TownMetrics:
    """What one of several towns counts, in the numbers of the whole process."""

    def __init__(self, whole: Metrics, town: str) -> None:
        self._whole, self._town = whole, town

    def of(self, town: str) -> "TownMetrics":
        """Return what another town counts with."""
        return TownMetrics(self._whole, town)

    def tell(self, what: str, kind: str) -> None:
        """Count what the dialogue says that happened."""
        self._whole.tell_of(self._town, what, kind)


class _Fixed:
    """A collector of numbers that were found out for this one answer."""

    def __init__(self, families: list["GaugeMetricFamily"]) -> None:
        self._families = families

    def collect(self) -> list["GaugeMetricFamily"]:
        return self._families


def spooled(now: Services) -> int:
    """Return how many messages wait on the side because the ledger could not be written."""
    spool = now.standby.spool
    try:
        return sum(path.read_bytes().count(b"\n") for path in spool.waiting()) + spool.held
    except OSError:  # taken in, or taken away, at this moment
        return spool.held


def register(app: Flask) -> None:
    """Count the requests of ``app``, and show the numbers to whoever may see them."""
    metrics: Metrics = app.extensions["bot"].metrics
    app.register_blueprint(blueprint)

    @app.before_request
    def _begin() -> None:
        g.began = metrics.begin(len(request.environ.get(QUEUE, ())))

    @app.after_request
    def _answered(response: Response) -> Response:
        part = part_of(request.path)
        metrics.answered(part, response.status_code, g.get("began", time.perf_counter()))  # some are refused before they begin
        return response

    @app.teardown_request
    def _end(_: BaseException | None) -> None:
        if "began" in g:
            metrics.end()


def part_of(path: str) -> str:
    """Return which part of the program an address belongs to, one of ``PARTS``."""
    if path == "/wechat":
        return "wechat"
    if path.startswith("/console"):
        return "console"
    return "web" if path in {"/", "/ask"} else "other"


@blueprint.get("/metrics")
def metrics() -> Response:
    """Show the numbers to the addresses of METRICS_FROM; to others there is no such page."""
    try:
        address = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        abort(404)
    if not any(address in network for network in networks(services().settings.metrics_from) or ()):
        abort(404)
    shown = services().metrics
    if not isinstance(shown, Metrics):  # all numbers are in one place
        abort(404)
    response = Response(shown.text(services()), content_type="text/plain; version=0.0.4; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    return response


def _gone(folder: Path) -> set[int]:
    """Return the numbers of processes that have gauges in the folder and are no more."""
    numbers = {int(path.stem.rpartition("_")[2]) for path in folder.glob("gauge_live*_*.db")}
    return {number for number in numbers if not _runs(number)}


def _runs(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
