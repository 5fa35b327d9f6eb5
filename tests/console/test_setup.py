"""The settings in the console."""

import html
import json
import re
from pathlib import Path

import pytest
import yaml
from flask import Flask

from bot.faq.edit import history
from bot.ledger.access import audit, users
from bot.ledger.access.users import ADMIN, CLERK, JUSTICE, LAWYER, MINDER, READER, ROLES
from bot.ledger.register import records
from bot.ledger.register.definitions import REGISTERS
from tests.conftest import KNOWLEDGE
from tests.console.conftest import NOW, As, Client

BASE = "/console/setup"
FORMS = (
    "/town/office", "/town/village/1", "/hotlines/110", "/registers", "/counting", "/retention", "/thresholds",
    "/wording/choices", "/crisis/正在被骗",
)  # fmt: skip
PAGES = ("/", "/town", "/hotlines/", "/crisis/", "/wording/", *FORMS)
XSS = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'


@pytest.fixture(autouse=True)
def files(knowledge: Path) -> None:
    for name in ("counting.yaml", "retention.yaml"):
        (knowledge / name).write_bytes((KNOWLEDGE / name).read_bytes())


def form(page: str) -> dict[str, object]:
    """Return what a browser would send of the page's last form with a button 保存 or 去掉."""
    found: dict[str, object] = {}
    (text,) = re.findall(r'<form method="post" novalidate.*?</form>', page, re.DOTALL)
    for tag in re.findall(r"<input[^>]*>", text):
        said = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if said.get("type") in {"checkbox", "radio"}:
            if " checked" in tag:
                found.setdefault(said["name"], []).append(html.unescape(said["value"]))  # type: ignore[attr-defined]
        elif said["name"] != "csrf_token":
            found[said["name"]] = html.unescape(said.get("value", ""))
    for name, value in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', text, re.DOTALL):
        found[name] = html.unescape(value).strip()
    return found


def change(client: Client, path: str, **said: object) -> str:
    """Open a form, change some of it, save, and return the page that comes."""
    return client.post(BASE + path, **(form(client.get(BASE + path)) | said))


def data(knowledge: Path, name: str) -> object:
    return yaml.safe_load((knowledge / f"{name}.yaml").read_text("utf-8"))


def noted(app: Flask) -> list[tuple[str, str, str]]:
    with app.extensions["bot"].store.reading() as db:
        return [(e.who, e.what, e.about) for e in audit.entries(db)]


@pytest.mark.parametrize("role", ROLES)
def test_everybody_sees_the_settings_and_two_roles_may_change_them(as_: As, knowledge: Path, role: str) -> None:
    client = as_(role)
    for path in PAGES:
        page = client.get(BASE + path)
        if path in FORMS:
            assert ("fieldset disabled" in page) == (role not in {ADMIN, JUSTICE}), path
    before = (knowledge / "town.yaml").read_bytes()
    for path in (
        *FORMS,
        "/town/village/new",
        "/town/village/1/remove",
        "/hotlines/new",
        "/hotlines/110/checked",
        "/hotlines/120/remove",
    ):
        status = client.status(BASE + path, "POST")
        assert (status == 403) == (role not in {ADMIN, JUSTICE}), (path, status)
    assert (knowledge / "town.yaml").read_bytes() == before


@pytest.mark.parametrize("path", FORMS)
def test_a_form_saved_as_it_was_writes_nothing(as_: As, knowledge: Path, path: str) -> None:
    before = {p: p.read_bytes() for p in knowledge.glob("*.yaml")}
    assert "没有改什么" in change(as_(ADMIN), path)
    assert {p: p.read_bytes() for p in knowledge.glob("*.yaml")} == before
    assert history.log(knowledge) == []


