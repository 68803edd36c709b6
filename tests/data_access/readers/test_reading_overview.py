"""Each figure of the overview opens exactly the tickets that it counted."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from data_access.readers.kpis import SLOW
from data_access.readers.overview import overview
from data_access.readers.tickets import ticket_page
from data_access.rules import Rules, load_rules
from data_access.store import Store
from desktop.city import load_city
from domain.calendar import DayKind
from domain.events import Accepted, Dispatched, WarningLevel
from domain.ledger import Colour
from domain.listing import TicketFilter, TicketPage
from domain.nodes import Node, NodeStatus, TicketState
from domain.overview import DirectiveRow, DirectiveState, FeedState, Kpi, KpiKey, Overview
from domain.urgency import Urgency
from tests.data_access.readers.worlds import ANCHOR, put_city, put_demo, put_tickets
from tests.data_access.streams import DUTY, START, happened, received, whole_life
from tests.fresh_database import opened_copy


class Demo:
    """A small demo city, read once."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.rules: Rules = put_demo(store, 400)
        self.shown: Overview = store.read(lambda c: overview(c, self.rules, ANCHOR))
        self.kpis: dict[KpiKey, Kpi] = {kpi.key: kpi for kpi in self.shown.kpis}

    def opened(self, chosen: TicketFilter | None) -> TicketPage:
        assert chosen is not None
        return self.store.read(lambda c: ticket_page(c, chosen, ANCHOR, 0, 10_000))


@pytest.fixture(scope="module")
def demo(module_store: Store) -> Demo:
    return Demo(module_store)


@pytest.fixture(scope="module")
def module_store(postgres: Path, template_database: str) -> Iterator[Store]:
    """One store for all tests here: none of them writes."""
    with opened_copy(postgres, template_database) as opened:
        yield opened


def test_the_figures_stand_in_their_order(demo: Demo) -> None:
    assert [kpi.key for kpi in demo.shown.kpis] == list(KpiKey)
    assert demo.shown.city == load_city().name
    assert demo.shown.sample is True


@pytest.mark.parametrize("key", [KpiKey.RECEIVED_TODAY, KpiKey.OPEN])
def test_a_count_of_tickets_opens_as_many(demo: Demo, key: KpiKey) -> None:
    kpi = demo.kpis[key]
    assert kpi.value
    assert demo.opened(kpi.filter).total == kpi.value


def test_what_came_before_anybody_complained_is_counted_apart(demo: Demo) -> None:
    """B15: by the channels that bring it; those of the city's file."""
    kpi = demo.kpis[KpiKey.RECEIVED_TODAY]
    assert kpi.filter is not None
    channels = [channel.key for channel in load_city().channels if channel.proactive]
    opened = [demo.opened(replace(kpi.filter, channel=key)).total for key in channels]
    assert dict(kpi.parts) == {"proactive": sum(opened)}
    assert 0 < sum(opened) < (kpi.value or 0)


@pytest.mark.parametrize("key", [KpiKey.SIGN_RATE, KpiKey.DISPATCH_RATE, KpiKey.DISPOSAL_RATE])
def test_a_rate_opens_what_fell_due_and_what_spoils_it(demo: Demo, key: KpiKey) -> None:
    kpi = demo.kpis[key]
    assert kpi.denominator
    assert kpi.numerator is not None
    assert kpi.value == kpi.numerator / kpi.denominator
    assert demo.opened(kpi.filter).nodes == kpi.denominator
    assert demo.opened(kpi.spoilers).nodes == kpi.denominator - kpi.numerator


def test_overdue_nodes_open_their_tickets(demo: Demo) -> None:
    kpi = demo.kpis[KpiKey.OVERDUE_NODES]
    page = demo.opened(kpi.filter)
    assert page.nodes == kpi.value
    assert kpi.value
    assert {row.state for row in page.rows} == {TicketState.OVERDUE}
    assert dict(kpi.parts) == {"red": kpi.value, "yellow": demo.shown.warnings_yellow}


def test_satisfaction_opens_the_revisits_and_those_not_satisfied(demo: Demo) -> None:
    kpi = demo.kpis[KpiKey.SATISFACTION]
    assert kpi.denominator
    assert kpi.numerator is not None
    assert demo.opened(kpi.filter).nodes == kpi.denominator
    assert demo.opened(kpi.spoilers).nodes == kpi.denominator - kpi.numerator
    happy = TicketFilter(satisfied=True, done_from=ANCHOR - SLOW, done_to=ANCHOR)
    assert demo.opened(happy).nodes == kpi.numerator


def test_mean_handling_opens_the_tickets_it_is_the_mean_of(demo: Demo) -> None:
    kpi = demo.kpis[KpiKey.MEAN_HANDLING]
    assert kpi.value
    assert demo.opened(kpi.filter).total == kpi.denominator


def test_every_stop_of_the_pipeline_opens_its_tickets(demo: Demo) -> None:
    assert [stop.node for stop in demo.shown.pipeline] == list(Node)
    for stop in demo.shown.pipeline:
        assert demo.opened(stop.filter).total == stop.open
        late = replace(stop.filter, node_status=NodeStatus.OVERDUE)
        assert demo.opened(late).total == stop.overdue
        soon = replace(stop.filter, node_status=NodeStatus.DUE_SOON)
        assert demo.opened(soon).total == stop.due_soon
    assert sum(stop.open for stop in demo.shown.pipeline) == demo.shown.open_tickets


