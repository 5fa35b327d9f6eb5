"""张贴材料 in the console: who prints, notes and takes down what, and which printed notices are named as changed."""

import io
import re
import subprocess
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest
import segno
from flask import Flask

from bot.ledger.access.users import ROLES
from bot.ledger.store import Store
from bot.notices import kept, paper
from tests.conftest import write_entry
from tests.console.browser import log_of
from tests.console.conftest import NOW, As, Client

VILLAGE = "/console/notices/village"
ENTRY = "/console/notices/entry/wage"
PRINTED = "/console/notices/printed"
PICTURES = "/console/notices/pictures/"
_NAMES = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")


def code(text: str = "http://weixin.qq.com/r/example") -> bytes:
    made = io.BytesIO()
    segno.make(text, error="m").save(made, kind="png", scale=12, border=4)
    return made.getvalue()


def values(page: str, *names: str) -> dict[str, str]:
    """The hidden fields of the form that notes a printing."""
    found = {}
    for name in names:
        value = re.search(rf'name="{name}" value="([^"]*)"', page)
        assert value, name
        found[name] = value[1]
    return found


def prints(client: Client, path: str = VILLAGE, **form: object) -> str:
    """Open a notice's page and note that it was printed."""
    name = {"name": form.pop("name", "示例一村")} if path == VILLAGE else {"village": ""}
    page = client.get(path, **name)
    return client.post(path, **values(page, "token", "v"), **({"copies": "2"} | name | form))


def printings(app: Flask) -> list[tuple[object, ...]]:
    store: Store = app.extensions["bot"].store
    with store.reading() as db:
        return [(p.number, p.kind, p.about, p.village, p.copies, p.place, p.state) for p in kept.printings(db)][::-1]


def change_town(app: Flask, old: str, new: str) -> None:
    """Change the town's facts by hand, as an editor would."""
    library = app.extensions["bot"].library
    path = library.folder / "town.yaml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    library.refresh()


def text_of(pdf: bytes, tmp_path: Path) -> str:
    path = tmp_path / "made.pdf"
    path.write_bytes(pdf)
    return re.sub(
        r"[\s\u200b\u2060]", "", subprocess.run(["pdftotext", "-raw", path, "-"], capture_output=True, text=True).stdout
    )


# ---- looking and printing ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
def test_everybody_can_open_and_print(as_: As, role: str) -> None:
    client = as_(role)
    assert "示例一村" in client.get("/console/notices/")
    page = client.get(VILLAGE, name="示例一村")
    assert "下载 PDF" in page
    assert ("印好了，记一笔" in page) == (role != "只读")
    for path in (VILLAGE, ENTRY):
        for form, type_, sign in (
            ("pdf", "application/pdf", b"%PDF"),
            ("png", "image/png", b"\x89PNG"),
            ("small", "image/png", b"\x89PNG"),
        ):
            response = client.http.get(f"{path}/{form}", query_string={"name": "示例一村"})
            assert (response.status_code, response.mimetype, response.data[:4]) == (200, type_, sign)
        paper_ = client.get(f"{path}/paper", name="示例一村")
        assert "在这里贴公众号二维码" in paper_
        assert ("不知道怎么说，照着发一句" if path == VILLAGE else "还有不明白的，微信扫码问") in paper_
        assert "built-in" not in paper_
        assert "示例，请勿张贴" in paper_


def test_a_file_is_called_after_what_it_is(as_: As) -> None:
    client = as_("统计员")
    named = unquote(client.http.get(f"{VILLAGE}/pdf", query_string={"name": "示例一村"}).headers["Content-Disposition"])
    assert named.startswith("attachment")
    assert "示例镇-示例一村-张贴单.pdf" in named
    named = unquote(client.http.get(f"{ENTRY}/png").headers["Content-Disposition"])
    assert "示例镇-明白纸-老板拖欠工资怎么要.png" in named


def test_a_village_or_an_entry_that_is_not_there_is_not_found(as_: As) -> None:
    client = as_("管理员")
    assert client.status(VILLAGE + "?name=没有") == 404
    assert client.status(VILLAGE + "/pdf?name=没有") == 404
    assert client.status("/console/notices/entry/none") == 404
    assert client.status("/console/notices/entry/none/pdf") == 404
    assert client.status(ENTRY + "/docx") == 404
    assert client.status(ENTRY + "/png?page=2") == 404
    assert client.status("/console/notices/picture/0000") == 404