def test_a_change_is_written_with_its_author_and_the_comments_stay(as_: As, app: Flask, knowledge: Path) -> None:
    page = change(as_(JUSTICE), "/town/village/2", adviser_name="王律师", adviser_phone="13800000000", why="换人了")
    assert "保存好了" in page
    assert "王律师" in page
    text = (knowledge / "town.yaml").read_text("utf-8")
    assert text.startswith("# 本镇的基本情况")
    assert yaml.safe_load(text)["villages"][1]["adviser"]["phone"] == "13800000000"
    last = history.log(knowledge)[0]
    assert (last.author, last.why, last.paths) == ("示例司法所（司法所）", "设置：村 2，换人了", ("town.yaml",))
    assert noted(app)[-1] == ("司法所", "修改设置", "村 2")


FAULTS = [
    ("/town/office", {"name": " "}, "没有填"),
    ("/town/office", {"office_phone": "长" * 81}, "要1到80个字"),
    ("/town/office", {"office_hours": "周一\u200b"}, "看不见的字符"),
    ("/town/village/1", {"name": "示例二村"}, "已经有这个村名了"),
    ("/town/village/1", {"name": "未说明"}, "不能用"),
    ("/town/village/1", {"scene": "2"}, "别的村在用这个编号"),
    ("/town/village/1", {"scene": "零"}, "之间的整数"),
    ("/town/village/1", {"adviser_duty": ""}, "没有填"),
    ("/hotlines/110", {"number": "12a"}, "3到6位数字"),
    ("/hotlines/110", {"number": "120"}, "已经有这个号码了"),
    ("/hotlines/110", {"checked": "去年"}, "不是日期"),
    ("/hotlines/110", {"checked": "2027-01-01"}, "还没有到这一天"),
    ("/hotlines/110", {"purpose": "x"}, "要2到40个字"),
    ("/registers", {"list0": " \n"}, "至少留一项"),
    ("/registers", {"list0": "机关\n机关"}, "有两行是一样的"),
    ("/registers", {"list1": "农民、农民工"}, "程序读不懂"),
    ("/registers", {"list2": "长" * 41}, "太长"),
    ("/counting", {"outcomes": []}, "至少选一个"),
    ("/counting", {"window": "年"}, "选一个"),
    ("/counting", {"channels": ["网页", "电报"]}, "不能选的"),
    ("/counting", {"adviser_hours": "-1"}, "小时数"),
    ("/counting", {"round0": "0"}, "之间的整数"),
    ("/retention", {"text_days": "181"}, "不能多于180天"),
    ("/retention", {"text_days": "永久"}, "不能是永久"),
    ("/retention", {"rows_years": "1"}, "不能少于2年"),
    ("/retention", {"log_months": "许多"}, "应当是整数"),
    ("/thresholds", {"answer": "1.5"}, "0到1之间"),
    ("/thresholds", {"offer": "0.9", "answer": "0.5"}, "不能比上面那个大"),
]


@pytest.mark.parametrize(("path", "said", "told"), FAULTS)
def test_a_fault_is_told_beside_its_field_and_nothing_is_written(
    as_: As, knowledge: Path, path: str, said: dict[str, object], told: str
) -> None:
    before = {p: p.read_bytes() for p in knowledge.glob("*.yaml")}
    page = change(as_(ADMIN), path, **said)
    assert told in html.unescape(page)
    assert "还没有保存" in page
    assert {p: p.read_bytes() for p in knowledge.glob("*.yaml")} == before


def test_what_was_typed_is_kept_where_a_form_has_a_fault(as_: As) -> None:
    page = change(as_(ADMIN), "/town/village/1", name="", adviser_name="新来的")
    assert 'value="新来的"' in page


