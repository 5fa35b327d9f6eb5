"""The FAQ in the console: found, read, edited, tried, merged, signed by a second person, stopped."""

import html
import os
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from bot.dialogue.respond import respond
from bot.faq.edit import history
from bot.faq.edit.drafting import held
from bot.faq.library import Library
from bot.ledger.access import audit
from bot.ledger.access.users import ADMIN, CLERK, JUSTICE, LAWYER, MINDER, READER, ROLES
from bot.message import WECHAT_TEXT, Incoming
from tests.console.conftest import NOW, As, Client

XSS = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'
EDITORS, SIGNERS = {ADMIN, JUSTICE, LAWYER, MINDER}, {JUSTICE, LAWYER}
WAGE = "/console/faq/entry/wage"


def library(app: Flask) -> Library:
    made: Library = app.extensions["bot"].library
    return made


def typed(client: Client, path: str) -> dict[str, object]:
    """Return what a form holds as it is shown, as a browser would send it."""
    page = client.get(path)
    form = page[page.index('id="entry"') : page.rindex("</form>")]
    said: dict[str, object] = {}
    for name, text in re.findall(r'<textarea[^>]*name="(\w+)"[^>]*>\n?(.*?)</textarea>', form, re.DOTALL):
        said[name] = html.unescape(text).replace("\n", "\r\n")
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="(\w+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and name[1] != "csrf_token":
            said[name[1]] = html.unescape(value[1]) if value else ""
    for name, options in re.findall(r'<select[^>]*name="(\w+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = [html.unescape(v) for v in re.findall(r'<option value="([^"]*)" selected>', options)]
        said[name] = chosen if name in {"related", "not_to_confuse_with"} else chosen[0] if chosen else ""
    return said


def edit(client: Client, path: str = f"{WAGE}/edit", do: str = "save", **changes: object) -> str:
    return client.post(path, **{**typed(client, path), "do": do, **changes})


def fields_of(app: Flask, id_: str = "wage") -> object:
    file = held(library(app).folder, id_).current
    assert file
    return file.fields


def sign(client: Client, id_: str = "wage", **changes: object) -> str:
    path = f"/console/faq/entry/{id_}/sign"
    seen = re.search(r'name="seen"[^>]*value="(\w+)"', client.get(path))
    said = {"seen": seen[1] if seen else "", "valid_until": "2027-11-20", "read": "y", **changes}
    return client.post(path, **{name: value for name, value in said.items() if value is not None})


def log_of(app: Flask) -> list[tuple[str, str, str]]:
    with app.extensions["bot"].store.reading() as db:
        return [(e.who, e.what, e.about) for e in audit.entries(db) if "常见问题" in e.what]


def ask(app: Flask, text: str, village: str = "") -> None:
    services = app.extensions["bot"]
    key = f"{text}{time.monotonic_ns()}"
    respond(Incoming(key, key, WECHAT_TEXT, "text", text), store=services.store, library=services.library, now=NOW)
    if village:
        with services.store.writing() as db:
            db.execute("update turns set village = :v where text = :t", {"v": village, "t": text})


# ---- who may what


PAGES = (
    ("GET", "/console/faq/", set(ROLES)),
    ("GET", "/console/faq/?q=工资&status=draft&problem=any", set(ROLES)),
    ("GET", WAGE, set(ROLES)),
    ("GET", "/console/faq/try?q=老板不给工资", set(ROLES)),
    ("GET", "/console/faq/new", EDITORS),
    ("GET", f"{WAGE}/edit", EDITORS),
    ("POST", f"{WAGE}/edit", EDITORS),
    ("POST", "/console/faq/preview", EDITORS),
    ("POST", f"{WAGE}/hand-in", EDITORS),
    ("GET", f"{WAGE}/discard", EDITORS),
    ("GET", f"{WAGE}/sign", SIGNERS),
    ("POST", f"{WAGE}/sign", SIGNERS),
    ("POST", f"{WAGE}/replay", SIGNERS),
    ("POST", f"{WAGE}/stop", {ADMIN, JUSTICE, LAWYER}),
    ("POST", f"{WAGE}/resume", {ADMIN, JUSTICE, LAWYER}),
)


@pytest.mark.parametrize("role", ROLES)
def test_each_role_opens_its_pages_and_no_other(as_: As, role: str) -> None:
    client = as_(role)
    for method, path, roles in PAGES:
        status = client.status(path, method)
        assert (status == 403) == (role not in roles), (method, path, status)
        assert status in {200, 302, 403}, (method, path, status)


def test_who_is_not_logged_in_sees_nothing(outsider: Client) -> None:
    assert outsider.status("/console/faq/") == 302
    assert outsider.status(WAGE) == 302


