"""Who acts: roles, and the person whose name an event carries (product.md, Rights)."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """A right is given to a role, never to a name. SYSTEM is the program itself: imports and sweeps."""

    WALL = "wall"
    DUTY = "duty"
    HANDLER = "handler"
    DISCIPLINE = "discipline"
    LEADER = "leader"
    ADMIN = "admin"
    SYSTEM = "system"


PLATFORM = "platform"
"""Key of the platform office 平台办, the body that accepts, dispatches, revisits and closes."""

IMPORTED_BY = "导入:"
"""How the name of whoever is on record for an imported event begins; the key of the source follows."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did something: role, name, and the key of the body that the person acts for, if any."""

    role: Role
    name: str
    body: str | None = None


SYSTEM = Actor(Role.SYSTEM, "系统")
