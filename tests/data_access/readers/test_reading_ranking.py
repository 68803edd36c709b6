"""Who is on time: which nodes fell due, who is charged, and that each figure opens its tickets."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from data_access.readers.ranking import ranking
from data_access.readers.tickets import ticket_page
from data_access.store import Store
from domain.events import (
    Accepted,
    Dispatched,
    Event,
    FedBack,
    PostChecked,
    Rectified,
    ReturnedAsWrong,
    Revisited,
    Signed,
)
from domain.listing import UNSET, Outcome, TicketFilter
from domain.nodes import Node
from domain.people import Actor, Role
from domain.ranking import RankingRow, wilson_low
from domain.ranking_query import FollowUp, RankBy, RankingPage, RankingQuery
from tests.data_access.readers.worlds import ANCHOR, put_city, put_demo, put_tickets, wandering
from tests.data_access.streams import DUTY, HANDLER, OTHER, START, happened, received, whole_life
from tests.fresh_database import opened_copy

LATER = START + timedelta(days=60)
SIGN_DUE = START + timedelta(hours=4)
MOMENT = timedelta(microseconds=1)
POLICE = Actor(Role.HANDLER, "钱进", "public_security")


def signed(hours: float, microseconds: int = 0) -> tuple[Event, ...]:
    """An ordinary ticket given to housing that is signed so long after it came in (4 h are allowed)."""
    events = happened((0, DUTY, received()), (0.1, DUTY, Accepted()), (0.3, DUTY, Dispatched("housing")))
    at = START + timedelta(hours=hours, microseconds=microseconds)
    return (*events, Event(at, HANDLER, Signed()))


def row_of(rows: tuple[RankingRow, ...], key: str) -> RankingRow:
    return next(row for row in rows if row.key == key)


def test_signed_exactly_when_due_is_on_time_and_a_moment_later_is_not(store: Store) -> None:
    put_city(store)
    put_tickets(store, exact=signed(4), late=signed(4, microseconds=1), early=signed(1))
    rows = store.read(lambda c: ranking(c, RankBy.BODY, Node.SIGN, None, None, LATER))
    housing = row_of(rows, "housing")
    assert (housing.due, housing.on_time, housing.open_overdue) == (3, 2, 0)
    assert housing.rate == pytest.approx(2 / 3)
    assert housing.low == pytest.approx(wilson_low(2, 3))
    assert housing.rank is None
    assert housing.name == "住房和城乡建设局"


def test_an_open_node_falls_due_when_its_due_time_has_passed(store: Store) -> None:
    put_city(store)
    put_tickets(store, still=signed(1)[:-1], done=signed(4))

    def at(moment: object) -> tuple[int, int, int]:
        row = row_of(
            store.read(lambda c: ranking(c, RankBy.BODY, Node.SIGN, None, None, moment)),  # type: ignore[arg-type]
            "housing",
        )
        return row.due, row.on_time, row.open_overdue

    assert at(SIGN_DUE - MOMENT) == (1, 1, 0)  # what is done counts, however early
    assert at(SIGN_DUE) == (1, 1, 0)
    assert at(SIGN_DUE + MOMENT) == (2, 1, 1)


def test_the_window_begins_with_its_first_moment_and_ends_before_its_last(store: Store) -> None:
    put_city(store)
    put_tickets(store, one=signed(1))

    def due(begin: object, end: object) -> int:
        rows = store.read(lambda c: ranking(c, RankBy.BODY, Node.SIGN, begin, end, LATER))  # type: ignore[arg-type]
        return row_of(rows, "housing").due

    assert due(SIGN_DUE, SIGN_DUE + MOMENT) == 1
    assert due(SIGN_DUE - MOMENT, SIGN_DUE) == 0
    assert due(SIGN_DUE + MOMENT, None) == 0


def handed_over(returned_after: float) -> tuple[Event, ...]:
    """Housing sends the ticket back after so many hours; police takes it and signs in time."""
    return happened(
        (0, DUTY, received()),
        (0.1, DUTY, Accepted()),
        (0.3, DUTY, Dispatched("housing")),
        (returned_after, HANDLER, ReturnedAsWrong("不属本单位")),
        (returned_after + 0.2, DUTY, Dispatched("public_security")),
        (returned_after + 1, POLICE, Signed()),
    )


def test_a_body_is_charged_for_its_own_time_only(store: Store) -> None:
    put_city(store)
    put_tickets(store, soon=handed_over(2), late=handed_over(5))
    rows = store.read(lambda c: ranking(c, RankBy.BODY, Node.SIGN, None, None, LATER))
    # Sent back in time is nobody's debt; sent back an hour after it was due is housing's.
    housing, police = row_of(rows, "housing"), row_of(rows, "public_security")
    assert (housing.due, housing.on_time, housing.open_overdue) == (1, 0, 0)
    assert (police.due, police.on_time) == (2, 2)


def test_every_responsible_body_is_listed_and_the_platform_office_only_on_demand(store: Store) -> None:
    put_city(store)
    put_tickets(store, one=whole_life())
    rows = store.read(lambda c: ranking(c, RankBy.BODY, None, None, None, LATER))
    assert len(rows) == 12
    assert "platform" not in {row.key for row in rows}
    with_platform = store.read(lambda c: ranking(c, RankBy.BODY, None, None, None, LATER, platform=True))
    assert row_of(with_platform, "platform").due > 0


def test_a_body_without_a_name_is_its_key(store: Store) -> None:
    put_tickets(store, one=signed(1))
    (row,) = store.read(lambda c: ranking(c, RankBy.BODY, Node.SIGN, None, None, LATER))
    assert (row.key, row.name, row.due) == ("housing", "housing", 1)


def test_the_platform_office_stays_out_where_no_body_has_a_name(store: Store) -> None:
    put_tickets(store, one=whole_life())
    rows = store.read(lambda c: ranking(c, RankBy.BODY, None, None, None, LATER))
    assert {row.key for row in rows} == {"housing", "ecology"}
    asked = store.read(lambda c: ranking(c, RankBy.BODY, None, None, None, LATER, platform=True))
    assert {row.key for row in asked} == {"housing", "ecology", "platform"}


def test_follow_ups_are_credited_to_the_handler(store: Store) -> None:
    put_city(store)
    bounced = happened(
        (0, DUTY, received()),
        (0.1, DUTY, Accepted()),
        (0.3, DUTY, Dispatched("housing")),
        (1, HANDLER, Signed()),
        (30, HANDLER, Rectified("停工")),
        (31, HANDLER, FedBack("电话")),
        (50, DUTY, Revisited(False)),
        (80, HANDLER, Rectified("再停工")),
        (81, HANDLER, FedBack("电话")),
        (100, DUTY, Revisited(True)),
        (120, OTHER, PostChecked(False)),
    )
    put_tickets(store, one=bounced, two=whole_life())
    housing = row_of(store.read(lambda c: ranking(c, RankBy.BODY, None, None, None, LATER)), "housing")
    assert (housing.satisfied, housing.revisited, housing.bounced) == (2, 3, 2)


def test_the_move_compares_with_the_window_before(store: Store) -> None:
    put_city(store)
    week = timedelta(days=7)

    def lives(name: str, lead: str, weeks: int, hours: float) -> dict[str, tuple[Event, ...]]:
        actor = Actor(Role.HANDLER, "某人", lead)
        return {
            f"{name}-{n}": happened(
                (0, DUTY, received()),
                (0.1, DUTY, Accepted()),
                (0.3, DUTY, Dispatched(lead)),
                (hours, actor, Signed()),
                start=START + weeks * week + timedelta(minutes=n),
            )
            for n in range(6)
        }

    put_tickets(
        store,
        **lives("before-housing", "housing", 0, 9),
        **lives("before-police", "public_security", 0, 1),
        **lives("now-housing", "housing", 1, 1),
        **lives("now-police", "public_security", 1, 9),
    )
    begin = START + week
    rows = store.read(lambda c: ranking(c, RankBy.BODY, Node.SIGN, begin, begin + week, begin + week))
    housing, police = row_of(rows, "housing"), row_of(rows, "public_security")
    assert (housing.rank, housing.move) == (1, 1)
    assert (police.rank, police.move) == (2, -1)
    everything = store.read(lambda c: ranking(c, RankBy.BODY, Node.SIGN, None, None, LATER))
    assert row_of(everything, "housing").move is None


@pytest.fixture(scope="module")
def demo(postgres: Path, template_database: str) -> Iterator[Store]:
    """A small demo city and tickets that wander between bodies, only to be read."""
    with opened_copy(postgres, template_database) as store:
        put_demo(store)
        wanderers = {f"w-{n}": wandering(Random(n), ANCHOR - timedelta(days=25)) for n in range(60)}
        put_tickets(store, **wanderers)
        yield store


@pytest.mark.parametrize("by", list(RankBy))
@pytest.mark.parametrize("node", [None, Node.RECTIFY])
def test_each_figure_opens_exactly_its_tickets(demo: Store, by: RankBy, node: Node | None) -> None:
    begin = ANCHOR - timedelta(days=30)
    rows = demo.read(lambda c: ranking(c, by, node, begin, ANCHOR, ANCHOR))
    page = RankingPage(RankingQuery(by, node), rows, begin, ANCHOR, ANCHOR)
    assert sum(row.due for row in rows) > 20
    assert sum(row.bounced for row in rows) > 0
    assert 0 < sum(row.satisfied for row in rows) < sum(row.revisited for row in rows)
    for row in rows:
        figures = {
            Outcome.DUE: row.due,
            Outcome.ON_TIME: row.on_time,
            Outcome.OPEN_OVERDUE: row.open_overdue,
            Outcome.NOT_ON_TIME: row.due - row.on_time,
            FollowUp.REVISITED: row.revisited,
            FollowUp.SATISFIED: row.satisfied,
            FollowUp.BOUNCED: row.bounced,
        }
        for which, figure in figures.items():
            chosen = page.tickets_of(row, which)
            listed = demo.read(lambda c, chosen=chosen: ticket_page(c, chosen, ANCHOR, 0, 10_000))
            assert listed.nodes == figure
            assert len(listed.rows) == listed.total <= figure


def test_tickets_without_a_category_are_one_row_that_opens_them(store: Store) -> None:
    put_city(store)
    put_tickets(store, one=whole_life(), two=signed(9))
    (row,) = store.read(lambda c: ranking(c, RankBy.CATEGORY, Node.SIGN, None, None, LATER))
    assert (row.key, row.name, row.due) == (UNSET, "", 2)
    chosen = TicketFilter(node=Node.SIGN, outcome=Outcome.LATE, category=UNSET)
    assert [r.number for r in store.read(lambda c: ticket_page(c, chosen, LATER)).rows] == ["two"]
