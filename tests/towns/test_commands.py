"""``town`` on the command line, and every command with ``--town``."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.ledger.store import Store
from bot.ledger.towns import everybody
from tests.commands import Done, command
from tests.conftest import make_knowledge

pytestmark = pytest.mark.both_ledgers


@pytest.fixture
def here(tmp_path: Path, database_url: str, memory: Path) -> Mapping[str, str]:
    make_knowledge(tmp_path / "shared")
    return {
        "DATABASE_URL": database_url, "KNOWLEDGE_DIR": str(tmp_path / "shared"), "CACHE_DIR": str(memory),
        "SECRET_KEY": "s" * 32, "PSEUDONYM_KEY": "p" * 32,
    }  # fmt: skip


def test_a_town_is_added_with_its_keys_from_standard_input_and_its_row_gives_none_away(
    tmp_path: Path, here: Mapping[str, str], database_url: str
) -> None:
    def run(*args: str, text: str = "") -> Done:
        return command(tmp_path, *args, text=text, environment=here)

    keys = "WECHAT_TOKEN=the-token-of-the-town-123456\nWECHAT_APP_ID=wx12\nWECHAT_AES_KEY=" + "k" * 43
    made = run("town", "add", "shanhu", "--name", "山湖镇", "--secrets", "-", text=keys)
    assert made.returncode == 0, made.stderr
    assert "/wechat/shanhu" in made.stdout
    assert "safe" in run("town", "list").stdout
    store = Store(database_url, pseudonym_key="")
    with store.reading() as db:
        (row,) = everybody(db)
    store.close()
    assert (row.slug, row.name, row.state, row.version) == ("shanhu", "山湖镇", "在用", 1)
    assert "the-token" not in row.sealed
    assert 'name: "山湖镇"' in (tmp_path / "instance/towns/shanhu/knowledge/town.yaml").read_text("utf-8")
    assert run("user", "add", "张三", "--role", "管理员", "--town", "shanhu").returncode == 0
    assert "张三" in run("user", "list", "--town", "shanhu").stdout
    assert "还没有账号" in run("user", "list").stdout
    asked = run("ask", "老板不给工资", "--town", "shanhu")
    assert "劳动监察" in asked.stdout
    assert run("report", "--year", "2026", "--town", "shanhu").stdout.startswith("山湖镇")
    assert "山湖镇" in run("report", "--year", "2026", "--county", "--format", "csv").stdout
    lost = command(tmp_path, "user", "list", "--town", "shanhu", environment={**here, "SECRET_KEY": "x" * 32})
    assert (lost.returncode, "SECRET_KEY 不是登记它时的那个" in lost.stderr) == (2, True)


REFUSED = (
    (("town", "add", "Shan", "--name", "山湖镇"), "代号「Shan」不能用"),
    (("town", "add", "a", "--name", "山湖镇"), "代号「a」不能用"),
    (("town", "add", "shanhu"), "写上镇的名字"),
    (("town", "add", "shanhu", "--name", "山湖镇", "--mode", "safe"), "E03"),
    (("town", "add", "shanhu", "--name", "山湖镇", "--aes-key", "short"), "E02"),
    (("town", "pause", "nowhere"), "没有代号「nowhere」"),
    (("user", "list", "--town", "nowhere"), "没有代号「nowhere」"),
    (("user", "add", "某人", "--role", "县级", "--town", "nowhere"), "没有代号「nowhere」"),
    (("town", "list", "--town", "nowhere"), "去掉 --town"),
    (("report", "--county"), "还没有登记别的镇"),
)


def test_what_cannot_be_done_is_said_and_leaves_nothing_behind(tmp_path: Path, here: Mapping[str, str]) -> None:
    for args, said in REFUSED:
        done = command(tmp_path, *args, environment=here)
        assert (done.returncode, said in done.stderr) == (2, True), (args, done.stderr)
        assert not (tmp_path / "instance" / "towns").exists()


def test_a_town_is_erased_only_when_its_name_is_typed_again_and_a_backup_stays(
    tmp_path: Path, here: Mapping[str, str], database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(*args: str, text: str = "") -> Done:
        return command(tmp_path, *args, text=text, environment=here)

    monkeypatch.setattr("bot.commands.towns.LET_GO_SECONDS", 0.0)  # no server runs here that would have to let go
    run("town", "add", "shanhu", "--name", "山湖镇")
    refused = run("town", "remove", "shanhu", "--erase", text="山湖\n")
    assert (refused.returncode, "什么也没有动" in refused.stderr) == (2, True)
    assert "在用" in run("town", "list").stdout
    done = run("town", "remove", "shanhu", "--erase", text="山湖镇\n")
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "instance/towns/shanhu").exists()
    assert "还没有登记别的镇" in run("town", "list").stdout
    assert "抹掉镇" in run("log").stdout
    kept = list((tmp_path / "instance/towns").glob("shanhu-最后的备份-*.zip"))
    assert len(kept) == database_url.startswith("sqlite")
    if not kept:
        store = Store(database_url, pseudonym_key="")
        assert store.query("select 1 from pg_namespace where nspname = 'town_shanhu'", {}) == []
        store.close()
    assert run("town", "add", "shanhu", "--name", "山湖镇").returncode == 0


def test_restoring_the_county_s_ledger_takes_no_town_away_that_was_added_since(tmp_path: Path, here: Mapping[str, str]) -> None:
    if not here["DATABASE_URL"].startswith("sqlite"):
        return  # there pg_dump does it
    (tmp_path / "password").write_text("a long password\n")

    def run(*args: str) -> Done:
        done = command(tmp_path, *args, environment=here)
        assert done.returncode == 0, done.stderr
        return done

    run("town", "add", "early", "--name", "早镇")
    run("backup", "county.zip", "--password-file", "password")
    run("town", "add", "later", "--name", "晚镇")
    run("town", "pause", "early")
    run("restore", "county.zip.enc", "--password-file", "password", "--only", "ledger")
    listed = run("town", "list").stdout
    assert "晚镇" in listed
    assert "暂停" in listed
    run("backup", "early.zip", "--password-file", "password", "--town", "early")
    restored = run("restore", "early.zip.enc", "--password-file", "password", "--town", "early")
    assert "密钥" not in restored.stdout.replace("密钥核对码", "")
