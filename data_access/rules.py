"""What judges tickets: policies, colour schemes and the calendar, as the store holds them."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.postgresql import insert

from data_access import schema
from data_access.calendars import notices
from domain.calendar import WorkCalendar, YearNotice, notice_of
from domain.city import BodyKind
from domain.ledger import ColourScheme, parse_scheme
from domain.policy import PolicyBook, parse_policy

CHANGES = 71230006
"""An advisory lock that each writer shares from reading the rules to its end, and a change takes alone."""

RESOURCES = Path(__file__).resolve().parent.parent / "resources"


@dataclass(frozen=True)
class Rules:
    """Everything that turns events into clocks and colours. `schemes` in order of effective date."""

    policies: PolicyBook
    calendar: WorkCalendar
    schemes: Sequence[ColourScheme]

    def scheme_on(self, day: date) -> ColourScheme:
        """Return the colour scheme in force on a day; before the first one, the first."""
        return next((s for s in reversed(self.schemes) if s.effective_from <= day), self.schemes[0])


def load_rules(connection: Connection) -> Rules:
    """Return the rules of this store. In a transaction that may write, they hold until it ends."""
    # Who caches due times by rules that change meanwhile would leave them wrong; readers need not wait.
    may_write = func.current_setting("transaction_read_only") == "off"
    connection.execute(select(func.pg_advisory_xact_lock_shared(CHANGES)).where(may_write))
    in_order = select(schema.policy.c.toml).order_by(schema.policy.c.effective_from, schema.policy.c.version)
    policies = [parse_policy(tomllib.loads(text)) for text in connection.execute(in_order).scalars()]
    schemes = sorted(
        (parse_scheme(tomllib.loads(t)) for t in connection.execute(select(schema.scheme.c.toml)).scalars()),
        key=_effective,
    )
    imported = [
        notice_of(
            row.year, [(date.fromisoformat(day), bool(off)) for day, off in row.days.items()], row.source
        )
        for row in connection.execute(select(schema.calendar_year))
    ]
    zone = next(
        (policy.zone for policy in policies if policy.family == "standard"), ZoneInfo("Asia/Shanghai")
    )
    return Rules(PolicyBook(policies), WorkCalendar(notices(imported), zone), schemes)


def be_the_only_change(connection: Connection) -> None:
    """Wait until nobody else writes by the rules, and keep them waiting until this transaction ends.

    Call it before anything else is read; what changes a rule is in `data_access.rule_changes`.
    """
    connection.execute(select(func.pg_advisory_xact_lock(CHANGES)))


OFFICES = (("platform", "平台办", BodyKind.PLATFORM), ("discipline", "纪委监委", BodyKind.DISCIPLINE))
"""The two bodies that every procedure names; a city's master data may name them in full."""


def install_defaults(connection: Connection) -> None:
    """Put what comes with the program into a store that does not have it: policies, schemes, two offices.

    A version that is there is left alone: a changed rule is a new version.
    """
    offices = [
        {"key": key, "name": name, "short_name": name, "kind": kind.value, "position": position}
        for position, (key, name, kind) in enumerate(OFFICES)
    ]
    connection.execute(insert(schema.body).values(offices).on_conflict_do_nothing())
    for path in sorted((RESOURCES / "policies").glob("*.toml")):
        add_policy(connection, path.read_text("utf-8"))
    for path in sorted((RESOURCES / "schemes").glob("*.toml")):
        add_scheme(connection, path.read_text("utf-8"))


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


def _effective(scheme: ColourScheme) -> tuple[date, int]:
    return (scheme.effective_from, scheme.version)
