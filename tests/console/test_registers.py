"""The registers in the browser: entered, found, corrected, struck out, closed, imported, exported; by whom and by whom not."""

import io
import re
import zipfile
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask import Flask

from bot.ledger import advisers
from bot.ledger.access import audit
from bot.ledger.access.users import ADMIN, CLERK, JUSTICE, LAWYER, MINDER, READER
from bot.ledger.register import records
from bot.ledger.register.definitions import REGISTERS
from tests.console.conftest import NOW, As, Client

BASE = "/console/registers"
SERVICE = {
    "served": "村（社区）", "village": "示例一村", "adviser": "示例顾问一", "started": "09:00", "ended": "11:30",
    "kind": "坐班值班",
}  # fmt: skip
XSS = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'
CONSULTATION = {
    "day": "2026-11-24", "village": "示例一村", "channel": "来访", "category": "婚姻", "people": "1", "summary": "彩礼退不退",
    "answered_by": "法律顾问", "adviser": "示例顾问一", "result": "已解答",
}  # fmt: skip
DISPUTE = {
    "day": "2026-10-20", "village": "示例一村", "type": "邻里", "source": "依申请调解", "body": "村调委会", "hard": "否",
    "result": "在办",
}  # fmt: skip


@pytest.fixture
def ledger(app: Flask) -> Callable[..., list[dict[str, Any]]]:
    """Every row of a register."""

    def read(key: str = "offline") -> list[dict[str, Any]]:
        return app.extensions["bot"].store.query(f"select * from {key} order by number", {})

    return read


@pytest.fixture
def there(app: Flask) -> Callable[..., int]:
    """Put a row into a register, by nobody who has an account."""

    def add(key: str, **values: Any) -> int:
        base: dict[str, Any] = dict(CONSULTATION if key == "offline" else DISPUTE if key == "disputes" else {})
        if "people" in base:
            base["people"] = int(base["people"])
        with app.extensions["bot"].store.writing() as db:
            return records.add(db, REGISTERS[key], {**base, **values}, by="示例经手人", now=NOW)

    return add


def close(app: Flask, month: str) -> None:
    with app.extensions["bot"].store.writing() as db:
        records.close_month(db, month, by="示例统计员", now=NOW)


def log(app: Flask) -> list[tuple[str, str, str]]:
    with app.extensions["bot"].store.reading() as db:
        return [(e.who, e.what, e.about) for e in audit.entries(db)]


class Fields(HTMLParser):
    """What the fields of a page's form hold, as a browser would send them."""

    def __init__(self) -> None:
        super().__init__()
        self.held: dict[str, str] = {}
        self.name = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = dict(attrs)
        name, value = a.get("name") or "", a.get("value") or ""
        if tag in {"select", "textarea"}:
            self.name = name
            self.held[name] = ""
        elif tag == "option" and "selected" in a:
            self.held[self.name] = value
        elif (
            tag == "input" and name not in {"csrf_token", ""} and (a.get("type") not in {"radio", "checkbox"} or "checked" in a)
        ):
            self.held[name] = value

    def handle_data(self, data: str) -> None:
        if self.lasttag == "textarea" and self.name:
            self.held[self.name] += data

    def handle_endtag(self, tag: str) -> None:
        if tag in {"select", "textarea"}:
            self.name = ""


def form(client: Client, path: str, **query: object) -> dict[str, str]:
    """Return what the fields of a page's form hold."""
    fields = Fields()
    fields.feed(client.get(path, **query))
    return fields.held


def correct(
    client: Client, path: str, *, reason: str, step: str = "save", base: dict[str, str] | None = None, **said: str
) -> str:
    filled = form(client, path) if base is None else base
    return client.post(path, **{**filled, **said, "reason": reason, "step": step})


def new(client: Client, key: str, **said: str) -> str:
    return client.post(f"{BASE}/{key}/new", **{**form(client, f"{BASE}/{key}/new"), **said})


def sheet(rows: list[dict[str, Any]], key: str = "inspections") -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    page.title = REGISTERS[key].title
    headings = [f.heading for f in REGISTERS[key].fields]
    page.append(headings)
    for row in rows:
        page.append([row.get(heading) for heading in headings])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def send(client: Client, raw: bytes, name: str = "排查.xlsx") -> tuple[str, str]:
    """Send a workbook as the page does; return where it led and what the page says."""
    data = {"csrf_token": client.token(), "book": (io.BytesIO(raw), name)}
    response = client.http.post(f"{BASE}/books/import", data=data, follow_redirects=True, content_type="multipart/form-data")
    assert response.status_code == 200, response.text[:500]
    return response.request.path, response.text


