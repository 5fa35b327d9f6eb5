"""The edges: what WeChat, a browser and a monitor see. ``register`` puts them on an app."""

from flask import Flask, Response

from handlers import health, web, wechat

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def register(app: Flask) -> None:
    """Add every blueprint to ``app``, and to every answer the headers that keep foreign scripts out."""
    for module in (wechat, web, health):
        app.register_blueprint(module.blueprint)

    @app.after_request
    def _headers(response: Response) -> Response:
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        return response
