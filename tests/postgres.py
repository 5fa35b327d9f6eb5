"""A real PostgreSQL for the tests, one per process of pytest, each test with a database of its own."""

import atexit
import itertools
import os
import shutil
import tempfile
import warnings
from functools import cache
from pathlib import Path

import psycopg

from bot.ledger.store import Store

_numbers = itertools.count()


@cache
def server() -> str:
    """Start a server and return the address of its first database; it stops with this process."""
    # Not in pytest's own folder: as root the server runs as another user, who must get there.
    folder = Path(tempfile.mkdtemp(prefix="bot-postgresql-"))
    folder.chmod(0o755)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where nobody is logged in there is no XDG_RUNTIME_DIR
        import pgserver

    started = pgserver.get_server(folder / "data", cleanup_mode="stop")
    url: str = started.get_uri()
    with psycopg.connect(url, autocommit=True) as db:
        db.execute("alter system set fsync = off")  # only the tests' data are at stake
        db.execute("select pg_reload_conf()")
        db.execute("create database ready")
    Store(named(url, "ready"), pseudonym_key="").close()
    return url


def named(url: str, database: str) -> str:
    """Return the address of another database of the same server."""
    return url.replace("/postgres?", f"/{database}?")


def new_database() -> str:
    """Return the address of a new database with the whole schema."""
    url, name = server(), f"t{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(url, autocommit=True) as db:
        db.execute(f"create database {name} template ready")  # type: ignore[arg-type]
    return named(url, name)
