"""Makes the shipped Word templates in the layout of GB/T 9704: ``python -m bot.reports.word.template FOLDER``."""

import re
import sys
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

from bot.reports.word.template_texts import TEXTS

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_OFFICE = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

FONTS = {
    "方正小标宋简体": ("方正小标宋_GBK,小标宋,华文中宋,STZhongsong,宋体,SimSun", "auto"),
    "黑体": ("SimHei,微软雅黑,Microsoft YaHei", "modern"),
    "楷体_GB2312": ("楷体,KaiTi,华文楷体,STKaiti", "modern"),
    "仿宋_GB2312": ("仿宋,FangSong,华文仿宋,STFangsong", "modern"),
    "宋体": ("SimSun,NSimSun", "auto"),
    "Times New Roman": ("", "roman"),
}
"""The fonts of official documents, what stands in for each where it is missing (Word and WPS: w:altName), their family."""

_LINE = '<w:spacing w:before="0" w:after="0" w:line="560" w:lineRule="exact"/>'  # 28 pt
_FLUSH = '<w:ind w:firstLineChars="0" w:firstLine="0"/>'
_INDENT = '<w:ind w:firstLineChars="200" w:firstLine="640"/>'

# id: what Word calls it, what a line of the texts starts with, properties of the paragraph, font, half points
STYLES = {
    "Title": ("Title", "# ", f'<w:keepNext/>{_LINE}{_FLUSH}<w:jc w:val="center"/>', "方正小标宋简体", 44),
    "Subtitle": (
        "Subtitle",
        "## ",
        f'<w:spacing w:before="0" w:after="560" w:line="560" w:lineRule="exact"/>{_FLUSH}<w:jc w:val="center"/>',
        "楷体_GB2312",
        32,
    ),
    "Label": ("公文小题", "== ", f"<w:keepNext/>{_LINE}{_FLUSH}", "黑体", 32),
    "Heading1": (
        "heading 1",
        "[一二三四五六七八九十]+、",
        f'<w:keepNext/>{_LINE}{_INDENT}<w:outlineLvl w:val="0"/>',
        "黑体",
        32,
    ),
    "Heading2": (
        "heading 2",
        "（[一二三四五六七八九十]+）",
        f'<w:keepNext/>{_LINE}{_INDENT}<w:outlineLvl w:val="1"/>',
        "楷体_GB2312",
        32,
    ),
    "Flush": ("公文顶格", "= ", f"{_LINE}{_FLUSH}", "仿宋_GB2312", 32),
    "Signature": (
        "公文落款",
        "> ",
        f'{_LINE}<w:ind w:rightChars="400" w:right="1280" w:firstLineChars="0" w:firstLine="0"/><w:jc w:val="right"/>',
        "仿宋_GB2312",
        32,
    ),
    # A picture in a paragraph of exact height would be cut to one line.
    "Block": (
        "公文图表",
        "@ ",
        f'<w:spacing w:line="240" w:lineRule="auto"/>{_FLUSH}<w:jc w:val="center"/>',
        "仿宋_GB2312",
        32,
    ),
    "Annex": (
        "公文附件",
        "附件",
        f'<w:keepNext/><w:pageBreakBefore/>{_LINE}{_FLUSH}<w:outlineLvl w:val="0"/>',
        "黑体",
        32,
    ),
    "NewPage": ("公文另页", "--- ", f"<w:keepNext/><w:pageBreakBefore/>{_LINE}{_FLUSH}", "黑体", 32),
    "Text": ("公文正文", "", f'{_LINE}{_INDENT}<w:jc w:val="both"/>', "仿宋_GB2312", 32),
}
"""The paragraphs of official documents: GB/T 9704-2012 and what is usual beside it."""

# 37, 35, 28, 26 mm; the page number 7 mm under the text; 22 lines.
_SECTION = f"""<w:sectPr xmlns:r="{R}">
<w:footerReference w:type="default" r:id="rId4"/><w:footerReference w:type="even" r:id="rId5"/>
<w:pgSz w:w="11906" w:h="16838"/>
<w:pgMar w:top="2098" w:right="1474" w:bottom="1984" w:left="1587" w:header="851" w:footer="1247" w:gutter="0"/>
<w:docGrid w:type="lines" w:linePitch="560"/></w:sectPr>"""

_SETTINGS = """<w:zoom w:percent="100"/><w:bordersDoNotSurroundHeader/><w:bordersDoNotSurroundFooter/>
<w:defaultTabStop w:val="640"/><w:evenAndOddHeaders/><w:characterSpacingControl w:val="compressPunctuation"/>
<w:compat><w:useFELayout/>
<w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat>
<w:themeFontLang w:val="en-US" w:eastAsia="zh-CN"/>"""


