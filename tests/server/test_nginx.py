"""The shipped ``deploy/nginx.conf`` in a real nginx, with TLS, before the real server."""

import contextlib
import http.client
import os
import re
import signal
import socket
import ssl
import subprocess
import threading
import time
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.actors import WeChat
from tests.conftest import ROOT
from tests.server.conftest import Server, Start, free_port

NGINX = "/usr/sbin/nginx"
DOMAIN = "bot.example.cn"
OPENID = "oBehind_nginx-0000000000001"


@dataclass
class Proxy:
    """A running nginx, and the server behind it."""

    port: int
    plain_port: int
    folder: Path
    server: Server
    trusted: ssl.SSLContext

    @property
    def wechat(self) -> WeChat:
        return WeChat(self._post, mode=self.server.mode)

    def connection(self, host: str = DOMAIN) -> ssl.SSLSocket:
        raw = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        return self.trusted.wrap_socket(raw, server_hostname=host)

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> http.client.HTTPResponse:
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=10, context=self.trusted)
        connection.sock = self.connection()
        connection.request(method, path, body, {"Host": DOMAIN, **(headers or {})})
        response = connection.getresponse()
        response.content = response.read()  # type: ignore[attr-defined]
        connection.close()
        return response

    def logs(self) -> str:
        return "".join(path.read_text(encoding="utf-8") for path in self.folder.glob("*.log"))

    def _post(self, query: dict[str, str], body: bytes) -> tuple[int, bytes, str]:
        # WeChat names the sender in the address.
        query = {**query, "openid": OPENID}
        answer = self.ask("POST", f"/wechat?{urllib.parse.urlencode(query)}", body, {"Content-Type": "text/xml"})
        return answer.status, answer.content, answer.headers["Content-Type"]  # type: ignore[attr-defined]


