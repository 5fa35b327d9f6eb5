"""Questions that were not answered well, in the console: who sees which, and what is done with a group."""

import html
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from bot.dialogue.respond import respond
from bot.faq.edit import history
from bot.ledger import misses, tickets
from bot.ledger.access import audit
from bot.ledger.access.users import ADMIN, CLERK, JUSTICE, LAWYER, MINDER, READER
from bot.message import WECHAT_TEXT, Incoming, Reply
from handlers.services import Services
from tests.console.conftest import NOW, As, Client

XSS = '"><img src=x onerror=alert(1)><script>alert(1)</script>'
RICE = "月亮上能不能种水稻"
OTHER = "月亮上种水稻能不能行"
Say = Callable[..., Reply]


@pytest.fixture
def bot(app: Flask) -> Services:
    found: Services = app.extensions["bot"]
    return found


@pytest.fixture
def say(bot: Services) -> Say:
    count = iter(range(1000))

    def say(text: str, *, who: str = "oA", days_ago: int = 1, village: str = "") -> Reply:
        at = NOW - timedelta(days=days_ago)
        for said in [f"我是{village}的", text] if village else [text]:
            n = next(count)
            message = Incoming(f"{who}|{n}", who, WECHAT_TEXT, "text", said)
            reply = respond(message, store=bot.store, library=bot.library, now=at + timedelta(seconds=n))
        return reply

    return say


@pytest.fixture
def asked(say: Say, bot: Services) -> str:
    """A group of three questions from two villages; its id."""
    say(RICE, who="oA", days_ago=9, village="示例一村")
    say(f"{RICE}！", who="oB", days_ago=8, village="示例二村")
    say(OTHER, who="oC", days_ago=1, village="示例一村")
    with bot.store.reading() as db:
        return misses.load(db, NOW.date() - timedelta(days=30))[0].id


def logged(bot: Services) -> list[tuple[str, str, str]]:
    with bot.store.reading() as db:
        return [(e.who, e.what, e.about) for e in audit.entries(db)]


