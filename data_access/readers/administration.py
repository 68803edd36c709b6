"""What an admin's page shows: people, who was refused, and the rules that judge tickets."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from data_access import schema
from data_access.people import staff
from data_access.rule_files import rule_lines
from data_access.rules import Rules
from data_access.sign_ins import grants_for, sign_ins
from domain.city import BodyKind
from domain.drafts import Choice
from domain.staff import AdminView, count_attempts

LOOK_BACK = timedelta(hours=24)


def read_administration(connection: Connection, rules: Rules, now: datetime) -> AdminView:
    """Return the page of an admin. Nobody else may ask for it.

    Raises:
        RefusedError: the session is not an admin's.
    """
    body, area = schema.body.c, schema.area.c
    bodies = connection.execute(
        select(body.key, body.name)
        .where(body.kind == BodyKind.RESPONSIBLE.value)
        .order_by(body.position, body.key)
    )
    areas = connection.execute(select(area.code, area.name).order_by(area.position, area.code))
    found = sign_ins(connection, now - LOOK_BACK)
    return AdminView(
        staff(connection),
        found.access,
        count_attempts(found.refused),
        dict(found.last),
        rule_lines(connection, rules, now),
        tuple(Choice(row.key, row.name) for row in bodies),
        tuple(Choice(row.code, row.name) for row in areas),
        now,
        tuple(grants_for(found.owner)) if found.owner else (),
    )
