"""The ways to a sitting: a demo person of the embedded store, or one's own login on a named server."""

from collections.abc import Sequence

from data_access import credentials
from data_access.credentials import Secret
from data_access.errors import StoreError
from data_access.readers.choices import read_people
from data_access.store import Store
from desktop.seat import Seat, Sitter, Sitting, watched_by_engine
from domain.city import Person
from domain.people import Role
from domain.servers import NewPassword, Server, SignIn


class DemoEntrance:
    """The embedded store: one may be anybody, without a password. All calls block."""

    def __init__(self, engine: Store) -> None:
        self._engine = engine

    def people(self) -> Sequence[Person]:
        """Return who one may be; a store that knows nobody offers nameless stand-ins.

        Raises:
            StoreError: the database is away.
        """
        return self._engine.read(read_people)

    def sit(self, person: Person) -> Sitting:
        """Return the sitting of a demo person; a stand-in acts through the engine.

        Raises:
            StoreError: the database is away, or does not know this person.
        """
        if person.login is None:
            return Sitting(self._engine, Sitter(person.actor), own=False)
        store = self._engine.as_person(person.login)
        return Sitting(store, Sitter(store.actor or person.actor, person.login))

    def first_seat(self) -> Seat:
        """Return a seat where a duty officer sits, as a trial begins.

        Raises:
            StoreError: the database is away.
        """
        first = next((person for person in self.people() if person.role is Role.DUTY), None)
        if first is None:
            return watched_by_engine(self._engine, self)
        return Seat(self._engine, self.sit(first), self)


class ServerEntrance:
    """A named server: one signs in by one's own login. All calls block; passwords stay in memory."""

    def __init__(self, server: Server) -> None:
        self.server = server

    def sit(self, wanted: SignIn) -> Sitting:
        """Return the sitting of whoever signs in.

        Raises:
            StoreError: the server does not let this person in, or knows the login as nobody's.
        """
        store = credentials.open_as(self.server, wanted.login, Secret(wanted.password))
        actor = store.actor
        if actor is None:
            store.close()
            raise StoreError("此账号不是席位人员账号", "请用本人的账号登录；数据库维护账号不能在席位上使用。")
        return Sitting(store, Sitter(actor, wanted.login))

    def change_password(self, login: str, wanted: NewPassword) -> None:
        """Give somebody who sits here another password of their own.

        Raises:
            StoreError: the old one is wrong, or the server does not take the new one.
        """
        credentials.change_password(self.server, login, wanted.old, wanted.new)


Entrance = DemoEntrance | ServerEntrance


def seat_of(store: Store, server: Server | None = None) -> Seat:
    """Return who sits in front of an open store before anybody has said so; `server` is where it is.

    Raises:
        StoreError: the database is away.
    """
    entrance = None if server is None else ServerEntrance(server)
    actor = store.actor
    if actor is not None:
        login = store.read(credentials.session_user)
        return Seat(None, Sitting(store, Sitter(actor, login)), entrance)
    if store.embedded:
        return DemoEntrance(store).first_seat()
    return watched_by_engine(store, entrance)
