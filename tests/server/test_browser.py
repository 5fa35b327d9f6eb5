"""The public page in a real browser, as wide as a phone."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.server.conftest import Server, Start

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    assert CHROMIUM, "install chromium: make test does"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def phone(chromium: Browser, server: Server) -> Iterator[Page]:
    context = chromium.new_context(
        viewport={"width": 375, "height": 667}, device_scale_factor=2, is_mobile=True, has_touch=True
    )
    page = context.new_page()
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(server.url)
    yield page
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{os.environ['PYTEST_CURRENT_TEST'].split('::')[1].split(' ')[0]}.png")
    context.close()
    assert errors == []


def test_a_villager_asks_and_reads_the_answer_without_scrolling_sideways(phone: Page) -> None:
    phone.get_by_label("打字说说您遇到的事").fill("老板拖欠工资怎么办")
    phone.get_by_role("button", name="发送").click()
    answer = phone.locator(".said.bot").last
    expect(answer).to_contain_text("您问的是：老板、公司拖欠工资怎么要？")
    expect(answer).to_contain_text("12348")
    expect(answer).to_be_in_viewport()
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert float(answer.evaluate("e => parseFloat(getComputedStyle(e).fontSize)")) >= 18


def test_a_villager_taps_one_of_the_questions_offered(phone: Page) -> None:
    phone.get_by_label("打字说说您遇到的事").fill("离婚 房子 彩礼 抚养")
    phone.keyboard.press("Enter")
    buttons = phone.locator(".said.bot ol button")
    expect(buttons.nth(1)).to_be_visible()
    assert all(b.bounding_box()["height"] >= 44 for b in buttons.all())  # type: ignore[index]
    question = buttons.nth(1).inner_text().removeprefix("2. ")
    buttons.nth(1).tap()
    expect(phone.locator(".said.bot").last).to_contain_text(f"您问的是：{question}")


def test_what_a_villager_types_stays_text(phone: Page) -> None:
    phone.get_by_label("打字说说您遇到的事").fill("<img src=x onerror=alert(1)>老板拖欠工资")
    phone.get_by_role("button", name="发送").click()
    expect(phone.locator(".said.me").last).to_have_text("<img src=x onerror=alert(1)>老板拖欠工资")
    assert phone.locator("img").count() == 0


def test_without_scripts_the_page_still_answers(chromium: Browser, server: Server) -> None:
    page = chromium.new_context(java_script_enabled=False, viewport={"width": 375, "height": 667}).new_page()
    page.goto(server.url)
    page.get_by_label("打字说说您遇到的事").fill("离婚 房子 彩礼 抚养")
    page.get_by_role("button", name="发送").click()
    page.locator(".said.bot ol button").first.click()
    expect(page.locator(".said.bot").last).to_contain_text("您问的是：")
    page.context.close()


def test_when_the_server_is_gone_the_page_says_whom_to_call(chromium: Browser, start_server: Start) -> None:
    server = start_server()
    page = chromium.new_page()
    page.goto(server.url)
    server.stop()
    page.get_by_label("打字说说您遇到的事").fill("老板拖欠工资怎么办")
    page.get_by_role("button", name="发送").click()
    expect(page.locator(".said.bot").last).to_contain_text("12348")
    page.close()
