"""Proves that people, bodies and rules are what the log says: part of `verify`.

Their rows are written beside the log by the functions for admins (gate/people.sql, rules.sql). What an owner
of the database changes by hand is in no event, and shows here.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, func, or_, select, text

from data_access import log, schema
from domain.admin_events import (
    BodyAdded,
    BodyChanged,
    PersonAdded,
    PersonChanged,
    PersonRestored,
    PersonRevoked,
    RuleInstalled,
    RuleKind,
    RuleSubmitted,
)
from domain.calendar import parse_holiday_cn

STREAMS = ("person/", "body/", "rules/")


class Odd(NamedTuple):
    """A stream whose row does not follow from its events, and why."""

    stream: str
    reason: str


def first_odd(connection: Connection) -> Odd | None:
    """Return the first person, body or rule that is not as its events say, or None."""
    streams = _streams(connection)
    checks = (
        _odd_people(connection, streams),
        _odd_bodies(connection, streams),
        _odd_rules(connection, streams),
    )
    return next((odd for check in checks for odd in check), None)


def _streams(connection: Connection) -> dict[str, list[log.Recorded]]:
    stream = schema.event.c.stream
    # Each a range of the index, in any order of letters that puts the stroke before figures.
    ranges = or_(
        *((stream >= name) & (stream < name[:-1] + "0") & func.starts_with(stream, name) for name in STREAMS)
    )
    rows = connection.execute(
        select(*log.RECORDED_COLUMNS).where(ranges).order_by(stream, schema.event.c.seq)
    )
    found: defaultdict[str, list[log.Recorded]] = defaultdict(list)
    for row in rows:
        record = log.recorded(row)
        found[record.stream].append(record)
    return found


def _odd_people(connection: Connection, streams: dict[str, list[log.Recorded]]) -> Iterator[Odd]:
    person = schema.person
    rows = {row.login: row for row in connection.execute(select(person).where(person.c.login.is_not(None)))}
    sample = bool(connection.execute(select(schema.city.c.sample)).scalar())
    for name, records in streams.items():
        login = name.removeprefix("person/")
        if login == name:
            continue
        if login not in rows:
            yield Odd(name, "人员缺失")
        elif not _fits(rows[login], records):
            yield Odd(name, "人员与事件不符")
    for login in sorted(rows.keys() - {name.removeprefix("person/") for name in streams}):
        if not (sample and _is_made_up(login)):
            yield Odd(f"person/{login}", "人员没有对应的事件")
    for row in connection.execute(_ROLES):
        if sample and _is_made_up(row.login):
            continue  # all trials of a server share these roles
        held = set(row.groups)
        wanted = {f"qingshao_{rows[row.login].role}"} if rows[row.login].active else set()
        if row.power:
            yield Odd(f"person/{row.login}", "登录角色另有特权")
        elif held != wanted:
            yield Odd(f"person/{row.login}", f"登录角色属于 {'、'.join(sorted(held)) or '无'}，与事件不符")


def _is_made_up(login: str) -> bool:
    """Whether a person came with the demo city (gate/demo_people.py), without an event."""
    return login.startswith("demo-")


def _fits(row: Row[Any], records: Sequence[log.Recorded]) -> bool:
    """Whether a person's row follows from the events; of one of the demo city only what they changed."""
    wanted: dict[str, Any] = {}
    for record in records:
        fact = record.event.fact
        if isinstance(fact, PersonAdded | PersonChanged):
            wanted |= {"name": fact.name, "role": fact.role.value, "body": fact.body}
            wanted |= {"area": fact.area, "title": fact.title}
        if isinstance(fact, PersonAdded | PersonRestored):
            wanted["active"] = True
        elif isinstance(fact, PersonRevoked):
            wanted["active"] = False
    return all(getattr(row, name) == value for name, value in wanted.items())


def _odd_bodies(connection: Connection, streams: dict[str, list[log.Recorded]]) -> Iterator[Odd]:
    rows = {row.key: row for row in connection.execute(select(schema.body))}
    for name, records in streams.items():
        fact, key = records[-1].event.fact, name.removeprefix("body/")
        if isinstance(fact, BodyAdded | BodyChanged) and (
            key not in rows or (rows[key].name, rows[key].short_name) != (fact.name, fact.short_name)
        ):
            yield Odd(name, "责任主体与事件不符")


def _odd_rules(connection: Connection, streams: dict[str, list[log.Recorded]]) -> Iterator[Odd]:
    year = schema.calendar_year.c
    policies = {(row.family, row.version): row.toml for row in connection.execute(select(schema.policy))}
    schemes = {(row.key, row.version): row.toml for row in connection.execute(select(schema.scheme))}
    days = {str(row.year): row.days for row in connection.execute(select(year.year, year.days))}
    for name, records in streams.items():
        last: RuleSubmitted | None = None
        submitted: RuleSubmitted | None = None
        for record in records:
            fact = record.event.fact
            if isinstance(fact, RuleSubmitted):
                submitted = fact
            elif isinstance(fact, RuleInstalled) and submitted is not None:
                last = submitted
                known = {RuleKind.POLICY: policies, RuleKind.SCHEME: schemes}.get(last.kind)
                key = (name.removeprefix(f"rules/{last.kind.value}-"), last.version)
                if known is not None and known.get(key) != last.text:
                    yield Odd(name, f"第 {last.version} 版与事件不符")
        year_of = name.removeprefix("rules/calendar-")
        if last is not None and year_of != name and days.get(year_of) != _days_in(last.text):
            yield Odd(name, "日历与事件不符")


def _days_in(said: str) -> dict[str, bool] | None:
    notice = parse_holiday_cn(json.loads(said))
    if notice is None:
        return None
    return {day.isoformat(): True for day in notice.off} | {day.isoformat(): False for day in notice.working}


# A copy of the store on another server knows none of its roles: nothing is wrong with it.
_ROLES = text(
    """
    SELECT r.rolname AS login,
        r.rolsuper OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication OR r.rolbypassrls AS power,
        ARRAY(
            SELECT g.rolname::text FROM pg_auth_members AS m JOIN pg_roles AS g ON g.oid = m.roleid
            WHERE m.member = r.oid AND starts_with(g.rolname, 'qingshao_')
        ) AS groups
    FROM pg_roles AS r JOIN person AS p ON p.login = r.rolname
    ORDER BY r.rolname
    """
)