def main(folder: Path) -> None:
    """Write the templates into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in TEXTS.items():
        with zipfile.ZipFile(folder / f"{name}.docx", "w", zipfile.ZIP_DEFLATED) as archive:
            for member, content in package(text).items():
                archive.writestr(zipfile.ZipInfo(member, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)


def package(text: str) -> dict[str, str]:
    """Return the members of a .docx file with the paragraphs of ``text``, a line each (see template_texts)."""
    body = "".join(_paragraph(line) for line in text.splitlines() if line)
    footers = {
        "footer1": _footer('<w:ind w:rightChars="100" w:right="280"/><w:jc w:val="right"/>'),
        "footer2": _footer('<w:ind w:leftChars="100" w:left="280"/><w:jc w:val="left"/>'),
    }
    parts = {
        "document": ("document.main", f"<w:document xmlns:w='{W}'><w:body>{body}{_SECTION}</w:body></w:document>"),
        "styles": ("styles", f"<w:styles xmlns:w='{W}'>{_styles()}</w:styles>"),
        "settings": ("settings", f"<w:settings xmlns:w='{W}'>{_SETTINGS}</w:settings>"),
        "fontTable": ("fontTable", f"<w:fonts xmlns:w='{W}'>{_fonts()}</w:fonts>"),
    } | {name: ("footer", f"<w:ftr xmlns:w='{W}'>{xml}</w:ftr>") for name, xml in footers.items()}
    kinds = "".join(
        f'<Override PartName="/word/{n}.xml" ContentType="{_OFFICE}.{kind}+xml"/>' for n, (kind, _) in parts.items()
    )
    beside = [name for name in parts if name != "document"]
    return {
        "[Content_Types].xml": f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{kinds}</Types>',
        "_rels/.rels": _relations({"rId1": ("officeDocument", "word/document.xml")}),
        "word/_rels/document.xml.rels": _relations(
            {f"rId{n}": (parts[name][0], f"{name}.xml") for n, name in enumerate(beside, 1)},
        ),
        **{f"word/{name}.xml": _HEAD + xml for name, (_, xml) in parts.items()},
    }


def _paragraph(line: str) -> str:
    style, start = next((id_, re.match(begin, line)) for id_, (_, begin, *_) in STYLES.items() if re.match(begin, line))
    # What a heading starts with is part of it; of the other lines it only says what they are.
    text = (line[start.end() :] if start and start[0].endswith(" ") else line).removesuffix("↓")
    keep = "<w:keepNext/><w:keepLines/>" if line.endswith("↓") else ""
    runs = "".join(_run(piece) for piece in re.split("(【待填[^】]*】)", text) if piece)
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{keep}</w:pPr>{runs}</w:p>'


def _run(text: str) -> str:
    mark = '<w:rPr><w:highlight w:val="yellow"/></w:rPr>' if text.startswith("【待填") else ""
    return f'<w:r>{mark}<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def _letters(font: str, size: int) -> str:
    # The hint: quotation marks and dashes are of the Chinese font. The spacing: 28 characters of 16 pt are 2 mm wider than
    # the 156 mm of a line. A grid of characters (w:docGrid) would say it too, but LibreOffice sets that far too wide.
    closer = '<w:spacing w:val="-5"/>' if size == 32 else ""
    fonts = f'<w:rFonts w:hint="eastAsia" w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia="{font}"/>'
    return f'<w:rPr>{fonts}{closer}<w:sz w:val="{size}"/><w:szCs w:val="{size}"/></w:rPr>'


def _styles() -> str:
    plain = _letters("仿宋_GB2312", 32).replace("</w:rPr>", '<w:lang w:val="en-US" w:eastAsia="zh-CN"/></w:rPr>')
    styles = f"<w:docDefaults><w:rPrDefault>{plain}</w:rPrDefault><w:pPrDefault/></w:docDefaults>"
    styles += '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/></w:style>'
    for id_, (name, _, paragraph, font, size) in STYLES.items():
        following = "" if id_ in ("Text", "Flush", "Signature") else '<w:next w:val="Text"/>'
        styles += (
            f'<w:style w:type="paragraph" w:styleId="{id_}"><w:name w:val="{name}"/><w:basedOn w:val="Normal"/>{following}'
            f"<w:qFormat/><w:pPr>{paragraph}</w:pPr>{_letters(font, size)}</w:style>"
        )
    return styles


def _fonts() -> str:
    return "".join(
        f'<w:font w:name="{name}">'
        + (f'<w:altName w:val="{others}"/><w:charset w:val="86"/>' if others else '<w:charset w:val="00"/>')
        + f'<w:family w:val="{family}"/><w:pitch w:val="variable"/></w:font>'
        for name, (others, family) in FONTS.items()
    )


def _footer(properties: str) -> str:
    """The page number in 4号 between two dashes."""
    letters = '<w:rPr><w:rFonts w:ascii="宋体" w:hAnsi="宋体" w:eastAsia="宋体"/><w:sz w:val="28"/><w:szCs w:val="28"/></w:rPr>'
    field = "".join(
        f"<w:r>{letters}{inner}</w:r>"
        for inner in (
            '<w:t xml:space="preserve">— </w:t>',
            '<w:fldChar w:fldCharType="begin"/>',
            '<w:instrText xml:space="preserve"> PAGE </w:instrText>',
            '<w:fldChar w:fldCharType="separate"/>',
            "<w:t>1</w:t>",
            '<w:fldChar w:fldCharType="end"/>',
            '<w:t xml:space="preserve"> —</w:t>',
        )
    )
    return f'<w:p><w:pPr><w:snapToGrid w:val="0"/>{properties}</w:pPr>{field}</w:p>'


def _relations(targets: dict[str, tuple[str, str]]) -> str:
    # The kinds of relation are called as the kinds of content, but for the main document.
    rows = "".join(f'<Relationship Id="{id_}" Type="{R}/{kind}" Target="{to}"/>' for id_, (kind, to) in targets.items())
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{rows}</Relationships>'


if __name__ == "__main__":
    main(Path(sys.argv[1]))
