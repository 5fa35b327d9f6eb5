"""The towns of an installation that serves several: each with its own keys, ledger and knowledge folder.

Their rows stand in the ledger of the installation itself (the county's office). The keys in them are sealed with SECRET_KEY,
so that a copy of the database does not give them away.
"""

import base64
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, NamedTuple

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.ledger.clock import stamp
from bot.ledger.database import Database
from bot.ledger.store import Store, first, insert
from bot.settings import Mode, Settings, problems

State = Literal["在用", "暂停", "移除"]
IN_USE: State = "在用"
PAUSED: State = "暂停"
REMOVED: State = "移除"

SLUG = re.compile(r"[a-z][a-z0-9-]{1,30}")
TAKEN = "已经有代号「{}」了，换一个。移除了的也占着代号，直到把它抹掉：town remove 代号 --erase"


class TownError(Exception):
    """It cannot be done with this town; the message says why and what to do, in Chinese."""


class Keys(BaseModel):
    """What is sealed of a town: what its account in WeChat needs, and the keys of its own."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    wechat_token: str = Field(repr=False)
    wechat_app_id: str = ""
    wechat_aes_key: str = Field("", repr=False)
    wechat_aes_key_previous: str = Field("", repr=False)
    wechat_mode: Mode | None = None
    answer_from: Literal["draft", "signed"] = "draft"
    pseudonym_key: str = Field(repr=False)
    secret_key: str = Field(repr=False)


@dataclass(frozen=True)
class Town:
    """One row of ``towns``. version: grows with each change; changed_at: when the last one was."""

    slug: str
    name: str
    state: State
    sealed: str
    version: int
    added_at: str
    changed_at: str


class Mark(NamedTuple):
    """What tells that a town's row changed."""

    version: int
    changed_at: str


class TownSettings(Settings):
    """The settings of one of several towns."""

    of_town: str = ""
    shared_memory: Path = Path()

    @property
    def memory_dir(self) -> Path:
        """Where all towns of the installation keep what was learned from phrasings."""
        return self.shared_memory

    @property
    def slug(self) -> str:
        """Which town's they are."""
        return self.of_town


_COLUMNS = ", ".join(Town.__annotations__)


def new_keys(**given: Any) -> Keys:
    """Return a town's keys; those that are not given are made. Raises TownError for what cannot be used."""
    made = {"wechat_token": secrets.token_hex(16), "pseudonym_key": secrets.token_urlsafe(24)}
    made["secret_key"] = secrets.token_urlsafe(24)
    return _keys(made | {name: value for name, value in given.items() if value})


def changed_keys(keys: Keys, **changes: Any) -> Keys:
    """Return the keys with some replaced (None: as before); beside a new AES key the old one stays good. Raises TownError."""
    new = {name: value for name, value in changes.items() if value is not None}
    if new.get("wechat_aes_key") and keys.wechat_aes_key not in {"", new["wechat_aes_key"]}:
        new.setdefault("wechat_aes_key_previous", keys.wechat_aes_key)
    return _keys(keys.model_dump() | new)


def add(db: Database, slug: str, name: str, keys: Keys, *, secret_key: str, now: datetime) -> Town:
    """Add a town. Raises TownError for a slug that is taken or cannot be part of an address."""
    check(slug, name)
    row = {"slug": slug, "name": name.strip(), "state": IN_USE, "sealed": seal(keys, slug, secret_key), "version": 1}
    if not insert(db, "towns", row | {"added_at": stamp(now), "changed_at": stamp(now)}, once="slug"):
        raise TownError(TAKEN.format(slug))
    return get(db, slug)


def check(slug: str, name: str) -> None:
    """Raise TownError for a slug that cannot be part of an address, or a name that nobody can read."""
    if not SLUG.fullmatch(slug):
        raise TownError(f"代号「{slug}」不能用：2到31个小写英文字母、数字或短横线，字母开头，比如 shanhu")
    if not (plain := name.strip()) or len(plain) > 40 or not plain.isprintable():
        raise TownError("写上镇的名字，比如「山湖镇」，不超过40个字")


def everybody(db: Database) -> list[Town]:
    """Return all towns in the order of their slugs, also those that are paused or removed."""
    return [Town(**row) for row in db.query(f"select {_COLUMNS} from towns order by slug")]


def get(db: Database, slug: str) -> Town:
    """Return a town. Raises TownError."""
    row = first(db, f"select {_COLUMNS} from towns where slug = :slug", {"slug": slug})
    if row is None:
        raise TownError(f"没有代号「{slug}」的镇。先看 python -m bot town list")
    return Town(**row)


