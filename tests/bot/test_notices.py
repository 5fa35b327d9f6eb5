"""Notices: their content, what changed since they were printed, the paper, the pictures of codes."""

import io
import json
import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import segno
import typst
from PIL import Image

from bot.dialogue.rules import preview
from bot.faq.entry import Entry
from bot.faq.library import Library, Snapshot
from bot.ledger import turns
from bot.ledger.store import Store
from bot.message import Reply
from bot.notices import asked, content, kept, paper, pictures
from bot.notices.now import Now
from bot.notices.paper import Sheet
from bot.notices.phrases import Phrase, phrase, phrases
from bot.notices.pictures import UnfitPicture

NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)
TODAY = date(2026, 11, 24)
NASTY = '#[*粗*] $x$ _斜_ @a <b> `c` "引" \\n ~ = 1/2 // 注 /* 块 */ #panic("x") #read("/etc/passwd") {{7}} \' ; 末'
"""What markup would eat, run or change."""


def answers_of(snapshot: Snapshot) -> Callable[[str], str | None]:
    def answers(text: str) -> str | None:
        found = preview(text, snapshot, NOW)
        return found.entry.id if found.decision == "answer" and found.entry else None

    return answers


def now_of(snapshot: Snapshot, **more: object) -> Now:
    values = {"pictures": {}, "address": "", "answers": answers_of(snapshot)} | more
    return Now(snapshot, TODAY, **values)  # type: ignore[arg-type]


def text_of(pdf: bytes, tmp_path: Path) -> str:
    """All characters of a PDF without blanks, as its reader would copy them."""
    path = tmp_path / "made.pdf"
    path.write_bytes(pdf)
    out = subprocess.run(["pdftotext", "-raw", path, "-"], capture_output=True, check=True).stdout.decode()
    return bare(out)


def bare(text: str) -> str:
    return re.sub(r"[\s\u200b\u2060]+", "", text)


def pages_of(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))


def sizes(sheets: list[Sheet], label: str, tmp_path: Path) -> list[float]:
    """The type size that each sheet was set in."""
    for name, raw in paper._files(sheets, "").items():
        (tmp_path / name).write_bytes(raw)
    found: list[float] = json.loads(typst.query(tmp_path / "main.typ", f"<{label}>", field="value", root=tmp_path))
    return found


def with_town(snapshot: Snapshot, **changes: object) -> Snapshot:
    assert snapshot.town
    return replace(snapshot, town=snapshot.town.model_copy(update=changes))


def with_adviser(snapshot: Snapshot, **changes: object) -> Snapshot:
    assert snapshot.town
    first, *rest = snapshot.town.villages
    other = first.model_copy(update={"adviser": first.adviser.model_copy(update=changes)})
    return with_town(snapshot, villages=(other, *rest))


# ---- phrases -------------------------------------------------------------------------------------------------------


def test_every_shipped_entry_has_a_phrase_that_a_stranger_can_send_and_get_it(real_library: Library) -> None:
    snapshot = real_library.current
    answers = answers_of(snapshot)
    found = {id_: phrase(entry, answers) for id_, entry in snapshot.entries.items()}
    assert [id_ for id_, made in found.items() if made is None] == []
    assert max(len(made.say) for made in found.values() if made) <= 24
    assert sum(len(made.say) <= 14 for made in found.values() if made) > 0.95 * len(found)


def test_no_number_is_an_answer_for_a_stranger(real_library: Library) -> None:
    """That is why notices print words: should this fail, short codes have become possible."""
    snapshot = real_library.current
    assert {preview(said, snapshot, NOW).decision for said in ("1", "8", "12", "012", "123", "第3个")} == {"command"}


@pytest.mark.parametrize(
    ("question", "say"),
    [
        ("工伤能赔多少钱？", "工伤能赔多少钱"),
        ("老板、公司拖欠工资怎么要？", "公司拖欠工资怎么要"),
        ("一起喝酒出事，同桌人有责任吗？", "一起喝酒出事"),
        ("承包地能挖塘、种树、建棚养殖吗？", "承包地能挖塘吗"),
        ("“法律明白人”是做什么的，怎么当？", "法律明白人是做什么的"),
    ],
)
def test_a_phrase_is_the_part_of_the_question_that_stands_alone(question: str, say: str, real_library: Library) -> None:
    entry = next(e for e in real_library.current.entries.values() if e.question == question)
    assert phrase(entry, lambda _: entry.id) == Phrase(say, entry.id, question)