def test_a_minder_sees_their_own_village_and_no_other(app: Flask, as_: As) -> None:
    prints(as_("统计员"), name="示例二村")
    prints(as_("法律顾问"), ENTRY, village="示例二村")
    minder = as_("法律明白人", village="示例一村")
    page = minder.get("/console/notices/")
    assert "示例一村" in page
    assert "示例二村" not in page
    assert "示例一村的张贴单" in minder.get(VILLAGE)
    for form in ("", "/pdf", "/png", "/small", "/paper"):
        assert minder.status(f"{VILLAGE}{form}?name=示例二村") == 404
    assert minder.status("/console/notices/all") == 403
    assert minder.status("/console/notices/all/pdf") == 403
    assert minder.status("/console/notices/all", "POST") == 403
    assert minder.status(VILLAGE, "POST", name="示例二村", copies="1") == 404
    assert minder.status(f"{PRINTED}/1", "POST", what="down") == 404
    assert "示例二村" not in minder.get(PRINTED)
    assert "贴在哪个村——请在列表里选一个" in minder.post(ENTRY, copies="1", village="示例二村")
    assert len(printings(app)) == 2
    prints(minder, ENTRY, village="示例一村")
    assert printings(app)[-1][:4] == (3, "entry", "wage", "示例一村")


def test_a_minder_without_a_village_is_told(app: Flask, as_: As) -> None:
    minder = as_("法律明白人", village="外村")
    page = minder.get("/console/notices/")
    assert "没有写对村子" in page
    assert "示例一村" not in page


@pytest.mark.parametrize("role", ["只读"])
def test_who_only_reads_notes_nothing(app: Flask, as_: As, role: str) -> None:
    prints(as_("统计员"))
    client = as_(role)
    assert client.status(VILLAGE, "POST", name="示例一村", copies="1") == 403
    assert client.status(ENTRY, "POST", copies="1") == 403
    assert client.status("/console/notices/all", "POST") == 403
    assert client.status(f"{PRINTED}/1", "POST", what="down") == 403
    assert "撤下了" not in client.get(PRINTED)
    assert [row[-1] for row in printings(app)] == ["已打印"]


@pytest.mark.parametrize("role", [r for r in ROLES if r != "管理员"])
def test_only_an_administrator_changes_pictures(as_: As, role: str) -> None:
    client = as_(role)
    assert client.status(PICTURES) == 403
    assert client.status(PICTURES, "POST", place="") == 403
    assert client.status(PICTURES + "drop", "POST", place="") == 403


def test_looking_changes_nothing(app: Flask, as_: As) -> None:
    client = as_("管理员")
    for path in ("/console/notices/", VILLAGE, ENTRY, PRINTED, "/console/notices/all", f"{VILLAGE}/pdf", f"{ENTRY}/paper"):
        assert client.status(f"{path}?name=示例一村") == 200
    assert printings(app) == []
    assert log_of(app) == []


def test_all_villages_come_in_one_file_and_are_noted_together(app: Flask, as_: As, tmp_path: Path) -> None:
    client = as_("统计员")
    pdf = client.http.get("/console/notices/all/pdf").data
    text = text_of(pdf, tmp_path)
    assert all(f"0000-{n:07d}（示例）" in text for n in range(101, 113))
    form = values(client.get("/console/notices/all"), "token", "v")
    assert "记下了 12 个村的" in client.post("/console/notices/all", **form)
    assert "前面已经记过了" in client.post("/console/notices/all", **form)
    assert [row[1:4] for row in printings(app)] == [("village", f"示例{n}村", f"示例{n}村") for n in _NAMES]
    change_town(app, "0000-0000101", "0000-0000999")
    assert "没有记下" in client.post("/console/notices/all", **form | {"token": "other"})
    assert len(printings(app)) == 12


def test_entries_are_found_by_their_words(as_: As) -> None:
    client = as_("法律顾问")
    page = client.get("/console/notices/", q="工资 老板")
    assert "老板拖欠工资怎么要？" in page
    assert "退婚彩礼" not in page
    assert "没有找到" in client.get("/console/notices/", q="火星")
    assert "<script>" not in client.get("/console/notices/", q="<script>alert(1)</script>")


# ---- phrases -------------------------------------------------------------------------------------------------------


def test_the_phrases_on_a_notice_are_those_that_a_stranger_gets_answered(as_: As) -> None:
    page = as_("统计员").get(VILLAGE, name="示例一村")
    assert "「老板拖欠工资怎么要」→ 老板拖欠工资怎么要？" in page
    assert not re.search(r"发\s*\d+\s*看", page)


