"""Logging in, my account, accounts, the security log, as people use them."""

import re
from collections.abc import Callable
from html import unescape

import pytest
from flask import Flask

from bot.ledger import advisers
from bot.ledger.access import second, users
from bot.ledger.access.users import ADMIN, ROLES
from tests.console.browser import Browser, Clock, code_at, log_of, person
from tests.console.conftest import PASSWORD, As

BETTER = "雨伞 kettle 竹椅 47"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(make_app: Callable[..., Flask], clock: Clock) -> Flask:
    return make_app(clock=clock)


def secret_on(page: str) -> str:
    found = re.search(r'<code class="[^"]*secret">([A-Z2-7 ]+)</code>', page)
    assert found
    return found[1].replace(" ", "")


def codes_on(page: str) -> list[str]:
    return re.findall(r">((?:[A-Z2-9]{4}-){3}[A-Z2-9]{4})<", page)


def with_second_step(app: Flask, name: str = "示例管理员") -> tuple[str, list[str]]:
    made, secret = person(app, name, ADMIN), second.new_secret()
    with app.extensions["bot"].store.writing() as db:
        return secret, second.bind(db, made.number, secret, 0)


def test_somebody_logs_in_and_comes_to_the_page_they_wanted_and_out_again(app: Flask) -> None:
    person(app)
    browser = Browser(app)
    there = browser.get("/console/me?x=1").headers["Location"]
    assert there == "/console/login?next=/console/me?x%3D1"
    response = browser.send(there, name="示例人", password=PASSWORD, next="/console/me?x=1")
    assert (response.status_code, response.headers["Location"]) == (302, "/console/me?x=1")
    assert browser.is_in
    assert browser.send("/console/logout", "/console/me").headers["Location"] == "/console/login"
    assert not browser.is_in
    assert log_of(app) == [
        ("示例人", "登录", "别的浏览器，来自 192.0.2.1"),
        ("示例人", "退出", "192.0.2.1"),
    ]


def test_full_width_letters_and_capitals_are_the_same_name(app: Flask) -> None:
    person(app, "clerk.li")
    browser = Browser(app)
    browser.logs_in(" Ｃlerk.LI ")
    assert browser.is_in


@pytest.mark.parametrize(
    ("name", "password"), [("示例人", "wrong"), ("没有这个人", PASSWORD), ("停用的人", PASSWORD), ("过期的人", PASSWORD)]
)
def test_nobody_learns_from_a_failure_whether_there_is_such_an_account(
    app: Flask, clock: Clock, name: str, password: str
) -> None:
    person(app)
    person(app, "过期的人", must_change=True)
    gone = person(app, "停用的人")
    with app.extensions["bot"].store.writing() as db:
        users.disable(db, gone.number, clock())
    clock.passes(days=7)
    response = Browser(app).logs_in(name, password)
    assert response.status_code == 403
    said = re.sub(r'(nonce|value)="[^"]*"', "", response.text)
    assert said == re.sub(r'(nonce|value)="[^"]*"', "", Browser(app).logs_in("另一个", "x").text)
    assert log_of(app)[0] == ("（未登录）", "登录失败", f"登录名「{name}」，来自 192.0.2.1")


def test_the_log_keeps_no_password_and_only_the_beginning_of_a_name(app: Flask) -> None:
    person(app)
    Browser(app).logs_in("示例人", "a secret that must not be kept")
    Browser(app).logs_in("长" * 90 + "\n", "x")
    kept = [about for _, _, about in log_of(app)]
    assert kept == ["登录名「示例人」，来自 192.0.2.1", f"登录名「{'长' * 40}」，来自 192.0.2.1"]
    assert b"a secret that must not be kept" not in app.extensions["bot"].store.path.read_bytes()


def test_a_first_password_opens_nothing_but_the_page_where_it_is_changed(app: Flask) -> None:
    person(app, must_change=True)
    browser = Browser(app)
    browser.logs_in("示例人")
    for path in ("/console/", "/console/me", "/console/log", "/console/people"):
        assert browser.get(path).headers["Location"] == "/console/me/password"
    response = browser.send("/console/me/password", old=PASSWORD, new=BETTER, again=BETTER)
    assert response.headers["Location"] == "/console/"
    assert browser.is_in
    assert Browser(app).logs_in("示例人").status_code == 403
    other = Browser(app)
    other.logs_in("示例人", BETTER)
    assert other.is_in


