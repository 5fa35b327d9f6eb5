"""What keeps strangers out: guessing, fixation, cookies, redirects, headers, and the console's own address."""

import contextlib
import http.client
import statistics
import time
from collections.abc import Callable

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app import create_app
from bot.settings import Settings, SettingsError
from handlers.console.safety import browser_of, next_page
from handlers.server import CONSOLE, PUBLIC, SIDE
from tests.console.browser import Browser, Clock, log_of, person, token_of
from tests.console.conftest import PASSWORD
from tests.server.conftest import Start, free_port, start_server  # noqa: F401


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(make_app: Callable[..., Flask], clock: Clock) -> Flask:
    made = make_app(clock=clock)
    person(made)
    return made


def cookies(response: TestResponse) -> dict[str, str]:
    return {line.partition("=")[0]: line.partition(";")[2] for line in response.headers.getlist("Set-Cookie")}


# Guessing.


def test_after_five_failures_an_address_waits_a_quarter_of_an_hour_for_that_account(app: Flask, clock: Clock) -> None:
    person(app, "同事")
    stranger = Browser(app)
    assert [stranger.logs_in("示例人", f"guess {n}").status_code for n in range(6)] == [403] * 5 + [429]
    refused = stranger.logs_in("示例人")
    assert refused.status_code == 429 and "请过15分钟再试" in refused.text
    assert Browser(app).logs_in("同事").status_code == 302
    clock.passes(minutes=14, seconds=59)
    assert stranger.logs_in("示例人").status_code == 429
    clock.passes(seconds=2)
    assert stranger.logs_in("示例人").status_code == 302
    assert [what for who, what, _ in log_of(app) if who != "同事"] == ["登录失败"] * 5 + ["登录暂停", "登录"]


def test_failures_spread_over_time_do_not_end_the_wait_early(app: Flask, clock: Clock) -> None:
    stranger = Browser(app)
    for minutes in (0, 13, 0.5, 0.5, 0.5):
        clock.passes(minutes=minutes)
        assert stranger.logs_in("示例人", "wrong").status_code == 403
    clock.passes(minutes=2)
    assert stranger.logs_in("示例人").status_code == 429


def test_who_got_in_at_last_starts_anew(app: Flask) -> None:
    browser = Browser(app)
    for _ in range(3):
        for _ in range(4):
            assert browser.logs_in("示例人", "wrong").status_code == 403
        assert browser.logs_in("示例人").status_code == 302
        browser.send("/console/logout", "/console/me")


def test_an_account_that_does_not_exist_waits_alike(app: Flask) -> None:
    def said(name: str) -> list[tuple[int, bool]]:
        browser = Browser(app, "198.51.100.7")
        answers = [browser.logs_in(name, "wrong") for _ in range(7)]
        return [(answer.status_code, "请过15分钟再试" in answer.text) for answer in answers]

    assert said("示例人") == said("没有这个人")


def test_a_stranger_locks_out_neither_a_browser_that_was_in_before_nor_its_office(app: Flask, clock: Clock) -> None:
    mine, new = Browser(app, "203.0.113.5"), Browser(app, "203.0.113.5")
    mine.logs_in("示例人")
    mine.send("/console/logout", "/console/me")
    for n in range(60):  # many addresses, one account
        Browser(app, f"198.51.100.{n}").logs_in("示例人", "wrong")
    stranger = Browser(app, "203.0.113.5")  # even behind the same address
    for _ in range(6):
        stranger.logs_in("示例人", "wrong")
    assert new.logs_in("示例人").status_code == 429
    assert mine.logs_in("示例人").status_code == 302
    person(app, "同事")
    assert new.logs_in("同事").status_code == 302
    clock.passes(minutes=76)
    assert Browser(app, "203.0.113.5").logs_in("示例人").status_code == 302


