"""The questions that wait for a person, in the console: who sees which, and what they can do with each."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from bot.dialogue.respond import respond
from bot.ledger import advisers, duties, tickets
from bot.ledger.access import audit
from bot.ledger.access.users import ADMIN, CLERK, JUSTICE, LAWYER, MINDER, READER
from bot.ledger.tickets import Ticket
from bot.message import WECHAT_TEXT, Incoming, Reply
from handlers.services import Services
from tests.console.conftest import NOW, As, Client

XSS = '"><img src=x onerror=alert(1)><script>alert(1)</script>'
OPENID = "oVillager-of-the-town-0001"
Say = Callable[..., Reply]


@pytest.fixture
def bot(app: Flask) -> Services:
    found: Services = app.extensions["bot"]
    return found


@pytest.fixture
def say(bot: Services) -> Say:
    count = iter(range(1000))

    def say(text: str, *, who: str = OPENID, hours_ago: float = 1) -> Reply:
        n = next(count)
        at = NOW - timedelta(hours=hours_ago) + timedelta(seconds=n)
        message = Incoming(f"{who}|{n}", who, WECHAT_TEXT, "text", text)
        return respond(message, store=bot.store, library=bot.library, now=at)

    return say


@pytest.fixture
def asked(say: Say) -> int:
    """A ticket of 示例一村, number 1: an answer that was of no use."""
    say("我是示例一村的")
    say("老板不给工资")
    say("没用 看不懂")
    return 1


def ticket(bot: Services, number: int = 1) -> Ticket:
    with bot.store.reading() as db:
        found = tickets.find(db, number)
    assert found
    return found


def logged(bot: Services) -> list[tuple[str, str, str]]:
    with bot.store.reading() as db:
        return [(e.who, e.what, e.about) for e in audit.entries(db)]


def state_in(page: str) -> str:
    found = re.search(r'name="state"[^>]*value="([^"]*)"', page)
    assert found, page[:300]
    return found[1]


def typed(page: str) -> str:
    found = re.search(r'<textarea[^>]*id="text"[^>]*>([^<]*)</textarea>', page)
    assert found, page[:300]
    return found[1].strip()


@pytest.mark.parametrize(
    ("role", "status"), [(ADMIN, 200), (JUSTICE, 200), (LAWYER, 200), (MINDER, 200), (CLERK, 403), (READER, 403)]
)
def test_who_may_see_the_questions(as_: As, asked: int, role: str, status: int) -> None:
    client = as_(role)
    assert (client.status("/console/tickets/"), client.status("/console/tickets/1")) == (status, status)


@pytest.mark.parametrize("role", [ADMIN, CLERK, READER])
@pytest.mark.parametrize("action", ["answer", "pass", "close", "draft"])
def test_who_may_not_answer_cannot(as_: As, asked: int, bot: Services, role: str, action: str) -> None:
    before = ticket(bot)
    assert as_(role).status(f"/console/tickets/1/{action}", "POST", text="可以。", to=1, reason="重复的提问") == 403
    assert ticket(bot) == before


def test_a_question_shows_what_was_asked_what_the_bot_said_and_never_who(as_: As, asked: int, bot: Services, say: Say) -> None:
    say(f"问 {XSS} 征地款", hours_ago=0.5)
    say("00", hours_ago=0.4)
    client = as_(JUSTICE)
    page = client.get("/console/tickets/1")
    for said in (
        "老板不给工资",
        "示例一村",
        "群众说答案没用",
        "可以去劳动监察投诉。",
        "群众说：看不懂",
        "同一个人还有 1 个提问",
    ):
        assert said in page, said
    other = client.get("/console/tickets/2") + client.get("/console/tickets/")
    assert "<script>alert" not in other and "<img src=x" not in other
    assert "&lt;script&gt;alert(1)" in other
    villager = ticket(bot).villager
    for text in (page, other):
        assert villager not in text and OPENID not in text and str(ticket(bot).turn) not in text
    assert ("司法所", "看群众提问", "001") in logged(bot)


def test_looking_twice_a_day_is_logged_once(as_: As, asked: int, bot: Services) -> None:
    client = as_(JUSTICE)
    client.get("/console/tickets/1")
    client.get("/console/tickets/1")
    assert logged(bot).count(("司法所", "看群众提问", "001")) == 1


def test_of_another_village_nothing_is_seen_and_nothing_done(as_: As, asked: int, bot: Services) -> None:
    client, before = as_(MINDER, village="示例二村"), ticket(bot)
    assert "老板不给工资" not in client.get("/console/tickets/", state="all")
    assert client.status("/console/tickets/1") == 404
    for action in ("answer", "pass", "close", "draft"):
        assert client.status(f"/console/tickets/1/{action}", "POST", text="可以。", to=1, reason="重复的提问") == 404
    assert ticket(bot) == before
    assert client.status("/console/tickets/999") == client.status("/console/tickets/99999999999999999999") == 404


def test_a_minder_who_is_the_whole_towns_adviser_still_sees_their_village_alone(as_: As, asked: int, bot: Services) -> None:
    client = as_(MINDER, village="示例二村")
    with bot.store.writing() as db:
        db.execute("update advisers set village = null")
    assert client.status("/console/tickets/1") == 404


def test_a_lawyer_of_one_village_sees_its_questions(as_: As, asked: int) -> None:
    assert as_(LAWYER, village="示例一村", name="甲").status("/console/tickets/1") == 200
    assert as_(LAWYER, village="示例二村", name="乙").status("/console/tickets/1") == 404


def test_who_is_no_adviser_any_more_can_answer_nothing(as_: As, asked: int, bot: Services) -> None:
    client = as_(MINDER)
    with bot.store.writing() as db:
        advisers.remove(db, client.user.adviser, NOW)  # type: ignore[union-attr, arg-type]
    assert "还没有和顾问名册对上" in client.post("/console/tickets/1/answer", text="可以。", state="")
    assert ticket(bot).answer is None


def test_an_answer_reaches_the_villager_and_counts_for_who_answered(as_: As, asked: int, bot: Services, say: Say) -> None:
    client = as_(MINDER)
    page = client.get("/console/tickets/1")
    after = client.post("/console/tickets/1/answer", text=" 先到镇里投诉。 ", state=state_in(page))
    assert "001 的答复记下了" in after and "先到镇里投诉。" in after
    assert "先到镇里投诉。" in say("001", hours_ago=-1).text
    with bot.store.reading() as db:
        rows = {r["text"]: r["answered_by"] for r in db.query("select text, answered_by from turns where text is not null")}
    assert rows["老板不给工资"] == "法律明白人"
    assert ("法律明白人示例一村", "答复群众提问", "001") in logged(bot)
    page = as_(JUSTICE).get("/console/tickets/1")
    assert "示例法律明白人答复" in page and "群众看到了答复" in page


def test_how_it_will_read_is_shown_before_and_changes_nothing(as_: As, asked: int, bot: Services) -> None:
    client, before = as_(LAWYER), ticket(bot)
    page = client.post("/console/tickets/1/answer", text="先到镇里投诉。", state="", do="preview")
    assert "编号001有答复了。" in page and "示例法律顾问（法律顾问）答复" in page and "一条微信装得下，还剩" in page
    assert typed(page) == "先到镇里投诉。"
    assert ticket(bot) == before


@pytest.mark.parametrize(("text", "fault"), [("", "写上答复的话"), ("  \n", "写上答复的话"), ("好" * 401, "最多400个字")])
def test_an_answer_that_cannot_be_sent_is_kept_in_the_form(as_: As, asked: int, bot: Services, text: str, fault: str) -> None:
    page = as_(LAWYER).post("/console/tickets/1/answer", text=text, state="")
    assert fault in page and typed(page) == text.strip()
    assert ticket(bot).answer is None


def test_who_was_overtaken_sees_the_others_answer_and_is_asked(as_: As, asked: int, bot: Services) -> None:
    first, second = as_(LAWYER, name="甲律师"), as_(JUSTICE, name="乙所长")
    state = state_in(first.get("/console/tickets/1"))
    first.post("/console/tickets/1/answer", text="甲的答复。", state=state)
    page = second.post("/console/tickets/1/answer", text="乙的答复。", state=state)
    assert "甲律师的答复" in page and "甲的答复。" in page and typed(page) == "乙的答复。"
    assert ticket(bot).answer == "甲的答复。"
    second.post("/console/tickets/1/answer", text="乙的答复。", state=state_in(page))
    assert ticket(bot).answer == "乙的答复。"


def test_an_answer_that_is_sent_twice_is_one(as_: As, asked: int, bot: Services) -> None:
    client = as_(LAWYER)
    state = state_in(client.get("/console/tickets/1"))
    for _ in range(2):
        client.post("/console/tickets/1/answer", text="可以投诉。", state=state)
    with bot.store.reading() as db:
        assert [e.what for e in tickets.history(db, 1)] == ["opened", "answered: 可以投诉。"]


def test_a_question_is_passed_on_and_its_way_is_kept(as_: As, asked: int, bot: Services) -> None:
    client, other = as_(MINDER), as_(LAWYER, village="示例三村", name="丙律师")
    assert other.status("/console/tickets/1") == 404
    to = other.user.adviser  # type: ignore[union-attr]
    assert "已转给丙律师" in client.post("/console/tickets/1/pass", to=to)
    client.post("/console/tickets/1/pass", to=to)
    page = other.get("/console/tickets/1")
    assert page.count("示例法律明白人转给丙律师") == 1
    assert "老板不给工资" in other.get("/console/tickets/", mine=1)
    assert "老板不给工资" not in client.get("/console/tickets/", mine=1)
    assert "选一个人再转" in client.post("/console/tickets/1/pass", to=999)


def test_what_is_passed_on_and_overdue_rises_to_the_town(as_: As, say: Say, bot: Services) -> None:
    say("我是示例一村的", hours_ago=30)
    say("老板不给工资", hours_ago=30)
    say("00", hours_ago=30)
    minder, justice = as_(MINDER), as_(JUSTICE)
    minder.post("/console/tickets/1/pass", to=as_(LAWYER).user.adviser)  # type: ignore[union-attr]
    page = justice.get("/console/tickets/", mine=1)
    assert "老板不给工资" in page and "逾期" in page and "归示例法律顾问" in page


def test_a_question_is_closed_with_a_reason(as_: As, asked: int, bot: Services, say: Say) -> None:
    client = as_(LAWYER)
    assert "选一个原因" in client.post("/console/tickets/1/close", reason="随便")
    page = client.post("/console/tickets/1/close", reason="已经电话或当面答复")
    assert "已办结" in page and "线下咨询里记一笔" in page and "示例法律顾问办结：已经电话或当面答复" in page
    client.post("/console/tickets/1/close", reason="重复的提问")
    with bot.store.reading() as db:
        assert [e.what for e in tickets.history(db, 1)][1:] == ["closed: 已经电话或当面答复"]
    assert "老板不给工资" in client.get("/console/tickets/", state="closed")
    assert "老板不给工资" not in client.get("/console/tickets/")
    assert "已经办结" in say("001", hours_ago=-1).text


def test_an_answer_becomes_the_draft_of_an_entry_once(as_: As, asked: int, bot: Services, knowledge: Path) -> None:
    client = as_(LAWYER)
    assert "先答复" in client.post("/console/tickets/1/draft")
    client.post("/console/tickets/1/answer", text="先到镇里投诉。", state=state_in(client.get("/console/tickets/1")))
    for _ in range(2):
        client.post("/console/tickets/1/draft")
    (path,) = knowledge.rglob("ticket-001.md")
    assert "先到镇里投诉。" in path.read_text("utf-8") and "老板不给工资" in path.read_text("utf-8")
    with bot.store.reading() as db:
        assert [e.what for e in tickets.history(db, 1)].count("drafted: ticket-001") == 1


def test_who_had_everything_deleted_needs_no_answer(as_: As, asked: int, bot: Services, say: Say) -> None:
    say("删除我的记录", hours_ago=0.1)
    client = as_(LAWYER)
    page = client.get("/console/tickets/1")
    assert "不用再答" in page and "老板不给工资" not in page
    client.post("/console/tickets/1/answer", text="可以。", state="")
    assert ticket(bot).answer is None


def test_the_list_is_filtered_and_says_what_to_do_when_it_is_empty(as_: As, asked: int) -> None:
    client = as_(JUSTICE)
    assert "老板不给工资" in client.get("/console/tickets/", village="示例一村")
    assert "没有等答复的问题" in client.get("/console/tickets/", village="示例二村")
    assert "换个条件" in client.get("/console/tickets/", state="answered")
    assert "老板不给工资" in client.get("/console/tickets/", state="什么", page=-3)


@pytest.fixture
def alarm(bot: Services) -> int:
    with bot.store.writing() as db:
        return duties.open_duty(db, kind="被打、怕被打", village="示例二村", now=NOW - timedelta(minutes=20))


@pytest.mark.parametrize("role", [ADMIN, CLERK, LAWYER, MINDER, READER])
def test_duty_tasks_are_for_the_office_of_justice_alone(as_: As, alarm: int, role: str) -> None:
    client: Client = as_(role)
    assert client.status("/console/tickets/duties/") == 403
    assert client.status("/console/tickets/duties/1/acknowledge", "POST") == 403
    assert client.status("/console/tickets/duties/1/finish", "POST", outcome="好了") == 403


def test_a_duty_task_is_taken_on_and_finished_with_what_came_of_it(as_: As, alarm: int, bot: Services) -> None:
    client = as_(JUSTICE)
    assert "逾期没有确认" in client.get("/console/tickets/duties/")
    assert "记下是您收到的" in client.post("/console/tickets/duties/1/acknowledge")
    assert "已经有人收到了" in client.post("/console/tickets/duties/1/acknowledge")
    assert "写上结果" in client.post("/console/tickets/duties/1/finish", outcome=" ")
    long = client.post("/console/tickets/duties/1/finish", outcome="长" * 201)
    assert "最多200个字" in long and "长" * 201 in long
    page = client.post("/console/tickets/duties/1/finish", outcome="已联系 13800138000，人已安置")
    assert "已联系 [手机号]，人已安置" in page and "现在没有值班任务" in page
    assert "结果没有改" in client.post("/console/tickets/duties/1/finish", outcome="别的")
    with bot.store.reading() as db:
        found = duties.find(db, 1)
    assert found and (found.outcome, found.acknowledged_by) == ("已联系 [手机号]，人已安置", client.user.adviser)  # type: ignore[union-attr]
    assert [what for _, what, _ in logged(bot)] == ["确认值班任务", "办结值班任务"]
    assert client.status("/console/tickets/duties/9/finish", "POST", outcome="好") == 404