def test_a_clerk_enters_a_consultation_with_two_choices_and_finds_it_again(as_: As, app: Flask, ledger: Any) -> None:
    clerk = as_(CLERK)
    filled = form(clerk, f"{BASE}/offline/new")
    assert {k: filled.get(k, "") for k in ("day", "channel", "people", "result", "category")} == {
        "day": "2026-11-24", "channel": "来访", "people": "1", "result": "已解答", "category": "",
    }  # fmt: skip
    page = new(
        clerk,
        "offline",
        village="示例二村",
        category="婚姻",
        answered_by="法律顾问",
        groups="老年人",
        summary="打13800138000找我",
    )
    assert "记下了：线下咨询第1号" in page
    assert "<h1" in page
    assert "13800138000" not in page
    expected = {
        "number": 1, "day": "2026-11-24", "village": "示例二村", "channel": "来访", "category": "婚姻", "groups": "老年人",
        "people": 1, "summary": "打[手机号]找我", "entered_by": "示例统计员",
    }  # fmt: skip
    row = ledger()[0]
    assert {k: row[k] for k in expected} == expected
    assert (CLERK, "记台账", "线下咨询第1号") in log(app)
    assert "打[手机号]找我" in clerk.get(f"{BASE}/offline", word="手机号")
    assert "没有记录" in clerk.get(f"{BASE}/offline", word="100%")
    assert "没有记录" in clerk.get(f"{BASE}/offline", village="示例一村")


def test_a_form_that_fails_keeps_what_was_typed_and_says_where(as_: As, ledger: Any) -> None:
    clerk = as_(CLERK)
    page = new(clerk, "offline", day="2027-01-01", village="示例一村", people="很多", summary="问田地", answered_by="法律顾问")
    assert "没有记下，有 3 处要改" in page
    for said in ("2027-01-01 还没有到", "「很多」不是数", '<a class="alert-link" href="#field-category">类别</a>：没有填'):
        assert said in page
    assert 'value="很多"' in page
    assert "问田地</textarea>" in page
    assert ledger() == []


def test_a_form_is_taken_once_and_the_next_row_keeps_day_village_and_channel(as_: As, ledger: Any) -> None:
    clerk = as_(CLERK)
    filled = {**form(clerk, f"{BASE}/offline/new"), **CONSULTATION, "day": "2026-11-20", "channel": "电话", "then": "again"}
    page = clerk.post(f"{BASE}/offline/new", **filled)
    assert "记一条：线下咨询" in page
    assert 'value="2026-11-20"' in page
    assert re.search(r'value="电话"\s+checked', page)
    assert '<option selected value="示例一村"' in page
    assert "彩礼退不退" not in page
    again = clerk.post(f"{BASE}/offline/new", **filled)
    assert "这张表交过了，记成了第1号" in again
    assert len(ledger()) == 1
    assert "不完整" in clerk.post(f"{BASE}/offline/new", **{**filled, "token": "x"})
    assert len(ledger()) == 1


def test_what_a_person_chose_last_is_offered_first(as_: As) -> None:
    clerk = as_(CLERK)
    new(clerk, "offline", **{**CONSULTATION, "category": "劳动与工资", "adviser": "示例顾问九"})
    page = clerk.get(f"{BASE}/offline/new")
    assert page.index('value="劳动与工资"') < page.index('value="婚姻"')
    assert 'value="示例顾问九"' in page


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("services", SERVICE),
        ("people", {"name": "示例人员", "village": "示例一村", "kind": "村干部"}),
        ("trainings", {"topic": "示例主题", "attendance": "60"}),
        ("activities", {"topic": "示例主题", "form": "法治讲座", "attendance": "80"}),
        ("disputes", DISPUTE),
        ("inspections", {"village": "示例一村"}),
    ],
)  # fmt: skip
def test_every_register_can_be_filled_in(as_: As, ledger: Any, key: str, said: dict[str, str]) -> None:
    clerk = as_(CLERK)
    assert f"记下了：{REGISTERS[key].title}第1号" in new(clerk, key, **said)
    row = ledger(key)[0]
    assert {k: v for k, v in row.items() if k in said} == {k: int(v) if v.isdecimal() else v for k, v in said.items()}
    if key == "services":
        assert row["hours"] == 2.5


