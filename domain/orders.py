"""What holds of every order that a person gives: its texts, the bodies that it names, its deadline.

The decisions themselves stand by their matter: `domain.steps`, `directive_orders`, `re_supervision_orders`,
`acknowledging`. All take a draft, the actor, what is known of the matter, and the time; they answer with
events or raise `RefusedError`.
"""

import unicodedata
from collections.abc import Collection
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from typing import Any

from domain.rights import Reason, RefusedError

LONGEST_TEXT = 2000
"""Characters of a text in sentences."""
LONGEST_NAME = 200
"""Characters of what names something: a document, a way of telling, a line of a list."""
LARGEST_NUMBER = 10**15
"""No version, round or amount comes near it, and every database holds it."""
MOST_YEARS = 10
"""A deadline further away than this is a slip of the hand."""

COUNTED = ("round", "leg", "part")
LARGEST_COUNT = 9999
"""Of rounds, legs and parts."""

_LINES = "\n\t"
_NEVER_WRITTEN = ("Cc", "Cs")


def written(text: str, longest: int = LONGEST_TEXT) -> str:
    """Return a required text as the log holds it: see `note`.

    Raises:
        RefusedError: it is empty, or too long.
    """
    found = note(text, longest)
    if not found:
        raise RefusedError(Reason.NO_TEXT)
    return found


def note(text: str, longest: int = LONGEST_TEXT) -> str:
    """Return a text that may be empty, without the blanks around it, and without what no text can hold.

    Control characters and halves of characters come from a clipboard, and no database keeps them.

    Raises:
        RefusedError: it is too long.
    """
    plain = text.replace("\r\n", "\n")
    kept = "".join(c for c in plain if c in _LINES or unicodedata.category(c) not in _NEVER_WRITTEN).strip()
    if len(kept) > longest:
        raise RefusedError(Reason.TEXT_TOO_LONG, str(longest))
    return kept


def known(keys: Collection[str], existing: Collection[str], reason: Reason) -> tuple[str, ...]:
    """Return the keys, each once.

    Raises:
        RefusedError: one of them does not exist; `reason` says what it is.
    """
    unknown = next((key for key in keys if key not in existing), None)
    if unknown is not None:
        raise RefusedError(reason, unknown)
    return tuple(dict.fromkeys(keys))


def future(deadline: datetime, now: datetime) -> datetime:
    """Return a deadline that is still to come.

    Raises:
        RefusedError: it has passed, or is more than MOST_YEARS away.
    """
    if deadline <= now:
        raise RefusedError(Reason.DEADLINE_PAST)
    if deadline > now + timedelta(days=366 * MOST_YEARS):
        raise RefusedError(Reason.DEADLINE_TOO_FAR, str(MOST_YEARS))
    return deadline


TIDIED = frozenset(
    (
        "basis",
        "by",
        "cause",
        "decisions",
        "document",
        "law",
        "measures",
        "note",
        "outcome",
        "participants",
        "question",
        "reason",
        "recommendation",
        "rule",
        "subject",
        "subjects",
        "text",
    )
)
"""Fields that a person writes, and that `note` tidies. All others name something, and stay as they are."""


def check_names(draft: Any) -> None:
    """Let a draft pass whose names can be names: of tickets, bodies, files, things of a list.

    Raises:
        RefusedError: one holds a control character or half a character, is too long, or a number is larger
            than any that is stored.
    """
    for field in fields(draft):
        if field.name not in TIDIED:
            _check_name(field.name, getattr(draft, field.name))


def _check_name(field: str, value: Any) -> None:
    if isinstance(value, tuple):
        for part in value:
            _check_name(field, part)
    elif isinstance(value, str):
        if len(value) > LONGEST_NAME or any(unicodedata.category(c) in _NEVER_WRITTEN for c in value):
            raise RefusedError(Reason.BAD_DATA, field)
    elif isinstance(value, int):
        if abs(value) > LARGEST_NUMBER or (field in COUNTED and not 0 <= value <= LARGEST_COUNT):
            raise RefusedError(Reason.BAD_DATA, field)
    elif is_dataclass(value):
        check_names(value)