def test_renaming_a_village_tells_what_names_it_and_waits_to_be_confirmed(as_: As, app: Flask, knowledge: Path) -> None:
    with app.extensions["bot"].store.writing() as db:
        values = {"day": "2026-11-01", "village": "示例一村", "rounds": 1, "found": 0, "prevented": 0, "remark": None}
        records.add(db, REGISTERS["inspections"], values, by="李", now=NOW)
    client = as_(ADMIN)
    page = change(client, "/town/village/1", name="甲村")
    assert "「示例一村」已经有：矛盾纠纷排查 1。" in page
    assert "报表里旧村名单独列一行" in page
    assert data(knowledge, "town")["villages"][0]["name"] == "示例一村"  # type: ignore[index]
    assert "保存好了" in client.post(f"{BASE}/town/village/1", **(form(page) | {"sure": "y"}))
    assert data(knowledge, "town")["villages"][0]["name"] == "甲村"  # type: ignore[index]
    with app.extensions["bot"].store.reading() as db:
        assert [row["village"] for row in db.query("select village from inspections")] == ["示例一村"]


def test_a_village_nobody_named_yet_is_renamed_at_once(as_: As) -> None:
    assert "保存好了" in change(as_(ADMIN), "/town/village/5", name="甲村")


def test_villages_are_added_and_taken_out(as_: As, knowledge: Path) -> None:
    client = as_(ADMIN)
    page = client.get(f"{BASE}/town/village/new")
    said = form(page) | {"name": "新村", "adviser_name": "张", "adviser_phone": "1", "adviser_duty": "每周三 9:00–11:00"}
    assert said["scene"] == "13"
    assert "新村" in client.post(f"{BASE}/town/village/new", **said)
    page = client.get(f"{BASE}/town/village/13/remove")
    assert "勾选这一项" in client.post(f"{BASE}/town/village/13/remove")
    assert len(data(knowledge, "town")["villages"]) == 13  # type: ignore[index]
    client.post(f"{BASE}/town/village/13/remove", sure="y")
    assert len(data(knowledge, "town")["villages"]) == 12  # type: ignore[index]
    assert client.status(f"{BASE}/town/village/13") == 404
    assert client.status(f"{BASE}/town/village/13/remove", "POST") == 404


def test_the_mark_of_an_example_goes_only_knowingly(as_: As, knowledge: Path) -> None:
    client = as_(ADMIN)
    said = form(client.get(f"{BASE}/town/office"))
    del said["example"]
    page = client.post(f"{BASE}/town/office", **said)
    assert "还有「示例」字样" in page
    client.post(f"{BASE}/town/office", **said, sure="y")
    assert data(knowledge, "town")["example"] is False  # type: ignore[index]


def test_a_hotline_is_noted_as_checked_today(as_: As, app: Flask, knowledge: Path) -> None:
    client = as_(JUSTICE)
    page = client.post(f"{BASE}/hotlines/120/checked")
    assert "保存好了" in page
    rows = {row["number"]: row["checked"].isoformat() for row in data(knowledge, "hotlines")}  # type: ignore[attr-defined]
    assert (rows["120"], rows["110"]) == ("2026-11-24", "2026-11-23")
    assert noted(app)[-1] == ("司法所", "修改设置", "核对了 120")
    assert "没有改什么" in client.post(f"{BASE}/hotlines/120/checked")
    assert client.status(f"{BASE}/hotlines/000/checked", "POST") == 404


def test_hotlines_that_nobody_checked_for_a_quarter_are_pointed_out(as_: As, knowledge: Path) -> None:
    path = knowledge / "hotlines.yaml"
    path.write_text(path.read_text("utf-8").replace("2026-11-23", "2026-01-01", 2), "utf-8")
    client = as_(READER)
    assert client.get(f"{BASE}/hotlines/").count("超过一个季度没核对") == 2
    assert "2 条超过一个季度没有核对" in client.get(f"{BASE}/")


def test_a_hotline_of_an_emergency_card_stays(as_: As, knowledge: Path) -> None:
    client = as_(ADMIN)
    assert "不能去掉" in client.http.get(f"{BASE}/hotlines/110/remove", follow_redirects=True).text
    assert "急事卡片（" in change(client, "/hotlines/110", number="999")
    client.post(f"{BASE}/hotlines/12389/remove", sure="y")
    assert [row["number"] for row in data(knowledge, "hotlines") if row["number"] in {"110", "12389"}] == ["110"]  # type: ignore[attr-defined]


