"""Refused devices are listed for each reason they were refused for, and the list stays small (X14)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Connection, text

from data_access import migrate
from data_access.health import examine
from data_access.readers.device_calls import device_calls
from data_access.readers.stations import stations_mark, unknown_devices
from data_access.rules import load_rules
from data_access.stations import Refusal, note_refused
from data_access.store import Store
from domain.environment import UnknownDevice
from tests.fresh_database import opened_copy

AT = datetime(2026, 11, 21, 0, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def module_store(postgres: Path, template_database: str) -> Iterator[Store]:
    with opened_copy(postgres, template_database) as opened:
        yield opened


@pytest.fixture
def kept(module_store: Store) -> Iterator[Store]:
    yield module_store
    module_store.write(lambda c: c.execute(text("DELETE FROM unknown_device")))


def after(minutes: float) -> datetime:
    return AT + timedelta(minutes=minutes)


def listed(store: Store) -> tuple[UnknownDevice, ...]:
    return store.read(unknown_devices)


def refuse(store: Store, *refusals: Refusal) -> None:
    def as_receiver(connection: Connection) -> None:
        connection.execute(text("SET LOCAL ROLE qingshao_engine"))
        note_refused(connection, refusals)

    store.write(as_receiver)


def test_each_reason_has_its_own_times_and_count(kept: Store) -> None:
    refuse(kept, Refusal("X", "password", after(5), "a:1", 3, after(1)))
    refuse(kept, Refusal("X", "check", after(9), "b:2", 2, after(6)), Refusal("Y", "unknown", after(7), "c"))
    assert listed(kept) == (
        UnknownDevice("X", "check", after(6), after(9), 2, "b:2"),
        UnknownDevice("X", "password", after(1), after(5), 3, "a:1", again=True),
        UnknownDevice("Y", "unknown", after(7), after(7), 1, "c"),
    )
    before = kept.read(stations_mark)
    # What comes late counts, and moves no last time back; a name that is refused anew leads again.
    refuse(
        kept, Refusal("X", "check", after(8), "b:3", 4, after(3)), Refusal("Y", "unknown", after(20), "d", 2)
    )
    first, second, third = listed(kept)
    assert (first.mn, first.first_seen, first.last_seen, first.frames) == ("Y", after(7), after(20), 3)
    assert (second.reason, second.first_seen, second.last_seen, second.frames) == (
        "check", after(3), after(9), 6,
    )  # fmt: skip
    assert (third.reason, third.frames, third.again) == ("password", 3, True)
    assert kept.read(stations_mark) != before


def test_one_turn_with_the_same_reason_twice_is_added_up(kept: Store) -> None:
    refuse(kept, Refusal("X", "time", after(4), "b", 2), Refusal("X", "time", after(1), "a", 5, after(0)))
    assert listed(kept) == (UnknownDevice("X", "time", after(0), after(4), 7, "b"),)


def test_a_device_counts_once_however_many_reasons_there_are(kept: Store) -> None:
    now = datetime.now(UTC)
    refuse(kept, *(Refusal("X", reason, now, "") for reason in ("time", "check", "modbus")))
    refuse(kept, Refusal("Y", "unknown", now, ""))
    assert kept.read(lambda c: device_calls(c, load_rules(c), now)).refused == 2
    assert kept.read(examine).refused == 2


def test_invented_names_with_every_reason_do_not_fill_the_list(
    kept: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows are bounded, not names: each invented one may be refused for more than one reason."""
    monkeypatch.setattr("data_access.stations.MOST_UNKNOWN", 7)
    for turn in range(4):
        refuse(
            kept,
            *(
                Refusal(f"{turn}-{n}", reason, after(turn + n / 100), "")
                for n in range(20)
                for reason in ("unknown", "modbus")
            ),
        )
        assert len(listed(kept)) == 7
    assert {device.mn for device in listed(kept)} == {"3-16", "3-17", "3-18", "3-19"}
    refuse(kept, Refusal("TOMORROW", "password", after(60), ""))
    assert listed(kept)[0].mn == "TOMORROW"


def test_what_is_listed_stays_when_the_store_is_migrated(store: Store) -> None:
    """Down, each device keeps the reason of last; up, it has that one and takes others again."""
    refuse(store, Refusal("X", "time", after(1), "a"), Refusal("X", "check", after(2), "b", 5))
    refuse(store, Refusal("Y", "unknown", after(1), "c"))
    with store.engine.begin() as connection:
        migrate.remove_gate(connection)
        command.downgrade(migrate.alembic_config(connection), "0019")
        rows = connection.execute(text("SELECT mn, reason, frames FROM unknown_device ORDER BY mn")).all()
    assert migrate.upgrade(store.engine)
    assert [tuple(row) for row in rows] == [("X", "check", 5), ("Y", "unknown", 1)]
    refuse(store, Refusal("X", "time", after(9), "a"))
    assert [(device.mn, device.reason) for device in listed(store)] == [
        ("X", "time"), ("X", "check"), ("Y", "unknown"),
    ]  # fmt: skip