def test_what_goes_only_with_some_choice_is_asked_for_by_the_server_too(as_: As, ledger: Any) -> None:
    clerk = as_(CLERK)
    assert '<div class="mb-3" id="field-closed_on" data-only="result"' in clerk.get(f"{BASE}/disputes/new")
    page = new(clerk, "disputes", **DISPUTE, closed_on="2026-11-01")
    assert "「结果」是成功或不成才填" in page
    page = new(clerk, "disputes", **{**DISPUTE, "result": "成功", "closed_on": "2026-10-01"})
    assert "在「受理日期」2026-10-20 之前" in page
    assert ledger("disputes") == []


def test_a_correction_is_shown_before_it_is_made_and_both_values_stay(as_: As, app: Flask, there: Any, ledger: Any) -> None:
    number, clerk = there("disputes"), as_(CLERK)
    path = f"{BASE}/disputes/{number}/correct"
    filled = form(clerk, path)
    assert (filled["day"], filled["result"], filled["seen"]) == ("2026-10-20", "在办", "0")
    changed = {**filled, "result": "成功", "closed_on": "2026-11-02", "agreement": "书面"}
    assert "没有填。必须填：为什么改" in clerk.post(path, **changed)
    page = correct(clerk, path, reason="调解好了", step="check", base=changed)
    assert "还没有改" in page
    assert re.search(r"结果</th><td[^>]*>在办</td><td[^>]*><strong>成功", page)
    assert ledger("disputes")[0]["result"] == "在办"
    page = correct(clerk, path, reason="调解好了", step="save", base=changed)
    assert "改好了：矛盾纠纷第1号" in page
    assert "调解好了" in page
    assert "示例统计员" in page
    assert (ledger("disputes")[0]["result"], ledger("disputes")[0]["closed_on"]) == ("成功", "2026-11-02")
    assert (CLERK, "更正台账", "矛盾纠纷第1号") in log(app)
    assert "没有再改一次" in correct(clerk, path, reason="调解好了", step="save", base=changed)


def test_a_correction_on_top_of_somebody_elses_is_stopped(as_: As, there: Any, ledger: Any) -> None:
    number, clerk, justice = there("disputes"), as_(CLERK), as_(JUSTICE)
    path = f"{BASE}/disputes/{number}/correct"
    old = form(clerk, path)
    correct(justice, path, type="合同", reason="分错了")
    page = correct(clerk, path, remark="示例", reason="补备注", base=old)
    assert "刚刚有人改过" in page
    assert '<option selected value="合同"' in page
    assert (ledger("disputes")[0]["type"], ledger("disputes")[0]["remark"]) == ("合同", None)


def test_a_choice_that_the_town_dropped_stays_in_an_old_row(as_: As, there: Any, ledger: Any) -> None:
    number, clerk = there("offline", village="并走的村", groups="旧的人群"), as_(CLERK)
    path = f"{BASE}/offline/{number}/correct"
    assert form(clerk, path)["village"] == "并走的村"
    correct(clerk, path, minutes="15", reason="补时间")
    row = ledger()[0]
    assert (row["village"], row["groups"], row["minutes"]) == ("并走的村", "旧的人群", 15)


def test_a_row_is_struck_out_with_a_reason_and_no_longer_counts(as_: As, app: Flask, there: Any) -> None:
    number, clerk = there("offline"), as_(CLERK)
    path = f"{BASE}/offline/{number}/void"
    assert "没有填原因" in clerk.post(path, reason=" ")
    assert "作废了" in clerk.post(path, reason="记重了")
    assert "记重了" in clerk.get(f"{BASE}/offline/{number}")
    assert "0 条" in clerk.get(f"{BASE}/offline")
    assert "另有作废 1 条" in clerk.get(f"{BASE}/offline", voided="1")
    assert (CLERK, "作废台账", "线下咨询第1号") in log(app)
    assert "已经作废了" in clerk.post(path, reason="再来")


