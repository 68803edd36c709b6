"""A rule that changes while tickets are judged by it: the rule and what follows from it, in one step.

Due times are cached, so whoever puts a policy or a calendar into the store must write those of the tickets
that it judges anew; otherwise lists and dossiers would disagree, and `verify` would speak of tampering.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, Text, and_, column, false, func, select, table, text, true

from data_access import bulk, directive_terms, judging_queue, log, replay, rules, schema
from data_access.project import KINDS
from data_access.rules import Rules
from domain.calendar import WorkCalendar, YearNotice
from domain.policy import ClockKind, Policy

LONGEST_STANDSTILL = timedelta(days=31)
"""A pause may end so long after the due time that it moved: no run of days off is longer."""

_rejudged = table("rejudged", column("number", Text), column("stream", Text))


class RetroactiveError(ValueError):
    """A policy would judge tickets anew that are in the store. `tickets` says how many."""

    def __init__(self, policy: Policy, tickets: int) -> None:
        super().__init__(f"{policy.family} {policy.version} would judge {tickets} tickets anew")
        self.policy = policy
        self.tickets = tickets


@dataclass(frozen=True, slots=True)
class Changed:
    """`new` tells whether the rule was not there yet, `rejudged` how many tickets it judged anew."""

    new: bool
    rejudged: int


def put_calendar_year(connection: Connection, notice: YearNotice) -> Changed:
    """Put a year's notice into the store, and count working days anew where that changes something."""
    before = _alone_with(connection)
    rules.put_calendar_year(connection, notice)
    after = rules.load_rules(connection)
    days = list(_changed_days(before.calendar, after.calendar, notice.year))
    new = notice.year not in before.calendar.notices
    if not days:
        return Changed(new, 0)
    return Changed(new, _judge_again(connection, after, _counts_over(after, days[0], days[-1])))


def add_policy(connection: Connection, policy_text: str, *, retroactive: bool = False) -> Changed:
    """Put a policy into the store, and judge anew what it judges.

    Raises:
        ValueError: the text is no policy; the message says what is wrong.
        RetroactiveError: tickets that are in the store were received since it is effective, and the caller
            did not say that this is meant.
    """
    before = _alone_with(connection)
    if not rules.add_policy(connection, policy_text):
        return Changed(new=False, rejudged=0)
    after = rules.load_rules(connection)
    known = {(policy.family, policy.version) for policy in before.policies.policies}
    added = next(p for p in after.policies.policies if (p.family, p.version) not in known)
    chosen = _received_under(after, added) if before.calendar.zone == after.calendar.zone else true()
    count = connection.execute(select(func.count()).select_from(schema.ticket).where(chosen)).scalar_one()
    if count and not retroactive:
        raise RetroactiveError(added, count)
    rejudged = _judge_again(connection, after, chosen)
    directive_terms.count_anew(connection, after, added)
    if rejudged:
        judging_queue.judge_anew(connection, after)
    return Changed(new=True, rejudged=rejudged)


def be_alone(connection: Connection) -> None:
    """Wait until nobody writes by the rules, and keep them waiting until this transaction ends."""
    # In this order: while an import is under way, only this waits, and nobody's orders behind it.
    bulk.be_the_only_import(connection)
    rules.be_the_only_change(connection)
    bulk.be_the_only_writer(connection)


def _alone_with(connection: Connection) -> Rules:
    """Return the rules as they are, with nobody writing by them until the transaction ends."""
    be_alone(connection)
    return rules.load_rules(connection)


def _changed_days(before: WorkCalendar, after: WorkCalendar, year: int) -> Iterable[date]:
    # A notice also rules on the December before its year.
    day = date(year - 1, 1, 1)
    while day.year <= year:
        if before.is_working(day) != after.is_working(day):
            yield day
        day += timedelta(days=1)


def _counts_over(book: Rules, first: date, last: date) -> ColumnElement[bool]:
    """Tickets with a clock that may have counted one of these days: it began before, and fell due later."""
    families = {
        policy.family
        for policy in book.policies.policies
        for rule in policy.rules
        if any(limit.kind is ClockKind.WORKING for limit in rule.limits.values())
    }
    node, zone = schema.node_state.c, book.calendar.zone
    over = (
        select(node.ticket)
        .where(
            node.started_at < _midnight(last + timedelta(days=1), zone),
            node.ended_at.is_(None) | (node.due_at >= _midnight(first, zone) - LONGEST_STANDSTILL),
        )
        .distinct()
    )
    return and_(schema.ticket.c.policy_family.in_(families), schema.ticket.c.number.in_(over))


def _received_under(book: Rules, added: Policy) -> ColumnElement[bool]:
    """Tickets that a policy judges: received since it is effective, and before the next version was."""
    versions = sorted((p for p in book.policies.policies if p.family == added.family), key=_rank)
    following = versions[versions.index(added) + 1 :]
    ticket = schema.ticket.c
    if any(policy.effective_from == added.effective_from for policy in following):
        return false()
    condition = and_(
        ticket.policy_family == added.family,
        ticket.received_at >= _midnight(added.effective_from, added.zone),
    )
    for policy in following:
        condition &= ticket.received_at < _midnight(policy.effective_from, policy.zone)
    return condition


def _rank(policy: Policy) -> tuple[date, int]:
    return (policy.effective_from, policy.version)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def _judge_again(connection: Connection, book: Rules, chosen: ColumnElement[bool]) -> int:
    """Write the cached rows of the chosen tickets anew; return how many tickets."""
    ticket = schema.ticket.c
    connection.execute(
        text("CREATE TEMPORARY TABLE rejudged (number text PRIMARY KEY, stream text UNIQUE) ON COMMIT DROP")
    )
    names = select(ticket.number, func.concat("ticket/", ticket.number)).where(chosen)
    connection.execute(_rejudged.insert().from_select(["number", "stream"], names))
    count = connection.execute(select(func.count()).select_from(_rejudged)).scalar_one()
    if count:
        connection.execute(text("ANALYZE rejudged"))
        for cache, key in KINDS["ticket"].tables:
            connection.execute(cache.delete().where(cache.c[key].in_(select(_rejudged.c.number))))
        mine = schema.event.c.stream.in_(select(_rejudged.c.stream))
        replay.fill(connection, book, replay.streams(connection, mine))
    connection.execute(text("DROP TABLE rejudged"))
    log.ring(connection)
    return count
