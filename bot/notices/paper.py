"""Notices on A4 paper: PDF and PNG, set by Typst with the fonts of the machine."""

import io
import json
import re
import tempfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import typst
from PIL import Image

from bot import wording
from bot.notices.content import Content, title, version
from bot.notices.pictures import web_code
from bot.wording.words import SHIPPED

FONTS = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "Microsoft YaHei", "PingFang SC",
    "HarmonyOS Sans SC", "Hiragino Sans GB", "SimHei", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Droid Sans Fallback",
    "Noto Serif CJK SC", "Source Han Serif SC", "SimSun",
)  # fmt: skip
"""Families that have the Chinese characters, the plainest to read from afar first."""

NO_FONT = (
    "这台服务器上没有中文字体，做不了 PDF 和图片。请管理员装一个（Debian、Ubuntu：apt install fonts-noto-cjk；"
    "Windows 自带微软雅黑），再重启程序。这之前可以用「打印版网页」打印。"
)

HOW = ("微信扫码，点「关注」", "打字说事，发出去；不会打字，点键盘上的话筒说", "想找人答复，发 00")
WORDS = {
    "title": "有法律难事，微信问",
    "scan": "微信扫一扫，不收钱",
    "no-code": ("在这里贴", "公众号二维码"),
    "how": HOW,
    "hint": "不知道怎么说，照着发一句：",
    "all": "发「目录」，看全部问题",
    "adviser": "本村法律顾问",
    "phone": "电话",
    "office": "也可以找",
    "duty": "值班",
    "free": "不用写姓名、电话、证件号。答案由人事先写好，是普法信息，不是律师意见。",
    "host": "主办：",
    "printed": "印制：",
    "version": "版本",
    "example": "示例，请勿张贴：村名、人名、电话都不是真的",
    "web": "没有微信，扫这个码打开网页",
    "web-short": "网页版",
    "sheet": "普法明白纸",
    "unsigned": "待律师审核",
    "deadline": "期限",
    "who": "找谁",
    "call": "电话",
    "basis": "依据：",
    "more": "还有不明白的，微信扫码问",
    "send": "发",
    "disclaimer": SHIPPED.answers.disclaimer,
    "valid": "有效期到",
}
"""What stands on every notice; the web page for printing takes it from here too."""

PAPER_PPI, SCREEN_PPI = 300, 80
"""Dots per inch of a picture to print and of one to look at."""

MOST_BYTES = 2_000_000
"""A larger picture is drawn with fewer colours: WeChat and old printers' software refuse or shrink large ones."""

_TEMPLATE = Path(__file__).with_name("paper.typ")
_LONG = re.compile(r"([!-~]{16})(?=[!-~])")
_HELD = re.compile(r"(?<=\d)([–—])(?=\d)")
_found: list[str] = []


class NoFont(RuntimeError):
    """The machine has no font with Chinese characters; the message says what to do."""


class Sheet(NamedTuple):
    """A notice to print: its content, the day, and the picture of the QR code (PNG), where there is one."""

    content: Content
    printed: date
    picture: bytes | None = None


def to_pdf(sheets: Sequence[Sheet], *, now: datetime, name: str = "") -> bytes:
    """Return the notices as one PDF, each from a new page on. Raises NoFont."""
    made: bytes = _set(_files(sheets, name), format="pdf", timestamp=now.replace(microsecond=0))  # Typst takes no fractions
    return made


def to_png(sheet: Sheet, *, ppi: int = PAPER_PPI) -> list[bytes]:
    """Return a notice as pictures, one a page, each of at most 2 MB. Raises NoFont."""
    made = _set(_files([sheet], ""), format="png", ppi=ppi)
    return [_lighter(page) for page in (made if isinstance(made, list) else [made])]


def font() -> str:
    """Return the font of this machine that notices are set in. Raises NoFont."""
    if not _found:
        there = set(typst.Fonts(include_system_fonts=True, include_embedded_fonts=False).families())
        _found.extend(name for name in FONTS if name in there)
    if not _found:
        raise NoFont(NO_FONT)
    return _found[0]


def _set(files: Mapping[str, bytes], **options: Any) -> Any:
    """Let Typst set ``main.typ`` in a folder of its own, beyond which it reads nothing."""
    with tempfile.TemporaryDirectory(prefix="notices-") as folder:
        for name, raw in files.items():
            Path(folder, name).write_bytes(raw)
        return typst.compile(Path(folder, "main.typ"), root=folder, **options)


def _files(sheets: Sequence[Sheet], name: str) -> dict[str, bytes]:
    """Return what Typst reads: the template, the texts as JSON (never as markup), the pictures."""
    files, shown = {"main.typ": _TEMPLATE.read_bytes()}, []
    for sheet in sheets:
        content = sheet.content
        pictures = {"picture": "", "web": ""}
        if sheet.picture is not None and content["picture"]:
            pictures["picture"] = f"{content['picture']}.png"
            files[pictures["picture"]] = sheet.picture
        if content["address"]:
            pictures["web"] = "web.svg"
            files["web.svg"] = web_code(content["address"])
        day = wording.day(sheet.printed)
        shown.append(_breakable(content) | pictures | {"printed": day, "version": version(content)})
    called = name or (title(sheets[0].content) if sheets else "")
    data = {"font": font(), "title": called, "words": WORDS, "sheets": shown}
    return files | {"data.json": json.dumps(data, ensure_ascii=False).encode()}


def _breakable(value: Any) -> Any:
    """Return texts in which a long row of letters may be broken, to stay on the paper, and a number or a time may not."""
    if isinstance(value, str):
        return _HELD.sub("\u2060\\1\u2060", _LONG.sub("\\1\u200b", value))
    if isinstance(value, dict):
        return {key: _breakable(one) for key, one in value.items()}
    return [_breakable(one) for one in value] if isinstance(value, list) else value


def _lighter(png: bytes) -> bytes:
    if len(png) <= MOST_BYTES:
        return png
    made = io.BytesIO()
    with Image.open(io.BytesIO(png)) as picture:
        picture.convert("RGB").quantize(16).save(
            made, "PNG", optimize=True, dpi=picture.info.get("dpi", (PAPER_PPI, PAPER_PPI))
        )
    return made.getvalue()
