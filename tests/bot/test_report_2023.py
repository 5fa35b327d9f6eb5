"""The town's report of 2023 again: what its registers held gives every figure that it published."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from docx import Document

from tests.conftest import KNOWLEDGE, ROOT
from tests.data import town_2023

PUBLISHED = {
    "政府合同审查": 94, "政府意见书": 2, "政府现场解答": 13, "排查次数": 288, "受理纠纷": 857, "调解成功": 783, "宣传活动": 24,
    "法治课堂": 45, "LED次数": "200余", "横幅": 48, "宣传牌": 15, "宣传单": "10000余", "受惠人次": "15000余", "明白人人数": 67,
    "明白人培训": 4, "支部学习场次": 16, "两委学习场次": 48, "学习人次": 352, "法治思想讲座": 4, "法治思想讲座人次": 320,
}  # fmt: skip
SENTENCES = (
    "94份", "2份", "13次", "288次", "857宗", "783宗", "91.4%", "24次", "45次", "200余次", "48条", "15个", "10000余张",
    "15000余人次", "67人", "4次", "16场次", "48场次", "352人次", "320人次",
)  # fmt: skip


def bot(*args: str) -> None:
    done = subprocess.run([sys.executable, "-m", "bot", *args], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    """The registers as the clerk would hand them in: one workbook, read by the import command."""
    folder = tmp_path_factory.mktemp("2023")
    database = f"sqlite:///{folder / 'bot.db'}"
    town_2023.write(folder / "2023.xlsx")
    where = ("--database", database, "--knowledge", str(KNOWLEDGE))
    bot("register", "import", str(folder / "2023.xlsx"), "--by", "示例统计员", *where)
    return where


def test_every_figure_is_as_published(town: tuple[str, ...], tmp_path: Path) -> None:
    out = tmp_path / "2023.json"
    bot("report", "--year", "2023", "--format", "json", "--out", str(out), *town)
    figures = json.loads(out.read_text("utf-8"))["figures"]
    assert {name: figures[name] for name in PUBLISHED} == PUBLISHED
    assert figures["调解成功率"] == {"part": 783, "whole": 857, "percent": 91.4}
    assert figures["咨询人次"] is None  # the town kept no count: unknown, not 0


def test_the_word_report_says_them_in_sentences(town: tuple[str, ...], tmp_path: Path) -> None:
    out = tmp_path / "2023.docx"
    bot("report", "--year", "2023", "--format", "docx", "--out", str(out), *town)
    text = "\n".join(p.text for p in Document(io.BytesIO(out.read_bytes())).paragraphs)
    assert [figure for figure in SENTENCES if figure not in text] == []
    assert "咨询0人次" not in text
    assert "【待填】" in text
