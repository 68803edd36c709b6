"""What waits for somebody: the warnings that were raised, run, and that nobody has taken note of (Y05)."""

from datetime import datetime

from sqlalchemy import BigInteger, Connection, Text, cast, func, literal_column, select

from data_access import schema
from data_access.rules import Rules
from domain.alarm import Waiting
from domain.events import WarningLevel

_warning = schema.warning.c


def unacknowledged(connection: Connection, _rules: Rules, _now: datetime) -> Waiting:
    """Return the keys of what this session may see and nobody has acknowledged, by level.

    A key is a 64-bit hash of the warning's identity and of when it was raised: thousands of them are one row
    to fetch. Read by the index of warnings that stand. A seat's clock has no say: raised is raised.
    """
    # An empty rule counts: of all parts none is left out.
    parts = [
        _warning.ticket,
        cast(_warning.round, Text),
        cast(_warning.leg, Text),
        _warning.node,
        _warning.kind,
        _warning.level,
        cast(_warning.part, Text),
        _warning.rule_id,
        cast(func.extract("epoch", _warning.raised_at), Text),
    ]
    name = func.concat_ws(literal_column("E'\\x1e'", Text), *parts)
    key = func.hashtextextended(name, 0, type_=BigInteger)
    rows = connection.execute(
        select(_warning.level, func.array_agg(key).label("found"))
        .where(_warning.cleared_at.is_(None), _warning.acknowledged_at.is_(None))
        .group_by(_warning.level)
    )
    keys = {row.level: frozenset(row.found) for row in rows}
    return Waiting(
        keys.get(WarningLevel.RED.value, frozenset()), keys.get(WarningLevel.YELLOW.value, frozenset())
    )