def test_a_phrase_that_leads_elsewhere_is_not_taken(library: Library) -> None:
    entry = library.current.entries["wage"]
    assert phrase(entry, lambda text: "wage" if text == "老板拖欠工资怎么要" else "divorce") == Phrase(
        "老板拖欠工资怎么要", "wage", entry.question
    )
    assert phrase(entry, lambda _: None) is None


def test_phrases_for_half_a_line_come_first_and_longer_ones_fill_up(library: Library) -> None:
    entries = [library.current.entries[id_] for id_ in ("bride-price", "wage", "divorce")]
    ids = {e.question.rstrip("？"): e.id for e in entries}
    assert [p.entry for p in phrases(entries, ids.get)] == ["bride-price", "wage", "divorce"]
    assert [p.entry for p in phrases(entries, ids.get, most=1)] == ["bride-price"]


def test_entries_are_ranked_by_village_then_town_then_one_of_each_category(library: Library) -> None:
    categories = library.current.categories(TODAY)
    found = asked.ranked(["divorce", "gone"], ["wage"], categories, ())
    assert [e.id for e in found] == ["divorce", "wage", "bride-price"]
    found = asked.ranked(["divorce"], ["wage"], categories, ("婚姻",))
    assert found[0].id == "wage"


def test_what_fewer_than_three_people_asked_for_never_reaches_a_wall(store: Store) -> None:
    def turn(n: int, villager: str, entry: str, **more: object) -> turns.Turn:
        values: dict[str, object] = {
            "key": f"k{n}", "received_at": "2026-10-01T00:00:00.000Z", "day": "2026-10-01", "channel": "公众号文字",
            "villager": villager, "kind": "text", "text": None, "decision": "answer", "entry_id": entry, "entry_version": "v",
            "category": "劳动与工资", "score": 1.0, "offered": (), "follows": None, "reply": Reply(""), "latency_ms": 1.0,
            "village": "示例一村",
        } | more  # fmt: skip
        return turns.Turn(**values)  # type: ignore[arg-type]

    rows = [turn(n, f"v{n}", "wage") for n in range(3)]
    rows += [turn(10 + n, "v0", "divorce") for n in range(9)] + [
        turn(30 + n, f"v{n}", "secret", village=None) for n in range(2)
    ]
    rows += [turn(40 + n, f"v{n}", "late", day="2026-11-02") for n in range(4)]
    rows += [turn(50 + n, f"v{n}", "wrong", verdict="wrong") for n in range(4)]
    with store.writing() as db:
        for row in rows:
            turns.record(db, row)
        assert asked.most_asked(db, TODAY) == {"": ["wage"], "示例一村": ["wage"]}


# ---- content and its changes ---------------------------------------------------------------------------------------


def test_a_villages_notice_says_whom_to_call_and_what_to_send(library: Library) -> None:
    made = now_of(library.current, pictures={"": "a", "示例一村": "b"}, address="https://wenda.example.cn/")
    found = made.village("示例一村", [Phrase("欠我工钱", "wage", "老板拖欠工资怎么要？")])
    assert found == {
        "kind": "village", "about": "示例一村", "town": "示例镇", "host": "示例镇人民政府",
        "adviser": "示例顾问一", "phone": "0000-0000101（示例）", "duty": "每月第一个周三 9:00–17:00 在村委会（示例）",
        "office": "示例镇司法所", "office_phone": "0000-0000001（示例）",
        "office_hours": "周一至周五 8:30–12:00、14:30–17:30（示例）",
        "first": [["110", "报警"], ["12348", "免费法律咨询、法律援助"]],
        "others": [
            ["120", "急救"], ["119", "火警"], ["122", "交通事故报警"], ["12345", "政务服务、投诉"], ["12338", "妇女维权"],
            ["12355", "青少年维权和心理"], ["12356", "心理援助"], ["96110", "反诈骗"],
        ],
        "phrases": [["欠我工钱", "wage", "老板拖欠工资怎么要？"]],
        "picture": "b", "address": "https://wenda.example.cn/", "example": True,
    }  # fmt: skip
    other = made.village("示例二村", [])
    assert other is not None
    assert other["picture"] == "a"
    assert made.village("没有这个村", []) is None


