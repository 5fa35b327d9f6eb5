"""The history of the knowledge folder, going back, and the FAQ as a workbook, in the console."""

import io
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from openpyxl import Workbook, load_workbook

from bot.faq import workbook
from bot.faq.edit import history
from bot.faq.library import Library
from bot.ledger.access import audit
from bot.ledger.access.users import ADMIN, CLERK, JUSTICE, LAWYER, MINDER, READER, ROLES
from tests.console.conftest import NOW, As, Client

BASE = "/console/faq-history"
DIVORCE = "faq/婚姻/divorce.md"
XSS = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'


def save(folder: Path, name: str, text: str, *, author: str = "李律师（li）", why: str = "改答案") -> str:
    return history.save(folder, {folder / name: text}, author=author, why=why, now=NOW)


def edited(folder: Path, name: str, old: str, new: str, **more: str) -> str:
    text = (folder / name).read_text("utf-8")
    assert old in text
    return save(folder, name, text.replace(old, new), **more)


def first_of(folder: Path) -> str:
    return history.log(folder)[-1].id


def book(app: Flask, **cells: str) -> bytes:
    """Return the FAQ as a workbook with some cells changed."""
    library: Library = app.extensions["bot"].library
    made = load_workbook(io.BytesIO(workbook.export(list(library.refresh().entries.values()))))
    for place, value in cells.items():
        made[workbook.SHEET][place] = value
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def send(client: Client, raw: bytes, name: str = "常见问题.xlsx") -> str:
    """Send a workbook; return the address to which it leads."""
    data = {"csrf_token": client.token(), "book": (io.BytesIO(raw), name)}
    response = client.http.post(f"{BASE}/books/import", data=data, content_type="multipart/form-data")
    assert response.status_code == 302, response.text
    return response.headers["Location"]


def refused(client: Client, raw: bytes) -> str:
    """Send a workbook that is refused; return the page that says so."""
    data = {"csrf_token": client.token(), "book": (io.BytesIO(raw), "表.xlsx")}
    response = client.http.post(f"{BASE}/books/import", data=data, content_type="multipart/form-data")
    assert response.status_code == 200
    return response.text


def get(client: Client, address: str) -> str:
    response = client.http.get(address)
    assert response.status_code == 200, (address, response.status_code)
    return response.text


def noted(app: Flask) -> list[tuple[str, str, str]]:
    with app.extensions["bot"].store.reading() as db:
        return [(e.who, e.what, e.about) for e in audit.entries(db)]


@pytest.mark.parametrize("role", ROLES)
def test_everybody_reads_who_changed_what_when_and_why(as_: As, knowledge: Path, role: str) -> None:
    id_ = edited(knowledge, DIVORCE, "可以向法院起诉。", "可以先调解。", why="群众看不懂")
    client = as_(role)
    for address in (f"{BASE}/", f"{BASE}/file?path={DIVORCE}", f"{BASE}/change/{id_}"):
        page = get(client, address)
        assert all(text in page for text in ("李律师（li）", "群众看不懂", "2026-11-24 12:00", "对方不同意离婚怎么办？")), (
            address
        )


def test_a_change_is_shown_field_by_field_with_the_words_marked(as_: As, knowledge: Path) -> None:
    id_ = edited(knowledge, DIVORCE, "可以向法院起诉。", "可以直接向法院起诉。")
    page = get(as_(READER), f"{BASE}/change/{id_}")
    assert "<caption>答案</caption>" in page
    assert "可以<ins>直接</ins>向法院起诉。" in page
    assert "<caption>标准问题</caption>" not in page


def test_an_empty_history_says_what_will_happen(as_: As) -> None:
    assert "还没有修改过" in get(as_(READER), f"{BASE}/")


def test_looking_changes_nothing(as_: As, knowledge: Path) -> None:
    before = sorted(p.name for p in knowledge.iterdir())
    client = as_(ADMIN)
    get(client, f"{BASE}/")
    get(client, f"{BASE}/file?path={DIVORCE}")
    get(client, f"{BASE}/books/")
    assert sorted(p.name for p in knowledge.iterdir()) == before


