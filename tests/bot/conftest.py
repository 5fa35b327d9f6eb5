"""A command, run in this process with a ledger and a knowledge folder of its own."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.ledger.store import Store
from tests.conftest import PSEUDONYM_KEY

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(
    database_url: str, knowledge: Path, store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    monkeypatch.setenv("PSEUDONYM_KEY", PSEUDONYM_KEY)
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(getattr(sys, name), "reconfigure", lambda **_: None, raising=False)

    def run(*words: str) -> tuple[int, str]:
        status = main([*words, "--knowledge", str(knowledge), "--database", database_url])
        captured = capsys.readouterr()
        return status, captured.out + captured.err

    return run
