"""The filter: each figure counts what choosing it would show, and a filter for the list says the same."""

from dataclasses import fields, replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from domain.listing import UNSET, TicketFilter
from domain.nodes import TicketState
from domain.overview import MapPoint
from domain.urgency import Urgency
from tests.widgets.map.samples import CODES, SQUARES, cities, columns_of
from widgets.map.choice import EVERYTHING, CountRow, Facets, MapFilter, count, select
from widgets.map.points import STATES, URGENCIES, Choice, PointColumns

KINDS = (
    Choice("A01", "烟囱", "A", "废气"),
    Choice("A02", "锅炉", "A", "废气"),
    Choice("B01", "工地", "B", "扬尘"),
)
BODIES = (Choice("eco", "生态环境局"), Choice("city", "城管局"))
COUNTIES = [(code, name) for code, name, *_ in SQUARES]


@st.composite
def boards(draw: st.DrawFn) -> PointColumns:
    """Tickets with categories and bodies, some with neither."""
    columns = columns_of(draw(cities()))
    codes = st.lists(st.integers(-1, 2), min_size=len(columns), max_size=len(columns))
    return replace(
        columns,
        category=np.array(draw(codes), dtype=np.int64),
        categories=KINDS,
        body=np.minimum(np.array(draw(codes), dtype=np.int64), 1),
        bodies=BODIES,
    )


filters = st.builds(
    MapFilter,
    st.frozensets(st.sampled_from(STATES)),
    st.frozensets(st.sampled_from(URGENCIES)),
    st.sampled_from([None, UNSET, "A", "A02", "B01", "C09"]),
    st.sampled_from([None, "eco", "nobody"]),
    st.sampled_from([(), (CODES[0],), CODES[1:3]]),
)


def passes(columns: PointColumns, at: int, chosen: MapFilter) -> bool:
    """Whether a ticket meets the filter, told in plain words."""
    kind = KINDS[columns.category[at]] if columns.category[at] >= 0 else None
    body = BODIES[columns.body[at]].key if columns.body[at] >= 0 else None
    area = CODES[columns.area[at]] if columns.area[at] >= 0 else None
    keys = (UNSET,) if kind is None else (kind.key, kind.group_key)
    return (
        (not chosen.states or STATES[columns.state[at]] in chosen.states)
        and (not chosen.urgencies or URGENCIES[columns.urgency[at]] in chosen.urgencies)
        and (chosen.category is None or chosen.category in keys)
        and (chosen.body is None or chosen.body == body)
        and (not chosen.areas or area in chosen.areas)
    )


def facets_of(columns: PointColumns, chosen: MapFilter) -> Facets:
    inside = columns.placed & (columns.area >= 0)
    return count(columns, select(columns, chosen, CODES), inside, COUNTIES)


@given(boards(), filters)
def test_a_ticket_passes_where_it_meets_every_part(columns: PointColumns, chosen: MapFilter) -> None:
    found = select(columns, chosen, CODES).all.tolist()
    assert found == [passes(columns, at, chosen) for at in range(len(columns))]


@given(boards(), filters)
def test_each_figure_counts_what_choosing_it_would_show(columns: PointColumns, chosen: MapFilter) -> None:
    facets = facets_of(columns, chosen)

    def would_show(**part: object) -> int:
        return facets_of(columns, replace(chosen, **part)).total

    assert facets.total == sum(facets.shown) == int(select(columns, chosen, CODES).all.sum())
    for state, tickets in zip(STATES, facets.states, strict=True):
        assert tickets == would_show(states=frozenset({state}))
    for urgency, tickets in zip(URGENCIES, facets.urgencies, strict=True):
        assert tickets == would_show(urgencies=frozenset({urgency}))
    for key in (UNSET, "A", "B", "A01", "A02", "B01"):
        assert facets.categories.get(key, 0) == would_show(category=key)
    bodies = {row.key: row.open for row in facets.bodies}
    for body in BODIES:
        assert bodies.get(body.key, 0) == would_show(body=body.key)
    for row in facets.counties:
        assert row.open == would_show(areas=(row.key,))
        late = would_show(areas=(row.key,), states=frozenset({TicketState.OVERDUE}))
        assert not chosen.states or TicketState.OVERDUE in chosen.states or row.overdue == 0
        assert chosen.states or row.overdue == late


def test_the_worst_county_comes_first() -> None:
    late, calm = TicketState.OVERDUE, TicketState.ON_TIME
    points = [
        *(MapPoint(f"a{i}", 117.1, 34.1, calm, Urgency.ORDINARY, CODES[0]) for i in range(9)),
        MapPoint("b", 117.6, 34.1, late, Urgency.ORDINARY, CODES[1]),
    ]
    rows = facets_of(columns_of(points), EVERYTHING).counties
    assert rows[:2] == (CountRow(CODES[1], "乙县", 1, 1), CountRow(CODES[0], "甲县", 9, 0))


def test_tickets_that_are_on_no_map_are_told() -> None:
    points = [
        MapPoint("in", 117.1, 34.1, TicketState.DONE, Urgency.ORDINARY, CODES[0]),
        MapPoint("out", 110.0, 30.0, TicketState.DONE, Urgency.ORDINARY, None),
        MapPoint("nowhere", float("nan"), float("nan"), TicketState.DONE, Urgency.ORDINARY, CODES[0]),
    ]
    facets = facets_of(columns_of(points), EVERYTHING)
    assert (facets.total, facets.unplaced, facets.outside) == (3, 1, 1)
    # A county counts its tickets without coordinates too, as its list does.
    assert {row.key: row.open for row in facets.counties}[CODES[0]] == 2


@given(filters)
def test_the_lists_filter_says_the_same_or_nothing(chosen: MapFilter) -> None:
    found = chosen.as_ticket_filter()
    several = max(len(chosen.states), len(chosen.urgencies), len(chosen.areas)) > 1
    assert (found is None) == several
    if found is not None:
        assert found.open_only
        assert {found.state} - {None} == chosen.states
        assert {found.urgency} - {None} == chosen.urgencies
        assert (found.category, found.body) == (chosen.category, chosen.body)
        assert {found.area} - {None} == set(chosen.areas)
        set_parts = {f.name for f in fields(found) if getattr(found, f.name) != f.default}
        assert set_parts <= {"open_only", "state", "urgency", "category", "body", "area"}


def test_a_county_of_a_filtered_map_opens_with_the_filter() -> None:
    chosen = MapFilter(states=frozenset({TicketState.OVERDUE}), areas=CODES[:2])
    expected = TicketFilter(open_only=True, state=TicketState.OVERDUE, area=CODES[2])
    assert chosen.as_ticket_filter(CODES[2]) == expected
