"""The county's office: its pages, its role, its report."""

import io
import json
import re
from datetime import UTC, datetime

import pytest
from openpyxl import load_workbook

from bot.ledger.access.users import ADMIN, COUNTY, ROLES
from bot.ledger.towns import IN_USE, REMOVED
from bot.reports import county as counting
from bot.reports.known import read_known
from bot.reports.period import year
from bot.reports.table import Rate
from tests.towns.conftest import County

WAGE = "老板不给工资"
THIS_YEAR = datetime.now(UTC).year


def cells(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


@pytest.fixture(scope="module")
def asked(county: County) -> County:
    """Two ask in one town, one in the other."""
    for slug, openid in (
        ("aaa", "oFirst_of_them-0000000000001"),
        ("aaa", "oSecond_of_them-000000000001"),
        ("bbb", "oFirst_of_them-0000000000001"),
    ):
        assert "劳动监察" in county.wechat(slug).villager(openid).says(WAGE).text
    return county


def test_the_report_sums_what_each_town_counts(asked: County) -> None:
    base = asked.base
    with counting.members(base.settings, base.store, {}) as members:
        made = counting.report(members, read_known(base.settings.knowledge_dir)[0], year(THIS_YEAR), now=datetime.now(UTC))
    table = made.table("towns")
    assert table
    assert [row.cells for row in table.rows] == [
        ("甲子镇", 2, 2, 2, Rate(2, 2), 0, 0),
        ("乙丑镇", 1, 1, 1, Rate(1, 1), 0, 0),
        ("合计", 3, 3, 3, Rate(3, 3), 0, 0),
    ]
    work = made.table("towns_work")
    assert work
    assert work.rows[0].cells == ("甲子镇", *[None] * 7)


def test_a_town_that_cannot_be_read_is_named_and_not_counted_as_nothing(asked: County) -> None:
    base = asked.base
    with counting.members(base.settings, base.store, {}) as members:
        broken = [counting.replace(m, store=None, known=None, problem="台账打不开") if m.slug == "aaa" else m for m in members]
        made = counting.report(broken, read_known(base.settings.knowledge_dir)[0], year(THIS_YEAR), now=datetime.now(UTC))
    table = made.table("towns")
    assert table
    assert table.rows[0].cells == ("甲子镇（台账打不开）", *[None] * 6)
    assert table.rows[-1].cells[:3] == ("合计", 1, 1)
    assert "合计里没有：甲子镇（台账打不开）。" in table.note


def test_the_county_role_sees_the_towns_and_nothing_else(asked: County) -> None:
    browser = asked.login("", COUNTY, name="县里的人")
    home = browser.get("/console/")
    assert home.headers["Location"].endswith("/console/county/")
    page = browser.get("/console/county/")
    assert page.status_code == 200
    assert "甲子镇" in page.text
    assert str(THIS_YEAR) in page.text
    assert "登记一个镇" not in page.text
    assert browser.get("/console/county/new").status_code == 403
    for path in (
        "/console/tickets/",
        "/console/registers/",
        "/console/reports/",
        "/console/people",
        "/console/log",
        "/console/faq/",
    ):
        assert browser.get(path).status_code == 403, path
    assert browser.get("/console/me").status_code == 200
    assert browser.post("/console/county/aaa/pause").status_code == 403


def test_the_comparison_comes_as_a_page_and_in_every_format(asked: County) -> None:
    browser = asked.login("", COUNTY, name="看对比的人")
    page = browser.get(f"/console/county/compare/?period={THIS_YEAR}")
    assert page.status_code == 200
    assert "合计 3 3 3 100.0%" in cells(page.text)
    assert "<svg" in page.text
    found = json.loads(browser.get(f"/console/county/compare/file?period={THIS_YEAR}&format=json").data)
    assert list(found["tables"])[:2] == ["towns", "towns_tickets"]
    book = load_workbook(io.BytesIO(browser.get(f"/console/county/compare/file?period={THIS_YEAR}&format=xlsx").data))
    assert any("甲子镇" in str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row)
    assert "甲子镇" in browser.get(f"/console/county/compare/file?period={THIS_YEAR}&format=csv").data.decode("utf-8-sig")
    word = browser.get(f"/console/county/compare/file?period={THIS_YEAR}&format=docx")
    assert (word.status_code, word.data[:2]) == (200, b"PK")


def test_an_administrator_of_the_county_adds_changes_and_removes_a_town_by_the_pages(asked: County) -> None:
    browser = asked.login("", ADMIN, name="县管理员")
    made = browser.post(
        "/console/county/new", slug="ccc", name="丙寅镇", wechat_mode="", answer_from="draft", admin="丙寅管理员"
    )
    assert made.status_code == 200, made.text
    token = re.search(r"Token（刚生成的）</dt><dd[^>]*><code>(\w{32})</code>", made.text)
    assert token
    assert "首次密码" in made.text
    asked.town("ccc")
    assert "劳动监察" in asked.wechat("ccc", mode="plain", token=token[1]).villager().says(WAGE).text
    page = browser.get("/console/county/ccc").text
    assert token[1] not in page
    browser.post(
        "/console/county/ccc",
        name="丙寅镇",
        wechat_token="another-token-of-32-letters-0000",
        wechat_mode="",
        answer_from="draft",
    )
    assert asked.wechat("ccc", mode="plain", token=token[1]).villager().says(WAGE).status == 403
    assert "劳动监察" in asked.wechat("ccc", mode="plain", token="another-token-of-32-letters-0000").villager().says(WAGE).text
    browser.post("/console/county/ccc/remove", name="丙寅")
    assert asked.base.towns and asked.base.towns.find("ccc")
    browser.post("/console/county/ccc/remove", name="丙寅镇")
    assert asked.base.towns.find("ccc") is None
    assert asked.wechat("ccc", mode="plain", token="another-token-of-32-letters-0000").villager().says(WAGE).status == 404
    assert "已移除" in browser.get(f"/console/county/compare/?period={THIS_YEAR}").text
    with asked.base.store.reading() as db:
        noted = [row["what"] for row in db.query("select what from security_log where about like :town", {"town": "丙寅镇%"})]
    assert noted == ["登记镇", "登记镇里的管理员", "改镇的设置", "移除镇"]
    assert (IN_USE, REMOVED) == ("在用", "移除")


def test_no_town_offers_or_knows_the_county_role(asked: County) -> None:
    browser = asked.login("aaa", ADMIN, name="镇管理员")
    page = browser.get("/console/people/new").text
    assert "县级" not in page
    assert all(role in page for role in ROLES)
    assert browser.get("/console/county/").status_code == 404
    asked.account("aaa", COUNTY, name="混进来的")
    assert "/console/county" not in browser.get("/console/").text