def test_every_county_opens_its_tickets(demo: Demo) -> None:
    assert len(demo.shown.areas) == 10
    for area in demo.shown.areas:
        chosen = TicketFilter(open_only=True, area=area.area)
        assert demo.opened(chosen).total == area.open
        assert demo.opened(replace(chosen, state=TicketState.OVERDUE)).total == area.overdue
    assert sum(area.open for area in demo.shown.areas) == demo.shown.open_tickets


def test_the_map_shows_each_open_ticket_in_its_state(demo: Demo) -> None:
    listed = {row.number: row.state for row in demo.opened(TicketFilter(open_only=True)).rows}
    assert {point.number: point.state for point in demo.shown.points} == listed
    some = tuple(point.number for point in demo.shown.points[:7])
    assert {row.number for row in demo.opened(TicketFilter(numbers=some)).rows} == set(some)


def test_every_state_of_a_list_adds_up(demo: Demo) -> None:
    everything = demo.opened(TicketFilter())
    by_state = Counter(row.state for row in everything.rows)
    for state in TicketState:
        assert demo.opened(TicketFilter(state=state)).total == by_state[state]
    positions = [list(TicketState).index(row.state) for row in everything.rows]
    assert positions == sorted(positions)


def test_pages_of_a_list_are_the_list(demo: Demo) -> None:
    whole = demo.opened(TicketFilter())
    parts = [
        row
        for offset in range(0, whole.total, 50)
        for row in demo.store.read(lambda c, at=offset: ticket_page(c, TicketFilter(), ANCHOR, at, 50)).rows
    ]
    assert tuple(parts) == whole.rows


def test_warnings_are_red_first_and_counted_whole(demo: Demo) -> None:
    levels = [row.level for row in demo.shown.warnings]
    assert levels == sorted(levels, key=list(WarningLevel).index)
    assert len(levels) == min(50, demo.shown.warnings_red + demo.shown.warnings_yellow)
    red = [row.due_at for row in demo.shown.warnings if row.level is WarningLevel.RED]
    assert red == sorted(red)


def test_the_ledger_is_reddest_first_and_counted_whole(demo: Demo) -> None:
    rows = demo.shown.ledger_rows
    assert len(rows) <= 12
    positions = [list(Colour).index(row.colour) for row in rows]
    assert positions == sorted(positions, reverse=True)
    assert Colour.GREEN not in {row.colour for row in rows}
    counts = {entry.colour: entry.count for entry in demo.shown.ledger_counts}
    assert list(counts) == list(Colour)
    assert sum(counts.values()) == 60
    assert all(counts.values())


def test_directives_that_need_eyes_come_first_and_owed_receipts_are_counted(demo: Demo) -> None:
    rows = demo.shown.directives
    ended = (DirectiveState.JUDGED, DirectiveState.WITHDRAWN)
    still = [row for row in rows if row.state not in ended]
    assert still == list(rows[: len(still)])
    assert still == sorted(still, key=_eyes)
    assert len({_eyes(row)[0] for row in still}) > 2
    assert demo.shown.directives_late == sum(row.late for row in rows) > 0
    live = [row for row in rows if row.state.value != "withdrawn"]
    if len(rows) < 10:
        assert demo.shown.directives_to_sign == sum(len(row.receivers) - row.signed for row in live)
        assert demo.shown.directives_to_feed_back == sum(len(row.receivers) - row.fed_back for row in live)


def _eyes(row: DirectiveRow) -> tuple[object, ...]:
    first = (DirectiveState.OVERDUE, DirectiveState.UNSIGNED_LATE, DirectiveState.DUE_SOON)
    kind = first.index(row.state) if row.state in first else 3 + (row.state is DirectiveState.FED_BACK)
    return kind, list(Urgency).index(row.urgency), row.deadline, row.number


def test_feeds_say_who_is_behind(demo: Demo) -> None:
    feeds = {feed.key: feed for feed in demo.shown.feeds}
    assert feeds["monitoring"].state is FeedState.LAGGING
    assert feeds["monitoring"].lag_seconds > 0
    assert feeds["12345"].state is FeedState.OK


def test_a_saturday_is_off(demo: Demo) -> None:
    assert (demo.shown.day_name, demo.shown.day_kind) == ("", DayKind.WEEKEND)


def test_an_empty_store_has_an_overview(store: Store) -> None:
    rules = store.read(load_rules)
    shown = store.read(lambda c: overview(c, rules, ANCHOR))
    assert shown.open_tickets == 0
    assert shown.points == ()
    assert {kpi.value for kpi in shown.kpis if kpi.denominator == 0} == {None}
    assert shown.city == ""


def test_a_late_report_of_a_node_follows_the_click(store: Store) -> None:
    """A filter keeps its window: what was open and overdue at the click is still listed when done late."""
    put_city(store)
    open_ = happened((0, DUTY, received()), (0.1, DUTY, Accepted()), (0.3, DUTY, Dispatched("housing")))
    rules = put_tickets(store, one=open_, two=whole_life())
    now = START + timedelta(hours=6)
    kpi = next(k for k in store.read(lambda c: overview(c, rules, now)).kpis if k.key is KpiKey.SIGN_RATE)
    assert (kpi.numerator, kpi.denominator) == (1, 2)
    assert kpi.spoilers is not None
    later = now + timedelta(days=40)
    assert store.read(lambda c: ticket_page(c, kpi.spoilers, later)).total == 1  # type: ignore[arg-type]
