"""Sections of a Word document: a table that is too wide gets pages of its own that lie on their side."""

import copy
from collections.abc import Iterator, Sequence
from typing import Any

from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

SECTION = qn("w:sectPr")

_A4 = {"w": "16838", "h": "11906", "orient": "landscape"}
# The binding edge (28 mm) becomes the top: turned by a quarter, the sheet is bound like the others.
_MARGINS = {"top": "1587", "bottom": "1474", "left": "2098", "right": "1984", "footer": "737"}


def lay(body: Any, elements: Sequence[Any], lying: set[Any]) -> None:
    """Put the elements, neighbours in ``body``, into a section that lies on its side.

    lying: the paragraphs that end such sections, made so far; one that ends right before the elements is prolonged.
    """
    section = next(_sections_from(elements[-1]), None)
    size = None if section is None else section.find(qn("w:pgSz"))
    if section is None or size is None or int(size.get(qn("w:w"))) > int(size.get(qn("w:h"))):
        return
    before = elements[0].getprevious()
    if before in lying:
        lying.discard(before)
        _end(before, None)
    elif before is not None and before.find(f".//{SECTION}") is None:
        _end(before if before.tag == qn("w:p") else _empty(before), copy.deepcopy(section))
        _go_on(section)
    side = copy.deepcopy(section)
    for element, values in ((side.get_or_add_pgSz(), _A4), (side.get_or_add_pgMar(), _MARGINS)):
        for name, value in values.items():
            element.set(qn(f"w:{name}"), value)
    for grid in side.findall(qn("w:docGrid")):
        side.remove(grid)
    last = elements[-1] if elements[-1].tag == qn("w:p") else _empty(elements[-1])
    if last.getnext() is section:
        body.replace(section, side)  # nothing follows that would stand upright
    else:
        _end(last, side)
        lying.add(last)


def _sections_from(element: Any) -> Iterator[Any]:
    """Yield the ends of sections behind the element: the first one says how the element's page looks."""
    for later in element.itersiblings():
        yield from later.iter(SECTION)


def _go_on(section: Any) -> None:
    """Let a section that was parted from its beginning go on with the page numbers."""
    for numbers in section.findall(qn("w:pgNumType")):
        numbers.attrib.pop(qn("w:start"), None)
    for first in section.findall(qn("w:titlePg")):
        section.remove(first)


def _end(paragraph: Any, section: Any) -> None:
    """Make the paragraph the last one of ``section``; of none where that is None."""
    properties = paragraph.get_or_add_pPr()
    for old in properties.findall(SECTION):
        properties.remove(old)
    if section is not None:
        properties.append(section)


def _empty(element: Any) -> Any:
    """Put an empty paragraph, as low as Word allows, behind the element."""
    spacing = '<w:spacing w:before="0" w:after="0" w:line="20" w:lineRule="exact"/>'
    paragraph = parse_xml(f'<w:p {nsdecls("w")}><w:pPr><w:snapToGrid w:val="0"/>{spacing}</w:pPr></w:p>')
    element.addnext(paragraph)
    return paragraph
