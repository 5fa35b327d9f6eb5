"""A made-up ledger, the same for the same seed: for the demo, for measuring, for trying out reports."""

from bot.ledger.sample.year import fill, holds

__all__ = ["fill", "holds"]
