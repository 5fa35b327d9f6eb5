"""Whole conversations, through signed WeChat messages and through the public page."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from tests.conversations.script import Stage

pytestmark = pytest.mark.both_ledgers

SCRIPTS = sorted((Path(__file__).parent / "scripts").glob("*.txt"))
TEXT_ONLY = [s for s in SCRIPTS if not any(w in s.read_text("utf-8") for w in ("重发", "关注", "取关", "扫码", " 发", "渠道"))]


def test_there_are_enough_of_them() -> None:
    assert len(SCRIPTS) >= 40
    assert len(TEXT_ONLY) >= 20


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda p: p.stem)
def test_in_wechat(script: Path, make_app: Callable[..., Flask]) -> None:
    Stage(make_app).play(script)


@pytest.mark.parametrize("script", TEXT_ONLY, ids=lambda p: p.stem)
def test_on_the_public_page(script: Path, make_app: Callable[..., Flask]) -> None:
    Stage(make_app, web=True).play(script)