def form_of(page: str) -> dict[str, str]:
    """Return the fields of the page's first form as a browser would send them back."""
    form = page[page.index("<main") :].partition("</form>")[0]
    found: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        said = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if said["type"] in {"hidden", "text"}:
            found[said["name"]] = html.unescape(said["value"])
        elif " checked" in tag:
            found[said["name"]] = said["value"]
    found |= {m[1]: html.unescape(m[2]).strip() for m in re.finditer(r'<textarea[^>]* name="([^"]+)"[^>]*>([^<]*)<', form)}
    for select in re.finditer(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option selected value="([^"]*)"', select[2]) or re.search(r'<option value="([^"]*)"', select[2])
        found[select[1]] = chosen[1] if chosen else ""
    found.pop("csrf_token", None)
    return found


def test_a_group_shows_how_often_where_and_what_may_be_meant(as_: As, asked: str) -> None:
    page = as_(LAWYER).get("/console/misses/")
    assert page.count('class="card mb-3"') == 1
    assert RICE in page and "问了 <strong>3</strong> 次：没答上 3" in page and "七天内 1 次" in page
    assert "示例一村 2、示例二村 1" in page and "可能该由这几条来答" in page and "最近一次机器人的回复" in page
    group = as_(JUSTICE).get(f"/console/misses/{asked}")
    assert "为什么是这几条" in group and "比较时看的是" in group and OTHER in group


@pytest.mark.parametrize(
    ("role", "status"), [(ADMIN, 200), (JUSTICE, 200), (LAWYER, 200), (CLERK, 200), (MINDER, 200), (READER, 403)]
)
def test_who_may_see_what_was_missed(as_: As, asked: str, role: str, status: int) -> None:
    client = as_(role)
    assert client.status("/console/misses/") == status
    assert client.status(f"/console/misses/{asked}") == status


@pytest.mark.parametrize("role", [CLERK, MINDER, READER])
def test_who_only_reads_can_do_nothing(as_: As, asked: str, bot: Services, role: str) -> None:
    client = as_(role)
    for action in ("phrasing", "new", "outside", "lawyer"):
        assert client.status(f"/console/misses/{asked}/{action}") == 403
        assert client.status(f"/console/misses/{asked}/{action}", "POST") == 403
    assert client.status(f"/console/misses/{asked}/aside", "POST", until="9") == 403
    assert client.status("/console/misses/done") == client.status("/console/misses/done/1/back", "POST") == 403
    if role != READER:
        assert "加进" not in client.get("/console/misses/")
    with bot.store.reading() as db:
        assert misses.actions(db, 5) == []


def test_a_minder_sees_their_own_village_alone(as_: As, asked: str, say: Say) -> None:
    say("火星上能不能盖房子呢朋友", who="oZ", village="示例三村")
    mine = as_(MINDER)
    page = mine.get("/console/misses/")
    assert "问了 <strong>2</strong> 次" in page and "示例二村" not in page and "火星" not in page
    assert as_(MINDER, village="示例四村").status(f"/console/misses/{asked}") == 404
    assert "没有要处理的问题" in as_(MINDER, village="示例四村", name="丁").get("/console/misses/")


def test_what_villagers_wrote_stays_text(as_: As, say: Say, bot: Services) -> None:
    say(f"{RICE}{XSS}")
    client = as_(LAWYER)
    listing = client.get("/console/misses/")
    (id_,) = set(re.findall(r"/console/misses/([0-9a-f]{16})", listing))
    pages = [listing, *(client.get(f"/console/misses/{id_}{end}") for end in ("", "/phrasing", "/new", "/outside", "/lawyer"))]
    for page in pages:
        assert "<script>alert" not in page and "<img src=x" not in page and "&lt;script&gt;alert(1)" in page
    with bot.store.reading() as db:
        (miss,) = misses.load(db, NOW.date() - timedelta(days=9))
        sender = misses.sender_of(db, miss.key)
    assert sender and not any(sender in page or miss.key in page for page in pages)


def test_the_list_is_filtered(as_: As, asked: str, say: Say) -> None:
    say("老板不给工资", who="oD", days_ago=20)
    say("0", who="oD", days_ago=20)
    client = as_(LAWYER)
    assert "老板不给工资" in client.get("/console/misses/", kind="wrong")
    assert RICE not in client.get("/console/misses/", kind="wrong")
    assert "问了 <strong>1</strong> 次" in client.get("/console/misses/", village="示例二村")
    assert "问了 <strong>1</strong> 次" in client.get("/console/misses/", days=7)
    assert "换个条件" in client.get("/console/misses/", kind="useless")
    assert RICE in client.get("/console/misses/", kind="x", days=5, page=-1)


def test_a_group_becomes_phrasings_of_an_entry_and_leaves_the_list_until_it_is_asked_again(
    as_: As, asked: str, bot: Services, knowledge: Path, say: Say
) -> None:
    client = as_(LAWYER)
    form = form_of(client.get(f"/console/misses/{asked}/phrasing", entry="divorce"))
    assert (form["entry"], form["said-0-text"], form["said-0-use"], form["rest"]) == ("divorce", RICE, "y", "y")
    page = client.post(f"/console/misses/{asked}/phrasing", **form | {"said-1-text": "月球上种田行吗"})
    assert "已经加进「对方不同意离婚怎么办？」" in page and "没有要处理的问题" in page
    text = (knowledge / "faq" / "婚姻" / "divorce.md").read_text("utf-8")
    assert f"  - {RICE}\n  - 月球上种田行吗\n" in text
    (change,) = history.log(knowledge, "faq/婚姻/divorce.md", 1)
    assert change.author == "示例法律顾问（法律顾问）"
    assert logged(bot)[-1] == ("法律顾问", "没答上的问题：加进问法", "「对方不同意离婚怎么办？」，3个问题")
    assert "示例法律顾问" in client.get("/console/misses/done")
    say(f"{RICE}呀", who="oX", days_ago=0)
    bot.library.refresh()
    say("0", who="oX", days_ago=0)
    again = client.get("/console/misses/")
    assert "又有人问" in again and "加进问法" in again and "问了 <strong>1</strong> 次" in again


def test_a_form_that_was_sent_twice_or_is_late_does_no_harm(as_: As, asked: str, knowledge: Path, bot: Services) -> None:
    client = as_(LAWYER)
    form = form_of(client.get(f"/console/misses/{asked}/phrasing", entry="divorce"))
    client.post(f"/console/misses/{asked}/phrasing", **form)
    held = (knowledge / "faq" / "婚姻" / "divorce.md").read_bytes()
    assert "已经处理过了" in client.post(f"/console/misses/{asked}/phrasing", **form)
    assert "已经处理过了" in client.http.get(f"/console/misses/{asked}/new", follow_redirects=True).text
    assert (knowledge / "faq" / "婚姻" / "divorce.md").read_bytes() == held
    with bot.store.reading() as db:
        assert len(misses.actions(db, 5)) == 1


def test_what_the_entry_would_not_take_is_refused_with_the_reason_and_kept(
    as_: As, asked: str, knowledge: Path, bot: Services
) -> None:
    client = as_(LAWYER)
    form = form_of(client.get(f"/console/misses/{asked}/phrasing", entry="divorce"))
    before = (knowledge / "faq" / "婚姻" / "divorce.md").read_bytes()
    page = client.post(f"/console/misses/{asked}/phrasing", **form | {"said-0-text": "老板不给工资"})
    assert "还没有保存" in page and "「老板拖欠工资怎么要？」这一条" in page and "老板不给工资</textarea>" in page
    page = client.post(f"/console/misses/{asked}/phrasing", **form | {"said-0-text": "长" * 201})
    assert "最多200个字" in page
    page = client.post(f"/console/misses/{asked}/phrasing", **form | {"entry": "nothing"})
    assert "还没有保存" in page
    page = client.post(f"/console/misses/{asked}/phrasing", **{k: v for k, v in form.items() if not k.endswith("-use")})
    assert "至少勾上一句" in page
    assert (knowledge / "faq" / "婚姻" / "divorce.md").read_bytes() == before
    with bot.store.reading() as db:
        assert misses.actions(db, 5) == []


def test_only_what_was_ticked_is_dealt_with_where_the_rest_is_to_stay(as_: As, asked: str) -> None:
    client = as_(LAWYER)
    form = form_of(client.get(f"/console/misses/{asked}/phrasing", entry="divorce"))
    for name in ("rest", "said-1-use"):
        form.pop(name, None)
    page = client.post(f"/console/misses/{asked}/phrasing", **form)
    assert "问了 <strong>1</strong> 次" in page and OTHER in page


def test_what_came_meanwhile_is_not_dealt_with(as_: As, asked: str, say: Say) -> None:
    client = as_(LAWYER)
    form = form_of(client.get(f"/console/misses/{asked}/outside"))
    say(f"{RICE}。", who="oY", days_ago=0)
    page = client.post(f"/console/misses/{asked}/aside", until=form["until"])
    assert "问了 <strong>1</strong> 次" in page


def test_a_new_entry_is_drafted_from_a_group(as_: As, asked: str, knowledge: Path) -> None:
    client = as_(JUSTICE)
    form = form_of(client.get(f"/console/misses/{asked}/new"))
    assert form["question"] == RICE
    assert "写上标准问题" in client.post(f"/console/misses/{asked}/new", **form | {"question": " "})
    page = client.post(f"/console/misses/{asked}/new", **form | {"question": "月亮上能种水稻吗？", "category": "婚姻"})
    assert "草稿写好了" in page
    (path,) = (knowledge / "drafts" / "婚姻").glob("*.md")
    text = path.read_text("utf-8")
    assert "question: 月亮上能种水稻吗？" in text and f"  - {RICE}\n" in text and "author: 示例司法所" in text
    assert "没有要处理的问题" in client.get("/console/misses/")


def test_a_group_goes_to_a_topic_outside_an_old_one_or_a_new_one(as_: As, asked: str, knowledge: Path, bot: Services) -> None:
    client = as_(ADMIN)
    form = form_of(client.get(f"/console/misses/{asked}/outside"))
    assert form["topic"] == "+"
    page = client.post(f"/console/misses/{asked}/outside", **form | {"kind": "法律"})
    assert "写上话题的名称" in page and "写上为什么" in page
    page = client.post(f"/console/misses/{asked}/outside", **form | {"kind": "法律", "name": "太空", "why": "归航天局管。"})
    assert "已经归到条目以外的话题「太空」" in page
    assert "topic: 太空" in (knowledge / "outside.yaml").read_text("utf-8")
    bot.library.refresh()
    client.post("/console/misses/done/1/back")
    assert form_of(client.get(f"/console/misses/{asked}/outside"))["topic"] == "太空"


def test_what_is_no_legal_question_is_only_noted_and_can_be_put_back(
    as_: As, asked: str, knowledge: Path, bot: Services
) -> None:
    client = as_(LAWYER)
    before = (knowledge / "outside.yaml").read_bytes()
    until = form_of(client.get(f"/console/misses/{asked}/outside"))["until"]
    assert "知识库没有改" in client.post(f"/console/misses/{asked}/aside", until=until)
    assert (knowledge / "outside.yaml").read_bytes() == before
    assert "3 个问题放回了列表" in client.post("/console/misses/done/1/back")
    assert "问了 <strong>3</strong> 次" in client.get("/console/misses/")
    assert "已经放回去了" in client.post("/console/misses/done/1/back")
    assert [what for _, what, _ in logged(bot)] == ["没答上的问题：不是法律问题", "没答上的问题：放回列表"]


def test_a_lawyer_gets_a_ticket_and_the_latest_who_asked_gets_the_answer(as_: As, asked: str, bot: Services, say: Say) -> None:
    lawyer: Client = as_(LAWYER, village="示例一村", name="甲律师")
    as_(LAWYER, village="示例九村", name="乙律师")
    client = as_(JUSTICE)
    form = form_of(client.get(f"/console/misses/{asked}/lawyer"))
    assert form["to"] == str(lawyer.user.adviser)  # type: ignore[union-attr]
    assert "已经转给甲律师，编号 001" in client.post(f"/console/misses/{asked}/lawyer", **form)
    with bot.store.reading() as db:
        (made,) = tickets.waiting(db)
    assert (made.question, made.village, made.because, made.assigned) == (
        OTHER, "示例一村", "missed", lawyer.user.adviser,  # type: ignore[union-attr]
    )  # fmt: skip
    assert "月亮" in lawyer.get("/console/tickets/", mine=1)
    lawyer.post("/console/tickets/1/answer", text="可以报警。", state="  ")
    assert "可以报警。" in say("你好", who="oC", days_ago=0).text


def test_a_question_that_waits_for_a_person_already_gets_no_second_ticket(as_: As, bot: Services, say: Say) -> None:
    say("老板不给工资", village="示例一村")
    say("没用")
    as_(LAWYER)
    client = as_(JUSTICE)
    (id_,) = set(re.findall(r"/console/misses/([0-9a-f]{16})", client.get("/console/misses/")))
    client.post(f"/console/misses/{id_}/lawyer", **form_of(client.get(f"/console/misses/{id_}/lawyer")))
    with bot.store.reading() as db:
        assert [t.because for t in tickets.waiting(db)] == ["useless"]


def test_a_group_that_is_not_there_is_no_page(as_: As) -> None:
    client = as_(ADMIN)
    assert client.status("/console/misses/0123456789abcdef") == 404
    assert client.status("/console/misses/0123456789abcdef/phrasing") == 302
    assert client.status("/console/misses/done/99999999999999999999/back", "POST") == 302
