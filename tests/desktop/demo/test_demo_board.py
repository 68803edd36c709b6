"""The living city's next steps: the pipeline does not fill from its front, and helpers ask for no pause."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from data_access.open_work import OpenNode, OpenTicket
from desktop.demo.living.board import FIRST_NODES, Board
from desktop.demo.living.habits import put_off_until
from desktop.demo.living.steps import next_step
from desktop.demo.world import World, make_world
from domain.events import Extended, Paused, Rectified
from domain.nodes import Node
from domain.urgency import Urgency

NOW = datetime(2026, 11, 19, 4, tzinfo=UTC)
COUNT = 400


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(NOW)


def _ticket(number: int, node: Node, body: str, assisting: tuple[str, ...] = ()) -> OpenTicket:
    since, due = NOW - timedelta(minutes=9), NOW + timedelta(minutes=51)
    clock = OpenNode(node, 1, 1, body, due, due - timedelta(minutes=15), False)
    lead = "housing"
    return OpenTicket(
        f"XZ-20261119-{number:04d}",
        3,
        Urgency.ORDINARY,
        "B01",
        "320311",
        lead,
        assisting,
        False,
        since,
        (clock,),
    )


@pytest.mark.parametrize("node", FIRST_NODES)
def test_few_tickets_are_put_off_at_the_first_nodes(world: World, node: Node) -> None:
    board = Board(world)
    tickets = [_ticket(number, node, "industry") for number in range(COUNT)]
    for ticket in tickets:
        board.put(ticket, NOW)
    put_off = sum(put_off_until(world, ticket, ticket.nodes[0], NOW) is not None for ticket in tickets)
    assert put_off > 0.05 * COUNT
    left = COUNT - len(board.ripest(NOW, COUNT, 0.5))
    assert 0 < left <= FIRST_NODES[node] * COUNT


def test_at_later_nodes_more_may_wait(world: World) -> None:
    board = Board(world)
    for number in range(COUNT):
        board.put(_ticket(number, Node.RECTIFY, "industry"), NOW)
    assert COUNT - len(board.ripest(NOW, COUNT, 0.5)) > 0.05 * COUNT


@pytest.mark.parametrize(("body", "asks"), [("housing", True), ("ecology", False)])
def test_only_the_lead_is_granted_a_pause_or_more_time(world: World, body: str, *, asks: bool) -> None:
    facts = set()
    for seed in range(300):
        ticket = _ticket(seed, Node.RECTIFY, body, ("ecology",))
        step = next_step(world, ticket, NOW, Random(seed))
        assert step is not None
        facts |= {type(event.fact) for event in step.events}
    assert Rectified in facts
    assert bool(facts & {Paused, Extended}) is asks
