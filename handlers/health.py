"""``/healthz``: is everything in order; ``/readyz``: may messages be sent here. Both are cheap and say nothing of anybody."""

import threading
import time

from flask import Blueprint, Response, jsonify

from bot.ledger.store import Store, StoreError
from handlers.server import DRAINING
from handlers.services import kept, services

blueprint = Blueprint("health", __name__)

LASTS = 2.0
"""For how many seconds the ledger is not tried again: monitors ask often, and a locked ledger makes a try wait."""


class Probe:
    """Tries now and then whether the ledger can be read and written."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._trying = threading.Lock()
        self._tried = float("-inf")
        self._found = "ok"

    def state(self) -> str:
        """Return ``ok``, or the kind of error; while another request is trying, what was found last."""
        if time.monotonic() - self._tried > LASTS and self._trying.acquire(blocking=False):
            try:
                self._found = self._try()
                self._tried = time.monotonic()
            finally:
                self._trying.release()
        return self._found

    def _try(self) -> str:
        try:
            with self._store.writing("probe") as db:  # holds up nobody, and has the patience of a message
                db.execute("select 1 from turns limit 1")
        except StoreError as e:
            return type(e.__cause__ or e).__name__
        return "ok"


def ledger_state() -> str:
    """Return ``ok`` where the ledger of this app can be read and written, else the kind of error."""
    if services().standby.trouble:
        return "StoreError"
    return kept("ledger probe", lambda: Probe(services().store)).state()


@blueprint.get("/healthz")
def healthz() -> tuple[Response, int]:
    """Return 200 where all is in order, 503 where somebody must come: the ledger or the knowledge cannot be used."""
    snapshot = services().library.current
    ledger = ledger_state()
    ok = ledger == "ok" and bool(snapshot.entries)
    body: dict[str, object] = {
        "status": "ok" if ok else "failing",
        "ledger": ledger,
        "entries": len(snapshot.entries),
        "findings": len(snapshot.findings),
    }
    if services().towns and (failing := _failing_towns()) is not None:
        ok = ok and not failing
        body |= {"status": "ok" if ok else "failing", "failing_towns": failing}
    return jsonify(body), 200 if ok else 503


def _failing_towns() -> list[str] | None:
    """Return the slugs of the towns to which somebody must come; None where there are no towns."""
    whole = services().towns
    if whole is None or not (whole.all() or whole.problems):
        return None
    poor = [t.settings.slug for t in whole.all() if t.ready.is_set() and (t.standby.trouble or not t.library.current.entries)]
    return sorted({*whole.problems, *poor})


@blueprint.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Return 200 where villagers get answers here, 503 before the knowledge is loaded and once the server is told to stop.

    Without a ledger they still get answers, and it is ``degraded``: taking the server away would leave them without any.
    """
    if DRAINING.is_set():
        return jsonify({"status": "draining"}), 503
    if not services().library.current.entries:
        return jsonify({"status": "no entries"}), 503
    return jsonify({"status": "ready" if ledger_state() == "ok" else "degraded"}), 200
