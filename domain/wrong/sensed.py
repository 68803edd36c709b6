"""What is wrong by what sensors say: reported done, and the values are still beyond the limit (Y18, Q04)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.events import SensorExceeded, SensorRecovered
from domain.factor_names import factor_name
from domain.node_clock import NodeEnd
from domain.nodes import Node
from domain.sensor_events import SensorVerified
from domain.wrong.history import History, Violation, place_of, span_text
from domain.wrong.rule import Parameter, WrongRule


@dataclass(frozen=True, slots=True)
class _Exceeding:
    """A sensor was beyond a limit, as `fact` says, until a moment; None while it is."""

    fact: SensorExceeded
    until: datetime | None


def still_exceeds(history: History, rule: WrongRule) -> Iterator[Violation]:
    """Reported done, and N minutes later the same sensor is still beyond its limit, or it is again in D days.

    That the same sensor proves this rectification ends it: another sensor's values, or the proof of a later
    round, say nothing of it.
    """
    wait = timedelta(minutes=rule.numbers[Parameter.MINUTES])
    days = timedelta(days=rule.numbers[Parameter.DAYS])
    exceeding = tuple(_exceedances(history))
    if not exceeding:
        return
    verified = [fact for _, fact in history.all(SensorVerified)]
    for clock in history.clocks(Node.RECTIFY, NodeEnd.DONE):
        done = clock.ended_at
        if done is None or clock.part > 0:
            continue
        proved = _proved(verified, done)
        broken = [
            (at, one)
            for one in exceeding
            if _sensor(one.fact) not in proved and (at := _broken_at(one, done, wait, days)) is not None
        ]
        if not broken:
            continue
        at, one = min(broken, key=_moment)
        fact = one.fact
        what = f"{fact.name or fact.station} {factor_name(fact.factor)}"
        numbers = f"{fact.value:g} {fact.unit}".rstrip() + f"（限 {fact.limit:g}）"
        began = history.clock_text(fact.began_at)
        if fact.began_at > done:
            said = f"{began} {what} 再次超标 {numbers}，办结后 {span_text(at - done)}"
        else:
            said = f"{what} 自 {began} 超标 {numbers}，办结后 {span_text(wait)}仍未恢复"
        yield Violation(rule, place_of(clock), at, (f"{history.clock_text(done)} 报整改办结", said))


def _sensor(fact: SensorExceeded | SensorRecovered | SensorVerified) -> tuple[str, str]:
    return (fact.station, fact.factor)


def _proved(verified: Iterable[SensorVerified], done: datetime) -> set[tuple[str, str]]:
    """Return the sensors that prove what was reported done then, by all that they were asked."""
    asked = [fact for fact in verified if fact.rectified_at == done]
    return {_sensor(fact) for fact in asked} - {_sensor(fact) for fact in asked if not fact.passed}


def _exceedances(history: History) -> Iterator[_Exceeding]:
    """Yield each time that a sensor was beyond a limit, as the log tells it.

    One that ended because no values came any more goes on until the sensor says that it recovered: a device
    that was unplugged proves nothing.
    """
    running: dict[int, SensorExceeded] = {}
    lost: set[int] = set()
    for event in history.events:
        match event.fact:
            case SensorExceeded() as fact:
                running.setdefault(fact.episode, fact)
                lost.discard(fact.episode)
            case SensorRecovered(lost=True) as fact:
                lost.add(fact.episode)
            case SensorRecovered() as fact:
                for number in [n for n, one in running.items() if _is_ended(n, one, fact, lost)]:
                    yield _Exceeding(running.pop(number), fact.ended_at)
            case _:
                pass
    for fact in running.values():
        yield _Exceeding(fact, None)


def _is_ended(number: int, one: SensorExceeded, by: SensorRecovered, lost: set[int]) -> bool:
    """Whether a sensor's recovery ends an exceedance: its own, or one of that sensor that was lost."""
    return number == by.episode or (number in lost and _sensor(one) == _sensor(by))


def _broken_at(one: _Exceeding, done: datetime, wait: timedelta, days: timedelta) -> datetime | None:
    """Return when a report of work done turned out to be wrong, None if it does not by this exceedance."""
    if one.fact.began_at > done:
        return one.fact.began_at if one.fact.began_at <= done + days else None
    if one.until is not None and one.until <= done + wait:
        return None
    return done + wait


def _moment(broken: tuple[datetime, _Exceeding]) -> datetime:
    return broken[0]
