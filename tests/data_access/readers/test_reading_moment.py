"""A past minute is read by the same readers as the present."""

from datetime import timedelta

from data_access.readers.moment import at_moment
from data_access.readers.ranking import ranking
from data_access.readers.tickets import ticket_page
from data_access.store import Connection, Store
from domain.events import Revisited
from domain.listing import TicketFilter
from domain.nodes import Node, TicketState
from domain.ranking_query import RankBy
from tests.data_access.readers.worlds import put_city, put_tickets
from tests.data_access.streams import DUTY, START, happened, whole_life

BOUNCED = (*whole_life()[:7], *happened((50, DUTY, Revisited(False))))


def test_before_and_after_a_bounce_back(store: Store) -> None:
    put_city(store)
    rules = put_tickets(store, one=BOUNCED, two=whole_life())

    def at(hours: float | None) -> list[tuple[str, TicketState, Node | None, int]]:
        moment = START + timedelta(hours=90 if hours is None else hours)
        as_of = None if hours is None else moment
        page = at_moment(store, rules, as_of, lambda c: ticket_page(c, TicketFilter(), moment))
        return sorted((row.number, row.state, row.node, row.round) for row in page.rows)

    assert at(-1) == []
    assert at(40) == [
        ("one", TicketState.DONE, Node.REVISIT, 1),
        ("two", TicketState.DONE, Node.REVISIT, 1),
    ]
    assert at(50) == [
        ("one", TicketState.ON_TIME, Node.SIGN, 2),
        ("two", TicketState.DONE, Node.POST_CHECK, 1),
    ]
    assert at(None)[1] == ("two", TicketState.CLOSED, None, 1)
    assert at(None) == at(90)


def test_a_replay_holds_on_a_connection_that_has_read_the_present_many_times(store: Store) -> None:
    """The driver prepares what it sends often; a plan for the present must not answer for the past."""
    put_city(store)
    rules = put_tickets(store, one=BOUNCED)
    past, now = START + timedelta(hours=40), START + timedelta(hours=90)

    def rounds(moment: object) -> list[int]:
        as_of = past if moment is past else None
        page = at_moment(store, rules, as_of, lambda c: ticket_page(c, TicketFilter(), now))
        return [row.round for row in page.rows]

    for _ in range(3):
        assert [rounds(now) for _ in range(7)] == [[2]] * 7
        assert [rounds(past) for _ in range(7)] == [[1]] * 7


def test_a_ranking_of_the_past_does_not_know_what_came_later(store: Store) -> None:
    put_city(store)
    rules = put_tickets(store, one=whole_life())

    def due_at(hours: float) -> int:
        moment = START + timedelta(hours=hours)

        def read(connection: Connection) -> int:
            rows = ranking(connection, RankBy.BODY, Node.SIGN, None, None, moment)
            return next(row.due for row in rows if row.key == "housing")

        return at_moment(store, rules, moment, read)

    assert (due_at(0.7), due_at(1)) == (0, 1)
