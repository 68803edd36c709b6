"""Several orders given at once: each is an order of its own, and each is told what became of it.

Nothing holds them together: one that is refused keeps no other from being carried out, and one that could not
be written is given again by its own request id, which writes once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from domain.rights import RefusedError


@dataclass(frozen=True, slots=True)
class BatchDraft:
    """Orders of `domain.drafts`, in the order in which they are carried out."""

    request_id: str
    orders: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one order, by its request id: done, refused with a reason, or not written at all.

    An order that was not written (the store was away) may be given again; a refused one is decided.
    """

    request_id: str
    refusal: RefusedError | None = None
    written: bool = True

    @property
    def done(self) -> bool:
        """Whether it was carried out, now or before by the same request id."""
        return self.written and self.refusal is None


def count_outcomes(outcomes: Iterable[Outcome]) -> tuple[int, int, int]:
    """Return how many were done, refused, and not written."""
    found = tuple(outcomes)
    done = sum(outcome.done for outcome in found)
    refused = sum(outcome.written and outcome.refusal is not None for outcome in found)
    return done, refused, len(found) - done - refused
