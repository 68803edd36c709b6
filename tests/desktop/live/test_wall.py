"""A wall brought up to date by differences shows what a wall read anew shows; what fails changes nothing."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import text

from data_access import log
from data_access.changes import Position, changes_since
from data_access.readers.board import turned
from data_access.rules import load_rules
from data_access.store import Connection, Store
from desktop.live import pace
from desktop.live.feed import touched_by
from desktop.live.wall import Sight, Wall
from desktop.touched import Touched
from domain.events import Event, Fact, Paused, Rectified, Signed
from domain.item_events import ItemProgressed
from domain.people import SYSTEM
from tests.data_access.readers.worlds import ANCHOR, put_demo
from tests.desktop.live.test_board import next_turn, told
from tests.fresh_database import filled, opened_copy

COUNTIES = ("320311", "320312", "320302", "320303")


@pytest.fixture(scope="module")
def city_database(postgres: Path, template_database: str) -> Iterator[str]:
    with filled(postgres, template_database, lambda store: put_demo(store, 120)) as name:
        yield name


@pytest.fixture
def city(postgres: Path, city_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setattr(pace, "SHARE", 0)
    monkeypatch.setattr(pace, "LONGEST_WAIT", 0)
    with opened_copy(postgres, city_database) as store:
        yield store


class Looker:
    """Follows the log as the window does, at moments of the test's choice."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.wall = Wall(COUNTIES)
        self.position: Position | None = None
        self.since: datetime | None = None

    def touched(self, now: datetime) -> Touched:
        def look(connection: Connection) -> Touched:
            changes = changes_since(connection, self.position)
            found = touched_by(changes, self.since, now)
            if self.since is not None:
                found = found.and_then(Touched(now, tickets=turned(connection, self.since, now)))
            self.position = changes.position
            return found

        found = self.store.read(look)
        self.since = now
        return found

    def look(self, now: datetime) -> Sight:
        touched = self.touched(now)
        return self.store.read(lambda c: self.wall.look(c, load_rules(c), now, touched))

    def read_aside(self, now: datetime) -> None:
        """Read what is due beside the looks, as of a moment."""
        while (part := self.wall.aside_due()) is not None:
            read = partial(self.wall.read_aside, part, part.take_turn())
            self.store.read(lambda c: read(c, load_rules(c), now))  # noqa: B023 - it is read at once

    def settle(self, now: datetime) -> Sight:
        """Look, read what is due beside, and look again."""
        self.look(now)
        self.read_aside(now)
        return self.look(now)


def anew(store: Store, now: datetime) -> Sight:
    everything = Touched(now, everything=True)
    return store.read(lambda c: Wall(COUNTIES).look(c, load_rules(c), now, everything))


def same(one: Sight, other: Sight, *, rates: bool = True) -> None:
    """Rates roll with the time: without a change they may be up to a minute old."""
    kept = {} if rates else {name: getattr(other.overview, name) for name in ("kpis", "ranking", "unranked")}
    assert replace(one.overview, **kept) == other.overview
    assert told(one.board) == told(other.board)
    assert one.counts == other.counts
    assert one.warnings == other.warnings
    for name in ("numbers", "x", "y", "state", "urgency", "area"):
        np.testing.assert_array_equal(getattr(one.columns, name), getattr(other.columns, name))


def write(store: Store, stream: str, fact: Fact, at: datetime) -> None:
    event = Event(at, SYSTEM, fact)
    store.write(lambda c: log.append(c, load_rules(c), [log.Addition(stream, [event])]))


def test_a_wall_that_follows_equals_a_wall_read_anew(city: Store) -> None:
    chance = random.Random(3)
    looker = Looker(city)
    now = ANCHOR
    same(looker.look(now), anew(city, now))
    numbers = list(looker.look(now).board.number)
    items = [row.number for row in looker.look(now).overview.ledger_rows]
    facts: tuple[Fact, ...] = (Signed(), Rectified("已停工"), Paused("等待检测", "李强"))
    for _ in range(25):
        step = chance.choice([1, 7, 60, 1800, 3 * 3600])
        now += timedelta(seconds=step)
        for number in chance.sample(numbers, chance.randint(0, 4)):
            write(city, f"ticket/{number}", chance.choice(facts), now)
        if chance.random() < 0.3:
            write(city, f"item/{chance.choice(items)}", ItemProgressed(chance.randint(1, 99), "推进"), now)
        same(looker.settle(now), anew(city, now), rates=step >= 60)


def test_what_did_not_change_is_the_same_object(city: Store) -> None:
    looker = Looker(city)
    first = looker.look(ANCHOR)
    calm = looker.look(ANCHOR + timedelta(milliseconds=1))
    assert calm.columns is first.columns
    assert calm.board is first.board
    assert calm.overview.ranking is first.overview.ranking
    assert calm.overview.ledger_rows is first.overview.ledger_rows
    write(city, f"ticket/{first.board.number[0]}", Signed(), ANCHOR)
    after = looker.look(ANCHOR + timedelta(milliseconds=2))
    assert after.columns is not first.columns
    assert after.overview.ledger_rows is first.overview.ledger_rows


