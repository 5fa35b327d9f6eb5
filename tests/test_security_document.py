"""docs/security.md: each test that it names is there and runs; what it says of control points is whole."""

import ast
import functools
import re
from pathlib import Path

import pytest

from bot.settings import Settings
from tests.conftest import ROOT

TEXT = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", TEXT)))
_POINTS = """
身份鉴别 访问控制 安全审计 入侵防范 恶意代码防范 可信验证 数据完整性 数据备份恢复 剩余信息保护 个人信息保护 网络架构 通信传输
边界防护 系统管理 审计管理 物理位置选择 物理访问控制 防盗窃和防破坏 防雷击 防火 防水和防潮 防静电 温湿度控制 电力供应 电磁防护
安全策略 管理制度 制定和发布 评审和修订 岗位设置 人员配备 授权和审批 沟通和合作 审核和检查 人员录用 人员离岗
安全意识教育和培训 外部人员访问管理 定级和备案 安全方案设计 产品采购和使用 自行软件开发 外包软件开发 工程实施 测试验收 系统交付
等级测评 服务供应商选择 环境管理 资产管理 介质管理 设备维护管理 漏洞和风险管理 网络和系统安全管理 恶意代码防范管理 配置管理
密码管理 变更管理 备份与恢复管理 安全事件处置 应急预案管理 外包运维管理
"""
CONTROL_POINTS = _POINTS.split()
"""The control points of GB/T 22239—2019, 7.1 (second level, general)."""


@functools.cache
def those_in(path: str) -> dict[str, set[str]]:
    """Return the names of the tests of a file, each with what decorates it."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {n.name: {ast.unparse(d) for d in n.decorator_list} for n in tree.body if isinstance(n, ast.FunctionDef)}


@pytest.mark.parametrize(("path", "name"), NAMED, ids=[name for _, name in NAMED])
def test_every_test_that_is_named_is_there_and_runs(path: str, name: str) -> None:
    assert Path(path).name.startswith("test_") and name.startswith("test_")
    assert name in those_in(path), f"{path} has no {name}"
    assert not [d for d in those_in(path)[name] if "skip" in d or "xfail" in d]


def test_every_mention_of_a_test_is_one_that_can_be_looked_up() -> None:
    assert len(NAMED) >= 70
    known = {f"{path}::{name}" for path, name in NAMED} | {"文件::测试名"}
    assert set(re.findall(r"[\w/.]+::\w+", TEXT)) <= known


def test_every_threat_names_its_test() -> None:
    part = TEXT.partition("## 三、")[2].partition("## 四、")[0]
    rows = [line for line in part.splitlines() if line.startswith("| ") and not line.startswith(("| 威胁", "|---"))]
    assert len(rows) >= 45
    for row in rows:
        assert "::test_" in row, row


def test_scripts_and_files_that_are_named_are_there() -> None:
    for names in re.findall(r"（剧本 ([\w、-]+)）", TEXT):
        for name in names.split("、"):
            assert (ROOT / "tests" / "conversations" / "scripts" / f"{name}.txt").exists(), name
    for path in set(re.findall(r"`((?:docs|deploy|tests)/[\w./-]+\.(?:md|py|conf|service|yml|txt))`", TEXT)):
        assert (ROOT / path).exists(), path


def test_settings_that_are_named_exist() -> None:
    for name in set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+)`", TEXT)):
        assert name.lower() in Settings.model_fields, name


def test_every_control_point_of_the_second_level_is_graded() -> None:
    sheet = TEXT.partition("## 五、")[2]
    grades = ("符合", "部分符合", "由部署单位负责", "不适用")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in sheet.splitlines() if line.startswith("| ")]
    rows = [row for row in rows if row[0] != "控制点"]
    graded = {point for row in rows for point in re.split(r"、|（.*?）", row[0]) if set(row[1:4]) & set(grades)}
    assert not set(CONTROL_POINTS) - graded
    for row in rows:
        assert set(row) & set(grades), row