def test_edits_by_hand_are_told_and_can_be_recorded(as_: As, app: Flask, knowledge: Path) -> None:
    save(knowledge, "new.yaml", "a: 1\n")
    (knowledge / DIVORCE).write_text((knowledge / DIVORCE).read_text("utf-8").replace("可以", "不可以"), "utf-8")
    client = as_(LAWYER)
    assert "1 个文件被直接改过" in get(client, f"{BASE}/")
    assert "还没有记进历史" in get(client, f"{BASE}/file?path={DIVORCE}")
    page = client.post(f"{BASE}/note")
    assert "记下了 1 个文件" in page
    assert "被直接改过" not in page
    assert history.log(knowledge)[0].author == history.BY_HAND
    assert noted(app)[-1] == ("法律顾问", "记下手工修改", "1 个文件")


@pytest.mark.parametrize("role", [LAWYER, JUSTICE, ADMIN])
def test_an_entry_is_taken_back_with_a_reason(as_: As, app: Flask, knowledge: Path, role: str) -> None:
    old = (knowledge / DIVORCE).read_text("utf-8")
    edited(knowledge, DIVORCE, "可以向法院起诉。", "写错了。")
    client, address = as_(role), f"{BASE}/restore?path={DIVORCE}&id={first_of(knowledge)}"
    page = get(client, address)
    assert "写错了。" in page
    page = client.post(address, why="写错了", base=base_of(page), sure="y")
    assert "退回好了" in page
    assert (knowledge / DIVORCE).read_text("utf-8") == old
    last = history.log(knowledge)[0]
    assert (last.author, last.why) == (f"示例{role}（{role}）", "退回到 2026-11-24 12:00 的样子：写错了")
    assert noted(app)[-1] == (role, "退回旧版本", DIVORCE)


def base_of(page: str) -> str:
    return page.partition('name="base" type="hidden" value="')[2].partition('"')[0]


def test_going_back_needs_a_reason_and_keeps_what_was_typed(as_: As, knowledge: Path) -> None:
    edited(knowledge, DIVORCE, "可以向法院起诉。", "写错了。")
    client, address = as_(LAWYER), f"{BASE}/restore?path={DIVORCE}&id={first_of(knowledge)}"
    base = base_of(get(client, address))
    assert "写一句原因" in client.post(address, why=" ", base=base, sure="y")
    assert "太长" in client.post(address, why="长" * 201, base=base, sure="y")
    assert "写错了。" in (knowledge / DIVORCE).read_text("utf-8")


def test_what_is_wrong_with_the_old_text_is_shown_and_must_be_seen(as_: As, knowledge: Path) -> None:
    edited(knowledge, DIVORCE, "valid_until: 2027-11-30", "valid_until: 2020-01-01")
    bad = history.log(knowledge)[0].id
    edited(knowledge, DIVORCE, "valid_until: 2020-01-01", "valid_until: 2027-12-31")
    client, address = as_(LAWYER), f"{BASE}/restore?path={DIVORCE}&id={bad}"
    page = get(client, address)
    assert "2020-01-01已过，这条不再回答" in page
    assert "勾选这一项" in client.post(address, why="退", base=base_of(page))
    assert "2027-12-31" in (knowledge / DIVORCE).read_text("utf-8")
    assert "退回好了" in client.post(address, why="退", base=base_of(page), sure="y")
    assert "2020-01-01" in (knowledge / DIVORCE).read_text("utf-8")


def test_what_cannot_be_read_is_not_taken_back(as_: As, knowledge: Path) -> None:
    good = (knowledge / DIVORCE).read_text("utf-8")
    bad = save(knowledge, DIVORCE, "坏了\n")
    save(knowledge, DIVORCE, good)
    client, address = as_(JUSTICE), f"{BASE}/restore?path={DIVORCE}&id={bad}"
    page = get(client, address)
    assert "读不懂，不能退回" in page
    client.post(address, why="退", base="x", sure="y")
    assert (knowledge / DIVORCE).read_text("utf-8") == good


def test_a_change_made_meanwhile_stops_going_back(as_: As, knowledge: Path) -> None:
    edited(knowledge, DIVORCE, "可以向法院起诉。", "写错了。")
    client, address = as_(LAWYER), f"{BASE}/restore?path={DIVORCE}&id={first_of(knowledge)}"
    base = base_of(get(client, address))
    edited(knowledge, DIVORCE, "写错了。", "别人改好了。")
    page = client.post(address, why="退", base=base, sure="y")
    assert "还没有退回" in page
    assert "别人改好了。" in page
    assert "别人改好了。" in (knowledge / DIVORCE).read_text("utf-8")