def test_lists_of_the_registers_change_and_what_was_used_is_told(as_: As, app: Flask, knowledge: Path) -> None:
    with app.extensions["bot"].store.writing() as db:
        values = {"day": "2026-11-01", "topic": "讨薪", "form": "法治课堂", "times": 1}
        empty = {f.key: None for f in REGISTERS["activities"].fields}
        records.add(db, REGISTERS["activities"], empty | values, by="李", now=NOW)
    client = as_(ADMIN)
    said = form(client.get(f"{BASE}/registers"))
    lists = {name: str(value).splitlines() for name, value in said.items() if name.startswith("list")}
    name = next(name for name, value in lists.items() if "法治课堂" in value)
    left = "\n".join(one for one in [*lists[name], "新形式"] if one != "法治课堂")
    page = client.post(f"{BASE}/registers", **(said | {name: left}))
    assert "「法治课堂」记过 1 条" in page
    client.post(f"{BASE}/registers", **(form(page) | {"sure": "y"}))
    forms = data(knowledge, "registers")["形式"]["宣传"]  # type: ignore[index]
    assert ("法治课堂" in forms, forms[-1]) == (False, "新形式")
    assert "# 来咨询的是什么人" in (knowledge / "registers.yaml").read_text("utf-8")


def test_the_counting_rule_changes_knowingly(as_: As, knowledge: Path) -> None:
    client = as_(ADMIN)
    page = change(client, "/counting", window="周")
    assert "包括以前的月份" in page
    client.post(f"{BASE}/counting", **(form(page) | {"sure": "y"}))
    assert data(knowledge, "counting")["window"] == "周"  # type: ignore[index]
    assert "保存好了" in change(
        client, "/counting", adviser_hours="7.5", sensitive=["婚姻"], type1=["邻里", "合同"], round0="1"
    )
    found = data(knowledge, "counting")
    assert (found["adviser_hours"], found["sensitive"], found["rounded"]["LED次数"]) == (7.5, ["婚姻"], 1)  # type: ignore[index]
    assert [value for value in found["mediation_types"].values() if value == "邻里、合同"] == ["邻里、合同"]  # type: ignore[index]


def test_shorter_periods_tell_what_they_would_delete(as_: As, knowledge: Path) -> None:
    client = as_(ADMIN)
    page = change(client, "/retention", text_days="30", counted_years="10")
    assert "删了找不回" in page
    client.post(f"{BASE}/retention", **(form(page) | {"sure": "y"}))
    found = data(knowledge, "retention")
    assert (found["text_days"], found["counted_years"], found["registers_years"]) == (30, 10, "永久")  # type: ignore[index]
    assert "保存好了" in change(client, "/retention", text_days="60")


def test_thresholds_are_shown_with_what_was_measured(as_: As, app: Flask, knowledge: Path) -> None:
    path = knowledge / "matching.yaml"
    measured = "\nmeasured:\n- {threshold: 0.5, direct_right: 0.529, direct_wrong: 0.037, false_answer: 0.093, helped: 0.936}\n"
    path.write_text(path.read_text("utf-8") + measured, "utf-8")
    app.extensions["bot"].library.refresh()
    client = as_(ADMIN)
    page = client.get(f"{BASE}/thresholds")
    assert "0.50（现在）" in page
    assert "52.9%" in page
    page = change(client, "/thresholds", answer="0.4")
    assert "直接答错的会变多" in page
    client.post(f"{BASE}/thresholds", **(form(page) | {"sure": "y"}))
    assert data(knowledge, "matching")["thresholds"]["answer"] == 0.4  # type: ignore[index]


