"""How urgent a ticket is, and the names that sources use for it (Y04, Y05-Y08)."""

from enum import StrEnum


class Urgency(StrEnum):
    """Three levels, most urgent first; the order of the members is the order on screen."""

    CRITICAL = "critical"
    FIRST = "first"
    ORDINARY = "ordinary"


# The source text itself writes 特级 once and 特急 once (Y04): both mean critical.
ALIASES: dict[str, Urgency] = {
    "critical": Urgency.CRITICAL,
    "特急": Urgency.CRITICAL,
    "特级": Urgency.CRITICAL,
    "first": Urgency.FIRST,
    "一级": Urgency.FIRST,
    "ordinary": Urgency.ORDINARY,
    "普通": Urgency.ORDINARY,
    "一般": Urgency.ORDINARY,
}


def parse_urgency(text: str) -> Urgency:
    """Return the urgency that a source's word stands for.

    Raises:
        ValueError: the word is no known name or alias.
    """
    found = ALIASES.get(text.strip().lower())
    if found is None:
        raise ValueError(f"unknown urgency {text!r}")
    return found
