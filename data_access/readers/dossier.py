"""All that is known of one ticket as of a minute, for the page that shows its dossier.

Everything follows from the event streams up to that minute: the ticket's own, those of the directives that
name it and of its re-supervisions. So it works on the store as it is, for any past minute, without a replay.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, Connection, Text, literal, select

from data_access import log, schema
from data_access.log import Recorded
from data_access.project import Rows, project
from data_access.readers import complainant
from data_access.readers.directives import directive_row, receipt
from data_access.readers.names import Names, read_names
from data_access.readers.re_supervisions import re_supervision_row
from data_access.readers.repeats import merge_candidates, merged_rows, reports_at
from data_access.readers.ticket_warnings import ticket_warnings
from data_access.rules import Rules
from domain.case_fold import fold_case
from domain.chain import GENESIS, link
from domain.clock import TicketClock, clock, explain
from domain.codec import encode
from domain.dossier import Dossier, Facts, LogRow, evidence_of
from domain.events import Event, Received
from domain.merging import taken_in
from domain.nodes import Node
from domain.overview import DirectiveRow, ReSupervisionRow
from domain.re_supervision import FileState, charged_now

MOST_MERGED = 50
"""So many of the tickets that are handled in one are listed."""


def dossier(
    connection: Connection, rules: Rules, number: str, moment: datetime, latest: datetime
) -> Dossier | None:
    """Return the dossier of a ticket as of `moment`, where `latest` is the present.

    None when there is no such ticket, or it had not been received by then. A complainant is never shown
    unmasked here.
    """
    records = log.read_stream(connection, f"ticket/{number}")
    in_order = log.in_time_order(records)
    shown = [record for record in in_order if record.event.at <= moment]
    if not shown or not isinstance(shown[0].event.fact, Received):
        return None
    events = [record.event for record in shown]
    received = shown[0].event.fact
    policy = rules.policies.in_force(received.policy, events[0].at)
    clocks = clock(events, policy, rules.calendar, moment)
    names = read_names(connection)
    sound = _sound(records)
    files = _files(connection, rules, number, moment)
    whole = clock([record.event for record in in_order], policy, rules.calendar, latest)
    end = min(whole.trace.closed_at or latest, latest)
    merged = taken_in(events)
    return Dossier(
        number=number,
        title=received.title,
        facts=_facts(connection, rules, number, received, clocks, names),
        clock=clocks,
        explanations=tuple(explain(node, rules.calendar) for node in clocks.trace.nodes),
        log=tuple(LogRow(record.event, record.hash.hex(), sound[record.seq]) for record in shown),
        chain_ok=all(sound.values()),
        latest=max(end, moment) if moment < latest else end,
        replayed=moment < latest,
        evidence=evidence_of(events),
        case=fold_case(events),
        warnings=ticket_warnings(number, events, clocks, files, names),
        directives=_directives(connection, rules, number, moment, names),
        re_supervisions=tuple(
            sorted(
                (
                    re_supervision_row(
                        {**file, "title": received.title, "body": _about(file, events, clocks)}, names
                    )
                    for file in files
                ),
                key=_drafted_at,
                reverse=True,
            )
        ),
        names=names.short_bodies,
        channels=names.channels,
        merged=merged_rows(connection, number, merged[:MOST_MERGED]),
        merged_count=len(merged),
        # What can still be done: a past minute is only looked at.
        candidates=merge_candidates(connection, rules, number, moment) if moment >= latest else (),
    )


def _about(file: dict[str, Any], events: Sequence[Event], clocks: TicketClock) -> str | None:
    """The body that a file is about; a draft without one goes by its warning."""
    body: str | None = file["body"]
    if body is not None or file["state"] != FileState.DRAFTED or file["node"] is None:
        return body
    return charged_now(Node(file["node"]), file["round"], events, clocks.trace.nodes)


def _sound(records: Sequence[Recorded]) -> dict[int, bool]:
    """Return for each event of a stream whether it fits its predecessor and its own hash."""
    found: dict[int, bool] = {}
    previous, expected = GENESIS, 1
    for record in records:
        event = record.event
        computed = link(
            record.previous,
            record.stream,
            record.seq,
            encode(event.fact)[0],
            event.at,
            event.actor,
            record.data,
            record.recorded_at,
        )
        fits = record.seq == expected and record.previous == previous and record.hash == computed
        found[record.seq] = fits
        previous, expected = record.hash, record.seq + 1
    return found


def _facts(
    connection: Connection,
    rules: Rules,
    number: str,
    received: Received,
    clocks: TicketClock,
    names: Names,
) -> Facts:
    person = complainant.masked(connection, number)
    category = names.category(received.category)
    return Facts(
        channel=names.channel(received.channel),
        category_class=category.class_name,
        category=category.name,
        text=received.text,
        lead=names.body(clocks.trace.lead),
        assisting=tuple(names.body(key) for key in clocks.trace.assisting),
        area=names.area(received.area),
        township=received.township or "",
        address=received.address,
        lng=received.lng,
        lat=received.lat,
        complainant=person.text if person else "",
        secrecy=bool(person and person.secrecy),
        repeats=reports_at(connection, rules, number),
        repeat_days=clocks.policy.repeats.days,
    )


def _directives(
    connection: Connection, rules: Rules, number: str, moment: datetime, names: Names
) -> tuple[DirectiveRow, ...]:
    directive = schema.directive.c
    naming = select(directive.number).where(directive.tickets.contains(literal([number], ARRAY(Text))))
    found = _projected(connection, rules, "directive", connection.execute(naming).scalars(), moment)
    receipts = found.by_table.get(schema.directive_receiver, [])
    rows = [
        directive_row(row, [receipt(r) for r in receipts if r["directive"] == row["number"]], names, moment)
        for row in found.by_table.get(schema.directive, [])
    ]
    return tuple(sorted(rows, key=_issued_at, reverse=True))


def _files(connection: Connection, rules: Rules, number: str, moment: datetime) -> list[dict[str, Any]]:
    file = schema.re_supervision.c
    about = select(file.number).where(file.ticket == number)
    found = _projected(connection, rules, "re_supervision", connection.execute(about).scalars(), moment)
    return found.by_table.get(schema.re_supervision, [])


def _projected(
    connection: Connection, rules: Rules, prefix: str, numbers: Iterable[str], moment: datetime
) -> Rows:
    """Return the cached rows that streams would have as of a moment."""
    rows = Rows()
    for number in tuple(numbers):
        stream = f"{prefix}/{number}"
        records = log.in_time_order(log.read_stream(connection, stream))
        past = [record for record in records if record.event.at <= moment]
        if past:
            project(stream, [record.event for record in past], past[-1].hash, rules, rows)
    return rows


def _issued_at(row: DirectiveRow) -> datetime:
    return row.issued_at


def _drafted_at(row: ReSupervisionRow) -> datetime:
    return row.drafted_at
