"""The FAQ of a town among several: which entries are the county's, which the town's own, and taking a shared one back."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask, request

from bot.faq.edit import history, shared
from bot.faq.library import Library
from bot.ledger.access.users import ADMIN, CLERK, JUSTICE, LAWYER, MINDER, READER
from handlers.services import TOWN, Services
from tests.console.conftest import NOW, As, Client

WAGE = "faq/劳动与工资/wage.md"
PAGE = "/console/faq/entry/wage"


def changes(folder: Path, old: str, new: str) -> None:
    text = (folder / WAGE).read_text("utf-8")
    history.save(folder, {folder / WAGE: text.replace(old, new)}, author="李律师", why="改", now=NOW)


@pytest.fixture
def town(app: Flask, tmp_path: Path, memory: Path) -> Services:
    base: Services = app.extensions["bot"]
    folder = tmp_path / "hexi"
    shared.begin(base.settings.knowledge_dir, folder, now=NOW)
    history.note(folder, now=NOW)
    library = Library(folder, memory=memory)
    library.refresh()
    return replace(base, settings=base.settings.model_copy(update={"knowledge_dir": folder}), library=library, kept={})


@pytest.fixture
def at(app: Flask, as_: As, town: Services) -> Callable[[str], Client]:
    """Log somebody in to the town's console."""
    # Before all else, as the gate of the towns does.
    app.before_request_funcs.setdefault(None, []).insert(0, lambda: request.environ.update({TOWN: town}))
    return as_


def test_where_there_is_one_town_nothing_is_said_of_shared_entries(as_: As) -> None:
    client = as_(ADMIN)
    for page in (client.get("/console/faq/"), client.get(PAGE), client.get("/console/faq/", whose="own")):
        assert not re.search("县里|本镇自己的", page)
        assert "老板拖欠工资怎么要？" in page
    assert client.status(f"{PAGE}/shared") == 404


def test_the_list_says_whose_each_entry_is_and_finds_them_by_it(
    at: Callable[[str], Client], town: Services, knowledge: Path
) -> None:
    folder = town.settings.knowledge_dir
    changes(folder, "可以去劳动监察投诉。", "来镇司法所。")
    client = at(READER)
    page = client.get("/console/faq/")
    assert (page.count(">县里共用</span>"), page.count(">本镇自己的</span>")) == (2, 1)
    assert re.findall(r'<option value="(?:shared|own|newer)">([^<]+)', page) == [
        "县里共用（2）",
        "本镇自己的（1）",
        "县里有更新（0）",
    ]
    own = client.get("/console/faq/", whose="own")
    assert ("老板拖欠工资怎么要？" in own, "对方不同意离婚怎么办？" in own) == (True, False)
    changes(knowledge, "可以去劳动监察投诉。", "打 12333。")
    assert "老板拖欠工资怎么要？" in client.get("/console/faq/", whose="newer")


def test_the_shared_entry_is_shown_beside_the_towns_and_taken_back(
    at: Callable[[str], Client], town: Services, knowledge: Path
) -> None:
    folder = town.settings.knowledge_dir
    changes(folder, "可以去劳动监察投诉。", "来镇司法所。")
    changes(knowledge, "可以去劳动监察投诉。", "打 12333。")
    client = at(LAWYER)
    assert "本镇改过这一条，县里后来又更新了" in client.get(PAGE)
    page = client.get(f"{PAGE}/shared")
    assert ("来镇司法所" in re.sub("<[^>]+>", "", page), "打 12333" in re.sub("<[^>]+>", "", page)) == (True, True)
    base = re.findall(r'name="base" value="([0-9a-f]{64})"', page)[0]
    changes(folder, "来镇司法所。", "来所里。")
    assert "您看的时候这一条又变了" in client.post(f"{PAGE}/shared/take", base=base)
    assert "来所里。" in (folder / WAGE).read_text("utf-8")
    base = re.findall(r'name="base" value="([0-9a-f]{64})"', client.get(f"{PAGE}/shared"))[0]
    assert "换好了" in client.post(f"{PAGE}/shared/take", base=base)
    assert (folder / WAGE).read_bytes() == (knowledge / WAGE).read_bytes()
    assert (history.log(folder)[0].author, history.log(folder)[0].why) == ("示例法律顾问（法律顾问）", "换回县里共用的：wage")
    assert ">县里共用</a>" in client.get(PAGE)
    assert client.status(f"{PAGE}/shared/take", "POST", base=base) == 404


def test_the_town_may_keep_its_own_and_is_reminded_at_the_next_change(
    at: Callable[[str], Client], town: Services, knowledge: Path
) -> None:
    folder = town.settings.knowledge_dir
    changes(folder, "可以去劳动监察投诉。", "来镇司法所。")
    changes(knowledge, "可以去劳动监察投诉。", "打 12333。")
    client = at(JUSTICE)
    assert "记下了，仍用本镇自己的" in client.post(f"{PAGE}/shared/keep")
    assert "县里后来" not in client.get(PAGE)
    changes(knowledge, "打 12333。", "去仲裁。")
    assert "县里后来又更新了" in client.get(PAGE)


@pytest.mark.parametrize("role", [READER, CLERK, MINDER])
def test_others_see_the_difference_and_cannot_decide(
    at: Callable[[str], Client], town: Services, knowledge: Path, role: str
) -> None:
    changes(town.settings.knowledge_dir, "可以去劳动监察投诉。", "来镇司法所。")
    changes(knowledge, "可以去劳动监察投诉。", "打 12333。")
    client = at(role)
    assert "换成县里的</button>" not in client.get(f"{PAGE}/shared")
    assert [client.status(f"{PAGE}/shared/{what}", "POST") for what in ("take", "keep")] == [403, 403]


def test_what_two_machines_changed_at_once_is_told_in_the_history(as_: As, knowledge: Path) -> None:
    changes(knowledge, "可以去劳动监察投诉。", "打 12333。")
    text = (knowledge / WAGE).read_text("utf-8")
    history.save(
        knowledge,
        {knowledge / WAGE: text.replace("打", "拨")},
        author=history.AT_ONCE,
        why="别的机器",
        now=NOW - timedelta(days=1),
    )
    client = as_(LAWYER)
    assert "这些在两台机器上同时改过" in client.get("/console/faq-history/")
    changes(knowledge, "拨", "打")
    assert "这些在两台机器上同时改过" not in client.get("/console/faq-history/")