def test_a_closed_month_refuses_and_says_so_and_what_became_known_later_is_taken(
    as_: As, app: Flask, there: Any, ledger: Any
) -> None:
    number, clerk = there("disputes"), as_(CLERK)
    close(app, "2026-10")
    said = "2026-10 已经关账，这个月的记录不能增加、更正、作废。"
    for path in (f"{BASE}/disputes/{number}", f"{BASE}/disputes/{number}/void"):
        assert said in clerk.get(path)
    for page in (
        new(clerk, "disputes", **DISPUTE),
        clerk.post(f"{BASE}/disputes/{number}/void", reason="示例"),
        correct(clerk, f"{BASE}/disputes/{number}/correct", type="合同", reason="示例", step="check"),
    ):  # fmt: skip
        assert said in page
        assert "python" not in page
    assert [(r["number"], r["type"], r["voided_at"]) for r in ledger("disputes")] == [(1, "邻里", None)]
    path = f"{BASE}/disputes/{number}/correct"
    assert "改好了" in correct(clerk, path, result="不成", closed_on="2026-11-03", reason="办结")


def test_months_are_closed_by_the_clerk_and_reopened_by_others_with_a_reason(as_: As, app: Flask, there: Any) -> None:
    there("disputes")
    clerk, justice = as_(CLERK), as_(JUSTICE)
    page = clerk.get(f"{BASE}/months/2026-10")
    assert re.search(r"矛盾纠纷</a></th><td[^>]*>1</td>", page)
    assert "没有记「矛盾纠纷排查」的村" in page
    assert "2026-10 关账了" in clerk.post(f"{BASE}/months/2026-10/close")
    assert "已经关账了，不用再关" in clerk.post(f"{BASE}/months/2026-10/close")
    assert "🔒 已关账" in clerk.get(f"{BASE}/months/")
    assert "要重开，请管理员或司法所来办" in clerk.get(f"{BASE}/months/2026-10")
    assert clerk.status(f"{BASE}/months/2026-10/reopen", "POST", reason="我要改") == 403
    assert "没有填原因" in justice.post(f"{BASE}/months/2026-10/reopen", reason="")
    assert "2026-10 重开了" in justice.post(f"{BASE}/months/2026-10/reopen", reason="漏了一件")
    assert "漏了一件" in clerk.get(f"{BASE}/months/")
    assert {(CLERK, "关账", "2026-10"), (JUSTICE, "重开月份", "2026-10")} <= set(log(app))
    assert "还没有到，不能关账" in clerk.post(f"{BASE}/months/2026-12/close")
    assert [clerk.status(f"{BASE}/months/{m}") for m in ("2026-13", "1999-01", "x")] == [404, 404, 404]


def test_a_lawyer_enters_their_own_work_and_corrects_only_that(as_: As, app: Flask, there: Any, ledger: Any) -> None:
    foreign, lawyer = there("offline", adviser="示例法律顾问"), as_(LAWYER)
    page = new(lawyer, "services", served="镇政府", kind="法律咨询", adviser="冒名的人")
    assert "记下了" in page
    new(lawyer, "offline", village="示例三村", category="婚姻", answered_by="司法所", adviser="冒名的人")
    assert (ledger("services")[0]["adviser"], ledger()[1]["adviser"], ledger()[1]["answered_by"]) == (
        "示例法律顾问", "示例法律顾问", "法律顾问",
    )  # fmt: skip
    path = f"{BASE}/offline/2/correct"
    assert "改好了" in correct(lawyer, path, village="示例四村", reason="村记错")
    assert lawyer.status(f"{BASE}/offline/{foreign}/correct") == 403
    assert (
        lawyer.status(f"{BASE}/offline/{foreign}/correct", "POST", village="示例四村", reason="x", step="save", seen="0") == 403
    )
    assert ledger()[0]["village"] == "示例一村"
    other = as_(LAWYER, name="另一位顾问")
    assert other.status(path) == 403
    assert [lawyer.status(f"{BASE}/{p}") for p in ("disputes/new", "offline/2/void", "people", "months/", "books/")] == [
        403
    ] * 5
    assert f"{BASE}/offline/{foreign}/correct" not in lawyer.get(f"{BASE}/offline/{foreign}")


