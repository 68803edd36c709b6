"""Which of a factor's series is the finest that its station sends: asked by the key, not by values (X14)."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text

from data_access import episodes
from data_access.readings import load_samples
from data_access.store import Store
from domain.stations import Sample, Span

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SINCE = NOW - timedelta(days=1)


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)


def test_the_finest_are_found_by_a_look_for_each_span_in_the_months_that_count(store: Store) -> None:
    """A server before 18 skips nothing in an index: with `span < …` it would read all values of a month."""
    samples = [
        Sample(1, "LA", span, at, 50.0)
        for span in (Span.REAL_TIME, Span.MINUTE, Span.HOUR)
        for at in (NOW - timedelta(days=30 * back, hours=2) for back in range(2, 12))
    ]
    lately = NOW - timedelta(hours=2)
    samples += [Sample(1, "LA", span, lately, 50.0) for span in (Span.MINUTE, Span.HOUR, Span.DAY)]
    samples += [Sample(2, "LA", Span.HOUR, lately, 50.0), Sample(1, "Leq", Span.DAY, lately, 50.0)]
    store.write(lambda c: load_samples(c, samples))
    taken = {(s.station, s.factor, s.span) for s in samples}
    # Real-time values of long ago are no longer sent.
    assert store.read(lambda c: episodes.finest_spans(c, taken, SINCE)) == {
        (1, "LA", Span.REAL_TIME),
        (1, "LA", Span.MINUTE),
        (2, "LA", Span.HOUR),
        (1, "Leq", Span.DAY),
    }
    assert store.read(lambda c: episodes.finest_spans(c, (), SINCE)) == set()

    def explain(connection: Connection) -> dict[str, Any]:
        # A month of a few values is read whole otherwise.
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        asked = {"stations": [1, 2], "factors": ["LA", "LA"], "spans": [2, 2], "since": SINCE}
        said = connection.execute(
            text(f"EXPLAIN (FORMAT JSON) {episodes._FINEST.text}").bindparams(**asked)
        ).scalar_one()
        found = json.loads(said) if isinstance(said, str) else said
        return dict(found[0]["Plan"])

    scans = [node for node in nodes(store.read(explain)) if "Relation Name" in node]
    assert {node["Relation Name"] for node in scans} == {"reading_2026_11"}
    assert all("(span = finer.span)" in node["Index Cond"] for node in scans)
