"""Fields of a parsed TOML file; every error names the field and where it stands."""

import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, TypeVar

T = TypeVar("T")


def required(values: Mapping[str, Any], name: str, where: str) -> Any:
    """Return a field.

    Raises:
        ValueError: it is missing.
    """
    if name not in values:
        raise ValueError(f"{where}: {name} is missing")
    return values[name]


def converted(to: Callable[[Any], T], values: Mapping[str, Any], name: str, where: str) -> T:
    """Return a field as another type.

    Raises:
        ValueError: it is missing, or cannot be converted.
    """
    value = required(values, name, where)
    try:
        return to(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"{where}: {name}: {error}") from error


def flag(values: Mapping[str, Any], name: str, where: str) -> bool:
    """Return a field that is true or false, false when it is missing.

    Raises:
        ValueError: it is something else.
    """
    value = values.get(name, False)
    if not isinstance(value, bool):
        raise ValueError(f"{where}: {name} is true or false, not {value!r}")
    return value


def day(values: Mapping[str, Any], name: str, where: str) -> date:
    """Return a field that is a date.

    Raises:
        ValueError: it is missing or something else.
    """
    value = required(values, name, where)
    # A TOML date-time is a date to Python, but cannot be compared with one.
    if type(value) is not date:
        raise ValueError(f"{where}: {name} is a date like 2026-01-01, not {value!r}")
    return value


LONGEST_NAME = 100
LARGEST_VERSION = 1_000_000


def name_of(values: Mapping[str, Any], name: str, where: str) -> str:
    """Return a field that names something: a short text in one line.

    Raises:
        ValueError: it is missing, empty, longer than LONGEST_NAME, or holds what no line can.
    """
    text = str(required(values, name, where))
    if not text.strip() or len(text) > LONGEST_NAME:
        raise ValueError(f"{where}: {name} has 1 to {LONGEST_NAME} characters")
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
        raise ValueError(f"{where}: {name} holds a control character")
    return text


def version(values: Mapping[str, Any], where: str) -> int:
    """Return the field `version`, from 1 up.

    Raises:
        ValueError: it is missing, or no such number.
    """
    value = required(values, "version", where)
    if type(value) is not int or not 1 <= value <= LARGEST_VERSION:
        raise ValueError(f"{where}: version is a whole number from 1 up, not {value!r}")
    return value