@pytest.mark.parametrize("id_", ["nobody", "..%2Fwage", "WAGE", "a" * 65, "wage.md"])
def test_an_entry_that_is_not_there_is_404(as_: As, id_: str) -> None:
    assert as_(LAWYER).status(f"/console/faq/entry/{id_}") == 404
    assert as_(JUSTICE).status(f"/console/faq/entry/{id_}/edit") == 404


# ---- the list


def test_the_list_finds_by_words_id_category_and_status(as_: As, app: Flask) -> None:
    client = as_(READER)
    page = client.get("/console/faq/")
    assert "共 3 条" in page
    assert page.count('scope="row"') == 3
    for query, ids in [
        ({"q": "工钱"}, ["wage"]),
        ({"q": "bride"}, ["bride-price"]),
        ({"q": "没有这个词"}, []),
        ({"category": "婚姻"}, ["bride-price", "divorce"]),
        ({"status": "draft"}, ["wage", "bride-price", "divorce"]),
        ({"status": "signed"}, []),
        ({"problem": "few"}, ["wage", "bride-price", "divorce"]),
        ({"problem": "error"}, []),
        ({"status": "nonsense", "problem": "nonsense", "page": "x"}, ["wage", "bride-price", "divorce"]),
    ]:
        page = client.get("/console/faq/", **query)
        assert re.findall(r'<a href="/console/faq/entry/([\w-]+)">', page) == ids, query


def test_the_list_says_what_is_expired_near_its_end_and_wrong(as_: As, app: Flask, knowledge: Path) -> None:
    for id_, category, old, new in [
        ("wage", "劳动与工资", "valid_until: 2027-11-30", "valid_until: 2026-11-01"),
        ("divorce", "婚姻", "valid_until: 2027-11-30", "valid_until: 2026-12-10"),
        ("bride-price", "婚姻", "第五十条", "第五百条"),
    ]:
        path = knowledge / "faq" / category / f"{id_}.md"
        path.write_text(path.read_text("utf-8").replace(old, new), encoding="utf-8")
    library(app).refresh()
    client = as_(READER)
    page = client.get("/console/faq/")
    assert "已过期" in page
    assert "快到期" in page
    assert "1 处错误" in page
    listed = lambda **query: re.findall(r'<a href="/console/faq/entry/([\w-]+)">', client.get("/console/faq/", **query))  # noqa: E731
    assert listed(status="expired") == ["wage"]
    assert listed(status="soon") == ["divorce"]
    assert listed(problem="basis") == ["bride-price"]
    assert listed(problem="error") == ["wage", "bride-price"]


def test_what_is_edited_in_the_folder_by_hand_appears(as_: As, app: Flask, knowledge: Path) -> None:
    path = knowledge / "faq" / "劳动与工资" / "wage.md"
    path.write_text(path.read_text("utf-8").replace("老板拖欠工资怎么要？", "包工头欠钱怎么要？"), encoding="utf-8")
    library(app).refresh()
    assert "包工头欠钱怎么要？" in as_(READER).get("/console/faq/")
    assert "包工头欠钱怎么要？" in as_(READER, name="另一人").get(WAGE)


# ---- reading and previewing


def test_an_entry_is_shown_as_villagers_see_it_with_its_length_and_the_text_of_its_basis(as_: As) -> None:
    page = as_(READER).get(WAGE)
    assert "您问的是：老板拖欠工资怎么要？不是请回 0。" in page
    assert "本条待律师审核" in page
    assert "工资应当以货币形式按月支付给劳动者本人" in page
    assert re.search(r"\d+ 字节，微信一条最多 2048", page)
    assert "/edit" not in page


def test_the_preview_is_what_wechat_sends_byte_for_byte(as_: As, app: Flask) -> None:
    from bot.dialogue.rules import asked, preview
    from handlers.wechat_io import to_text

    page = as_(LAWYER).get(WAGE)
    outcome = preview("老板拖欠工资怎么要？", library(app).current, NOW)
    assert asked("", library(app).current, NOW).snapshot is library(app).current
    assert f"{len(to_text(outcome.reply).encode())} 字节" in page


def test_a_long_answer_is_shown_in_several_messages(as_: As) -> None:
    client = as_(LAWYER)
    page = client.post(
        "/console/faq/preview",
        **{**typed(client, f"{WAGE}/edit"), "more": "后面还有很多话要说。\r\n" * 100, "answer": "可以。"},
    )
    assert "第 1 条" in page
    assert "第 3 条" in page
    assert all(int(size) <= 2048 for size in re.findall(r"(\d+) 字节，微信", page))
    assert "超过微信的2048" in page


