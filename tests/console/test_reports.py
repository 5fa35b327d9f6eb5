"""统计报表 in the console: the numbers are the report's, each leads to its rows, and nobody sees more than they may."""

import io
import itertools
import json
import re
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import quote, urlsplit

import openpyxl
import pytest
from flask import Flask
from lxml import html
from werkzeug.test import TestResponse

from app import create_app
from bot.ledger.access import audit
from bot.ledger.access.users import ADMIN, CLERK, JUSTICE, LAWYER, MINDER, READER, ROLES
from bot.ledger.clock import CHINA
from bot.ledger.store import Store
from bot.ledger.turns import record
from bot.reports import annual
from bot.reports.formats import FORMATS
from bot.reports.known import Known, read_known
from bot.reports.period import named, year
from bot.reports.picker import chosen
from bot.reports.table import Audience, Hidden, Report
from bot.reports.to_text import shown
from bot.reports.word.to_docx import to_docx
from bot.settings import Settings
from tests.bot.test_counting import turn
from tests.bot.test_reports import fill
from tests.conftest import KNOWLEDGE, PSEUDONYM_KEY, make_knowledge
from tests.console.conftest import NOW, As, Client

OFFICE = (ADMIN, CLERK, JUSTICE)
OTHERS = (LAWYER, MINDER, READER)
MARKUP = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, memory: Path) -> Iterator[Flask]:
    """An app with two years of everything, for all tests of this file."""
    folder = tmp_path_factory.mktemp("console")
    knowledge = make_knowledge(folder / "knowledge")
    (knowledge / "counting.yaml").write_bytes((KNOWLEDGE / "counting.yaml").read_bytes())
    (knowledge / "report" / "坏的.docx").write_bytes(b"no document")
    settings = Settings(
        wechat_token="x" * 32, database_url=f"sqlite:///{folder / 'bot.db'}", knowledge_dir=knowledge, cache_dir=memory,
        secret_key="secret", pseudonym_key=PSEUDONYM_KEY,
    )  # fmt: skip
    made = create_app(settings, clock=lambda: NOW)
    made.extensions["bot"].stop.set()  # what is due must not be deleted meanwhile
    store = made.extensions["bot"].store
    fill(store)
    with store.writing() as db:
        one = turn("v9", datetime(2025, 6, 2, 9, tzinfo=CHINA), "answer", MARKUP, village="示例一村")
        record(db, one)
        db.execute("update turns set text = :text where key = :key", {"text": f"电话138****0000{MARKUP}", "key": one.key})
    yield made
    store.close()


@pytest.fixture
def store(app: Flask) -> Store:
    found: Store = app.extensions["bot"].store
    return found


@pytest.fixture
def known(app: Flask) -> Known:
    return read_known(app.extensions["bot"].settings.knowledge_dir)[0]


@pytest.fixture
def someone(as_: As) -> As:
    """Log somebody in under a name that nobody had before: the ledger stays from test to test."""
    return lambda role, **more: as_(role, name=f"{role}{next(_numbers)}", **more)


@pytest.fixture(scope="module")
def logged_in() -> dict[str, Client]:
    """Who was logged in once for many tests; a password takes long to hash."""
    return {}


@pytest.fixture
def anyone(someone: As, logged_in: dict[str, Client]) -> As:
    """Return a person in a role, the same one each time: for tests that do not look at what they did."""
    return lambda role: logged_in.get(role) or logged_in.setdefault(role, someone(role))


@pytest.fixture
def clerk(someone: As) -> Client:
    return someone(CLERK)


@pytest.fixture
def reader(anyone: As) -> Client:
    return anyone(READER)


def report(store: Store, known: Known, audience: Audience = "public") -> Report:
    return annual.report(store, known, year(2025), now=NOW, audience=audience)


def notes(store: Store, client: Client) -> list[tuple[str, str]]:
    assert client.user
    with store.reading() as db:
        return [(e.what, e.about) for e in audit.entries(db, limit=None) if e.who == client.user.name]


