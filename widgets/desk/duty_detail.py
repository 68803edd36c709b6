"""What the duty officer's desk knows beyond a line: the dossier, what its text suggests, and whom."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.dossier import Dossier
from domain.drafts import Choice
from domain.suggesting import Advice, Assignment


@dataclass(frozen=True)
class Office:
    """What is offered for a dispatch: the kinds of the list, who can hold a ticket, who can help."""

    kinds: tuple[Choice, ...] = ()
    holders: tuple[Choice, ...] = ()
    bodies: tuple[Choice, ...] = ()


@dataclass(frozen=True)
class DutyDetail:
    """`assignments` are whom the list names at this place, by the kind's code; a kind whose lead does not
    exist in this city is not there."""

    dossier: Dossier
    advice: Advice
    assignments: Mapping[str, Assignment] = field(default_factory=dict)
    office: Office = Office()

    @property
    def version(self) -> int:
        """How many events the ticket had when this was read."""
        return len(self.dossier.log)