def test_other_phrases_are_tried_before_they_are_printed(app: Flask, as_: As, tmp_path: Path) -> None:
    client = as_("统计员")
    says = ["退婚彩礼能要回来吗", "今天吃什么", "12", '"><img src=x onerror=alert(1)>']
    page = client.get(VILLAGE, name="示例一村", say=says)
    assert "没有印上：「今天吃什么」「12」" in page
    assert "<img src=x" not in page
    assert "「退婚彩礼能要回来吗」→ 退婚彩礼能要回来吗？" in page
    assert "老板拖欠工资怎么要" not in page
    chosen = re.search(r'href="(/console/notices/village/pdf[^"]*)"', page)
    assert chosen
    text = text_of(client.http.get(chosen[1].replace("&amp;", "&")).data, tmp_path)
    assert "「退婚彩礼能要回来吗」" in text
    assert "今天吃什么" not in text
    client.post(VILLAGE, **values(page, "token", "v"), name="示例一村", say="退婚彩礼能要回来吗", copies="1")
    with app.extensions["bot"].store.reading() as db:
        (one,) = kept.printings(db)
    assert one.content["phrases"] == [["退婚彩礼能要回来吗", "bride-price", "退婚彩礼能要回来吗？"]]


# ---- noting --------------------------------------------------------------------------------------------------------


def test_a_printing_is_noted_with_who_and_when_and_goes_its_way(app: Flask, as_: As) -> None:
    client = as_("统计员")
    page = prints(client, copies="20", place="村委会门口")
    assert "记下了，第 1 号" in page
    assert printings(app) == [(1, "village", "示例一村", "示例一村", 20, "村委会门口", "已打印")]
    assert "示例统计员，20 份" in page
    assert "2026-11-24 12:00" in page
    for what, state in (("posted", "贴着"), ("down", "已撤下")):
        client.post(f"{PRINTED}/1", what=what)
        assert printings(app)[0][-1] == state
    assert "还没有。" in client.get(PRINTED)
    assert "已撤下" in client.get(PRINTED, all="1")
    version = re.search(r"版本 (\w{8})", client.get(PRINTED, all="1"))
    assert version
    assert log_of(app) == [
        ("统计员", "记下打印", f"第1号 示例一村 张贴单 20 份 版本 {version[1]}"),
        ("统计员", "记下贴出", "第1号 示例一村 张贴单"),
        ("统计员", "记下撤下", "第1号 示例一村 张贴单"),
    ]


def test_a_form_sent_twice_is_noted_once(app: Flask, as_: As) -> None:
    client = as_("统计员")
    form = values(client.get(VILLAGE, name="示例一村"), "token", "v") | {"name": "示例一村", "copies": "1"}
    assert "记下了" in client.post(VILLAGE, **form)
    assert "前面已经记过了" in client.post(VILLAGE, **form)
    assert len(printings(app)) == 1
    assert "记下了" in as_("法律顾问").post(VILLAGE, **form)  # a token is somebody's own
    client.post(f"{PRINTED}/1", what="down")
    client.post(f"{PRINTED}/1", what="down")
    assert [what for _, what, _ in log_of(app)] == ["记下打印", "记下打印", "记下撤下"]


@pytest.mark.parametrize("copies", ["0", "", "很多", "-1", "5001", "1e3", "２０"])
def test_a_number_of_copies_that_is_none_is_asked_for_again_and_the_rest_is_kept(app: Flask, as_: As, copies: str) -> None:
    client = as_("统计员")
    page = prints(client, copies=copies, place="祠堂 <b>门口</b>")
    if copies == "２０":
        assert printings(app)[0][4] == 20
        return
    assert "没有记下：印了几份——" in page
    assert not re.search(r"[A-Za-z]{3,} [a-z]+ [a-z]+", re.sub(r"<[^>]*>", "", page[page.index("<main") :]))
    assert 'value="祠堂 &lt;b&gt;门口&lt;/b&gt;"' in page
    assert printings(app) == []


def test_what_changed_between_looking_and_noting_is_not_noted(app: Flask, as_: As) -> None:
    client = as_("统计员")
    form = values(client.get(VILLAGE, name="示例一村"), "token", "v")
    change_town(app, "0000-0000101", "0000-0000999")
    page = client.post(VILLAGE, **form, name="示例一村", copies="1")
    assert "内容刚刚有变化" in page
    assert printings(app) == []
    response = client.http.get(f"{VILLAGE}/pdf", query_string={"name": "示例一村", "v": form["v"]})
    assert response.status_code == 302


