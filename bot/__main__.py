"""The command line: ``python -m bot COMMAND``. Exit status 0 good, 1 findings, 2 wrong use."""

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import date
from importlib import import_module
from pathlib import Path

from bot.commands.common import Usage
from bot.ledger.advisers import ROLES
from bot.ledger.store import StoreError
from bot.reports.formats import FORMATS
from bot.settings import SettingsError

# Written out here, so that the parser does not load what only these commands need; a test compares them.
_USER = ("add", "list", "reset", "disable", "enable", "logout")
_TOWN = ("add", "list", "set", "pause", "resume", "remove")
_ROLES = ("管理员", "统计员", "司法所", "法律顾问", "法律明白人", "只读", "县级")
_REGISTER = ("list", "fields", "add", "show", "correct", "void", "history", "template", "import", "export", "close", "reopen")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):  # a Windows console or pipe may be in GBK
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    args, rest = _parser().parse_known_args(argv)
    if rest and (not hasattr(args, "words") or any(word.startswith("-") for word in rest)):
        _parser().error(f"不认识：{' '.join(rest)}")
    if rest:  # argparse takes no further words once an option came between
        args.words += rest
    try:
        module, _, function = args.run.partition(".")  # only what this command needs is loaded
        status: int = getattr(import_module(f"bot.commands.{module}"), function)(args)
        return status
    except (Usage, SettingsError) as e:
        print(e, file=sys.stderr)
        return 2
    except StoreError as e:
        print(f"台账数据库用不了：{e}。请检查 --database 或 DATABASE_URL 指的文件。", file=sys.stderr)
        return 2
    except BrokenPipeError:  # "match | head": whoever reads has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--knowledge", type=Path, metavar="目录", help="知识库目录，默认 KNOWLEDGE_DIR")
    common.add_argument("--database", metavar="地址", help="台账数据库，如 sqlite:///instance/bot.db，默认 DATABASE_URL")
    common.add_argument("--town", metavar="代号", help="多个镇合用时，对哪个镇做；不写就是县里（或唯一的镇）")
    parser = argparse.ArgumentParser(prog="python -m bot", description="镇普法问答机器人的命令")
    commands = parser.add_subparsers(dest="command", required=True, metavar="命令")

    def add(name: str, run: str, help_: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, parents=[common], help=help_, description=help_)
        command.set_defaults(run=run)
        return command

    command = add("ask", "matching.ask", "问一个问题，看群众会收到什么、为什么")
    command.add_argument("question", metavar="问题")
    command.add_argument(
        "--why", action="store_true", help="说清楚为什么：哪条问法最像、哪些词起作用、第二名差多少、词表换了什么"
    )
    add("match", "matching.match", "从标准输入读问题，每行一个（或带 q 的 JSON），每行输出一个 JSON 结果")
    command = add("evaluate", "matching.evaluate", "用标注好的问题（JSON 行：q、id、also）量一量匹配得准不准")
    command.add_argument("file", type=Path, metavar="文件")
    command.add_argument("--json", action="store_true", help="输出 JSON")
    command.add_argument("--by", choices=["category"], help="再按类别列出")
    command.add_argument("--confusions", action="store_true", help="再列出互相弄混的条目")
    command.add_argument("--worst", type=int, metavar="N", help="再列出最该看的 N 个问题")
    command = add("compare", "matching.compare", "改知识库之前之后，哪些问题会得到不同的回复")
    command.add_argument("old", type=Path, metavar="旧目录")
    command.add_argument("new", type=Path, metavar="新目录")
    command.add_argument("--questions", type=Path, metavar="文件", help="问题，每行一个；不给就用台账里的（已遮号码）")
    command = add("fit", "fitting.fit", "用标注好的问题重新拟合匹配的权重和门槛，看直接答对和直接答错怎么取舍")
    command.add_argument("file", type=Path, metavar="文件")
    command.add_argument("--rounds", type=int, default=3, metavar="N", help="交叉验证几轮，默认 3")
    command.add_argument("--write", action="store_true", help="写入知识库的 matching.yaml")
    command = add("check", "knowledge.check", "检查知识库，列出每个问题在哪个文件哪一行、怎么改")
    command.add_argument("--stats", action="store_true", help="按类别数条目、问法、依据")
    command.add_argument("--law", metavar="法名", help="列出引用这部法的条目；法改了就知道要重看哪些")
    command.add_argument("--article", type=int, metavar="条号", help="和 --law 一起用：只列引用这一条的")
    add("export", "knowledge.export", "把全部条目导出成 .xlsx 表").add_argument("file", type=Path, metavar="文件.xlsx")
    add("import", "knowledge.import_", "从 .xlsx 表导入条目；有错就什么也不改").add_argument(
        "file", type=Path, metavar="文件.xlsx"
    )
    command = add("new", "knowledge.new", "新建一个条目的空文件，里面写着下一步")
    command.add_argument("id", metavar="编号")
    command.add_argument("--category", required=True, metavar="类别", help="放在哪个类别")
    command.add_argument("--question", default="", metavar="问题", help="标准问题")
    command = add("report", "reports.report", "一段时间的统计报表：咨询、法律顾问、法律明白人、普法活动、矛盾纠纷")
    _period(command)
    command.add_argument("--format", choices=[*FORMATS, "docx"], default="table", help="格式，默认 table（屏幕上看）")
    command.add_argument("--out", type=Path, metavar="文件", help="写到文件；xlsx、docx 必须写")
    command.add_argument(
        "--office", action="store_true", help="办公版：小数字不隐藏，附咨询明细和群众原话（号码已遮），不要外传"
    )
    command.add_argument("--county", action="store_true", help="全县：各镇的合计和对比，不含任何一镇的原话和明细")
    command.add_argument("--template", metavar="模板", help="Word 模板：六部分（默认）、五项，或自己的 .docx 文件")
    command = add("trace", "reports.trace", "报表里的一个数是怎么来的：列出它数的每一条记录")
    command.add_argument("table", metavar="表", help="表的名字，如 by_month 或「按类别」")
    command.add_argument("row", metavar="行", help="行的名字（第一格的字），或第几行")
    command.add_argument("column", metavar="列", help="列的名字，如「电话」")
    _period(command)
    command = add("demo", "demo.demo", "填一个编的台账（两年），试试报表；默认填进 instance/demo.db，不动本镇的台账")
    command.add_argument("--year", type=int, default=2025, metavar="年", help="哪一年，连同前一年，默认 2025")
    command.add_argument("--consultations", type=int, default=3000, metavar="N", help="这一年大约多少咨询人次，默认 3000")
    command.add_argument("--seed", type=int, default=1, metavar="N", help="种子，相同的种子得到相同的数据，默认 1")
    command = add("adviser", "people.adviser", "能在微信里答复的人：登记、发绑定编号、停用")
    command.add_argument("action", choices=["add", "list", "code", "remove"], help="登记、列出、重新发编号、停用")
    command.add_argument("who", nargs="?", metavar="姓名", help="姓名，或编号")
    command.add_argument("--role", choices=ROLES, default="法律顾问", help="角色，默认法律顾问")
    command.add_argument("--village", metavar="村", help="只管这个村；不写就是全镇")
    command = add("user", "users.user", "谁能登录管理后台：登记账号、重置密码、停用、启用、让账号退出")
    command.add_argument("action", choices=_USER, help="登记、列出、重置密码、停用、启用、结束所有登录")
    command.add_argument("who", nargs="?", metavar="登录名", help="登录名")
    command.add_argument("--role", choices=_ROLES, help="角色，登记时必须写")
    command.add_argument("--village", metavar="村", help="哪个村的；法律明白人必须写")
    command.add_argument("--shown", metavar="姓名", help="显示的姓名，默认同登录名")
    command = add("register", "registers.register", "台账：登记、查看、更正、作废，表格模板、导入、导出，按月关账")
    command.add_argument("action", choices=_REGISTER, metavar="做什么", help="、".join(_REGISTER))
    command.add_argument("words", nargs="*", metavar="…", help="台账名、编号、栏目=内容、文件或月份")
    command.add_argument("--by", metavar="姓名", help="谁记的、谁改的；记、改、导入、关账都要写")
    command.add_argument("--reason", metavar="原因", help="为什么改、作废、重开")
    command.add_argument("--from", dest="start", type=_date, metavar="日期", help="起始日，默认今年1月1日")
    command.add_argument("--to", dest="end", type=_date, metavar="日期", help="截止日（含），默认今天")
    command.add_argument("--again", action="store_true", help="同一个文件再导入一次")
    add("tickets", "people.waiting", "等人答复的问题；有逾期的返回 1")
    add("duties", "people.alarms", "值班任务：法律要求报告的急事；有逾期没确认的返回 1")
    command = add("purge", "keeping.purge", "清理到期的：原话、办完的转人工问题的代号、旧记录、旧日志；期限在 retention.yaml")
    command.add_argument("--dry-run", action="store_true", help="只数一数，不删")
    command.add_argument("--compact", action="store_true", help="再把数据库文件整理小；整理时记不了消息，夜里做")
    command = add("backup", "keeping.backup", "备份台账和知识库（有密码时连密钥），服务开着也能做，写完读回来核对")
    command.add_argument("target", type=Path, metavar="文件夹或文件", help="放在哪个文件夹，或者文件名 .zip")
    command.add_argument(
        "--password-file", type=Path, metavar="文件", help="密码文件（第一行）；也可以设环境变量 BACKUP_PASSWORD"
    )
    command = add("restore", "keeping.restore", "从备份恢复，服务开着也能做；先核对备份，再把现在的样子存下来")
    command.add_argument("file", type=Path, metavar="文件")
    command.add_argument(
        "--password-file", type=Path, metavar="文件", help="密码文件（第一行）；也可以设环境变量 BACKUP_PASSWORD"
    )
    command.add_argument("--only", choices=["ledger", "knowledge"], help="只恢复台账 ledger，或者只恢复知识库 knowledge")
    command = add(
        "move", "moving.move", "把台账搬到另一个数据库（比如从 SQLite 到 PostgreSQL），逐行核对；搬的时候只能看不能记"
    )
    command.add_argument("source", metavar="原来的", help="sqlite:///路径 或 postgresql://…")
    command.add_argument("target", metavar="新的", help="空的数据库，sqlite:///路径 或 postgresql://…")
    command = add(
        "doctor", "doctor.doctor", "体检：设置、密钥、台账、磁盘、时钟、备份、知识库，每个问题怎么办；有要马上处理的返回 1"
    )
    command.add_argument("--repair", action="store_true", help="把等着的记录补进台账，收紧密钥文件的权限")
    command.add_argument("--new-key", action="store_true", help="原来的 PSEUDONYM_KEY 找不回来了，认下现在这个")
    command = add("log", "keeping.log", "安全日志：谁清理、备份、恢复过，谁登记或停用了顾问；默认最近50条")
    command.add_argument("--from", dest="start", type=_date, metavar="日期", help="起始日")
    command.add_argument("--to", dest="end", type=_date, metavar="日期", help="截止日（含）")
    command = add("town", "towns.town", "多个镇合用一套程序：登记、列出、改设置、暂停、恢复、移除一个镇；服务开着也能做")
    command.add_argument("action", choices=_TOWN, help="登记、列出、改设置、暂停、恢复、移除")
    command.add_argument("who", nargs="?", metavar="代号", help="镇的代号，小写英文，写在网址里，如 shanhu")
    command.add_argument("--name", metavar="名字", help="镇的名字，登记时必须写")
    command.add_argument("--token", metavar="Token", help="公众号的 Token，不写就生成一个")
    command.add_argument("--app-id", metavar="AppID", help="公众号的 AppID")
    command.add_argument("--aes-key", metavar="密钥", help="EncodingAESKey；改的时候，旧的还能用，直到 --drop-previous")
    command.add_argument("--mode", choices=("plain", "compat", "safe"), help="消息模式，有密钥时默认 safe")
    command.add_argument("--answer-from", choices=("draft", "signed"), help="草稿也用，还是只用已签发的")
    command.add_argument(
        "--secrets", type=Path, metavar="文件", help="从文件（- 是标准输入）读 WECHAT_TOKEN=… 等，不露在命令行里"
    )
    command.add_argument("--drop-previous", action="store_true", help="换完 AES 密钥，去掉旧的")
    command.add_argument("--erase", action="store_true", help="移除时连数据一起抹掉；要再打一遍名字")
    command.add_argument("--password-file", type=Path, metavar="文件", help="抹掉前最后的备份用这个文件第一行的密码加密")
    command = add("crisis", "matching.crisis", "用标注好的句子（JSON 行：text、kind）量一量急事漏报、误报")
    command.add_argument("file", type=Path, metavar="文件")
    return parser


def _period(command: argparse.ArgumentParser) -> None:
    command.add_argument("--year", metavar="年", help="一年，如 2026")
    command.add_argument("--quarter", metavar="季度", help="一个季度，如 2026第2季度 或 2026-Q2")
    command.add_argument("--month", metavar="月", help="一个月，如 2026-05")
    command.add_argument("--from", dest="start", type=_date, metavar="日期", help="起始日，默认截止日那年的1月1日")
    command.add_argument("--to", dest="end", type=_date, metavar="日期", help="截止日（含），默认今天")


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} 不是日期，写成 2026-01-31 这样") from None


if __name__ == "__main__":
    sys.exit(main())
