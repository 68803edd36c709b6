"""What the database must know of facts, to check what a person records: who may, and what fields hold."""

from collections.abc import Iterator
from dataclasses import MISSING, fields
from datetime import datetime
from enum import StrEnum
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

from domain.codec import to_text
from domain.events import Fact
from domain.rights import COMMAND_OF, RIGHTS

LONGEST_TEXT = 4000
LONGEST_FILE = 4_000_000
"""Characters: a text that somebody writes, and the facts that are frozen into a file."""

_BODIES = {"lead", "assisting", "receivers", "bodies", "body", "to"}
_SCALARS = {str: "text", int: "int", float: "float", bool: "bool", datetime: "moment"}


def permissions() -> list[dict[str, Any]]:
    """Return the rows of `permission`: each fact that a role may record, and how far that reaches."""
    return [
        {"kind": fact.__name__, "role": role.value, "scope": scope.value, "command": command.value}
        for fact, command in COMMAND_OF.items()
        for role, scope in RIGHTS[command].items()
    ]


def fact_fields() -> list[dict[str, Any]]:
    """Return the rows of `fact_field`: the fields of each fact that a person may record."""
    return [row for fact in COMMAND_OF for row in _fields_of(fact)]


def _fields_of(fact: type[Fact]) -> Iterator[dict[str, Any]]:
    hints = get_type_hints(fact)
    for item in fields(fact):
        hint = hints[item.name]
        inner = [part for part in get_args(hint) if part is not NoneType]
        many = get_origin(hint) is tuple
        nullable = NoneType in get_args(hint)
        if many:
            hint = get_args(hint)[0]
        elif nullable:
            hint = inner[0]
        is_enum = isinstance(hint, type) and issubclass(hint, StrEnum)
        kind = "enum" if is_enum else _SCALARS[hint]
        if kind == "text" and item.name in _BODIES:
            kind = "body"
        yield {
            "kind": fact.__name__,
            "field": item.name,
            # What may be null without being left out: null is said, and hashed.
            "type": f"{kind}?" if nullable and item.default is MISSING else kind,
            "many": many,
            "otherwise": None if item.default is MISSING else to_text({"": item.default})[4:-1],
            "allowed": [member.value for member in hint] if is_enum else None,
            "longest": LONGEST_FILE if item.name == "facts" else LONGEST_TEXT,
        }