@pytest.mark.parametrize(
    ("old", "new", "again", "says"),
    [
        ("wrong", BETTER, BETTER, "现在的密码不对"),
        (PASSWORD, PASSWORD, PASSWORD, "不能和现在的一样"),
        (PASSWORD, BETTER, BETTER + "!", "两遍不一样"),
        (PASSWORD, "短的密码", "短的密码", "至少10个字符"),
        (PASSWORD, "1234567890", "1234567890", "这是最常见的密码之一"),
        (PASSWORD, "zhangsan2026", "zhangsan2026", "太容易被猜中"),
        (PASSWORD, "zhang san li", "zhang san li", "密码不能就是名字"),
    ],
)
def test_a_poor_password_is_refused_with_what_would_be_better(app: Flask, old: str, new: str, again: str, says: str) -> None:
    person(app, "zhang san li" if "san li" in new else "zhangsan", shown="张三")
    browser = Browser(app)
    browser.logs_in("zhang san li" if "san li" in new else "zhangsan")
    page = browser.send("/console/me/password", old=old, new=new, again=again)
    assert page.status_code == 200
    assert says in unescape(page.text)
    assert not re.search(r'type="password" value="[^"]', page.text)


def test_changing_the_password_ends_every_other_login(app: Flask) -> None:
    person(app)
    office, phone = Browser(app), Browser(app)
    office.logs_in("示例人")
    phone.logs_in("示例人")
    old = office.cookie("console")
    office.send("/console/me/password", old=PASSWORD, new=BETTER, again=BETTER)
    assert (office.is_in, phone.is_in) == (True, False)
    phone.http.set_cookie("console", old or "", path="/console")
    assert not phone.is_in


def test_a_login_ends_after_two_hours_without_a_page_and_after_twelve_in_any_case(app: Flask, clock: Clock) -> None:
    person(app)
    browser = Browser(app)
    browser.logs_in("示例人")
    for _ in range(6):
        clock.passes(minutes=119)
        assert browser.is_in
    clock.passes(minutes=119)
    assert not browser.is_in  # 13.9 hours
    browser.logs_in("示例人")
    clock.passes(minutes=121)
    assert not browser.is_in


def test_an_administrator_must_bind_a_telephone_before_anything_else(app: Flask, clock: Clock) -> None:
    person(app, "示例管理员", ADMIN)
    browser = Browser(app)
    browser.logs_in("示例管理员")
    for path in ("/console/", "/console/people", "/console/me"):
        assert browser.get(path).headers["Location"] == "/console/me/second"
    page = browser.get("/console/me/second").text
    assert 'src="data:image/svg+xml' in page
    secret = secret_on(page)
    assert secret == secret_on(browser.get("/console/me/second").text)
    assert "不对" in browser.send("/console/me/second", code="000000").text
    shown = browser.send("/console/me/second", code=code_at(secret, clock.now)).text
    codes = codes_on(shown)
    assert len(set(codes)) == second.CODES
    assert browser.is_in
    stored = app.extensions["bot"].store.path.read_bytes()
    assert not any(code.encode() in stored for code in codes)

    clock.passes(minutes=1)
    again = Browser(app)
    assert again.logs_in("示例管理员").headers["Location"] == "/console/login/code"
    assert not again.is_in
    assert again.send("/console/login/code", code=code_at(secret, clock.now)).headers["Location"] == "/console/"
    assert again.is_in


def test_a_code_works_one_step_early_or_late_and_never_twice(app: Flask, clock: Clock) -> None:
    secret, _ = with_second_step(app)
    for shift, works in ((-61, False), (61, False), (30, True), (30, False), (0, False)):
        browser = Browser(app)
        browser.logs_in("示例管理员")
        moment = clock.now.fromtimestamp(clock.now.timestamp() + shift, clock.now.tzinfo)
        browser.send("/console/login/code", code=code_at(secret, moment))
        assert browser.is_in is works, shift
    clock.passes(minutes=16)
    browser = Browser(app)
    browser.logs_in("示例管理员")
    typed = code_at(secret, clock.now)
    browser.send(
        "/console/login/code", code=f" {typed[:3]} {typed[3:]}".translate({ord(str(n)): chr(0xFF10 + n) for n in range(10)})
    )
    assert browser.is_in


def test_a_recovery_code_works_once_however_it_is_typed(app: Flask) -> None:
    _, codes = with_second_step(app)
    for typed, works in ((codes[0].lower().replace("-", " "), True), (codes[0], False), (codes[1], True)):
        browser = Browser(app)
        browser.logs_in("示例管理员")
        browser.send("/console/login/code", code=typed)
        assert browser.is_in is works
    assert ("示例管理员", "用恢复码登录", "还剩6个") in log_of(app)