def cells(page: str) -> list[list[str]]:
    """Return the texts of the first table's body."""
    table = html.fromstring(page).find(".//table")
    return [[" ".join(cell.text_content().split()) for cell in row] for row in table.find("tbody")]


def text(page: str) -> str:
    return " ".join(html.fromstring(page).text_content().split())


def rows(client: Client, table: str, row: str, column: str, period: str = "2025", **more: object) -> TestResponse:
    query = {"table": table, "row": row, "column": column, "period": period, **more}
    return client.http.get("/console/reports/rows", query_string=query)


@pytest.mark.parametrize("audience", ["public", "office"])
def test_every_table_shows_the_reports_numbers(anyone: As, store: Store, known: Known, audience: Audience) -> None:
    clerk = anyone(CLERK)
    made = report(store, known, audience)
    for table in made.tables:
        page = clerk.get(f"/console/reports/table/{table.key}", period="2025", edition=audience)
        want = [[" ".join(shown(cell).split()) for cell in row.cells] for row in table.rows[:200]]
        assert cells(page) == (want or [["这一期没有记录。"]]), table.key
        assert made.rule[:40] in page


def test_the_first_page_shows_the_main_numbers_beside_the_earlier_ones(clerk: Client, store: Store, known: Known) -> None:
    page = text(clerk.get("/console/reports/", period="2025-05"))
    compared = annual.report(store, known, named("2025-05"), now=NOW).table("compared")
    assert compared
    for row in compared.rows:
        item, now, before, change, *_ = row.cells
        if now is not None and before is not None:
            assert f"{item} {shown(now)} 比上期（2025年4月）：{change}（{shown(before)}）" in page
            assert "比上年同期（2024年5月）" in page
    assert "同一人、同一类别、同一天" in page


@pytest.mark.parametrize("role", [CLERK, READER])
def test_every_link_of_the_first_page_leads_somewhere(anyone: As, role: str) -> None:
    client = anyone(role)
    page = html.fromstring(client.get("/console/reports/", period="2025-05"))
    links = set(page.xpath("//main//@href | //main//@*[name()='xlink:href']"))
    assert len([link for link in links if "/rows?" in link]) > 30
    for link in sorted(links - {"#main"}):
        response = client.http.get(link)
        assert response.status_code in {200, 302}, (link, response.status_code)


def test_charts_have_their_numbers_beside_them_and_neither_scripts_nor_styles(clerk: Client) -> None:
    page = html.fromstring(clerk.get("/console/reports/", period="2025"))
    assert len(page.xpath("//main//*[local-name()='svg']")) == len(page.xpath("//main//details//table")) == 6
    assert page.xpath("//main//script | //main//style | //@style | //*[starts-with(name(), 'on')]") == []
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    bar = page.xpath("//*[local-name()='svg']//*[local-name()='a']/@*[name()='xlink:href']")[0]
    assert "/console/reports/rows?" in bar


def test_a_number_is_counted_from_the_rows_it_leads_to(clerk: Client, store: Store, known: Known) -> None:
    table = report(store, known, "office").table("by_category")
    assert table
    number = table.rows[0].cells[1]
    page = rows(clerk, "by_category", str(table.rows[0].cells[0]), "consultations").text
    assert f"与报表上的 {number} 一致" in page
    assert sum(int(row[-2 if "看台账" in page else -1]) for row in cells(page)) == number


def test_rows_of_registers_lead_to_the_register(clerk: Client) -> None:
    page = rows(clerk, "disputes", "邻里", "accepted").text
    links = html.fromstring(page).xpath("//main//table//a/@href")
    assert links
    assert re.fullmatch(r"/console/registers/disputes/\d+", links[0])
    assert clerk.http.get(links[0]).status_code == 200


def test_long_lists_come_in_pages_of_two_hundred(clerk: Client, store: Store, known: Known) -> None:
    period = "2024-01-01~2025-12-31"
    made = annual.report(store, known, chosen({"period": period}, NOW.date()), now=NOW).table("total")
    assert made
    number = int(str(made.column("turns")[0]))
    assert 200 < number < 400
    first, last = (rows(clerk, "total", "1", "turns", period, page=page).text for page in (1, 99))
    assert [len(cells(page)) for page in (first, last)] == [200, number - 200]
    assert cells(last)[0][0] == "201"
    assert "第 1 页，共 2 页" in first
    assert cells(rows(clerk, "total", "1", "turns", period, page="x").text) == cells(first)


