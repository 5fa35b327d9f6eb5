"""Home, questions for a person and misses in Chromium, on a phone and on an office PC, as people use them."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from bot.dialogue.respond import respond
from bot.ledger import duties, tickets
from bot.ledger.access.users import JUSTICE, LAWYER, MINDER
from bot.message import WECHAT_TEXT, Incoming
from tests.console.conftest import NOW, As

PHONE = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
PC = {"viewport": {"width": 1366, "height": 768}}
RICE = "月亮上能不能种水稻"

Opened = Callable[..., Page]


@pytest.fixture
def opened(app: Flask, as_: As, chromium: Browser) -> Iterator[Opened]:
    """Open a page as somebody who is logged in, with a ticket, a miss and an alarm there; no page may complain."""
    bot = app.extensions["bot"]
    said = ("我是示例一村的", "老板不给工资", "没用 看不懂", RICE, f"{RICE}呀")
    for n, text in enumerate(said):
        message = Incoming(f"k{n}", "oA", WECHAT_TEXT, "text", text)
        respond(message, store=bot.store, library=bot.library, now=NOW - timedelta(hours=2) + timedelta(seconds=n))
    with bot.store.writing() as db:
        duties.open_duty(db, kind="被打、怕被打", village=None, now=NOW - timedelta(minutes=20))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url, errors, contexts = f"http://127.0.0.1:{server.port}", [], []

    def open_(role: str, path: str, size: dict[str, Any], **more: Any) -> Page:
        cookie = as_(role).http.get_cookie("console", path="/console")
        assert cookie
        context = chromium.new_context(**size, **more)
        contexts.append(context)
        context.add_cookies([{"name": "console", "value": cookie.value, "domain": "127.0.0.1", "path": "/console"}])
        page = context.new_page()
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(url + path)
        return page

    yield open_
    for context in contexts:
        context.close()
    server.shutdown()
    assert errors == []


PAGES = (
    (JUSTICE, "/console/"),
    (JUSTICE, "/console/findings"),
    (JUSTICE, "/console/tickets/"),
    (JUSTICE, "/console/tickets/1"),
    (JUSTICE, "/console/tickets/duties/"),
    (LAWYER, "/console/misses/"),
    (LAWYER, "/console/misses/done"),
)


@pytest.mark.parametrize("size", [PHONE, PC], ids=["phone", "pc"])
def test_no_page_has_a_serious_fault_of_accessibility_or_is_wider_than_the_screen(opened: Opened, size: dict[str, Any]) -> None:
    pages = {role: opened(role, "/console/", size) for role in (JUSTICE, LAWYER)}
    addresses = list(PAGES)
    pages[LAWYER].get_by_role("link", name="没答上的").first.evaluate("e => e.click()")
    group = pages[LAWYER].locator("section h2 a").first.get_attribute("href")
    assert group
    addresses += [(LAWYER, group + end) for end in ("", "/phrasing", "/new", "/outside", "/lawyer")]
    for role, path in addresses:
        page = pages[role]
        page.goto("/".join(page.url.split("/")[:3]) + path)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
        if size is PC:  # the markup is the same, and one look at it is enough
            continue
        faults = [v for v in Axe().run(page).response["violations"] if v["impact"] in {"serious", "critical"}]
        assert [(path, v["id"], [n["html"] for n in v["nodes"]]) for v in faults] == []


def test_a_minder_answers_a_question_on_the_phone(opened: Opened, app: Flask) -> None:
    page = opened(MINDER, "/console/", PHONE)
    page.get_by_role("link", name="个群众提问等您答复").tap()
    page.get_by_role("link", name="老板不给工资").first.tap()
    page.get_by_label("用平常话写").fill("先到镇里投诉。")
    expect(page.locator("#room")).to_contain_text("已写 7 个字；一条微信还剩")
    page.get_by_role("button", name="先看看").tap()
    expect(page.locator("#as-read")).to_contain_text("示例法律明白人（法律明白人）答复")
    page.get_by_role("button", name="发出").tap()
    expect(page.get_by_role("status").first).to_contain_text("001 的答复记下了")
    with app.extensions["bot"].store.reading() as db:
        found = tickets.find(db, 1)
    assert found and found.answer == "先到镇里投诉。"


def test_a_lawyer_adds_a_question_to_an_entry_with_the_keyboard_alone(opened: Opened) -> None:
    page = opened(LAWYER, "/console/misses/", PC)
    page.get_by_role("link", name="加进别的条目").first.focus()
    page.keyboard.press("Enter")
    page.get_by_label("加到哪一条").select_option("divorce")
    page.get_by_role("button", name="加进去").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("已经加进「对方不同意离婚怎么办？」")


def test_the_weeks_note_is_copied_with_one_tap(opened: Opened) -> None:
    page = opened(JUSTICE, "/console/", PC, permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="复制").click()
    expect(page.locator("#copied")).to_have_text("已复制，到微信里粘贴。")
    assert page.evaluate("navigator.clipboard.readText()").startswith("【示例镇普法问答】")


def test_without_scripts_the_work_can_be_done_as_well(opened: Opened) -> None:
    page = opened(JUSTICE, "/console/tickets/duties/", PHONE, java_script_enabled=False)
    page.get_by_role("button", name="我收到了").click()
    expect(page.get_by_role("status").first).to_contain_text("记下是您收到的")
    page.get_by_label("办完了，结果是").fill("已联系派出所。")
    page.get_by_role("button", name="办结").click()
    expect(page.get_by_role("status").first).to_contain_text("已办结")
