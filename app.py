"""The web application: ``create_app(settings)``, and ``python app.py`` to serve it."""

import atexit
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from flask import Flask

import handlers
from bot import logs
from bot.dialogue.pace import Pace
from bot.faq.edit import publish
from bot.faq.library import Library
from bot.faq.retention import FILE as RETENTION
from bot.faq.retention import read_periods
from bot.faq.town import read_town
from bot.ledger.store import StoreError
from bot.ledger.upgrade import NewerLedger, NoCopy
from bot.settings import Settings, SettingsError, load, problems
from handlers import daily, ledger
from handlers.metrics import Metrics, shared
from handlers.server import serve
from handlers.services import Services, utc_now
from handlers.towns import Towns
from handlers.wechat_io import Gate


def create_app(settings: Settings | None = None, *, clock: Callable[[], datetime] = utc_now) -> Flask:
    """Build the app; without ``settings``, from the environment. Raises SettingsError, StoreError without ledger and spool."""
    settings = settings or load(os.environ)[0]
    if not settings.secret_key:
        raise SettingsError("SECRET_KEY 是空的，网页会话没法签名。去掉这一项，让程序自己生成。")
    logs.configure(settings.log_level, settings.log_file)
    app = Flask(__name__, template_folder="handlers/templates", static_folder="handlers/static")
    app.secret_key = settings.secret_key
    app.config["MAX_CONTENT_LENGTH"] = 1024 * 1024  # the console lets in more for who is logged in
    store, standby = ledger.opened(settings)
    library = Library(settings.knowledge_dir, only_signed=settings.answer_from == "signed", memory=settings.cache_dir)
    if not store.is_file:
        publish.catch_up(store, settings.knowledge_dir, clock())
    library.refresh()
    stop = threading.Event()
    pace = Pace(per_minute=settings.pace_per_minute, per_day=settings.pace_per_day)
    app.extensions["bot"] = services = Services(settings, store, library, Gate(settings), stop, clock, pace, Metrics(), standby)
    towns = Towns(services)
    app.extensions["bot"] = services = replace(services, towns=towns)
    handlers.register(app)
    threading.Thread(target=library.follow, args=(stop,), name="knowledge", daemon=True).start()
    if not store.is_file:
        others = (store, settings.knowledge_dir, stop, clock)
        threading.Thread(target=publish.follow, args=others, name="publishing", daemon=True).start()
    threading.Thread(target=daily.follow, args=(services,), name="daily", daemon=True).start()
    ledger.start(services)
    towns.start()
    atexit.register(stop.set)
    return app


def main() -> int:
    """Serve until told to stop. Returns 2 where the settings or the ledger cannot be used."""
    try:
        settings, demo = load(os.environ)
        logs.configure(settings.log_level, settings.log_file)
        warnings = ledger.problems(settings)
    except SettingsError as e:
        print(f"不能启动，请先改好下面的设置（环境变量或 .env 文件）：\n{e}", file=sys.stderr)
        return 2
    except (logs.LogError, NewerLedger, NoCopy) as e:
        print(f"不能启动：{e}。", file=sys.stderr)
        return 2
    except (StoreError, OSError) as e:
        print(f"不能启动，打不开台账数据库：{e}。\n请检查 DATABASE_URL 所在的目录能不能写、磁盘满没满。", file=sys.stderr)
        return 2
    for finding in (*warnings, *problems(settings), *read_periods(settings.knowledge_dir / RETENTION)[1]):
        print(finding, file=sys.stderr)
    town, _ = read_town(settings.knowledge_dir / "town.yaml")
    if town and town.example and not demo:
        print("W03 town.yaml 还是示例，群众会看到假的村名和电话。换成本镇的，再把 example 改成 false。", file=sys.stderr)
    host, port = settings.console_address or (settings.host, settings.port)
    if demo:
        print(
            f"\n这是演示版：没有填公众号设置，密钥是临时生成的，请勿当正式服务用。\n"
            f"打开网页试用：http://{settings.host}:{settings.port}/ ，比如问「老板拖欠工资怎么办」\n"
            f'命令行试问：  .venv/bin/python -m bot ask "老板拖欠工资怎么办"\n'
            f"看统计：      .venv/bin/python -m bot report\n"
            f"管理后台：    .venv/bin/python -m bot user add 名字 --role 管理员，再打开 http://{host}:{port}/console/\n"
            f"按 Ctrl+C 停止。接真公众号见 README。\n",
            flush=True,
        )
    try:
        with shared(settings.processes):
            return serve(
                lambda: create_app(settings),
                host=settings.host,
                port=settings.port,
                console=settings.console_address,
                trusted_proxy=settings.trusted_proxy,
                threads=settings.threads,
                processes=settings.processes,
            )
    except OSError as e:
        print(
            f"不能启动，用不了 {settings.host}:{settings.port}{f' 或 {host}:{port}' if settings.console_address else ''}："
            f"{e.strerror}。"
            "换一个 PORT（或 CONSOLE_PORT），或者先停掉占用它的程序。",
            file=sys.stderr,
        )
        return 2


if __name__ == "__main__":
    sys.exit(main())
