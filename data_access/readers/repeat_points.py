"""Repeat points of the last days (B10), however many reports there are: counted in cells, listed by pages.

The reports of the window are counted by the database in cells of half the radius, packed into one answer;
`domain.repeat_points` makes points of them. That is a second's work at a million tickets, for a worker thread
and not for each change: a list of them is settled, says as of when, and rests in proportion to what it cost.
What a page shows is read by its points' cells, each a short range of the index `ticket_place`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, text

from data_access.readers.settled import SEPARATOR, Settled
from data_access.rules import Rules
from domain.policy import NoPolicyError
from domain.repeat_points import CELLS_A_RADIUS, Cells, FirstContact, RepeatPoint, most_first
from domain.repeat_rules import RepeatsRule

PACKED = np.dtype(
    [("x", ">i4"), ("y", ">i4"), ("count", ">i4"), ("lng", ">f8"), ("lat", ">f8"), ("last", ">f8")]
)
"""A cell: its place in the net, how many reports, their middle in degrees, the last in seconds since 1970."""
EARTH_M = 6_371_008.8
"""Mean radius in metres (IUGG)."""
_BAR = "|"
_REACH = CELLS_A_RADIUS + 1
"""Cells to each side in which a middle within the radius may lie."""

FAMILY = "standard"
"""The policies that say what a repeat point is, whatever family judges its tickets."""


@dataclass(frozen=True, slots=True)
class Found:
    """The repeat points as of a moment: how many reports by key, the fullest first, and of these
    the one that was reported last.

    `cells` are those of each point, (x, y) in the net; points without a place have area and address.
    """

    rule: RepeatsRule
    since: datetime
    until: datetime
    net: Cells
    counts: Mapping[str, int] = field(default_factory=dict)
    cells: Mapping[str, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    addresses: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    settled: FirstContact = FirstContact()  # noqa: RUF009 - frozen

    @property
    def reports(self) -> int:
        """How many reports all points have together."""
        return sum(self.counts.values())


def rule_of(rules: Rules, now: datetime) -> RepeatsRule:
    """Return what a repeat point is by the policy in force now."""
    try:
        return rules.policies.in_force(FAMILY, now).repeats
    except NoPolicyError:
        return RepeatsRule()


def find_points(connection: Connection, rules: Rules, now: datetime) -> Found:
    """Return all repeat points of the policy's days up to now."""
    rule = rule_of(rules, now)
    since = now - timedelta(days=rule.days)
    net = Cells.of(rule.radius_m, float(connection.execute(_LATITUDE).scalar() or 0.0))
    about = {"since": since, "until": now, "reports": rule.reports, "east": net.east, "north": net.north}
    packed = connection.execute(_CELLS, about).scalar()
    cells = group(np.frombuffer(packed or b"", PACKED), rule.radius_m, rule.reports)
    ranks = {key: (-place.reports, -place.last) for key, place in cells.items()}
    named: dict[str, tuple[str, str]] = {}
    for row in connection.execute(_ADDRESSES, about):
        key = f"{row.area}{_BAR}{row.address}"
        ranks[key], named[key] = (-int(row.reports), -float(row.last)), (row.area, row.address)
    counts = {key: -rank[0] for key, rank in sorted(ranks.items(), key=itemgetter(1, 0))}
    found = Found(rule, since, now, net, counts, {key: place.cells for key, place in cells.items()}, named)
    first = connection.execute(_FIRST_CONTACT, _all_of(found)).one()
    return replace(found, settled=FirstContact(int(first.settled), int(first.closed)))


def settled_points(found: Found) -> Settled:
    """Return the points' keys as a list of any length takes them."""
    return Settled([SEPARATOR.join(found.counts)])


def points_by_key(
    connection: Connection, found: Found, keys: Sequence[str], now: datetime
) -> tuple[RepeatPoint | None, ...]:
    """Return points as of now, in the order of their keys; None for one that is no longer known."""
    reports: dict[str, list[Row[*tuple[Any, ...]]]] = {}
    for row in _reports(connection, found, keys):
        reports.setdefault(row.key, []).append(row)
    plans = _plans(connection, reports)
    return tuple(_point(key, reports[key], plans, now) if key in reports else None for key in keys)


