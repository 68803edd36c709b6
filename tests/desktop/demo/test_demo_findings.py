"""The demo city's findings (T24): all sources, within the city, the same every time, some of them clues."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from data_access import log
from data_access.master import put_city
from data_access.readers.findings import coverage, findings_between
from data_access.rules import load_rules
from data_access.store import Store
from data_access.verify import verify
from desktop.city import load_city
from desktop.demo.findings import CLUES, put_found
from desktop.demo.world import make_world
from domain.events import Received
from domain.findings import TRACING, FindingSource

ANCHOR = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


def test_the_city_has_findings_of_all_sources_and_clues_of_the_latest(store: Store) -> None:
    store.write(lambda c: put_city(c, load_city(), ANCHOR))
    store.write(lambda c: put_found(c, load_rules(c), make_world(ANCHOR)))
    found = store.read(lambda c: findings_between(c, ANCHOR - timedelta(days=30), ANCHOR))
    counted = Counter(one.new.source for one in found)
    assert set(counted) == set(FindingSource)
    assert all(one.new.area is not None and one.new.at < ANCHOR for one in found)
    assert all(one.new.track for one in found if one.new.source is FindingSource.VAN)
    clues = [one for one in found if one.ticket is not None]
    assert len(clues) == CLUES
    for one in clues:
        events = store.read(lambda c, one=one: log.read_stream(c, f"ticket/{one.ticket}"))
        fact = events[0].event.fact
        assert isinstance(fact, Received)
        assert (fact.channel, fact.lng, fact.lat) == (TRACING, one.new.lng, one.new.lat)
        assert all(one.new.at < record.event.at < ANCHOR for record in events)
    figure = store.read(lambda c: coverage(c, ANCHOR - timedelta(days=30), ANCHOR))
    assert (figure.followed, figure.own) == (CLUES, CLUES)
    assert store.scratch(lambda c: verify(c, load_rules(c))).flaw is None
