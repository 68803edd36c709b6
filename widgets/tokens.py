"""The look as data: colours, sizes and font family of `resources/tokens.toml`, read once.

No other file names a colour; a test searches the tree for hex colours.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from PySide6.QtGui import QColor

PATH = Path(__file__).resolve().parent.parent / "resources" / "tokens.toml"


@dataclass(frozen=True)
class Tokens:
    """`colours` are "#rrggbb" by name; `sizes` pixels at 1920x1080, `thresholds` rates of 0..1, by name."""

    colours: Mapping[str, str]
    sizes: Mapping[str, int]
    thresholds: Mapping[str, float]
    family: str
    _qcolors: dict[str, QColor] = field(default_factory=dict, compare=False, repr=False)

    def colour(self, name: str) -> str:
        """Return a colour as "#rrggbb".

        Raises:
            KeyError: there is no token of that name.
        """
        return self.colours[name]

    def qcolor(self, name: str) -> QColor:
        """Return a colour for painting; one object a name, so do not change it.

        Raises:
            KeyError: there is no token of that name.
        """
        found = self._qcolors.get(name)
        if found is None:
            found = self._qcolors[name] = QColor(self.colours[name])
        return found

    def size(self, name: str) -> int:
        """Return a size in pixels at 1920x1080.

        Raises:
            KeyError: there is no token of that name.
        """
        return self.sizes[name]


@cache
def tokens() -> Tokens:
    """Return the tokens of the installation."""
    values = tomllib.loads(PATH.read_text(encoding="utf-8"))
    return Tokens(values["colour"], values["size"], values["threshold"], values["family"]["text"])