def numbers_at_all(connection: Connection, found: Found) -> tuple[str, ...]:
    """Return the tickets of all points: the reports of the window are looked through once."""
    return tuple(connection.execute(_NUMBERS, _all_of(found)).scalars())


@dataclass(frozen=True, slots=True)
class Place:
    """Cells that make up a point, the middle first: how many reports, and the last (seconds since 1970)."""

    reports: int
    last: float
    cells: tuple[tuple[int, int], ...]


def group(cells: np.ndarray[Any, Any], radius_m: float, reports: int) -> dict[str, Place]:
    """Return the points that cells make up (`domain.repeat_points`) by their keys.

    `cells` are rows of PACKED. It is done for all at once: a cell that is fuller than all around it is a
    middle, what lies around a middle is none, and so on with the rest, as one after the other would have it.
    """
    order = np.lexsort((cells["x"], cells["y"], -cells["count"].astype(np.int64)))
    cells = cells[order]
    one, other = _pairs(cells, radius_m)
    middle = _middles(len(cells), one, other)
    # Each cell goes to the fullest middle in reach: its number is the smallest, as cells are in that order.
    home = np.where(middle, np.arange(len(cells)), len(cells))
    np.minimum.at(home, one[middle[other]], other[middle[other]])
    home = np.where(middle, np.arange(len(cells)), home)
    totals = np.bincount(home, cells["count"].astype(np.float64), len(cells) + 1)[: len(cells)]
    last = np.zeros(len(cells))
    np.maximum.at(last, home, cells["last"].astype(np.float64))
    places = list(zip(cells["x"].tolist(), cells["y"].tolist(), strict=True))
    members: dict[int, list[tuple[int, int]]] = {}
    for cell in np.flatnonzero(totals[home] >= reports).tolist():
        members.setdefault(int(home[cell]), []).append(places[cell])
    return {
        f"{places[seed][0]}:{places[seed][1]}": Place(int(totals[seed]), float(last[seed]), tuple(its))
        for seed, its in members.items()
    }


def _pairs(cells: np.ndarray[Any, Any], radius_m: float) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return all pairs of cells whose middles are within the radius, both ways round."""
    wide = np.int64(2**32)
    places = cells["y"].astype(np.int64) * wide + cells["x"]
    sorted_at = np.argsort(places)
    ordered = places[sorted_at]
    lng, lat = np.radians(cells["lng"].astype(np.float64)), np.radians(cells["lat"].astype(np.float64))
    ones: list[np.ndarray[Any, Any]] = []
    others: list[np.ndarray[Any, Any]] = []
    for up in range(-_REACH, _REACH + 1):
        for across in range(-_REACH, _REACH + 1):
            if not (up or across) or not len(places):
                continue
            wanted = places + up * wide + across
            at = np.minimum(np.searchsorted(ordered, wanted), len(places) - 1)
            one = np.flatnonzero(ordered[at] == wanted)
            other = sorted_at[at[one]]
            half = np.sin((lat[other] - lat[one]) / 2) ** 2
            half += np.cos(lat[one]) * np.cos(lat[other]) * np.sin((lng[other] - lng[one]) / 2) ** 2
            near = 2 * EARTH_M * np.arcsin(np.sqrt(half)) <= radius_m
            ones.append(one[near])
            others.append(other[near])
    nothing = np.empty(0, np.int64)
    return np.concatenate([nothing, *ones]), np.concatenate([nothing, *others])


def _middles(count: int, one: np.ndarray[Any, Any], other: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return which cells are middles: in their order, each that no earlier middle reaches."""
    middle, left = np.zeros(count, bool), np.ones(count, bool)
    while left.any():
        fuller = other < one
        beaten = np.zeros(count, bool)
        beaten[one[fuller]] = True
        new = left & ~beaten
        middle |= new
        left &= ~new
        left[one[new[other]]] = False
        still = left[one] & left[other]
        one, other = one[still], other[still]
    return middle


