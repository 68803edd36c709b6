"""The database killed and restarted 20 times under load: nothing lost, nothing doubled, everybody catches up.

Orders are real ones, sent again with their request until they are acknowledged; due times pass all the while
and are swept; readers follow the feed. The server dies as in a crash (SIGKILL to all of its processes) or is
stopped as by an administrator, at random moments of a fixed seed.
"""

import logging
import os
import random
import signal
import threading
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest
from sqlalchemy import func, select

from data_access import schema, server
from data_access.bell import Bell
from data_access.bulk import add_tickets
from data_access.changes import Change, Position, changes_since
from data_access.errors import StoreError
from data_access.master import put_city
from data_access.rules import load_rules
from data_access.store import Store, open_embedded
from data_access.sweeper import Sweeper
from data_access.verify import verify
from desktop.city import load_city
from desktop.use_cases.directives import issue_directive
from domain.drafts import DirectiveDraft
from domain.events import DueSupplied
from domain.nodes import Node
from domain.people import Actor, Role
from tests.data_access.streams import DUTY, happened, received, ticket
from tests.fresh_folder import copied_folder

KILLS = 20
SEED = 20260305
WRITERS = 3
READERS = 3
TICKETS = 120
LOAD_SECONDS = 60
"""Due times pass over so long: longer than the whole run, so that there is always something to sweep."""
PATIENCE_SECONDS = 60

_log = logging.getLogger(__name__)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.faults_expected,
    pytest.mark.skipif(os.name == "nt", reason="kills the server by POSIX signals"),
]


@pytest.fixture
def store(prepared_folder: Path) -> Iterator[Store]:
    """A city on an embedded server of its own: it is killed, which other tests must not feel."""
    with copied_folder(prepared_folder) as folder:
        opened = open_embedded(folder)
        _fill(opened)
        yield opened
        opened.close()
        server.stop(folder)


def _fill(store: Store) -> None:
    begin = datetime.now(UTC)
    store.write(lambda c: put_city(c, load_city(), begin))
    tickets = [
        ticket(
            f"T-{number:03}",
            happened(
                (0, DUTY, received(policy="source-due")),
                (
                    0,
                    DUTY,
                    DueSupplied(
                        Node.RECTIFY, begin + timedelta(seconds=LOAD_SECONDS * number / TICKETS), "test"
                    ),
                ),
                start=begin - timedelta(days=1),
            ),
        )
        for number in range(TICKETS)
    ]
    store.write(lambda c: add_tickets(c, load_rules(c), tickets))


class Writer:
    """Issues directives one after the other; each request is sent until it is acknowledged."""

    def __init__(self, store: Store, seed: int) -> None:
        self.store = store
        self.choose = random.Random(seed)
        self.acknowledged: dict[str, tuple[str, tuple[str, ...]]] = {}
        self.unclear = 0

    def work(self, stop: threading.Event) -> None:
        body = load_city().responsible[0].key
        while not stop.is_set():
            named = tuple(f"T-{number:03}" for number in self.choose.sample(range(TICKETS), 2))
            moment = datetime.now(UTC)
            draft = DirectiveDraft(
                str(uuid.uuid4()), "今晚停工", (body,), moment + timedelta(hours=12), tickets=named
            )
            self.acknowledged[draft.request_id] = (self.send(draft, moment), named)

    def send(self, draft: DirectiveDraft, moment: datetime) -> str:
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return issue_directive(self.store, draft, Actor(Role.LEADER, "李强"), moment)
            except StoreError:
                assert time.monotonic() < end, "the database did not come back"
                self.unclear += 1
                time.sleep(0.05)


