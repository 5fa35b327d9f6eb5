"""The edges: what WeChat, a browser and a monitor see. ``register`` puts them on an app."""

from flask import Flask, Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from handlers import console, health, web, wechat
from handlers.server import CONSOLE, SIDE
from handlers.services import services

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_YEAR = 365 * 24 * 3600
_EVERYWHERE = {"static", "bootstrap.static", "health.healthz"}


def register(app: Flask) -> None:
    """Add every blueprint to ``app``, and to every answer the headers that keep foreign scripts out."""
    app.before_request(_at_its_own_address)
    for module in (wechat, web, health):
        app.register_blueprint(module.blueprint)
    console.register(app)

    @app.after_request
    def _headers(response: Response) -> Response:
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        if request.is_secure:
            response.headers.setdefault("Strict-Transport-Security", f"max-age={_YEAR}")
        return response


def _at_its_own_address() -> BaseResponse | None:
    """Where the console has an address of its own: nothing else is there, and it is nowhere else."""
    if services().settings.console_address is None or request.endpoint in _EVERYWHERE:
        return None
    at_console = request.environ.get(SIDE) == CONSOLE
    if at_console and request.path == "/":
        return redirect(url_for("console.home.page"))
    if at_console != request.path.startswith("/console"):
        abort(404)
    return None
