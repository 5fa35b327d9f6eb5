"""The first page: what each role has to do now, the week's note, and what is wrong in the knowledge folder."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask

from bot.dialogue.respond import respond
from bot.faq.library import Library
from bot.ledger import duties
from bot.ledger.access.users import ADMIN, CLERK, JUSTICE, LAWYER, MINDER, READER
from bot.message import WECHAT_TEXT, Incoming
from bot.reports.problems import problems
from handlers.services import Services
from tests.conftest import write_entry
from tests.console.conftest import NOW, As


@pytest.fixture
def bot(app: Flask) -> Services:
    found: Services = app.extensions["bot"]
    return found


@pytest.fixture
def asked(bot: Services) -> None:
    """A ticket of 示例一村 that is late, a miss, an alarm."""
    for n, text in enumerate(("我是示例一村的", "王五的月亮上能不能种水稻", "00")):
        message = Incoming(f"k{n}", "oA", WECHAT_TEXT, "text", text)
        respond(message, store=bot.store, library=bot.library, now=NOW - timedelta(hours=26) + timedelta(seconds=n))
    with bot.store.writing() as db:
        duties.open_duty(db, kind="被打、怕被打", village=None, now=NOW - timedelta(minutes=20))


def lines(page: str) -> list[str]:
    """Return the lines of what waits, without the numbers' links."""
    found = re.search(r'<ul class="list-group mb-4 todo">(.*?)</ul>', page, re.DOTALL)
    return re.findall(r"<span>([^<]+)</span>", found[1]) if found else []


def note(page: str) -> str:
    found = re.search(r'<textarea[^>]* id="note"[^>]*>([^<]*)</textarea>', page)
    return found[1] if found else ""


def test_each_role_finds_what_it_can_do_and_the_way_there(as_: As, asked: None) -> None:
    justice = as_(JUSTICE).get("/console/")
    assert lines(justice)[:2] == ["个值班任务没有办结，其中 1 个逾期没有确认", "个群众提问等您答复，其中 1 个逾期"]
    assert "组没答上的问题等处理，最近七天有新问的 1 组" in lines(justice)
    for address in ("/console/tickets/duties/", "/console/tickets/?mine=1", "/console/misses/"):
        assert f'href="{address}"' in justice
    assert "个群众提问等您答复，其中 1 个逾期" in lines(as_(LAWYER).get("/console/"))
    assert lines(as_(MINDER).get("/console/")) == ["个群众提问等您答复，其中 1 个逾期"]
    assert not any("值班任务" in line or "等您答复" in line for line in lines(as_(ADMIN).get("/console/")))


def test_who_has_nothing_to_do_is_told_so(as_: As, asked: None) -> None:
    assert "现在没有等您办的" in as_(MINDER, village="示例二村").get("/console/")
    assert "现在没有等您办的" in as_(READER).get("/console/")
    assert lines(as_(CLERK).get("/console/")) == ["个村这个月的顾问服务不足8小时：示例一村、示例二村、示例三村等"]


def test_every_address_on_the_page_may_be_opened(as_: As, asked: None) -> None:
    for role in (ADMIN, CLERK, JUSTICE, LAWYER, MINDER, READER):
        client = as_(role)
        for address in re.findall(r'class="stretched-link[^"]*" href="([^"]+)"', client.get("/console/")):
            assert client.status(address.replace("&amp;", "&")) == 200, (role, address)


def test_the_weeks_note_can_be_copied_and_has_no_villagers_word(as_: As, asked: None) -> None:
    page = as_(JUSTICE).get("/console/")
    assert "readonly" in page and 'id="copy" hidden' in page
    said = note(page)
    assert said.startswith("【示例镇普法问答】2026年11月23日至11月24日小结\n咨询1人次（1人），答上0人次，占0.0%。")
    assert "1个群众提问等答复，1个逾期（示例一村1个）" in said and "水稻" not in said and "王五" not in said
    assert "2026年11月16日至11月22日小结\n还没有人来咨询。" in note(as_(CLERK).get("/console/", week="last"))


def test_a_minder_gets_no_note_of_the_whole_town(as_: As, asked: None) -> None:
    page = as_(MINDER).get("/console/")
    assert note(page) == "" and "小结" not in page


@pytest.mark.parametrize(
    ("role", "status"), [(ADMIN, 200), (JUSTICE, 200), (LAWYER, 200), (CLERK, 200), (MINDER, 403), (READER, 403)]
)
def test_who_may_see_what_is_wrong_in_the_knowledge_folder(as_: As, role: str, status: int) -> None:
    assert as_(role).status("/console/findings") == status


def test_a_broken_file_is_told_with_its_place_and_its_remedy(as_: As, bot: Services, knowledge: Path) -> None:
    path = knowledge / "faq" / "劳动与工资" / "wage.md"
    path.write_text(path.read_text("utf-8").replace("status: draft", "status: 好了"), encoding="utf-8")
    bot.library.refresh()
    client = as_(LAWYER)
    assert "处知识库里的问题，机器人读不懂" in lines(client.get("/console/"))
    page = client.get("/console/findings")
    assert "「老板拖欠工资怎么要？」这一条，状态，第" in page and "不是条目状态" in page and "机器人读不懂的（1）" in page


def test_findings_are_told_in_plain_words(library: Library, knowledge: Path) -> None:
    write_entry(knowledge, "wrong", "问法？", ["怎么问"], answer="这一句" * 40 + "。")
    (knowledge / "hotlines.yaml").write_text("- number: 110\n", encoding="utf-8")
    library.refresh()
    broken, better = problems(knowledge, library.current, date(2026, 11, 24))
    assert {one.place.split("，")[0] for one in broken} == {"热线表"}
    found = [one for one in better if one.entry == "wrong"]
    assert {one.place.split("，")[0] for one in found} == {"「问法？」这一条"}
    assert all("answer" not in one.place and ".yaml" not in one.place + one.problem + one.remedy for one in better)
