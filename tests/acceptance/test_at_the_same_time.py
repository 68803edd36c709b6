"""An import beside other work: orders go on while a file is read, and imports come one after the other."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from data_access import log, rules
from data_access.store import Connection, Store
from data_access.verify import verify
from desktop.imports.run import ImportReport, import_tickets
from domain.events import Chased, Closed, Event, Rectified
from domain.people import SYSTEM
from tests.acceptance.reading import events_by_ticket
from tests.desktop.imports.sources import FIRST, mapping, write_csv

NOW = datetime(2026, 4, 1, tzinfo=UTC)
ROWS = 4500


def rows(done: str, body: str = "水务局") -> list[tuple[str, ...]]:
    return [(f"A{number}", *FIRST[1:4], done, body, *FIRST[6:]) for number in range(ROWS)]


def proved(connection: Connection) -> object:
    return verify(connection, rules.load_rules(connection)).flaw


def test_orders_go_on_while_a_later_export_is_read(store: Store, tmp_path: Path) -> None:
    import_tickets(store, write_csv(tmp_path / "monday.csv", rows("")), mapping(), NOW, tmp_path)
    free: list[bool] = []

    def others_can_write(connection: Connection) -> bool:
        statement = select(func.pg_try_advisory_xact_lock_shared(log.WRITERS))
        return bool(connection.execute(statement).scalar_one())

    def look(_: int, __: int) -> None:
        free.append(store.write(others_can_write))

    friday = write_csv(tmp_path / "friday.csv", rows("2026-03-06 09:30:00"))
    report = import_tickets(store, friday, mapping(), NOW, tmp_path, look)
    assert (report.updated, report.events) == (ROWS, ROWS)
    assert free == [True, True, True]
    assert store.scratch(proved) is None


def test_what_happens_to_a_ticket_while_its_export_is_read_is_kept(store: Store, tmp_path: Path) -> None:
    import_tickets(store, write_csv(tmp_path / "monday.csv", rows("")), mapping(), NOW, tmp_path)
    at = datetime(2026, 3, 7, tzinfo=UTC)
    chased = log.Addition("ticket/T-A0", [Event(at, SYSTEM, Chased("又来电"))])
    closed = log.Addition("ticket/T-A1", [Event(at, SYSTEM, Closed())])
    written: list[object] = []

    def write(_: int, __: int) -> None:
        if not written:
            written.append(store.write(lambda c: log.append(c, rules.load_rules(c), [chased, closed])))

    friday = write_csv(tmp_path / "friday.csv", rows("2026-03-06 09:30:00"))
    report = import_tickets(store, friday, mapping(), NOW, tmp_path, write)
    assert (report.updated, report.rejected) == (ROWS - 1, 1)
    assert "Rectified.at 原为 2026-03-07T00:00:00+00:00" in next(iter(report.reasons))
    kinds = [type(event.fact) for event in events_by_ticket(store)["T-A0"]]
    assert kinds[-2:] == [Chased, Rectified]
    assert store.scratch(proved) is None


@pytest.fixture
def beside(store: Store, tmp_path: Path) -> Callable[[Path, Path], list[ImportReport]]:
    """Imports a file, and, once its first chunk is read, another one beside it."""

    def run(first: Path, second: Path) -> list[ImportReport]:
        reports: list[ImportReport] = []

        def import_second() -> None:
            reports.append(import_tickets(store, second, mapping(), NOW, tmp_path))

        thread = threading.Thread(target=import_second)

        def start(_: int, __: int) -> None:
            if thread.ident is None:
                thread.start()
                wait_for_a_lock(store)

        reports.append(import_tickets(store, first, mapping(), NOW, tmp_path, start))
        thread.join(30)
        return reports

    return run


def wait_for_a_lock(store: Store) -> None:
    def waiting(connection: Connection) -> int:
        statement = text(
            "SELECT count(*) FROM pg_locks WHERE NOT granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        return int(connection.execute(statement).scalar_one())

    deadline = time.monotonic() + 20
    while not store.read(waiting):
        assert time.monotonic() < deadline, "the second import never waited"
        time.sleep(0.05)


def test_the_same_file_twice_at_the_same_time_goes_in_once(
    store: Store, tmp_path: Path, beside: Callable[[Path, Path], list[ImportReport]]
) -> None:
    file = write_csv(tmp_path / "a.csv", rows(""))
    found = beside(file, file)
    assert sorted((report.added, report.unchanged) for report in found) == [(0, ROWS), (ROWS, 0)]
    assert store.scratch(proved) is None


def test_imports_that_name_new_bodies_crosswise_do_not_lock_each_other_out(
    store: Store, tmp_path: Path, beside: Callable[[Path, Path], list[ImportReport]]
) -> None:
    early, late = rows("", "水务局"), rows("", "园林局")
    first = write_csv(tmp_path / "a.csv", early[:2500] + late[2500:])
    second = write_csv(tmp_path / "b.csv", [(f"B{row[0]}", *row[1:]) for row in late])
    assert [report.added for report in beside(first, second)] == [ROWS, ROWS]
