"""Settings from the environment and ``.env``, read once; every problem is a numbered finding with a hint."""

import base64
import binascii
import ipaddress
import os
import secrets
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

Mode = Literal["plain", "compat", "safe"]
SECRETS = ("WECHAT_TOKEN", "SECRET_KEY", "PSEUDONYM_KEY")
LONGEST_SHOWN = 20
"""How many characters of a value that cannot be used are quoted; what is longer may be a secret."""


class SettingsError(Exception):
    """The settings cannot be used; the message lists every finding with its hint."""


class Finding(NamedTuple):
    """One problem of the settings. ``code`` starts with E where the program must not start, with W where it may."""

    code: str
    problem: str
    hint: str

    def __str__(self) -> str:
        return f"{self.code} {self.problem}。{self.hint}。"


class Settings(BaseSettings):
    """All settings; each field's description is its line in the README."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=False, hide_input_in_errors=True)

    wechat_token: str = Field(
        "", repr=False, description="公众号后台「服务器配置」里填的 Token，3–32 位字母数字，建议 32 位随机"
    )
    wechat_app_id: str = Field("", description="公众号的 AppID，形如 wx…；兼容和安全模式必填")
    wechat_aes_key: str = Field("", repr=False, description="公众号后台的 EncodingAESKey，43 位")
    wechat_aes_key_previous: str = Field("", repr=False, description="更换 EncodingAESKey 时填旧的那个，换完删掉")
    wechat_mode: Mode | None = Field(None, description="消息模式 plain 明文、compat 兼容、safe 安全；不填时有密钥即为 safe")
    wechat_app_secret: str = Field("", repr=False, description="AppSecret，可不填；被动回复不需要它")
    database_url: str = Field("sqlite:///instance/bot.db", repr=False, description="台账数据库")
    durability: Literal["full", "normal"] = Field(
        "full",
        description="断电时保不保得住最后几条记录：full 每条写到磁盘上才答复；normal 快一些，断电可能丢最后几条",
    )
    spool_dir: Path | None = Field(
        None,
        description="台账坏了的时候，记录先存在这个文件夹，好了自动补进台账；不填就是台账旁边的 spool，放在另一块磁盘上更稳",
    )
    knowledge_dir: Path = Field(Path("knowledge"), description="知识库目录")
    towns_dir: Path = Field(
        Path("instance/towns"), description="一套程序给多个镇用时，各镇的知识库（SQLite 时还有台账）放在这里，每镇一个文件夹"
    )
    cache_dir: Path = Field(Path("instance/cache"), description="从问法里学到的东西存在这里，下次启动不用重学；可以随时删")
    answer_from: Literal["draft", "signed"] = Field(
        "draft", description="用哪些条目回答：draft 草稿也用（回复里注明待审核）、signed 只用已签发的"
    )
    secret_key: str = Field("", repr=False, description="网页会话的签名密钥；不填时自动生成，存在 instance/secrets.env")
    pseudonym_key: str = Field(
        "", repr=False, description="把群众的微信标识变成假名的密钥，改了以后新旧记录对不上；不填时自动生成"
    )
    host: str = Field("127.0.0.1", description="监听地址")
    port: int = Field(8000, ge=1, le=65535, description="监听端口")
    console_host: str = Field(
        "", description="管理后台单独的监听地址，不填就和 HOST 一样；填了它或 CONSOLE_PORT，后台只在那里能打开"
    )
    console_port: int | None = Field(None, ge=1, le=65535, description="管理后台单独的监听端口，不填就和 PORT 一样")
    trusted_proxy: str = Field(
        "", description="前面的 nginx 的 IP 地址，如 127.0.0.1；填了才相信它转来的访客地址和 https，不填就不信"
    )
    public_url: str = Field(
        "", description="群众打开网页问答的网址，如 https://问答的域名/；填了，张贴材料上会印它的二维码，不填就只印公众号的"
    )
    threads: int = Field(8, ge=1, le=256, description="每个进程同时处理的请求数")
    processes: int = Field(1, ge=1, le=64, description="进程数")
    pace_per_minute: int = Field(
        30, ge=0, le=1000, description="同一个人一分钟最多答多少条，超过的只劝他慢一点，超过三倍就不回了；急事照答；0 是不限"
    )
    pace_per_day: int = Field(300, ge=0, le=100_000, description="同一个人一天最多答多少条，其余同上；0 是不限")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="日志级别；日志里没有问题原文和微信标识"
    )
    log_file: Path | None = Field(None, description="日志写到哪个文件；不填就写到标准错误，由 systemd、docker 收着")
    metrics_from: str = Field(
        "127.0.0.1, ::1", description="哪些地址能看监控用的 /metrics，IP 或网段，用逗号分开；数字里没有个人信息"
    )

    @property
    def slug(self) -> str:
        """Which of several towns these settings are of; '' for the installation itself."""
        return ""

    @property
    def ledger_schema(self) -> str:
        """The schema of the ledger in PostgreSQL."""
        return f"town_{self.slug.replace('-', '_')}" if self.slug else "public"

    @property
    def ledger_place(self) -> Path:
        """The folder in which this machine keeps what belongs to a ledger in PostgreSQL."""
        return self.towns_dir / self.slug if self.slug else Path("instance")

    @property
    def memory_dir(self) -> Path:
        """Where what was learned from phrasings is kept; towns have it in common, for they share most of them."""
        return self.cache_dir

    @property
    def console_address(self) -> tuple[str, int] | None:
        """Where the console answers, and nothing else does; None where it shares the address of the rest."""
        if not self.console_host and self.console_port is None:
            return None
        return self.console_host or self.host, self.console_port or self.port

    @property
    def mode(self) -> Mode:
        """The message mode in force: safe where a key is set and no mode is named."""
        return self.wechat_mode or ("safe" if self.wechat_aes_key else "plain")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take values only as arguments: ``load`` is the one place that reads the environment."""
        return (init_settings,)


