"""``/metrics``, ``/healthz`` and ``/readyz``: what a monitor sees, and that it sees nothing of anybody."""

import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from flask import Flask

from bot.settings import SettingsError, load
from handlers.metrics import BUCKETS, OUTCOMES, PARTS
from tests.conftest import ROOT, wechat_for

QUESTION = "老板不给工资，我在示例一村"
OPENID = "oVillager_of-the-metrics0001"


def numbers(app: Flask, **environ: str) -> dict[str, float]:
    """Return every series of ``/metrics`` with its value."""
    text = app.test_client().get("/metrics", environ_base=environ).get_data(as_text=True)
    lines = [line.rpartition(" ") for line in text.splitlines() if line and not line.startswith("#")]
    return {name: float(value) for name, _, value in lines}


def messages(app: Flask) -> dict[str, float]:
    """Return how many messages had each outcome, where there was one."""
    found = numbers(app).items()
    return {m[1]: n for name, n in found if n and (m := re.fullmatch(r'bot_messages_total\{outcome="(\w+)"\}', name))}


def test_every_message_is_counted_once_by_what_became_of_it(make_app: Callable[..., Flask]) -> None:
    app = make_app()
    wechat = wechat_for(app)
    villager = wechat.villager(OPENID)
    villager.says(QUESTION)
    villager.retries()
    villager.says("帮助")
    villager.sends("image", PicUrl="x", MediaId="1")
    wechat.push(villager.last["xml"], signature="0" * 40)
    wechat.push("<xml>")
    app.test_client().post("/ask", json={"text": "老板不给工资"})
    assert messages(app) == {"answer": 2, "again": 1, "command": 1, "media": 1, "forged": 1, "unreadable": 1}


def test_a_replayed_signature_and_a_body_too_large_are_told_apart(make_app: Callable[..., Flask]) -> None:
    app = make_app()
    wechat = wechat_for(app)
    one, other = wechat.villager("oOne"), wechat.villager("oOther")
    one.says("老板不给工资")
    again = {"timestamp": str(int(wechat.clock())), "nonce": "4711"}
    again["signature"] = wechat.sign(*again.values())
    assert wechat.raw(again, one.xml("text", Content="老板不给工资", MsgId="1").encode()).status == 200
    assert wechat.raw(again, other.xml("text", Content="老板不给工资", MsgId="2").encode()).status == 403
    assert wechat.raw(again, b"x" * 100_000).status == 413
    assert messages(app) == {"answer": 2, "replayed": 1, "too_large": 1}


def test_the_time_of_every_answer_is_counted_around_the_five_seconds_that_wechat_waits(
    make_app: Callable[..., Flask],
) -> None:
    app = make_app()
    wechat_for(app).villager().says(QUESTION)
    found = numbers(app)
    assert [found[f'bot_answer_seconds_bucket{{le="{le:.1f}",part="wechat"}}'] for le in (4.5, 5.0)] == [1, 1]
    assert found['bot_responses_total{part="wechat",status="2xx"}'] == 1
    assert found["bot_requests_running"] == 1  # the one that shows the numbers


def test_after_a_conversation_the_numbers_name_nobody_nothing_and_no_village(
    make_app: Callable[..., Flask], database: Path
) -> None:
    app = make_app()
    villager = wechat_for(app).villager(OPENID)
    for text in ("示例一村", QUESTION, "人工", "想打官司，电话13800000000", "有用", "我不想活了"):
        villager.says(text)
    shown = app.test_client().get("/metrics").get_data(as_text=True)
    store = app.extensions["bot"].store
    with sqlite3.connect(database) as db:
        kept = {str(row[0]) for row in db.execute("select villager from turns union select key from turns")}
        entries = {str(row[0]) for row in db.execute("select entry_id from turns where entry_id is not null")}
    assert len(kept) > 6 and entries
    for secret in (OPENID, store.pseudonym(OPENID), "示例一村", "13800000000", "工资", *kept, *entries):
        assert secret not in shown
    assert shown.isascii()  # neither a question nor a village is
    lines = [line for line in shown.splitlines() if not line.startswith("#")]
    allowed = {"outcome": {*OUTCOMES}, "part": {*PARTS}, "action": {"read", "write"}, "status": {"2xx", "3xx", "4xx", "5xx"}}
    allowed["le"] = {*map(str, map(float, BUCKETS)), "+Inf"}
    for name, value in re.findall(r'(\w+)="([^"]*)"', "\n".join(lines)):
        assert value in allowed[name], (name, value)
    assert len(lines) < 200


