"""Values that come in portions, late or in any order make the episodes that they make at once (X14, Q04)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.exceedance import Run, Value, judge, run_of
from domain.rejudging import (
    Stretch,
    changes_nothing,
    match,
    reach_back,
    rejudge,
    start_of,
    touched,
)
from domain.sensor_rules import SensorRule
from domain.stations import DataFlag, Episode, Limit, Span, StationKind
from tests.domain.city import CITY, at

START = at("2026-11-20 08:00")
PLAIN = Limit("pm10", "a34002", Span.MINUTE, 150.0, date(2026, 1, 1), "示例", kind=StationKind.DUST)
OF_ONE_MINUTE = replace(PLAIN, minutes=1)
SOME_A_DAY = replace(PLAIN, allowed_per_day=4)
BY_NIGHT = replace(PLAIN, from_minute=9 * 60, until_minute=8 * 60 + 30)
SHORT = SensorRule(reopen_minutes=12)
SHORT = replace(SHORT, spans={**SHORT.spans, Span.MINUTE: replace(SHORT.spans[Span.MINUTE], lost_minutes=6)})
"""So short that a hundred minutes have all of it: holes, episodes that go on and such that do not."""
LEVELS = st.sampled_from([100.0, 100.0, 100.0, 145.0, 150.0, 151.0, 300.0, 300.0, None, None, "D"])


def minutes(levels: Sequence[float | str | None], begin: int = 0) -> list[Value]:
    """A value each minute; a letter is a flag of an invalid one, None is a minute without any."""
    found = []
    for minute, level in enumerate(levels, begin):
        when = START + timedelta(minutes=minute)
        if isinstance(level, str):
            found.append(Value(when, 500.0, DataFlag(level)))
        elif level is not None:
            found.append(Value(when, level))
    return found


@dataclass
class Store:
    """What the store does with portions: values, episodes, and which of them a look finds."""

    limit: Limit
    rule: SensorRule = SHORT
    values: list[Value] = field(default_factory=list)
    episodes: list[Episode] = field(default_factory=list)
    numbers: int = 0
    judged: int = 0

    def take(self, new: Sequence[Value]) -> None:
        self.values = sorted([*self.values, *new], key=lambda value: value.at)
        stretch = touched(Stretch(min(v.at for v in new), max(v.at for v in new)), (self.limit,))
        back = stretch.since - reach_back(self.rule, Span.MINUTE)
        known = [e for e in self.episodes if e.ended_at is None or e.ended_at >= back]
        came = [value for value in self.values if stretch.since <= value.at <= stretch.until]
        if changes_nothing(came, (self.limit,), self.rule, Span.MINUTE, known, stretch, CITY):
            return
        start = start_of(known, (self.limit,), self.rule, Span.MINUTE, stretch.since, CITY)
        carried = None if start.carried is None else run_of(start.carried, 150.0)
        before = [value for value in self.values if value.at < start.begin]
        valid = [value for value in before if value.judges and value.at >= start.back]
        valid = valid[-start.before :] if start.before else []
        begun = [value for value in before if value in valid or value is before[-1]]
        read = [self.told(value) for value in begun if value.at < start.counted]
        read += [value for value in self.values if value.at >= start.counted]
        found = rejudge(
            self.counted(read), (self.limit,), self.rule, Span.MINUTE, CITY, self.values[-1].at, carried,
            min([start.begin, *(value.at for value in begun if value.at >= start.back)]), stretch, known,
        )  # fmt: skip
        numbers = {e.number for e in start.known} | ({start.carried.number} if start.carried else set())
        rests_at = found.rests_at
        self.write(
            found.runs,
            [e for e in known if e.number in numbers and (rests_at is None or e.began_at < rests_at)],
        )

    def told(self, value: Value) -> Value:
        """A value as it is read alone: with what its interval is."""
        earlier = [other.at for other in self.values if other.at < value.at]
        return replace(value, interval=value.at - earlier[-1]) if earlier else value

    def counted(self, values: Sequence[Value]):
        for value in values:
            self.judged += 1
            yield value

    def write(self, runs: Sequence[Run], may_change: list[Episode]) -> None:
        matched = match(runs, may_change)
        kept = {e.number: e for e in self.episodes if e.number not in matched.gone}
        for episode, run in matched.changed:
            kept[episode.number] = stored(run, episode.number)
        for run in matched.new:
            self.numbers += 1
            kept[self.numbers] = stored(run, self.numbers)
        self.episodes = sorted(kept.values(), key=lambda e: e.began_at)

    def runs(self) -> list[Run]:
        return [replace(run_of(e, 150.0), number=0) for e in self.episodes]


def stored(run: Run, number: int) -> Episode:
    return Episode(
        number, 1, "a34002", Span.MINUTE, run.limit, run.began_at, run.last_over_at, run.over, run.peak,
        run.ended_at, None, run.reopened,
    )  # fmt: skip


def at_once(values: list[Value], limit: Limit, rule: SensorRule = SHORT) -> list[Run]:
    runs = judge(values, (limit,), rule, Span.MINUTE, CITY, values[-1].at if values else START)
    return [replace(run, resumed_at=None, lost=False) for run in runs]


def in_portions(values: list[Value], ends: list[int], limit: Limit) -> Store:
    store, came = Store(limit), 0
    for end in [*sorted(ends), len(values)]:
        end = min(end, len(values))
        if end > came:
            store.take(values[came:end])
            came = end
    return store


LIMITS = pytest.mark.parametrize("limit", [PLAIN, OF_ONE_MINUTE, SOME_A_DAY, BY_NIGHT])


@LIMITS
@given(st.lists(LEVELS, max_size=120), st.lists(st.integers(0, 120), max_size=5))
def test_in_portions_in_the_order_of_time(limit, levels, ends):
    values = minutes(levels)
    assert in_portions(values, ends, limit).runs() == at_once(values, limit)


@LIMITS
@given(
    st.lists(LEVELS, max_size=90), st.randoms(use_true_random=False), st.lists(st.integers(0, 90), max_size=6)
)
def test_in_any_order(limit, levels, random, ends):
    values = minutes(levels)
    shuffled = values[:]
    random.shuffle(shuffled)
    assert in_portions(shuffled, ends, limit).runs() == at_once(values, limit)


PIECES = st.lists(
    st.tuples(st.sampled_from([100.0, 300.0, 300.0, 145.0, None]), st.integers(1, 8), st.integers()),
    max_size=16,
)
"""A level, for so many minutes, and when it comes."""


@LIMITS
@given(PIECES)
def test_pieces_in_any_order(limit, pieces):
    """Each portion lies together, so that it rests before what is known of later."""
    # An episode that ended for want of values is not looked for farther back than this.
    assume(sum(length for level, length, _ in pieces if level == 145.0) < 18)
    values, sent = [], []
    begin = 0
    for level, length, turn in pieces:
        piece = minutes([level] * length, begin)
        begin += length
        values += piece
        sent.append((turn, piece))
    store = Store(limit)
    for _, piece in sorted(sent, key=lambda one: one[0]):
        if piece:
            store.take(piece)
    assert store.runs() == at_once(values, limit)


def _as_sent(values: list[Value], size: int) -> list[list[Value]]:
    return [values[first : first + size] for first in range(0, len(values), size)]


def _newest_first(values: list[Value], size: int) -> list[list[Value]]:
    return _as_sent(values, size)[::-1]


def _beside_the_newest(values: list[Value], size: int) -> list[list[Value]]:
    """The first half is sent later, in portions, while values go on to come."""
    half = len(values) // 2
    late, live = _as_sent(values[:half], size), _as_sent(values[half:], size)
    return [portion for both in zip(live, late, strict=False) for portion in both] + live[len(late) :]


@pytest.mark.parametrize("order", [_as_sent, _newest_first, _beside_the_newest])
def test_a_long_back_fill_is_judged_a_bounded_number_of_times(
    order: Callable[[list[Value], int], list[list[Value]]],
):
    """X14: twice the values are twice the work, however they come; and the episodes are the same."""
    rounds = [100.0] * 40 + [300.0] * 25 + [100.0] * 20 + [300.0] * 10 + [140.0] * 5
    judged = []
    for times in (10, 20):
        values = minutes(rounds * times)
        store = Store(PLAIN)
        for portion in order(values, 50):
            store.take(portion)
        assert store.runs() == at_once(values, PLAIN)
        judged.append(store.judged)
        assert store.judged <= 3 * len(values)
    assert judged[1] <= 2.2 * judged[0]


def test_values_that_hover_below_a_limit_are_not_looked_at_again_and_again():
    """X14: neither beyond nor so low that the episode ends, for days, each as it comes."""
    store = Store(PLAIN)
    values = minutes([300.0] * 3 + [148.0] * 400 + [100.0] * 3)
    for value in values:
        store.take([value])
    assert store.runs() == at_once(values, PLAIN)
    assert store.judged <= 6 * len(values)


def test_what_lies_far_behind_a_late_value_is_as_it_was():
    store = Store(PLAIN)
    store.take(minutes([300.0] * 5 + [100.0] * 200 + [300.0] * 5 + [100.0] * 5, begin=20))
    first, second = store.episodes
    store.judged = 0
    store.take(minutes([300.0] * 4))
    assert store.judged < 60
    early, same, last = store.episodes
    assert (early.began_at, early.reopened, same.number, last) == (START, 0, first.number, second)
