"""What judges tickets: policies, colour schemes and the calendar, as the store holds them."""

import json
import logging
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Text, and_, cast, exists, func, literal, select, union_all
from sqlalchemy.dialects.postgresql import insert

from data_access import schema
from data_access.calendars import notices
from domain.calendar import WorkCalendar, YearNotice, notice_of
from domain.city import BodyKind
from domain.ledger import ColourScheme, parse_scheme
from domain.policy import SIGN_WITHIN, NoPolicyError, Policy, PolicyBook, parse_policy
from domain.wrong.rule import Rung

_log = logging.getLogger(__name__)

CHANGES = 71230006
"""An advisory lock that each writer shares from reading the rules to its end, and a change takes alone."""

RESOURCES = Path(__file__).resolve().parent.parent / "resources"


@dataclass(frozen=True)
class Rules:
    """Everything that turns events into clocks and colours. `schemes` in order of effective date."""

    policies: PolicyBook
    calendar: WorkCalendar
    schemes: Sequence[ColourScheme]

    def directive_signed_within(self, moment: datetime) -> timedelta:
        """Return how long a directive issued at a moment may wait to be signed, by the standard policy."""
        try:
            return self.policies.in_force("standard", moment).sign_directive_within
        except NoPolicyError:
            return SIGN_WITHIN

    def directive_ladder(self, moment: datetime) -> tuple[Rung, ...]:
        """Return what warnings of a directive issued at a moment climb, by the standard policy."""
        try:
            return self.policies.in_force("standard", moment).directive_ladder
        except NoPolicyError:
            return ()

    def scheme_on(self, day: date) -> ColourScheme:
        """Return the colour scheme in force on a day; before the first one, the first."""
        return next((s for s in reversed(self.schemes) if s.effective_from <= day), self.schemes[0])


def load_rules(connection: Connection) -> Rules:
    """Return the rules of this store. In a transaction that may write, they hold until it ends."""
    # Who caches due times by rules that change meanwhile would leave them wrong; readers need not wait.
    may_write = func.current_setting("transaction_read_only") == "off"
    connection.execute(select(func.pg_advisory_xact_lock_shared(CHANGES)).where(may_write))
    # Read in the caller's snapshot and parsed when it says something new: a rule that another program put in
    # a moment ago counts, and to read what stays the same takes a fraction of parsing it.
    policy, scheme, year = schema.policy.c, schema.scheme.c, schema.calendar_year.c
    texts = union_all(
        select(literal("policy").label("kind"), policy.toml, literal(0).label("year"), literal("")),
        select(literal("scheme"), scheme.toml, literal(0), literal("")),
        select(literal("year"), cast(year.days, Text), year.year, year.source),
    )
    return _parsed(frozenset(tuple(row) for row in connection.execute(texts)))


@lru_cache(maxsize=4)
def _parsed(texts: frozenset[tuple[str, str, int, str]]) -> Rules:
    """Return the rules in (kind, text, year, source) of policies, schemes and calendar years."""
    policies = sorted(
        (parse_policy(tomllib.loads(text)) for kind, text, _, _ in texts if kind == "policy"), key=_in_order
    )
    schemes = sorted(
        (parse_scheme(tomllib.loads(text)) for kind, text, _, _ in texts if kind == "scheme"), key=_effective
    )
    imported = [
        notice_of(
            year, [(date.fromisoformat(day), bool(off)) for day, off in json.loads(text).items()], source
        )
        for kind, text, year, source in texts
        if kind == "year"
    ]
    zone = next(
        (policy.zone for policy in policies if policy.family == "standard"), ZoneInfo("Asia/Shanghai")
    )
    return Rules(PolicyBook(tuple(policies)), WorkCalendar(notices(imported), zone), tuple(schemes))


def be_the_only_change(connection: Connection) -> None:
    """Wait until nobody else writes by the rules, and keep them waiting until this transaction ends.

    Call it before anything else is read; what changes a rule is in `data_access.rule_changes`.
    """
    connection.execute(select(func.pg_advisory_xact_lock(CHANGES)))


OFFICES = (("platform", "平台办", BodyKind.PLATFORM), ("discipline", "纪委监委", BodyKind.DISCIPLINE))
"""The two bodies that every procedure names; a city's master data may name them in full."""


def install_defaults(connection: Connection) -> None:
    """Put what comes with the program into a store that does not have it: policies, schemes, two offices.

    A version that is there is left alone: a changed rule is a new version. One that would judge tickets anew
    which the store holds is not put in: a newer program is no reason to judge a city's past otherwise. An
    admin may bring it, who says that this is meant.
    """
    offices = [
        {"key": key, "name": name, "short_name": name, "kind": kind.value, "position": position}
        for position, (key, name, kind) in enumerate(OFFICES)
    ]
    connection.execute(insert(schema.body).values(offices).on_conflict_do_nothing())
    for path in sorted((RESOURCES / "policies").glob("*.toml")):
        policy_text = path.read_text("utf-8")
        policy = parse_policy(tomllib.loads(policy_text))
        if _would_judge_anew(connection, policy):
            _log.info("policy %s %s waits for an admin", policy.family, policy.version)
        else:
            add_policy(connection, policy_text)
    for path in sorted((RESOURCES / "schemes").glob("*.toml")):
        add_scheme(connection, path.read_text("utf-8"))


def _would_judge_anew(connection: Connection, policy: Policy) -> bool:
    known, ticket = schema.policy.c, schema.ticket.c
    version = exists().where(known.family == policy.family, known.version == policy.version)
    begin = datetime.combine(policy.effective_from, time.min, policy.zone)
    held = exists().where(ticket.policy_family == policy.family, ticket.received_at >= begin)
    return bool(connection.execute(select(and_(~version, held))).scalar_one())


def add_policy(connection: Connection, text: str) -> bool:
    """Put a policy into the store; return whether it was new. Cached due times are left as they are.

    Raises:
        ValueError: the text is no policy; the message says what is wrong.
    """
    policy = parse_policy(tomllib.loads(text))
    values = {"family": policy.family, "version": policy.version, "effective_from": policy.effective_from}
    statement = insert(schema.policy).values(**values, toml=text).on_conflict_do_nothing()
    return connection.execute(statement.returning(schema.policy.c.version)).scalar() is not None


def add_scheme(connection: Connection, text: str) -> bool:
    """Put a colour scheme into the store; return whether it was new.

    Raises:
        ValueError: the text is no scheme; the message says what is wrong.
    """
    scheme = parse_scheme(tomllib.loads(text))
    values = {"key": scheme.key, "version": scheme.version, "effective_from": scheme.effective_from}
    statement = insert(schema.scheme).values(**values, toml=text).on_conflict_do_nothing()
    return connection.execute(statement.returning(schema.scheme.c.version)).scalar() is not None


def put_calendar_year(connection: Connection, notice: YearNotice) -> None:
    """Put a year's notice into the store; a later one of the same year replaces it.

    Cached due times are left as they are.
    """
    days = {day.isoformat(): True for day in notice.off} | {day.isoformat(): False for day in notice.working}
    values = {"source": notice.source, "days": dict(sorted(days.items()))}
    statement = insert(schema.calendar_year).values(year=notice.year, **values)
    connection.execute(
        statement.on_conflict_do_update(index_elements=[schema.calendar_year.c.year], set_=values)
    )


def _effective(scheme: ColourScheme) -> tuple[date, int, str]:
    return (scheme.effective_from, scheme.version, scheme.key)


def _in_order(policy: Policy) -> tuple[date, int, str]:
    return (policy.effective_from, policy.version, policy.family)
