"""Cells that a spreadsheet program would take for a formula, made harmless, and restored when they come back.

The rule is OWASP's (CSV injection): a cell that begins with = + - @, a tab or an end of line, or with a
full-width form of the first four, gets an apostrophe in front. Numbers stay numbers. A cell that begins
with apostrophes before such a sign gets one more, so that `restored` gives back every cell as it was.
"""

import re

_FIRST = frozenset("'=+-@\t\r\n＝＋－＠")
_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_MADE_HARMLESS = re.compile(r"'+[=+\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)*(?:[eE][+-]?[0-9]{1,3})?%?")


def harmless(cell: str) -> str:
    """Return a cell that no spreadsheet program takes for a formula."""
    if cell[:1] in _FIRST and _FORMULA.match(cell) and not _NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell


def restored(cell: str) -> str:
    """Return the cell that `harmless` was given."""
    return cell[1:] if _MADE_HARMLESS.match(cell) else cell