def _all_of(found: Found) -> dict[str, Any]:
    """What names the places of all points, and the window."""
    cells = [place for places in found.cells.values() for place in places]
    areas, addresses = _parts(found.addresses.values())
    return _window(found) | {
        "east": found.net.east,
        "north": found.net.north,
        "xs": [x for x, _ in cells],
        "ys": [y for _, y in cells],
        "areas": areas,
        "addresses": addresses,
    }


def _window(found: Found) -> dict[str, Any]:
    return {"since": found.since, "until": found.until}


def _parts(addresses: Iterable[tuple[str, str]]) -> tuple[list[str], list[str]]:
    pairs = list(addresses)
    return [area for area, _ in pairs], [address for _, address in pairs]


def _reports(connection: Connection, found: Found, keys: Sequence[str]) -> list[Row[*tuple[Any, ...]]]:
    cells = [(key, x, y) for key in keys for x, y in found.cells.get(key, ())]
    named = [key for key in keys if key in found.addresses]
    areas, addresses = _parts(found.addresses[key] for key in named)
    net = found.net
    about = _window(found) | {
        "keys": [key for key, _, _ in cells],
        "west": [x * net.east for _, x, _ in cells],
        "east": [(x + 1) * net.east for _, x, _ in cells],
        "south": [y * net.north for _, _, y in cells],
        "north": [(y + 1) * net.north for _, _, y in cells],
        "named": named,
        "areas": areas,
        "addresses": addresses,
    }
    return list(connection.execute(_ALL, about).all())


