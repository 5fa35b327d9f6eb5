"""A county with two towns in one process, before Flask's client: real ledgers, real keys, real messages."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from bot.faq.edit import beginning
from bot.ledger import advisers, towns
from bot.ledger.access import second, users
from bot.ledger.access.users import ADMIN, JUSTICE, LAWYER, MINDER
from bot.ledger.towns import Keys, Town
from bot.settings import Settings
from handlers.services import Services
from tests import postgres
from tests.actors import APP_ID, TOKEN, WeChat
from tests.conftest import PSEUDONYM_KEY, make_knowledge

PASSWORD = "correct horse 电池 staple"
AES = {"aaa": "a" * 43, "bbb": "b" * 43}
NAMES = {"aaa": "甲子镇", "bbb": "乙丑镇"}


@dataclass
class County:
    """The running app and what the tests need of it."""

    app: Flask
    keys: dict[str, Keys] = field(default_factory=dict)

    @property
    def base(self) -> Services:
        found: Services = self.app.extensions["bot"]
        return found

    def town(self, slug: str) -> Services:
        """Return a town's services once its knowledge is read."""
        end = time.monotonic() + 20
        while time.monotonic() < end:
            assert self.base.towns
            found = self.base.towns.find(slug) if slug else self.base
            if found and (found.ready.is_set() or not slug):
                return found
            self.base.towns.look()
            time.sleep(0.02)
        raise AssertionError(f"{slug} is not served: {self.base.towns.problems if self.base.towns else ''}")

    def look(self) -> None:
        """Let the process look into the registry, as it does every two seconds."""
        assert self.base.towns
        self.base.towns.look()

    def add(self, slug: str, name: str, **given: str) -> Town:
        keys = towns.new_keys(**given)
        now = datetime.now(UTC)
        made = beginning.found(self.base.settings, self.base.store, slug, name, keys, by="测试", now=now)
        self.keys[slug] = keys
        self.look()
        return made

    def set_state(self, slug: str, state: towns.State) -> None:
        with self.base.store.writing() as db:
            towns.set_state(db, slug, state, now=datetime.now(UTC))
        self.look()

    def wechat(self, slug: str, **more: str) -> WeChat:
        """Return WeChat's servers before a town, with its keys unless others are given."""
        client, path = self.app.test_client(), f"/wechat/{slug}" if slug else "/wechat"

        def post(query: dict[str, str], body: bytes) -> tuple[int, bytes, str]:
            response = client.post(path, query_string=query, data=body, content_type="text/xml")
            return response.status_code, response.data, response.content_type

        keys = self.keys.get(slug)
        known = (
            {"mode": "safe", "token": keys.wechat_token, "app_id": keys.wechat_app_id, "aes_key": keys.wechat_aes_key}
            if keys
            else {}
        )
        return WeChat(post, **{**known, **more})  # type: ignore[arg-type]

    def account(self, slug: str, role: str, *, name: str = "") -> str:
        """Add an account whose password is ``PASSWORD``; return its login name."""
        here, now = self.town(slug), datetime.now(UTC)
        name = name or f"{role}{slug}"
        village = "示例一村" if role == MINDER else None
        with here.store.writing() as db:
            adviser = None
            if role in {MINDER, LAWYER, JUSTICE}:
                adviser = advisers.add(db, name=name, role=role, village=village).number  # type: ignore[arg-type]
            users.add(
                db, name=name, shown=name, role=role, village=village, password=PASSWORD,  # type: ignore[arg-type]
                adviser=adviser, now=now, must_change=False,
            )  # fmt: skip
        return name

    def login(self, slug: str, role: str, *, name: str = "") -> "Browser":
        """Log somebody new in, through the login page; a 管理员 has a second step already."""
        name = self.account(slug, role, name=name)
        browser = Browser(self.app.test_client(), f"/t/{slug}" if slug else "")
        page = browser.post("/console/login", name=name, password=PASSWORD)
        assert page.status_code == 302, page.text
        if role == ADMIN:
            here = self.town(slug)
            with here.store.writing() as db:
                found = users.find(db, name)
                assert found
                second.bind(db, found.number, second.new_secret(), 0)
        return browser


@dataclass
class Browser:
    """A browser at one town's address."""

    http: FlaskClient
    prefix: str

    def get(self, path: str, **more: object):  # type: ignore[no-untyped-def]
        return self.http.get(self.prefix + path, **more)

    def post(self, path: str, **form: object):  # type: ignore[no-untyped-def]
        return self.http.post(self.prefix + path, data={"csrf_token": self.token(path), **form})

    def token(self, path: str) -> str:
        page = self.http.get(f"{self.prefix}{path}", follow_redirects=True).text
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        return found[1] if found else ""


def new_county(folder: Path, database_url: str, memory: Path, **changes: object) -> tuple[County, Callable[[], None]]:
    """Start a county on a folder; return it and what ends it."""
    knowledge = folder / "knowledge"
    if not knowledge.exists():
        make_knowledge(knowledge)
    settings = Settings(
        wechat_token=TOKEN, wechat_app_id=APP_ID, wechat_mode="plain", database_url=database_url, knowledge_dir=knowledge,
        cache_dir=memory, towns_dir=folder / "towns", secret_key="the county's secret", pseudonym_key=PSEUDONYM_KEY,
        threads=8, **changes,
    )  # type: ignore[arg-type]  # fmt: skip
    app = create_app(settings)
    county = County(app)

    def end() -> None:
        county.base.stop.set()
        for here in [*(county.base.towns.all() if county.base.towns else []), county.base]:
            here.stop.set()
            here.store.close()

    return county, end


def environment(county: County) -> dict[str, str]:
    """Return what a command needs to work on this county."""
    names = ("database_url", "knowledge_dir", "towns_dir", "cache_dir", "secret_key", "pseudonym_key", "wechat_token")
    return {name.upper(): str(getattr(county.base.settings, name)) for name in names} | {"WECHAT_MODE": "plain"}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what is marked ``both_ledgers`` over both, the rest over the one that ``--ledger`` names."""
    if "county" in metafunc.fixturenames:
        both = metafunc.definition.get_closest_marker("both_ledgers")
        named = metafunc.config.getoption("--ledger")
        metafunc.parametrize("county", ("sqlite", "postgresql") if both else (named,), indirect=True, scope="module")


@pytest.fixture(scope="module")
def county(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, memory: Path) -> Iterator[County]:
    """A county with the towns ``aaa`` and ``bbb``, over both ledgers."""
    folder = tmp_path_factory.mktemp("county")
    url = f"sqlite:///{folder / 'bot.db'}"
    if request.param == "postgresql":
        url = postgres.new_database()
    made, end = new_county(folder, url, memory)
    for slug, name in NAMES.items():
        made.add(slug, name, wechat_app_id=f"wx{slug}", wechat_aes_key=AES[slug])
    for slug in NAMES:
        made.town(slug)
    yield made
    end()
