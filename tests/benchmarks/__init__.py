"""Figures that this project claims, each printed by a command: ``python -m tests.benchmarks.NAME``."""
