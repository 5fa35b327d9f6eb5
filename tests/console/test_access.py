"""Who may open which page: every page of the console for every role, read off the app itself."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import NamedTuple

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from bot.ledger.access.users import ROLES
from handlers.console.access import roles_of
from tests.console.conftest import As, Client

NEEDS_QUERY = {"console.reports.rows", "console.faq_history.file", "console.faq_history.restore"}
"""Pages that are about what their query names, and not there without one."""


class Page(NamedTuple):
    """An address of the console, with something put in for its variables."""

    endpoint: str
    path: str
    method: str
    roles: frozenset[str]
    has_variables: bool


def pages(app: Flask) -> Iterator[Page]:
    """Return every page and every form of the console, once a method."""
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.startswith("console."):
            continue
        path = re.sub(r"<(?:(\w+)(?:\([^)]*\))?:)?\w+>", lambda m: "1" if m[1] in {"int", None, "string"} else "x", rule.rule)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            roles = roles_of(app.view_functions[rule.endpoint])
            yield Page(rule.endpoint, path, method, roles, bool(rule.arguments) or rule.endpoint in NEEDS_QUERY)


class Faults(HTMLParser):
    """What in a page a strict Content-Security-Policy would not run, or what would get around it."""

    def __init__(self, page: str, nonce: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.nonce = nonce
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        self.found += [f"<{tag} {name}>" for name in said if name.startswith("on") or name == "style"]
        if (tag == "script" and not said.get("src")) or (tag == "style" and said.get("nonce") != self.nonce):
            self.found.append(f"<{tag}> inline")
        for name in ("src", "href", "action", "formaction"):
            value = said.get(name) or ""
            if value.lower().startswith("javascript:") or (name != "href" and re.match(r"(https?:)?//", value)):
                self.found.append(f"<{tag} {name}={value}>")


def policy(response: TestResponse) -> dict[str, str]:
    header = response.headers.get("Content-Security-Policy", "")
    return dict(part.strip().split(" ", 1) for part in header.split(";"))


def faults(response: TestResponse) -> list[str]:
    found = policy(response)
    nonce = re.search(r"'nonce-([\w-]{22})'", found.get("style-src", ""))
    wrong = [] if nonce and found["script-src"] == "'self'" and "unsafe" not in str(found) else [f"policy {found}"]
    if response.mimetype == "text/html" and response.status_code not in {301, 302, 303, 308}:
        wrong += Faults(response.text, nonce[1] if nonce else "").found
        if 'lang="zh-CN"' not in response.text:
            wrong.append("no language")
    return wrong


def asks_for_login(response: TestResponse) -> bool:
    return response.status_code == 302 and response.headers["Location"].startswith("/console/login")


def test_every_page_names_its_roles(app: Flask) -> None:
    assert [page.endpoint for page in pages(app) if not page.roles] == []
    assert {page.endpoint for page in pages(app) if "" in page.roles} == {"console.people.login", "console.people.code"}


@pytest.mark.parametrize("role", ROLES)
def test_a_role_opens_its_pages_and_no_other(app: Flask, as_: As, role: str) -> None:
    client = as_(role)
    token = client.token()
    wrong = []
    for page in pages(app):
        allowed = role in page.roles or "" in page.roles
        if allowed and page.method != "GET":
            continue  # would change something
        data = {"csrf_token": token} if page.method != "GET" else None
        response = client.http.open(page.path, method=page.method, data=data)
        if not allowed:
            fits = response.status_code == 403
        elif page.has_variables:  # may not be there
            fits = response.status_code < 500 and not asks_for_login(response)
        else:
            fits = response.status_code < 400 and ("" in page.roles or not asks_for_login(response))
        if not fits:
            wrong.append((page.endpoint, page.method, response.status_code))
        wrong += [(page.endpoint, page.method, fault) for fault in faults(response)]
    assert wrong == []


def test_who_is_not_logged_in_is_sent_to_the_login_from_everywhere(app: Flask, outsider: Client) -> None:
    wrong = []
    for page in pages(app):
        data = {"csrf_token": outsider.token()} if page.method != "GET" else None
        response = outsider.http.open(page.path, method=page.method, data=data)
        if not asks_for_login(response) and "" not in page.roles:
            wrong.append((page.endpoint, page.method, response.status_code))
        wrong += [(page.endpoint, page.method, fault) for fault in faults(response)]
    assert wrong == []


def everything(app: Flask) -> list[tuple[object, ...]]:
    """All rows of the ledger."""
    with app.extensions["bot"].store.reading() as db:
        return [(table, *row) for table in db.table_names() for row in db.execute(f'select * from "{table}"')]


@pytest.mark.parametrize("role", ["", *ROLES])
def test_no_form_is_taken_without_the_token_of_its_session(app: Flask, as_: As, outsider: Client, role: str) -> None:
    client = as_(role) if role else outsider
    foreign = Client(app.test_client(), None).token()
    before, wrong = everything(app), []
    for page in pages(app):
        if page.method == "GET" or role not in page.roles:
            continue
        for form in ({}, {"csrf_token": ""}, {"csrf_token": "wrong"}, {"csrf_token": foreign}):
            response = client.http.open(page.path, method=page.method, data=form)
            if response.status_code != 400:
                wrong.append((page.endpoint, form, response.status_code))
    assert wrong == []
    assert everything(app) == before


@pytest.mark.parametrize("role", ROLES)
def test_everybody_has_a_first_page_and_a_menu_of_what_they_may_open(app: Flask, as_: As, role: str) -> None:
    client = as_(role)
    page = client.get("/console/")
    assert "现在要办的" in page
    menu = re.findall(r'class="nav-link[^"]*" href="(/console/[^"]*)"', page)
    assert [(path, client.status(path)) for path in menu] == [(path, 200) for path in menu]


@pytest.mark.parametrize("path", ["/console/nowhere", "/console/people/x", "/console/logout", "/console/people/1/reset"])
def test_an_address_that_is_none_says_so_in_chinese(as_: As, path: str) -> None:
    response = as_("管理员").http.get(path)
    assert response.status_code in {404, 405}
    assert "没有这一页" in response.text or "不能直接打开" in response.text
    assert faults(response) == []
    assert 'aria-label="主菜单"' in response.text


def test_without_the_ledger_the_console_says_so_and_what_to_do(app: Flask, as_: As) -> None:
    clerk = as_("统计员")
    store = app.extensions["bot"].store
    app.extensions["bot"].stop.set()  # nobody puts it back
    for path in store.path.parent.glob("bot.db*"):
        path.unlink()
    response = clerk.http.get("/console/")
    assert response.status_code == 503
    assert "台账这会儿用不了" in response.text and "python -m bot doctor" in response.text
