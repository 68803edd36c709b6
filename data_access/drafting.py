"""A draft re-supervision for each red warning that has no open file yet (T10)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ARRAY, Connection, Text, func, literal, select

from data_access import schema
from data_access.rules import Rules
from data_access.serials import re_supervision_numbers
from domain.events import Event, ReSupervisionDrafted, ReSupervisionReferred
from domain.nodes import Node
from domain.people import SYSTEM
from domain.re_supervision import FileState


@dataclass(frozen=True, slots=True)
class RedWarning:
    """A red warning that was just raised."""

    ticket: str
    body: str | None
    node: Node
    round: int
    sentence: str
    since: datetime

    @property
    def drafted(self) -> Event:
        """What begins the file's stream."""
        fact = ReSupervisionDrafted(self.ticket, self.body, self.node, self.round, self.sentence)
        return Event(self.since, SYSTEM, fact)

    def referred(self, number: str) -> Event:
        """What the ticket's stream says of the file."""
        return Event(self.since, SYSTEM, ReSupervisionReferred(number, "drafted", self.sentence))


def drafts_for(
    connection: Connection, rules: Rules, raised: Sequence[RedWarning], now: datetime
) -> dict[str, RedWarning]:
    """Return a number for each matter that has no open file yet."""
    if not raised:
        return {}
    file = schema.re_supervision
    rows = connection.execute(
        select(file.c.ticket, file.c.node, file.c.round).where(
            file.c.ticket == func.any(literal([matter.ticket for matter in raised], ARRAY(Text))),
            file.c.state.not_in([FileState.CLOSED.value, FileState.DECLINED.value]),
        )
    )
    known = {(row.ticket, row.node, row.round) for row in rows}
    new = {
        key: matter
        for matter in raised
        if (key := (matter.ticket, matter.node.value, matter.round)) not in known
    }
    year = now.astimezone(rules.calendar.zone).year
    return dict(zip(re_supervision_numbers(connection, year, len(new)), new.values(), strict=True))