def test_an_entry_that_moved_comes_back_to_one_place(as_: As, knowledge: Path) -> None:
    save(knowledge, "new.yaml", "a: 1\n")
    text = (knowledge / DIVORCE).read_text("utf-8")
    new = knowledge / "faq" / "离婚" / "divorce.md"
    history.save(knowledge, {new: text}, remove=[knowledge / DIVORCE], author="李", why="换类别", now=NOW)
    client, address = as_(LAWYER), f"{BASE}/restore?path={DIVORCE}&id={first_of(knowledge)}"
    page = get(client, address)
    assert "现在在「离婚」，退回以后在「婚姻」" in page
    client.post(address, why="退", base=base_of(page), sure="y")
    assert ((knowledge / DIVORCE).exists(), new.exists()) == (True, False)
    assert "换类别" in get(client, f"{BASE}/file?path={DIVORCE}")


def test_a_deleted_entry_is_found_again(as_: As, knowledge: Path) -> None:
    save(knowledge, "new.yaml", "a: 1\n")
    history.save(knowledge, {}, remove=[knowledge / DIVORCE], author="李", why="删了", now=NOW)
    client = as_(LAWYER)
    page = client.http.get(f"{BASE}/entry/divorce", follow_redirects=True).text
    assert "这个文件现在没有了" in page
    assert "这一次删掉了它" in page
    address = f"{BASE}/restore?path={DIVORCE}&id={first_of(knowledge)}"
    client.post(address, why="删错了", base=base_of(get(client, address)), sure="y")
    assert (knowledge / DIVORCE).exists()


@pytest.mark.parametrize("role", [CLERK, MINDER, READER])
def test_who_only_reads_cannot_go_back(as_: As, knowledge: Path, role: str) -> None:
    id_ = edited(knowledge, DIVORCE, "可以向法院起诉。", "新的。")
    client = as_(role)
    assert "退回到这一版" not in get(client, f"{BASE}/file?path={DIVORCE}")
    assert client.status(f"{BASE}/restore?path={DIVORCE}&id={id_}") == 403
    assert client.status(f"{BASE}/restore?path={DIVORCE}&id={id_}", "POST", why="x") == 403
    assert client.status(f"{BASE}/note", "POST") == 403
    assert client.status(f"{BASE}/books/import", "POST") == 403


def test_settings_go_back_only_by_who_may_set_them(as_: As, knowledge: Path) -> None:
    id_ = edited(knowledge, "town.yaml", "示例一村", "示例甲村")
    address = f"{BASE}/restore?path=town.yaml&id={first_of(knowledge)}"
    assert as_(LAWYER).status(address) == 403
    client = as_(ADMIN)
    page = get(client, address)
    assert "示例<del>甲</del>村" in page
    assert "示例<ins>一</ins>村" in page
    assert "本镇：村、顾问、值班" in get(client, f"{BASE}/change/{id_}")


def test_settings_that_cannot_be_read_are_not_taken_back(as_: As, knowledge: Path) -> None:
    good = (knowledge / "town.yaml").read_text("utf-8")
    bad = save(knowledge, "town.yaml", "name: 只有名字\n")
    save(knowledge, "town.yaml", good)
    assert "读不懂，不能退回" in get(as_(ADMIN), f"{BASE}/restore?path=town.yaml&id={bad}")


@pytest.mark.parametrize(
    "path",
    ["../../etc/passwd", "/etc/passwd", ".git/config", "faq/../../x", "", "faq/没有/none.md", ".history/lock", "a\0b"],
)
def test_paths_that_are_none_of_ours_are_not_found(as_: As, knowledge: Path, path: str) -> None:
    id_ = save(knowledge, "new.yaml", "a: 1\n")
    client = as_(ADMIN)
    assert client.http.get(f"{BASE}/file", query_string={"path": path}).status_code == 404
    assert client.http.get(f"{BASE}/restore", query_string={"path": path, "id": id_}).status_code == 404
    assert client.http.get(f"{BASE}/change/{id_}", query_string={"path": path}).status_code == 404


