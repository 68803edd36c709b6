"""Codes of factors: those of 2017 (annex B), and what the edition of 2005 called them."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Factor:
    """A factor: its code of 2017, Chinese name, unit of annex B, and its code of 2005 or ""."""

    code: str
    name: str
    unit: str
    old_code: str = ""


class Factors:
    """The table of factors, of the text of `resources/hj212/factors.csv`."""

    def __init__(self, factors: Iterable[Factor]) -> None:
        self._by_code = {factor.code: factor for factor in factors}
        self._by_old = {factor.old_code: factor.code for factor in self._by_code.values() if factor.old_code}
        self._by_any_case = {code.casefold(): code for code in self._by_code}
        self._by_digits: dict[str, list[str]] = {}
        for code in self._by_code:
            if code[1:].isdigit() and len(code) == _CODE_SIZE:
                self._by_digits.setdefault(code[1:], []).append(code)

    @classmethod
    def of_csv(cls, text: str) -> "Factors":
        """Read the table: columns code, name, unit, old_code.

        Raises:
            KeyError: a column is missing.
        """
        return cls(
            Factor(row["code"], row["name"], row["unit"], row["old_code"])
            for row in csv.DictReader(io.StringIO(text))
        )

    def __len__(self) -> int:
        return len(self._by_code)

    def find(self, code: str) -> Factor | None:
        """Return a factor by its code of 2017."""
        return self._by_code.get(code)

    def code_of_2005(self, old_code: str) -> str | None:
        """Return the code of 2017 for one of 2005 (011 → w01018, 01 → a34013), or None."""
        return self._by_old.get(old_code)

    def in_right_case(self, code: str) -> str | None:
        """Return the code that differs in large and small letters only (W01018, LEQ), or None."""
        return self._by_any_case.get(code.casefold())

    def with_digits(self, digits: str, letter: str) -> str | None:
        """Return the code for five digits that lost their letter; `letter` decides where there are two."""
        codes = self._by_digits.get(digits, ())
        return codes[0] if len(codes) == 1 else f"{letter}{digits}" if f"{letter}{digits}" in codes else None


_CODE_SIZE = 6
