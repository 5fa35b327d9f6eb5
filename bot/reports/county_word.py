"""The comparison of a county's towns as a Word document, in the layout of the shipped templates."""

import tempfile
import zipfile
from pathlib import Path

from bot.reports.table import Report
from bot.reports.word.template import package
from bot.reports.word.to_docx import to_docx

TEXT = """
# {{ 标题 }}
## {{ 起止日期 }}
一、咨询
@ {{ 图("towns", "可略") }}
@ {{ 表("towns") }}
二、转人工的问题
@ {{ 表("towns_tickets") }}
三、普法、服务和矛盾纠纷
@ {{ 图("towns_work", "可略") }}
@ {{ 表("towns_work") }}
四、咨询的类别
@ {{ 表("towns_categories") }}
五、怎么数的
{{ 统计规则 }}
数据截至{{ 生成时间 }}。
"""


def to_word(report: Report) -> bytes:
    """Return the document; the same report gives the same bytes."""
    with tempfile.TemporaryDirectory(prefix="bot-word-") as place:
        template = Path(place, "各镇对比.docx")
        with zipfile.ZipFile(template, "w") as archive:
            for member, content in package(TEXT).items():
                archive.writestr(zipfile.ZipInfo(member, (1980, 1, 1, 0, 0, 0)), content)
        return to_docx(report, template)
