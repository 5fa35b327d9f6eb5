"""Ledger -> tables -> one writer per format. No number is ever typed."""