def _plans(connection: Connection, reports: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
    """Return the last plan that a record of one of the tickets has, by the ticket's number."""
    numbers = sorted({row.number for rows in reports.values() for row in rows})
    return {row.ticket: row for row in connection.execute(_PLANS, {"numbers": numbers})}


def _point(key: str, rows: Sequence[Any], plans: Mapping[str, Any], now: datetime) -> RepeatPoint:
    rows = sorted(rows, key=_received_at, reverse=True)
    last = rows[0]
    planned = [plans[row.number] for row in rows if row.number in plans]
    plan = max(planned, key=_opened_at, default=None)
    standing = [row for row in rows if row.closed_at is None or row.closed_at > now]
    return RepeatPoint(
        key=key,
        address=next((row.address for row in rows if row.address), ""),
        area_name=" · ".join(part for part in (last.area_name, last.township) if part),
        count=len(rows),
        open=len(standing),
        merged=sum(row.merged_into is not None for row in rows),
        kinds=most_first(Counter(row.category_name for row in rows)),
        bodies=most_first(Counter(row.body_name for row in rows)),
        first_at=rows[-1].received_at,
        last_at=last.received_at,
        plan="" if plan is None else plan.title,
        plan_approved=plan is not None and plan.outcome == "approved",
        numbers=tuple(row.number for row in rows),
        body_keys=tuple(dict.fromkeys(row.lead for row in rows if row.lead)),
    )


def _received_at(row: Any) -> tuple[datetime, str]:
    return (row.received_at, row.number)


def _opened_at(row: Any) -> datetime:
    opened: datetime = row.opened_at
    return opened


# Any latitude of the city will do for the cells' width; a whole one stays the same from one list to the next.
_LATITUDE = text(
    "SELECT round(avg(f.lat)) FROM (SELECT lat FROM ticket WHERE lat IS NOT NULL LIMIT 100) AS f"
)

_CELLS = text("""
    SELECT string_agg(
        int4send(x) || int4send(y) || int4send(reports) || float8send(lng) || float8send(lat)
            || float8send(last),
        ''
    )
    FROM (
        SELECT CAST(floor(t.lng / :east) AS integer) AS x, CAST(floor(t.lat / :north) AS integer) AS y,
            CAST(count(*) AS integer) AS reports, avg(t.lng) AS lng, avg(t.lat) AS lat,
            date_part('epoch', max(t.received_at)) AS last
        FROM ticket AS t
        WHERE t.received_at > :since AND t.received_at <= :until AND t.lat IS NOT NULL AND t.lng IS NOT NULL
        GROUP BY 1, 2
    ) AS cells
""")

_ADDRESSES = text("""
    SELECT coalesce(t.area, '') AS area, t.address, count(*) AS reports,
        date_part('epoch', max(t.received_at)) AS last
    FROM ticket AS t
    WHERE t.received_at > :since AND t.received_at <= :until AND t.lat IS NULL AND t.address <> ''
    GROUP BY 1, 2 HAVING count(*) >= :reports
""")

_NUMBERS = text("""
    SELECT t.number FROM ticket AS t
    JOIN (SELECT DISTINCT * FROM unnest(CAST(:xs AS integer[]), CAST(:ys AS integer[])) AS p (x, y)) AS cell
        ON cell.x = CAST(floor(t.lng / :east) AS integer) AND cell.y = CAST(floor(t.lat / :north) AS integer)
    WHERE t.received_at > :since AND t.received_at <= :until
    UNION ALL
    SELECT t.number FROM unnest(CAST(:areas AS text[]), CAST(:addresses AS text[])) AS a (area, address)
    JOIN ticket AS t ON t.address = a.address AND t.address <> '' AND coalesce(t.area, '') = a.area
        AND t.lat IS NULL AND t.received_at > :since AND t.received_at <= :until
""")

_FIRST_CONTACT = text("""
    SELECT count(*) AS closed,
        count(*) FILTER (WHERE t.bounces = 0 AND cell.x IS NULL AND named.address IS NULL) AS settled
    FROM ticket AS t
    LEFT JOIN (
        SELECT DISTINCT * FROM unnest(CAST(:xs AS integer[]), CAST(:ys AS integer[])) AS p (x, y)
    ) AS cell
        ON cell.x = CAST(floor(t.lng / :east) AS integer) AND cell.y = CAST(floor(t.lat / :north) AS integer)
    LEFT JOIN unnest(CAST(:areas AS text[]), CAST(:addresses AS text[])) AS named (area, address)
        ON t.lat IS NULL AND t.address = named.address AND coalesce(t.area, '') = named.area
    WHERE t.received_at > :since AND t.received_at <= :until AND t.closed_at <= :until
        AND t.merged_into IS NULL
""")

_ALL = text("""
    SELECT r.key, r.number, r.received_at, r.closed_at, r.merged_into, r.address,
        coalesce(r.township, '') AS township, coalesce(area.name, r.area, '') AS area_name,
        coalesce(category.name, r.category, '') AS category_name,
        coalesce(body.short_name, r.lead, '') AS body_name, r.lead
    FROM (
        SELECT p.key, t.* FROM unnest(
            CAST(:keys AS text[]), CAST(:west AS float8[]), CAST(:east AS float8[]),
            CAST(:south AS float8[]), CAST(:north AS float8[])
        ) AS p (key, west, east, south, north)
        JOIN ticket AS t ON t.lat >= p.south AND t.lat < p.north AND t.lng >= p.west AND t.lng < p.east
            AND t.received_at > :since AND t.received_at <= :until
        UNION ALL
        SELECT a.key, t.* FROM unnest(
            CAST(:named AS text[]), CAST(:areas AS text[]), CAST(:addresses AS text[])
        ) AS a (key, area, address)
        JOIN ticket AS t ON t.address = a.address AND t.address <> '' AND coalesce(t.area, '') = a.area
            AND t.lat IS NULL AND t.received_at > :since AND t.received_at <= :until
    ) AS r
    LEFT JOIN area ON area.code = r.area
    LEFT JOIN category ON category.code = r.category
    LEFT JOIN body ON body.key = r.lead
""")

_PLANS = text("""
    SELECT DISTINCT ON (ticket) ticket, title, outcome, opened_at FROM matter
    WHERE ticket = ANY (CAST(:numbers AS text[])) AND kind = 'record' AND sort = 'plan'
    ORDER BY ticket, opened_at DESC
""")
