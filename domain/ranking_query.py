"""Which ranking a screen or a command asks for, and the answer with the window that it covers."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from domain.listing import Outcome, TicketFilter
from domain.nodes import Node
from domain.ranking import RankingRow


class RankBy(StrEnum):
    """What a row of a ranking stands for."""

    BODY = "body"
    CATEGORY = "category"
    AREA = "area"


class FollowUp(StrEnum):
    """Which of a window's follow-ups a figure counts. BOUNCED are revisits and post-checks not passed."""

    REVISITED = "revisited"
    SATISFIED = "satisfied"
    BOUNCED = "bounced"


@dataclass(frozen=True, slots=True)
class RankingQuery:
    """A ranking of one node, or of all nodes together, over the last `days` days."""

    by: RankBy = RankBy.BODY
    node: Node | None = None
    days: int = 30


@dataclass(frozen=True, slots=True)
class RankingPage:
    """The answer: rows in their order, for nodes that fell due in [due_from, due_to)."""

    query: RankingQuery
    rows: tuple[RankingRow, ...]
    due_from: datetime
    due_to: datetime
    as_of: datetime

    def tickets_of(self, row: RankingRow, counted: Outcome | FollowUp) -> TicketFilter:
        """Return the filter of exactly the tickets that a figure of a row counts.

        Follow-ups are those done in the window, whichever node the ranking is of.
        """
        of_row = TicketFilter(
            body=row.key if self.query.by is RankBy.BODY else None,
            category=row.key if self.query.by is RankBy.CATEGORY else None,
            area=row.key if self.query.by is RankBy.AREA else None,
        )
        if isinstance(counted, Outcome):
            return replace(
                of_row, node=self.query.node, outcome=counted, due_from=self.due_from, due_to=self.due_to
            )
        done = replace(of_row, done_from=self.due_from, done_to=self.due_to)
        match counted:
            case FollowUp.REVISITED:
                return replace(done, node=Node.REVISIT)
            case FollowUp.SATISFIED:
                return replace(done, satisfied=True)
            case FollowUp.BOUNCED:
                return replace(done, bounced=True)
