"""The public page and the health check through the real app."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from bot.wording.words import SHIPPED as WORDS

Rows = Callable[[], list[dict[str, object]]]


@pytest.fixture
def browser(make_app: Callable[..., Flask]) -> FlaskClient:
    client = make_app().test_client()
    client.get("/")
    return client


def test_the_page_greets_and_names_the_browser_for_this_visit_only(make_app: Callable[..., Flask]) -> None:
    response = make_app().test_client().get("/")
    assert WORDS.coming.welcome.splitlines()[0] in response.text
    cookie = response.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie
    assert "Expires" not in cookie and "Max-Age" not in cookie
    assert "script-src 'self'" in response.headers["Content-Security-Policy"]
    assert response.headers["Cache-Control"] == "no-store"


def test_a_question_is_answered_and_counted_under_the_web(browser: FlaskClient, rows: Rows) -> None:
    response = browser.post("/ask", json={"id": "message-0001", "text": "老板不给工资"})
    assert response.json is not None
    assert response.json["text"].startswith("您问的是：老板拖欠工资怎么要？")
    assert [(r["channel"], r["entry_id"]) for r in rows()] == [("网页", "wage")]


def test_the_same_message_sent_twice_is_counted_once(browser: FlaskClient, rows: Rows) -> None:
    one, two = (browser.post("/ask", json={"id": "message-0001", "text": "老板不给工资"}).json for _ in range(2))
    assert one == two
    assert len(rows()) == 1


def test_a_choice_works_by_number_as_in_wechat(browser: FlaskClient) -> None:
    offered = browser.post("/ask", json={"text": "老公不肯离婚，老板不给工资，悔婚彩礼"}).json
    assert offered and [o["number"] for o in offered["options"]] == ["1", "2", "3", "0", "00"]
    answered = browser.post("/ask", json={"text": "2"}).json
    assert answered and offered["options"][1]["label"] in answered["text"]


def test_without_scripts_the_form_gives_a_whole_page_and_shows_text_as_text(browser: FlaskClient) -> None:
    page = browser.post("/ask", data={"text": "<script>alert(1)</script>老板不给工资"}).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "您问的是：老板拖欠工资怎么要？" in page


def test_two_browsers_are_two_people(make_app: Callable[..., Flask], rows: Rows) -> None:
    app = make_app()
    for _ in range(2):
        client = app.test_client()
        client.get("/")
        client.post("/ask", json={"text": "老板不给工资"})
    assert len({r["villager"] for r in rows()}) == 2


@pytest.mark.parametrize(
    ("kind", "sent"),
    [("json", []), ("json", {}), ("json", {"text": 5}), ("json", None), ("data", {}), ("data", {"other": "x"})],
)
def test_a_body_that_is_no_question_is_a_bad_request(browser: FlaskClient, kind: str, sent: object) -> None:
    assert browser.post("/ask", **{kind: sent}).status_code == 400  # type: ignore[arg-type]


def test_a_huge_question_is_refused(browser: FlaskClient) -> None:
    assert browser.post("/ask", json={"text": "长" * 20000}).status_code == 413


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_cannot_ask_in_a_villagers_name(browser: FlaskClient, site: str) -> None:
    assert browser.post("/ask", json={"text": "x"}, headers={"Sec-Fetch-Site": site}).status_code == 403


def test_a_made_up_cookie_is_replaced(make_app: Callable[..., Flask]) -> None:
    client = make_app().test_client()
    client.set_cookie("visitor", "x' or 1=1 --")
    assert "visitor=" in client.get("/").headers["Set-Cookie"]


def test_health_is_good_with_entries_and_a_ledger(browser: FlaskClient) -> None:
    response = browser.get("/healthz")
    assert (response.status_code, response.json) == (200, {"status": "ok", "ledger": "ok", "entries": 3, "findings": 0})


def test_health_fails_without_entries(make_app: Callable[..., Flask], tmp_path: object) -> None:
    app = make_app(knowledge_dir=tmp_path)
    response = app.test_client().get("/healthz")
    assert (response.status_code, response.json and response.json["status"]) == (503, "failing")


def test_an_unknown_page_is_not_found(browser: FlaskClient) -> None:
    assert browser.get("/nothing").status_code == 404
