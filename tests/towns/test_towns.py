"""Towns that come, change and go while the others answer."""

import pytest

from bot.ledger.towns import IN_USE, PAUSED
from tests.towns.conftest import County

pytestmark = pytest.mark.both_ledgers

WAGE = "老板不给工资"


def test_each_town_answers_at_its_own_address_with_its_own_keys(county: County) -> None:
    for slug in ("aaa", "bbb"):
        heard = county.wechat(slug).villager().says(WAGE)
        assert heard.status == 200
        assert "劳动监察" in heard.text
    assert "劳动监察" in county.wechat("").villager().says(WAGE).text


def test_a_paused_town_says_so_with_the_hotlines_in_its_own_encryption(county: County) -> None:
    county.set_state("aaa", PAUSED)
    try:
        heard = county.wechat("aaa").villager().says(WAGE)
        assert heard.text.startswith("镇里的普法问答暂时停了")
        assert "12348" in heard.text
        page = county.app.test_client().get("/t/aaa/console/login")
        assert (page.status_code, "甲子镇暂停了" in page.text) == (503, True)
        assert county.app.test_client().get("/t/aaa/").status_code == 503
        assert "劳动监察" in county.wechat("bbb").villager().says(WAGE).text
    finally:
        county.set_state("aaa", IN_USE)
    assert "劳动监察" in county.wechat("aaa").villager().says(WAGE).text


def test_a_login_leads_back_to_the_page_of_the_same_town(county: County) -> None:
    name = county.account("bbb", "统计员", name="回来的人")
    from tests.towns.conftest import PASSWORD, Browser

    http = county.app.test_client()
    there = http.get("/t/bbb/console/registers/")
    assert there.headers["Location"].startswith("/t/bbb/console/login?next=")
    browser = Browser(http, "/t/bbb")
    back = browser.post("/console/login", name=name, password=PASSWORD, next="/console/registers/")
    assert back.headers["Location"] == "/t/bbb/console/registers/"
    assert "Path=/t/bbb/console" in str(back.headers.getlist("Set-Cookie"))
    assert http.get("/t/bbb/console/registers/").status_code == 200
