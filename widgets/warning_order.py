"""In which order the running warnings stand on the wall."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.events import WarningKind, WarningLevel
from domain.listing import WarningRow
from domain.urgency import Urgency

LEAD_CARDS, IMMINENT_CARDS = 3, 3
IMMINENT = timedelta(minutes=15)

_LEVELS = {level: position for position, level in enumerate(WarningLevel)}
_URGENCIES = {urgency: position for position, urgency in enumerate(Urgency)}

Key = tuple[str, str, str, int, int, int, str]


def key_of(row: WarningRow) -> Key:
    """Return what a warning is about: it stays the same while its level, words and receipts change."""
    return row.ticket, row.kind, row.node, row.round, row.leg, row.part, row.rule_id


def arranged(rows: Sequence[WarningRow], now: datetime) -> list[WarningRow]:
    """Return the worst red ones, then what turns red within minutes, then the rest.

    A wall that shows only what is lost hides what can still be saved in the next five minutes.
    """
    ordered = sorted(rows, key=_urgency)
    imminent = [row for row in ordered if _turns_red(row) and row.due_at - now <= IMMINENT][:IMMINENT_CARDS]
    lead = [row for row in ordered if row.level is WarningLevel.RED][:LEAD_CARDS]
    first = [*lead, *imminent]
    taken = {id(row) for row in first}
    return [*first, *(row for row in ordered if id(row) not in taken)]


def next_imminent(rows: Sequence[WarningRow], now: datetime) -> datetime | None:
    """Return when the next warning has only minutes left, which changes the order; None if none will."""
    moments = (row.due_at - IMMINENT for row in rows if _turns_red(row))
    return min((moment for moment in moments if moment > now), default=None)


def _turns_red(row: WarningRow) -> bool:
    # What was done wrong stays yellow when its node falls due.
    return row.level is WarningLevel.YELLOW and row.kind is not WarningKind.WRONG


def _urgency(row: WarningRow) -> tuple[int, bool, int, datetime]:
    """Red first, unseen first; among red ones the more urgent ticket, among yellow ones the sooner due."""
    rank = _URGENCIES[row.urgency] if row.level is WarningLevel.RED else 0
    return (_LEVELS[row.level], row.acknowledged_by is not None, rank, row.due_at)
