"""Counts for the patterns page, and the history of a body or a person (T12, T28, X05, X06).

Nodes are summed from the tallies; warnings, hand-overs and files are counted from indexes of their moments,
people from the index of what fell due. A year of a million tickets takes seconds, in a worker thread.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, exists, func, select

from data_access import schema
from data_access.readers.counts import Window, counts
from data_access.readers.hand_overs import flows, handed_over, tickets_handed
from data_access.readers.names import read_names
from data_access.readers.re_supervisions import file_rows
from data_access.readers.states import fell_due, outcome_is
from data_access.rules import Rules
from domain.city import BodyKind
from domain.events import Behaviour, WarningKind
from domain.listing import Outcome
from domain.nodes import Node
from domain.patterns import (
    MOST_LISTED,
    FileCount,
    History,
    HistoryQuery,
    LateNode,
    NodeCount,
    PastFile,
    PatternCounts,
    PatternQuery,
    PersonCount,
    TicketsQuery,
    Trait,
    WarningCount,
)
from domain.ranking_query import RankBy
from domain.wrong.rule import Predicate

MOST_TICKETS = 10_000
"""Tickets that a number opens; the latest ones of more."""

THIN = (
    Predicate.WITHOUT_EVIDENCE,
    Predicate.EVIDENCE_USED_BEFORE,
    Predicate.PICTURE_ALIKE,
    Predicate.FAR_ARRIVAL,
    Predicate.JUST_BEFORE_DUE,
    Predicate.DONE_TOO_SOON,
)
"""What tells of thin evidence (证据意识不强)."""

_node, _warning, _file = schema.node_state.c, schema.warning.c, schema.re_supervision.c


def pattern_counts(connection: Connection, rules: Rules, query: PatternQuery, now: datetime) -> PatternCounts:
    """Return what was counted of each responsible body in the window that ends now."""
    since = now - timedelta(days=query.days)
    window = Window(since, now)
    body = schema.body.c
    compared = connection.execute(
        select(body.key, body.short_name).where(body.kind == BodyKind.RESPONSIBLE.value).order_by(body.key)
    ).all()
    names = {row.key: row.short_name for row in compared}
    due = counts(connection, RankBy.BODY, tuple(Node), ("due", "on_time", "open"), window, now)
    checked = counts(connection, RankBy.BODY, (Node.REVISIT, Node.POST_CHECK), ("bounced",), window, now)
    bounced: dict[str, int] = {}
    for row in checked:
        bounced[row.key] = bounced.get(row.key, 0) + int(row.bounced)
    return PatternCounts(
        since,
        now,
        names,
        tuple(
            NodeCount(row.key, Node(row.node), int(row.due), int(row.due - row.on_time), int(row.open))
            for row in due
        ),
        _warnings(connection, rules, since, now),
        _handed(connection, since, now),
        bounced,
        _files(connection, since, now),
        thin_rules(rules),
        flows(connection, since, now),
    )


def thin_rules(rules: Rules) -> frozenset[str]:
    """Return the IDs of the rules about evidence, of all policies."""
    return frozenset(
        rule.id for policy in rules.policies.policies for rule in policy.wrong if rule.predicate in THIN
    )


def _warnings(
    connection: Connection, rules: Rules, since: datetime, until: datetime
) -> tuple[WarningCount, ...]:
    # The sentences are the policy's: without them the counts are read from the index alone.
    sentences = _sentences(rules)
    keys = (_warning.body, _warning.node, _warning.kind, _warning.rule_id)
    rows = connection.execute(
        select(*keys, func.count().label("times"))
        .where(_warning.raised_at >= since, _warning.raised_at < until, _warning.body.is_not(None))
        .group_by(*keys)
        .order_by(*keys)
    )
    return tuple(
        WarningCount(
            row.body,
            Node(row.node),
            WarningKind(row.kind),
            row.rule_id,
            sentences.get(row.rule_id or row.kind, row.rule_id),
            row.times,
        )
        for row in rows
    )


def _sentences(rules: Rules) -> dict[str, str]:
    """Return the rules' sentences by their IDs, and by late and slow; the last version's of each."""
    found: dict[str, str] = {}
    for policy in rules.policies.policies:
        found |= policy.sentences
        found |= {rule.id: rule.sentence for rule in policy.wrong}
    return found


def _handed(connection: Connection, since: datetime, until: datetime) -> dict[str, int]:
    rows = connection.execute(
        select(_node.body, func.count().label("times"))
        .where(*handed_over(), _node.ended_at >= since, _node.ended_at < until, _node.body.is_not(None))
        .group_by(_node.body)
    )
    return {row.body: row.times for row in rows}


def _files(connection: Connection, since: datetime, until: datetime) -> dict[str, FileCount]:
    fault = and_(_file.behaviour.is_not(None), _file.behaviour != Behaviour.NO_FAULT.value)
    rows = connection.execute(
        select(_file.body, func.count().label("launched"), func.count().filter(fault).label("faults"))
        .where(_file.launched_at >= since, _file.launched_at < until, _file.body.is_not(None))
        .group_by(_file.body)
    )
    return {row.body: FileCount(row.launched, row.faults) for row in rows}


def history(connection: Connection, query: HistoryQuery, now: datetime) -> History:
    """Return what is on record about a body, or one person of it."""
    since = now - timedelta(days=query.days)
    of = [_node.person == query.person] if query.person else []
    late = and_(_node.body == query.body, _node.due_at >= since, _node.due_at < now, _not_in_time(now), *of)
    # Two questions, each of an index of its own: what was ended late, and what is open and past due.
    ended = _late_nodes(connection, and_(late, _node.ended_at > _node.due_at))
    still = _late_nodes(connection, and_(late, _node.ended_at.is_(None)))
    listed = sorted([*ended, *still], key=_latest_first)[:MOST_LISTED]
    count = sum(
        connection.execute(select(func.count()).select_from(schema.node_state).where(each)).scalar_one()
        for each in (and_(late, _node.ended_at > _node.due_at), and_(late, _node.ended_at.is_(None)))
    )
    return History(
        query.body,
        query.person,
        _people(connection, query.body, since, now),
        count,
        tuple(listed),
        _past_files(connection, query),
    )


def _not_in_time(now: datetime) -> ColumnElement[bool]:
    return outcome_is(Outcome.NOT_ON_TIME, now)


def _late_nodes(connection: Connection, where: ColumnElement[bool]) -> list[LateNode]:
    ticket = schema.ticket
    rows = connection.execute(
        select(
            _node.ticket, ticket.c.title, _node.node, _node.round, _node.person, _node.due_at, _node.ended_at
        )
        .select_from(schema.node_state.outerjoin(ticket, ticket.c.number == _node.ticket))
        .where(where)
        .order_by(_node.due_at.desc(), _node.ticket)
        .limit(MOST_LISTED)
    )
    return [
        LateNode(
            row.ticket,
            row.title or "",
            Node(row.node),
            row.round,
            row.person or "",
            row.due_at,
            row.ended_at,
        )
        for row in rows
    ]


def _people(connection: Connection, body: str, since: datetime, now: datetime) -> tuple[PersonCount, ...]:
    person = func.coalesce(_node.person, "")
    rows = connection.execute(
        select(
            person.label("person"),
            func.count().label("due"),
            func.count().filter(_not_in_time(now)).label("late"),
        )
        .where(
            # Nodes are named one by one: the index of due times has the node first.
            _node.node.in_([node.value for node in Node]),
            _node.due_at >= since,
            _node.due_at < now,
            _node.body == body,
            fell_due(now),
        )
        .group_by(person)
        .order_by(person)
    )
    return tuple(PersonCount(row.person, row.due, row.late) for row in rows)


def _past_files(connection: Connection, query: HistoryQuery) -> tuple[PastFile, ...]:
    where = [_file.body == query.body, _file.launched_at.is_not(None)]
    if query.person:
        # Files about a node that this person has ended.
        where.append(
            exists().where(
                _node.ticket == _file.ticket,
                _node.round == _file.round,
                _node.node == _file.node,
                _node.body == _file.body,
                _node.person == query.person,
            )
        )
    names = read_names(connection)
    return tuple(
        PastFile(
            row,
            Behaviour(found["behaviour"]) if found["behaviour"] else None,
            found["finding"] or "",
            found["recommendation"] or "",
        )
        for row, found in file_rows(connection, where, names, MOST_LISTED)
    )


def pattern_tickets(connection: Connection, rules: Rules, query: TicketsQuery) -> Sequence[str]:
    """Return the numbers of the tickets behind a figure that no ticket filter can name, the latest first."""
    if query.trait is Trait.PUSHED and query.to is not None:
        return tickets_handed(connection, query.body, query.to, query.since, query.until, MOST_TICKETS)
    if query.trait is Trait.PUSHED:
        statement = (
            select(_node.ticket)
            .where(*handed_over(), _node.body == query.body)
            .where(_node.ended_at >= query.since, _node.ended_at < query.until)
            .order_by(_node.ended_at.desc(), _node.ticket)
        )
    else:
        statement = (
            select(_warning.ticket)
            .where(_warning.body == query.body, _cause(rules, query))
            .where(_warning.raised_at >= query.since, _warning.raised_at < query.until)
            .order_by(_warning.raised_at.desc(), _warning.ticket)
        )
    found = connection.execute(statement.limit(MOST_TICKETS)).scalars()
    return tuple(dict.fromkeys(found))


def _cause(rules: Rules, query: TicketsQuery) -> ColumnElement[bool]:
    if query.kind is not None:
        return and_(_warning.kind == query.kind.value, _warning.rule_id == (query.rule_id or ""))
    if query.trait is Trait.THIN:
        return _warning.rule_id.in_(sorted(thin_rules(rules)))
    kinds = {Trait.SLOW: WarningKind.SLOW, Trait.WRONG: WarningKind.WRONG}
    return _warning.kind == kinds.get(query.trait, WarningKind.LATE).value


def _latest_first(node: LateNode) -> tuple[float, str]:
    return (-node.due_at.timestamp(), node.ticket)