def load(environ: Mapping[str, str], *, folder: Path = Path()) -> tuple[Settings, bool]:
    """Read the settings from ``environ`` and ``folder/.env``; return them and whether this is the demo.

    It is the demo when no ``WECHAT_…`` variable is set at all. Keys that are not set are made once and kept in
    ``folder/instance/secrets.env``. Raises SettingsError with every error-level finding.
    """
    values = {k: v for k, v in dotenv_values(folder / ".env", encoding="utf-8-sig").items() if v is not None}
    values |= {k.upper(): v for k, v in environ.items() if k.lower() in Settings.model_fields}
    # An empty line means "not set", but an empty token must never mean "anyone may sign".
    values = {k: v for k, v in values.items() if v.strip() or k == "WECHAT_TOKEN"}
    demo = not any(k.startswith("WECHAT_") for k in values)
    try:
        settings = Settings(**{k.lower(): v.strip() for k, v in values.items()})  # type: ignore[arg-type]
    except ValidationError as e:
        raise SettingsError("\n".join(str(f) for f in _unreadable(e))) from e
    settings = settings.model_copy(update=_made_once(settings, folder / "instance" / "secrets.env", demo=demo))
    errors = [f for f in problems(settings) if f.code.startswith("E")]
    if errors:
        raise SettingsError("\n".join(map(str, errors)))
    return settings, demo


def problems(settings: Settings) -> list[Finding]:
    """Return what is wrong with the settings: E findings forbid to start, W findings are for the log."""
    found = []
    if not settings.wechat_token:
        found.append(
            Finding(
                "E01", "WECHAT_TOKEN 是空的，任何人都能冒充微信", "填上公众号后台的 Token，或者去掉所有 WECHAT_ 变量先试演示版"
            )
        )
    elif len(settings.wechat_token) < 16:
        found.append(Finding("W01", "WECHAT_TOKEN 不足 16 位，容易被猜中", "在公众号后台换一个 32 位随机的 Token"))
    for name in ("wechat_aes_key", "wechat_aes_key_previous"):
        key = getattr(settings, name)
        if key and not is_aes_key(key):
            found.append(
                Finding(
                    "E02",
                    f"{name.upper()} 不对：应当是 43 位字母和数字，现在是 {len(key)} 位",
                    "从公众号后台重新复制，前后不要带空格",
                )
            )
    if settings.mode != "plain" and not settings.wechat_aes_key:
        found.append(Finding("E03", f"WECHAT_MODE={settings.mode} 需要 WECHAT_AES_KEY", "填上 EncodingAESKey，或改用 plain"))
    if settings.mode != "plain" and not settings.wechat_app_id:
        found.append(Finding("E04", f"WECHAT_MODE={settings.mode} 需要 WECHAT_APP_ID", "填上公众号的 AppID"))
    if not settings.database_url.startswith(("sqlite:///", "postgresql://")):
        found.append(
            Finding(
                "E05",
                f"DATABASE_URL={settings.database_url.partition(':')[0]}:… 不能用",
                "写 sqlite:///路径 或 postgresql://用户:密码@主机/库名",
            )
        )
    if settings.console_address == (settings.host, settings.port):
        found.append(
            Finding("E07", "CONSOLE_HOST 和 CONSOLE_PORT 跟 HOST 和 PORT 一样", "给管理后台换一个端口，或者两项都不填")
        )
    if settings.trusted_proxy and not is_address(settings.trusted_proxy):
        found.append(
            Finding(
                "E08",
                f"TRUSTED_PROXY{_shown(settings.trusted_proxy)} 不是 IP 地址",
                "填 nginx 所在机器的 IP，同一台机器填 127.0.0.1",
            )
        )
    if settings.public_url and not is_web_address(settings.public_url):
        found.append(
            Finding(
                "E09",
                f"PUBLIC_URL{_shown(settings.public_url)} 不是网址",
                "填 http:// 或 https:// 开头的完整网址，不超过 100 个字符",
            )
        )
    if networks(settings.metrics_from) is None:
        found.append(
            Finding(
                "E11", f"METRICS_FROM={settings.metrics_from} 读不懂", "填 IP 或网段，用逗号分开，如 127.0.0.1, 10.0.0.0/24"
            )
        )
    if settings.secret_key and len(settings.secret_key) < 16:
        found.append(Finding("W04", "SECRET_KEY 不足 16 位，网页会话可能被伪造", "去掉这一项，让程序自己生成"))
    if settings.mode != "safe":
        found.append(Finding("W02", f"消息模式是 {settings.mode}，消息内容没有加密", "正式使用请在公众号后台选安全模式"))
    return found