def test_a_row_noted_by_wechat_belongs_to_the_one_lawyer_of_that_name(as_: As, app: Flask) -> None:
    lawyer = as_(LAWYER, name="示例顾问甲")
    with app.extensions["bot"].store.writing() as db:
        values = {**CONSULTATION, "people": 1}
        records.add(db, REGISTERS["offline"], values, by="示例顾问甲（微信）", now=NOW)
    assert lawyer.status(f"{BASE}/offline/1/correct") == 200
    with app.extensions["bot"].store.writing() as db:
        advisers.add(db, name="示例顾问甲", role=LAWYER, village=None)  # type: ignore[arg-type]
    assert lawyer.status(f"{BASE}/offline/1/correct") == 403


def test_a_village_person_sees_and_enters_their_own_village_alone(as_: As, there: Any, ledger: Any) -> None:
    own, other = there("offline", summary="自己村的事"), there("offline", village="示例二村", summary="别村的事")
    there("disputes", village="示例二村", remark="别村的纠纷")
    minder = as_(MINDER)
    page = minder.get(f"{BASE}/offline")
    assert "自己村的事" in page
    assert "别村的事" not in page
    assert "别村的事" not in minder.get(f"{BASE}/offline", village="示例二村", word="别村")
    assert "0 条" in minder.get(f"{BASE}/disputes")
    assert minder.get(f"{BASE}/offline/{own}")
    assert minder.status(f"{BASE}/offline/{other}") == 404
    assert minder.status(f"{BASE}/offline/999") == 404
    assert minder.status(f"{BASE}/disputes/1") == 404
    assert "别村的事" not in minder.get(f"{BASE}/offline/new", like=other)
    page = new(minder, "offline", category="婚姻", village="示例二村", answered_by="司法所", adviser="冒名的人")
    assert "记下了" in page
    row = ledger()[-1]
    assert (row["village"], row["answered_by"], row["adviser"]) == ("示例一村", "法律明白人", "示例法律明白人")
    assert [
        minder.status(f"{BASE}/{p}") for p in ("people", "services", "people/1", "disputes/new", f"offline/{own}/correct")
    ] == [403] * 5
    assert "示例二村" not in minder.get(f"{BASE}/")


def test_who_only_reads_sees_counts_and_choices_but_no_text(as_: As, app: Flask, there: Any) -> None:
    number, clerk, reader = there("offline", summary="私下的话", remark="旁注"), as_(CLERK), as_(READER)
    correct(clerk, f"{BASE}/offline/{number}/correct", summary="改过的话", minutes="5", reason="改的理由")
    there("people", day="2026-03-01", name="示例人员", village="示例一村", kind="村干部")
    pages = [reader.get(f"{BASE}/{p}") for p in ("", "offline", f"offline/{number}", "people", "people/1")]
    pages.append(reader.get(f"{BASE}/offline", word="私下"))
    for page in pages:
        for text in ("私下的话", "改过的话", "旁注", "改的理由", "示例顾问一", "示例人员", "示例经手人", "示例统计员"):
            assert text not in page
    assert "婚姻" in pages[1]
    assert "1 条" in pages[5]
    assert "（不显示）" in pages[2]
    assert [reader.status(f"{BASE}/{p}") for p in ("offline/new", "books/", "books/export", "months/", "offline/1/void")] == [
        403
    ] * 5


def test_reading_the_roster_and_exporting_is_in_the_security_log(as_: As, app: Flask, there: Any) -> None:
    there("people", day="2026-03-01", name="示例人员", village="示例一村", kind="村干部")
    clerk = as_(CLERK)
    clerk.get(f"{BASE}/people")
    clerk.get(f"{BASE}/people/1")
    response = clerk.http.get(f"{BASE}/books/export", query_string={"key": "people", "to": "2026-11-24"})
    book = openpyxl.load_workbook(io.BytesIO(response.data))
    assert [c.value for c in book["法律明白人名册"][2]][1:3] == ["示例人员", "示例一村"]
    assert log(app)[-3:] == [
        (CLERK, "查看名册", "法律明白人名册 1 条"),
        (CLERK, "查看名册", "法律明白人名册 第1号"),
        (CLERK, "导出台账", "法律明白人名册 2026-01-01 至 2026-11-24 1 条，含人名"),
    ]


