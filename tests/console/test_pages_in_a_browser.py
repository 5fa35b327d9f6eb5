"""Every page of the console in Chromium, at the sizes of an office PC and of a phone."""

import threading
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser
from werkzeug.serving import make_server

from bot.ledger.access.users import ADMIN
from handlers.console.access import roles_of
from tests.console.conftest import As
from tests.console.test_access import NEEDS_QUERY

SIZES = {"PC": {"width": 1366, "height": 768}, "phone": {"width": 360, "height": 740}}

ELSEWHERE = ("console.registers.", "console.misses.", "console.tickets.", "console.home.")
"""Looked at by the tests of these sections, with something in them."""


def test_no_page_shuts_anybody_out_or_runs_out_of_the_screen(app: Flask, as_: As, chromium: Browser) -> None:
    role = ADMIN  # opens every page
    paths = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.arguments and rule.endpoint not in NEEDS_QUERY
        and not rule.endpoint.startswith(ELSEWHERE)
        and role in roles_of(app.view_functions[rule.endpoint])
    ]  # fmt: skip
    assert len(paths) > 15
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url, cookie = f"http://127.0.0.1:{server.port}", as_(role).http.get_cookie("console", path="/console")
    assert cookie
    found: list[Any] = []
    try:
        context = chromium.new_context(viewport=SIZES["PC"])  # type: ignore[arg-type]
        context.add_cookies([{"name": "console", "value": cookie.value, "domain": "127.0.0.1", "path": "/console"}])
        page = context.new_page()
        page.on("console", lambda m: found.append((page.url, m.text)) if m.type == "error" else None)
        page.on("pageerror", lambda error: found.append((page.url, str(error))))
        for path in paths:
            response = page.request.get(url + path)
            if "text/html" not in response.headers["content-type"]:
                continue
            for name, size in SIZES.items():
                page.set_viewport_size(size)  # type: ignore[arg-type]
                page.goto(url + path)
                if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                    found.append((path, name, "wider than the screen"))
            faults = Axe().run(page).response["violations"]
            found += [(path, f["id"], f["nodes"][0]["html"]) for f in faults if f["impact"] in {"serious", "critical"}]
        context.close()
    finally:
        server.shutdown()
    assert found == []