class Reader:
    """Follows the feed as a window does: looks when the bell rings, from where it stood."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.bell = Bell(store)
        self.position: Position | None = None
        self.changes: list[Change] = []
        self.missed = 0

    def work(self, stop: threading.Event) -> None:
        self.bell.listen(self.look, self.lose)

    def look(self) -> None:
        try:
            found = self.store.read(lambda c: changes_since(c, self.position))
        except StoreError:
            return  # the next connection rings again
        # Only the first look may be told to read everything anew.
        assert found.everything == (self.position is None)
        self.changes += found.events
        self.position = found.position

    def lose(self) -> None:
        self.missed += 1


class Sweeping:
    """Sweeps as an open program's jobs do."""

    def __init__(self, store: Store) -> None:
        self.sweeper = Sweeper(store)

    def work(self, stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                wait = self.sweeper.round().next_in
            except StoreError:
                wait = None
            stop.wait(0.5 if wait is None else min(wait, 0.5))
        self.sweeper.close()


@contextmanager
def at_work(worker: Writer | Reader | Sweeping, faults: list[BaseException]) -> Iterator[None]:
    """Let a worker work in a thread of its own while inside."""
    stop = threading.Event()

    def work() -> None:
        try:
            worker.work(stop)
        except BaseException as fault:  # noqa: BLE001 - the test tells of it
            faults.append(fault)

    thread = threading.Thread(target=work, name=type(worker).__name__)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        if isinstance(worker, Reader):
            worker.bell.stop()
        thread.join(PATIENCE_SECONDS + 5)
        assert not thread.is_alive()


def end_server(folder: Path, crash: bool) -> None:
    pid = server.running_pid(folder)
    assert pid is not None
    postmaster = psutil.Process(pid)
    family = [postmaster, *postmaster.children(recursive=True)]
    if crash:
        for process in family:
            process.kill()
    else:
        postmaster.send_signal(signal.SIGINT)  # PostgreSQL's "fast" shutdown, what pg_ctl stop sends
    gone, alive = psutil.wait_procs(family, timeout=PATIENCE_SECONDS)
    assert gone
    assert not alive


def revive(store: Store) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            assert store.revive()
            return
        except StoreError:
            assert time.monotonic() < end, "the server does not start"
            time.sleep(0.1)


def until(condition: object, what: str) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end, f"waited too long: {what}"
        time.sleep(0.05)


def test_nothing_is_lost_or_doubled_and_every_reader_catches_up(store: Store) -> None:
    assert store.folder is not None
    chance = random.Random(SEED)
    readers = [Reader(store) for _ in range(READERS)]
    writers = [Writer(store, SEED + number) for number in range(WRITERS)]
    faults: list[BaseException] = []
    with ExitStack() as reading:
        for reader in readers:
            reading.enter_context(at_work(reader, faults))
        until(lambda: all(reader.position for reader in readers), "the readers' first look")
        known = store.read(lambda c: set(c.execute(select(schema.event.c.id)).scalars()))
        with ExitStack() as writing:
            for worker in (*writers, Sweeping(store)):
                writing.enter_context(at_work(worker, faults))
            for number in range(KILLS):
                time.sleep(chance.uniform(0.1, 0.8))
                end_server(store.folder, crash=number % 2 == 0 or chance.random() < 0.5)
                revive(store)
            time.sleep(0.5)
        written = store.read(lambda c: set(c.execute(select(schema.event.c.id)).scalars())) - known
        until(lambda: all(len(reader.changes) >= len(written) for reader in readers), "the readers")
    assert faults == []

    orders = {request: order for writer in writers for request, order in writer.acknowledged.items()}
    assert len(orders) > KILLS
    unclear = sum(writer.unclear for writer in writers)
    assert unclear >= KILLS / 2
    _log.info("%d orders, %d sent again, %d events", len(orders), unclear, len(written))
    assert_orders_are_there_once(store, orders)
    assert_warned_once(store)
    for reader in readers:
        assert reader.missed >= KILLS / 2
        assert Counter(change.id for change in reader.changes) == Counter(written)
        assert_in_order(reader.changes)
    assert store.scratch(lambda c: verify(c, load_rules(c))).flaw is None


def assert_orders_are_there_once(store: Store, orders: dict[str, tuple[str, tuple[str, ...]]]) -> None:
    event = schema.event.c
    rows = store.read(
        lambda c: c.execute(
            select(event.request, event.stream, event.kind, event.data).where(event.request.is_not(None))
        ).all()
    )
    found: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in rows:
        found[str(row.request)].append((row.kind, row.stream))
    assert {request: sorted(events) for request, events in found.items()} == {
        request: sorted(
            [
                ("DirectiveIssued", f"directive/{number}"),
                *(("DirectiveReferred", f"ticket/{name}") for name in named),
            ]
        )
        for request, (number, named) in orders.items()
    }
    directives = store.read(lambda c: c.execute(select(func.count()).select_from(schema.directive)).scalar())
    assert directives == len(orders)


def assert_warned_once(store: Store) -> None:
    """What fell due was warned of at its second, and once; all of it, up to the last sweep."""
    event, node = schema.event.c, schema.node_state.c
    late = select(event.stream, event.at).where(
        event.kind == "WarningRaised", event.data["kind"].as_string() == "late"
    )
    raised = store.read(lambda c: c.execute(late).all())
    due = dict(store.read(lambda c: [tuple(r) for r in c.execute(select(node.ticket, node.due_at)).all()]))
    assert len(raised) > TICKETS / 10
    assert len({row.stream for row in raised}) == len(raised)
    assert all(row.at == due[row.stream.partition("/")[2]] for row in raised)
    last = max(row.at for row in raised)
    assert len(raised) == sum(moment <= last for moment in due.values())


def assert_in_order(changes: list[Change]) -> None:
    """A stream's events came in their order, none left out in between."""
    streams: defaultdict[str, list[int]] = defaultdict(list)
    for change in changes:
        streams[change.stream].append(change.seq)
    for seqs in streams.values():
        assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))