def test_the_preview_names_what_is_wrong_beside_its_field_and_shows_the_article(as_: As) -> None:
    client = as_(MINDER)
    said = {
        **typed(client, f"{WAGE}/edit"),
        "basis": "民法典1079条第二款\r\n月球法1条",
        "answer": "连带责任。",
        "phrasings": "老公不肯离婚",
    }
    page = client.post("/console/faq/preview", **said)
    assert "人民法院审理离婚案件，应当进行调解" in page
    part = lambda name: page.split(f'data-for="{name}"')[1].split("data-for=")[0]  # noqa: E731
    assert "法律登记表里没有这部法" in part("beside-basis")
    assert "行话「连带责任」没有解释" in part("beside-answer")
    assert "和「对方不同意离婚怎么办？」这一条的「老公不肯离婚」一样" in part("beside-phrasings")
    assert "<html" not in page


def test_looking_saves_nothing_and_keeps_what_was_typed(as_: As, knowledge: Path) -> None:
    before = (knowledge / "faq/劳动与工资/wage.md").read_bytes()
    page = edit(as_(LAWYER), do="look", answer="改了一半，")
    assert "改了一半，</textarea>" in page
    assert "您问的是：老板拖欠工资怎么要？不是请回 0。\n\n改了一半，" in page
    assert (knowledge / "faq/劳动与工资/wage.md").read_bytes() == before


# ---- saving


def test_an_edit_is_saved_into_the_file_and_the_history_with_its_author(as_: As, app: Flask, knowledge: Path) -> None:
    page = edit(as_(MINDER, name="示例明白人甲"), answer="可以去镇里投诉。", why="换成镇里", related=["divorce", "bride-price"])
    assert "已保存，几秒后生效" in page
    text = (knowledge / "faq/劳动与工资/wage.md").read_text("utf-8")
    assert "可以去镇里投诉。" in text
    assert "related: [divorce, bride-price]" in text
    assert "updated: 2026-11-24" in text
    last, first = history.log(knowledge, "faq/劳动与工资/wage.md")
    assert (last.author, last.why) == ("示例明白人甲", "修改 wage：换成镇里")
    assert first.by_hand
    assert log_of(app) == [("示例明白人甲", "改常见问题", "wage")]
    assert library(app).refresh().entries["wage"].answer == "可以去镇里投诉。"


def test_saving_without_a_change_or_twice_changes_nothing(as_: As, app: Flask, knowledge: Path) -> None:
    client = as_(LAWYER)
    assert "没有改动" in edit(client)
    said = {**typed(client, f"{WAGE}/edit"), "do": "save", "answer": "新答案。"}
    client.post(f"{WAGE}/edit", **said)
    client.post(f"{WAGE}/edit", **said)
    assert len(history.log(knowledge, "faq/劳动与工资/wage.md")) == 2
    assert len(log_of(app)) == 1


def test_what_is_wrong_is_said_on_top_and_beside_and_nothing_is_lost(as_: As, knowledge: Path) -> None:
    page = edit(as_(LAWYER), question="长" * 61, basis="随便", answer=f"可以。\r\n## 更多\r\n{XSS}", valid_until="明年")
    assert "没有保存，有 4 处要改" in page
    for text in ("太长。缩短到 60 字以内", "读不懂的依据「随便」", "不能单独有一行「## 更多」", "不是日期"):
        assert page.count(text) >= 2
    assert "长" * 61 in page
    assert 'value="明年"' in page
    assert html.escape(XSS, quote=True).replace("&quot;", "&#34;") in page.replace("&quot;", "&#34;")
    assert "<script>alert" not in page
    assert history.log(knowledge, "faq/劳动与工资/wage.md") == []


def test_a_category_that_is_not_offered_is_refused(as_: As, knowledge: Path) -> None:
    for category in ("../../etc", "", ".隐藏", "新类别"):
        assert "没有选类别" in edit(as_(LAWYER, name=f"律师{category or '空'}"), category=category)
    assert sorted(p.name for p in (knowledge / "faq").iterdir()) == ["劳动与工资", "婚姻"]


def test_another_category_moves_the_file(as_: As, knowledge: Path) -> None:
    edit(as_(LAWYER), category="婚姻")
    assert (knowledge / "faq/婚姻/wage.md").exists()
    assert not (knowledge / "faq/劳动与工资/wage.md").exists()


def test_hostile_text_is_kept_as_text_and_shown_escaped_everywhere(as_: As, app: Flask) -> None:
    client = as_(LAWYER)
    phrasings, answer = f"{XSS}\r\n---\r\n老板不给工资", f"{XSS}\r\n---\r\nstatus: signed"
    edit(client, question=f"{XSS[:57]}？", phrasings=phrasings, answer=answer, more=XSS, deadline=XSS, author=XSS, why=XSS)
    library(app).refresh()
    entry = library(app).current.entries["wage"]
    assert (entry.answer, entry.status) == (f"{XSS}\n---\nstatus: signed", "draft")
    assert entry.phrasings == (XSS, "---", "老板不给工资")
    reader = as_(READER)
    for who, path, query in (
        (reader, "/console/faq/", {}),
        (reader, WAGE, {}),
        (reader, "/console/faq/", {"q": XSS, "category": XSS}),
        (reader, "/console/faq/try", {"q": XSS}),
        (reader, "/console/faq/try", {"q": "老板不给工资"}),
        (client, f"{WAGE}/edit", {"phrasing": XSS}),
        (client, "/console/faq/new", {"question": XSS, "answer": XSS, "category": XSS}),
    ):
        page = who.get(path, **query)
        assert "alert(1)" in page, path
        assert "<script>alert" not in page, path
        assert "<img src=x" not in page, path


