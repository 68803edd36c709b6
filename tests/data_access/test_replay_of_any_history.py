"""What the store shows at any past minute is what it showed then, for random valid histories (T11, X13).

Two tickets live by orders drawn at random; their warnings are raised and cleared. After each moment
the cached rows are kept as they stand: the replay of that moment must give the same.
"""

from contextlib import suppress
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Table, select

from data_access import log, replay
from data_access.project import KINDS
from data_access.rules import Rules, load_rules
from data_access.store import Connection, Store
from data_access.sweep import sweep
from data_access.verify import verify
from domain import events as e
from domain.people import Actor
from domain.rights import RefusedError
from domain.steps import NODE_OF, possible_steps
from domain.urgency import Urgency
from domain.wrong.judge import judge
from domain.wrong.surroundings import Surroundings
from domain.wrong.warn import warnings_to_write
from tests.data_access.readers.worlds import put_city
from tests.domain.commands import ACTORS, DUTY, START, City, facts

CACHES: tuple[tuple[Table, str], ...] = KINDS["ticket"].tables
A_MOMENT = timedelta(seconds=7)
Shown = dict[str, list[tuple[Any, ...]]]


class _Life:
    """A city whose events go into a store as they happen, under numbers of its own."""

    def __init__(self, store: Store, rules: Rules, turn: int, urgencies: tuple[Urgency, Urgency]) -> None:
        self.store, self.rules = store, rules
        numbers = (f"R{turn}-1", f"R{turn}-2")
        # Each history has days of its own: a replay then computes no more than itself anew.
        begin = START + timedelta(days=100 * turn)
        policy = rules.policies.in_force("standard", begin)
        self.city = City(policy, dict(zip(numbers, urgencies, strict=True)), rules.calendar, begin)
        self._written = dict.fromkeys(numbers, 0)
        self.shown: dict[datetime, Shown] = {}

    def wait(self, gap: timedelta) -> None:
        """Let time pass; the engine looks every few seconds, so all that fell due is warned of by then."""
        self.city.now += gap
        self.store.write(lambda connection: sweep(connection, self.rules, self.city.now))

    def go_on(self, data: st.DataObject) -> None:
        """Do something that is possible now: mostly the procedure's steps, sometimes a note or a merger."""
        city = self.city
        number = data.draw(st.sampled_from(list(city.events)))
        if data.draw(st.integers(0, 9)) == 0:
            with suppress(RefusedError):
                if city.clock(number).trace.merged_into is None:
                    city.merge(number, next(other for other in city.events if other != number), DUTY)
                else:
                    city.split(number, DUTY)
            return
        ticket = city.clock(number)
        ahead: list[tuple[Actor, type[e.Fact]]] = [
            (actor, kind)
            for actor in ACTORS
            for kind in possible_steps(ticket, actor)
            if kind in NODE_OF or kind in (e.Resumed, e.ReturnedAsWrong)
        ]
        if not ahead or data.draw(st.integers(0, 3)) == 0:
            ahead = [(actor, kind) for actor in ACTORS for kind in city.possible(number, actor)]
        if ahead:
            actor, kind = data.draw(st.sampled_from(ahead))
            with suppress(RefusedError):
                city.order(number, actor, data.draw(facts(kind, city.now, whatever=False)))

    def keep(self) -> None:
        """Write what is new, let the engine do its work, and keep what the store shows a moment later.

        At the very moment that something falls due its warning is still to come, and is dated then.
        """
        now = self.city.now + A_MOMENT

        def write(connection: Connection) -> Shown:
            additions = [
                log.Addition(f"ticket/{number}", events[self._written[number] :])
                for number, events in self.city.events.items()
                if len(events) > self._written[number]
            ]
            if additions:
                log.append(connection, self.rules, additions)
            sweep(connection, self.rules, now)
            self._judge(connection, now)
            return rows(connection, self.city)

        self.shown[now] = self.store.write(write)
        self._written = {number: len(events) for number, events in self.city.events.items()}

    def _judge(self, connection: Connection, now: datetime) -> None:
        """Raise and clear what is wrong, as the engine's job does; it goes by the database's own clock."""
        additions = []
        for number in self.city.events:
            events = [record.event for record in log.read_stream(connection, f"ticket/{number}")]
            found = judge(events, self.city.policy, self.rules.calendar, Surroundings(), now)
            wrong = warnings_to_write(found, events, Surroundings(), now)
            additions += [log.Addition(f"ticket/{number}", wrong)] if wrong else []
        if additions:
            log.append(connection, self.rules, additions)

    def replayed(self, moment: datetime) -> Shown:
        """What the replay says of a moment."""
        return self.store.scratch(
            lambda connection: replay.at(connection, self.rules, moment, lambda c: rows(c, self.city))
        )


def rows(connection: Connection, city: City) -> Shown:
    """The cached rows of a city's tickets, by table."""
    found: Shown = {}
    for cache, key in CACHES:
        statement = select(cache).where(cache.c[key].in_(list(city.events)))
        found[cache.name] = sorted(map(tuple, connection.execute(statement)), key=repr)
    return found


def differences(seen: Shown, replayed: Shown) -> list[str]:
    """What the replay says otherwise than what was shown, as "node_state T-1: due_at ..."."""
    found = []
    for cache, _key in CACHES:
        columns = [column.name for column in cache.c]
        keys = [columns.index(column.name) for column in cache.primary_key]
        was, now = (
            {tuple(row[k] for k in keys): row for row in side[cache.name]} for side in (seen, replayed)
        )
        for name in sorted(was.keys() | now.keys(), key=repr):
            old, new = was.get(name, ()), now.get(name, ())
            pairs = list(zip_longest(columns, old, new))
            found += [f"{cache.name} {name}: {c} was {a}, replayed {b}" for c, a, b in pairs if a != b]
    return found


@pytest.mark.slow
def test_any_moment_is_what_was_shown_then(store: Store) -> None:
    put_city(store)
    rules = store.read(load_rules)
    turns = iter(range(1000))

    @given(data=st.data(), urgencies=st.tuples(*[st.sampled_from(Urgency)] * 2))
    @settings(
        max_examples=6,
        deadline=None,
        derandomize=True,
        phases=(Phase.generate,),  # to make a history shorter takes minutes with a store
        suppress_health_check=list(HealthCheck),
    )
    def lives(data: st.DataObject, urgencies: tuple[Urgency, Urgency]) -> None:
        life = _Life(store, rules, next(turns), urgencies)
        life.keep()
        for _ in range(data.draw(st.integers(5, 12))):
            gap = data.draw(st.sampled_from([1, 30, 300]) | st.integers(1, 60 * 24 * 3))
            life.wait(timedelta(minutes=gap))
            for _ in range(data.draw(st.integers(0, 3))):
                life.go_on(data)
            life.keep()
        for moment, seen in life.shown.items():
            assert not differences(seen, life.replayed(moment)), moment

    lives()
    verdict = store.scratch(lambda connection: verify(connection, rules))
    assert verdict.flaw is None
