"""Rules as files: an admin submits one, the engine installs it or says why not (gate/rules.sql).

Who submits need not be able to judge tickets anew, and a file that cannot be read judges nothing: it is read
here before it is submitted, and once more before it is installed, since somebody may submit by other ways.
"""

import json
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from sqlalchemy import Boolean, Connection, Date, Integer, String, bindparam, func, select

from data_access import log, rule_changes, rules, schema
from data_access.people import refusals_told, sendable
from data_access.rules import Rules
from domain.admin_events import RuleInstalled, RuleKind, RuleRefused, RuleSubmitted
from domain.calendar import parse_holiday_cn
from domain.events import Event
from domain.ledger import parse_scheme
from domain.people import SYSTEM
from domain.policy import parse_policy
from domain.rights import Reason, RefusedError
from domain.staff import RuleLine, RuleState

STREAMS = "rules/"
LARGEST_VERSION = 1_000_000


@dataclass(frozen=True, slots=True)
class RuleFile:
    """A file that was read and found in order. A calendar's `name` is its year, and it says no version."""

    kind: RuleKind
    name: str
    version: int
    effective_from: date
    text: str


def read_rule(kind: RuleKind, text: str) -> RuleFile:
    """Return what a file says of itself: TOML for policies and schemes, holiday-cn JSON for a calendar.

    Raises:
        RefusedError: it is no such file; the detail says what is wrong.
    """
    try:
        if kind is RuleKind.POLICY:
            policy = parse_policy(tomllib.loads(text))
            return RuleFile(kind, policy.family, policy.version, policy.effective_from, text)
        if kind is RuleKind.SCHEME:
            scheme = parse_scheme(tomllib.loads(text))
            return RuleFile(kind, scheme.key, scheme.version, scheme.effective_from, text)
        notice = parse_holiday_cn(json.loads(text))
    except (ValueError, RecursionError) as error:
        raise RefusedError(Reason.BAD_RULE, str(error)[:300]) from error
    if notice is None:
        raise RefusedError(Reason.BAD_RULE, "该年放假通知尚未发布，文件中没有放假安排")
    return RuleFile(kind, str(notice.year), 1, date(notice.year, 1, 1), text)


def submit(connection: Connection, file: RuleFile, *, retroactive: bool = False) -> str:
    """Hand a rule over, as an admin or the owner; return the SHA-256 of its text in hex.

    Raises:
        RefusedError: the caller may not, the version is known, or another one waits.
    """
    version = file.version
    if file.kind is RuleKind.CALENDAR:
        version += _submissions(connection, stream_of(file.kind, file.name))
    sendable({"name": file.name, "text": file.text})
    if not 1 <= version <= LARGEST_VERSION:
        raise RefusedError(Reason.BAD_RULE, f"version {version}"[:60])
    asked = {
        "kind": file.kind.value,
        "name": file.name,
        "text": file.text,
        "version": version,
        "effective_from": file.effective_from,
        "retroactive": retroactive,
    }
    with refusals_told(connection):
        return str(connection.execute(_SUBMIT, asked).scalar_one())


def bring(connection: Connection, file: RuleFile, *, retroactive: bool = False) -> RuleInstalled:
    """Submit a rule and install it in the same transaction, as the owner.

    Raises:
        RefusedError: it is not installed; nothing was written.
    """
    submit(connection, file, retroactive=retroactive)
    done = install(connection, stream_of(file.kind, file.name))
    if isinstance(done, RuleInstalled):
        return done
    raise RefusedError(Reason.BAD_RULE, done.reason if done is not None else "")


def note(connection: Connection, file: RuleFile, rejudged: int, *, retroactive: bool = False) -> None:
    """Record that a rule was installed by the owner's hand; the same file twice is one act."""
    stream = stream_of(file.kind, file.name)
    version = file.version + (_submissions(connection, stream) if file.kind is RuleKind.CALENDAR else 0)
    sum_ = sha256(file.text.encode()).hexdigest()
    records = log.read_stream(connection, stream)
    last = records[-1].event.fact if records else None
    if isinstance(last, RuleInstalled) and last.sha256 == sum_:
        return
    facts = (
        RuleSubmitted(file.kind, file.text, sum_, version, file.effective_from.isoformat(), retroactive),
        RuleInstalled(sum_, rejudged),
    )
    now = log.transaction_time(connection)
    events = [Event(now, SYSTEM, fact) for fact in facts]
    log.append(connection, rules.load_rules(connection), [log.Addition(stream, events)])