def is_address(text: str) -> bool:
    """Tell whether ``text`` is one IP address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def networks(text: str) -> tuple[IPv4Network | IPv6Network, ...] | None:
    """Return the networks of a list with commas (an address is a network of one); None where one cannot be read."""
    try:
        return tuple(ipaddress.ip_network(part.strip()) for part in text.replace("，", ",").split(",") if part.strip())
    except ValueError:
        return None


def is_web_address(text: str) -> bool:
    """Tell whether ``text`` is an address that a phone opens from a QR code: http or https, short, without a password."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    plain = len(text) <= 100 and not any(c.isspace() or not c.isprintable() for c in text)
    return plain and parts.scheme in {"http", "https"} and bool(parts.hostname) and port != 0 and "@" not in parts.netloc


def is_aes_key(key: str) -> bool:
    """Tell whether ``key`` is an EncodingAESKey: 43 letters and digits that decode to 32 bytes."""
    if len(key) != 43 or not key.isascii() or not key.isalnum():
        return False
    try:
        return len(base64.b64decode(key + "=")) == 32
    except binascii.Error:
        return False


def _shown(value: str) -> str:
    # A long one, or one with @, may be a password, or a secret that slipped into the wrong line.
    return f"={value}" if len(value) <= LONGEST_SHOWN and "@" not in value else f"（{len(value)} 个字符）"


def _unreadable(error: ValidationError) -> list[Finding]:
    lines = []
    for e in error.errors():
        name = str(e["loc"][0]).upper()
        hint = Settings.model_fields[str(e["loc"][0])].description or ""
        lines.append(Finding("E00", f"{name}{_shown(str(e['input']))} 读不懂", f"{name} 是：{hint}"))
    return lines


def _made_once(settings: Settings, path: Path, *, demo: bool) -> dict[str, str]:
    """Return the secrets that are missing, from ``path`` or new; write new ones to ``path`` for the next start."""
    wanted = [n for n in SECRETS if not getattr(settings, n.lower()) and (demo or n != "WECHAT_TOKEN")]
    if not wanted:
        return {}
    if not path.exists():
        _write_secrets(path)
    kept = dotenv_values(path, encoding="utf-8-sig")
    missing = [name for name in wanted if not kept.get(name)]
    if missing:
        raise SettingsError(
            str(Finding("E06", f"{path} 里缺 {'、'.join(missing)}", "补上这一行，或者删掉整个文件让程序重新生成"))
        )
    return {name.lower(): kept[name] or "" for name in wanted}


def _write_secrets(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as f:
        f.write("# 自动生成的密钥，请勿外传；删掉 PSEUDONYM_KEY 后新旧咨询记录会对不上\n")
        f.write("".join(f"{name}={secrets.token_urlsafe(24)}\n" for name in SECRETS))
    try:
        # A link never replaces: of two processes that start together, both read the file of the first.
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