def test_a_browser_that_was_in_before_may_not_guess_for_ever(app: Flask) -> None:
    mine = Browser(app)
    mine.logs_in("示例人")
    mine.send("/console/logout", "/console/me")
    assert [mine.logs_in("示例人", f"{n}").status_code for n in range(6)] == [403] * 5 + [429]


def test_a_device_cookie_serves_only_its_own_account_and_cannot_be_made_up(app: Flask) -> None:
    person(app, "同事")
    mine = Browser(app)
    mine.logs_in("示例人")
    real = mine.cookie("device") or ""
    nonce, mark = real.split(".")
    for n in range(60):
        Browser(app, f"198.51.100.{n}").logs_in("同事", "wrong")
    for forged in (real, f"{nonce}.{mark[:-1]}x", f"{'A' * 22}.{mark}", nonce, "", ".", "é.é", real + "." + "x" * 3000):
        browser = Browser(app)
        browser.http.set_cookie("device", forged, path="/console")
        assert browser.logs_in("同事").status_code == 429, forged


def test_one_browser_serves_several_people(app: Flask) -> None:
    office = Browser(app)
    for name in ("示例人", "同事"):
        if name != "示例人":
            person(app, name)
        office.logs_in(name)
        office.send("/console/logout", "/console/me")
    for name in ("示例人", "同事"):
        for n in range(60):
            Browser(app, f"198.51.100.{n}").logs_in(name, "wrong")
        assert office.logs_in(name).status_code == 302
        office.send("/console/logout", "/console/me")


def test_an_address_that_fails_on_many_names_is_slowed_down_but_an_office_never(app: Flask) -> None:
    office = Browser(app, "203.0.113.5")
    for n in range(80):
        assert office.logs_in("示例人").status_code == 302, n
        office.send("/console/logout", "/console/me")
    stranger = Browser(app, "198.51.100.9")
    seen = [stranger.logs_in(f"name{n}", "wrong").status_code for n in range(61)]
    assert (seen[:60], seen[60]) == ([403] * 60, 429)
    assert Browser(app, "198.51.100.10").logs_in("示例人").status_code == 302


def test_tries_at_the_same_moment_are_counted_before_they_are_looked_at(app: Flask) -> None:
    from concurrent.futures import ThreadPoolExecutor

    browsers = [Browser(app) for _ in range(12)]
    pages = [token_of(browser.get("/console/login").text) for browser in browsers]

    def guess(n: int) -> int:
        form = {"csrf_token": pages[n], "name": "示例人", "password": "wrong"}
        return browsers[n].http.post("/console/login", data=form).status_code

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(guess, range(12))) == [403] * 5 + [429] * 7


def test_an_answer_takes_as_long_for_a_name_that_does_not_exist(app: Flask) -> None:
    times: dict[str, list[float]] = {"示例人": [], "没有这个人": []}
    for n in range(24):
        for name in times:
            browser = Browser(app, f"198.51.{n}.{len(name)}")
            form = {"csrf_token": token_of(browser.get("/console/login").text), "name": name, "password": "wrong"}
            began = time.perf_counter()
            response = browser.http.post("/console/login", data=form, environ_overrides={"REMOTE_ADDR": browser.address})
            times[name].append(time.perf_counter() - began)
            assert response.status_code == 403
    there, nowhere = (statistics.median(found) for found in times.values())
    assert 0.67 < there / nowhere < 1.5, (there, nowhere)
    assert min(times["没有这个人"]) > 0.01  # a password was hashed


# Sessions.


def test_a_login_gets_a_new_token_and_a_session_from_before_opens_nothing(app: Flask) -> None:
    browser = Browser(app)
    browser.get("/console/login")
    planted = browser.cookie("console") or ""
    token = token_of(browser.get("/console/login").text)
    browser.logs_in("示例人")
    thief = Browser(app)
    thief.http.set_cookie("console", planted, path="/console")
    assert not thief.is_in
    form = {"csrf_token": token, "which": "others"}
    assert browser.http.post("/console/me/logins", data=form).status_code == 400  # the CSRF token is new, too
    first = browser.cookie("console")
    browser.send("/console/logout", "/console/me")
    browser.logs_in("示例人")
    thief.http.set_cookie("console", first or "", path="/console")
    assert not thief.is_in