def marks(db: Database) -> Mapping[str, Mark]:
    """Return what to compare with an earlier time, by slug: whether a town was added, changed or erased."""
    rows = db.query("select slug, version, changed_at from towns")
    return {row["slug"]: Mark(row["version"], row["changed_at"]) for row in rows}


def set_state(db: Database, slug: str, state: State, *, now: datetime) -> Town:
    """Put a town in use, pause or remove it. Raises TownError."""
    return _change(db, get(db, slug), now, state=state)


def change(db: Database, slug: str, *, name: str = "", keys: Keys | None = None, secret_key: str, now: datetime) -> Town:
    """Change a town's name or keys. Raises TownError."""
    if name:
        check(slug, name)
    changes = {"name": name.strip()} if name else {}
    if keys is not None:
        changes["sealed"] = seal(keys, slug, secret_key)
    return _change(db, get(db, slug), now, **changes)


def forget(db: Database, slug: str) -> None:
    """Erase a removed town's row with its keys. Raises TownError for one that is not removed."""
    if get(db, slug).state != REMOVED:
        raise TownError(f"「{slug}」还在用，先移除：python -m bot town remove {slug}")
    db.execute("delete from towns where slug = :slug", {"slug": slug})


def _change(db: Database, town: Town, now: datetime, **changes: Any) -> Town:
    new = replace(town, **changes, version=town.version + 1, changed_at=stamp(now))
    db.execute(
        "update towns set name = :name, state = :state, sealed = :sealed, version = :version, changed_at = :changed_at"
        " where slug = :slug",
        {name: getattr(new, name) for name in ("name", "state", "sealed", "version", "changed_at", "slug")},
    )
    return new


def seal(keys: Keys, slug: str, secret_key: str) -> str:
    """Return keys encrypted for this town alone (Fernet; key by HKDF-SHA-256, RFC 5869, from SECRET_KEY)."""
    return _box(slug, secret_key).encrypt(keys.model_dump_json().encode()).decode()


def unseal(town: Town, secret_key: str) -> Keys:
    """Return a town's keys. Raises TownError where SECRET_KEY is another one now."""
    try:
        return Keys.model_validate_json(_box(town.slug, secret_key).decrypt(town.sealed.encode()))
    except (InvalidToken, ValidationError) as e:
        raise TownError(
            f"{town.name}（{town.slug}）的密钥解不开：SECRET_KEY 不是登记它时的那个。"
            "把原来的 SECRET_KEY 找回来（instance/secrets.env 或 .env 的备份）再启动"
        ) from e


def settings_for(base: Settings, town: Town) -> TownSettings:
    """Return the settings of a town: those of the installation with the town's keys and places. Raises TownError."""
    own = unseal(town, base.secret_key).model_dump()
    home = home_of(base, town.slug)
    own |= {"wechat_app_secret": "", "knowledge_dir": home / "knowledge", "of_town": town.slug}
    own |= {"cache_dir": home / "cache", "shared_memory": base.memory_dir}
    if base.database_url.startswith("sqlite:"):
        own["database_url"] = f"sqlite:///{home / 'bot.db'}"
    if base.spool_dir:
        own["spool_dir"] = base.spool_dir / town.slug
    if base.public_url:
        own["public_url"] = f"{base.public_url.rstrip('/')}/t/{town.slug}/"
    try:
        return TownSettings(**base.model_dump() | own)
    except ValidationError as e:
        raise _unfit(e) from e


def home_of(base: Settings, slug: str) -> Path:
    """Return the folder of a town on this machine."""
    return base.towns_dir / slug


def ledger_of(settings: Settings, *, later: bool = False) -> Store:
    """Open the ledger that the settings name, in its own schema or file. Raises StoreError."""
    return Store(
        settings.database_url,
        pseudonym_key=settings.pseudonym_key,
        schema=settings.ledger_schema,
        place=settings.ledger_place,
        durability=settings.durability,
        later=later,
    )


def _box(slug: str, secret_key: str) -> Fernet:
    derived = HKDF(SHA256(), 32, salt=None, info=f"town\0{slug}".encode()).derive(secret_key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))


def _keys(values: Mapping[str, Any]) -> Keys:
    try:
        made = Keys.model_validate(values)
        usual = Settings(**made.model_dump(exclude={"pseudonym_key", "secret_key"}))
    except ValidationError as e:
        raise _unfit(e) from e
    if wrong := [finding for finding in problems(usual) if finding.code.startswith("E")]:
        raise TownError("\n".join(map(str, wrong)))
    return made


def _unfit(error: ValidationError) -> TownError:
    named = "、".join(str(one["loc"][0]) for one in error.errors())
    return TownError(f"{named} 填得不对：模式写 plain、compat 或 safe，答案来源写 draft 或 signed")
