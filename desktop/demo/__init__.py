"""The demo city: seeded tickets, directives, files and ledger items, as events up to a moment."""

from desktop.demo.generate import DEFAULT_SEED, DEFAULT_TICKETS, DemoCity, generate

__all__ = ["DEFAULT_SEED", "DEFAULT_TICKETS", "DemoCity", "generate"]
