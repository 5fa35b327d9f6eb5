"""The registers in Chromium, on a phone and on an office PC, as people use them."""

import io
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import openpyxl
import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from bot.ledger.access.users import CLERK, MINDER
from bot.ledger.register.definitions import REGISTERS
from tests.console.conftest import As

BASE = "/console/registers"
PHONE = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
PC = {"viewport": {"width": 1366, "height": 768}}


@pytest.fixture
def opened(app: Flask, as_: As, chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Open a page of the console as somebody who is logged in; no page may complain, nor be wider than the screen."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url, errors, pages = f"http://127.0.0.1:{server.port}", [], []

    def open_(role: str, path: str, size: dict[str, Any]) -> Page:
        cookie = as_(role).http.get_cookie("console", path="/console")
        assert cookie
        context = chromium.new_context(**size)
        context.add_cookies([{"name": "console", "value": cookie.value, "domain": "127.0.0.1", "path": "/console"}])
        page = context.new_page()
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(url + path)
        pages.append(page)
        return page

    yield open_
    for page in pages:
        page.context.close()
    server.shutdown()
    assert errors == []


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


@pytest.mark.parametrize("role", [MINDER, CLERK])
def test_a_doorstep_consultation_takes_seven_touches_and_less_than_a_minute(
    opened: Callable[..., Page], role: str, capsys: pytest.CaptureFixture[str]
) -> None:
    page, touches, began = opened(role, f"{BASE}/", PHONE), 0, time.monotonic()
    page.get_by_role("link", name="记一次上门咨询").tap()
    if role == CLERK:
        page.get_by_label("村 *").select_option("示例三村")
        page.get_by_text("法律顾问", exact=True).tap()
        touches += 3
    page.locator("label", has_text="婚姻").tap()
    page.get_by_label("问题摘要").fill("退婚彩礼能不能要回来")
    page.get_by_role("button", name="保存并再记一条").tap()
    touches += 4
    expect(page.get_by_text("记下了：线下咨询第1号。")).to_be_visible()
    seconds = time.monotonic() - began
    with capsys.disabled():
        print(f"\n{role}：{touches} 次点按、打一句话；机器等待 {seconds:.1f} 秒")
    # Somebody who reads, aims and types a sentence needs some five seconds a touch.
    assert touches * 5 + seconds < 60
    heights = page.locator("main button, main label.btn, main select, main input.form-control, main summary").evaluate_all(
        "all => all.map(e => e.getBoundingClientRect().height).filter(h => h > 0)"
    )
    assert min(heights) >= 44
    assert fits(page)


def test_fields_that_go_with_a_choice_appear_with_it_and_an_error_is_read_first(opened: Callable[..., Page]) -> None:
    page = opened(CLERK, f"{BASE}/disputes/new", PHONE)
    expect(page.get_by_label("办结日期")).to_be_hidden()
    page.locator("label", has_text="成功").tap()
    expect(page.get_by_label("办结日期")).to_be_visible()
    page.get_by_role("button", name="保存", exact=True).tap()
    expect(page.locator("#problems")).to_be_focused()
    expect(page.locator("#problems")).to_contain_text("办结日期：没有填")
    expect(page.get_by_label("办结日期")).to_be_visible()
    page.locator("label", has_text="在办").tap()
    expect(page.get_by_label("办结日期")).to_be_hidden()
    page.get_by_label("村 *").select_option("示例二村")
    page.get_by_label("纠纷类型 *").select_option("邻里")
    page.get_by_label("来源 *").select_option("主动调解")
    page.locator("label", has_text="村调委会").first.tap()
    page.get_by_role("button", name="保存", exact=True).tap()
    expect(page.get_by_text("记下了：矛盾纠纷第1号。")).to_be_visible()


def test_a_form_tapped_twice_makes_one_row_and_so_does_going_back(opened: Callable[..., Page], app: Flask) -> None:
    page = opened(CLERK, f"{BASE}/inspections/new", PHONE)
    page.get_by_label("村 *").select_option("示例二村")
    page.get_by_role("button", name="保存", exact=True).dblclick()
    expect(page.get_by_text("记下了：矛盾纠纷排查第1号。")).to_be_visible()
    page.go_back()
    page.go_forward()
    rows = app.extensions["bot"].store.query("select village from inspections", {})
    assert rows == [{"village": "示例二村"}]


def test_a_row_is_corrected_with_the_keyboard_alone(opened: Callable[..., Page]) -> None:
    page = opened(CLERK, f"{BASE}/inspections/new", PC)
    page.get_by_label("村 *").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.get_by_label("发现纠纷").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("记下了")).to_be_visible()
    page.get_by_role("link", name="更正").focus()
    page.keyboard.press("Enter")
    page.get_by_label("发现纠纷").fill("3")
    page.get_by_label("为什么改").fill("漏数了")
    page.keyboard.press("Enter")
    expect(page.get_by_role("cell", name="3")).to_be_visible()
    page.get_by_role("button", name="确认更正").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("改好了")).to_be_visible()
    expect(page.get_by_role("cell", name="漏数了")).to_be_visible()


