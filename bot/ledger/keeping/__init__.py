"""How long the ledger keeps what, and how it is backed up and restored."""