def test_an_entrys_sheet_has_its_parts_and_says_that_no_lawyer_signed_it(real_library: Library) -> None:
    found = now_of(real_library.current).entry("wage-arrears")
    assert found is not None
    assert found["question"] == "老板、公司拖欠工资怎么要？"
    assert [(kind, mark) for kind, _, mark in found["answer"]][:5] == [
        ("lead", ""), ("text", ""), ("text", ""), ("head", ""), ("step", "1"),
    ]  # fmt: skip
    assert found["who"].startswith("打12333问投诉地点")
    assert not any("找谁" in text for _, text, _ in found["answer"])
    assert (found["reviewed"], found["valid_until"], found["say"]) == ("", "2027年11月30日", "公司拖欠工资怎么要")
    assert found["basis"][0] == "《劳动法》第五十条"


def test_a_signed_entrys_sheet_names_who_signed_it(library: Library) -> None:
    entry = library.current.entries["wage"].model_copy(
        update={"status": "signed", "reviewed_by": "示例律师", "reviewed_on": date(2026, 1, 5)}
    )
    found = content.entry_notice(None, entry, library.current.hotlines, None, picture="", address="")
    assert (found["reviewed"], found["town"], found["say"]) == ("示例律师审核，2026年1月5日", "", "")


def test_every_entry_can_be_printed_without_losing_a_character_of_its_answer(real_library: Library) -> None:
    snapshot = real_library.current
    for id_, entry in snapshot.entries.items():
        found = content.entry_notice(snapshot.town, entry, (), None, picture="", address="")
        shown = "".join(mark + text for _, text, mark in found["answer"]) + found["who"]
        lost = re.sub(r"找谁[：:]|[\s.、:：]", "", entry.answer)
        assert sorted(re.sub(r"[\s.、:：]", "", shown)) == sorted(lost), id_


CHANGES = [
    ({"adviser": {"phone": "0000-9"}}, ["顾问电话：原来是「0000-0000101（示例）」，现在是「0000-9」"]),
    ({"adviser": {"name": "新顾问"}}, ["法律顾问：原来是「示例顾问一」，现在是「新顾问」"]),
    ({"adviser": {"duty": "每周三 9:00–11:00"}},
     ["值班时间：原来是「每月第一个周三 9:00–17:00 在村委会（示例）」，现在是「每周三 9:00–11:00」"]),
    ({"town": {"example": False}}, ["现在是正式的了"]),
]  # fmt: skip


@pytest.mark.parametrize(("change", "said"), CHANGES)
def test_what_changed_of_a_villages_notice_is_named(
    change: dict[str, dict[str, object]], said: list[str], library: Library
) -> None:
    old = library.current
    printed = now_of(old).village("示例一村", ())
    assert printed is not None
    new = with_adviser(old, **change["adviser"]) if "adviser" in change else with_town(old, **change["town"])
    assert now_of(old).changes(printed) == []
    assert now_of(new).changes(printed) == said
    fresh = now_of(new).village("示例一村", ())
    assert fresh is not None
    assert content.version(fresh) != content.version(printed)


def test_a_changed_hotline_code_or_lost_village_is_named(library: Library) -> None:
    old = library.current
    printed = now_of(old, pictures={"": "a"}).village("示例一村", ())
    assert printed is not None
    first, *rest = old.hotlines
    moved = replace(old, hotlines=(first.model_copy(update={"number": "114"}), *rest))
    assert now_of(moved, pictures={"": "b"}, address="https://x.example/").changes(printed) == [
        "热线有改动", "二维码换过了", "网址：原来是「没有」，现在是「https://x.example/」",
    ]  # fmt: skip
    assert old.town
    assert now_of(with_town(old, villages=old.town.villages[1:])).changes(printed) == ["村子已经不在名单里"]


def test_a_changed_withdrawn_or_expired_entry_is_named(library: Library) -> None:
    old = library.current
    printed = now_of(old).entry("wage")
    assert printed is not None
    assert printed["say"] == "老板拖欠工资怎么要"

    def changed(**changes: object) -> list[str]:
        entry = old.entries["wage"].model_copy(update=changes)
        return now_of(replace(old, entries={**old.entries, "wage": entry})).changes(printed)

    assert changed() == []
    assert changed(phrasings=("别的问法",)) == []
    assert changed(answer="新的答复。", deadline="一年内") == ["答复有改动", "期限：原来是「没有」，现在是「一年内」"]
    assert changed(status="withdrawn") == ["这一条已经停用或过期"]
    assert changed(valid_until=date(2026, 11, 23)) == ["这一条已经停用或过期"]
    assert now_of(old, answers=lambda _: "divorce").changes(printed) == ["发「老板拖欠工资怎么要」现在查不到那一条了"]


