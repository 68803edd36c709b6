"""By when directives are to be signed, after a policy that says otherwise has come into the store."""

from datetime import datetime, time

from sqlalchemy import Connection, select

from data_access import log, schema
from data_access.rules import Rules
from domain.policy import Policy


def count_anew(connection: Connection, rules: Rules, added: Policy) -> int:
    """Write the terms of directives issued since a standard policy is effective; return how many differed.

    The caller is the only writer.
    """
    if added.family != "standard":
        return 0
    since = datetime.combine(added.effective_from, time.min, added.zone)
    directive = schema.directive.c
    numbers = connection.execute(select(directive.number).where(directive.issued_at >= since)).scalars()
    return sum(log.repair(connection, rules, f"directive/{number}") for number in numbers.all())
