"""Fixtures: settings, a small knowledge folder, the app, WeChat's servers in front of it."""

import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from bot.faq.library import Library
from bot.ledger.store import Store
from bot.settings import Settings
from handlers.services import utc_now
from tests import postgres
from tests.actors import AES_KEY, APP_ID, TOKEN, WeChat

ROOT = Path(__file__).parent.parent
KNOWLEDGE = ROOT / "knowledge"
NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
PSEUDONYM_KEY = "a-key-for-the-tests-only"

MODEL = """
signals: {language: 1, characters: 1, pairs: 1, answer_pairs: 1, near_three: 1, ratio: 1, partial: 1, learned: 1}
confidence_of: {near: 14, gap: 0.5}
constant: -10
thresholds: {answer: 0.5, offer: 0.003}
"""
"""Numbers for folders of a few entries; those of the shipped file are fitted to some hundred."""

ENTRY = """---
id: {id}
question: {question}
phrasings:
{phrasings}
basis:
  - 《劳动法》第五十条
status: draft
author: 测试
updated: 2026-11-23
valid_until: 2027-11-30
---
{answer}
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep together, where tests run in several processes, what shares something dear; what takes longest comes first."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_dear(item)))
    order = ("server", "shipped", "browser")
    items.sort(key=lambda item: order.index(dear) if (dear := _dear(item).partition(":")[0]) in order else len(order))


def _dear(item: pytest.Item) -> str:
    """Return what a test shares with others: the servers, the shipped FAQ, a browser and its file, or its file."""
    where = item.path.relative_to(ROOT)
    if where.parent.name == "server":
        return "server"
    if "real_library" in getattr(item, "fixturenames", ()):
        return "shipped"
    return f"browser:{where.name}" if where.stem.endswith("in_a_browser") else str(where)


def pytest_report_header() -> str:
    import rapidfuzz
    import sqlite_utils
    import wechatpy

    versions = f"sqlite-utils {getattr(sqlite_utils, '__version__', '4')}, rapidfuzz {rapidfuzz.__version__}"
    return f"SQLite {sqlite3.sqlite_version}, {versions}, wechatpy {wechatpy.__version__}"


def write_entry(
    folder: Path, id_: str, question: str, phrasings: list[str], answer: str = "可以。", category: str = "类别"
) -> Path:
    path = folder / "faq" / category / f"{id_}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = "\n".join(f"  - {p}" for p in phrasings)
    path.write_text(ENTRY.format(id=id_, question=question, phrasings=lines, answer=answer), encoding="utf-8")
    return path


def make_knowledge(folder: Path) -> Path:
    """Fill ``folder`` with three entries that differ clearly, and what goes with them."""
    folder.mkdir()
    for name in (
        "hotlines.yaml",
        "town.yaml",
        "laws.yaml",
        "legalese.yaml",
        "lexicon.yaml",
        "crisis.yaml",
        "crisis-examples.yaml",
        "registers.yaml",
    ):
        if (KNOWLEDGE / name).exists():
            (folder / name).write_bytes((KNOWLEDGE / name).read_bytes())
    shutil.copytree(KNOWLEDGE / "report", folder / "report")
    (folder / "matching.yaml").write_text(MODEL, encoding="utf-8")
    (folder / "outside.yaml").write_text("[]\n", encoding="utf-8")
    # Beside three entries little is known of what is ordinary.
    crisis = folder / "crisis.yaml"
    crisis.write_text(re.sub(r"(?m)^threshold: .*", "threshold: 0.8", crisis.read_text("utf-8")), encoding="utf-8")
    write_entry(
        folder, "wage", "老板拖欠工资怎么要？", ["老板不给工资", "欠我三个月工钱"], "可以去劳动监察投诉。", "劳动与工资"
    )
    write_entry(folder, "divorce", "对方不同意离婚怎么办？", ["老公不肯离婚", "想离婚他不签字"], "可以向法院起诉。", "婚姻")
    write_entry(
        folder, "bride-price", "退婚彩礼能要回来吗？", ["没结婚彩礼要退吗", "女方悔婚彩礼"], "一般可以要求返还。", "婚姻"
    )
    return folder


@pytest.fixture
def knowledge(tmp_path: Path) -> Path:
    """A small knowledge folder for this test alone."""
    return make_knowledge(tmp_path / "knowledge")


@pytest.fixture
def library(knowledge: Path, memory: Path) -> Library:
    made = Library(knowledge, memory=memory)
    made.refresh()
    return made


@pytest.fixture(scope="session")
def real_library() -> Library:
    """The FAQ as it is shipped."""
    made = Library(KNOWLEDGE, memory=ROOT / "instance" / "cache")
    made.refresh()
    return made


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "ledger" / "bot.db"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--ledger", choices=("sqlite", "postgresql"), default="sqlite", help="the database behind the tests")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the tests of a module that says ``both_ledgers`` over SQLite and over PostgreSQL, unless they look into the file."""
    if metafunc.definition.get_closest_marker("both_ledgers") and "database_url" in metafunc.fixturenames:
        kinds = ("sqlite",) if "database" in metafunc.fixturenames else ("sqlite", "postgresql")
        metafunc.parametrize("database_url", kinds, indirect=True)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where the ledger of this test is."""
    if getattr(request, "param", request.config.getoption("--ledger")) == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger' / 'bot.db'}"
    if "database" in request.fixturenames:
        pytest.skip("looks into the file of SQLite")
    return postgres.new_database()


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    made = Store(database_url, pseudonym_key=PSEUDONYM_KEY)
    yield made
    made.close()


@pytest.fixture(scope="session")
def memory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where what was learned is kept for the whole run."""
    return tmp_path_factory.mktemp("memory")


@pytest.fixture
def settings(database_url: str, knowledge: Path, memory: Path) -> Settings:
    return Settings(
        wechat_token=TOKEN,
        wechat_app_id=APP_ID,
        wechat_aes_key=AES_KEY,
        wechat_mode="plain",
        database_url=database_url,
        knowledge_dir=knowledge,
        cache_dir=memory,
        secret_key="secret",
        pseudonym_key=PSEUDONYM_KEY,
    )


@pytest.fixture
def make_app(settings: Settings) -> Iterator[Callable[..., Flask]]:
    """Make an app with some settings changed; closed when the test ends."""
    made: list[Flask] = []

    def make(clock: Callable[[], datetime] = utc_now, **changes: object) -> Flask:
        app = create_app(settings.model_copy(update=changes), clock=clock)
        made.append(app)
        return app

    yield make
    for app in made:
        app.extensions["bot"].stop.set()
        app.extensions["bot"].store.close()


def wechat_for(app: Flask, **more: object) -> WeChat:
    client = app.test_client()

    def post(query: dict[str, str], body: bytes) -> tuple[int, bytes, str]:
        response = client.post("/wechat", query_string=query, data=body, content_type="text/xml")
        return response.status_code, response.data, response.content_type

    return WeChat(post, mode=app.extensions["bot"].settings.mode, **more)  # type: ignore[arg-type]


@pytest.fixture
def wechat(make_app: Callable[..., Flask]) -> WeChat:
    """WeChat's servers before an app in plain mode."""
    return wechat_for(make_app())


@pytest.fixture
def rows(database_url: str) -> Callable[[], list[dict[str, object]]]:
    """All turns in the ledger, oldest first, read as a stranger would read the file."""

    def read() -> list[dict[str, object]]:
        with closing(Store(database_url, pseudonym_key="")) as store:
            return store.query(f"select * from turns order by received_at, {'rowid' if store.is_file else 'key'}", {})

    return read
