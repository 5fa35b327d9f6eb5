"""Secrets and what villagers write, sought in everything that the program says: log, pages, errors, commands."""

import base64
import json
import os
import sqlite3
import time
import traceback
import urllib.parse
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.settings import Settings, SettingsError, load
from tests.actors import AES_KEY, APP_ID, TOKEN
from tests.commands import command
from tests.conftest import make_knowledge
from tests.server.conftest import Server, Start, environment

KEYS = {
    "WECHAT_APP_SECRET": "app-secret-Zx81Zx81Zx81",
    "SECRET_KEY": "session-key-Qw47Qw47Qw47",
    "PSEUDONYM_KEY": "pseudonym-key-Lm92Lm92",
    "WECHAT_AES_KEY_PREVIOUS": base64.b64encode(bytes(range(64, 96))).decode().rstrip("=").replace("+", "a").replace("/", "b"),
    "BACKUP_PASSWORD": "backup-password-Hj35Hj35",
}
SECRETS = {**KEYS, "WECHAT_TOKEN": TOKEN, "WECHAT_AES_KEY": AES_KEY}
WORDS = ("甲家的牛圈XYZZY", "oPrivate_person-0000001", "13912345678")
"""What a villager writes, who they are to WeChat, and their number."""

PASSWORD = "Sesame9open8"


def leaks(said: str) -> list[str]:
    """Return which secrets and words are in what was said, as they are or as a URL, JSON or Python would write them."""
    found = []
    for name, value in [*SECRETS.items(), *((word, word) for word in WORDS), ("password", PASSWORD)]:
        forms = {value, urllib.parse.quote(value), json.dumps(value)[1:-1], ascii(value)[1:-1]}
        forms.add(base64.b64encode(value.encode()).decode().rstrip("="))
        if any(form in said for form in forms):
            found.append(name)
    return found


def test_what_is_sought_would_be_found() -> None:
    assert leaks(f"token {TOKEN}") == ["WECHAT_TOKEN"]
    assert leaks(json.dumps({"q": WORDS[0]})) == [WORDS[0]]
    assert leaks("ordinary") == []


def test_a_server_in_trouble_tells_no_secret_and_nothing_of_a_villager(start_server: Start, tmp_path: Path) -> None:
    knowledge = make_knowledge(tmp_path / "knowledge")
    server = start_server(tmp_path, KNOWLEDGE_DIR=str(knowledge), LOG_LEVEL="debug", **KEYS)
    heard: list[str] = []
    _hostile(server, heard)
    (knowledge / "town.yaml").write_text("name: [", encoding="utf-8")
    _break_the_ledger(tmp_path)
    _hostile(server, heard)
    time.sleep(0.5)
    assert server.stop() == 0
    log = (tmp_path / "log").read_text(encoding="utf-8")
    assert "拒绝一条消息" in log and "台账" in log
    assert leaks(log) == []
    assert [page for page in heard if leaks(page)] == []
    for name in ("app.py", "Traceback", "site-packages", str(tmp_path)):
        assert not [page for page in heard if name in page], name


def _hostile(server: Server, heard: list[str]) -> None:
    """Go through everything that can be refused or fail; keep what comes back, but for what a villager themself is told."""
    villager = server.wechat.villager(WORDS[1])
    villager.says(f"{WORDS[0]}，老板不给工资，电话{WORDS[2]}")
    xml = villager.last["xml"]
    wechat = server.wechat
    for override in ({"signature": "0" * 40, "msg_signature": "0" * 40}, {"timestamp": "1"}, {"encrypt_type": "raw"}):
        heard.append(wechat.push(xml, **override).body.decode())
    heard.append(wechat.push(xml, mode="plain").body.decode())
    heard.append(wechat.push("<xml>" + WORDS[0], mode="safe").body.decode())
    asked = urllib.parse.quote(WORDS[0])
    for path in (
        *(
            "/nothing",
            "/wechat",
            f"/wechat?signature=x&echostr={TOKEN[:5]}",
            "/healthz",
            "/readyz",
            "/metrics",
            "/",
            f"/{asked}",
        ),
        *("/console/", "/console/login", "/console/nothing", f"/console/tickets?q={asked}", "/console/reports/%00"),
        *("/static/../app.py", "/.env", "/static/%2e%2e/%2e%2e/instance/secrets.env", "/instance/secrets.env"),
    ):
        heard.append(server.get(path)[1].replace(asked, "").replace(WORDS[0], ""))  # the address that was asked for
    for path, body, kind in (
        ("/ask", b"{", "application/json"), ("/ask", b"x" * 20_000, "application/json"),
        ("/ask", json.dumps({"text": WORDS[0]}).encode(), "application/json"),
        ("/console/login", f"name={WORDS[1]}&password={PASSWORD}".encode(), "application/x-www-form-urlencoded"),
        ("/wechat", b"x" * 70_000, "text/xml"), ("/healthz", b"", "text/plain"),
    ):  # fmt: skip
        request = urllib.request.Request(server.url + path, body, {"Content-Type": kind})
        with closing(server._open(request)) as response:
            heard.append(response.read().decode())


