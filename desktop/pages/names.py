"""What the pages are called, and which of them only some people have."""

from desktop.seat import Sitting
from domain.people import Role
from domain.rights import Command, may

OVERVIEW, MAP = "overview", "map"
TICKETS, DOSSIER = "tickets", "dossier"
WARNINGS, RANKING, LEDGER, MATTERS = "warnings", "ranking", "ledger", "matters"
DIRECTIVES, RE_SUPERVISIONS = "directives", "re_supervisions"
PEOPLE = "people"
ENVIRONMENT = "environment"
HANDLER_DESK, DUTY_DESK = "handler_desk", "duty_desk"
REPEATS = "repeats"
PATTERNS = "patterns"
DUTY_LOG = "duty_log"
FINDINGS = "findings"
RISING = "rising"

WITHOUT_TAB = (REPEATS, PATTERNS, FINDINGS, RISING, DUTY_LOG)
"""Pages that others lead to: the ticket list, the duty's desk, files, the map."""
TABS_OF_SOME = (PEOPLE, HANDLER_DESK, DUTY_DESK)


def of_some(sitting: Sitting | None) -> frozenset[str]:
    """Return the pages that whoever sits here has and others have not: a wall has none."""
    if sitting is None:
        return frozenset()
    actor = sitting.actor
    has = {
        PEOPLE: may(Command.ADMINISTER, actor),
        PATTERNS: may(Command.SEE_HISTORY, actor),
        HANDLER_DESK: actor.role is Role.HANDLER,
        DUTY_DESK: actor.role is Role.DUTY,
    }
    return frozenset(name for name, offered in has.items() if offered)