def test_only_hashes_of_tokens_are_kept(app: Flask) -> None:
    browser = Browser(app)
    browser.logs_in("示例人")
    with browser.http.session_transaction(path="/console/") as session:
        token = session["login"]
    with app.extensions["bot"].store.reading() as db:
        kept = [row[0] for row in db.execute("select token from logins")]
    assert len(kept) == 1 and kept[0] != token and len(token) >= 43
    assert b"$argon2id$" in str(list(app.extensions["bot"].store.query("select password from users", {}))).encode()


def test_a_login_made_up_with_a_foreign_key_opens_nothing(app: Flask, make_app: Callable[..., Flask], clock: Clock) -> None:
    other = make_app(clock=clock, secret_key="another key of somebody else")
    thief = Browser(other)
    thief.logs_in("示例人")
    assert thief.is_in  # the same ledger
    mine = Browser(app)
    mine.http.set_cookie("console", thief.cookie("console") or "", path="/console")
    assert not mine.is_in


@pytest.mark.parametrize(
    ("base", "secure"),
    [
        ("http://localhost", False),
        ("http://127.0.0.1:8000", False),
        ("http://[::1]:8000", False),
        ("https://localhost", True),
        ("https://town.example", True),
        ("http://town.example", True),
        ("http://192.168.1.5:8000", True),
        ("http://127.0.0.1.evil.example", True),
    ],
)
def test_cookies_go_in_the_clear_only_to_the_machine_itself(app: Flask, base: str, secure: bool) -> None:
    client = app.test_client()
    form = {"name": "示例人", "password": PASSWORD, "csrf_token": token_of(client.get("/console/login", base_url=base).text)}
    if base.startswith("http://") and secure:
        client = app.test_client()  # a browser does not keep the cookie
        assert "请用 https:// 开头的网址" in client.post("/console/login", data=form, base_url=base).text
        return
    response = client.post("/console/login", data=form, base_url=base)
    assert response.status_code == 302
    assert set(cookies(response)) == {"console", "device"}
    for name, flags in cookies(response).items():
        assert ("; secure" in f";{flags.lower()}") is secure, name
        assert "HttpOnly" in flags and "SameSite=Lax" in flags and "Path=/console" in flags
        assert "Domain" not in flags
    assert "Max-Age" not in cookies(response)["console"] and "Expires" not in cookies(response)["console"]
    assert ("Strict-Transport-Security" in response.headers) is secure


@pytest.mark.parametrize(
    "there",
    [
        "https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "/console/\\evil.example",
        "/console//evil", "/console/%5cevil.example", "/console/%2f%2fevil.example", "/console/..//evil.example",
        "/console/%2e%2e/evil", "javascript:alert(1)", "/console/\n/evil", "/console/%0d%0aSet-Cookie:x=1", "/console/\t",
        " /console/", "console/", "/consolex/", "/wechat", "/", "", "/console/login", "/console/logout",
        "/console/login?next=/console/login", "http:/console/", "/console",
    ],
)  # fmt: skip
def test_no_address_leads_away_after_the_login(app: Flask, there: str) -> None:
    assert next_page(there) is None
    response = Browser(app).send("/console/login", name="示例人", password=PASSWORD, next=there)
    assert response.headers["Location"] == "/console/"


@pytest.mark.parametrize(
    "there", ["/console/", "/console/me?x=1", "/console/tickets/3?q=a%20b", "/console/log?who=张&start=2026-01-01"]
)
def test_addresses_of_the_console_are_gone_to(there: str) -> None:
    assert next_page(there) == (None if "%20" in there else there)