def _break_the_ledger(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "bot.db")) as db:
        db.execute("alter table turns rename to gone")
        db.execute("alter table villagers rename to gone_too")
        db.commit()


def test_commands_in_trouble_tell_no_secret(tmp_path: Path) -> None:
    knowledge = make_knowledge(tmp_path / "knowledge")
    settings = {"WECHAT_TOKEN": TOKEN, "WECHAT_APP_ID": APP_ID, "WECHAT_AES_KEY": AES_KEY, "KNOWLEDGE_DIR": str(knowledge)}
    good = environment(tmp_path, **settings, **KEYS)
    password = tmp_path / "password"
    password.write_text(f"{PASSWORD}\n", encoding="utf-8")
    said = []
    for words in (
        ["--help"], ["check"], ["doctor"], ["report", "--year", "2026"], ["log"], ["tickets"], ["purge", "--dry-run"],
        ["backup", str(tmp_path / "out.zip.enc"), "--password-file", str(password)], ["nonsense"], ["report", "--year", "x"],
    ):  # fmt: skip
        said.append(command(tmp_path, *words, environment=good))
    (tmp_path / "bot.db").write_bytes(b"no database" * 100)
    said += [command(tmp_path, *words, environment=good) for words in (["doctor"], ["tickets"], ["report", "--year", "2026"])]
    assert {done.returncode for done in said} <= {0, 1, 2}
    assert [done.args for done in said if leaks(done.stdout + done.stderr)] == []


BAD = {
    "token": {"WECHAT_TOKEN": "short", "WECHAT_AES_KEY": SECRETS["WECHAT_AES_KEY"] + "x"},
    "mode": {"WECHAT_MODE": "open"},
    "port": {"PORT": "many"},
    "short keys": {"SECRET_KEY": PASSWORD},
    "no such server": {"DATABASE_URL": f"postgresql://bot:{PASSWORD}@127.0.0.1:1/town"},
    "a sign in the password": {"DATABASE_URL": f"postgresql://bot:{PASSWORD}%zz@127.0.0.1:1/town"},
    "an at in the password": {"DATABASE_URL": f"postgresql://bot:x@{PASSWORD}@127.0.0.1:1/town"},
    "another kind of database": {"DATABASE_URL": f"mysql://bot:{PASSWORD}@127.0.0.1/town"},
    "no kind of database": {"DATABASE_URL": f"bot:{PASSWORD}@127.0.0.1/town"},
    "public address": {"PUBLIC_URL": f"https://clerk:{PASSWORD}@example.cn/"},
    "proxy": {"TRUSTED_PROXY": f"http://clerk:{PASSWORD}@10.0.0.1"},
}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_knowledge(tmp_path_factory.mktemp("secrets") / "knowledge")


@pytest.mark.parametrize("name", BAD)
def test_settings_that_are_refused_are_not_quoted(
    name: str, small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    import app

    good = {
        "WECHAT_TOKEN": TOKEN,
        "WECHAT_APP_ID": APP_ID,
        "WECHAT_AES_KEY": AES_KEY,
        "PORT": "8000",
        "KNOWLEDGE_DIR": str(small),
    }
    for variable in list(os.environ):
        if variable.lower() in Settings.model_fields:
            monkeypatch.delenv(variable)
    for variable, value in (environment(tmp_path, **good) | KEYS | BAD[name]).items():
        if variable.lower() in Settings.model_fields:
            monkeypatch.setenv(variable, value)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(app, "serve", lambda *_, **__: 0)
    app.main()
    if name in {"no such server", "mode"}:  # each try to reach a server takes two seconds
        done = command(tmp_path, "doctor", environment=environment(tmp_path, **good) | KEYS | BAD[name])
        assert done.stdout + done.stderr and leaks(done.stdout + done.stderr) == []
    out, err = capfd.readouterr()
    assert leaks(out + err) == []


def test_settings_show_no_secret_when_they_are_printed_or_fail() -> None:
    values = {name.lower(): value for name, value in SECRETS.items() if name.lower() in Settings.model_fields}
    made = Settings(**values, database_url=f"postgresql://bot:{PASSWORD}@db/town")  # type: ignore[arg-type]
    assert leaks(f"{made} {made!r}") == []
    with pytest.raises(ValidationError) as caught:
        Settings(**values, port="many", database_url=[PASSWORD])  # type: ignore[arg-type]
    assert leaks("".join(traceback.format_exception(caught.value))) == []


def test_a_secret_given_in_the_wrong_place_is_not_quoted_by_its_finding(tmp_path: Path) -> None:
    for name in ("PORT", "THREADS", "LOG_LEVEL", "WECHAT_MODE", "ANSWER_FROM"):
        with pytest.raises(SettingsError) as caught:
            load({"WECHAT_TOKEN": TOKEN, name: KEYS["SECRET_KEY"]}, folder=tmp_path)
        assert leaks(str(caught.value)) == [] and name in str(caught.value)


def test_the_file_of_secrets_is_for_its_owner_alone(tmp_path: Path) -> None:
    load({}, folder=tmp_path)
    path = tmp_path / "instance" / "secrets.env"
    assert path.stat().st_mode & 0o077 == 0
