"""The board in memory says what the store says, at any moment, however it came to be."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from data_access import schema
from data_access.readers.board import NEVER, OpenTickets, open_tickets, turned
from data_access.readers.overview import overview
from data_access.readers.states import ticket_state
from data_access.rules import load_rules
from data_access.store import Store
from desktop.live.board import STATES, Board, microseconds
from domain.overview import AreaCount, PipelineNode
from domain.urgency import Urgency
from tests.data_access.readers.worlds import ANCHOR, put_demo
from tests.fresh_database import filled, opened_copy

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOMENTS = [ANCHOR + timedelta(hours=hours) for hours in (-48, -1, 0, 0.5, 3, 24, 24 * 30)]


@pytest.fixture(scope="module")
def city_database(postgres: Path, template_database: str) -> Iterator[str]:
    with filled(postgres, template_database, lambda store: put_demo(store, 200)) as name:
        yield name


@pytest.fixture
def city(postgres: Path, city_database: str) -> Iterator[Store]:
    with opened_copy(postgres, city_database) as store:
        yield store


def next_turn(board: Board, now: datetime) -> datetime | None:
    """When time alone next changes a colour of the board."""
    times = [*board.red_at, *board.yellow_at, *board.node_due_at, *board.node_yellow_at]
    soonest = min((time for time in times if microseconds(now) < time < NEVER), default=None)
    return None if soonest is None else EPOCH + timedelta(microseconds=int(soonest))


def whole(store: Store) -> Board:
    return Board.of(store.read(open_tickets))


PLAIN = ("urgency", "node", "node_due_at", "node_yellow_at", "red_at", "yellow_at", "paused", "rectified")
KEYED = (("category", "categories"), ("area", "areas"), ("body", "bodies"))


def told(board: Board) -> list[tuple[object, ...]]:
    """The board's tickets; the codes of keys depend on how it came to be, the keys do not."""
    columns: list[list[object]] = [board.number.tolist()]
    columns += [getattr(board, name).tolist() for name in PLAIN]
    columns += [[repr(value) for value in column] for column in (board.lng, board.lat)]
    for name, keys in KEYED:
        names = getattr(board, keys).names
        columns.append([None if code < 0 else names[code] for code in getattr(board, name)])
    return list(zip(*columns, strict=True))


@pytest.mark.parametrize("now", MOMENTS)
def test_colours_are_those_of_the_store(city: Store, now: datetime) -> None:
    board = whole(city)
    ticket = schema.ticket.c
    rows = city.read(
        lambda c: dict(
            c.execute(select(ticket.number, ticket_state(now)).where(ticket.closed_at.is_(None))).all()  # type: ignore[arg-type]
        )
    )
    found = {number: STATES[code].value for number, code in zip(board.number, board.states(now), strict=True)}
    assert found == rows
    assert len(set(found.values())) > 2 or now > ANCHOR + timedelta(days=2)


@pytest.mark.parametrize("now", MOMENTS)
def test_counts_are_those_of_the_overview(city: Store, now: datetime) -> None:
    board = whole(city)
    counts = board.counts(now, board.states(now))
    read = city.read(lambda c: overview(c, load_rules(c), now))
    names = {area.area: area.name for area in read.areas}
    assert counts.open == read.open_tickets
    assert counts.pipeline == read.pipeline
    assert counts.areas(names) == read.areas
    assert counts.open - counts.unplaced == len(read.points)
    parts = dict(next(kpi for kpi in read.kpis if kpi.key == "open").parts)
    assert counts.of_urgency(Urgency.CRITICAL) == parts["critical"]


def test_a_time_to_the_microsecond_decides_as_in_the_store(city: Store) -> None:
    edge = ANCHOR + timedelta(microseconds=1)
    city.write(
        lambda c: c.execute(update(schema.ticket).values(red_at=edge, yellow_at=edge, node_due_at=edge))
    )
    board = whole(city)
    for now in (ANCHOR, edge, edge + timedelta(microseconds=1)):
        read = city.read(lambda c, now=now: overview(c, load_rules(c), now))
        assert board.counts(now, board.states(now)).pipeline == read.pipeline


def test_a_board_brought_up_to_date_equals_one_read_anew(city: Store) -> None:
    chance = random.Random(7)
    board = whole(city)
    numbers = list(board.number)
    ticket = schema.ticket
    for _ in range(12):
        touched = chance.sample(numbers, 15)
        closed, moved, opened = touched[:5], touched[5:10], touched[10:]

        def change(c, closed=closed, moved=moved, opened=opened) -> None:  # type: ignore[no-untyped-def]
            at = ticket.c.number
            c.execute(update(ticket).where(at.in_(closed)).values(closed_at=ANCHOR))
            c.execute(update(ticket).where(at.in_(moved)).values(red_at=ANCHOR, area="999999", lng=None))
            c.execute(update(ticket).where(at.in_(opened)).values(closed_at=None, lead="new"))

        city.write(change)
        board = board.merged(touched, city.read(lambda c, touched=touched: open_tickets(c, touched)))
        assert told(board) == told(whole(city))
    assert len(board) < len(numbers)


def test_an_empty_board_counts_nothing_and_takes_tickets_in(city: Store) -> None:
    board = Board.empty()
    counts = board.counts(ANCHOR, board.states(ANCHOR))
    assert counts.open == 0
    assert counts.pipeline[0] == PipelineNode(counts.pipeline[0].node, 0, 0, 0, counts.pipeline[0].filter)
    assert counts.areas({"320311": "泉山区"}) == (AreaCount("320311", "泉山区", 0, 0),)
    assert next_turn(board, ANCHOR) is None
    assert len(board.merged(["none"], OpenTickets())) == 0
    some = city.read(open_tickets)
    assert told(board.merged(some.number, some)) == told(whole(city))
    assert len(whole(city).merged(some.number, OpenTickets())) == 0


def test_the_next_turn_is_when_a_colour_changes(city: Store) -> None:
    board = whole(city)
    turn = next_turn(board, ANCHOR)
    assert turn is not None
    assert turn > ANCHOR
    before, at, after = (
        board.counts(moment, board.states(moment))
        for moment in (turn - timedelta(microseconds=1), turn, turn + timedelta(microseconds=1))
    )
    now = board.counts(ANCHOR, board.states(ANCHOR))
    assert before == now
    assert before != at or at != after


def test_what_time_alone_turned_is_named(city: Store) -> None:
    board = whole(city)
    turn = next_turn(board, ANCHOR)
    assert turn is not None
    found = city.read(lambda c: turned(c, ANCHOR, turn))
    due = {
        number
        for number, *times in zip(board.number, board.red_at, board.yellow_at, strict=True)
        for time in times
        if ANCHOR.timestamp() * 1e6 <= time <= turn.timestamp() * 1e6
    }
    assert due <= found
    assert city.read(lambda c: turned(c, ANCHOR - timedelta(hours=2), ANCHOR - timedelta(hours=1))) != found