def _certificate(folder: Path) -> ssl.SSLContext:
    """Write a certificate that signs itself; return what trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, DOMAIN)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(DOMAIN)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return ssl.create_default_context(cafile=str(folder / "fullchain.pem"))


@pytest.fixture(scope="module")
def proxy(start_server: Start, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    folder, port, plain_port = tmp_path_factory.mktemp("nginx"), free_port(), free_port()
    server = start_server(TRUSTED_PROXY="127.0.0.1", THREADS="4")
    site = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    site = re.sub(r"(?m)^ *listen \[::\].*\n", "", site)
    for shipped, ours in (
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"), ("listen 80 ", f"listen 127.0.0.1:{plain_port} "),
        ("/etc/bot/certs", str(folder)), ("/var/log/nginx", str(folder)), ("/var/www/certbot", str(folder)),
        ("server 127.0.0.1:8000;", f"server 127.0.0.1:{server.port};"),
    ):  # fmt: skip
        assert shipped in site, shipped
        site = site.replace(shipped, ours)
    (folder / "site.conf").write_text(site, encoding="utf-8")
    user = "user root;" if os.geteuid() == 0 else ""  # else its workers could not read the test's folder
    temporary = "".join(f"{name}_temp_path {folder}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    whole = f"{user} daemon off; pid {folder}/pid; error_log {folder}/main.log; events {{ worker_connections 768; }}"
    (folder / "nginx.conf").write_text(f"{whole}\nhttp {{ {temporary} include {folder}/site.conf; }}\n", encoding="utf-8")
    (folder / ".well-known" / "acme-challenge").mkdir(parents=True)
    (folder / ".well-known" / "acme-challenge" / "token").write_text("示例", encoding="utf-8")
    trusted = _certificate(folder)
    process = subprocess.Popen([NGINX, "-e", f"{folder}/main.log", "-c", f"{folder}/nginx.conf"], start_new_session=True)
    made = Proxy(port, plain_port, folder, server, trusted)
    try:
        end = time.monotonic() + 10
        while True:
            assert process.poll() is None and time.monotonic() < end, made.logs()
            with contextlib.suppress(OSError), made.connection():
                break
            time.sleep(0.05)
        yield made
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


def test_a_villagers_message_goes_through_tls_and_the_reply_comes_back(proxy: Proxy) -> None:
    villager = proxy.wechat.villager(OPENID)
    answer = villager.says("老板不给工资").text
    assert answer.startswith("您问的是：老板拖欠工资怎么要？")
    assert villager.retries().text == answer


def test_the_logs_hold_neither_who_wrote_nor_a_signature_nor_what(proxy: Proxy) -> None:
    villager = proxy.wechat.villager(OPENID)
    villager.says("老板不给工资")
    proxy.wechat.push("<xml/>", msg_signature="0123456789" * 4)
    proxy.ask("POST", f"/wechat?openid={OPENID}&signature=abcdefabcdef", b"x" * 70_000)
    proxy.ask("GET", f"/wechat%3Fopenid={OPENID}x?openid={OPENID}")
    proxy.ask("GET", f"/nothing?openid={OPENID}", headers={"Referer": f"https://x/?{OPENID}", "User-Agent": OPENID})
    proxy.ask("POST", f"/ask?openid={OPENID}", b"x" * 20_000)
    with proxy.connection() as broken:
        broken.sendall(f"POST /wechat?openid={OPENID} HTTP/9.9\r\n\r\n".encode())
        broken.recv(1000)
    time.sleep(0.2)
    logs = proxy.logs()
    assert re.search(r"(?m)^\S+ 127\.0\.0\.0 POST /wechat 200 \d+ [\d.]+ [\d.]+$", logs), logs
    assert re.search(r"(?m)^\S+ 127\.0\.0\.0 POST /wechat 413 ", logs)
    for secret in (OPENID, "signature", "openid", "0123456789", "abcdef", "工资", "127.0.0.1 "):
        assert secret not in logs.replace("/wechat?openid=" + OPENID + "x", ""), secret


@pytest.mark.parametrize(
    ("path", "size", "refused"),
    [("/wechat", 65_536, False), ("/wechat", 65_537, True), ("/ask", 16_384, False), ("/ask", 16_385, True),
     ("/console/login", 60_000, False), ("/console/login", 8_388_609, True)],
)  # fmt: skip
def test_what_is_too_large_is_refused_at_the_door(proxy: Proxy, path: str, size: int, refused: bool) -> None:
    headers = {"Expect": "100-continue"} if size > 1_000_000 else {}
    with proxy.connection() as s:
        head = f"POST {path} HTTP/1.1\r\nHost: {DOMAIN}\r\nContent-Length: {size}\r\nConnection: close\r\n"
        s.sendall((head + "".join(f"{n}: {v}\r\n" for n, v in headers.items()) + "\r\n").encode())
        if not refused:
            s.sendall(b"x" * size)
        status = int(s.recv(100).split()[1])
    assert (status == 413) == refused, status


def test_slow_clients_wait_at_nginx_and_the_server_keeps_its_threads(proxy: Proxy) -> None:
    slow = [proxy.connection() for _ in range(50)]
    try:
        for s in slow:
            s.sendall(f"POST /wechat HTTP/1.1\r\nHost: {DOMAIN}\r\nContent-Length: 1000\r\n\r\n<xml>".encode())
        time.sleep(0.2)
        before = _connections(proxy.server.port)
        began = time.monotonic()
        assert proxy.wechat.villager(OPENID).says("老板不给工资").text.startswith("您问的是")
        assert time.monotonic() - began < 2
        assert before < 10  # none of the fifty has come through
    finally:
        for s in slow:
            s.close()


def test_the_few_addresses_of_wechat_may_send_the_messages_of_a_whole_town_and_others_not(proxy: Proxy) -> None:
    outcomes: dict[str, list[int]] = {"/wechat": [], "/ask": []}

    def send(path: str) -> None:
        connection = http.client.HTTPSConnection("127.0.0.1", proxy.port, timeout=20, context=proxy.trusted)
        connection.sock = proxy.connection()
        for _ in range(50):
            connection.request("POST", path, b"<xml/>", {"Host": DOMAIN})
            response = connection.getresponse()
            response.read()
            outcomes[path].append(response.status)
        connection.close()

    for path in outcomes:
        threads = [threading.Thread(target=send, args=(path,)) for _ in range(4)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
    assert outcomes["/wechat"] == [403] * 200  # unsigned: every one of them was looked at
    assert outcomes["/ask"].count(429) > 50 and outcomes["/ask"].count(400) >= 50


def test_the_server_believes_nginx_who_asks_and_that_it_was_encrypted(proxy: Proxy) -> None:
    page = proxy.ask("GET", "/console/login", headers={"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "http"})
    assert page.status == 200
    assert page.headers.get_all("Strict-Transport-Security") == ["max-age=31536000"]
    assert "Secure" in page.headers["Set-Cookie"]


def test_numbers_and_readiness_are_not_shown_outside_but_health_is(proxy: Proxy) -> None:
    assert [proxy.ask("GET", path).status for path in ("/metrics", "/readyz", "/healthz")] == [404, 404, 200]
    assert proxy.server.get("/metrics")[0] == 200


def test_what_comes_without_encryption_is_sent_to_https_without_its_query_and_a_certificate_can_be_renewed(
    proxy: Proxy,
) -> None:
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", proxy.plain_port, timeout=10)) as plain:
        plain.request("GET", "/console/?x=1", headers={"Host": DOMAIN})
        response = plain.getresponse()
        response.read()
        assert (response.status, response.headers["Location"]) == (301, f"https://{DOMAIN}/console/")
        plain.request("GET", "/.well-known/acme-challenge/token", headers={"Host": DOMAIN})
        assert plain.getresponse().read().decode() == "示例"


def test_other_names_and_old_encryption_are_turned_away(proxy: Proxy) -> None:
    with pytest.raises(ssl.SSLError):
        proxy.connection("other.example.cn").close()
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=10) as raw:
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
        old.set_ciphers("AES128-SHA")  # without forward secrecy
        old.maximum_version = ssl.TLSVersion.TLSv1_2
        with pytest.raises(ssl.SSLError):
            old.wrap_socket(raw, server_hostname=DOMAIN)


def _connections(port: int) -> int:
    """Return how many connections are open at the server's port, as /proc tells."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(row[1].endswith(f":{port:04X}") and row[3] == "01" for row in rows)
