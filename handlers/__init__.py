"""The edges: what WeChat, a browser and a monitor see. ``register`` puts them on an app."""

from typing import Any

from flask import Flask, Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from handlers import console, health, metrics, towns_gate, web, wechat
from handlers.server import CONSOLE, SIDE
from handlers.services import services

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_STRICT = ("Strict-Transport-Security", f"max-age={365 * 24 * 3600}")
_ALWAYS = list(_HEADERS.items())
_ALWAYS_SECURE = [*_ALWAYS, _STRICT]
_EVERYWHERE = {"static", "bootstrap.static", "health.healthz", "health.readyz"}


def register(app: Flask) -> None:
    """Add every blueprint to ``app``, and to every answer the headers that keep foreign scripts out."""
    metrics.register(app)
    app.before_request(towns_gate.closed)
    app.before_request(_at_its_own_address)
    for module in (web, health):
        app.register_blueprint(module.blueprint)
    console.register(app)
    app.after_request(_headers)
    everything, messages = app.wsgi_app, wechat.edge(app)

    def parted(environ: dict[str, Any], start_response: Any) -> Any:
        if environ.get("PATH_INFO") != "/wechat":
            return everything(environ, start_response)
        more = _ALWAYS_SECURE if environ["wsgi.url_scheme"] == "https" else _ALWAYS
        return messages(environ, lambda status, headers: start_response(status, [*headers, *more]))

    app.wsgi_app = parted  # type: ignore[method-assign]
    towns_gate.register(app)


def _headers(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault(*_STRICT)
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