def test_replacing_a_notice_takes_the_old_one_of_that_village_down(app: Flask, as_: As) -> None:
    client = as_("统计员")
    prints(client, posted="y")
    prints(client, name="示例二村", posted="y")
    assert "原来贴的同一张" in client.get(VILLAGE, name="示例一村")
    prints(client, posted="y", down="y")
    assert [row[-1] for row in printings(app)] == ["已撤下", "贴着", "贴着"]


def test_only_who_noted_it_and_the_office_strike_a_note_out(app: Flask, as_: As) -> None:
    prints(as_("统计员"))
    lawyer = as_("法律顾问")
    prints(lawyer)
    assert lawyer.status(f"{PRINTED}/1", "POST", what="voided") == 403
    lawyer.post(f"{PRINTED}/2", what="voided")
    as_("司法所").post(f"{PRINTED}/1", what="voided")
    assert [row[-1] for row in printings(app)] == ["作废", "作废"]
    assert lawyer.status(f"{PRINTED}/1", "POST", what="burnt") == 400
    assert lawyer.status(f"{PRINTED}/99", "POST", what="down") == 404


def test_hostile_text_is_shown_as_text(app: Flask, as_: As) -> None:
    client = as_("统计员")
    nasty = '<script>alert(1)</script>"><img src=x onerror=y>'
    change_town(app, "示例顾问一", f"'{nasty}'".replace("'", "'"))
    prints(client, place=nasty)
    for page in (client.get(PRINTED), client.get(VILLAGE, name="示例一村"), client.get("/console/notices/"),
                 client.get(f"{VILLAGE}/paper", name="示例一村"), client.get("/console/notices/all")):  # fmt: skip
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "&lt;script&gt;alert(1)" in page


# ---- what changed since --------------------------------------------------------------------------------------------


def test_a_notice_whose_adviser_phone_changed_is_to_be_printed_again(app: Flask, as_: As) -> None:
    client = as_("统计员")
    prints(client, posted="y")
    prints(client, name="示例二村")
    assert "请重印" not in client.get("/console/notices/")
    assert client.get(PRINTED).count("内容没有变") == 2
    change_town(app, "0000-0000101（示例）", "0000-0000999")
    page = client.get("/console/notices/")
    assert "有 1 份和现在不一样了，请重印" in page
    assert "顾问电话：原来是「0000-0000101（示例）」，现在是「0000-0000999」" in page
    again = re.search(r'href="(/console/notices/village\?[^"]*)">重印', page)
    assert again
    assert "0000-0000999" in client.get(f"{VILLAGE}/paper", name="示例一村")
    assert client.status(again[1].replace("&amp;", "&")) == 200
    rows = client.get(PRINTED)
    assert rows.index("第 1 号") < rows.index("第 2 号")
    client.post(f"{PRINTED}/1", what="down")
    assert "请重印" not in client.get("/console/notices/")


def test_a_sheet_whose_entry_changed_or_is_gone_is_named(app: Flask, as_: As) -> None:
    client = as_("统计员")
    library = app.extensions["bot"].library
    prints(client, ENTRY, place="赶集的摊位")
    write_entry(library.folder, "wage", "老板拖欠工资怎么要？", ["老板不给工资", "欠我三个月工钱"], "新的答复。", "劳动与工资")
    library.refresh()
    page = client.get("/console/notices/")
    assert "明白纸：老板拖欠工资怎么要？（赶集的摊位）：答复有改动。" in page
    (library.folder / "faq" / "劳动与工资" / "wage.md").unlink()
    library.refresh()
    page = client.get("/console/notices/")
    assert "这一条已经停用或过期。请撤下" in page
    assert client.status(ENTRY) == 404


def test_a_hotline_that_changed_concerns_every_notice(app: Flask, as_: As) -> None:
    client = as_("统计员")
    prints(client)
    prints(client, ENTRY)
    library = app.extensions["bot"].library
    path = library.folder / "hotlines.yaml"
    path.write_text(path.read_text("utf-8").replace('"12348"', '"12349"'), "utf-8")
    library.refresh()
    page = client.get("/console/notices/")
    assert "有 2 份和现在不一样了" in page
    assert page.count("热线有改动") == 2


def test_a_sheet_without_a_lawyers_signature_says_so(as_: As, tmp_path: Path) -> None:
    client = as_("法律顾问")
    assert "纸上会印「待律师审核」" in client.get(ENTRY)
    text = text_of(client.http.get(f"{ENTRY}/pdf").data, tmp_path)
    assert "待律师审核" in text
    assert "老板拖欠工资怎么要？" in text
    assert "发「老板拖欠工资怎么要」" in text
    assert "印制：2026年11月24日" in text


