"""A county on one machine: the parts of ``deploy/compose.county.yml``, each in a network namespace of its own.

Nothing of it is in the machine's own network: a bridge and every address of the file are in namespaces that end with the
processes that hold them.
"""

import contextlib
import http.client
import os
import re
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.parse
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import psutil
import psycopg
import yaml

from tests.actors import AES_KEY, APP_ID, TOKEN, WeChat
from tests.conftest import ROOT
from tests.server.conftest import environment
from tests.server.namespaces import Node, hold, inside

COMPOSE = ROOT / "deploy" / "compose.county.yml"
SITE = ROOT / "deploy" / "nginx.county.conf"
DOMAIN = "bot.example.cn"
PASSWORD = "only-for-the-tests"
PSEUDONYM_KEY = "k" * 32


@dataclass
class County:
    """The running parts. ``outside`` is where WeChat's servers are."""

    folder: Path
    compose: dict[str, Any]
    outside: Node
    nginx: Node
    database: Node
    bots: list[Node]
    settings: dict[str, str]
    durable: bool
    trusted: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    @property
    def wechat(self) -> WeChat:
        """WeChat's servers, which know nginx only."""
        return WeChat(self._post, mode="safe")

    def directly(self, bot: Node) -> WeChat:
        """WeChat's servers as if they knew one machine."""

        def post(query: dict[str, str], body: bytes) -> tuple[int, bytes, str]:
            with inside(self.outside):
                sock = socket.create_connection((bot.address, 8000), timeout=10)
            return _posted(http.client.HTTPConnection(bot.address, timeout=10), sock, query, body)

        return WeChat(post, mode="safe")

    def connection(self) -> http.client.HTTPSConnection:
        """Connect to nginx as a phone does."""
        with inside(self.outside):
            raw = socket.create_connection((self.nginx.address, 443), timeout=10)
        made = http.client.HTTPSConnection(self.nginx.address, timeout=10, context=self.trusted)
        made.sock = self.trusted.wrap_socket(raw, server_hostname=DOMAIN)
        return made

    def _post(self, query: dict[str, str], body: bytes) -> tuple[int, bytes, str]:
        made = self.connection()
        return _posted(made, made.sock, query, body)

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask the database from its own machine, as its administrator."""
        address = f"host={self.folder} user=postgres"
        with psycopg.connect(f"{address} dbname=bot", autocommit=True) as db:
            cursor = db.execute(statement, values or None)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []

    def start_database(self) -> None:
        tools, user = _postgres()
        server = [str(tools / "postgres"), "-D", str(self.folder / "data"), "-k", str(self.folder)]
        shipped = self.compose["services"]["postgres"]["command"][1:]
        ours = ["-c", f"listen_addresses={self.database.address}", "-c", f"fsync={'on' if self.durable else 'off'}"]
        self.database.starts([*user, *server, *shipped, *ours])
        self.until(lambda: bool(self.sql_or_nothing("select 1")), "the database", self.database)

    def stop_database(self, *, like_a_crash: bool = False) -> None:
        self.database.ends(signal.SIGQUIT if like_a_crash else signal.SIGINT)

    @contextlib.contextmanager
    def stalled(self) -> Iterator[None]:
        """The database takes what is sent and does nothing, as behind a disk that hangs; connections stay."""
        assert self.database.process is not None
        first = psutil.Process(self.database.process.pid)
        stopped = [first, *first.children(recursive=True)]
        for process in stopped:
            process.suspend()
        try:
            yield
        finally:
            for process in stopped:
                process.resume()

    def sql_or_nothing(self, statement: str) -> list[tuple[Any, ...]]:
        try:
            with psycopg.connect(f"host={self.folder} user=postgres dbname=postgres", autocommit=True) as db:
                return db.execute(statement).fetchall()  # type: ignore[arg-type]
        except psycopg.Error:
            return []

    def start_bot(self, bot: Node) -> None:
        """Start a bot as the compose file does; it is ready later."""
        bot.starts([sys.executable, str(ROOT / "app.py")], cwd=bot.folder, env=self._environment(bot))

    def command(self, bot: Node, *words: str) -> str:
        """Run a command of ``python -m bot`` on the bot's machine; return what it prints."""
        command = bot.within(sys.executable, "-m", "bot", *words)
        done = subprocess.run(command, cwd=bot.folder, env=self._environment(bot), capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _environment(self, bot: Node) -> dict[str, str]:
        shipped = _filled(self.compose["services"][bot.name]["environment"])
        keys = {"WECHAT_TOKEN": TOKEN, "WECHAT_APP_ID": APP_ID, "WECHAT_AES_KEY": AES_KEY, "WECHAT_MODE": "safe"}
        ours = {"SECRET_KEY": "s" * 32, "PSEUDONYM_KEY": PSEUDONYM_KEY, "KNOWLEDGE_DIR": str(bot.folder / "knowledge")}
        return environment(bot.folder, **(shipped | keys | ours | self.settings))

    def ready(self, bot: Node, path: str = "/readyz") -> str:
        """Return what the bot says of its readiness, '' where it does not answer."""
        try:
            with inside(self.outside):
                sock = socket.create_connection((bot.address, 8000), timeout=3)
            with contextlib.closing(http.client.HTTPConnection(bot.address, timeout=5)) as asked:
                asked.sock = sock
                asked.request("GET", path)
                return asked.getresponse().read().decode()
        except OSError:
            return ""

    def spooled(self) -> list[Path]:
        """Return the files with rows that wait for the database, on all machines."""
        return [p for bot in self.bots for p in bot.folder.glob("instance/postgresql*/**/*.jsonl") if p.stat().st_size] + [
            p for bot in self.bots for p in bot.folder.glob("instance/spool/*.jsonl") if p.stat().st_size
        ]

    @contextlib.contextmanager
    def cut_off(self, bot: Node) -> Iterator[None]:
        """Between a bot and the database packets go to a machine that is not there: they vanish, nobody refuses."""
        pairs = ((bot, self.database), (self.database, bot))
        for here, there in pairs:
            here.ip("neigh", "replace", there.address, "lladdr", "02:00:00:00:00:01", "dev", "eth0", "nud", "permanent")
        try:
            yield
        finally:
            for here, there in pairs:
                here.ip("neigh", "del", there.address, "dev", "eth0")

    def until(self, true: Callable[[], bool], what: str, *nodes: Node, seconds: float = 30) -> None:
        end = time.monotonic() + seconds
        while not true():
            for node in nodes:
                assert node.process is not None and node.process.poll() is None, f"{node.name} ended: {node.log()}"
            assert time.monotonic() < end, f"{what} took longer than {seconds} seconds: {[n.log() for n in nodes]}"
            time.sleep(0.05)


def _posted(
    made: http.client.HTTPConnection, sock: socket.socket, query: dict[str, str], body: bytes
) -> tuple[int, bytes, str]:
    with contextlib.closing(made):
        made.sock = sock
        made.request("POST", f"/wechat?{urllib.parse.urlencode(query)}", body, {"Host": DOMAIN, "Content-Type": "text/xml"})
        answer = made.getresponse()
        return answer.status, answer.read(), answer.headers["Content-Type"] or ""


def _filled(environment_: dict[str, str]) -> dict[str, str]:
    """Return the environment of a service with the password that ``.env`` would give."""
    return {name: re.sub(r"\$\{DATABASE_PASSWORD[^}]*\}", PASSWORD, value) for name, value in environment_.items()}


@cache
def _postgres() -> tuple[Path, list[str]]:
    """Return where PostgreSQL's programs are, and what runs them as a user whom they accept: they refuse root."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where nobody is logged in there is no XDG_RUNTIME_DIR
        from pgserver import _commands, utils
    entry = utils.ensure_user_exists("pgserver")
    return _commands.POSTGRES_BIN_PATH, ["setpriv", f"--reuid={entry.pw_uid}", f"--regid={entry.pw_gid}", "--clear-groups"]


@contextlib.contextmanager
def county(
    knowledge: Path, *, bots: int = 3, mount: Path | None = None, durable: bool = False, **settings: str
) -> Iterator[County]:
    """Run the county of the compose file with so many of its bots, on copies of a knowledge folder; end everything after.

    mount: where the data are, /tmp by default; durable: with each commit on the disk, as in earnest.
    """
    folder = Path(tempfile.mkdtemp(prefix="bot-county-", dir=mount))
    folder.chmod(0o755)  # the database's user must get to its data
    compose = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
    nodes: list[Node] = []

    def node(name: str, address: str) -> Node:
        nodes.append(hold(name, address, folder / name))
        return nodes[-1]

    def addressed(name: str) -> Node:
        return node(name, compose["services"][name]["networks"]["inside"]["ipv4_address"])

    try:
        outside = node("outside", "172.30.81.99")
        made = County(
            folder, compose, outside, addressed("nginx"), addressed("postgres"),
            [addressed(name) for name in ("bot1", "bot2", "bot3")[:bots]], settings, durable,
        )  # fmt: skip
        _wire(made, nodes)
        _init_database(made)
        for bot in made.bots:
            shutil.copytree(knowledge, bot.folder / "knowledge")
            made.start_bot(bot)  # all at once, on an empty database
        for bot in made.bots:
            made.until(lambda bot=bot: '"ready"' in made.ready(bot), f"{bot.name} to be ready", bot, seconds=90)  # type: ignore[misc]
        _start_nginx(made)
        yield made
    finally:
        for one in nodes:
            one.ends(signal.SIGKILL if one.name != "postgres" else signal.SIGQUIT)
            one.holder.kill()
            one.holder.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


def _wire(made: County, nodes: list[Node]) -> None:
    """Put all nodes on one bridge, which is where WeChat's servers are."""
    own = os.readlink("/proc/self/ns/net")
    for node in nodes:
        made.until(lambda node=node: os.readlink(f"/proc/{node.holder.pid}/ns/net") != own, "a namespace")  # type: ignore[misc]
    hub = made.outside
    hub.ip("link", "add", "br0", "type", "bridge")
    hub.ip("addr", "add", f"{hub.address}/24", "dev", "br0")
    for node in nodes:
        node.ip("link", "set", "lo", "up")
        if node is hub:
            continue
        hub.ip("link", "add", node.name, "type", "veth", "peer", "name", "eth0", "netns", str(node.holder.pid))
        hub.ip("link", "set", node.name, "master", "br0", "up")
        node.ip("addr", "add", f"{node.address}/24", "dev", "eth0")
        node.ip("link", "set", "eth0", "up")
    hub.ip("link", "set", "br0", "up")


def _init_database(made: County) -> None:
    tools, user = _postgres()
    shutil.chown(made.folder, "pgserver")
    data = made.folder / "data"
    subprocess.run(
        [*user, str(tools / "initdb"), "-D", str(data), "-U", "postgres", "-E", "UTF8", "--auth-local=trust",
         "--auth-host=scram-sha-256", "--no-sync", "--locale=C.UTF-8"],
        check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    with (data / "pg_hba.conf").open("a") as rules:
        rules.write("host all all all scram-sha-256\n")  # as the image has it
    made.start_database()
    shipped = {"PATH": f"{tools}:/usr/bin:/bin", "PGHOST": str(made.folder), "DATABASE_PASSWORD": PASSWORD}
    subprocess.run(
        ["sh", str(ROOT / "deploy" / "county-database.sh")], check=True, capture_output=True, env=shipped, timeout=30
    )


def _start_nginx(made: County) -> None:
    folder = made.nginx.folder
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", f"/CN={DOMAIN}", "-addext", f"subjectAltName=DNS:{DOMAIN}",
         "-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")],
        check=True, capture_output=True, timeout=30,
    )  # fmt: skip
    made.trusted = ssl.create_default_context(cafile=str(folder / "fullchain.pem"))
    site = SITE.read_text(encoding="utf-8")
    for shipped in ("/etc/bot/certs", "/var/log/nginx", "/var/www/certbot"):
        assert shipped in site, shipped
        site = site.replace(shipped, str(folder))
    for bot in made.bots:
        assert site.count(f"server {bot.address}:8000 ") == 2, bot.address
    present = {bot.address for bot in made.bots}
    site = re.sub(r"(?m)^ *server (172\S+):8000 .*\n", lambda m: m[0] if m[1] in present else "", site)
    (folder / "site.conf").write_text(site, encoding="utf-8")
    temporary = "".join(f"{name}_temp_path {folder}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    whole = f"user root; daemon off; worker_processes 2; pid {folder}/pid; error_log {folder}/main.log;"
    whole = f"{whole}\nevents {{ worker_connections 768; }}\nhttp {{ {temporary} include {folder}/site.conf; }}\n"
    (folder / "nginx.conf").write_text(whole, encoding="utf-8")
    made.nginx.starts(["/usr/sbin/nginx", "-e", f"{folder}/main.log", "-c", f"{folder}/nginx.conf"])

    def answers() -> bool:
        with contextlib.suppress(OSError):
            made.connection().close()
            return True
        return False

    made.until(answers, "nginx", made.nginx)


def message_key(openid: str, number: str) -> str:
    """Return the name under which a message is kept."""
    from bot.ledger.store import keyed

    return keyed(PSEUDONYM_KEY.encode(), "message", f"{openid}|{number}")


def new_name(prefix: str) -> str:
    """Return the openid of somebody who was not there before."""
    return f"o{prefix}{secrets.token_hex(6)}"
