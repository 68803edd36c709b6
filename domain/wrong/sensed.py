"""What is wrong by what sensors say: reported done, and the values are still beyond the limit (Y18, Q04)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.events import SensorExceeded, SensorRecovered
from domain.node_clock import NodeEnd
from domain.nodes import Node
from domain.sensor_clue import factor_name
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

    That the sensor proves a rectification, then or later, ends it.
    """
    wait = timedelta(minutes=rule.numbers[Parameter.MINUTES])
    days = timedelta(days=rule.numbers[Parameter.DAYS])
    exceeding = tuple(_exceedances(history))
    if not exceeding:
        return
    proved = [event.at for event, fact in history.all(SensorVerified) if fact.passed]
    for clock in history.clocks(Node.RECTIFY, NodeEnd.DONE):
        done = clock.ended_at
        if done is None or clock.part > 0 or any(at > done for at in proved):
            continue
        broken = [(at, one) for one in exceeding if (at := _broken_at(one, done, wait, days)) is not None]
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


def _exceedances(history: History) -> Iterator[_Exceeding]:
    """Yield each time that a sensor was beyond a limit, as the log tells it."""
    running: dict[int, SensorExceeded] = {}
    for event in history.events:
        match event.fact:
            case SensorExceeded() as fact:
                running.setdefault(fact.episode, fact)
            case SensorRecovered() as fact if fact.episode in running:
                yield _Exceeding(running.pop(fact.episode), fact.ended_at)
            case _:
                pass
    for fact in running.values():
        yield _Exceeding(fact, None)


def _broken_at(one: _Exceeding, done: datetime, wait: timedelta, days: timedelta) -> datetime | None:
    """Return when a report of work done turned out to be wrong, None if it does not by this exceedance."""
    if one.fact.began_at > done:
        return one.fact.began_at if one.fact.began_at <= done + days else None
    if one.until is not None and one.until <= done + wait:
        return None
    return done + wait


def _moment(broken: tuple[datetime, _Exceeding]) -> datetime:
    return broken[0]
