"""A dossier says at any minute what was known then, from the events alone."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from data_access import log, schema
from data_access.readers.dossier import dossier
from data_access.readers.moment import at_moment
from data_access.readers.tickets import ticket_page
from data_access.readers.warnings import running_warnings
from data_access.rules import Rules
from data_access.store import Store
from domain import events as e
from domain.dossier import Dossier
from domain.events import WarningKind, WarningLevel
from domain.listing import TicketFilter
from domain.nodes import Node, TicketState
from domain.overview import DirectiveState
from domain.people import SYSTEM, Actor, Role
from tests.data_access.readers.worlds import ANCHOR, LEADER, put_city, put_demo, put_streams
from tests.data_access.streams import DUTY, HANDLER, START, happened, received, whole_life

RED = (WarningKind.LATE, WarningLevel.RED, Node.SIGN, 1, 1)
HELPER = Actor(Role.HANDLER, "何敏", "public_security")
STREAMS = {
    "ticket/T-1": happened(
        (0, DUTY, received(category="C12", lng=117.2, lat=34.2, address="荆山路 18 号")),
        (0.1, DUTY, e.Accepted()),
        (0.3, DUTY, e.Dispatched("housing", ("public_security",))),
        (0.5, HELPER, e.Signed()),
        (4, SYSTEM, e.WarningRaised(*RED, "housing", "环节到期未办结")),
        (4, SYSTEM, e.ReSupervisionReferred("Z-1", "drafted")),
        (5, DUTY, e.WarningAcknowledged(*RED)),
        (6, LEADER, e.DirectiveReferred("D-1", "今晚停工", ("housing",), START + timedelta(hours=20))),
        (9, HANDLER, e.Signed()),
        (9.1, SYSTEM, e.WarningCleared(*RED, "done")),
        (10, HANDLER, e.Arrived(12.0, ("ab" * 32,))),
    ),
    "ticket/T-0": happened((0, DUTY, received(lng=117.20001, lat=34.2)), start=START - timedelta(days=80)),
    "ticket/T-far": happened((0, DUTY, received(lng=117.3, lat=34.2)), start=START - timedelta(days=1)),
    "ticket/T-old": happened((0, DUTY, received(lng=117.2, lat=34.2)), start=START - timedelta(days=91)),
    "directive/D-1": happened(
        (
            6,
            LEADER,
            e.DirectiveIssued("今晚停工", ("housing",), START + timedelta(hours=20), tickets=("T-1",)),
        ),
        (7, HANDLER, e.DirectiveSigned("housing")),
    ),
    "re_supervision/Z-1": happened(
        (4, SYSTEM, e.ReSupervisionDrafted("T-1", "housing", Node.SIGN, 1, "环节到期未办结"))
    ),
}


@pytest.fixture
def rules(store: Store) -> Rules:
    put_city(store)
    return put_streams(store, STREAMS)


def read(store: Store, rules: Rules, hours: float, number: str = "T-1", latest: float = 30) -> Dossier | None:
    moment, present = START + timedelta(hours=hours), START + timedelta(hours=latest)
    return store.read(lambda c: dossier(c, rules, number, moment, present))


def test_a_ticket_unknown_or_not_yet_received_has_none(store: Store, rules: Rules) -> None:
    assert read(store, rules, 1, "T-9") is None
    assert read(store, rules, -0.001) is None


def test_names_facts_and_repeats(store: Store, rules: Rules) -> None:
    shown = read(store, rules, 30)
    assert shown is not None
    assert shown.title == "夜间施工噪声"
    facts = shown.facts
    assert facts.lead == "住房和城乡建设局"
    assert facts.assisting == ("公安局",)
    assert facts.area == "铜山区"
    assert facts.category
    assert facts.category_class
    assert facts.repeats == 2
    assert shown.chain_ok
    assert all(row.ok and len(row.hash) == 64 for row in shown.log)
    assert len(shown.explanations) == len(shown.clock.trace.nodes)


def test_each_minute_knows_what_was_known_then(store: Store, rules: Rules) -> None:
    moments = (3.9, 4.5, 5.5, 6.5, 9.5)
    found = [shown for hours in moments if (shown := read(store, rules, hours)) is not None]
    before, red, noted, directed, signed = found
    assert [w.level for w in before.warnings] == [WarningLevel.YELLOW]
    (warning,) = red.warnings
    assert (warning.node, warning.level, warning.due_at) == (
        Node.SIGN,
        WarningLevel.RED,
        START + timedelta(hours=4),
    )
    assert warning.re_supervision == "Z-1"
    assert warning.acknowledged_by is None
    assert noted.warnings[0].acknowledged_by == "王磊"
    assert noted.directives == ()
    assert [row.state for row in directed.directives] == [DirectiveState.UNSIGNED]
    assert signed.warnings == ()
    assert signed.directives[0].signed == 1
    assert red.clock.state is TicketState.OVERDUE
    assert signed.clock.state is TicketState.ON_TIME
    assert [len(shown.log) for shown in (before, red, noted, directed, signed)] == [4, 6, 7, 8, 10]
    assert before.replayed
    assert before.latest == START + timedelta(hours=30)


def test_a_channel_is_shown_by_its_name(store: Store, rules: Rules) -> None:
    reported = replace(received(), channel="report"), replace(received(), channel="邮箱")
    put_streams(store, {f"ticket/C-{n}": happened((0, DUTY, fact)) for n, fact in enumerate(reported)})
    for number, key, name in (("C-0", "report", "群众举报"), ("C-1", "邮箱", "邮箱")):
        shown = read(store, rules, 1, number)
        assert shown is not None
        assert shown.facts.channel == name
        assert shown.channels.get(key, key) == name
        (row,) = store.read(lambda c, n=number: ticket_page(c, TicketFilter(text=n), START)).rows
        assert (row.channel, row.channel_name) == (key, name)


def test_a_closed_ticket_can_be_replayed_up_to_its_end(store: Store, rules: Rules) -> None:
    put_streams(store, {"ticket/T-2": whole_life()})
    shown = read(store, rules, 200, "T-2", latest=200)
    assert shown is not None
    assert not shown.replayed
    assert shown.latest == START + timedelta(hours=81)


def test_its_warnings_are_those_of_the_caches(store: Store) -> None:
    rules = put_demo(store, 200)
    everything = store.read(lambda c: running_warnings(c, rules, ANCHOR, 10_000))
    assert everything.red
    assert everything.yellow
    for number in {row.ticket for row in everything.rows}:
        shown = store.read(lambda c, n=number: dossier(c, rules, n, ANCHOR, ANCHOR))
        assert shown is not None
        assert shown.warnings == tuple(row for row in everything.rows if row.ticket == number)


def test_a_past_minute_of_the_caches_says_the_same(store: Store) -> None:
    rules = put_demo(store, 200)
    moment = ANCHOR - timedelta(hours=9)

    def running(connection: object) -> object:
        return running_warnings(connection, rules, moment, 10_000)  # type: ignore[arg-type]

    found = at_moment(store, rules, moment, running)
    assert found.rows
    for number in {row.ticket for row in found.rows}:
        shown = store.read(lambda c, n=number: dossier(c, rules, n, moment, ANCHOR))
        assert shown is not None
        assert shown.warnings == tuple(row for row in found.rows if row.ticket == number)


def test_a_forged_event_is_shown_as_broken(store: Store, rules: Rules) -> None:
    store.write(lambda c: c.execute(text("ALTER TABLE event DISABLE TRIGGER ALL")))
    event = schema.event
    forged = event.update().where(event.c.stream == "ticket/T-1", event.c.seq == 3).values(person="别人")
    store.write(lambda c: c.execute(forged))
    shown = read(store, rules, 30)
    assert shown is not None
    assert not shown.chain_ok
    assert [row.ok for row in shown.log].index(False) == 2


def test_a_late_report_stands_at_its_own_time(store: Store, rules: Rules) -> None:
    late: datetime = START + timedelta(hours=9.05)
    chased = e.Event(late, DUTY, e.Chased("请补充影像"))
    store.write(lambda c: log.append(c, rules, [log.Addition("ticket/T-1", [chased], None)]))
    shown = read(store, rules, 30)
    assert shown is not None
    assert [row.event.at for row in shown.log] == sorted(row.event.at for row in shown.log)
    assert shown.chain_ok
