"""What forms let one choose: bodies to order, people to be, and the calendar for deadlines."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from data_access import schema
from data_access.readers.names import Names, read_names
from data_access.rules import Rules
from domain.calendar import WorkCalendar
from domain.city import BodyKind, Person, stand_ins
from domain.drafts import Choice
from domain.people import Role


@dataclass(frozen=True)
class Choices:
    """`bodies` can be ordered and supervised: all but the commission itself. `people` of a store that knows
    none are stand-ins for trying out."""

    bodies: tuple[Choice, ...]
    people: tuple[Person, ...]
    names: Names
    calendar: WorkCalendar


def read_choices(connection: Connection, rules: Rules, _now: datetime) -> Choices:
    """Return what can be chosen in this store."""
    body, person = schema.body.c, schema.person.c
    bodies = connection.execute(
        select(body.key, body.name, body.kind)
        .where(body.kind != BodyKind.DISCIPLINE.value)
        .order_by(body.position)
    ).all()
    rows = connection.execute(
        select(person.name, person.role, person.title, person.body).order_by(person.position)
    )
    people = tuple(Person(row.name, Role(row.role), row.title, row.body) for row in rows)
    handling = [(row.key, row.name) for row in bodies if row.kind == BodyKind.RESPONSIBLE.value]
    return Choices(
        tuple(Choice(row.key, row.name) for row in bodies),
        people or stand_ins(handling),
        read_names(connection),
        rules.calendar,
    )