def test_the_second_step_cannot_be_had_without_the_password_nor_after_ten_minutes(app: Flask, clock: Clock) -> None:
    secret, _ = with_second_step(app)
    stranger = Browser(app)
    assert stranger.get("/console/login/code").headers["Location"] == "/console/login"
    stranger.logs_in("示例管理员", "wrong")
    assert stranger.get("/console/login/code").headers["Location"] == "/console/login"
    late = Browser(app)
    late.logs_in("示例管理员")
    clock.passes(minutes=11)
    response = late.send("/console/login/code", "/console/login", code=code_at(secret, clock.now))
    assert response.headers["Location"] == "/console/login"
    assert not late.is_in


def test_codes_cannot_be_guessed_by_who_has_the_password(app: Flask, clock: Clock) -> None:
    secret, _ = with_second_step(app)
    stranger = Browser(app)
    stranger.logs_in("示例管理员")
    seen = [stranger.send("/console/login/code", code=f"{n:06d}").status_code for n in range(6)]
    assert seen == [403, 403, 403, 403, 403, 429]
    assert stranger.send("/console/login/code", code=code_at(secret, clock.now)).status_code == 429
    assert stranger.logs_in("示例管理员").status_code == 429
    assert not stranger.is_in


def test_new_recovery_codes_need_the_password_and_end_the_old_ones(app: Flask, clock: Clock) -> None:
    secret, old = with_second_step(app)
    browser = Browser(app)
    browser.logs_in("示例管理员")
    browser.send("/console/login/code", code=code_at(secret, clock.now))
    assert codes_on(browser.send("/console/me/codes", "/console/me", password="wrong").text) == []
    new = codes_on(browser.send("/console/me/codes", "/console/me", password=PASSWORD).text)
    assert len(new) == second.CODES and not set(new) & set(old)
    other = Browser(app)
    other.logs_in("示例管理员")
    other.send("/console/login/code", code=old[0])
    assert not other.is_in


def test_the_second_step_is_free_for_others_and_can_be_taken_off_with_the_password(app: Flask, clock: Clock) -> None:
    made = person(app)
    browser = Browser(app)
    browser.logs_in("示例人")
    secret = secret_on(browser.get("/console/me/second").text)
    code = code_at(secret, clock.now)
    assert codes_on(browser.send("/console/me/second", code=code).text) == []
    assert len(codes_on(browser.send("/console/me/second", code=code, password=PASSWORD).text)) == second.CODES
    assert Browser(app).logs_in("示例人").headers["Location"] == "/console/login/code"
    browser.send("/console/me/second/off", "/console/me", password=PASSWORD)
    with app.extensions["bot"].store.reading() as db:
        assert (users.get(db, made.number).secret, second.codes_left(db, made.number)) == (None, 0)
    assert Browser(app).logs_in("示例人").headers["Location"] == "/console/"


def test_an_administrator_cannot_take_the_second_step_off(as_: As) -> None:
    assert as_(ADMIN).status("/console/me/second/off", "POST", password=PASSWORD) == 403


def test_my_logins_are_listed_and_i_can_end_only_my_own(app: Flask) -> None:
    person(app)
    person(app, "别人")
    office, phone, other = Browser(app), Browser(app), Browser(app)
    office.logs_in("示例人")
    token = office.get("/console/login").text
    phone.http.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (Linux; Android 12) MicroMessenger/8 <script>"
    phone.logs_in("示例人")
    other.logs_in("别人")
    page = office.get("/console/me").text
    assert "微信（安卓）" in page and "script&gt;" not in page and token is not None
    (key,) = re.findall(r'name="which" value="([0-9a-f]{16})"', page)
    other.send("/console/me/logins", "/console/me", which=key)
    assert phone.is_in
    office.send("/console/me/logins", "/console/me", which=key)
    assert (office.is_in, phone.is_in, other.is_in) == (True, False, True)
    phone.logs_in("示例人")
    phone.send("/console/me/logins", "/console/me", which="others")
    assert (office.is_in, phone.is_in, other.is_in) == (False, True, True)


def test_an_account_that_is_disabled_is_out_at_once(app: Flask, as_: As) -> None:
    made = person(app)
    browser = Browser(app)
    browser.logs_in("示例人")
    admin = as_(ADMIN)
    admin.post(f"/console/people/{made.number}/disable")
    assert not browser.is_in
    assert Browser(app).logs_in("示例人").status_code == 403
    admin.post(f"/console/people/{made.number}/enable")
    assert Browser(app).logs_in("示例人").status_code == 302


