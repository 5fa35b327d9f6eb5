"""Every page of the console in Chromium, at the sizes of an office PC, of a phone, and of a PC at 200 %."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Error, Page
from werkzeug.serving import make_server

from bot.ledger.access.users import ADMIN
from handlers.console.access import roles_of
from tests.console.conftest import As
from tests.console.test_access import NEEDS_QUERY

SIZES = {"PC": {"width": 1366, "height": 768}, "phone": {"width": 360, "height": 740}}
ZOOMED = {"width": 683, "height": 384}
"""What is left of the PC's screen at 200 %."""

ELSEWHERE = ("console.registers.", "console.misses.", "console.tickets.", "console.home.")
"""Looked at by the tests of these sections, with something in them."""

ALSO = ("/console/setup/wording/coming", "/console/setup/wording/answers", "/console/setup/crisis/正在被骗")
"""Of the pages that are about what their address names, some that are like no other."""

ROLE = ADMIN  # opens every page


def paths(app: Flask) -> list[str]:
    """Every page that an address without variables leads to, and some others."""
    found = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.arguments and rule.endpoint not in NEEDS_QUERY
        and ROLE in roles_of(app.view_functions[rule.endpoint])
    ]  # fmt: skip
    assert len(found) > 15
    return [*found, *ALSO]


@contextmanager
def opened(app: Flask, as_: As, chromium: Browser, **more: Any) -> Iterator[tuple[Page, str]]:
    """Log in, and give a page of a browser and the server's address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url, cookie = f"http://127.0.0.1:{server.port}", as_(ROLE).http.get_cookie("console", path="/console")
    assert cookie
    try:
        context = chromium.new_context(**more)
        context.add_cookies([{"name": "console", "value": cookie.value, "domain": "127.0.0.1", "path": "/console"}])
        yield context.new_page(), url
        context.close()
    finally:
        server.shutdown()


def test_no_page_shuts_anybody_out_or_runs_out_of_the_screen(app: Flask, as_: As, chromium: Browser) -> None:
    skipped = {rule.rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith(ELSEWHERE)}
    found: list[Any] = []
    with opened(app, as_, chromium, viewport=SIZES["PC"]) as (page, url):
        page.on("console", lambda m: found.append((page.url, m.text)) if m.type == "error" else None)
        page.on("pageerror", lambda error: found.append((page.url, str(error))))
        for path in paths(app):
            if path in skipped or "text/html" not in page.request.get(url + path).headers["content-type"]:
                continue
            for name, size in SIZES.items():
                page.set_viewport_size(size)  # type: ignore[arg-type]
                page.goto(url + path)
                if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                    found.append((path, name, "wider than the screen"))
            faults = Axe().run(page).response["violations"]
            found += [(path, f["id"], f["nodes"][0]["html"]) for f in faults if f["impact"] in {"serious", "critical"}]
    assert found == []


TOO_WIDE = """() => {
  const wide = [...document.querySelectorAll("main *, header *")].filter(e =>
    e.getBoundingClientRect().right > window.innerWidth + 1 && getComputedStyle(e).position !== "absolute"
    && !e.closest(".table-responsive, pre, svg, .visually-hidden"));
  const page = document.documentElement.scrollWidth > window.innerWidth ? ["the page"] : [];
  return [...page, ...wide.slice(0, 3).map(e => e.outerHTML.slice(0, 120))];
}"""
"""What sticks out of the screen, other than in a box that scrolls by itself."""


def test_at_twice_the_size_no_page_has_to_be_scrolled_sideways(app: Flask, as_: As, chromium: Browser) -> None:
    found: list[Any] = []
    with opened(app, as_, chromium, viewport=ZOOMED, device_scale_factor=2) as (page, url):
        for path in paths(app):
            try:
                page.goto(url + path, wait_until="domcontentloaded")
            except Error as e:
                found += [] if "Download is starting" in str(e) else [(path, str(e))]  # a file is no page
                continue
            found += [(path, what) for what in page.evaluate(TOO_WIDE)]
    assert found == []


def test_what_the_bot_says_is_shown_as_it_will_be_read_while_it_is_typed(app: Flask, as_: As, chromium: Browser) -> None:
    with opened(app, as_, chromium, viewport=SIZES["phone"]) as (page, url):
        page.goto(f"{url}/console/setup/wording/person")
        one = page.get_by_role("region", name="查编号，还没有答复")
        one.get_by_role("textbox").fill("编号{编号}，{时间}前<b>答</b>")
        assert "编号023，1月6日17:30前<b>答</b>" in one.inner_text()
        assert "现在 20 字" in one.inner_text()
        page.get_by_role("textbox", name="为什么改").press("Enter")  # saves, and restores nothing
        assert "有尖括号" in page.get_by_role("alert").inner_text()
        assert "编号{编号}，{时间}前" in page.locator("#say_waits").input_value()