def test_what_another_changed_meanwhile_is_kept_and_a_clash_is_shown(as_: As, knowledge: Path) -> None:
    one, other = as_(ADMIN), as_(JUSTICE)
    mine = form(one.get(f"{BASE}/town/village/1"))
    change(other, "/town/village/1", adviser_name="别人改的", adviser_phone="222")
    page = one.post(f"{BASE}/town/village/1", **(mine | {"adviser_phone": "333"}))
    assert "法律顾问：电话：现在是「222」，您填的是「333」" in page
    adviser = data(knowledge, "town")["villages"][0]["adviser"]  # type: ignore[index]
    assert (adviser["name"], adviser["phone"]) == ("别人改的", "222")
    mine = form(one.get(f"{BASE}/town/village/1"))
    change(other, "/town/village/1", adviser_name="又改了")
    change(other, "/town/village/2", adviser_name="别的村")
    assert "保存好了" in one.post(f"{BASE}/town/village/1", **(mine | {"adviser_phone": "333"}))
    adviser = data(knowledge, "town")["villages"][0]["adviser"]  # type: ignore[index]
    assert (adviser["name"], adviser["phone"]) == ("又改了", "333")
    assert data(knowledge, "town")["villages"][1]["adviser"]["name"] == "别的村"  # type: ignore[index]


@pytest.mark.parametrize("base", ["", "[]", "x", json.dumps({"name": 1}), "null"])
def test_a_form_without_what_it_was_based_on_clashes(as_: As, knowledge: Path, base: str) -> None:
    page = change(as_(ADMIN), "/town/village/1", adviser_phone="333", base=base)
    assert "有人改了同一项" in page
    assert "333" not in (knowledge / "town.yaml").read_text("utf-8")


@pytest.mark.parametrize("text", ["villages: [", "name: 镇\n", "", "\x00"])
def test_a_file_that_is_broken_is_told_and_not_overwritten(as_: As, knowledge: Path, text: str) -> None:
    (knowledge / "town.yaml").write_text(text, "utf-8")
    client = as_(ADMIN)
    for path in ("/town", "/town/office", "/town/village/1", "/town/village/1/remove"):
        response = client.http.get(BASE + path)
        assert (response.status_code, "写坏了" in response.text) == (503, True), path
    assert client.status(f"{BASE}/town/village/1", "POST", name="x") == 503
    assert (knowledge / "town.yaml").read_text("utf-8") == text
    assert "文件写坏了" in client.get(f"{BASE}/")


def test_settings_whose_file_is_not_there_yet_show_what_holds_and_make_the_file(as_: As, knowledge: Path) -> None:
    for name in ("counting.yaml", "retention.yaml"):
        (knowledge / name).unlink()
    client = as_(ADMIN)
    assert "没有改什么" in change(client, "/counting")
    assert "没有改什么" in change(client, "/retention")
    assert "保存好了" in change(client, "/counting", roster_per_village="4")
    assert data(knowledge, "counting") == {"roster_per_village": 4}
    assert "保存好了" in change(client, "/retention", rows_years="5")
    assert data(knowledge, "retention") == {"rows_years": 5}


def test_the_emergency_cards_are_shown_as_villagers_get_them(as_: As) -> None:
    page = as_(READER).get(f"{BASE}/crisis/")
    assert "先打110" in page
    assert "本条待律师审核。" in page
    assert f"{BASE}/crisis/正在被骗" not in page  # no way to change them


def test_what_people_typed_is_shown_as_text(as_: As, app: Flask) -> None:
    client = as_(ADMIN)
    change(client, "/town/village/1", adviser_name=XSS[:40], adviser_duty=XSS)
    app.extensions["bot"].library.refresh()
    for path in ("/town", "/town/village/1"):
        page = client.get(BASE + path)
        assert "<script>alert" not in page
        assert "<img" not in page
        assert "&lt;script&gt;" in page


def test_nobody_without_a_login_sees_anything(outsider: Client) -> None:
    assert {outsider.status(BASE + path) for path in PAGES} == {302}


def test_roles_are_those_of_the_console() -> None:
    assert {ADMIN, JUSTICE, CLERK, LAWYER, MINDER, READER} == set(users.ROLES)
