"""What villagers asked goes into the knowledge folder; what would be wrong is refused before anything is written."""

from datetime import date
from pathlib import Path

import pytest

from bot.faq.edit import additions
from bot.faq.edit.additions import Added, Refused
from bot.faq.library import Library
from bot.faq.reader import read_entry
from bot.matching.outside import Topic
from tests.conftest import NOW

TODAY = date(2026, 11, 24)
OUTSIDE = """# 条目以外的话题。
- topic: 商标
  kind: 法律  # 公司的事
  why: 归市场监管局。
  phrasings:
    - 商标被抢注了
    # 下面是老话题
- topic: 天气
  kind: 闲聊
  why: 不是法律问题。
  phrasings:
    - 今天天气好
"""


def everything(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file() and "/." not in f"/{p}"}


def add(library: Library, id_: str, *texts: str) -> Added:
    return additions.to_entry(library.folder, library.current, id_, texts, author="示例", at=NOW, today=TODAY)


def test_phrasings_go_to_the_end_of_an_entry_and_nothing_else_changes(library: Library, knowledge: Path) -> None:
    path = knowledge / "faq" / "劳动与工资" / "wage.md"
    before = read_entry(path).entry
    assert add(library, "wage", "工头 跑了，\n钱没发", "老板不给工资") == Added(path, 1, True)
    after = read_entry(path).entry
    assert before and after
    assert after.phrasings == (*before.phrasings, "工头 跑了， 钱没发")
    assert (
        after.model_copy(update={"phrasings": before.phrasings, "updated": before.updated, "version": before.version}) == before
    )
    library.refresh()
    assert library.current.index.ranking("工头跑了钱没发").candidates[0].id == "wage"


def test_a_signed_entry_goes_on_answering_and_the_phrasing_waits_for_a_signature(library: Library, knowledge: Path) -> None:
    path = knowledge / "faq" / "劳动与工资" / "wage.md"
    signed = "status: signed\nreviewed_by: 李律师\nreviewed_on: 2026-11-01"
    path.write_text(path.read_text("utf-8").replace("status: draft", signed), encoding="utf-8")
    library.refresh()
    held = path.read_bytes()
    made = add(library, "wage", "工头跑了钱没发")
    assert (made.path, made.live) == (knowledge / "drafts" / "劳动与工资" / "wage.md", False)
    assert path.read_bytes() == held
    assert "工头跑了钱没发" in made.path.read_text("utf-8")


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ((), "至少勾上一句"),
        ((" ",), "至少勾上一句"),
        (("欠" * 201,), "最多200个字"),
        (("打[手机号]找我",), "遮掉的号码"),
        (("怎么办",), "没有内容"),
        (("老公不肯离婚！",), "对方不同意离婚怎么办？"),
        (("老板不给工资",), "都已经有了"),
    ],
)
def test_what_would_be_wrong_is_refused_and_nothing_is_written(
    library: Library, knowledge: Path, texts: tuple[str, ...], said: str
) -> None:
    before = everything(knowledge)
    with pytest.raises(Refused, match=said):
        add(library, "wage", *texts)
    assert everything(knowledge) == before


def test_an_entry_that_is_gone_takes_no_phrasing(library: Library, knowledge: Path) -> None:
    library.refresh()
    (knowledge / "faq" / "劳动与工资" / "wage.md").unlink()
    with pytest.raises(Refused, match="删掉了"):
        add(library, "wage", "工头跑了钱没发")


def test_a_new_entry_is_a_draft_that_answers_nobody_yet(library: Library, knowledge: Path) -> None:
    path = additions.to_new_entry(
        knowledge,
        "无人机砸了人怎么办？",
        "邻里",
        ["无人机砸人", "无人机掉下来"],
        author="甲（jia）",
        by="甲",
        at=NOW,
        today=TODAY,
    )
    assert path == knowledge / "drafts" / "邻里" / "wu-ren-ji-za.md"
    text = path.read_text("utf-8")
    assert "question: 无人机砸了人怎么办？" in text and "  - 无人机掉下来\n" in text and "author: 甲\n" in text
    library.refresh()
    assert (set(library.current.entries), library.current.findings) == ({"wage", "divorce", "bride-price"}, ())


def test_a_draft_of_a_ticket_is_written_once(knowledge: Path) -> None:
    make = lambda answer: additions.to_new_entry(  # noqa: E731
        knowledge, "无人机砸了人", "邻里", ["无人机砸人"], author="甲", at=NOW, today=TODAY, answer=answer, id_="ticket-001"
    )
    path = make("先报警。")
    held = path.read_bytes()
    assert make("另一个答案。") == path
    assert path.read_bytes() == held and "先报警。" in held.decode()


def topic(name: str, *texts: str) -> Topic:
    return Topic.model_construct(topic=name, kind="法律", why="归别处管：见「12345」。", phrasings=texts)


def put(library: Library, one: Topic) -> Added:
    return additions.to_topic(library.folder, library.current, one, author="示例", at=NOW)


def test_questions_join_a_topic_outside_and_the_file_keeps_its_layout_and_comments(library: Library, knowledge: Path) -> None:
    path = knowledge / "outside.yaml"
    path.write_text(OUTSIDE, encoding="utf-8")
    assert put(library, topic("商标", "米粉的名字被人注册了", "商标被抢注了", "a: b #c")) == Added(path, 2, True)
    expected = OUTSIDE.replace("    - 商标被抢注了\n", "    - 商标被抢注了\n    - 米粉的名字被人注册了\n    - 'a: b #c'\n")
    assert path.read_text("utf-8") == expected
    library.refresh()
    assert library.current.index.outside[0].phrasings == ("商标被抢注了", "米粉的名字被人注册了", "a: b #c")


def test_a_new_topic_goes_to_the_end(library: Library, knowledge: Path) -> None:
    path = knowledge / "outside.yaml"
    for before in (OUTSIDE, "[]\n"):
        path.write_text(before, encoding="utf-8")
        put(library, topic("无人机", "无人机飞到院子上面"))
        made = "- topic: 无人机\n  kind: 法律\n  why: 归别处管：见「12345」。\n  phrasings:\n    - 无人机飞到院子上面\n"
        assert path.read_text("utf-8") == before.removeprefix("[]\n") + made


@pytest.mark.parametrize(
    ("file", "texts", "said"),
    [
        (OUTSIDE, ("老板不给工资",), "就是「老板拖欠工资怎么要？」这一条的问法"),
        (OUTSIDE, ("你好",), "没有内容"),
        (OUTSIDE, ("商标被抢注了",), "都已经有了"),
        ("[{topic: 商标, kind: 法律, why: x, phrasings: [一, 二]}]\n", ("米粉的名字",), "读不懂"),
        ("- topic: 商标\n", ("米粉的名字",), "读不懂"),
    ],
)
def test_what_does_not_belong_outside_is_refused(
    library: Library, knowledge: Path, file: str, texts: tuple[str, ...], said: str
) -> None:
    (knowledge / "outside.yaml").write_text(file, encoding="utf-8")
    before = everything(knowledge)
    with pytest.raises(Refused, match=said):
        put(library, topic("商标", *texts))
    assert everything(knowledge) == before
