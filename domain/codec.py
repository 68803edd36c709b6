"""Facts to JSON values and back, and the text that is hashed and stored."""

import json
from collections.abc import Mapping
from dataclasses import MISSING, fields
from datetime import UTC, datetime
from enum import IntEnum, StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from domain.events import KINDS, Fact


def encode(fact: Fact) -> tuple[str, dict[str, Any]]:
    """Return a fact's kind and its fields as JSON values; fields at their default are left out.

    Moments are written in UTC, so that the same fact has one text.

    Raises:
        ValueError: a moment is naive.
    """
    values: dict[str, Any] = {}
    for name, default in _defaults(_type_of(fact)):
        value = getattr(fact, name)
        if value != default:
            values[name] = _value(name, value)
    return type(fact).__name__, values


def decode(kind: str, values: Mapping[str, Any]) -> Fact:
    """Return the fact that `encode` made these values from.

    Raises:
        ValueError: the kind is unknown, a field is unknown or missing, or a value does not fit.
    """
    fact = KINDS.get(kind)
    if fact is None:
        raise ValueError(f"unknown kind of event {kind!r}")
    converters = _converters(_anything(fact))
    try:
        return fact(**{name: converters[name](value) for name, value in values.items()})
    except (KeyError, TypeError) as error:
        raise ValueError(f"{kind} does not fit: {error}") from error


def to_text(values: Mapping[str, Any]) -> str:
    """Return the one canonical JSON text of encoded values: sorted keys, no blanks, UTF-8 kept as it is.

    Raises:
        ValueError: a number is not finite, which JSON cannot say.
    """
    return _canonical(values)


# Made once: json.dumps would make an encoder for every event.
_canonical = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False
).encode
_REQUIRED = object()


def _value(name: str, value: Any) -> Any:
    if isinstance(value, datetime):
        return _moment(name, value)
    if isinstance(value, tuple) and value and isinstance(value[0], datetime):
        return tuple(_moment(name, moment) for moment in value)
    return value


def _moment(name: str, value: datetime) -> str:
    if value.tzinfo is None:
        raise ValueError(f"{name} needs an aware time")
    return value.astimezone(UTC).isoformat()


def _type_of(fact: Fact) -> Any:
    return type(fact)


def _anything(fact: type[Fact]) -> Any:
    return fact


@cache
def _defaults(fact: Any) -> tuple[tuple[str, Any], ...]:
    return tuple((f.name, _REQUIRED if f.default is MISSING else f.default) for f in fields(fact))


@cache
def _converters(fact: Any) -> dict[str, Any]:
    return {name: _converter(hint) for name, hint in get_type_hints(fact).items()}


def _converter(hint: Any) -> Any:
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        inner = _converter(next(part for part in get_args(hint) if part is not NoneType))
        return lambda value: None if value is None else inner(value)
    if origin is tuple:
        part = get_args(hint)[0]
        if get_origin(part) is tuple:
            return lambda value: tuple(tuple(row) for row in value)
        inner = _converter(part)
        return lambda value: tuple(inner(item) for item in value)
    if hint is datetime:
        return datetime.fromisoformat
    if isinstance(hint, type) and issubclass(hint, StrEnum | IntEnum):
        return hint
    return _unchanged


def _unchanged(value: Any) -> Any:
    return value