def test_other_phrases_than_before_are_no_change_as_long_as_the_printed_ones_work(library: Library) -> None:
    made = now_of(library.current)
    printed = made.village("示例一村", made.said(["老板拖欠工资怎么要", "退婚彩礼能要回来吗"])[0])
    assert printed is not None
    assert [p[1] for p in printed["phrases"]] == ["wage", "bride-price"]
    assert made.changes(content.from_json(content.to_json(printed))) == []


def test_a_phrase_of_ones_own_is_only_taken_if_it_is_answered_at_once(library: Library) -> None:
    found, unanswered = now_of(library.current).said(["老板拖欠工资怎么要", "  ", "今天吃什么", "老板拖欠工资怎么要", "12"])
    assert ([p.entry for p in found], unanswered) == (["wage"], ["今天吃什么", "12"])


def test_what_an_older_program_did_not_print_is_no_change(library: Library) -> None:
    printed = now_of(library.current).village("示例一村", ())
    assert printed is not None
    del printed["office_hours"]
    assert now_of(library.current).changes(printed) == []


# ---- what was printed ----------------------------------------------------------------------------------------------


def test_a_printing_is_noted_once_and_goes_its_way(store: Store, library: Library) -> None:
    made = now_of(library.current).village("示例一村", ())
    assert made is not None
    more = {"village": "示例一村", "copies": 20, "place": "祠堂", "posted": False, "who": "clerk", "now": NOW}
    with store.writing() as db:
        assert kept.note(db, "t1", made, **more) == 1  # type: ignore[arg-type]
        assert kept.note(db, "t1", made, **more) is None  # type: ignore[arg-type]
        assert kept.note(db, "t2", made, **more | {"posted": True}) == 2  # type: ignore[arg-type]
        found = kept.find(db, 1)
        assert found is not None
        assert (found.content, found.state, found.is_out, found.copies, found.place) == (made, "已打印", True, 20, "祠堂")
        states = []
        for what in ("posted", "posted", "down", "posted", "down", "voided", "down"):
            done = kept.step(db, 1, what, who="clerk", now=NOW)  # type: ignore[arg-type]
            states.append((done, kept.find(db, 1).state))  # type: ignore[union-attr]
        assert states == [
            (True, "贴着"), (False, "贴着"), (True, "已撤下"), (False, "已撤下"), (False, "已撤下"), (True, "作废"),
            (False, "作废"),
        ]  # fmt: skip
        assert [one.number for one in kept.printings(db)] == [2, 1]
        assert [one.number for one in kept.printings(db, out=True)] == [2]
        assert kept.printings(db, village="示例二村") == []
        assert not kept.step(db, 99, "down", who="clerk", now=NOW)


# ---- paper ---------------------------------------------------------------------------------------------------------


def nasty(value: object) -> object:
    if isinstance(value, str):
        return NASTY
    if isinstance(value, list):
        return [nasty(one) for one in value]
    return value


def nasty_sheet(made: content.Content) -> Sheet:
    changed = {k: v if k in {"kind", "picture", "address", "answer", "phrases"} else nasty(v) for k, v in made.items()}
    if made["kind"] == content.ENTRY:
        changed["answer"] = [[kind, NASTY, mark] for kind, _, mark in made["answer"]]
    else:
        changed["phrases"] = [[NASTY, "wage", "x"]]
    return Sheet(changed, TODAY)


def test_text_that_looks_like_markup_is_printed_as_it_is(library: Library, tmp_path: Path) -> None:
    made = now_of(library.current)
    village, entry = made.village("示例一村", ()), made.entry("wage")
    assert village
    assert entry
    for one, times in ((village, 9), (entry, 7)):
        found = text_of(paper.to_pdf([nasty_sheet(one)], now=NOW), tmp_path)
        assert found.count(bare(NASTY)) >= times
        assert "root:" not in found


@pytest.fixture
def code() -> bytes:
    made = io.BytesIO()
    segno.make("http://weixin.qq.com/r/example", error="m").save(made, kind="png", scale=10, border=3)
    return pictures.redrawn(made.getvalue())


