"""What rises faster than usual, counted in a real store (B18)."""

from datetime import UTC, datetime, timedelta

from data_access import bulk
from data_access.readers.rising import rising
from data_access.rules import load_rules
from data_access.store import Store
from domain.events import Event, Received
from domain.intake import NewTicket
from domain.people import SYSTEM

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


def ticket(number: int, days_ago: float, township: str | None, category: str | None = "B01") -> NewTicket:
    fact = Received("12345", "工地扬尘", category=category, area="320312", township=township)
    event = Event(NOW - timedelta(days=days_ago), SYSTEM, fact)
    return NewTicket(f"R-{number}", (event,), str(number).encode().ljust(32, b"\0"))


def test_a_kind_rises_in_its_place_and_nowhere_else(store: Store) -> None:
    usual = [(days, "甲镇") for days in range(8, 60, 7)] + [(days, "乙镇") for days in range(8, 60, 2)]
    recent = [(hour / 10 + 0.1, "甲镇") for hour in range(9)] + [(hour, "乙镇") for hour in range(5)]
    tickets = [ticket(n, days, town) for n, (days, town) in enumerate([*usual, *recent])]
    tickets += [ticket(900 + n, n / 10, "丙镇", None) for n in range(9)]
    store.write(lambda c: bulk.add_tickets(c, load_rules(c), tickets))
    (found,) = store.read(lambda c: rising(c, NOW))
    assert (found.count.category, found.count.area, found.count.township) == ("B01", "320312", "甲镇")
    assert (found.recent, found.count.before) == (9, 8)
    assert found.count.numbers[0] == f"R-{len(usual)}"
    # A week later it is what came before.
    assert store.read(lambda c: rising(c, NOW + timedelta(days=8))) == ()