def test_a_colour_changes_at_its_second_without_an_event(city: Store) -> None:
    looker = Looker(city)
    first = looker.look(ANCHOR)
    turn = next_turn(first.board, ANCHOR)
    assert turn is not None
    still = looker.look(turn - timedelta(seconds=1))
    then = looker.settle(turn + timedelta(microseconds=1))
    assert (still.counts, still.warnings.red, still.warnings.yellow) != (
        then.counts,
        then.warnings.red,
        then.warnings.yellow,
    )
    same(then, anew(city, turn + timedelta(microseconds=1)), rates=False)


def test_a_look_that_fails_leaves_all_as_it_was(city: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    looker = Looker(city)
    first = looker.look(ANCHOR)
    write(city, f"ticket/{first.board.number[0]}", Signed(), ANCHOR)
    now = ANCHOR + timedelta(seconds=1)
    touched = looker.touched(now)

    def fail(*_: object) -> object:
        raise ZeroDivisionError

    with monkeypatch.context() as broken:
        broken.setattr("desktop.live.wall.feed_health", fail)
        with pytest.raises(ZeroDivisionError):
            city.read(lambda c: looker.wall.look(c, load_rules(c), now, touched))
    city.read(lambda c: looker.wall.look(c, load_rules(c), now, touched))
    same(looker.settle(now), anew(city, now))


def test_costly_parts_are_read_beside_and_follow(city: Store) -> None:
    looker = Looker(city)
    number = looker.look(ANCHOR).board.number[0]
    now = ANCHOR + timedelta(seconds=1)
    write(city, f"ticket/{number}", Rectified("已停工"), now)
    first = looker.look(now)
    assert told(first.board) == told(anew(city, now).board)
    assert first.covered == ANCHOR, "rates and warnings are those of the look before"
    assert looker.wall.restless
    looker.read_aside(now)
    settled = looker.look(now)
    same(settled, anew(city, now))
    assert settled.covered == now
    assert not looker.wall.restless


def test_a_costly_part_rests_but_is_not_forgotten(city: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    looker = Looker(city)
    first = looker.look(ANCHOR)
    monkeypatch.setattr(pace, "SHARE", 10**6)
    number = first.board.number[0]
    moments = [ANCHOR + timedelta(seconds=n) for n in range(1, 5)]
    write(city, f"ticket/{number}", Rectified("已停工"), moments[0])
    looker.settle(moments[0])
    write(city, f"ticket/{number}", Paused("等待检测", "李强"), moments[1])
    resting = looker.settle(moments[1])
    assert looker.wall.aside_due() is None
    assert looker.wall.restless
    assert told(resting.board) == told(anew(city, moments[1]).board)
    for rested in (looker.wall._rates, looker.wall._warnings):
        rested._pace._rested_at = 0.0
    settled = looker.settle(moments[2])
    assert not looker.wall.restless
    same(settled, anew(city, moments[2]))


def test_what_is_read_beside_takes_one_core_and_leaves_the_next_reading_its_own(city: Store) -> None:
    looker, seen = Looker(city), []
    looker.look(ANCHOR)
    asked = text("SELECT current_setting('max_parallel_workers_per_gather')")

    def read(connection: Connection, *_: object) -> object:
        seen.append(connection.execute(asked).scalar())
        return looker.wall._rates.found.value

    looker.wall._rates._read = read
    looker.wall._rates.owe()
    looker.read_aside(ANCHOR)
    seen.append(city.read(lambda c: c.execute(asked).scalar()))
    assert seen[0] == "0"
    assert seen[-1] != "0"


def test_after_a_while_a_look_waits_for_what_is_costly(city: Store) -> None:
    """A page was hidden, or the machine slept: nothing of hours ago is shown as if it stood now."""
    looker = Looker(city)
    looker.look(ANCHOR)
    now = ANCHOR + timedelta(hours=8)
    looker.wall._rates.fail(ZeroDivisionError("hours ago"))
    same(looker.look(now), anew(city, now))
    assert not looker.wall.restless
    looker.wall.check_asides()


def test_a_costly_part_that_fails_stays_owed(city: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    looker = Looker(city)
    first = looker.look(ANCHOR)
    now = ANCHOR + timedelta(seconds=1)
    write(city, f"ticket/{first.board.number[0]}", Rectified("已停工"), now)
    looker.look(now)

    def fail(*_: object) -> object:
        raise ZeroDivisionError

    with monkeypatch.context() as broken:
        broken.setattr("desktop.live.wall.rate_kpis", fail)
        with pytest.raises(ZeroDivisionError):
            looker.read_aside(now)
    assert looker.look(now).overview.ranking == first.overview.ranking
    assert looker.wall.restless
    same(looker.settle(now), anew(city, now))


def test_changes_add_up_for_a_page_that_did_not_look() -> None:
    one = Touched(ANCHOR, ANCHOR - timedelta(seconds=1), tickets=frozenset({"A"}))
    two = Touched(
        ANCHOR + timedelta(seconds=1), ANCHOR, new_minute=True, tickets=frozenset({"B"}), items=frozenset("I")
    )
    both = one.and_then(two)
    assert both == replace(two, since=one.since, tickets=frozenset({"A", "B"}))
    assert bool(both)
    assert not Touched(ANCHOR)
    many = Touched(ANCHOR, tickets=frozenset(str(n) for n in range(2001)))
    all_of_it = one.and_then(many)
    assert all_of_it.everything
    assert not all_of_it.tickets
    assert not all_of_it.and_then(one).tickets
    assert all_of_it.and_then(one).everything
