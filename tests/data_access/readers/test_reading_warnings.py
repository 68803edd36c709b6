"""A flood of red warnings leaves room for those that are next to turn red."""

from datetime import timedelta

from data_access.readers.warnings import running_warnings
from data_access.rules import load_rules
from data_access.store import Store
from domain.events import Accepted, WarningLevel
from tests.data_access.readers.worlds import put_city
from tests.data_access.streams import DUTY, START, happened, received, ticket
from tests.data_access.test_log import put

NOW = START + timedelta(hours=2)


def test_a_flood_of_red_ones_leaves_room_for_the_next_to_turn_red(store: Store) -> None:
    put_city(store)
    late = [happened((0, DUTY, received()), (0.1, DUTY, Accepted())) for _ in range(12)]
    begin = NOW - timedelta(minutes=50)
    soon = [happened((0, DUTY, received()), (0.1, DUTY, Accepted()), start=begin) for _ in range(8)]
    put(store, *(ticket(f"L-{n}", events) for n, events in enumerate(late)))
    put(store, *(ticket(f"S-{n}", events) for n, events in enumerate(soon)))

    def levels(limit: int, *, reserve: bool) -> str:
        found = store.read(lambda c: running_warnings(c, load_rules(c), NOW, limit, reserve=reserve))
        assert (found.red, found.yellow) == (12, 8)
        return "".join(row.level.value[0] for row in found.rows)

    assert levels(16, reserve=True) == "r" * 10 + "y" * 6
    assert levels(5, reserve=True) == "rrryy"
    assert levels(1, reserve=True) == "r"
    assert levels(5, reserve=False) == "rrrrr"
    assert levels(14, reserve=False) == "r" * 12 + "yy"
    assert levels(50, reserve=True) == levels(50, reserve=False) == "r" * 12 + "y" * 8


def test_a_short_list_is_of_the_worst(store: Store) -> None:
    put_city(store)
    late = [happened((0, DUTY, received()), (0.1, DUTY, Accepted())) for _ in range(3)]
    soon = happened((0, DUTY, received()), (0.1, DUTY, Accepted()), start=NOW - timedelta(minutes=50))
    put(store, *(ticket(f"L-{n}", events) for n, events in enumerate(late)), ticket("S-1", soon))
    shown = store.read(lambda c: running_warnings(c, load_rules(c), NOW, 2))
    assert [row.level for row in shown.rows] == [WarningLevel.RED] * 2