def test_a_village_is_one_page_also_with_the_longest_texts(library: Library, code: bytes, tmp_path: Path) -> None:
    long = "很长的内容，" * 13
    snapshot = with_adviser(library.current, name=long, phone="0" * 80, duty=long)
    assert snapshot.town
    village = snapshot.town.villages[0].model_copy(update={"name": "村" * 80})
    town = snapshot.town.model_copy(update={"name": "镇" * 80, "villages": (village, *snapshot.town.villages[1:])})
    found = content.village_notice(
        town, village, snapshot.hotlines, [Phrase("字" * 24, "wage", "")] * 6, picture="x", address="https://" + "a" * 92
    )
    sheet = Sheet(found, TODAY, code)
    pdf = paper.to_pdf([sheet], now=NOW)
    assert pages_of(pdf) == 1
    text = text_of(pdf, tmp_path)
    assert text.count("村" * 80) == 1
    assert found["duty"].strip() in text
    assert content.version(found) in text
    assert bare(found["address"]) in text
    assert sizes([sheet], "scale", tmp_path)[0] >= 0.48


def test_an_ordinary_notice_is_large(real_library: Library, tmp_path: Path) -> None:
    made = now_of(real_library.current, address="https://wenda.example.cn/")
    found = made.village("示例一村", made.said(["公司拖欠工资怎么要", "离婚孩子归谁"])[0])
    assert found
    assert sizes([Sheet(found, TODAY)], "scale", tmp_path)[0] >= 0.85


