"""What happened, told where it happens to whoever counts: words from a short list, never anything of a villager."""

from collections.abc import Callable

Tell = Callable[[str, str], None]
"""Called with what happened and which kind of it, one of ``KINDS``."""

MESSAGE, LEDGER = "message", "ledger"
"""A message was dealt with; the ledger failed."""

AGAIN, SILENT = "again", "silent"
"""Kinds of messages beside the decisions of the dialogue: delivered once more, not answered."""

READ, WRITE = "read", "write"
"""What the ledger failed to do."""


def nobody(what: str, kind: str) -> None:
    """Count nothing."""
