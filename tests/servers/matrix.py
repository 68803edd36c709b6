"""The cells of the rights table, and a city in which each of them has a matter of its own for each way.

A cell is a role and a fact; where a right reaches to one's own body only there are two: an own matter, and
one of another body.
"""

import itertools
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import psycopg

from data_access import bulk, tallies
from data_access.rules import load_rules
from data_access.store import Store, open_url
from domain.codec import encode, to_text
from domain.events import Fact
from domain.intake import Complainant, NewTicket
from domain.people import Actor, Role
from domain.rights import COMMAND_OF, RIGHTS, Command, Scope
from tests.servers.fixtures import City
from tests.servers.matters import FOUND_FILE, MATTERS, PERSONS, PREPARED, Matter, Scene, quoted

COMPLAINANT = Complainant("孟庆云", "13800001111", False)


class Way(StrEnum):
    """How a person tries to do something."""

    PSQL = "psql"
    USE_CASE = "use_case"
    WINDOW = "window"
    ATTACK = "attack"
    """By whatever plain SQL can do; a handler's matters only."""


@dataclass(frozen=True)
class Cell:
    """Whether a role may record a fact; `own` False where the matter belongs to another body."""

    role: Role
    kind: type[Fact]
    allowed: bool
    own: bool = True

    def __str__(self) -> str:
        whose = "" if self.own else "-of-another-body"
        return f"{self.role}-{self.kind.__name__}{whose}"

    @property
    def command(self) -> Command:
        """The command that the role needs the right to."""
        return COMMAND_OF[self.kind]

    @property
    def matter(self) -> Matter:
        """What it is tried on."""
        return MATTERS[self.kind]


def cells() -> Iterator[Cell]:
    """Yield the whole table."""
    for kind, command in COMMAND_OF.items():
        for role in PERSONS:
            scope = RIGHTS[command].get(role)
            yield Cell(role, kind, scope is not None)
            if scope is Scope.OWN_BODY:
                yield Cell(role, kind, allowed=False, own=False)


CELLS = tuple(cells())
REFUSED_BY_PSQL = 3
WATCHED = ("person", "body", "policy", "scheme", "directive", "re_supervision", "warning", "matter")
"""Tables that a refused order leaves as they are."""
"""How psql ends when a statement failed."""


@dataclass(frozen=True)
class Written:
    """An event as the log has it."""

    stream: str
    kind: str
    data: str
    role: str
    person: str
    body: str | None
    is_of_now: bool