def test_each_shipped_entry_fits_one_page_in_type_of_14_points_and_more(real_library: Library, tmp_path: Path) -> None:
    snapshot = real_library.current
    sheets = []
    for entry in list(snapshot.entries.values())[::9]:
        say = Phrase("字" * 14, entry.id, "")
        made = content.entry_notice(
            snapshot.town, entry, snapshot.hotlines, say, picture="", address="https://wenda.example.cn/"
        )
        sheets.append(Sheet(made, TODAY))
    assert pages_of(paper.to_pdf(sheets, now=NOW)) == len(sheets)
    found = sizes(sheets, "size", tmp_path)
    assert min(found) >= 14
    assert sorted(found)[len(found) // 2] >= 16.5


def entry_with(answer: str, entry: Entry) -> Entry:
    return entry.model_copy(update={"answer": answer})


def test_a_long_answer_goes_on_to_a_second_page_in_large_type(library: Library, tmp_path: Path) -> None:
    entry = entry_with(
        "可以。\n" + "这是很长的一段说明文字。" * 110 + "\n1. 第一步。\n找谁：镇司法所。", library.current.entries["wage"]
    )
    sheet = Sheet(
        content.entry_notice(library.current.town, entry, library.current.hotlines, None, picture="", address=""), TODAY
    )
    pdf = paper.to_pdf([sheet], now=NOW)
    assert pages_of(pdf) == 2
    assert sizes([sheet], "size", tmp_path)[0] >= 16
    assert len(paper.to_png(sheet, ppi=40)) == 2


def test_all_villages_make_one_pdf_with_a_page_each(library: Library, tmp_path: Path) -> None:
    made = now_of(library.current)
    assert library.current.town
    names = [v.name for v in library.current.town.villages]
    sheets = [Sheet(found, TODAY) for name in names if (found := made.village(name, ()))]
    pdf = paper.to_pdf(sheets, now=NOW, name="各村")
    assert pages_of(pdf) == len(names) == 12
    text = text_of(pdf, tmp_path)
    assert all(bare(v.adviser.phone) in text for v in library.current.town.villages)
    assert text.count("在这里贴公众号二维码") == 12
    assert "印制：2026年11月24日" in text


def test_a_picture_to_print_is_a4_at_300_dpi_and_light(library: Library, code: bytes) -> None:
    found = now_of(library.current, pictures={"": "x"}).village("示例一村", ())
    assert found
    (png,) = paper.to_png(Sheet(found, TODAY, code))
    with Image.open(io.BytesIO(png)) as picture:
        assert picture.size == (2480, 3508)
    assert len(png) <= 2_000_000


def test_a_heavy_picture_gets_fewer_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    import random

    noise = Image.frombytes("RGB", (900, 900), random.Random(1).randbytes(900 * 900 * 3))
    raw = io.BytesIO()
    noise.save(raw, "PNG")
    assert len(raw.getvalue()) > paper.MOST_BYTES
    assert len(paper._lighter(raw.getvalue())) < paper.MOST_BYTES


def test_without_a_chinese_font_it_says_what_to_install(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    found = now_of(library.current).village("示例一村", ())
    assert found
    monkeypatch.setattr(paper, "_found", [])
    monkeypatch.setattr(paper, "FONTS", ("Nowhere Sans",))
    with pytest.raises(paper.NoFont, match=r"没有中文字体.*fonts-noto-cjk"):
        paper.to_pdf([Sheet(found, TODAY)], now=NOW)


# ---- pictures of codes ---------------------------------------------------------------------------------------------


def image(format_: str, size: tuple[int, int] = (430, 430), mode: str = "RGB", **more: object) -> bytes:
    made = io.BytesIO()
    Image.new(mode, size, 1 if mode in {"1", "P"} else None).save(made, format_, **more)
    return made.getvalue()


@pytest.mark.parametrize("format_", ["PNG", "JPEG", "BMP", "WEBP", "GIF"])
def test_a_picture_is_drawn_anew_as_png(format_: str) -> None:
    made = pictures.redrawn(image(format_))
    with Image.open(io.BytesIO(made)) as picture:
        assert (picture.format, picture.size) == ("PNG", (430, 430))


def test_what_else_a_file_holds_is_left_behind_and_transparency_becomes_white() -> None:
    from PIL.PngImagePlugin import PngInfo

    told = PngInfo()
    told.add_text("Comment", "SECRET-PLACE")
    raw = image("PNG", mode="RGBA", pnginfo=told) + b"<script>alert(1)</script>"
    made = pictures.redrawn(raw)
    assert b"SECRET" not in made
    assert b"script" not in made
    with Image.open(io.BytesIO(made)) as picture:
        assert picture.convert("RGB").getpixel((5, 5)) == (255, 255, 255)


def test_a_large_picture_is_kept_smaller() -> None:
    with Image.open(io.BytesIO(pictures.redrawn(image("PNG", (1280, 1280))))) as picture:
        assert picture.size == (1000, 1000)


def test_the_second_picture_of_a_film_does_not_matter() -> None:
    made = io.BytesIO()
    Image.new("RGB", (300, 300)).save(made, "GIF", save_all=True, append_images=[Image.new("RGB", (300, 300), "red")])
    assert pictures.redrawn(made.getvalue()).startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"", "不是能用的图片"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "不是能用的图片"),
        (b"%PDF-1.7", "不是能用的图片"),
        (image("PNG")[:300], "不是能用的图片"),
        (image("TIFF"), "不是能用的图片"),
        (image("PNG", (200, 200)), "太小"),
        (image("PNG", (8000, 8000), "1"), "边长最多"),
        (image("PNG", (300, 600)), "不是方的"),
        (b"\x89PNG" + b"0" * (4 * 1024 * 1024), "最多 4 MB"),
    ],
)
def test_what_is_no_picture_of_a_code_is_refused_in_words(raw: bytes, problem: str) -> None:
    with pytest.raises(UnfitPicture, match=problem):
        pictures.redrawn(raw)


def test_a_villages_own_picture_goes_before_that_of_the_account(store: Store, code: bytes) -> None:
    with store.writing() as db:
        assert pictures.chosen(pictures.digests(db), "示例一村") == ""
        pictures.keep(db, "", code, who="admin", now=NOW)
        first = pictures.digests(db)[""]
        pictures.keep(db, "示例一村", pictures.redrawn(image("PNG")), who="admin", now=NOW)
        pictures.keep(db, "示例一村", pictures.redrawn(image("PNG", (500, 500))), who="admin", now=NOW)
        digests = pictures.digests(db)
        assert pictures.chosen(digests, "示例二村") == first
        assert pictures.chosen(digests, "示例一村") == digests["示例一村"] != first
        assert pictures.by_digest(db, first) == code
        assert pictures.drop(db, "示例一村")
        assert not pictures.drop(db, "示例一村")
        assert pictures.chosen(pictures.digests(db), "示例一村") == first
        assert pictures.by_digest(db, digests["示例一村"]) is None


def test_the_address_of_the_web_page_becomes_a_code_as_svg() -> None:
    made = pictures.web_code("https://wenda.example.cn/?a=1&b=<x>")
    assert made.startswith(b"<svg")
    assert b"script" not in made
    assert b"<x>" not in made
