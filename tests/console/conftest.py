"""The console before Flask's client: whoever is needed, logged in."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, sync_playwright

from bot.ledger import advisers
from bot.ledger.access import second, users
from bot.ledger.access.users import ADMIN, JUSTICE, LAWYER, MINDER, User
from tests.server.test_browser import CHROMIUM, QUIET

PASSWORD = "correct horse 电池 staple"
NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)


class Client:
    """A browser that is logged in: it sends the CSRF token of the page as a form would."""

    def __init__(self, http: FlaskClient, user: User | None) -> None:
        self.http, self.user = http, user

    def get(self, path: str, **query: object) -> str:
        """Return a page's text. Fails where it is not 200."""
        response = self.http.get(path, query_string=query)
        assert response.status_code == 200, (path, response.status_code, response.text[:2000])
        return response.text

    def status(self, path: str, method: str = "GET", **form: object) -> int:
        """Return what a request comes to."""
        data = {"csrf_token": self.token(), **form} if method == "POST" else None
        return self.http.open(path, method=method, data=data).status_code

    def post(self, path: str, **form: object) -> str:
        """Send a form and return the page that it leads to. Fails where that is not 200."""
        response = self.http.post(path, data={"csrf_token": self.token(), **form}, follow_redirects=True)
        assert response.status_code == 200, (path, response.status_code, response.text[:2000])
        return response.text

    def token(self) -> str:
        """Return the CSRF token that the pages carry."""
        page = self.http.get("/console/" if self.user else "/console/login").text
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert found, page[:500]
        return found[1]


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    return make_app(clock=lambda: NOW)


As = Callable[..., Client]


@pytest.fixture
def as_(app: Flask) -> As:
    """Log somebody in: ``as_("统计员")``; a 法律明白人 is of 示例一村 unless another village is named."""

    def log_in(role: str, *, village: str | None = None, name: str = "") -> Client:
        store = app.extensions["bot"].store
        village = village or ("示例一村" if role == MINDER else None)
        shown = name or f"示例{role}"
        with store.writing() as db:
            adviser = None
            if role in {MINDER, LAWYER, JUSTICE}:
                adviser = advisers.add(db, name=shown, role=role, village=village).number  # type: ignore[arg-type]
            made = users.add(
                db, name=name or role + (village or ""), shown=shown, role=role, village=village,  # type: ignore[arg-type]
                password=PASSWORD, adviser=adviser, now=NOW, must_change=False,
            )  # fmt: skip
            if role == ADMIN:  # who must have a second step
                second.bind(db, made.number, second.new_secret(), 0)
            token = users.log_in(db, made.number, NOW)
            user = users.get(db, made.number)
        http = app.test_client()
        with http.session_transaction(path="/console/") as session:
            session["login"] = token
        return Client(http, user)

    return log_in


@pytest.fixture
def outsider(app: Flask) -> Client:
    """Somebody who is not logged in."""
    return Client(app.test_client(), None)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    assert CHROMIUM, "install chromium: make test does"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()
