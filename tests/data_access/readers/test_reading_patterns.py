"""Patterns are what the rows say, each number opens its tickets, the record is whole (T12, T28, X05, X06)."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import select

from data_access import log, schema
from data_access.readers.patterns import history, pattern_counts, pattern_tickets, thin_rules
from data_access.readers.tickets import ticket_page
from data_access.rules import Rules, load_rules
from data_access.store import Store, open_url
from domain.events import (
    Behaviour,
    Event,
    ReSupervisionDrafted,
    ReSupervisionFound,
    ReSupervisionLaunched,
    WarningKind,
    WarningLevel,
    WarningRaised,
)
from domain.listing import Outcome, TicketFilter
from domain.nodes import Node
from domain.patterns import (
    HistoryQuery,
    PatternCounts,
    PatternQuery,
    TicketsQuery,
    Trait,
    body_patterns,
)
from domain.people import SYSTEM, Actor, Role
from tests.data_access.readers.worlds import ANCHOR, put_demo, put_tickets, wandering
from tests.fresh_database import opened_copy

DAYS = 90
SINCE = ANCHOR - timedelta(days=DAYS)
OFFICER = Actor(Role.DISCIPLINE, "孙静", "discipline")


@pytest.fixture(scope="module")
def store(postgres: Path, template_database: str) -> Iterator[Store]:
    """A small demo city, tickets that wander between bodies, warnings of broken rules and a file."""
    with opened_copy(postgres, template_database) as opened:
        put_demo(opened)
        random = Random(7)
        streams = {
            f"W-{n}": wandering(random, ANCHOR - timedelta(days=random.randint(5, 80))) for n in range(60)
        }
        put_tickets(opened, **streams)
        opened.write(_wrong_and_filed)
        yield opened


def _wrong_and_filed(connection: Any) -> None:
    rules = load_rules(connection)
    at = ANCHOR - timedelta(days=2)
    for number, rule in (("W-1", "E01"), ("W-2", "E01"), ("W-3", "P05")):
        raised = WarningRaised(
            WarningKind.WRONG, WarningLevel.RED, Node.RECTIFY, 1, 1, "housing", f"规则 {rule}", rule_id=rule
        )
        log.append(connection, rules, [log.Addition(f"ticket/{number}", [Event(at, SYSTEM, raised)])])
    facts = [
        ReSupervisionDrafted("W-1", "housing", Node.SIGN, 1, "超期"),
        ReSupervisionLaunched("housing", "为何", ANCHOR, "{}", "00"),
        ReSupervisionFound(Behaviour.SLOWNESS, "拖延"),
    ]
    events = [Event(at, OFFICER, fact) for fact in facts]
    log.append(connection, rules, [log.Addition("re_supervision/Z-2026-0900", events)])


@pytest.fixture(scope="module")
def found(store: Store) -> PatternCounts:
    return store.read(lambda c: pattern_counts(c, load_rules(c), PatternQuery(DAYS), ANCHOR))


def rows(store: Store, table: Any) -> list[Any]:
    return store.read(lambda c: list(c.execute(select(table)).mappings()))


def is_late(row: Any, now: datetime = ANCHOR) -> bool:
    ended = row["ended_at"]
    return bool((ended is not None and ended > row["due_at"]) or (ended is None and row["due_at"] < now))


def fell_due(row: Any) -> bool:
    if row["due_at"] is None or not SINCE <= row["due_at"] < ANCHOR:
        return False
    return bool(row["ended_at"] is None or row["ended"] == "done" or row["ended_at"] > row["due_at"])


def test_nodes_are_those_that_fell_due(store: Store, found: PatternCounts) -> None:
    expected: Counter[tuple[str, str, str]] = Counter()
    for row in rows(store, schema.node_state):
        if row["body"] is not None and fell_due(row):
            key = (row["body"], row["node"])
            expected[(*key, "due")] += 1
            expected[(*key, "late")] += is_late(row)
            expected[(*key, "open")] += row["ended_at"] is None
    counted: Counter[tuple[str, str, str]] = Counter()
    for count in found.nodes:
        for what in ("due", "late", "open"):
            counted[count.body, count.node.value, what] += getattr(count, what)
    assert +counted == +expected
    assert sum(count.late for count in found.nodes) > 20


def test_warnings_hand_overs_and_files_are_those_of_the_window(store: Store, found: PatternCounts) -> None:
    warned = Counter(
        (row["body"], row["kind"], row["rule_id"])
        for row in rows(store, schema.warning)
        if row["body"] is not None and SINCE <= row["raised_at"] < ANCHOR
    )
    counted: Counter[tuple[str, str, str]] = Counter()
    for each in found.warnings:
        counted[each.body, each.kind.value, each.rule_id] += each.count
    assert counted == warned
    handed = Counter(
        row["body"]
        for row in rows(store, schema.node_state)
        if (row["node"], row["ended"], row["part"]) == ("rectify", "handed_over", 0)
        and row["body"] is not None
        and SINCE <= row["ended_at"] < ANCHOR
    )
    assert found.handed == dict(handed)
    assert sum(handed.values()) > 5
    assert found.files["housing"].launched >= 1
    assert found.files["housing"].faults >= 1


def test_rules_about_evidence_are_the_policys(store: Store, found: PatternCounts) -> None:
    thin = store.read(lambda c: thin_rules(load_rules(c)))
    assert {"E01", "E03"} <= thin
    assert "P05" not in thin
    housing = next(row for row in body_patterns(found) if row.body == "housing")
    assert housing.figures[Trait.THIN].hits >= 2
    assert housing.figures[Trait.WRONG].hits >= housing.figures[Trait.THIN].hits + 1


def test_each_number_opens_its_tickets(store: Store, found: PatternCounts) -> None:
    """A filter where one can say it, else the tickets by their numbers."""
    for row in body_patterns(found):
        for trait, outcome in ((Trait.LATE, Outcome.NOT_ON_TIME), (Trait.OPEN, Outcome.OPEN_OVERDUE)):
            wanted = TicketFilter(body=row.body, outcome=outcome, due_from=SINCE, due_to=ANCHOR)
            page = store.read(lambda c, wanted=wanted: ticket_page(c, wanted, now=ANCHOR))  # type: ignore[misc]
            assert page.nodes == row.figures[trait].hits
        for trait in (Trait.SLOW, Trait.WRONG, Trait.THIN, Trait.PUSHED):
            query = TicketsQuery(row.body, trait, SINCE, ANCHOR)
            numbers = store.read(lambda c, q=query: pattern_tickets(c, load_rules(c), q))  # type: ignore[misc]
            assert bool(numbers) is bool(row.figures[trait].hits)
            assert len(numbers) <= row.figures[trait].hits


def test_tickets_of_one_rule(store: Store) -> None:
    query = TicketsQuery("housing", Trait.WRONG, SINCE, ANCHOR, WarningKind.WRONG, "E01")
    assert set(store.read(lambda c: pattern_tickets(c, load_rules(c), query))) == {"W-1", "W-2"}


def test_the_record_of_a_body(store: Store) -> None:
    """T28: who ended the late nodes, the files and what they found; of one person alone as well."""
    late = [
        row
        for row in rows(store, schema.node_state)
        if row["body"] == "housing" and fell_due(row) and is_late(row)
    ]
    whole = store.read(lambda c: history(c, HistoryQuery("housing", days=DAYS), ANCHOR))
    assert whole.late == len(late) == len(whole.nodes)
    assert [node.due_at for node in whole.nodes] == sorted((row["due_at"] for row in late), reverse=True)
    assert sum(each.late for each in whole.people) == len(late)
    found = {each.row.number: each for each in whole.files}
    assert (found["Z-2026-0900"].behaviour, found["Z-2026-0900"].finding) == (Behaviour.SLOWNESS, "拖延")
    person = max(whole.people, key=lambda each: (bool(each.person), each.late)).person
    own = store.read(lambda c: history(c, HistoryQuery("housing", person, DAYS), ANCHOR))
    assert {node.person for node in own.nodes} == {person}
    assert own.late == sum(row["person"] == person for row in late)
    assert {each.row.number for each in own.files} <= set(found)


def test_a_store_without_anything_has_no_patterns(database_url: str) -> None:
    empty = open_url(database_url)
    try:
        rules: Rules = empty.read(load_rules)
        nothing = empty.read(lambda c: pattern_counts(c, rules, PatternQuery(30), ANCHOR))
        assert body_patterns(nothing) == ()
        record = empty.read(lambda c: history(c, HistoryQuery("housing"), ANCHOR))
        assert (record.late, record.nodes, record.people, record.files) == (0, (), (), ())
    finally:
        empty.close()


def test_hand_overs_go_to_whoever_got_the_ticket_next(store: Store, found: PatternCounts) -> None:
    """T22: counted by hand from the clocks; each number opens its tickets."""
    clocks = {
        (row["ticket"], row["round"], row["leg"]): row
        for row in rows(store, schema.node_state)
        if row["node"] == "rectify" and row["part"] == 0
    }
    went: dict[tuple[str, str], list[str]] = {}
    for (ticket, round_, leg), row in clocks.items():
        after = clocks.get((ticket, round_, leg + 1))
        if row["ended"] != "handed_over" or not SINCE <= row["ended_at"] < ANCHOR:
            continue
        if row["body"] and after is not None and after["body"]:
            went.setdefault((row["body"], after["body"]), []).append(ticket)
    assert {(f.giver, f.taker): f.times for f in found.flows if f.times} == {
        pair: len(tickets) for pair, tickets in went.items()
    }
    assert sum(map(len, went.values())) > 10
    together = Counter(
        (row["lead"], helper)
        for row in rows(store, schema.ticket)
        for helper in row["assisting"]
        if row["lead"] not in (None, helper) and SINCE <= row["received_at"] < ANCHOR
    )
    assert {(f.giver, f.taker): f.jointly for f in found.flows if f.jointly} == together
    (giver, taker), tickets = max(went.items(), key=lambda item: len(item[1]))
    query = TicketsQuery(giver, Trait.PUSHED, SINCE, ANCHOR, to=taker)
    opened = store.read(lambda c: pattern_tickets(c, load_rules(c), query))
    assert (len(opened), set(opened)) == (len(set(tickets)), set(tickets))
