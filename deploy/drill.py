"""Drill: back up, restore into an empty folder, start a server on what was restored, ask it, compare everything.

Run it where the program runs (where .env and instance/ are): ``.venv/bin/python deploy/drill.py``. The service goes on, its
ledger only gets a line in its security log that a backup was made, and the drill's folder is removed. Exit status: 0 all is
the same, 1 something is not, 2 it cannot be done.
"""

import argparse
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bot.faq.retention import FILE as RETENTION  # noqa: E402
from bot.faq.retention import read_periods  # noqa: E402
from bot.ledger.keeping.backup import knowledge_files  # noqa: E402
from bot.ledger.keeping.due import kinds  # noqa: E402
from bot.ledger.keeping.locked import BackupError  # noqa: E402
from bot.ledger.keeping.restore import PASSING  # noqa: E402
from bot.ledger.keeping.unpack import Manifest, counts, opened  # noqa: E402
from bot.ledger.store import Store  # noqa: E402
from bot.settings import Settings, SettingsError, load  # noqa: E402

QUESTION = "老板拖欠工资怎么办"
START_SECONDS = 120


class Wrong(Exception):
    """What was restored differs from what was backed up, or does not work; the message is for the clerk."""


def main() -> int:
    """Run the drill and return the exit status."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    parser = argparse.ArgumentParser(description="备份恢复演练，服务不用停，正在用的记录不改")
    parser.add_argument("--question", default=QUESTION, metavar="问题", help=f"问恢复出来的服务哪句话，默认「{QUESTION}」")
    parser.add_argument("--folder", type=Path, metavar="文件夹", help="在哪里演练，要放得下三份台账；默认系统的临时文件夹")
    args = parser.parse_args()
    try:
        settings, _ = load(os.environ)
    except SettingsError as e:
        return _cannot(str(e))
    ledger = Path(settings.database_url.removeprefix("sqlite:///"))
    if not settings.database_url.startswith("sqlite:///"):
        return _cannot("台账不在 SQLite 文件里：PostgreSQL 用 pg_dump 备份、pg_restore 恢复到另一个库来演练。")
    if not ledger.exists():
        return _cannot(f"没有台账 {ledger}，没什么可演练的。要在程序运行的目录里运行，检查 DATABASE_URL。")
    with TemporaryDirectory(prefix="bot-drill-", dir=args.folder) as place:
        try:
            _drill(settings, ledger, Path(place), args.question)
        except (Wrong, BackupError, OSError) as e:
            print(f"[不对] {e}\n演练没有通过。备份现在靠不住，马上找人看。", file=sys.stderr)
            return 1
    print("演练通过：备份恢复得出来，恢复出来的能用。演练的文件夹已经删掉，正在用的记录没有动。")
    return 0


def _drill(settings: Settings, ledger: Path, place: Path, question: str) -> None:
    began = time.monotonic()
    backup, password, town = place / "drill.zip.enc", place / "password", place / "town"
    password.write_text(secrets.token_urlsafe(24), encoding="utf-8")
    _bot("backup", str(backup), "--password-file", str(password), folder=Path(), environment={})
    with opened(backup, password=password.read_text(encoding="utf-8"), folder=place) as found:
        manifest, due = found.manifest, _due(found.ledger, settings)
    _good(f"备份做好了，读回来逐个核对过，{backup.stat().st_size / 1e6:.1f} MB")

    environment = _empty_town(settings, town)
    _bot("restore", str(backup), "--password-file", str(password), folder=town, environment=environment)
    restored = town / "instance" / "bot.db"
    _good(f"恢复到空文件夹，从开始到现在 {time.monotonic() - began:.0f} 秒")
    _compare_rows(manifest, counts(restored), counts(ledger), due)
    _compare_knowledge(settings.knowledge_dir, town / "knowledge")
    if load(os.environ | environment, folder=town)[0].pseudonym_key != settings.pseudonym_key:
        raise Wrong("恢复出来的 PSEUDONYM_KEY 和正在用的不一样，新旧记录会对不上同一个人。检查 .env 和 instance/secrets.env")
    _good("密钥一样，新旧记录对得上同一个人")
    if (Path(".env")).exists():
        print("       注意：.env 不在备份里，这次是从现在的目录拷的，请确认它另外存好了。")
    _ask(town, environment, question, restored)


def _empty_town(settings: Settings, town: Path) -> dict[str, str]:
    """Make the folder into which is restored; return the settings that keep it apart from the town's own."""
    (town / "instance").mkdir(parents=True)
    if Path(".env").exists():
        shutil.copy(".env", town / ".env")
    if settings.cache_dir.is_dir():  # what was learned before need not be learned again for a drill
        shutil.copytree(settings.cache_dir, town / "instance" / "cache")
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    apart = {
        name.upper(): "" for name in Settings.model_fields if name.startswith(("console_", "log_file", "trusted_", "spool"))
    }
    return apart | {
        "DATABASE_URL": "sqlite:///instance/bot.db",
        "KNOWLEDGE_DIR": "knowledge",
        "CACHE_DIR": "instance/cache",
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "PROCESSES": "1",
        "METRICS_FROM": "",
    }