# ---- pictures of codes ---------------------------------------------------------------------------------------------


def upload(client: Client, raw: bytes, place: str = "", name: str = "qr.png") -> str:
    data = {"csrf_token": client.token(), "place": place, "picture": (io.BytesIO(raw), name)}
    response = client.http.post(PICTURES, data=data, follow_redirects=True, content_type="multipart/form-data")
    assert response.status_code == 200
    return response.text


def test_a_picture_that_was_uploaded_stands_on_every_notice(app: Flask, as_: As) -> None:
    client = as_("管理员")
    assert "空框" in client.get(VILLAGE, name="示例一村")
    prints(client)
    page = upload(client, code())
    assert "换好了" in page
    shown = re.search(r'src="(/console/notices/picture/\w+)"', page)
    assert shown
    found = client.http.get(shown[1])
    assert (found.status_code, found.mimetype, found.data[:4]) == (200, "image/png", b"\x89PNG")
    assert shown[1] in client.get(f"{VILLAGE}/paper", name="示例二村")
    assert shown[1] in client.get(f"{ENTRY}/paper")
    assert "空框" not in client.get(VILLAGE, name="示例一村")
    assert "现在有二维码了" in client.get("/console/notices/")
    upload(client, code("http://weixin.qq.com/r/village"), "示例二村")
    assert shown[1] not in client.get(f"{VILLAGE}/paper", name="示例二村")
    assert shown[1] in client.get(f"{VILLAGE}/paper", name="示例三村")
    client.post(PICTURES + "drop", place="示例二村")
    assert shown[1] in client.get(f"{VILLAGE}/paper", name="示例二村")
    changed = [(what, about) for _, what, about in log_of(app) if "二维码" in what]
    assert changed == [
        ("换上二维码图片", "公众号的二维码（各村通用）"),
        ("换上二维码图片", "示例二村"),
        ("去掉二维码图片", "示例二村"),
    ]


@pytest.mark.parametrize(
    ("raw", "place", "problem"),
    [
        (b"", "", "不是能用的图片"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "", "不是能用的图片"),
        (code()[:200], "", "不是能用的图片"),
        (code(), "没有这个村", "没有换上：请在列表里选一个"),
    ],
)
def test_what_is_no_picture_is_refused_in_words(app: Flask, as_: As, raw: bytes, place: str, problem: str) -> None:
    page = upload(as_("管理员"), raw, place)
    assert problem in page
    assert "还没有。没有图片的" in page
    assert log_of(app) == []


def test_no_file_at_all_is_asked_for(as_: As) -> None:
    assert "没有选图片" in as_("管理员").post(PICTURES, place="")


def test_the_web_page_has_a_code_only_where_its_address_is_set(make_app: object, as_: As, app: Flask) -> None:
    assert "网页的二维码" not in as_("统计员").get(f"{VILLAGE}/paper", name="示例一村")
    bot = app.extensions["bot"]
    object.__setattr__(bot, "settings", bot.settings.model_copy(update={"public_url": "https://wenda.example.cn/"}))
    page = as_("法律顾问").get(f"{VILLAGE}/paper", name="示例一村")
    assert 'src="data:image/svg+xml;base64,' in page
    assert "https://wenda.example.cn/" in page


# ---- without a font ------------------------------------------------------------------------------------------------


def test_without_a_chinese_font_the_page_says_so_and_the_browser_can_still_print(
    as_: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paper, "_found", [])
    monkeypatch.setattr(paper, "FONTS", ("Nowhere Sans",))
    client = as_("统计员")
    page = client.get(VILLAGE, name="示例一村")
    assert "没有中文字体" in page
    assert "打印版网页" in page
    response = client.http.get(f"{VILLAGE}/pdf", query_string={"name": "示例一村"}, follow_redirects=True)
    assert response.status_code == 200
    assert "没有中文字体" in response.text
    assert "有法律难事，微信问" in client.get(f"{VILLAGE}/paper", name="示例一村")
    prints(client)


def test_a_notice_of_yesterday_is_dated_yesterday(app: Flask, as_: As) -> None:
    """The day of printing is no part of the version: the same notice printed later is the same notice."""
    client = as_("统计员")
    before = values(client.get(VILLAGE, name="示例一村"), "v")
    bot = app.extensions["bot"]
    object.__setattr__(bot, "clock", lambda: NOW + timedelta(hours=1))
    assert values(client.get(VILLAGE, name="示例一村"), "v") == before
