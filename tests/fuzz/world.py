"""What is fuzzed, made once for all tries: a knowledge folder, apps in each mode, ledgers, and bytes with faults put in."""

import functools
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from app import create_app
from bot.faq.library import Library
from bot.ledger.store import Store
from bot.settings import Settings
from tests.actors import AES_KEY, APP_ID, TOKEN, WeChat
from tests.conftest import NOW, PSEUDONYM_KEY, make_knowledge

TODAY = date(2026, 11, 23)
START = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def tries(number: int) -> settings:
    """Return the profile: ``number`` tries, always the same ones; ``FUZZ`` multiplies them and makes them new each time."""
    times = int(os.environ.get("FUZZ", "1"))
    return settings(
        max_examples=number * times,
        derandomize=times == 1,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


@functools.cache
def folder() -> Path:
    """A folder that is gone when the process ends."""
    made = tempfile.TemporaryDirectory(prefix="fuzz-")
    _kept.append(made)
    return Path(made.name)


_kept: list[tempfile.TemporaryDirectory[str]] = []


@functools.cache
def knowledge() -> Path:
    return make_knowledge(folder() / "knowledge")


@functools.cache
def library() -> Library:
    made = Library(knowledge(), memory=folder() / "memory")
    made.refresh()
    return made


@functools.cache
def wechat(mode: str) -> WeChat:
    """WeChat's servers before an app in this mode; its clock stands still."""
    return WeChat(_post(app(mode)), mode=mode, clock=NOW.timestamp)


@functools.cache
def app(mode: str) -> Flask:
    return create_app(
        Settings(
            wechat_token=TOKEN,
            wechat_app_id=APP_ID,
            wechat_aes_key=AES_KEY,
            wechat_mode=mode,
            database_url=f"sqlite:///{folder() / mode / 'bot.db'}",
            knowledge_dir=knowledge(),
            cache_dir=folder() / "memory",
            secret_key="secret-of-the-fuzz-tests",
            pseudonym_key=PSEUDONYM_KEY,
            pace_per_minute=0,
            pace_per_day=0,
            log_level="error",
        ),
        clock=lambda: NOW,
    )


def _post(made: Flask) -> Callable[[dict[str, str], bytes], tuple[int, bytes, str]]:
    client = made.test_client()

    def post(query: dict[str, str], body: bytes) -> tuple[int, bytes, str]:
        response = client.post("/wechat", query_string=query, data=body, content_type="text/xml")
        return response.status_code, response.data, response.content_type

    return post


@functools.cache
def _empty_ledger() -> Path:
    path = folder() / "empty" / "bot.db"
    Store(f"sqlite:///{path}", pseudonym_key=PSEUDONYM_KEY).close()
    with sqlite3.connect(path) as db:
        db.execute("pragma wal_checkpoint(truncate)")
    db.close()
    return path


def ledger() -> Store:
    """Return a new, empty ledger; the one before is gone."""
    path = folder() / "ledger" / "bot.db"
    shutil.rmtree(path.parent, ignore_errors=True)
    path.parent.mkdir()
    shutil.copy(_empty_ledger(), path)
    return Store(f"sqlite:///{path}", pseudonym_key=PSEUDONYM_KEY)


PLACE = st.floats(0, 1, allow_nan=False)
FAULT = st.one_of(
    st.tuples(st.just("cut"), PLACE, st.just(b"")),
    st.tuples(st.just("insert"), PLACE, st.binary(min_size=1, max_size=40)),
    st.tuples(
        st.just("insert"), PLACE, st.sampled_from([b"<", b">", b"&", b"]]>", b"\x00", b"\xff", b"\xef\xbb\xbf", b"\r\n"])
    ),
    st.tuples(st.just("replace"), PLACE, st.binary(min_size=1, max_size=8)),
    st.tuples(st.just("drop"), PLACE, st.binary(min_size=1, max_size=60)),
    st.tuples(st.just("twice"), PLACE, st.binary(min_size=1, max_size=60)),
)


def broken(raw: bytes, faults: list[tuple[str, float, bytes]]) -> bytes:
    """Return ``raw`` with faults put in, as a bad line, a bad disk or a bad mind would."""
    for kind, place, data in faults:
        at = int(place * len(raw))
        if kind == "cut":
            raw = raw[:at]
        elif kind == "insert":
            raw = raw[:at] + data + raw[at:]
        elif kind == "replace":
            raw = raw[:at] + data + raw[at + len(data) :]
        elif kind == "drop":
            raw = raw[:at] + raw[at + len(data) :]
        else:
            raw = raw[: at + len(data)] + raw[at:]
    return raw
