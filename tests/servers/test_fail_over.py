"""The primary's machine loses its power in the middle of the work, and the replica takes its place.

What a person was told is done is there afterwards, once; what was not is refused visibly, and given again
with the same request id it is done once. Windows go on by themselves.
"""

import asyncio
import os
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from sqlalchemy import select, text

from data_access import schema
from data_access.changes import changes_since
from data_access.errors import StoreError
from data_access.rules import load_rules
from data_access.store import Connection, Store, open_url
from data_access.sweeper import Sweeper
from data_access.verify import verify
from desktop import runtime
from desktop.live.feed import Live
from desktop.seat import Seat, Sitter, Sitting
from desktop.touched import Touched
from desktop.use_cases.directives import issue_directive
from desktop.use_cases.tickets import take_step
from domain.drafts import DirectiveDraft, StepDraft
from domain.events import Chased
from domain.people import Actor, Role
from tests.servers.cluster import wait_until
from tests.servers.pair import Pair, running_pair

GOES_ON_WITHIN_SECONDS = 30
BEFORE = 15
"""So many orders each seat has given before the power fails."""
AFTER = 8
RECOGNISED_AFTER_SECONDS = 1.0
"""So long nobody notices, as Patroni would after its own time."""

Order = Callable[[Store, str], str]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """One pair for all: the test that ends the primary comes last."""
    with running_pair(tmp_path_factory.mktemp("certificates")) as started:
        yield started


class AtWork:
    """A seat whose person gives one order after the other; what is refused is given again as it was."""

    def __init__(self, store: Store, order: Order) -> None:
        self.store = store
        self.order = order
        self.confirmed: dict[str, float] = {}
        self.refused: list[str] = []
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self._work, name="seat")
        self.thread.start()

    def _work(self) -> None:
        while not self.stopped.is_set():
            request = str(uuid.uuid4())
            while request not in self.confirmed and not self.stopped.is_set():
                try:
                    self.order(self.store, request)
                    self.confirmed[request] = time.monotonic()
                except StoreError:
                    self.refused.append(request)
                    time.sleep(0.3)

    def confirmed_since(self, moment: float) -> int:
        return sum(at > moment for at in self.confirmed.values())

    def end(self) -> None:
        self.stopped.set()
        self.thread.join(GOES_ON_WITHIN_SECONDS)
        assert not self.thread.is_alive()
        self.store.close()


def directives_of(leader: Actor, body: str) -> Order:
    def order(store: Store, request: str) -> str:
        now = datetime.now(UTC)
        draft = DirectiveDraft(request, "今晚必须停工", (body,), now + timedelta(hours=12))
        return issue_directive(store, draft, leader, now)

    return order


def chases_of(duty: Actor, ticket: str) -> Order:
    def order(store: Store, request: str) -> str:
        return take_step(store, StepDraft(request, ticket, Chased("请尽快到场")), duty, datetime.now(UTC))

    return order


def open_ticket(connection: Connection) -> str:
    """Return a ticket of an ordinary body that is not closed."""
    ticket = schema.ticket.c
    statement = select(ticket.number).where(ticket.closed_at.is_(None), ticket.lead.is_not(None))
    return str(connection.execute(statement.order_by(ticket.number).limit(1)).scalar_one())


def requests_in(connection: Connection) -> dict[str, int]:
    """Return how often each request was carried out."""
    rows = connection.execute(
        text("SELECT request::text, count(*) FROM event WHERE kind IN ('DirectiveIssued', 'Chased')"
             " AND request IS NOT NULL GROUP BY 1")
    )  # fmt: skip
    return {str(request): int(count) for request, count in rows}


def sweeps_of(sweeper: Sweeper) -> Order:
    """Return what `collect` does again and again."""

    def sweep(store: Store, request: str) -> str:
        time.sleep(0.2)
        if not sweeper.round().sweeps:
            raise StoreError("another one sweeps")
        return request

    return sweep


class Screen:
    """What a window's page hears."""

    def __init__(self) -> None:
        self.told: list[Touched] = []
        self.away: list[bool] = []

    async def update(self, touched: Touched) -> bool:
        self.told.append(touched)
        return False

    def set_away(self, away: bool) -> None:
        self.away.append(away)

    def heard(self, ticket: str) -> bool:
        return any(touched.everything or ticket in touched.tickets for touched in self.told)


