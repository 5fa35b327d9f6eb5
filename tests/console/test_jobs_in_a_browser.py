"""Jobs of a lawyer and of a clerk in Chromium, as a person does them, on an office PC and on a phone."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from bot.ledger.access.users import ADMIN, CLERK, JUSTICE, LAWYER
from tests.console.conftest import As

PHONE = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
PC = {"viewport": {"width": 1366, "height": 768}}
SIZES = pytest.mark.parametrize("size", [PHONE, PC], ids=["phone", "pc"])

Opened = Callable[..., Page]


@pytest.fixture
def opened(app: Flask, as_: As, chromium: Browser) -> Iterator[Opened]:
    """Open a page as somebody who is logged in; no page may complain of an error."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    errors: list[str] = []
    contexts = []

    def open_(role: str, path: str, size: dict[str, Any], name: str = "") -> Page:
        cookie = as_(role, name=name).http.get_cookie("console", path="/console")
        assert cookie
        context = chromium.new_context(**size)
        contexts.append(context)
        context.add_cookies([{"name": "console", "value": cookie.value, "domain": "127.0.0.1", "path": "/console"}])
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
        page.goto(f"http://127.0.0.1:{server.port}{path}")
        return page

    yield open_
    for context in contexts:
        context.close()
    server.shutdown()
    assert errors == []


@SIZES
def test_one_edits_an_entry_and_another_signs_it(opened: Opened, app: Flask, size: dict[str, Any]) -> None:
    page = opened(LAWYER, "/console/faq/", size, name="示例甲")
    page.get_by_role("link", name="老板拖欠工资怎么要？").first.click()
    page.get_by_role("link", name="改这一条").or_(page.get_by_role("link", name="改", exact=True)).first.click()
    answer = page.locator("textarea[name=answer]")
    answer.fill("先到镇里的劳动监察投诉。\n\n现在怎么办：\n1. 带上欠条。\n\n找谁：打12348。")
    page.get_by_role("button", name="保存", exact=True).first.click()
    expect(page.get_by_role("status").first).to_be_visible()
    page.get_by_role("button", name="送审").click()
    expect(page.get_by_text("已送审").first).to_be_visible()
    other = opened(JUSTICE, "/console/faq/entry/wage/sign", size, name="示例乙")
    for box in other.locator("main input[type=checkbox]").all():
        box.check()
    other.get_by_role("button", name="签发").click()
    expect(other.get_by_text("签发").first).to_be_visible()
    library = app.extensions["bot"].library
    library.refresh()
    entry = library.current.entries["wage"]
    assert (entry.status, entry.reviewed_by, entry.answer.splitlines()[0]) == ("signed", "示例乙", "先到镇里的劳动监察投诉。")


@SIZES
def test_a_hotline_that_was_looked_at_is_marked_with_one_click(opened: Opened, app: Flask, size: dict[str, Any]) -> None:
    page = opened(ADMIN, "/console/setup/hotlines", size)
    page.get_by_role("button", name="今天核对过").first.click()
    expect(page.get_by_role("status").first).to_be_visible()
    library = app.extensions["bot"].library
    library.refresh()
    assert any(f"{hotline.checked}" == "2026-11-24" for hotline in library.current.hotlines)


@SIZES
def test_a_number_of_the_report_leads_to_its_rows_and_the_report_can_be_taken_along(
    opened: Opened, size: dict[str, Any]
) -> None:
    page = opened(CLERK, "/console/registers/inspections/new", size)
    page.get_by_label("村 *").select_option("示例二村")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_text("记下了")).to_be_visible()
    root = page.url.partition("/console")[0]
    page.goto(root + "/console/reports/table/inspections?year=2026")
    page.get_by_role("row", name="示例二村").get_by_role("link").first.click()
    expect(page.get_by_role("link", name="1", exact=True).or_(page.get_by_text("矛盾纠纷排查").first).first).to_be_visible()
    page.goto(root + "/console/reports/?year=2026")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    with page.expect_download() as download:
        page.get_by_role("button", name="下载").first.click()
    assert "2026年" in download.value.suggested_filename


@SIZES
def test_a_notice_is_looked_at_and_noted_as_printed(opened: Opened, size: dict[str, Any]) -> None:
    page = opened(CLERK, "/console/notices/village?name=示例一村", size)
    expect(page.locator("main img").first).to_be_visible()
    page.get_by_role("button", name="记下", exact=True).click()
    expect(page.get_by_role("status").first).to_be_visible()
    page.goto(page.url.partition("/console")[0] + "/console/notices/printed")
    expect(page.get_by_text("示例一村").first).to_be_visible()