def test_what_villagers_wrote_is_masked_as_it_is_kept_and_stays_text(clerk: Client) -> None:
    page = rows(clerk, "by_month", "2025-06", "consultations").text
    assert "电话138****0000&lt;script&gt;alert(1)&lt;/script&gt;&#34;&gt;&lt;img src=x" in page
    for path in ("/console/reports/", "/console/reports/table/by_category", "/console/reports/table/consultations"):
        found = clerk.get(path, period="2025", edition="office")
        assert "<script>alert" not in found
        assert "<img" not in found
        assert "alert(1)" in found


@pytest.mark.parametrize("role", OFFICE)
def test_the_office_sees_its_edition_and_that_is_noted(someone: As, store: Store, role: str) -> None:
    client = someone(role)
    if client.http.get("/console/reports/").status_code == 302:
        pytest.skip("this role has to set up its second step first")
    assert "咨询明细" in client.get("/console/reports/", period="2025", edition="office")
    assert "原话" in client.get("/console/reports/table/misses", period="2025", edition="office")
    assert rows(client, "total", "1", "consultations").status_code == 200
    client.get("/console/reports/", period="2025")
    assert notes(store, client) == [
        ("看统计报表（办公版）", "2025年"),
        ("看统计报表（办公版）", "2025年 没答上的问题（原话）"),
        ("看报表数字后面的记录", "2025年 合计 1 咨询人次"),
    ]


@pytest.mark.parametrize("role", OTHERS)
def test_others_see_public_numbers_and_neither_rows_nor_how_many_there_are(someone: As, store: Store, role: str) -> None:
    client = someone(role)
    page = client.get("/console/reports/", period="2025")
    assert "办公版" not in page
    assert "咨询明细" not in page
    for path in ("", "table/total", "table/consultations", "rows"):
        query = {"period": "2025", "edition": "office", "table": "total", "row": "1", "column": "turns"}
        assert client.http.get(f"/console/reports/{path}", query_string=query).status_code == 403, path
    for key in ("consultations", "misses", "advisers"):
        assert client.http.get(f"/console/reports/table/{key}?period=2025").status_code == 404
        assert rows(client, key, "1", "1").status_code == 404
    page = rows(client, "by_month", "2025-06", "consultations").text
    assert "138" not in page
    assert html.fromstring(page).find(".//table") is None
    assert notes(store, client) == []
    assert "期间2024年" in text(rows(client, "compared", "咨询人次", "other0").text)


@pytest.mark.parametrize("role", OTHERS)
def test_no_address_leads_others_to_a_hidden_number(anyone: As, store: Store, known: Known, role: str) -> None:
    client, sensitive = anyone(role), known.counting.sensitive
    public, full = report(store, known).table("village_category"), report(store, known, "office").table("village_category")
    assert public
    assert full
    closed = [column for column in public.columns if column.key in sensitive]
    assert [column.key for column in closed] == ["治安与刑事"]
    assert any(isinstance(cell, Hidden) for cell in public.column("治安与刑事"))
    hidden = [n for n, cell in enumerate(public.column("治安与刑事"), 1) if isinstance(cell, Hidden)]
    for number in {*hidden[:4], 1, len(public.rows)}:
        row = public.rows[number - 1]
        for name, column in ((str(row.cells[0]), "治安与刑事"), (str(number), closed[0].heading)):
            assert rows(client, "village_category", name, column).status_code == 403
        assert rows(client, "村（社区） × 类别", str(number), "治安与刑事").status_code == 403
    # The sum of a row says what stands in the public report, and not how many rows are behind it.
    for number in (1, len(public.rows)):
        total = text(rows(client, "village_category", str(number), "total").text)
        assert f"报表上的数{shown(public.rows[number - 1].cells[-1])} " in total
    for period in ("2025-06", "2025-Q2", "2026", "2025-01-01~2025-12-30", "2024-12-31~2025-12-31"):
        assert rows(client, "village_category", "示例一村", "治安与刑事", period).status_code == 404
        assert "治安与刑事" not in cells_of_head(client.get("/console/reports/table/village_category", period=period))
    assert "治安与刑事" in cells_of_head(client.get("/console/reports/table/village_category", period="2025"))