def waiting(connection: Connection) -> tuple[str, ...]:
    """Return the streams whose last event is a rule that nobody has read yet."""
    last: dict[str, bool] = {}
    for record in _records(connection):
        last[record.stream] = isinstance(record.event.fact, RuleSubmitted)
    return tuple(stream for stream, waits in last.items() if waits)


def install(connection: Connection, stream: str) -> RuleInstalled | RuleRefused | None:
    """Read the rule that waits in a stream, and judge by it from now on, or refuse it; None: none waits.

    For the engine and the owner. Nobody else writes meanwhile: see `rule_changes`.
    """
    rule_changes.be_alone(connection)
    records = log.read_stream(connection, stream)
    fact = records[-1].event.fact if records else None
    if not isinstance(fact, RuleSubmitted):
        return None
    done: RuleInstalled | RuleRefused
    try:
        with connection.begin_nested():
            done = RuleInstalled(fact.sha256, _installed(connection, stream, fact))
    except rule_changes.RetroactiveError as error:
        done = RuleRefused(
            fact.sha256, f"自 {error.policy.effective_from} 起已受理的 {error.tickets} 件会被重判"
        )
    except RefusedError as error:
        done = RuleRefused(fact.sha256, error.detail)
    except ValueError as error:
        done = RuleRefused(fact.sha256, str(error)[:300])
    event = Event(log.transaction_time(connection), SYSTEM, done)
    log.append(connection, rules.load_rules(connection), [log.Addition(stream, [event], records[-1].seq)])
    return done


def install_waiting(connection: Connection) -> int:
    """Install all rules that wait; return how many there were."""
    streams = waiting(connection)
    for stream in streams:
        install(connection, stream)
    return len(streams)


def stream_of(kind: RuleKind, name: str) -> str:
    """Return the stream of a rule's versions."""
    return f"{STREAMS}{kind.value}-{name}"


def rule_lines(connection: Connection, book: Rules, now: datetime) -> tuple[RuleLine, ...]:
    """Return all rules for an admin's list: what is in force, what was before, what waits or was refused."""
    today = now.astimezone(book.calendar.zone).date()
    brought = {(line.kind, line.name, line.version): line for line in _brought(connection)}
    known = [*_policies(book, today), *_schemes(book, today), *_calendars(connection, book, today)]
    lines: list[RuleLine] = []
    for line in known:
        key = (line.kind, line.name, line.version)
        found = brought.pop(key, None)
        lines.append(line if found is None else _both(line, found))
    return tuple(sorted((*lines, *brought.values()), key=_order))


def _submissions(connection: Connection, stream: str) -> int:
    return sum(isinstance(record.event.fact, RuleSubmitted) for record in log.read_stream(connection, stream))


def _installed(connection: Connection, stream: str, fact: RuleSubmitted) -> int:
    file = read_rule(fact.kind, fact.text)
    if stream_of(file.kind, file.name) != stream or file.effective_from.isoformat() != fact.effective_from:
        raise RefusedError(Reason.BAD_RULE, "文件内容与提交时所报的名称或生效日不符")
    if file.kind is RuleKind.POLICY:
        changed = rule_changes.add_policy(connection, file.text, retroactive=fact.retroactive)
        return changed.rejudged
    if file.kind is RuleKind.SCHEME:
        rules.add_scheme(connection, file.text)
        return 0
    notice = parse_holiday_cn(json.loads(file.text))
    if notice is None:
        raise RefusedError(Reason.BAD_RULE, file.name)
    return rule_changes.put_calendar_year(connection, notice).rejudged


