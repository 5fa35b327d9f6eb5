"""Towns come, change and go on a running server with two processes; nothing is started anew."""

import time
from collections.abc import Callable
from dataclasses import replace

from tests.actors import WeChat
from tests.commands import command
from tests.server.conftest import Server, Start, environment

WAGE = "老板不给工资"
KEYS = {"wechat_token": "the-first-token-of-the-town-0001", "other": "another-token-of-the-town-000002"}


def everywhere(says: Callable[[], bool]) -> bool:
    """Tell whether it becomes so within ten seconds, in every process: many times running, each on a new connection."""
    end, running = time.monotonic() + 10, 0
    while time.monotonic() < end:
        running = running + 1 if says() else 0
        if running == 12:
            return True
        time.sleep(0.02 if running else 0.2)
    return False


def wechat(server: Server, slug: str, token: str) -> WeChat:
    return WeChat(replace(server, path=f"/wechat/{slug}")._post, mode="plain", token=token)


def test_every_process_follows_a_town_that_is_added_changed_paused_and_removed(start_server: Start) -> None:
    server = start_server(mode="plain", PROCESSES="2", THREADS="4", SECRET_KEY="s" * 32, PSEUDONYM_KEY="p" * 32)
    settings = environment(
        server.folder, SECRET_KEY="s" * 32, PSEUDONYM_KEY="p" * 32, KNOWLEDGE_DIR=str(server.knowledge), WECHAT_TOKEN="t" * 32
    )

    def town(*args: str, text: str = "") -> str:
        done = command(server.folder, "town", *args, text=text, environment=settings)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def heard(token: str) -> str:
        answer = wechat(server, "shanhu", token).villager().says(WAGE)
        return answer.text or str(answer.status)

    first, second = KEYS["wechat_token"], KEYS["other"]
    assert heard(first) == "404"
    town("add", "shanhu", "--name", "山湖镇", "--token", first)
    assert everywhere(lambda: "劳动监察" in heard(first))
    town("set", "shanhu", "--token", second)
    assert everywhere(lambda: "劳动监察" in heard(second) and heard(first) == "403")
    town("pause", "shanhu")
    assert everywhere(lambda: "暂时停了" in heard(second))
    town("remove", "shanhu")
    assert everywhere(lambda: heard(second) == "404")
    assert server.get("/healthz")[0] == 200
    assert "劳动监察" in server.wechat.villager().says(WAGE).text
    assert "Traceback" not in (server.folder / "log").read_text()