@pytest.mark.parametrize(
    ("agent", "shown"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/86.0 Safari/537 Edg/86", "Edge（Windows 电脑）"),
        ("Mozilla/5.0 (iPhone; CPU) AppleWebKit Safari/604", "Safari（苹果手机）"),
        ("<script>", "别的浏览器"),
        ("", "别的浏览器"),
    ],
)
def test_a_browser_is_named_without_keeping_what_it_says(agent: str, shown: str) -> None:
    assert browser_of(agent) == shown


# Headers and errors.


def test_every_answer_carries_the_headers_that_keep_foreign_pages_out(app: Flask) -> None:
    browser = Browser(app)
    for path in ("/console/login", "/console/", "/console/nowhere", "/console"):
        headers = browser.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cache-Control"] == "no-store"
        assert "unsafe-inline" not in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("fault", "status", "said"),
    [
        ("drop table recovery_codes", 503, "台账"),
        ("update logins set opened_at = 'no time'", 500, "出错了，没有办成"),
    ],
)
def test_a_fault_of_the_ledger_or_the_program_shows_nothing_of_it(app: Flask, fault: str, status: int, said: str) -> None:
    browser = Browser(app)
    browser.logs_in("示例人")
    with app.extensions["bot"].store.writing() as db:
        db.execute(fault)
    response = browser.get("/console/me")
    assert response.status_code == status
    assert said in response.text
    for leak in ("Traceback", "sqlite", "recovery_codes", "/handlers/", "Error"):
        assert leak not in response.text


def test_a_large_form_from_outside_is_refused_before_it_is_read(app: Flask) -> None:
    response = Browser(app).http.post("/console/login", data={"name": "x" * 100_000})
    assert response.status_code == 413


def test_without_a_secret_key_there_is_no_app(settings: Settings) -> None:
    with pytest.raises(SettingsError, match="SECRET_KEY"):
        create_app(settings.model_copy(update={"secret_key": ""}))


# The console's own address.


def test_with_an_address_of_its_own_the_console_is_there_alone(make_app: Callable[..., Flask]) -> None:
    http = make_app(console_port=8001).test_client()

    def status(path: str, side: str | None) -> int:
        with http.get(path, environ_overrides={SIDE: side} if side else {}) as response:
            return response.status_code

    found = {path: [status(path, side) for side in (CONSOLE, PUBLIC, None)] for path in
             ("/console/login", "/console/", "/", "/wechat", "/static/console/console.css", "/healthz")}  # fmt: skip
    assert found == {
        "/console/login": [200, 404, 404],
        "/console/": [302, 404, 404],
        "/": [302, 200, 200],
        "/wechat": [404, 403, 403],
        "/static/console/console.css": [200, 200, 200],
        "/healthz": [200, 200, 200],
    }


def ask(port: int, path: str, **headers: str) -> tuple[int, str, http.client.HTTPMessage]:
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        return response.status, response.read().decode(), response.headers


def test_a_real_server_keeps_the_two_addresses_apart_and_believes_its_proxy_alone(start_server: Start) -> None:  # noqa: F811
    port = free_port()
    server = start_server(CONSOLE_PORT=str(port), TRUSTED_PROXY="127.0.0.1")
    assert [ask(p, path)[0] for p in (server.port, port) for path in ("/", "/console/login", "/healthz")] == [
        200,
        404,
        200,
        302,
        200,
        200,
    ]
    proxied = {"X-Forwarded-For": "203.0.113.9, 198.51.100.1", "X-Forwarded-Proto": "https", "Host": "town.example"}
    status, _, headers = ask(port, "/console/login", **proxied)
    assert status == 200
    assert "Strict-Transport-Security" in headers
    assert "Secure" in headers["Set-Cookie"]
    assert server.stop() == 0
    alone = start_server()
    headers = ask(alone.port, "/console/login", **proxied | {"Host": "127.0.0.1"})[2]
    assert "Strict-Transport-Security" not in headers
    assert "Secure" not in headers["Set-Cookie"]