def test_invisible_characters_come_back_taken_out_and_are_not_saved_before_somebody_looked(as_: As, app: Flask) -> None:
    page = edit(as_(LAWYER), answer="可\u200b以\u202e投诉\x07。")
    assert "里面有看不见的字符" in page
    assert "可以投诉。</textarea>" in page
    assert fields_of(app).answer == "可以去劳动监察投诉。"  # type: ignore[attr-defined]


def test_too_much_text_is_refused(as_: As) -> None:
    assert "太大" in edit(as_(LAWYER), answer="可以。" + "说话。" * 9000)
    client = as_(JUSTICE)
    assert client.status(f"{WAGE}/edit", "POST", answer="长" * 400_000) == 413


# ---- a new entry


def new(client: Client, **changes: object) -> str:
    said = {
        "question": "包工头跑了怎么办？",
        "category": "劳动与工资",
        "phrasings": "包工头跑了\r\n工头不见了",
        "answer": "可以找总包要。",
        "basis": "劳动法50条",
        "author": "示例律师",
        "valid_until": "2027-11-30",
        "do": "save",
    }
    return client.post("/console/faq/new", **{**said, **changes})


def test_a_new_entry_gets_an_id_by_how_it_is_read(as_: As, app: Flask, knowledge: Path) -> None:
    client = as_(MINDER)
    assert "已保存" in new(client)
    entry = library(app).refresh().entries["bao-gong-tou-pao"]
    assert (entry.status, entry.basis, entry.category) == ("draft", ("《劳动法》第五十条",), "劳动与工资")
    assert log_of(app) == [("法律明白人示例一村", "新增常见问题", "bao-gong-tou-pao")]
    new(client)  # sent twice
    assert sorted(p.stem for p in (knowledge / "faq/劳动与工资").iterdir()) == ["bao-gong-tou-pao", "wage"]
    assert "这个问题已经有一条（bao-gong-tou-pao）" in new(client, answer="别的答案。")


def test_an_id_that_is_taken_or_none_is_refused(as_: As, knowledge: Path) -> None:
    client = as_(LAWYER)
    for id_, problem in (
        ("wage", "这个编号已经有了"),
        ("../x", "编号只能用"),
        ("大写", "编号只能用"),
        ("a" * 65, "编号只能用"),
    ):
        assert problem in new(client, id=id_)
    assert "已保存" in new(client, id="boss-ran")
    assert (knowledge / "faq/劳动与工资/boss-ran.md").exists()


def test_a_new_entry_is_filled_in_by_its_address(as_: As) -> None:
    page = as_(LAWYER).get(
        "/console/faq/new", question="工头跑了？", phrasing=["工头不见了", "找不到人"], answer="可以。", category="婚姻"
    )
    assert 'value="工头跑了？"' in page
    assert "工头不见了\n找不到人</textarea>" in page
    assert '<option value="婚姻" selected>' in page
    assert 'value="2027-11-24"' in page


def test_an_unfinished_entry_waits_and_answers_nobody(as_: As, app: Flask, knowledge: Path) -> None:
    client = as_(MINDER)
    page = new(client, basis="", answer="")
    assert "先存着，以后再写完" in page
    page = new(client, basis="", answer="", do="keep")
    assert "先存着了，还没写完" in page
    assert (knowledge / "drafts/劳动与工资/bao-gong-tou-pao.md").exists()
    assert "bao-gong-tou-pao" not in library(app).refresh().entries
    assert "没写完" in client.get("/console/faq/", status="unfinished")
    path = "/console/faq/entry/bao-gong-tou-pao"
    assert "没有写完" in client.post(f"{path}/hand-in")
    assert "已保存" in edit(client, f"{path}/edit", basis="劳动法50条", answer="可以找总包。")
    assert not (knowledge / "drafts/劳动与工资/bao-gong-tou-pao.md").exists()
    assert library(app).refresh().entries["bao-gong-tou-pao"].answer == "可以找总包。"