def test_an_administrator_adds_somebody_who_then_logs_in(app: Flask, as_: As) -> None:
    page = as_(ADMIN).post("/console/people/new", name="示例顾问", shown="示例律师", role="法律顾问", village="")
    found = re.search(r'<dd class="fs-4 font-monospace secret">([^<]+)</dd>', page)
    assert found
    browser = Browser(app)
    browser.logs_in("示例顾问", found[1])
    assert browser.get("/console/").headers["Location"] == "/console/me/password"
    with app.extensions["bot"].store.reading() as db:
        made = users.find(db, "示例顾问")
        assert made and made.adviser is not None
        person = advisers.find(db, made.adviser)
    assert person and (person.name, person.role) == ("示例律师", "法律顾问")
    assert ("管理员", "登记账号", "示例顾问（示例律师，法律顾问）") in log_of(app)


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"name": "管理员"}, "已经有人用了"),
        ({"name": "有 空格"}, "中间不能有空格"),
        ({"name": "<b>"}, "中间不能有空格"),
        ({"name": ""}, "请填登录名"),
        ({"name": "示例乙", "role": "法律明白人"}, "要写是哪个村的"),
        ({"name": "示例乙", "village": "没有的村"}, "<li>"),
        ({"name": "示例乙", "role": "皇帝"}, "<li>"),
    ],
)
def test_an_account_that_cannot_be_is_refused_and_what_was_typed_stays(
    app: Flask, as_: As, form: dict[str, str], says: str
) -> None:
    admin = as_(ADMIN)
    page = admin.post("/console/people/new", **({"shown": "打好的字", "role": "统计员", "village": ""} | form))
    assert says in page and 'role="alert"' in page and "打好的字" in page
    with app.extensions["bot"].store.reading() as db:
        assert [user.name for user in users.everybody(db)] == ["管理员"]


def test_the_last_administrator_can_neither_be_disabled_nor_become_something_else(app: Flask, as_: As) -> None:
    first, other = as_(ADMIN), as_(ADMIN, name="另一位")
    assert first.user and other.user
    page = first.post(f"/console/people/{first.user.number}", shown="甲", role="只读", village="")
    assert "自己的角色自己不能改" in page
    assert "不能停用自己" in first.post(f"/console/people/{first.user.number}/disable")
    first.post(f"/console/people/{other.user.number}", shown="乙", role="只读", village="")
    with app.extensions["bot"].store.reading() as db:
        assert [user.role for user in users.everybody(db)] == [ADMIN, "只读"]
    assert other.status("/console/people") == 403


def test_a_reset_ends_logins_the_second_step_and_the_wait(app: Flask, as_: As, clock: Clock) -> None:
    with_second_step(app, "示例人")
    stranger = Browser(app)
    for _ in range(6):
        stranger.logs_in("示例人", "wrong")
    assert stranger.logs_in("示例人").status_code == 429
    with app.extensions["bot"].store.reading() as db:
        made = users.find(db, "示例人")
    assert made
    page = as_(ADMIN).post(f"/console/people/{made.number}/reset")
    found = re.search(r'<dd class="fs-4 font-monospace secret">([^<]+)</dd>', page)
    assert found
    assert stranger.logs_in("示例人", found[1]).headers["Location"] == "/console/"
    assert stranger.get("/console/").headers["Location"] == "/console/me/password"


def test_a_new_role_counts_from_the_next_page_on(app: Flask, as_: As) -> None:
    made = person(app, role="只读")
    browser = Browser(app)
    browser.logs_in("示例人")
    assert browser.get("/console/log").status_code == 200
    as_(ADMIN).post(f"/console/people/{made.number}", shown="示例人", role="统计员", village="")
    assert browser.get("/console/log").status_code == 403
    assert ("管理员", "改账号", "示例人（示例人，只读） → 示例人（示例人，统计员）") in log_of(app)


@pytest.mark.parametrize("what", ["", "/reset", "/disable", "/enable", "/logout"])
def test_an_account_that_does_not_exist_is_not_found(as_: As, what: str) -> None:
    assert as_(ADMIN).status(f"/console/people/99{what}", "POST") == 404


@pytest.mark.parametrize("role", ROLES)
def test_the_log_is_read_by_days_and_by_person_and_has_no_form_that_changes_it(app: Flask, as_: As, role: str) -> None:
    person(app)
    Browser(app).logs_in("示例人")
    Browser(app).logs_in("<script>alert(1)</script>", "x")
    reader = as_(role)
    if role not in {ADMIN, "司法所", "只读"}:
        assert reader.status("/console/log") == 403
        return
    page = reader.get("/console/log")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page and "<script>alert" not in page
    assert re.findall(r'<form[^>]*method="post"[^>]*action="([^"]+)"', page) == ["/console/logout"]
    assert "登录失败" not in reader.get("/console/log", who="示例人")
    assert "没有记录" in reader.get("/console/log", start="2026-11-01", end="2026-11-02")
    assert "第二个日期比第一个早" in reader.get("/console/log", start="2026-11-03", end="2026-11-02")
    assert "登录失败" in reader.get("/console/log", start="bad", end="9999-99-99")
    assert reader.status("/console/log", "POST") == 405
