"""The ways to a sitting: a demo person of the embedded store, or one's own login on a named server."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from data_access import credentials
from data_access.credentials import Secret
from data_access.errors import StoreError
from data_access.readers.choices import read_people
from data_access.store import Store
from desktop import confidential
from desktop.seat import Seat, Sitter, Sitting, watched_by_engine
from desktop.signing_in import keyring_store
from domain.city import Person
from domain.people import Role
from domain.servers import NewPassword, Server, SignIn
from widgets.sign_in.protection import protection_mark


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
        confidential.keep(wanted.password)
        secret = Secret(wanted.password)
        store = credentials.open_as(self.server, wanted.login, secret)
        actor = store.actor
        if actor is None:
            store.close()
            raise StoreError("此账号不是席位人员账号", "请用本人的账号登录；数据库维护账号不能在席位上使用。")
        return Sitting(store, Sitter(actor, wanted.login), secret=secret)

    def prove(self, wanted: SignIn) -> bool:
        """Return True if somebody is let in by this password.

        Raises:
            StoreError: the server does not let this person in.
        """
        confidential.keep(wanted.password)
        credentials.check_password(self.server, wanted.login, wanted.password)
        return True

    def change_password(self, sitting: Sitting, wanted: NewPassword) -> None:
        """Give somebody who sits here another password of their own; the seat goes on with it.

        Raises:
            StoreError: the old one is wrong, or the server does not take the new one.
        """
        login = sitting.sitter.login or ""
        for password in (wanted.old, wanted.new):
            confidential.keep(password)
        credentials.change_password(self.server, login, wanted.old, wanted.new)
        if sitting.secret is not None:
            sitting.secret.become(wanted.new)
        if keyring_store.recall(self.server, login):
            keyring_store.remember(self.server, login, wanted.new)


Entrance = DemoEntrance | ServerEntrance


def mark_of_seat(seat: Seat) -> tuple[str, str]:
    """Return what every page has to say of how one came in here, and why; empty when all is well."""
    tr = QCoreApplication.translate
    if isinstance(seat.entrance, DemoEntrance):
        return tr("seat", "内置库·示例身份，勿用于生产"), tr(
            "seat", "这里的身份不需要口令，任何人都可以选用；示例城市的数据都是虚构的"
        )
    return ("", "") if seat.entrance is None else protection_mark(seat.entrance.server)


def seat_of(store: Store, server: Server | None = None) -> Seat:
    """Return who sits in front of an open store before anybody has said so; `server` is where it is.

    Raises:
        StoreError: the database is away.
    """
    entrance = None if server is None else ServerEntrance(server)
    actor = store.actor
    if actor is not None:
        login = store.read(credentials.session_user)
        secret = None if store.embedded else credentials.sign_in_again_by(store)
        return Seat(None, Sitting(store, Sitter(actor, login), secret=secret), entrance)
    if store.embedded:
        return DemoEntrance(store).first_seat()
    return watched_by_engine(store, entrance)