def test_the_draft_that_was_made_of_a_ticket_is_opened_and_finished(as_: As, app: Flask, knowledge: Path) -> None:
    from bot.dialogue.drafts import draft

    draft(knowledge, "q-023", "婚姻", "能不能退彩礼？", "一般能退。", "示例律师", now=NOW)
    library(app).refresh()
    client = as_(LAWYER)
    assert "q-023" in client.get("/console/faq/", status="unfinished")
    assert "已保存" in edit(client, "/console/faq/entry/q-023/edit", basis="民法典1042条")
    assert library(app).refresh().entries["q-023"].answer == "一般能退。"


def test_a_file_that_was_spoilt_by_hand_is_explained(as_: As, app: Flask, knowledge: Path) -> None:
    (knowledge / "faq/婚姻/divorce.md").write_text(f"乱了{XSS}", encoding="utf-8")
    library(app).refresh()
    page = as_(LAWYER).get("/console/faq/entry/divorce/edit")
    assert "开头没有用两行 --- 框起来的项目" in page
    assert "<script>alert" not in page
    assert as_(READER).status("/console/faq/entry/divorce") == 200


# ---- two people at once


def test_the_second_sees_the_first_change_and_nothing_is_overwritten(as_: As, app: Flask) -> None:
    one, two = as_(LAWYER, name="示例律师甲"), as_(MINDER, name="示例明白人乙")
    mine = {
        **typed(two, f"{WAGE}/edit"),
        "do": "save",
        "phrasings": "老板不给工资\r\n欠我三个月工钱\r\n乙加的",
        "deadline": "一年内。",
    }
    edit(one, answer="甲的答案。", phrasings="老板不给工资\r\n欠我三个月工钱\r\n甲加的")
    page = two.post(f"{WAGE}/edit", **mine)
    assert "您改的时候，示例律师甲也改了这一条，还没有保存" in page
    assert "可以去劳动监察投诉。" in page  # as it was
    assert fields_of(app).phrasings[-1] == "甲加的"  # type: ignore[attr-defined]
    said = sent(page)
    assert said["answer"] == "甲的答案。"
    assert said["phrasings"] == "老板不给工资\r\n欠我三个月工钱\r\n甲加的\r\n乙加的"
    assert said["deadline"] == "一年内。"
    assert "已保存" in two.post(f"{WAGE}/edit", **said, do="save")
    kept = fields_of(app)
    assert (kept.answer, kept.deadline) == ("甲的答案。", "一年内。")  # type: ignore[attr-defined]
    assert kept.phrasings == ("老板不给工资", "欠我三个月工钱", "甲加的", "乙加的")  # type: ignore[attr-defined]


def sent(page: str) -> dict[str, object]:
    class Page(Client):
        def get(self, path: str, **query: object) -> str:
            return page

    return typed(Page(None, None), "")  # type: ignore[arg-type]


@pytest.mark.parametrize(("take", "answer"), [("theirs", "甲的答案。"), ("mine", "乙的答案。")])
def test_of_two_different_answers_a_person_chooses(as_: As, app: Flask, take: str, answer: str) -> None:
    one, two = as_(LAWYER, name="示例律师甲"), as_(MINDER, name="示例明白人乙")
    mine = {**typed(two, f"{WAGE}/edit"), "do": "save", "answer": "乙的答案。"}
    edit(one, answer="甲的答案。")
    page = two.post(f"{WAGE}/edit", **mine)
    assert "两个人改得不一样，用哪一个？" in page
    said = sent(page)
    assert (said["answer"], said["conflicts"]) == ("乙的答案。", "answer")
    page = two.post(f"{WAGE}/edit", **said, do="save")
    assert "没有保存，有 1 处要改" in page
    assert f'name="take-answer" value="{take}"' in page
    assert fields_of(app).answer == "甲的答案。"  # type: ignore[attr-defined]
    said = sent(page)
    two.post(f"{WAGE}/edit", **said, do="save", **{"take-answer": take})
    assert fields_of(app).answer == answer  # type: ignore[attr-defined]


def test_a_change_made_in_the_folder_meanwhile_is_merged_too(as_: As, app: Flask, knowledge: Path) -> None:
    client = as_(LAWYER)
    mine = {**typed(client, f"{WAGE}/edit"), "do": "save", "deadline": "一年内。"}
    path = knowledge / "faq/劳动与工资/wage.md"
    path.write_text(path.read_text("utf-8").replace("可以去劳动监察投诉。", "手改的。"), encoding="utf-8")
    page = client.post(f"{WAGE}/edit", **mine)
    assert "有人在文件夹里也改了这一条" in page
    client.post(f"{WAGE}/edit", **sent(page), do="save")
    kept = fields_of(app)
    assert (kept.answer, kept.deadline) == ("手改的。", "一年内。")  # type: ignore[attr-defined]


# ---- trying and replaying


def test_a_question_is_tried_on_what_is_served(as_: As) -> None:
    page = as_(CLERK).get("/console/faq/try", q="老板不给工资")
    assert "直接回答「老板拖欠工资怎么要？」" in page
    assert "把握 100%" in page


