"""What was reported from the site, or told later, as the log holds it: where, when, what was measured."""

import math
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from domain.coordinates import Datum, Point, metres_between, wgs84_of
from domain.events import Arrived, Rectified
from domain.orders import LONGEST_NAME, note, written
from domain.readings import DECIMALS, LONGEST_ITEM, MOST_READINGS, can_be
from domain.rights import Reason, RefusedError
from domain.ticket_trace import Trace

FARTHEST = 1_000_000
"""Metres."""
MOST_EVIDENCE = 100

ReportT = TypeVar("ReportT", Arrived, Rectified)

_CHECKSUM = re.compile("[0-9a-f]{64}")


def arrived(fact: Arrived, trace: Trace, now: datetime) -> Arrived:
    """Return a report of an arrival, tidied: a distance that follows from a position is computed.

    Raises:
        RefusedError: a position, distance, moment, reading or evidence is impossible, or a text too long.
    """
    distance, where = fact.distance_m, None
    if fact.lng is not None and fact.lat is not None:
        if not (abs(fact.lng) <= 180 and abs(fact.lat) <= 90):  # whatever is no number is neither
            raise RefusedError(Reason.BAD_POSITION)
        where = wgs84_of(Datum.WGS84, fact.lng, fact.lat)
    elif fact.lng is not None or fact.lat is not None:
        raise RefusedError(Reason.BAD_POSITION)
    received = trace.received
    if where is not None and received.lng is not None and received.lat is not None:
        # What follows from the position is computed: nobody types it.
        distance = min(metres_between(where, Point(received.lng, received.lat)), FARTHEST)
    tidy = replace(
        fact,
        distance_m=_metres(distance),
        evidence=_checksums(fact.evidence),
        note=note(fact.note),
        lng=where.lng if where is not None else None,
        lat=where.lat if where is not None else None,
        source=note(fact.source, LONGEST_NAME) if where is not None else "",
        on_site_at=past_moment(fact.on_site_at, trace, now),
    )
    return _measured(tidy)


def _measured(fact: ReportT) -> ReportT:
    """Return a report whose readings have a name, a value and a limit each (Y27)."""
    count = len(fact.measured)
    numbers = (*fact.values, *fact.limits)
    if not len(fact.values) == len(fact.limits) == count <= MOST_READINGS or not all(map(can_be, numbers)):
        raise RefusedError(Reason.BAD_READING, str(MOST_READINGS))
    return replace(
        fact,
        measured=tuple(written(item, LONGEST_ITEM) for item in fact.measured),
        values=tuple(_rounded(value) for value in fact.values),
        limits=tuple(_rounded(limit) for limit in fact.limits),
    )


def _rounded(number: float) -> float:
    return abs(round(float(number), DECIMALS))


def past_moment(moment: datetime | None, trace: Trace, now: datetime) -> datetime | None:
    """Let a moment pass at which somebody says that something happened; the log says when it was told.

    Raises:
        RefusedError: it lies before the ticket came in, or after `now`.
    """
    if moment is not None and moment > now:
        raise RefusedError(Reason.NOT_HAPPENED_YET)
    if moment is not None and moment < trace.received_at:
        raise RefusedError(Reason.BEFORE_RECEPTION)
    return moment


def _metres(distance: float | None) -> float | None:
    if distance is None:
        return None
    if not math.isfinite(distance) or not 0 <= distance <= FARTHEST:
        raise RefusedError(Reason.BAD_DISTANCE, str(FARTHEST))
    return abs(round(float(distance), 1))


def rectified(fact: Rectified) -> Rectified:
    """Return a report of what was done, tidied.

    Raises:
        RefusedError: it says nothing, or evidence or a reading is impossible.
    """
    return _measured(replace(fact, measures=written(fact.measures), evidence=_checksums(fact.evidence)))


def _checksums(evidence: Iterable[str]) -> tuple[str, ...]:
    sums = tuple(dict.fromkeys(evidence))
    if len(sums) > MOST_EVIDENCE or not all(_CHECKSUM.fullmatch(checksum) for checksum in sums):
        raise RefusedError(Reason.BAD_EVIDENCE, str(MOST_EVIDENCE))
    return sums
