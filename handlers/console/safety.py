"""What keeps others out of a login: cookie flags, known browsers, addresses to go on to, the name of a browser."""

import base64
import hashlib
import hmac
import ipaddress
import re
import secrets
from urllib.parse import unquote, urlsplit

from flask import Flask, Response, request
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer

from bot.ledger.access.users import plain_name
from handlers.services import services

DEVICE = "device"
_DEVICE_DAYS = 180
_PEOPLE_ON_A_BROWSER = 8
_NONCE = re.compile(r"[A-Za-z0-9_-]{22}")

_BROWSERS = (
    ("MicroMessenger", "微信"), ("wxwork", "企业微信"), ("QQBrowser", "QQ浏览器"), ("QihooBrowser", "360浏览器"),
    ("360SE", "360浏览器"), ("360EE", "360浏览器"), ("UCBrowser", "UC浏览器"), ("Edg", "Edge"), ("Firefox", "火狐"),
    ("Chrome", "Chrome 内核"), ("Safari", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("HarmonyOS", "鸿蒙"), ("OpenHarmony", "鸿蒙"), ("Android", "安卓"), ("iPhone", "苹果手机"), ("iPad", "苹果平板"),
    ("Windows", "Windows 电脑"), ("Macintosh", "苹果电脑"), ("Linux", "Linux 电脑"),
)  # fmt: skip


class Sessions(SecureCookieSessionInterface):
    """Flask's sessions, in a cookie that only travels encrypted, except to the machine itself."""

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Sign with the key of the town: what one town's console signed is nothing in another's."""
        if services().town is None:
            return super().get_signing_serializer(app)
        digests = {"key_derivation": self.key_derivation, "digest_method": self.digest_method}
        return URLSafeTimedSerializer(
            services().settings.secret_key, salt=self.salt, serializer=self.serializer, signer_kwargs=digests
        )

    def get_cookie_path(self, app: Flask) -> str:
        """Return below which addresses browsers send this answer's cookies."""
        return home()

    def get_cookie_secure(self, app: Flask) -> bool:
        """Tell whether this answer's cookies are Secure."""
        return not is_on_this_machine()


def on_from(text: str) -> str | None:
    """Return the address to go on to after logging in, for what a form says; None where it is none of ours."""
    path = next_page(text)
    return f"{request.root_path.rstrip('/')}{path}" if path else None


def home() -> str:
    """Return where the console of this town is: /console, or /t/代号/console."""
    return f"{request.root_path.rstrip('/')}/console"


def is_on_this_machine() -> bool:
    """Tell whether the browser asked for a loopback address without TLS: the one place where a cookie may go in the clear."""
    host = urlsplit(f"//{request.host}").hostname or ""
    if request.is_secure:
        return False
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def address() -> str:
    """Return from where a request comes; of IPv6 the network, for a household has 2**64 addresses."""
    text = request.remote_addr or ""
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return text
    return text if found.version == 4 else str(ipaddress.ip_network((found, 64), strict=False))


def device_of(name: str) -> str | None:
    """Return the browser's nonce where somebody has logged in to this account with it before."""
    nonce, marks = _device()
    return nonce if nonce and any(hmac.compare_digest(mark, _mark(nonce, name)) for mark in marks) else None


def remember_device(response: Response, name: str) -> None:
    """Let the browser show later that this account was opened with it. An office's PC serves several people."""
    nonce, marks = _device()
    nonce = nonce or secrets.token_urlsafe(16)
    mine = _mark(nonce, name)
    kept = [mine, *(mark for mark in marks if mark != mine)][:_PEOPLE_ON_A_BROWSER]
    response.set_cookie(
        DEVICE, ".".join([nonce, *kept]), max_age=_DEVICE_DAYS * 24 * 3600, path=home(), httponly=True,
        secure=not is_on_this_machine(), samesite="Lax",
    )  # fmt: skip


def next_page(text: str) -> str | None:
    """Return ``text`` where it is the path of a page of this console, and nothing that a browser reads otherwise."""
    plain = unquote(text)
    if any(c <= " " or c == "\\" or c == "\x7f" for c in text + plain) or "//" in plain.partition("?")[0]:
        return None
    path = plain.partition("?")[0]
    if path.startswith("/console/") and "/." not in path and not path.startswith(("/console/login", "/console/logout")):
        return text
    return None


def browser_of(agent: str) -> str:
    """Return in Chinese which kind of browser calls itself so; nothing of what it says is kept."""
    browser = next((shown for sign, shown in _BROWSERS if sign in agent), "别的浏览器")
    system = next((shown for sign, shown in _SYSTEMS if sign in agent), "")
    return f"{browser}（{system}）" if system else browser


def _device() -> tuple[str | None, list[str]]:
    nonce, *marks = request.cookies.get(DEVICE, "").split(".")[: _PEOPLE_ON_A_BROWSER + 1]
    ours = [mark for mark in marks if mark.isascii()]
    return (nonce, ours) if _NONCE.fullmatch(nonce) else (None, [])


def _mark(nonce: str, name: str) -> str:
    key = services().settings.secret_key.encode()
    digest = hmac.new(key, f"device\0{nonce}\0{plain_name(name)}".encode("utf-8", "surrogatepass"), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:16]).decode().rstrip("=")