def cells_of_head(page: str) -> list[str]:
    return [th.text_content() for th in html.fromstring(page).find(".//table").find("thead")[0]]


def test_the_clerk_sees_the_real_number_where_the_public_one_is_hidden(clerk: Client, store: Store, known: Known) -> None:
    public, full = report(store, known).table("village_category"), report(store, known, "office").table("village_category")
    assert public
    assert full
    place = next(n for n, cell in enumerate(public.column("治安与刑事")) if isinstance(cell, Hidden))
    page = rows(clerk, "village_category", str(public.rows[place].cells[0]), "治安与刑事").text
    assert f"与报表上的 {full.column('治安与刑事')[place]} 一致" in page


@pytest.mark.parametrize(
    "query",
    [
        {"period": "0001-01-01~9999-12-31"}, {"from": "0001-01-01", "to": "9999-12-31"}, {"period": "9999"}, {"period": "0"},
        {"period": "2000-01-01~2026-12-31"}, {"from": "x", "to": "y"}, {"from": "2025-02-01", "to": "2025-01-01"},
        {"period": MARKUP}, {"year": "²", "part": "Q9"}, {"year": "2025", "part": "9" * 3000}, {"edition": MARKUP},
        {"period": "2025\0"}, {"period": "2025-06' or 1=1 --"}, {"from": "\ud800".encode("utf-8", "surrogatepass")},
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["", "table/total", "rows"])
def test_what_is_no_period_gets_a_clear_page(reader: Client, path: str, query: dict[str, str]) -> None:
    response = reader.http.get(f"/console/reports/{path}", query_string=query)
    assert response.status_code == 400
    assert "没有这一期" in response.text
    assert "看这一期" in response.text
    assert "<script>alert" not in response.text


@pytest.mark.parametrize(
    ("table", "row", "column"),
    [
        ("", "", ""), ("nothing", "1", "turns"), (MARKUP, MARKUP, MARKUP), ("total", "²", "turns"), ("total", "1", "where"),
        ("total", "9" * 9999, "turns"), ("total", "1", "; drop table turns"), ("total", "\0", "turns"),
        ("consultations", "1", "people"),
        ("by_month", "2025-05", "month"), ("unanswered", "None 其余话题", "turns"), ("../../etc/passwd", "1", "1"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("role", [CLERK, READER])
def test_what_is_no_number_gets_a_clear_page(anyone: As, role: str, table: str, row: str, column: str) -> None:
    response = rows(anyone(role), table, row, column)
    assert response.status_code in {200, 404}
    assert "<script>alert" not in response.text
    if table in {"", "nothing", MARKUP} or column == "where":
        assert response.status_code == 404
        assert "报表里没有这个数" in response.text


def test_a_table_that_is_none_is_not_found(anyone: As) -> None:
    clerk = anyone(CLERK)
    for key in ("nothing", quote(MARKUP), "..%2f..%2fetc"):
        assert clerk.http.get(f"/console/reports/table/{key}").status_code == 404


def test_an_empty_period_says_so_and_never_zero(clerk: Client) -> None:
    page = clerk.get("/console/reports/", period="2003")
    assert "这一期没有可画的数" in page
    assert "咨询人次 —" in text(page)


def test_a_period_that_goes_on_says_so(clerk: Client) -> None:
    assert "这一期还没有过完" in clerk.get("/console/reports/", period="2026")
    assert "这一期还没有过完" not in clerk.get("/console/reports/", period="2025")
    assert "2026年1月1日至11月24日" in clerk.get("/console/reports/")


def download(client: Client, **form: str) -> TestResponse:
    """Press the button and wait for the file as a browser would."""
    data = {"csrf_token": client.token(), "period": "2025", "format": "xlsx", "edition": "public", "template": "六部分"} | form
    response = client.http.post("/console/reports/files/", data=data)
    assert response.status_code in {302, 303}, response.status_code
    for _ in range(200):
        path = urlsplit(response.headers["Location"]).path
        response = client.http.get(path)
        if response.status_code == 200 and "attachment" in response.headers.get("Content-Disposition", ""):
            return response
        if "Refresh" not in response.headers:
            if found := re.search(r'href="(/console/reports/files/[^"]+/file)"', response.text):
                return client.http.get(found[1])
            return response
        assert "aria-current" in response.text
        time.sleep(0.05)
        response.headers["Location"] = path
    raise AssertionError(response.text)


@pytest.mark.parametrize("format_", ["json", "csv", "xlsx"])
@pytest.mark.parametrize("edition", ["public", "office"])
def test_a_file_holds_the_report(clerk: Client, store: Store, known: Known, format_: str, edition: Audience) -> None:
    response = download(clerk, format=format_, edition=edition)
    name = f"示例镇-2025年-法律咨询统计{'（办公版）' if edition == 'office' else ''}.{format_}"
    assert f"filename*=UTF-8''{quote(name)}" in response.headers["Content-Disposition"]
    assert response.headers["Cache-Control"] == "no-store"
    want = report(store, known, edition)
    if format_ == "xlsx":
        sheets = openpyxl.load_workbook(io.BytesIO(response.data)).sheetnames
        assert len(sheets) >= len(want.tables)
    else:
        assert response.data == FORMATS[format_](want)
    noted = [("下载统计报表（办公版）", name)] if edition == "office" else []
    assert notes(store, clerk) == noted


def test_others_download_what_they_may_see(reader: Client, known: Known) -> None:
    tables = json.loads(download(reader, format="json", period="2025-06").data)["tables"]
    assert "consultations" not in tables
    assert not {c["key"] for c in tables["village_category"]["columns"]} & set(known.counting.sensitive)
    whole = json.loads(download(reader, format="json").data)["tables"]
    assert "治安与刑事" in {c["key"] for c in whole["village_category"]["columns"]}
    assert reader.status("/console/reports/files/", "POST", period="2025", format="xlsx", edition="office") == 403


def test_a_word_report_is_made_from_the_template_that_was_chosen(app: Flask, clerk: Client, store: Store, known: Known) -> None:
    template = app.extensions["bot"].settings.knowledge_dir / "report" / "五项.docx"
    response = download(clerk, format="docx", template="五项", period="2025-06")
    assert response.data == to_docx(annual.report(store, known, named("2025-06"), now=NOW), template)
    assert quote("示例镇-2025年6月-法律咨询报告.docx") in response.headers["Content-Disposition"]
    assert "模板“坏的.docx”" in download(clerk, format="docx", template="坏的", period="2025-06").text


@pytest.mark.parametrize(
    ("form", "status", "word"),
    [
        ({"format": "docx", "edition": "office"}, 200, "只有对外发布版"),
        ({"format": "docx", "template": "../../secret"}, 200, "没有这个 Word 模板"),
        ({"format": "exe"}, 400, "没有这个格式"),
        ({"period": "0001-01-01~9999-12-31"}, 400, "2000"),
        ({"period": MARKUP}, 400, "看不懂"),
    ],
)
def test_a_file_that_cannot_be_made_says_why(anyone: As, form: dict[str, str], status: int, word: str) -> None:
    clerk = anyone(CLERK)
    data = {"csrf_token": clerk.token(), "period": "2025", "format": "xlsx", "template": "六部分", "edition": "public"} | form
    response = clerk.http.post("/console/reports/files/", data=data, follow_redirects=True)
    assert response.status_code == status
    assert word in response.text


def test_a_file_belongs_to_whoever_made_it(someone: As, clerk: Client) -> None:
    job = file_of(clerk)
    other = someone(CLERK)
    for path in ("", "/file"):
        assert clerk.http.get(job + path).status_code == 200
        assert other.http.get(job + path).status_code == 404
    assert other.status(f"{job}/cancel", "POST") == 404
    assert job not in other.get("/console/reports/files/")
    assert job in clerk.get("/console/reports/files/")
    assert "没有文件" in clerk.post(f"{job}/cancel")
    assert clerk.http.get(f"{job}/file").status_code == 404


def file_of(client: Client, **form: str) -> str:
    """Make a file and return the address of its page."""
    download(client, **form)
    found = re.search(r'href="(/console/reports/files/[\w-]{43})"', client.get("/console/reports/files/"))
    assert found
    return found[1]


def test_who_leaves_the_office_loses_its_files(someone: As, store: Store) -> None:
    client = someone(CLERK)
    job = file_of(client, format="json", edition="office")
    assert client.user
    with store.writing() as db:
        db.execute("update users set role = :role where number = :number", {"role": READER, "number": client.user.number})
    assert client.http.get(f"{job}/file").status_code == 403
    assert client.http.get(job).status_code == 403
    assert job not in client.get("/console/reports/files/")


def test_a_second_click_makes_no_second_file(clerk: Client) -> None:
    form = {"period": "2024", "format": "csv", "edition": "public"}
    places = {clerk.http.post("/console/reports/files/", data={"csrf_token": clerk.token()} | form).location for _ in range(2)}
    assert len(places) == 1
    assert clerk.get("/console/reports/files/").count("<tr>") == 2


def test_nothing_is_made_without_the_token_of_the_page(clerk: Client) -> None:
    assert clerk.http.post("/console/reports/files/", data={"period": "2025", "format": "csv"}).status_code == 400
    assert clerk.http.post("/console/reports/checks/2025", data={"item": "signed", "done": "yes"}).status_code == 400


def test_the_checklist_keeps_who_ticked_what_and_when(clerk: Client, someone: As, store: Store) -> None:
    page = clerk.get("/console/reports/checks/2024")
    assert "2025年2月28日" in page
    assert "2025年3月31日" in page
    for _ in range(2):  # pressed twice
        page = clerk.post("/console/reports/checks/2024", item="signed", done="yes")
    assert clerk.user
    assert f"✓ {clerk.user.shown} 2026-11-24 12:00" in text(page)
    assert notes(store, clerk) == [("发布前核对：打勾", "2024年 签发")]
    other = someone(JUSTICE)
    page = text(other.post("/console/reports/checks/2024", item="signed", done="no"))
    assert f"{other.user.shown} 取消打勾：签发" in page  # type: ignore[union-attr]
    assert f"{clerk.user.shown} 打勾：签发" in page


def test_the_checklist_of_the_report_that_is_due_opens_by_itself(clerk: Client) -> None:
    assert clerk.http.get("/console/reports/checks/").location == "/console/reports/checks/2026"


@pytest.mark.parametrize("role", OTHERS)
def test_others_read_the_checklist_and_tick_nothing(anyone: As, role: str) -> None:
    client = anyone(role)
    assert "打勾</button>" not in client.get("/console/reports/checks/2025")
    assert client.status("/console/reports/checks/2025", "POST", item="signed", done="yes") == 403


@pytest.mark.parametrize(("path", "form", "status"), [
    ("1999", {"item": "signed", "done": "yes"}, 404), ("2027", {"item": "signed", "done": "yes"}, 404),
    ("2025", {"item": "nothing", "done": "yes"}, 400), ("2025", {"item": "signed", "done": "perhaps"}, 400),
])  # fmt: skip
def test_no_tick_where_there_is_no_line(anyone: As, path: str, form: dict[str, str], status: int) -> None:
    clerk = anyone(CLERK)
    assert clerk.status(f"/console/reports/checks/{path}", "POST", **form) == status


@pytest.mark.parametrize("role", ROLES)
def test_everybody_finds_the_reports_in_the_menu(anyone: As, role: str) -> None:
    client = anyone(role)
    if client.http.get("/console/").status_code == 200:
        assert 'href="/console/reports/"' in client.get("/console/")


def test_who_is_not_logged_in_sees_none_of_it(outsider: Client) -> None:
    for path in ("", "table/total", "rows", "files/", "checks/2025"):
        assert outsider.http.get(f"/console/reports/{path}").status_code == 302