def _records(connection: Connection) -> Iterator[log.Recorded]:
    # A range of the index, in any order of letters that puts the stroke before figures; then the very ones.
    stream = schema.event.c.stream
    rows = connection.execute(
        select(*log.RECORDED_COLUMNS)
        .where(stream >= STREAMS, stream < "rules0", func.starts_with(stream, STREAMS))
        .order_by(stream, schema.event.c.seq)
    )
    return map(log.recorded, rows.all())


def _brought(connection: Connection) -> Iterator[RuleLine]:
    submitted: log.Recorded | None = None
    for record in _records(connection):
        fact = record.event.fact
        if submitted is not None and (record.stream != submitted.stream or isinstance(fact, RuleSubmitted)):
            yield _line(submitted, RuleState.WAITING)
            submitted = None
        if isinstance(fact, RuleSubmitted):
            submitted = record
        elif isinstance(fact, RuleInstalled) and submitted is not None:
            yield _line(submitted, RuleState.INSTALLED)
            submitted = None
        elif isinstance(fact, RuleRefused) and submitted is not None:
            yield _line(submitted, RuleState.REFUSED, fact.reason)
            submitted = None
    if submitted is not None:
        yield _line(submitted, RuleState.WAITING)


def _line(record: log.Recorded, state: RuleState, note: str = "") -> RuleLine:
    fact = record.event.fact
    assert isinstance(fact, RuleSubmitted)
    return RuleLine(
        fact.kind,
        record.stream.removeprefix(stream_of(fact.kind, "")),
        fact.version,
        date.fromisoformat(fact.effective_from),
        state,
        submitted_by=record.event.actor.name,
        submitted_at=record.event.at,
        note=note,
    )


def _both(line: RuleLine, brought: RuleLine) -> RuleLine:
    return RuleLine(
        line.kind,
        line.name,
        line.version,
        line.effective_from,
        brought.state,
        line.in_force,
        brought.submitted_by,
        brought.submitted_at,
        line.note or brought.note,
    )


def _policies(book: Rules, today: date) -> Iterator[RuleLine]:
    for policy in book.policies.policies:
        versions = [
            (other.effective_from, other.version)
            for other in book.policies.policies
            if other.family == policy.family and other.effective_from <= today
        ]
        in_force = (policy.effective_from, policy.version) == max(versions, default=None)
        yield RuleLine(
            RuleKind.POLICY,
            policy.family,
            policy.version,
            policy.effective_from,
            RuleState.BUILT_IN,
            in_force,
            note=policy.title,
        )


def _schemes(book: Rules, today: date) -> Iterator[RuleLine]:
    used = book.scheme_on(today)
    for scheme in book.schemes:
        in_force = scheme is used
        yield RuleLine(
            RuleKind.SCHEME, scheme.key, scheme.version, scheme.effective_from, RuleState.BUILT_IN, in_force
        )


def _calendars(connection: Connection, book: Rules, today: date) -> Iterator[RuleLine]:
    imported = set(connection.execute(select(schema.calendar_year.c.year)).scalars())
    counted = _calendar_versions(connection)
    for year, notice in sorted(book.calendar.notices.items()):
        # Of years long past nobody asks; one that was brought in is always shown.
        if year in imported or year >= today.year - 1:
            yield RuleLine(
                RuleKind.CALENDAR,
                str(year),
                counted.get(str(year), 1),
                date(year, 1, 1),
                RuleState.BUILT_IN,
                year == today.year,
                note=notice.source,
            )


def _calendar_versions(connection: Connection) -> dict[str, int]:
    """Return by year the version that was installed last."""
    found: dict[str, int] = {}
    for line in _brought(connection):
        if line.kind is RuleKind.CALENDAR and line.state is RuleState.INSTALLED:
            found[line.name] = line.version
    return found


_KINDS: Sequence[RuleKind] = tuple(RuleKind)


def _order(line: RuleLine) -> tuple[int, str, float, int]:
    return (_KINDS.index(line.kind), line.name, -line.effective_from.toordinal(), -line.version)


_SUBMIT = select(
    func.submit_rule(
        *(bindparam(name, type_=String) for name in ("kind", "name", "text")),
        bindparam("version", type_=Integer),
        bindparam("effective_from", type_=Date),
        bindparam("retroactive", type_=Boolean),
    )
)
