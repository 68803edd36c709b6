"""What an admin does, as facts: people and their rights, bodies, and the rules that judge tickets.

Streams are `person/<login>`, `body/<key>` and `rules/<kind>-<name>`. They are in the hash chain like all
others, so that nobody, admins included, changes who may do what without a trace. No secret is in them.
"""

from dataclasses import dataclass
from enum import StrEnum

from domain.people import Role


class RuleKind(StrEnum):
    """A file that judges: a policy of clocks, a year's calendar, a scheme of colours."""

    POLICY = "policy"
    CALENDAR = "calendar"
    SCHEME = "scheme"


@dataclass(frozen=True, slots=True)
class PersonAdded:
    """A person may sign in under the stream's login. `body` is a body's key, `area` a county's adcode."""

    name: str
    role: Role
    body: str | None = None
    area: str | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class PersonChanged:
    """Name, role, body, area or title are these from now on; what was is in the events before."""

    name: str
    role: Role
    body: str | None = None
    area: str | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class PersonRevoked:
    """The person cannot sign in any more; open sessions were ended."""

    reason: str


@dataclass(frozen=True, slots=True)
class PersonRestored:
    pass


@dataclass(frozen=True, slots=True)
class PasswordReset:
    """An admin gave the person a new password. PostgreSQL keeps its verifier; nobody keeps the password."""


@dataclass(frozen=True, slots=True)
class BodyAdded:
    """A responsible body, under the stream's key."""

    name: str
    short_name: str


@dataclass(frozen=True, slots=True)
class BodyChanged:
    """A body's names are these from now on; its key never changes."""

    name: str
    short_name: str


@dataclass(frozen=True, slots=True)
class RuleSubmitted:
    """An admin gave the program a rule's file: its text with the `sha256` in hex, and what it says of itself.

    It judges nothing until it is installed. `effective_from` is an ISO day; `retroactive` allows it to judge
    tickets anew that came in since then.
    """

    kind: RuleKind
    text: str
    sha256: str
    version: int
    effective_from: str
    retroactive: bool = False


@dataclass(frozen=True, slots=True)
class RuleInstalled:
    """The program read the submitted file, found it in order, and judges by it; so many tickets anew."""

    sha256: str
    rejudged: int = 0


@dataclass(frozen=True, slots=True)
class RuleRefused:
    """The program read the submitted file and did not install it."""

    sha256: str
    reason: str


AdminFact = (
    PersonAdded
    | PersonChanged
    | PersonRevoked
    | PersonRestored
    | PasswordReset
    | BodyAdded
    | BodyChanged
    | RuleSubmitted
    | RuleInstalled
    | RuleRefused
)
"""What is recorded by the functions for admins (`data_access/gate/people.sql`) and the program's answers."""
