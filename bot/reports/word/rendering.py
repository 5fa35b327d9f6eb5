"""A Word template with ``{{ 咨询人次 }}`` in it: filled in, in a sandbox, with errors that say where."""

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from docxtpl import DocxTemplate
from jinja2 import TemplateError as JinjaError
from jinja2 import TemplateSyntaxError, Undefined, UndefinedError, nodes
from jinja2.exceptions import SecurityError
from jinja2.filters import FILTERS
from jinja2.sandbox import SandboxedEnvironment
from lxml import etree

LIMIT = 20_000_000
"""Bytes that a template may have when unpacked; ours has some 30,000."""

TO_FILL = "【待填】"
_UNKNOWN = "the report has this name, but no value"
_NO_DOCUMENT = "不是 Word 文档（.docx），或者损坏了、加了密码。请在 Word 或 WPS 里另存为不加密的 .docx 再用"
_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_HALF_WIDTH = str.maketrans("（），：＝“”‘’＂＇", "(),:=\"\"''\"'")


class TemplateError(Exception):
    """A template cannot be used. ``where``: the paragraph it fails in, as far as known; ``problem`` says what to mend."""

    def __init__(self, template: str, problem: str, where: str = "") -> None:
        super().__init__(f"模板“{template}”" + (f"的“{where}”这一段" if where else "") + f"：{problem}")
        self.template, self.problem, self.where = template, problem, where


class Gap(Undefined):
    """A figure that is not there: prints 【待填】, is false, equals nothing, and is neither more nor less than anything."""

    def __str__(self) -> str:
        if self._undefined_exception is not UndefinedError:  # what the sandbox refuses
            self._fail_with_undefined_error()
        return TO_FILL if self._undefined_hint == _UNKNOWN else f"【待填：没有“{self._undefined_name}”这一项】"

    def _never(self, *_: Any, **__: Any) -> bool:
        return False

    __lt__ = __le__ = __gt__ = __ge__ = _never  # type: ignore[assignment]  # jinja's own ones always raise


class Environment(SandboxedEnvironment):
    """What a template may do: print figures, choose with ``if``, call the functions it is given. Nothing that computes.

    A template is a file that somebody uploads: without loops, macros, filters and arithmetic it can neither reach into
    the program nor keep it busy; and no number in a report comes from anywhere but the ledger.
    """

    intercepted_binops = frozenset(("+", "-", "*", "/", "//", "%", "**"))
    allowed = (nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.Expr, nodes.Helper)

    def __init__(self, functions: Mapping[str, Callable[..., Any]]) -> None:
        super().__init__(autoescape=True, undefined=Gap, finalize=lambda value: TO_FILL if value is None else value)
        self.globals.clear()
        self.globals.update(functions)
        self.filters = {name: FILTERS[name] for name in ("default", "d")}
        self._functions = tuple(functions.values())

    def is_safe_callable(self, obj: Any) -> bool:
        """Allow the functions that the report gives, and none else."""
        if isinstance(obj, Gap):
            names = "、".join(self.globals)
            raise SecurityError(f"模板里没有“{obj._undefined_name}(…)”这种写法，括号前面只能是：{names}")
        return any(obj is function for function in self._functions)

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Refuse arithmetic."""
        raise SecurityError(f"模板里不能计算（{operator}），数字都从台账里来")

    def preprocess(self, source: str, name: str | None = None, filename: str | None = None) -> str:
        """Take brackets, commas and quotes inside the braces as a Chinese keyboard writes them."""
        return _TAG.sub(lambda tag: tag[0].translate(_HALF_WIDTH), source)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        for node in tree.find_all(nodes.Node):
            if not isinstance(node, self.allowed):
                raise TemplateSyntaxError("这里只能用 if，不能用别的语句", node.lineno, name, filename)
        return tree


class _Template(DocxTemplate):  # type: ignore[misc]  # docxtpl has no types
    """Remembers the paragraphs of the part it renders, for the message of an error."""

    paragraphs: tuple[str, ...] = ()

    def render_xml_part(self, src_xml: str, part: Any, context: Any, jinja_env: Any = None) -> str:
        # docxtpl starts a line with every paragraph, so that line numbers are numbers of paragraphs.
        lines = re.sub(r"<w:p([ >])", r"\n<w:p\1", src_xml).split("\n")
        self.paragraphs = tuple(re.sub(r"<[^>]+>", "", line) for line in lines)
        xml: str = super().render_xml_part(src_xml, part, context, jinja_env)
        # docxtpl itself mends broken XML by leaving out, without a word, what does not fit.
        etree.fromstring(xml.encode(), etree.XMLParser(resolve_entities=False))
        return xml


def filled(template: Path, values: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]]) -> Any:
    """Return the template as a python-docx document, ``values`` filled in; None prints 【待填】. Raises TemplateError."""
    known = {name: Gap(_UNKNOWN, name=name) if value is None else value for name, value in values.items()}
    made = _Template(io.BytesIO(_checked(template)))
    try:
        made.render(known, Environment(functions), autoescape=True)
    except (JinjaError, TypeError, RecursionError, etree.XMLSyntaxError) as e:
        if not made.paragraphs:
            raise TemplateError(template.name, _NO_DOCUMENT) from e
        raise TemplateError(template.name, _problem(e), _where(e, made.paragraphs)) from e
    except (KeyError, ValueError, AttributeError, RuntimeError, zipfile.BadZipFile, zlib.error) as e:
        # What python-docx and zipfile raise on a zip that is no document, or a damaged one.
        raise TemplateError(template.name, _NO_DOCUMENT) from e
    return made.docx


def _checked(template: Path) -> bytes:
    try:
        content = template.read_bytes()
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(member.file_size for member in archive.infolist())
    except OSError as e:
        raise TemplateError(template.name, f"打不开：{e.strerror}") from e
    except zipfile.BadZipFile as e:
        raise TemplateError(template.name, _NO_DOCUMENT) from e
    if size > LIMIT:
        raise TemplateError(template.name, f"解开以后超过{LIMIT // 1_000_000}兆。请去掉里面的图片")
    return content


def _problem(error: Exception) -> str:
    if isinstance(error, SecurityError):
        said = str(error)
        return said if said.startswith("模板") else f"用了不允许的写法（{said}）"
    if isinstance(error, TemplateSyntaxError):
        return f"写法有误（{error.message}）。检查大括号是否成对，如 {{{{ 咨询人次 }}}}，每个 if 后面要有 endif"
    if isinstance(error, etree.XMLSyntaxError):
        return "{%p if …%} 和 {%p endif %} 要各自单独成段，成对出现"
    return f"写法有误（{error}）"


def _where(error: Exception, paragraphs: tuple[str, ...]) -> str:
    line = getattr(error, "lineno", None) if isinstance(error, TemplateSyntaxError) else None
    at = error.__traceback__
    while line is None and at is not None:
        if at.tb_frame.f_code.co_filename == "<template>":
            line = at.tb_lineno
        at = at.tb_next
    if line is None or not 0 < line <= len(paragraphs):
        return ""
    text = " ".join(paragraphs[line - 1].split())
    return text if len(text) <= 60 else text[:59] + "…"