@pytest.mark.parametrize(
    ("setting", "address", "status"),
    [
        ({}, "127.0.0.1", 200), ({}, "::1", 200), ({}, "10.0.0.7", 404), ({"metrics_from": "10.0.0.0/24"}, "10.0.0.7", 200),
        ({"metrics_from": "10.0.0.0/24"}, "127.0.0.1", 404), ({"metrics_from": ""}, "127.0.0.1", 404),
    ],
)  # fmt: skip
def test_only_the_named_addresses_see_the_numbers(
    make_app: Callable[..., Flask], setting: dict[str, str], address: str, status: int
) -> None:
    answer = make_app(**setting).test_client().get("/metrics", environ_base={"REMOTE_ADDR": address})
    assert answer.status_code == status
    assert ("bot_messages" in answer.get_data(as_text=True)) == (status == 200)


def test_addresses_that_cannot_be_read_are_refused_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="E11 METRICS_FROM=everybody"):
        load({"WECHAT_TOKEN": "t" * 20, "METRICS_FROM": "everybody"}, folder=tmp_path)


def test_problems_of_the_knowledge_and_its_age_are_numbers(make_app: Callable[..., Flask], knowledge: Path) -> None:
    app = make_app()
    before = numbers(app)
    assert (before["bot_knowledge_entries"], before["bot_knowledge_findings"]) == (3, 0)
    path = next(knowledge.rglob("wage.md"))
    path.write_text(path.read_text(encoding="utf-8").replace("status: draft", "status: 随便"), encoding="utf-8")
    app.extensions["bot"].library.refresh()
    after = numbers(app)
    assert (after["bot_knowledge_entries"], after["bot_knowledge_findings"]) == (3, 1)
    loaded = "bot_knowledge_loaded_timestamp_seconds"
    assert after[loaded] > before[loaded] > 1_700_000_000


def test_the_alerts_speak_of_numbers_that_there_are(make_app: Callable[..., Flask]) -> None:
    app = make_app()
    wechat_for(app).villager().says(QUESTION)
    there = {name.partition("{")[0] for name in numbers(app)} | {"up"}
    alerts = yaml.safe_load((ROOT / "deploy" / "prometheus-alerts.yml").read_text(encoding="utf-8"))
    rules = [rule for group in alerts["groups"] for rule in group["rules"]]
    assert len(rules) >= 6
    for rule in rules:
        named = set(re.findall(r"\b(?:bot_\w+|up)\b", rule["expr"]))
        assert named and named <= there, rule["alert"]
        assert set(re.findall(r'\b(?:outcome|part)=~?"([^"]+)"', rule["expr"])) <= {*OUTCOMES, *PARTS}
        assert rule["annotations"]["summary"] and rule["annotations"]["description"], rule["alert"]


def test_without_a_ledger_it_is_degraded_but_ready_and_health_calls_for_somebody(
    make_app: Callable[..., Flask], database: Path
) -> None:
    app = make_app()
    client = app.test_client()
    assert (client.get("/readyz").status_code, client.get("/readyz").get_json()) == (200, {"status": "ready"})
    lock = sqlite3.connect(database, isolation_level=None)
    lock.execute("begin exclusive")
    app.extensions["bot"].kept.clear()  # what was found two seconds ago
    try:
        assert (client.get("/readyz").status_code, client.get("/readyz").get_json()) == (200, {"status": "degraded"})
        assert client.get("/healthz").status_code == 503
        assert numbers(app)["bot_ledger_up"] == 0
        assert wechat_for(app).villager().says(QUESTION).text.startswith("您问的是")
        assert messages(app) == {"answer": 1}
        assert numbers(app)['bot_ledger_errors_total{action="write"}'] == 1
    finally:
        lock.execute("rollback")
        lock.close()


def test_without_an_entry_nothing_is_ready(make_app: Callable[..., Flask], tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    answer = make_app(knowledge_dir=tmp_path / "empty").test_client().get("/readyz")
    assert (answer.status_code, answer.get_json()) == (503, {"status": "no entries"})
