"""A report as sections of plain text, which a terminal and a page on paper show each in its own way."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Section:
    """A table with a title; `note` stands under it. Columns of `right` are figures."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: tuple[str, ...] = ()
    note: str = ""