class Matrix:
    """A city with a matter for every cell and way."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.login: dict[Role, str] = {role: city.login_of(role) for role in PERSONS}
        own = self.actor(Role.HANDLER).body
        assert own is not None
        handlers = {actor.body: actor for actor in city.logins.values() if actor.role is Role.HANDLER}
        other = next(body for body in handlers if body not in (own, None))
        cast: dict[tuple[Role, str | None], Actor] = {(role, None): self.actor(role) for role in PERSONS}
        cast |= {(Role.HANDLER, body): handlers[body] for body in (own, other)}
        self._scenes = {
            (cell, way): Scene(index, own if cell.own else other, cast)
            for index, (cell, way) in enumerate(itertools.product(CELLS, Way), start=1)
            if way is not Way.ATTACK or cell.role is Role.HANDLER
        }
        self._open = ExitStack()
        self._stores: dict[str, Store] = {}
        self.owner = self._open.enter_context(city.connect())
        self.kept_open = self._open.enter_context(city.connect(self.login[Role.HANDLER]))
        """A handler's transaction that began with the city."""
        self.kept_open.execute("BEGIN")

    def actor(self, role: Role) -> Actor:
        """Return the person by whom a role is tried."""
        return self.city.logins[self.login[role]]

    def scene(self, cell: Cell, way: Way) -> Scene:
        """Return the scene of a cell."""
        return self._scenes[cell, way]

    def store(self, role: Role) -> Store:
        """Return the store as a person of a role opens it, by a password."""
        login = self.login[role]
        if login not in self._stores:
            self._stores[login] = open_url(self.city.url(login))
        return self._stores[login]

    def prepare(self) -> None:
        """Bring every matter to where it is its fact's turn."""
        tickets, streams, ordered = [], [], [FOUND_FILE]
        for (cell, _way), scene in self._scenes.items():
            matter, digest = cell.matter, scene.ticket.encode().ljust(32, b"\0")
            tickets.append(NewTicket(scene.ticket, matter.tickets_events(scene), digest, COMPLAINANT))
            events = matter.own_events(scene)
            if events:
                streams.append((matter.stream(scene), events))
            statement = PREPARED.get(cell.kind)
            if statement is not None:
                ordered.append(
                    statement.format(index=scene.index, login=quoted(scene.login), rule=quoted(scene.rule))
                )
        store = open_url(self.city.url())
        try:
            store.write(lambda c: bulk.add_tickets(c, load_rules(c), tickets))
            store.write(lambda c: bulk.add_streams(c, load_rules(c), streams))
            while store.write(lambda c: tallies.refresh(c, 1)):
                pass
        finally:
            store.close()
        with self.owner.transaction():
            for statement in ordered:
                self.owner.execute(statement)  # type: ignore[call-overload]

    def of_handler(self, kind: type[Fact], way: Way = Way.ATTACK, *, own: bool = True) -> Scene:
        """Return the scene where it is a handler's turn to record a fact, or another body's handler's."""
        return next(
            scene
            for (cell, of), scene in self._scenes.items()
            if of is way and (cell.role, cell.kind, cell.own) == (Role.HANDLER, kind, own)
        )

    def height(self) -> int:
        """Return how far the log has grown."""
        return int(self._one("SELECT coalesce(max(id), 0) FROM event"))

    def since(self, height: int) -> list[Written]:
        """Return what was written to the log since, in its order."""
        rows = self.owner.execute(
            "SELECT stream, kind, data::text, role, person, body,"
            " at = recorded_at AND at BETWEEN now() - interval '1 minute' AND now()"
            " FROM event WHERE id > %s ORDER BY id",
            (height,),
        )
        return [Written(*row) for row in rows]  # type: ignore[misc]

    def check_written(self, cell: Cell, way: Way, height: int) -> None:
        """The fact is in the log, by this person and now, with whatever else belongs to the order."""
        scene, written, actor = self.scene(cell, way), self.since(height), self.actor(cell.role)
        assert {(event.role, event.person, event.body) for event in written} == {
            (actor.role, actor.name, actor.body)
        }
        assert all(event.is_of_now for event in written)
        found = [event for event in written if event.kind == cell.kind.__name__]
        assert len(found) == 1, [event.kind for event in written]
        if cell.matter.sql is None:
            assert found[0].stream == cell.matter.stream(scene)
            if way is Way.PSQL or (way is Way.USE_CASE and cell.matter.order is None):
                assert found[0].data == to_text(encode(cell.matter.fact(scene))[1])

    def state(self) -> Any:
        """Return what a refused order must have left alone: log, people, bodies, rules, caches."""
        return self._one(
            "SELECT json_build_array((SELECT count(*) FROM event), (SELECT sum(last) FROM serial), "
            + ", ".join(
                f"(SELECT md5(string_agg(t::text, '' ORDER BY t::text)) FROM {table} AS t)"
                for table in WATCHED
            )
            + ", (SELECT md5(string_agg(rolname || rolcanlogin, '' ORDER BY oid)) FROM pg_roles))"
        )

    def whole_state(self) -> Any:
        """Return the same of the large caches, too."""
        return self.state(), self._one(
            "SELECT json_build_array("
            + ", ".join(
                f"(SELECT md5(string_agg(t::text, '' ORDER BY t.*)) FROM {table} AS t)"
                for table in ("ticket", "node_state")
            )
            + ")"
        )

    def close(self) -> None:
        """End all sessions, and drop the people that an admin has made."""
        for store in self._stores.values():
            store.close()
        self._open.close()

    def _one(self, statement: str) -> Any:
        row = self.owner.execute(statement).fetchone()  # type: ignore[call-overload]
        assert row is not None
        return row[0]


def drop_made_people(city: City) -> None:
    """Drop the roles of people that were added: roles belong to all databases of the server."""
    with city.server.connect() as connection:
        rows = connection.execute("SELECT rolname FROM pg_roles WHERE rolname LIKE 'matrix-%'").fetchall()
        for (login,) in rows:
            connection.execute(psycopg.sql.SQL("DROP ROLE {}").format(psycopg.sql.Identifier(login)))
