"""A person at a browser who logs in as people do, at a time that the test sets."""

import re
from datetime import datetime, timedelta

import pyotp
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bot.ledger.access import users
from bot.ledger.access.users import Role, User
from tests.console.conftest import NOW, PASSWORD


class Clock:
    """The time of an app in a test."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def passes(self, **time: float) -> None:
        self.now += timedelta(**time)


class Browser:
    """One browser at one address."""

    def __init__(self, app: Flask, address: str = "192.0.2.1") -> None:
        self.app, self.address = app, address
        self.http: FlaskClient = app.test_client()

    def get(self, path: str, **more: object) -> TestResponse:
        return self.http.get(path, environ_overrides={"REMOTE_ADDR": self.address}, **more)  # type: ignore[arg-type]

    def send(self, path: str, page: str = "", **form: object) -> TestResponse:
        """Send a form from the page (default: the form's own address) that holds it."""
        data = {"csrf_token": token_of(self.get(page or path).text), **form}
        return self.http.post(path, data=data, environ_overrides={"REMOTE_ADDR": self.address})

    def logs_in(self, name: str, password: str = PASSWORD, **more: object) -> TestResponse:
        return self.send("/console/login", name=name, password=password, **more)

    @property
    def is_in(self) -> bool:
        return self.get("/console/").status_code == 200

    def cookie(self, name: str) -> str | None:
        found = self.http.get_cookie(name, path="/console")
        return found.value if found else None


def token_of(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found, page[:500]
    return found[1]


def person(app: Flask, name: str = "示例人", role: Role = "统计员", **more: object) -> User:
    """Add an account with a password of its own."""
    bot = app.extensions["bot"]
    values = {"shown": name, "village": None, "password": PASSWORD, "adviser": None, "now": bot.clock(), "must_change": False}
    with bot.store.writing() as db:
        return users.add(db, name=name, role=role, **(values | more))  # type: ignore[arg-type]


def code_at(secret: str, moment: datetime) -> str:
    return pyotp.TOTP(secret).at(moment)


def log_of(app: Flask) -> list[tuple[str, str, str]]:
    """The security log, oldest first: who, what, about."""
    from bot.ledger.access import audit

    with app.extensions["bot"].store.reading() as db:
        return [(e.who, e.what, e.about) for e in audit.entries(db, limit=None)]