def test_the_first_page_counts_and_names_what_is_missing(as_: As, app: Flask, there: Any) -> None:
    there("offline")
    there("offline", day="2026-03-01")
    there("disputes", day="2026-09-01")
    there("inspections", day="2026-11-02", village="示例一村", rounds=1, found=0, prevented=0)
    close(app, "2026-09")
    page = as_(ADMIN).get(f"{BASE}/")
    assert re.search(r'线下咨询</a></th>\s*<td class="num">1</td><td class="num">2</td>', page)
    assert "这个月还没有记排查的村（11 个）" in page
    assert "示例一村</a>" not in page.partition("这个月还没有记法律顾问服务的村")[0]
    assert "受理超过30天还在办的纠纷：" in page
    assert "上个月还没有关账" in page
    assert "已关账：2026-09" in page


def test_texts_of_people_are_shown_as_text(as_: As, there: Any) -> None:
    clerk = as_(CLERK)
    new(clerk, "offline", **{**CONSULTATION, "summary": XSS, "adviser": XSS})
    path = f"{BASE}/offline/1/correct"
    preview = correct(clerk, path, remark=XSS, reason=XSS, step="check")
    correct(clerk, path, remark=XSS, reason=XSS)
    failed = new(clerk, "offline", **{**CONSULTATION, "people": XSS, "category": XSS})
    for page in (
        preview, failed, clerk.get(f"{BASE}/offline"), clerk.get(f"{BASE}/offline/1"), clerk.get(path),
        clerk.get(f"{BASE}/offline/new"),
        clerk.get(f"{BASE}/offline", word=XSS, village=XSS, **{"from": XSS}), clerk.get(f"{BASE}/offline/1/void"),
    ):  # fmt: skip
        assert "&lt;script&gt;" in page
        assert "<script>alert" not in page
        assert "<img" not in page


def test_a_workbook_is_entered_once_unless_somebody_insists(as_: As, app: Flask, ledger: Any) -> None:
    clerk = as_(CLERK)
    template = clerk.http.get(f"{BASE}/books/template", query_string={"key": "inspections"})
    assert openpyxl.load_workbook(io.BytesIO(template.data)).sheetnames == ["填写说明", "矛盾纠纷排查", "选项"]
    raw = sheet([{"日期": "2026-11-02", "村": "示例一村", "发现纠纷": 2}, {"日期": "2026-11-03", "村": "示例二村"}])
    _, page = send(clerk, raw)
    assert "导入了 2 行" in page
    assert [(r["village"], r["found"], r["entered_by"]) for r in ledger("inspections")] == [
        ("示例一村", 2, "示例统计员"), ("示例二村", 0, "示例统计员"),
    ]  # fmt: skip
    assert (CLERK, "导入台账", "排查.xlsx 2 行") in log(app)
    clerk.post(f"{BASE}/inspections/1/void", reason="示例")
    where, page = send(clerk, raw)
    assert "这个文件导入过了" in page
    assert len(ledger("inspections")) == 2
    assert as_(JUSTICE).status(f"{where}/again", "POST") == 404
    assert "导入了 1 行" in clerk.post(f"{where}/again")
    assert len(ledger("inspections")) == 3
    assert clerk.status(f"{where}/again", "POST") == 404


def test_a_workbook_with_one_fault_is_not_entered_at_all_and_comes_back_marked(as_: As, app: Flask, ledger: Any) -> None:
    clerk = as_(CLERK)
    raw = sheet([
        {"日期": "2026-11-02", "村": "示例一村"}, {"日期": "2026-11-03", "村": "没有的村"}, {"日期": "=TODAY()", "村": XSS},
    ])  # fmt: skip
    where, page = send(clerk, raw)
    assert "有 3 处不对" in page
    assert "一行也没有导入" in page
    assert "没有「没有的村」这一项" in page
    assert "是公式" in page
    assert "<script>alert" not in page
    assert ledger("inspections") == []
    response = clerk.http.get(f"{where}/marked")
    book = openpyxl.load_workbook(io.BytesIO(response.data))
    assert book.sheetnames[0] == "检查结果"
    assert book["矛盾纠纷排查"]["B3"].comment.text.startswith("没有「没有的村」")
    other = as_(JUSTICE)
    assert [other.status(f"{where}{p}") for p in ("", "/marked")] == [404, 404]
    assert clerk.status(f"{BASE}/books/import/../../../etc/passwd") == 404