def test_a_question_is_tried_before_and_after_an_edit(as_: As, app: Flask) -> None:
    page = edit(as_(LAWYER), do="try", phrasings="老板不给工资\r\n隔壁装修太吵", ask="隔壁装修太吵")
    before, after = page.split('id="after"')
    assert "直接回答「老板拖欠工资怎么要？」" not in before.split('id="before"')[1]
    assert "直接回答「老板拖欠工资怎么要？」" in after
    assert "（正在改的这条）" in after
    assert "隔壁装修太吵</textarea>" in page
    assert fields_of(app).phrasings == ("老板不给工资", "欠我三个月工钱")  # type: ignore[attr-defined]


def finished(client: Client, page: str) -> tuple[str, str]:
    """Wait for a replay; return its address and its last page."""
    found = re.search(r"/console/faq/replay/[\w-]+", page)
    assert found, page
    for _ in range(100):
        page = client.get(found[0])
        if "自己会刷新" not in page:
            return found[0], page
        time.sleep(0.05)
    raise AssertionError(page)


def test_before_saving_it_is_shown_which_questions_get_another_answer(as_: As, app: Flask) -> None:
    for text in ("老板不给工资", "隔壁装修太吵", "隔壁装修太吵", f"{XSS}", "老公不肯离婚"):
        ask(app, text)
    client = as_(LAWYER)
    path, page = finished(client, edit(client, do="replay", phrasings="老板不给工资\r\n隔壁装修太吵", answer="新的答案。"))
    assert "5 个问题里，3 个答的还是那一条，2 个会换答案" in page
    assert "其中 1 个答的就是这一条" in page
    row = page.split('<th scope="row"')[1]
    assert "隔壁装修太吵" in row
    assert ">2<" in row
    assert "直接回答「老板拖欠工资怎么要？」" in row
    assert "<script>alert" not in page
    assert fields_of(app).answer == "可以去劳动监察投诉。"  # type: ignore[attr-defined]
    assert "隔壁装修太吵</textarea>" in client.get(f"{WAGE}/edit", parked=path.rpartition("/")[2])
    assert "已保存" in client.post(path)
    assert fields_of(app).answer == "新的答案。"  # type: ignore[attr-defined]
    assert "没有改动" in client.post(path)


def test_a_parked_edit_is_nobody_elses(as_: As) -> None:
    client, other = as_(LAWYER, name="甲"), as_(LAWYER, name="乙")
    path, page = finished(client, edit(client, do="replay", answer="新。"))
    assert "台账里还没有群众的问题" in page
    assert (other.status(path), other.status(path, "POST")) == (404, 404)
    assert other.status(f"{WAGE}/edit?parked={path.rpartition('/')[2]}") == 404
    assert client.status("/console/faq/replay/../../x") == 404
    assert client.status("/console/faq/replay/" + "a" * 22) == 404


def test_a_minder_sees_the_questions_of_their_own_village_alone(as_: As, app: Flask) -> None:
    ask(app, "隔壁装修太吵", "示例一村")
    ask(app, "野猪拱番薯", "示例二村")
    client = as_(MINDER)
    said = {"phrasings": "老板不给工资\r\n隔壁装修太吵\r\n野猪拱番薯"}
    _, page = finished(client, edit(client, do="replay", **said))
    assert "1 个问题里" in page
    assert "隔壁装修太吵" in page
    assert "野猪拱番薯" not in page


def test_saving_after_the_replay_does_not_overwrite_either(as_: As, app: Flask) -> None:
    one, two = as_(LAWYER, name="甲"), as_(LAWYER, name="乙")
    path, _ = finished(one, edit(one, do="replay", answer="甲的。"))
    edit(two, answer="乙的。")
    page = one.post(path)
    assert "别人刚刚也改了这一条，还没有保存" in page
    assert fields_of(app).answer == "乙的。"  # type: ignore[attr-defined]
    assert "两个人改得不一样" in one.post(f"{WAGE}/edit", **sent(page), do="save")


def test_a_new_entry_is_replayed_and_saved(as_: As, app: Flask) -> None:
    ask(app, "工头不见了")
    client = as_(LAWYER)
    path, page = finished(client, new(client, do="replay"))
    assert "直接回答「包工头跑了怎么办？」" in page
    assert 'value="包工头跑了怎么办？"' in client.get("/console/faq/new", parked=path.rpartition("/")[2])
    assert "已保存" in client.post(path)
    assert "bao-gong-tou-pao" in library(app).refresh().entries


# ---- from draft to signed


