"""``/healthz``: is the process alive, and is what it needs in order."""

from flask import Blueprint, Response, jsonify

from bot.ledger.store import StoreError
from handlers.services import services

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> tuple[Response, int]:
    """Return 200 and the number of entries and findings; 503 where the ledger or the knowledge cannot be used."""
    snapshot = services().library.current
    try:
        services().store.query("select 1 as one", {})
        ledger = "ok"
    except StoreError as e:
        ledger = type(e).__name__
    ok = ledger == "ok" and bool(snapshot.entries)
    body = {
        "status": "ok" if ok else "failing",
        "ledger": ledger,
        "entries": len(snapshot.entries),
        "findings": len(snapshot.findings),
    }
    return jsonify(body), 200 if ok else 503
