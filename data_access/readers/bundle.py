"""All that goes into an exported dossier: events as they were hashed, what follows of them, evidence, seals.

Read in one snapshot, by whoever exports: what they may not see is not in it. A complainant never is, and who
looked at one neither.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import ARRAY, Connection, Row, Text, literal, select, text

from data_access import evidence, log, schema
from data_access.gate.session import person_of
from data_access.readers.dossier import dossier
from data_access.rules import Rules
from data_access.seal import seals
from domain.case_events import TookIn
from domain.dossier import Dossier
from domain.dossier_proof import Record
from domain.events import Event
from domain.evidence import EvidenceFile
from domain.re_supervision import ReSupervision, fold_re_supervision
from domain.seal import Seal, SealedHead


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that is kept: with which matter (`evidence.content_of` takes it), and what is known of it."""

    matter: str
    file: EvidenceFile


@dataclass(frozen=True, slots=True)
class Bundle:
    """A dossier as it is exported. `number` is what was asked for: a ticket's number, or a file's.

    `streams` are the events in their order, the ticket's own first; each ends before the first event that
    happened after the moment of the dossier. `seals` are days that cover them, with all `heads` of each.
    `sealed_until` is the last day that the store has sealed, None for none. `sample`: the city is made up.
    """

    number: str
    dossier: Dossier
    city: str
    streams: Mapping[str, tuple[Record, ...]]
    files: tuple[ReSupervision, ...]
    evidence: Mapping[str, Kept]
    seals: tuple[Seal, ...]
    heads: Mapping[date, tuple[SealedHead, ...]]
    sealed_until: date | None
    sample: bool = False

    @property
    def ticket(self) -> str:
        """The number of the ticket that it is about."""
        return self.dossier.number


def read_bundle(
    connection: Connection, rules: Rules, number: str, moment: datetime, present: datetime
) -> Bundle | None:
    """Return what the dossier of a ticket, or of the ticket that a file is about, holds as of `moment`.

    None when there is no such ticket or file for whoever asks, or it had not come in by then.
    """
    file = schema.re_supervision.c
    ticket = connection.execute(select(file.ticket).where(file.number == number)).scalar() or number
    shown = dossier(connection, rules, ticket, moment, present)
    if shown is None:
        return None
    streams = {
        stream: found
        for stream in _streams(connection, ticket, shown)
        if (found := _records(connection, stream, moment))
    }
    sealed, heads, until = _seals(connection, streams)
    # Who complained is left out whatever one may see of it: the dossier goes on to others.
    facts = replace(shown.facts, complainant="", secrecy=False)
    city = connection.execute(select(schema.city.c.name, schema.city.c.sample)).one_or_none()
    return Bundle(
        number,
        replace(shown, facts=facts),
        city.name if city else "",
        streams,
        tuple(
            fold_re_supervision(stream.partition("/")[2], _events(connection, stream, len(found)))
            for stream, found in streams.items()
            if stream.startswith("re_supervision/")
        ),
        _evidence(connection, streams),
        sealed,
        heads,
        until,
        bool(city and city.sample),
    )


def _streams(connection: Connection, ticket: str, shown: Dossier) -> Iterable[str]:
    item, directive, file = schema.item.c, schema.directive.c, schema.re_supervision.c
    yield f"ticket/{ticket}"
    merged = {row.event.fact.ticket for row in shown.log if isinstance(row.event.fact, TookIn)}
    about = (
        ("ticket", merged),
        ("re_supervision", connection.execute(select(file.number).where(file.ticket == ticket)).scalars()),
        (
            "directive",
            connection.execute(
                select(directive.number).where(directive.tickets.contains(literal([ticket], ARRAY(Text))))
            ).scalars(),
        ),
        ("item", connection.execute(select(item.number).where(item.ticket == ticket)).scalars()),
    )
    for prefix, numbers in about:
        yield from (f"{prefix}/{number}" for number in sorted(numbers))


def _records(connection: Connection, stream: str, moment: datetime) -> tuple[Record, ...]:
    event = schema.event.c
    rows = connection.execute(
        select(*log.RECORDED_COLUMNS).where(event.stream == stream).order_by(event.seq)
    ).all()
    end = next((place for place, row in enumerate(rows) if row.at > moment), len(rows))
    return tuple(_record(row) for row in rows[:end])


def _record(row: Row[*tuple[Any, ...]]) -> Record:
    return Record(
        row.stream,
        row.seq,
        row.kind,
        row.at.astimezone(UTC),
        row.role,
        row.person,
        row.body,
        row.data,
        row.recorded_at.astimezone(UTC),
        bytes(row.previous),
        bytes(row.hash),
    )


def _events(connection: Connection, stream: str, count: int) -> list[Event]:
    records = log.read_stream(connection, stream)[:count]
    return [record.event for record in log.in_time_order(records)]


def _evidence(connection: Connection, streams: Iterable[str]) -> dict[str, Kept]:
    """What is kept with the matters of these streams, by checksum: the same content is exported once."""
    found: dict[str, Kept] = {}
    for stream in streams:
        family, _, number = stream.partition("/")
        matter = number if family == "ticket" else stream
        for checksum, file in sorted(evidence.files_of(connection, matter).items()):
            found.setdefault(checksum, Kept(matter, file))
    return found


def _seals(
    connection: Connection, streams: Mapping[str, tuple[Record, ...]]
) -> tuple[tuple[Seal, ...], dict[date, tuple[SealedHead, ...]], date | None]:
    """The last seal that covers each stream, with all its heads; none for who may not read these."""
    known = seals(connection)
    if not known:
        return (), {}, None
    heads: dict[date, tuple[SealedHead, ...]] = {}
    covering: set[date] = set()
    for stream, records in streams.items():
        grown = {day for record in records if (day := _day_of(record.recorded_at, known)) is not None}
        for day in sorted(grown, reverse=True):
            if day not in heads:
                heads[day] = _heads(connection, day)
            if any(head.stream == stream and head.seq <= len(records) for head in heads[day]):
                covering.add(day)
                break
    own = tuple(seal for seal in known if seal.day in covering)
    return own, {day: heads[day] for day in sorted(covering)}, known[-1].day


def _day_of(moment: datetime, known: tuple[Seal, ...]) -> date | None:
    return next((seal.day for seal in known if moment < seal.until), None)


def _heads(connection: Connection, day: date) -> tuple[SealedHead, ...]:
    # A person asks a function, which answers whoever sees all streams.
    statement = _HEADS if person_of(connection) is None else _HEADS_FOR_PERSONS
    rows = connection.execute(statement, {"day": day})
    return tuple(SealedHead(row.stream, row.seq, bytes(row.hash)) for row in rows)


_HEADS = text('SELECT stream, seq, hash FROM sealed_head WHERE day = :day ORDER BY stream COLLATE "C"')
_HEADS_FOR_PERSONS = text('SELECT stream, seq, hash FROM heads_of_day(:day) ORDER BY stream COLLATE "C"')

__all__ = ["Bundle", "Kept", "read_bundle"]
