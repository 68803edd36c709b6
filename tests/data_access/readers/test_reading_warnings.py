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
    soon = happened((0, DUTY, received()), (0.1, DUTY, Accepted()), start=NOW - timedelta(minutes=50))
    put(store, *(ticket(f"L-{n}", events) for n, events in enumerate(late)), ticket("S-1", soon))
    shown = store.read(lambda c: running_warnings(c, load_rules(c), NOW, limit=5))
    assert (shown.red, shown.yellow) == (12, 1)
    assert [row.level for row in shown.rows] == [WarningLevel.RED] * 4 + [WarningLevel.YELLOW]
    assert shown.rows[-1].ticket == "S-1"
    everything = store.read(lambda c: running_warnings(c, load_rules(c), NOW, limit=50))
    assert len(everything.rows) == 13
