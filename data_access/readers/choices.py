"""What forms let one choose: bodies to order, people to be, and the calendar for deadlines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, select

from data_access import schema
from data_access.readers.names import Names, read_names
from data_access.rules import Rules
from domain.calendar import WorkCalendar
from domain.city import BodyKind, Person, stand_ins
from domain.drafts import Choice
from domain.people import Role


@dataclass(frozen=True)
class Choices:
    """`bodies` can be ordered and supervised: all but the commission itself. `holders` of them can hold a
    ticket. `people` of a store that knows none are stand-ins for trying out."""

    bodies: tuple[Choice, ...]
    people: tuple[Person, ...]
    names: Names
    calendar: WorkCalendar
    holders: tuple[Choice, ...] = ()


def read_choices(connection: Connection, rules: Rules, _now: datetime) -> Choices:
    """Return what can be chosen in this store."""
    found = _bodies(connection)
    bodies = tuple(Choice(row.key, row.name) for row in found if row.kind != BodyKind.DISCIPLINE.value)
    holders = tuple(Choice(row.key, row.name) for row in found if row.kind == BodyKind.RESPONSIBLE.value)
    return Choices(bodies, read_people(connection), read_names(connection), rules.calendar, holders)


def read_people(connection: Connection) -> tuple[Person, ...]:
    """Return who can sit at the screen; nameless stand-ins where the store knows nobody."""
    person = schema.person.c
    rows = connection.execute(
        select(person.name, person.role, person.title, person.body, person.login)
        .where(person.active)
        .order_by(person.position)
    )
    people = tuple(Person(row.name, Role(row.role), row.title, row.body, row.login) for row in rows)
    if people:
        return people
    bodies = _bodies(connection)
    return stand_ins([(row.key, row.name) for row in bodies if row.kind == BodyKind.RESPONSIBLE.value])


def _bodies(connection: Connection) -> Sequence[Row[str, str, str]]:
    body = schema.body.c
    return connection.execute(select(body.key, body.name, body.kind).order_by(body.position)).all()
