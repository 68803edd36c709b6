"""Codes of factors: those of 2017 (annex B), and what the edition of 2005 called them."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Factor:
    """A factor: its code of 2017, Chinese name, unit of annex B, and its code of 2005 or ""."""

    code: str
    name: str
    unit: str
    old_code: str


class Factors:
    """The table of factors, of the text of `resources/hj212/factors.csv`."""

    def __init__(self, factors: Iterable[Factor]) -> None:
        raise NotImplementedError

    @classmethod
    def of_csv(cls, text: str) -> "Factors":
        """Read the table: code, name, unit, old_code, with a head line."""
        raise NotImplementedError

    def find(self, code: str) -> Factor | None:
        """Return a factor by its code of 2017 (`e101xx` stands for any digits)."""
        raise NotImplementedError

    def code_of_2005(self, old_code: str) -> str | None:
        """Return the code of 2017 for one of 2005 (011 → w01018, 01 → a34013), or None."""
        raise NotImplementedError
