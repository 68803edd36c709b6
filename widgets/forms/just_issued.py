"""Directives that have just been issued here: the form for the same one says so (T20)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.drafts import DirectiveDraft

JUST = timedelta(minutes=5)
"""So long after a directive the same one is taken for a slip of the hand."""


@dataclass(frozen=True, slots=True)
class JustIssued:
    """A directive that was issued at `at` (aware), and its number."""

    number: str
    at: datetime
    draft: DirectiveDraft


def still_just(issued: Iterable[JustIssued], now: datetime) -> tuple[JustIssued, ...]:
    """Return those that were issued in the last minutes."""
    return tuple(one for one in issued if now - one.at < JUST)


def same_as(draft: DirectiveDraft, issued: Iterable[JustIssued]) -> JustIssued | None:
    """Return the latest one about the same subjects to the same receivers, whatever its words.

    Where it is about nothing in particular, its words are what it is about.
    """
    own = _about(draft)
    return next((one for one in reversed(tuple(issued)) if _about(one.draft) == own), None)


def _about(draft: DirectiveDraft) -> tuple[object, ...]:
    subjects = tuple(frozenset(named) for named in (draft.tickets, draft.items, draft.areas))
    return (*subjects, frozenset(draft.receivers), "" if any(subjects) else draft.text)