@pytest.mark.parametrize("id_", ["0" * 40, "HEAD", "x", "..%2f"])
def test_changes_that_are_none_are_not_found(as_: As, knowledge: Path, id_: str) -> None:
    save(knowledge, "new.yaml", "a: 1\n")
    client = as_(ADMIN)
    assert client.status(f"{BASE}/change/{id_}") == 404
    assert client.status(f"{BASE}/restore?path=town.yaml&id={id_}") == 404
    assert "没有这一次修改" in get(client, f"{BASE}/?before={id_}")


def test_what_people_wrote_is_shown_as_text(as_: As, knowledge: Path) -> None:
    id_ = edited(knowledge, DIVORCE, "可以向法院起诉。", XSS, author=XSS, why=XSS)
    client = as_(ADMIN)
    for address in (f"{BASE}/", f"{BASE}/file?path={DIVORCE}", f"{BASE}/change/{id_}",
                    f"{BASE}/restore?path={DIVORCE}&id={first_of(knowledge)}"):  # fmt: skip
        page = get(client, address)
        assert "<script>alert" not in page, address
        assert "<img" not in page, address
        assert "&lt;script&gt;" in page, address


def test_a_history_that_is_broken_is_told_in_words(as_: As, knowledge: Path) -> None:
    save(knowledge, "new.yaml", "a: 1\n")
    for path in (knowledge / ".git" / "objects").rglob("*"):
        if path.is_file():
            path.chmod(0o644)
            path.write_bytes(b"broken")
    assert "修改历史读不出来" in get(as_(ADMIN), f"{BASE}/")


def test_a_long_history_goes_on_on_another_page(as_: As, knowledge: Path) -> None:
    for n in range(35):
        history.save(
            knowledge, {knowledge / "new.yaml": f"a: {n}\n"}, author="李", why=f"第{n}次", now=NOW + timedelta(hours=n)
        )
    page = get(as_(READER), f"{BASE}/")
    assert ("第34次" in page, "第5次" in page, "第4次" in page) == (True, True, False)
    older = page.partition("?before=")[2].partition('"')[0]
    assert "第4次" in get(as_(READER, name="又一个"), f"{BASE}/?before={older}")


def test_everybody_may_fetch_the_faq(as_: As, app: Flask) -> None:
    response = as_(READER).http.get(f"{BASE}/books/export")
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert [e.id for e in workbook.read(response.data).entries] == ["wage", "bride-price", "divorce"]
    assert "看看会改什么" not in get(as_(READER, name="读"), f"{BASE}/books/")


def test_a_workbook_is_looked_at_first_and_taken_in_as_one_change(as_: As, app: Flask, knowledge: Path) -> None:
    client = as_(LAWYER)
    address = send(client, book(app, C4="不肯离婚怎么办？", A5="new-one", B5="婚姻", C5="新的？", D5="新问法", E5="新答案。",
                                G5="《劳动法》第五十条", K5="草稿", L5="李", M5="2026-11-24"))  # fmt: skip
    page = get(client, address)
    assert "新增 <strong>1</strong> 条；修改 <strong>1</strong> 条；2 条没有变" in page
    assert "<caption>标准问题</caption>" in page
    assert not history.log(knowledge)
    page = client.post(f"{address}/take", why="律师改的")
    assert "导入好了：新增 1 条，修改 1 条" in page
    last = history.log(knowledge)[0]
    assert (last.author, last.why) == ("示例法律顾问（法律顾问）", "导入 常见问题.xlsx：律师改的")
    assert last.paths == (DIVORCE, "faq/婚姻/new-one.md")
    assert "不肯离婚怎么办？" in (knowledge / DIVORCE).read_text("utf-8")
    assert noted(app)[-1] == ("法律顾问", "导入常见问题", "常见问题.xlsx：新增 1 条，修改 1 条")
    assert client.status(f"{address}/take", "POST") == 404


def test_a_workbook_with_faults_changes_nothing_and_comes_back_marked(as_: As, app: Flask, knowledge: Path) -> None:
    client = as_(JUSTICE)
    address = send(client, book(app, C2="=1+1", K3="好了"))
    page = get(client, address)
    assert "2 处不对" in page
    assert "是公式" in page
    marked = load_workbook(io.BytesIO(client.http.get(f"{address}/marked").data))[workbook.SHEET]
    assert "是公式" in marked["C2"].comment.text
    assert "2 处不对" in client.post(f"{address}/take")
    assert not history.log(knowledge)


