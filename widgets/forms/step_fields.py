"""What a step's form is made of: a title, a few words, and fields of a few kinds."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from PySide6.QtCore import QCoreApplication

from domain.orders import LONGEST_TEXT


class Kind(Enum):
    """What a field looks like (`field_edits`)."""

    TEXT = "text"
    LINE = "line"
    NUMBER = "number"
    CHOICE = "choice"
    WORDED = "worded"
    BODIES = "bodies"
    DEADLINE = "deadline"
    YES_NO = "yes_no"
    FILES = "files"
    LINES = "lines"
    DECISIONS = "decisions"
    POSITION = "position"
    MOMENT = "moment"
    READINGS = "readings"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form. `words` are the usual answers of a WORDED field, or yes and no of a YES_NO one.

    `detailed` asks for a remark beside the usual answer of a WORDED one. `unless` names a yes-or-no field
    that, answered with yes, makes this one optional. `longest` counts characters. `made` makes the fact's
    value from what was chosen. CHOICE takes its choices from `choices`, or from `Asked.options`. A POSITION's
    and READINGS' value are several fields of the fact.
    """

    name: str
    caption: str
    kind: Kind
    required: bool = True
    hint: str = ""
    words: tuple[str, ...] = ()
    choices: tuple[tuple[str, str], ...] = ()
    unless: str = ""
    longest: int = LONGEST_TEXT
    made: Callable[[Any], Any] | None = None
    detailed: bool = False
    only: tuple[str, tuple[str, ...]] | None = None
    """A CHOICE field and its keys for which there is this field at all."""


def line_if_any(name: str, caption: str, hint: str) -> Field:
    """Return a line that may be left empty, with an example of what to write."""
    return Field(name, caption, Kind.LINE, required=False, hint=hint)


@dataclass(frozen=True, slots=True)
class FormWords:
    """A form: the word that asks for it, its title, its button's word and look, what is said, its fields.

    `final`: the step ends something for good. Its button is out of use until all is filled in, and what is
    missing stands beside it: nothing ends by one press.
    """

    short: str
    title: str
    submit: str
    said: str
    fields: tuple[Field, ...] = ()
    look: str = "primary"
    left_to_use_case: tuple[str, ...] = ()
    """Texts of the fact that nobody types, such as who approved: whoever is at the screen."""
    final: bool = False


def word(source: str) -> str:
    """Return a word of this table for the screen."""
    return QCoreApplication.translate("steps", source) if source else ""