def _due(ledger: Path, settings: Settings) -> dict[str, int]:
    """Return how many rows of each table of a backup are so old that restoring removes them."""
    periods, _ = read_periods(settings.knowledge_dir / RETENTION)
    found: dict[str, int] = {}
    with closing(Store(f"sqlite:///{ledger}", pseudonym_key="")) as store:
        for kind in kinds(periods, datetime.now(UTC)):
            if kind.how.startswith("delete"):
                (row,) = store.query(f"select count(*) as number from {kind.table} where {kind.due}", kind.values)
                found[kind.table] = found.get(kind.table, 0) + row["number"]
    return found


def _compare_rows(manifest: Manifest, restored: dict[str, int], present: dict[str, int], due: dict[str, int]) -> None:
    for table, number in sorted(manifest.tables.items()):
        there = restored.get(table, -1)
        if table in PASSING:
            continue
        # What was due is removed while it is restored; and the restored ledger has noted that it was.
        stays = number - due.get(table, 0)
        if there != stays and not (table == "security_log" and there > stays):
            raise Wrong(f"表 {table}：备份里 {number} 行，恢复以后 {there} 行")
        if present.get(table, -1) < stays:
            raise Wrong(f"表 {table}：备份里 {number} 行，正在用的台账只有 {present.get(table, 0)} 行")
    _good(f"{len(manifest.tables)} 张表的行数逐张对上，消息 {restored['turns']} 条（正在用的现在 {present['turns']} 条）")


def _compare_knowledge(present: Path, restored: Path) -> None:
    names = set(knowledge_files(present))
    wrong = names ^ set(knowledge_files(restored))
    wrong |= {name for name in names - wrong if (present / name).read_bytes() != (restored / name).read_bytes()}
    if wrong:
        raise Wrong(f"知识库有 {len(wrong)} 个文件对不上，如 {min(wrong)}。如果演练时有人在改知识库，再演练一次")
    _good(f"知识库 {len(names)} 个文件一字不差")


def _ask(town: Path, environment: dict[str, str], question: str, restored: Path) -> None:
    url = f"http://127.0.0.1:{environment['PORT']}"
    with (town / "log").open("w", encoding="utf-8") as log:
        server = subprocess.Popen(
            [sys.executable, str(ROOT / "app.py")], cwd=town, env=_environment(environment), stdout=log, stderr=log
        )
    try:
        end = time.monotonic() + START_SECONDS
        while not _is_ready(url):
            if server.poll() is not None or time.monotonic() > end:
                last = (town / "log").read_text(encoding="utf-8").strip().splitlines()[-3:]
                raise Wrong("恢复出来的服务起不来：" + " ".join(last))
            time.sleep(0.2)
        _good(f"恢复出来的服务在 {url} 启动了")
        before, expected = counts(restored)["turns"], _bot("ask", question, folder=Path(), environment={})
        body = json.dumps({"id": secrets.token_urlsafe(16), "text": question}).encode()
        request = urllib.request.Request(f"{url}/ask", body, {"Content-Type": "application/json"})
        began = time.monotonic()
        with urllib.request.urlopen(request, timeout=10) as answer:
            text = json.load(answer)["text"]
        seconds = time.monotonic() - began
    except (urllib.error.URLError, ValueError, KeyError) as e:
        raise Wrong(f"恢复出来的服务没有回答：{e}") from e
    finally:
        server.terminate()
        with suppress(subprocess.TimeoutExpired):
            server.wait(20)
        server.kill()
        server.wait()
    first = text.strip().partition("\n")[0]
    if not first or first not in expected:
        raise Wrong(f"恢复出来的服务答的和正在用的不一样，答的是：{first}")
    _good(f"问「{question}」，{seconds:.1f} 秒答了，和正在用的一样：{first}")
    if (after := counts(restored)["turns"]) != before + 1:
        raise Wrong(f"问了一句，恢复出来的台账从 {before} 条变成 {after} 条，应当正好多一条")
    _good("这一问在恢复出来的台账里正好记了一条")


def _is_ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _bot(*words: str, folder: Path, environment: dict[str, str]) -> str:
    """Run a command of the program and return what it prints. Raises Wrong where it fails."""
    done = subprocess.run(
        [sys.executable, "-m", "bot", *words],
        cwd=folder, env=_environment(environment), capture_output=True, encoding="utf-8", errors="replace", check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise Wrong(f"python -m bot {words[0]} 没有成功：{(done.stderr or done.stdout).strip()}")
    return done.stdout


def _environment(changes: dict[str, str]) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", **changes}


def _good(text: str) -> None:
    print(f"[对上] {text}", flush=True)


def _cannot(why: str) -> int:
    print(f"演练做不了：{why}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
