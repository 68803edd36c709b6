"""Several programs write at once: nothing is lost or doubled, and nobody waits for ever."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from data_access import bulk, log, schema
from data_access.errors import StoreError
from data_access.master import put_city
from data_access.rules import load_rules
from data_access.store import Connection, Store, be_patient_for_seconds
from data_access.sweep import Swept, sweep
from data_access.verify import verify
from desktop.city import load_city
from desktop.use_cases import directives, requests, tickets
from domain.drafts import AcknowledgeDraft, DirectiveDraft
from domain.events import Accepted, Chased, Dispatched, WarningKind, WarningLevel
from domain.nodes import Node
from domain.people import Actor, Role
from domain.rights import Reason, RefusedError
from tests.data_access.streams import DUTY, START, happened, received, ticket
from tests.data_access.test_log import put

NOW = START + timedelta(hours=6)
LEADER = Actor(Role.LEADER, "李强")


def swept(store: Store, hours: float = 6) -> Swept:
    moment = START + timedelta(hours=hours)
    return store.write(lambda c: sweep(c, load_rules(c), moment))


def version(store: Store, number: str) -> int:
    return store.read(lambda c: log.head(c, f"ticket/{number}")).version


def directive(tickets: tuple[str, ...]) -> DirectiveDraft:
    body = load_city().responsible[0].key
    deadline = NOW + timedelta(hours=12)
    return DirectiveDraft(str(uuid.uuid4()), "今晚停工", (body,), deadline, tickets=tickets)


@pytest.fixture
def late(store: Store) -> Store:
    """Twenty tickets that nobody has dispatched in time."""
    store.write(lambda c: put_city(c, load_city(), START))
    events = happened((0, DUTY, received()), (0.1, DUTY, Accepted()))
    put(store, *(ticket(f"T-{n:02}", events) for n in range(20)))
    return store


def test_sweeping_twice_at_one_moment_writes_nothing_the_second_time(late: Store) -> None:
    first = swept(late)
    assert (first.raised, first.drafted, first.cleared) == (20 * 4, 20 * 2, 20 * 2)
    assert swept(late) == Swept()


def test_a_step_reported_late_clears_its_warning_once_and_for_all(late: Store) -> None:
    swept(late)
    in_time = happened((0.5, DUTY, Dispatched("housing")))
    late.write(lambda c: log.append(c, load_rules(c), [log.Addition("ticket/T-00", in_time)]))
    assert swept(late).cleared == 1
    written = version(late, "T-00")
    assert swept(late) == Swept()
    assert version(late, "T-00") == written
    left = late.read(
        lambda c: c.execute(
            schema.warning.select().where(
                schema.warning.c.ticket == "T-00",
                schema.warning.c.node == "dispatch",
                schema.warning.c.cleared_at.is_(None),
            )
        ).all()
    )
    assert left == []


def test_the_sweep_leaves_the_field_to_an_import_under_way(late: Store) -> None:
    def importing(connection: Connection) -> Swept:
        bulk.be_the_only_writer(connection)
        return swept(late)

    assert late.write(importing) == Swept(running=False)
    assert swept(late).raised == 80


def test_an_order_behind_an_import_is_refused_visibly(late: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "PATIENCE_SECONDS", 1)

    def importing(connection: Connection) -> None:
        bulk.be_the_only_writer(connection)
        with pytest.raises(StoreError, match="另一项操作正在写入"):
            directives.issue_directive(late, directive(("T-00",)), LEADER, NOW)

    late.write(importing)
    assert late.read(lambda c: c.execute(schema.directive.select()).all()) == []


def test_patience_ends_with_its_transaction(late: Store) -> None:
    late.write(lambda c: be_patient_for_seconds(c, 1))
    setting = late.read(lambda c: c.exec_driver_sql("SHOW lock_timeout").scalar_one())
    assert setting == "0"


def test_one_request_in_many_threads_writes_once(late: Store) -> None:
    draft = directive(("T-03", "T-01", "T-03"))
    with ThreadPoolExecutor(6) as pool:
        numbers = set(pool.map(lambda _: directives.issue_directive(late, draft, LEADER, NOW), range(6)))
    assert len(numbers) == 1
    assert len(late.read(lambda c: c.execute(schema.directive.select()).all())) == 1
    assert version(late, "T-03") == 3


def test_of_two_people_who_acknowledge_at_once_one_is_told(late: Store) -> None:
    swept(late)
    names = ("王磊", "张婷", "孙静", "周倩")

    def acknowledge(name: str) -> Reason | None:
        draft = AcknowledgeDraft(
            str(uuid.uuid4()), "T-00", WarningKind.LATE, WarningLevel.RED, Node.DISPATCH, 1, 1
        )
        try:
            tickets.acknowledge_warning(late, draft, Actor(Role.DUTY, name, "platform"), NOW)
        except RefusedError as error:
            return error.reason
        return None

    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(acknowledge, names))
    assert sorted(told, key=str) == [None, *[Reason.ALREADY_ACKNOWLEDGED] * 3]


def test_orders_and_sweeps_never_wait_for_each_other_in_a_circle(late: Store) -> None:
    numbers = [f"T-{n:02}" for n in range(20)]
    stop = threading.Event()

    def keep_sweeping() -> None:
        hours = 2.0
        while not stop.is_set():
            hours += 0.25
            swept(late, hours)

    with ThreadPoolExecutor(5) as pool:
        sweeper = pool.submit(keep_sweeping)
        forwards = [
            pool.submit(directives.issue_directive, late, directive(tuple(numbers)), LEADER, NOW)
            for _ in range(4)
        ]
        backwards = [
            pool.submit(directives.issue_directive, late, directive(tuple(reversed(numbers))), LEADER, NOW)
            for _ in range(4)
        ]
        given = {future.result() for future in (*forwards, *backwards)}
        stop.set()
        sweeper.result()
    assert len(given) == 8
    assert late.scratch(lambda c: verify(c, load_rules(c))).flaw is None


def test_writers_on_one_ticket_lose_nothing(late: Store) -> None:
    def chase(turn: int) -> None:
        chased = happened((6 + turn / 100, DUTY, Chased(f"第 {turn} 次")))
        late.write(lambda c: log.append(c, load_rules(c), [log.Addition("ticket/T-00", chased)]))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(chase, range(24)))
    assert version(late, "T-00") == 2 + 24
    assert late.scratch(lambda c: verify(c, load_rules(c))).flaw is None
