"""What an order needs to know before it is decided: who exists, which files and warnings run."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from data_access import log, schema
from data_access.serials import directive_number, re_supervision_number
from domain.drafts import AcknowledgeDraft
from domain.re_supervision import ReSupervision, fold_re_supervision


@dataclass(frozen=True, slots=True)
class OpenWarning:
    """A raised warning that has not been cleared."""

    body: str | None
    acknowledged_by: str | None


def body_keys(connection: Connection) -> frozenset[str]:
    """Return the keys of all bodies."""
    return frozenset(connection.execute(select(schema.body.c.key)).scalars())


def existing_tickets(connection: Connection, numbers: Collection[str]) -> frozenset[str]:
    """Return those of the numbers that are tickets."""
    ticket = schema.ticket
    return frozenset(
        connection.execute(select(ticket.c.number).where(ticket.c.number.in_(numbers))).scalars()
    )


def files_about(connection: Connection, ticket: str) -> Sequence[ReSupervision]:
    """Return the re-supervision files about a ticket, from their events."""
    file = schema.re_supervision
    numbers = connection.execute(
        select(file.c.number).where(file.c.ticket == ticket).order_by(file.c.number)
    ).scalars()
    return [
        fold_re_supervision(
            number, [record.event for record in log.read_stream(connection, f"re_supervision/{number}")]
        )
        for number in numbers
    ]


def open_warning(connection: Connection, draft: AcknowledgeDraft) -> OpenWarning | None:
    """Return the raised warning that a draft means, or None when none runs."""
    warning = schema.warning
    row = connection.execute(
        select(warning.c.body, warning.c.acknowledged_by).where(
            warning.c.ticket == draft.ticket,
            warning.c.round == draft.round,
            warning.c.leg == draft.leg,
            warning.c.node == draft.node.value,
            warning.c.kind == draft.kind.value,
            warning.c.level == draft.level.value,
            warning.c.cleared_at.is_(None),
        )
    ).one_or_none()
    return None if row is None else OpenWarning(row.body, row.acknowledged_by)


__all__ = [
    "OpenWarning",
    "body_keys",
    "directive_number",
    "existing_tickets",
    "files_about",
    "open_warning",
    "re_supervision_number",
]