def test_a_workbook_comes_back_marked_and_one_that_is_too_large_is_not_sent(opened: Callable[..., Page]) -> None:
    page = opened(CLERK, f"{BASE}/books/", PC)
    too_large = {"name": "大.xlsx", "mimeType": "application/octet-stream", "buffer": bytes(9 * 1024 * 1024)}
    page.get_by_label("填好的表（.xlsx").set_input_files(too_large)  # type: ignore[arg-type]
    page.get_by_role("button", name="检查并导入").click()
    expect(page.locator("#book-bad")).to_have_text("文件太大，请拆成几个小一点的文件。")
    book = openpyxl.Workbook()
    assert book.active
    book.active.title = REGISTERS["inspections"].title
    for row in (["日期", "村"], ["2026-11-02", "没有的村"]):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    small = {"name": "排查.xlsx", "mimeType": "application/octet-stream", "buffer": out.getvalue()}
    page.get_by_label("填好的表（.xlsx").set_input_files(small)  # type: ignore[arg-type]
    page.get_by_role("button", name="检查并导入").click()
    expect(page.get_by_role("alert")).to_contain_text("一行也没有导入")
    with page.expect_download() as download:
        page.get_by_role("link", name="下载标红的表").click()
    assert download.value.suggested_filename == "排查-有错.xlsx"


@pytest.mark.parametrize("size", [PHONE, PC], ids=["phone", "pc"])
def test_axe_finds_no_serious_fault_and_no_page_is_too_wide(opened: Callable[..., Page], size: dict[str, Any]) -> None:
    page = opened(CLERK, f"{BASE}/inspections/new", size)
    page.get_by_label("村 *").select_option("示例二村")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_text("记下了")).to_be_visible()
    root = page.url.partition(BASE)[0] + BASE
    keys = [f"/{key}/new" for key in REGISTERS]
    for path in ("/", "/inspections", "/inspections/1", "/inspections/1/correct", "/inspections/1/void", "/months/",
                 "/months/2026-10", "/books/", *keys):  # fmt: skip
        page.goto(root + path)
        for more in page.locator("details").all():
            more.evaluate("e => e.open = true")
        assert fits(page), path
        if size is PC:  # the markup is the same, and one look at it is enough
            continue
        found = Axe().run(page).response["violations"]
        serious = [(v["id"], [n["html"] for n in v["nodes"]][:2]) for v in found if v["impact"] in {"serious", "critical"}]
        assert serious == [], path


def test_without_scripts_a_dispute_is_entered_all_the_same(opened: Callable[..., Page]) -> None:
    page = opened(CLERK, f"{BASE}/disputes/new", {**PC, "java_script_enabled": False})
    expect(page.get_by_label("办结日期")).to_be_visible()
    page.get_by_label("村 *").select_option("示例二村")
    page.get_by_label("纠纷类型 *").select_option("邻里")
    page.get_by_label("来源 *").select_option("主动调解")
    page.locator("label", has_text="村调委会").first.click()
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_text("记下了：矛盾纠纷第1号。")).to_be_visible()