async def until(condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + GOES_ON_WITHIN_SECONDS
    while not condition():
        assert time.monotonic() < end, f"waited too long: {what}"
        await asyncio.sleep(0.05)


@pytest.mark.faults_expected
def test_what_is_written_on_the_primary_is_read_on_the_replica_where_nobody_writes(pair: Pair) -> None:
    login = pair.city.login_of(Role.DUTY)
    writer = pair.sign_in(login)
    reader = pair.sign_in(login, pair.ports[1])
    try:
        ticket = writer.read(open_ticket)
        position = reader.read(lambda connection: changes_since(connection, None)).position
        chase = chases_of(pair.logins[login], ticket)
        chase(writer, str(uuid.uuid4()))

        def arrived() -> bool:
            changes = reader.read(lambda connection: changes_since(connection, position))
            return [(change.stream, change.kind) for change in changes.events] == [
                (f"ticket/{ticket}", "Chased")
            ]

        wait_until(arrived, "the replica's change feed")
        with pytest.raises(StoreError, match="数据库无法访问"):
            chase(reader, str(uuid.uuid4()))
    finally:
        reader.close()
        writer.close()


def test_an_order_waits_for_the_replica_and_is_confirmed_when_it_is_back(pair: Pair) -> None:
    """The price of losing nothing: with a single replica, its rest is everybody's (docs/operations.md)."""
    login = pair.city.login_of(Role.DUTY)
    store = pair.sign_in(login)
    chase = chases_of(pair.logins[login], store.read(open_ticket))
    done = threading.Event()

    def give() -> None:
        chase(store, str(uuid.uuid4()))
        done.set()

    pair.standby.stop()
    thread = threading.Thread(target=give)
    thread.start()
    try:
        assert not done.wait(2)
        pair.standby.start()
        assert done.wait(GOES_ON_WITHIN_SECONDS)
    finally:
        thread.join(GOES_ON_WITHIN_SECONDS)
        store.close()


async def test_a_wall_on_the_replica_shows_what_happens_on_the_primary(pair: Pair) -> None:
    """A standby passes no bell on: the wall looks each second."""
    wall, duty = (pair.city.login_of(role) for role in (Role.WALL, Role.DUTY))
    reader = await runtime.in_thread(pair.sign_in, wall, pair.ports[1])
    writer = await runtime.in_thread(pair.sign_in, duty)
    screen, owner = Screen(), QObject()
    sitting = Sitting(reader, Sitter(pair.logins[wall], wall))
    live = Live(Seat(None, sitting), screen.update, owner)
    live.start()
    try:
        ticket = await runtime.in_thread(reader.read, open_ticket)
        await until(lambda: bool(screen.told), "the wall's first look")
        heard = len(screen.told)
        await runtime.in_thread(chases_of(pair.logins[duty], ticket), writer, str(uuid.uuid4()))
        await until(
            lambda: any(ticket in touched.tickets for touched in screen.told[heard:]),
            "the change on the wall",
        )
        assert not live.away
    finally:
        await live.stop()
        await runtime.in_thread(sitting.end)
        await runtime.in_thread(writer.close)
        owner.deleteLater()


@pytest.mark.faults_expected
async def test_every_seat_goes_on_when_the_replica_is_promoted_and_no_order_is_lost(pair: Pair) -> None:
    await all_go_on(pair, pair.fail)


@pytest.mark.slow
@pytest.mark.skipif(
    "QINGSHAO_LONG_RUN" not in os.environ, reason="QINGSHAO_LONG_RUN tries a halted primary, too"
)
@pytest.mark.faults_expected
async def test_every_seat_goes_on_when_the_primary_only_hangs(tmp_path: Path) -> None:
    """Its connections stay open and nothing is answered; whoever promotes the replica has to end it then."""
    with ExitStack() as stack:
        pair = await runtime.in_thread(stack.enter_context, running_pair(tmp_path))
        await all_go_on(pair, pair.primary.hang)
        await runtime.in_thread(pair.primary.kill)


async def all_go_on(pair: Pair, fail: Callable[[], None]) -> None:
    """Let three seats and a window work, let the primary fail, and see that they go on with the replica."""
    leader, duty = (pair.city.login_of(role) for role in (Role.LEADER, Role.DUTY))
    body = pair.logins[pair.city.login_of(Role.HANDLER)].body
    assert body is not None
    window = await runtime.in_thread(pair.sign_in, duty)
    ticket = await runtime.in_thread(window.read, open_ticket)
    screen, owner = Screen(), QObject()
    sitting = Sitting(window, Sitter(pair.logins[duty], duty))
    live = Live(Seat(None, sitting), screen.update, owner)
    live.away_changed.connect(screen.set_away)
    live.start()
    orders = (
        (leader, directives_of(pair.logins[leader], body)),
        (leader, directives_of(pair.logins[leader], body)),
        (duty, chases_of(pair.logins[duty], ticket)),
    )
    seats = [AtWork(await runtime.in_thread(pair.sign_in, login), order) for login, order in orders]
    engine = await runtime.in_thread(pair.sign_in, pair.engine)
    sweeper = Sweeper(engine)
    collecting = AtWork(engine, sweeps_of(sweeper))
    working = [*seats, collecting]
    try:
        await until(lambda: all(len(one.confirmed) >= BEFORE for one in working), "orders on the primary")
        await until(lambda: screen.heard(ticket), "the window before the fail-over")
        failed = time.monotonic()
        await runtime.in_thread(fail)
        await until(lambda: live.away, "the window's veil")
        await asyncio.sleep(RECOGNISED_AFTER_SECONDS)
        heard = len(screen.told)
        await runtime.in_thread(pair.standby.promote)
        await until(
            lambda: all(one.confirmed_since(failed) >= AFTER for one in working), "orders on the replica"
        )
        await until(lambda: not live.away, "the window's return")
        lasted = time.monotonic() - failed
        assert screen.told[heard].everything, "another timeline: nothing is known of what lies between"
        await until(
            lambda: any(ticket in touched.tickets for touched in screen.told[heard + 1 :]),
            "single changes in the window again",
        )
    finally:
        for one in working:
            await runtime.in_thread(one.end)
        await runtime.in_thread(sweeper.close)
        await live.stop()
        await runtime.in_thread(sitting.end)
        owner.deleteLater()
    assert lasted < GOES_ON_WITHIN_SECONDS
    done = await runtime.in_thread(on, pair.standby.url(pair.city.database), requests_in)
    confirmed = [request for seat in seats for request in seat.confirmed]
    assert [request for request in confirmed if request not in done] == [], "confirmed, and lost"
    assert {request: count for request, count in done.items() if count > 1} == {}, "done twice"
    assert all(seat.refused for seat in seats), "what was not confirmed must be refused visibly"
    assert await runtime.in_thread(on, pair.standby.url(pair.city.database), flaw) is None


def on(url: str, work: Callable[[Connection], object]) -> object:
    """Return what the owner finds on a server."""
    store = open_url(url)
    try:
        return store.scratch(work)
    finally:
        store.close()


def flaw(connection: Connection) -> object:
    return verify(connection, load_rules(connection)).flaw