def test_a_workbook_signs_nothing_and_leaves_what_is_signed_answering(as_: As, app: Flask, knowledge: Path) -> None:
    text = (knowledge / DIVORCE).read_text("utf-8")
    signed = text.replace("status: draft", "status: signed\nreviewed_by: 王\nreviewed_on: 2026-11-20")
    (knowledge / DIVORCE).write_text(signed, "utf-8")
    client = as_(LAWYER)
    address = send(
        client,
        book(
            app, E4="改了的答案。", K3="已签发", N3="我", O3="2026-11-24", E3="也改了。", K2="已签发", N2="我", O2="2026-11-24"
        ),
    )
    page = get(client, address)
    assert "修改 <strong>1</strong> 条；存成修改稿 <strong>1</strong> 条；不导入 <strong>1</strong> 条" in page
    assert "签发过的旧内容接着回答" in page
    assert "要在条目的页面上签发" in page
    client.post(f"{address}/take")
    assert (knowledge / DIVORCE).read_text("utf-8") == signed
    assert "改了的答案。" in (knowledge / "drafts/婚姻/divorce.md").read_text("utf-8")
    assert all("signed" not in p.read_text("utf-8") for p in knowledge.glob("*/*/*.md") if p != knowledge / DIVORCE)


def test_what_somebody_changed_meanwhile_is_not_overwritten(as_: As, app: Flask, knowledge: Path) -> None:
    client = as_(LAWYER)
    address = send(client, book(app, C4="不肯离婚怎么办？"))
    (knowledge / DIVORCE).write_text((knowledge / DIVORCE).read_text("utf-8").replace("起诉", "申请"), "utf-8")
    page = client.post(f"{address}/take")
    assert "您看的时候有人改了这些条目" in page
    assert "申请" in (knowledge / DIVORCE).read_text("utf-8")


def test_a_workbook_belongs_to_who_sent_it_and_is_forgotten(as_: As, app: Flask, knowledge: Path) -> None:
    client = as_(LAWYER)
    address = send(client, book(app, C4="不肯离婚怎么办？"))
    other = as_(JUSTICE)
    assert [other.status(f"{address}{more}") for more in ("", "/marked")] == [404, 404]
    assert other.status(f"{address}/take", "POST") == 404
    assert client.status(f"{BASE}/books/import/{'0' * 32}") == 404
    assert client.status(f"{BASE}/books/import/..%2f..%2fx") == 404
    assert "什么也没有改" in client.post(f"{address}/drop")
    assert client.status(address) == 404


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as files:
        files.writestr("xl/worksheets/sheet1.xml", b"<c/>" * 6_000_000)
    return out.getvalue()


def with_entity() -> bytes:
    made = io.BytesIO()
    book = Workbook()
    book.save(made)
    out = io.BytesIO()
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.infolist():
            data = old.read(part)
            if part.filename == "xl/workbook.xml":
                data = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + data
            new.writestr(part, data)
    return out.getvalue()


def far_away() -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet
    sheet.title = workbook.SHEET
    sheet.append([column.heading for column in workbook.COLUMNS])
    sheet["A1048576"] = "x"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"", "打不开"),
        (b"PK\x03\x04 no", "打不开"),
        (b"%PDF-1.4", "打不开"),
        (bomb(), "格子太多"),
        (with_entity(), "文档类型声明"),
    ],
)
def test_hostile_files_are_refused_in_words(as_: As, raw: bytes, told: str) -> None:
    assert told in refused(as_(LAWYER), raw)


def test_a_sheet_that_claims_a_million_rows_takes_no_time(as_: As) -> None:
    client = as_(LAWYER)
    assert "第1048576行" in get(client, send(client, far_away()))


def test_no_file_and_names_of_files_are_harmless(as_: As, app: Flask) -> None:
    client = as_(LAWYER)
    assert "没有选文件" in client.post(f"{BASE}/books/import")
    page = get(client, send(client, book(app, C4="不肯离婚？"), name="../../" + XSS + ".xlsx"))
    assert "<script>alert" not in page
    assert "&lt;img" in page or "onerror" not in page