def test_rows_of_a_closed_month_and_changed_rows_are_not_imported(as_: As, app: Flask, there: Any, ledger: Any) -> None:
    number = there("inspections", day="2026-11-01", village="示例一村", rounds=1, found=0, prevented=0)
    close(app, "2026-10")
    clerk = as_(CLERK)
    _, page = send(clerk, sheet([{"日期": "2026-10-02", "村": "示例一村"}]))
    assert "2026-10 已经关账" in page
    response = clerk.http.get(f"{BASE}/books/export", query_string={"key": "inspections"})
    book = openpyxl.load_workbook(io.BytesIO(response.data))
    book["矛盾纠纷排查"]["D2"] = 9
    out = io.BytesIO()
    book.save(out)
    _, page = send(clerk, out.getvalue())
    assert f"台账里的第{number}号和这一行不一样" in page
    assert "python" not in page
    assert len(ledger("inspections")) == 1


def zipped(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name.replace("__", "/"), data)
    return out.getvalue()


def with_entity() -> bytes:
    raw = zipfile.ZipFile(io.BytesIO(sheet([{"日期": "2026-11-02", "村": "示例一村"}])))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for part in raw.namelist():
            data = raw.read(part)
            if part.endswith("sheet1.xml"):
                data = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + data.partition(b"?>")[2]
            archive.writestr(part, data)
    return out.getvalue()


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "打不开，不是 .xlsx 表格"),
        (b"PK\x03\x04 nonsense", "打不开，不是 .xlsx 表格"),
        (zipped(bomb=bytes(201 * 1024 * 1024)), "文件解开后太大"),
        (with_entity(), "文档类型声明"),
    ],
    ids=["empty", "no workbook", "bomb", "entity"],
)
def test_a_hostile_workbook_is_refused_in_words(as_: As, ledger: Any, raw: bytes, said: str) -> None:
    where, page = send(as_(CLERK), raw)
    assert where == f"{BASE}/books/import"
    assert said in page
    assert "root:" not in page
    assert ledger("inspections") == []


def test_a_file_of_50_megabytes_is_not_even_read(as_: As) -> None:
    clerk = as_(CLERK)
    head = b'--x\r\nContent-Disposition: form-data; name="book"; filename="a.xlsx"\r\n\r\n'
    body = head + bytes(50 * 1024 * 1024) + b"\r\n--x--\r\n"
    headers = {"X-CSRFToken": clerk.token()}
    response = clerk.http.post(
        f"{BASE}/books/import", data=body, content_type="multipart/form-data; boundary=x", headers=headers
    )
    assert response.status_code == 413
    assert "文件太大" in response.text


def test_addresses_that_nobody_made_lead_nowhere(as_: As) -> None:
    clerk = as_(CLERK)
    paths = (
        "nothing",
        "nothing/1",
        "nothing/new",
        "offline/1",
        "offline/99999999999999999999",
        "books/export?key=users",
        "books/import/x",
    )
    assert [clerk.status(f"{BASE}/{path}") for path in paths] == [404] * len(paths)
    assert clerk.get(f"{BASE}/offline", page="99999999999999999999", key="x", _scheme="javascript", _external="1")
    assert clerk.get(f"{BASE}/offline/new", like="99999999999999999999", village=XSS)
    assert [clerk.status(f"{BASE}/{path}", "GET") for path in ("months/2026-10/close", "months/2026-10/reopen")] == [405, 405]


def test_where_the_lists_cannot_be_read_the_page_says_so(as_: As, knowledge: Path) -> None:
    clerk = as_(CLERK)
    (knowledge / "registers.yaml").write_text("七进: [", encoding="utf-8")
    response = clerk.http.get(f"{BASE}/offline/new")
    assert response.status_code == 503
    assert "现在不能记台账" in response.text


def test_a_form_without_the_token_of_its_page_changes_nothing(as_: As, ledger: Any) -> None:
    clerk = as_(CLERK)
    response = clerk.http.post(f"{BASE}/offline/new", data=CONSULTATION)
    assert response.status_code == 400
    assert ledger() == []


def test_who_is_not_logged_in_sees_no_register(outsider: Client) -> None:
    for path in ("", "offline", "offline/1", "books/export", "months/"):
        response = outsider.http.get(f"{BASE}/{path}")
        assert (response.status_code, response.headers["Location"].partition("?")[0]) == (302, "/console/login")