def test_who_edited_last_does_not_sign_and_a_second_person_does(as_: As, app: Flask) -> None:
    one, two = as_(LAWYER, name="示例律师甲"), as_(JUSTICE, name="示例所长乙")
    edit(one, answer="可以投诉。")
    assert "已送审" in one.post(f"{WAGE}/hand-in")
    assert "示例律师甲已送审" in two.get(WAGE)
    assert "wage" in two.get("/console/faq/", status="waiting")
    assert "这一版是您自己改的" in sign(one)
    assert library(app).refresh().entries["wage"].status == "draft"
    page = sign(two)
    assert "已签发，有效期至 2027-11-20" in page
    entry = library(app).refresh().entries["wage"]
    assert (entry.status, entry.reviewed_by, f"{entry.reviewed_on}", f"{entry.valid_until}") == (
        "signed", "示例所长乙", "2026-11-24", "2027-11-20",
    )  # fmt: skip
    assert entry.answer == "可以投诉。"
    assert 'entry/wage"' not in two.get("/console/faq/", status="waiting")
    assert log_of(app)[-2:] == [("示例律师甲", "送审常见问题", "wage"), ("示例所长乙", "签发常见问题", "wage")]
    assert history.log(library(app).folder, "faq/劳动与工资/wage.md")[0].author == "示例所长乙"


def test_signing_is_no_edit_so_the_same_lawyer_renews(as_: As, app: Flask) -> None:
    one, two = as_(LAWYER, name="甲"), as_(LAWYER, name="乙")
    edit(one, answer="可以投诉。")
    sign(two)
    assert "已签发，有效期至 2028-01-01" in sign(two, valid_until="2028-01-01")
    assert f"{library(app).refresh().entries['wage'].valid_until}" == "2028-01-01"


def test_what_nobody_edited_here_is_signed_by_any_lawyer(as_: As, app: Flask) -> None:
    assert "已签发" in sign(as_(LAWYER))
    assert library(app).refresh().entries["wage"].status == "signed"


def test_the_author_whom_an_entry_names_does_not_sign_what_has_no_history(as_: As, app: Flask, knowledge: Path) -> None:
    path = knowledge / "faq/劳动与工资/wage.md"
    path.write_text(path.read_text("utf-8").replace("author: 测试", "author: 示例律师甲"), encoding="utf-8")
    library(app).refresh()
    assert "这一版是您自己改的" in sign(as_(LAWYER, name="示例律师甲"))


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"read": None}, "请通读以后打勾"),
        ({"valid_until": "2026-11-24"}, "要写今天以后、三年以内的日期"),
        ({"valid_until": "2036-11-24"}, "要写今天以后、三年以内的日期"),
        ({"valid_until": "明年"}, "要写今天以后、三年以内的日期"),
        ({"seen": "0" * 64}, "刚刚被人改过，没有签发"),
    ],
)
def test_a_signature_needs_a_reader_a_day_and_the_text_that_was_read(
    as_: As, app: Flask, changes: dict[str, object], problem: str
) -> None:
    assert problem in sign(as_(LAWYER), **changes)
    assert library(app).refresh().entries["wage"].status == "draft"


def test_what_has_an_error_is_not_signed(as_: As, app: Flask) -> None:
    edit(as_(MINDER), basis="劳动法500条")
    library(app).refresh()
    page = sign(as_(LAWYER))
    assert "还有错误没有改，不能签发" in page
    assert library(app).refresh().entries["wage"].status == "draft"


@pytest.mark.parametrize("answer_from", ["draft", "signed"])
def test_what_is_signed_goes_on_answering_while_an_edit_waits(
    make_app: Callable[..., Flask], answer_from: str, knowledge: Path
) -> None:
    app = make_app(clock=lambda: NOW, answer_from=answer_from)
    as_ = _as(app)
    edit(as_(MINDER, "丙"), answer="可以投诉。")
    sign(as_(LAWYER, "甲"))
    library(app).refresh()
    page = edit(as_(LAWYER, "甲二"), answer="改过的答案。")
    assert "已存成修改稿。群众看到的还是签发的那一版" in page
    snapshot = library(app).refresh()
    assert (snapshot.entries["wage"].answer, snapshot.entries["wage"].status) == ("可以投诉。", "signed")
    assert snapshot.servable("wage", NOW.date())
    page = as_(READER, "读").get(WAGE)
    assert "有一份修改稿没有签发" in page
    assert "改过的答案。" in page
    assert "您问的是：老板拖欠工资怎么要？不是请回 0。\n\n可以投诉。" in page
    assert "这一版是您自己改的" in sign(as_.again("甲二"))
    page = as_.again("甲").get(f"{WAGE}/sign")
    assert "可以投诉。" in page.split("现在用的")[2]
    sign(as_.again("甲"))
    entry = library(app).refresh().entries["wage"]
    assert (entry.answer, entry.status, entry.reviewed_by) == ("改过的答案。", "signed", "甲")
    assert list((knowledge / "drafts").glob("*/*.md")) == []


class _as:
    """``as_`` of the fixtures for an app of its own, with the same people again."""

    def __init__(self, app: Flask) -> None:
        self.app, self.people = app, dict[str, Client]()

    def __call__(self, role: str, name: str) -> Client:
        from tests.console import conftest

        self.people[name] = conftest.as_.__wrapped__(self.app)(role, name=name)  # type: ignore[attr-defined]
        return self.people[name]

    def again(self, name: str) -> Client:
        return self.people[name]


def test_an_edit_that_waits_is_edited_on_merged_and_dropped(as_: As, app: Flask, knowledge: Path) -> None:
    one, two = as_(LAWYER, name="甲"), as_(LAWYER, name="乙")
    sign(one)
    edit(one, answer="甲改的。")
    assert typed(two, f"{WAGE}/edit")["answer"] == "甲改的。"
    edit(two, deadline="一年内。")
    draft = held(knowledge, "wage").draft
    assert draft and draft.fields
    assert (draft.fields.answer, draft.fields.deadline) == ("甲改的。", "一年内。")
    assert "不要了" in two.get(f"{WAGE}/discard")
    assert "这份修改稿不要了" in two.post(f"{WAGE}/discard")
    assert held(knowledge, "wage").draft is None
    assert library(app).refresh().entries["wage"].answer == "可以去劳动监察投诉。"
    assert "甲改的。" in (history.text_before(knowledge, draft.path, history.log(knowledge, draft.path)[0].id) or "")


def test_an_entry_is_stopped_and_comes_back_as_a_draft(as_: As, app: Flask) -> None:
    client = as_(LAWYER)
    sign(client)
    assert "已停用" in client.post(f"{WAGE}/stop")
    snapshot = library(app).refresh()
    assert snapshot.servable("wage", NOW.date()) is None
    assert "现在不能这样办" in client.post(f"{WAGE}/stop")
    assert "先恢复再签发" in sign(client)
    edit(as_(MINDER), answer="停用时改的。")
    assert library(app).refresh().entries["wage"].status == "withdrawn"
    assert "已恢复成草稿" in client.post(f"{WAGE}/resume")
    entry = library(app).refresh().entries["wage"]
    assert (entry.status, entry.reviewed_by, entry.answer) == ("draft", None, "停用时改的。")
    assert "已签发" in sign(client)  # stopping and bringing back is no edit


def test_handing_in_holds_for_the_text_that_was_handed_in(as_: As) -> None:
    client = as_(MINDER)
    edit(client, answer="第一版。")
    client.post(f"{WAGE}/hand-in")
    assert "已经送审了" in client.post(f"{WAGE}/hand-in")
    edit(client, answer="第二版。")
    assert "已送审" not in client.get(WAGE)
    assert 'entry/wage"' not in client.get("/console/faq/", status="waiting")


def test_a_signature_looks_at_the_questions_first(as_: As, app: Flask) -> None:
    ask(app, "老板不给工资")
    client = as_(LAWYER)
    path, page = finished(client, client.post(f"{WAGE}/replay"))
    assert "1 个问题里，1 个答的还是那一条" in page
    assert "回到签发" in page
    assert client.status(path, "POST") == 404


def test_a_history_that_cannot_be_written_saves_the_file_and_says_so(
    as_: As, app: Flask, knowledge: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = as_(LAWYER)
    said = {**typed(client, f"{WAGE}/edit"), "do": "save", "answer": "新的。"}
    (knowledge / ".git").write_text("坏了", encoding="utf-8")
    (knowledge / ".history").mkdir(exist_ok=True)
    (knowledge / ".history" / "git").write_text("坏了", encoding="utf-8")
    page = client.post(f"{WAGE}/edit", **said)
    assert "没能记进修改历史" in page
    assert fields_of(app).answer == "新的。"  # type: ignore[attr-defined]


def test_a_form_without_its_token_changes_nothing(as_: As, app: Flask) -> None:
    client = as_(LAWYER)
    said = typed(client, f"{WAGE}/edit")
    response = client.http.post(f"{WAGE}/edit", data={**said, "do": "save", "answer": "偷改。"})
    assert response.status_code == 400
    assert fields_of(app).answer == "可以去劳动监察投诉。"  # type: ignore[attr-defined]


def test_what_was_parked_yesterday_is_gone(as_: As, app: Flask) -> None:
    client = as_(LAWYER)
    path, _ = finished(client, edit(client, do="replay", answer="新。"))
    file = app.extensions["bot"].settings.cache_dir / "edits" / f"{path.rpartition('/')[2]}.json"
    os.utime(file, (NOW.timestamp() - 90_000, NOW.timestamp() - 90_000))
    edit(client, do="replay", answer="别的。")
    assert not file.exists()
    assert client.status(path) == 404
