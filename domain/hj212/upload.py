"""From a message to samples of a registered station (commands 2011, 2021, 2031, 2041, 2051, 2061, 2081)."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from domain.hj212.factors import Factors
from domain.hj212.message import Message
from domain.hj212.oddities import Oddity
from domain.stations import DataFlag, Measure, Sample, Span, Station

BEIJING = timedelta(hours=8)
"""All times of the protocol are Beijing time."""

_SPANS = {
    "2011": Span.REAL_TIME,
    "2021": Span.REAL_TIME,
    "2051": Span.MINUTE,
    "2061": Span.HOUR,
    "2031": Span.DAY,
    "2041": Span.DAY,
}
_SHORT_TIMES = {Span.HOUR: (10,), Span.DAY: (8, 10)}
"""Digits of a time that leave out only what a period of that length does not need."""
_RESTART = "2081"
_FLAGS = {flag.value: flag for flag in DataFlag}
_FLAGS_OF_2005 = {
    "P": DataFlag.FAULT,  # no power
    "0": DataFlag.CALIBRATION,
    "1": DataFlag.NORMAL,  # weather
    "2": DataFlag.FAULT,
    "3": DataFlag.NORMAL,
}
_WATER_SYSTEMS = ("21", "24", "26", "32", "33", "34", "52")
_Kind = tuple[str, tuple[str, ...], str, str]
"""What a kind of value adds to the factor's code, and the names of value, low and high on the wire."""

_PLAIN: _Kind = ("", ("Rtd", "Avg", "Data"), "Min", "Max")
_PLAIN_OF_PERIOD: _Kind = ("", ("Avg", "Data", "Rtd"), "Min", "Max")
_CONVERTED = ("-Zs", ("ZsRtd", "ZsAvg"), "ZsMin", "ZsMax")
_DAY = ("-Day", ("DayData",), "", "")
_NIGHT = ("-Night", ("NightData",), "", "")
_STATE = ("-RS", ("RS",), "", "")
_HOURS = ("-RT", ("RT",), "", "")
_OTHERS: tuple[_Kind, ...] = (_CONVERTED, _DAY, _NIGHT, _STATE, _HOURS)
_TOTAL = "Cou"
_FLAG = "Flag"
_SAMPLED = "SampleTime"
LARGEST = 1e15
"""Nothing that is measured is larger, in any unit; sums of what is stored must not overflow."""
_CONCENTRATIONS = ("g/m³", "g/m3", "g/L", "g/l")
"""Ends of units (mg/m³, µg/m³, ng/L …) in which nothing is below zero. Flows, levels and degrees may be."""
_VALUES = frozenset({"Rtd", "Avg", "Data", "Min", "Max", _TOTAL})
_WITHOUT_VALUE = frozenset({_FLAG, "Min", "Max", _TOTAL})
"""What makes a sample of a factor that says no value."""

_KINDS = frozenset(
    {*_VALUES, _FLAG, _SAMPLED, *(name for kind in _OTHERS for name in (*kind[1], *kind[2:]) if name)}
)
_SLIPS = {"td": "Rtd"} | {kind.casefold(): kind for kind in _KINDS}
_NAMED_BY_TIME = {"Ld": "DayData", "Ln": "NightData"}


@dataclass(frozen=True, slots=True)
class Upload:
    """What a message brought for its station.

    `samples` has the factors that the station is registered with, in its own units; `strangers` the codes
    that it is not. `restarted_at` is of command 2081. All times are UTC, and the device's: a wrong clock's
    are as wrong.
    """

    samples: tuple[Sample, ...]
    strangers: tuple[str, ...] = ()
    restarted_at: datetime | None = None
    oddities: tuple[Oddity, ...] = ()


def brings_values(message: Message) -> bool:
    """Whether a message is one that brings values, whatever they are."""
    return message.cn in _SPANS and bool(message.groups)


def read_upload(message: Message, station: Station, factors: Factors) -> Upload:
    """Return what a message says about a station; empty for commands that bring no values. Never raises.

    A sample's moment is `DataTime`, or the factor's own `SampleTime` where it has an earlier one: an analyser
    that measures every two hours does not measure anew each minute. A factor without a flag is normal.
    One that is said to be normal and cannot be, for it is no number or a concentration below zero, is D.

    Factors beside the plain code, where a station is registered with them: `a34013-Zs` the value converted to
    the reference oxygen content, `SB1-RS` a facility's state (2021), `SB1-RT` its hours of running a day
    (2041), `Leq-Day` and `Leq-Night` a day's (2031). Day and night levels named Ld and Ln stay Ld and Ln.
    `total` (Cou) is an amount with a unit of its own and is kept as it came.
    """
    if message.cn == _RESTART:
        restarted_at = read_time(message.value("RestartTime") or "")
        return Upload((), (), restarted_at, () if restarted_at else (Oddity.BAD_DATA_TIME,))
    span = _SPANS.get(message.cn)
    if span is None or not message.groups:
        return Upload(())
    said = message.value("DataTime") or ""
    short = len(said) in _SHORT_TIMES.get(span, ())
    at = read_time(said.ljust(12, "0") if short else said)
    if at is None:
        return Upload((), oddities=(Oddity.BAD_DATA_TIME,))
    reading = _Reading(message, station, factors, span, at)
    return reading.upload(*(Oddity.SHORT_DATA_TIME,) if short else ())


class _Reading:
    """One message while it is read."""

    def __init__(
        self, message: Message, station: Station, factors: Factors, span: Span, at: datetime
    ) -> None:
        self._message = message
        self._station = station.number
        self._measures = {measure.factor: measure for measure in station.measures}
        # Few stations are registered with more than plain codes.
        self._others = _OTHERS if any("-" in factor for factor in self._measures) else ()
        self._factors = factors
        self._span = span
        self._at = at
        self._oddities: dict[Oddity, None] = {}

    def upload(self, *oddities: Oddity) -> Upload:
        self._oddities.update(dict.fromkeys(oddities))
        samples: list[Sample] = []
        strangers: list[str] = []
        for code, said in self._by_factor().items():
            samples += self._samples(code, said)
            if code not in self._measures and not _VALUES.isdisjoint(said):
                strangers.append(code)
        return Upload(tuple(samples), tuple(strangers), None, tuple(self._oddities))

    def _by_factor(self) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for group in self._message.groups:
            for name, value in group:
                code, dash, kind = name.rpartition("-")
                if not dash:
                    continue
                if kind not in _KINDS and (meant := _SLIPS.get(kind.casefold())):
                    kind = meant
                    self._note(Oddity.NAME_OF_VALUE)
                if code not in self._measures:
                    code = self._code(code)
                found.setdefault(code, {})[kind] = value
        return found

    def _code(self, code: str) -> str:
        """Return a code of 2017 for one that the station is not registered with as it stands."""
        factors = self._factors
        if factors.find(code):
            return code
        if known := factors.code_of_2005(code):
            self._note(Oddity.CODE_OF_2005)
            return known
        letter = "w" if self._message.st in _WATER_SYSTEMS else "a"
        if known := factors.with_digits(code, letter):
            self._note(Oddity.CODE_WITHOUT_LETTER)
            return known
        if known := factors.in_right_case(code):
            self._note(Oddity.CODE_CASE)
            return known
        return code

    def _samples(self, code: str, said: dict[str, str]) -> Iterator[Sample]:
        if measure := self._measures.get(code):
            plain = _PLAIN if self._span is Span.REAL_TIME else _PLAIN_OF_PERIOD
            if by_time := _NAMED_BY_TIME.get(code):
                plain = ("", (by_time, *plain[1]), "Min", "Max")
            yield from self._sample(measure, plain, said)
        for kind in self._others:
            if measure := self._measures.get(code + kind[0]):
                yield from self._sample(measure, kind, said)

    def _sample(self, measure: Measure, kind: _Kind, said: dict[str, str]) -> Iterator[Sample]:
        suffix, names, low, high = kind
        name = next((name for name in names if name in said), None)
        if name is None and (suffix or said.keys().isdisjoint(_WITHOUT_VALUE)):
            return
        value = self._number(said, name, measure.factor_to_unit)
        yield Sample(
            self._station,
            measure.factor,
            self._span,
            self._moment(said),
            value,
            self._doubted(self._flag(said), value, measure, is_said=name is not None),
            self._number(said, low, measure.factor_to_unit),
            self._number(said, high, measure.factor_to_unit),
            None if suffix else self._number(said, _TOTAL, 1.0),
        )

    def _moment(self, said: dict[str, str]) -> datetime:
        if self._span is Span.REAL_TIME and _SAMPLED in said:
            sampled = read_time(said[_SAMPLED])
            if sampled is None:
                self._note(Oddity.BAD_DATA_TIME)
            elif sampled < self._at:
                return sampled
        return self._at

    def _number(self, said: dict[str, str], name: str | None, factor: float) -> float | None:
        text = said.get(name) if name else None
        if text is None:
            return None
        try:
            number = float(text) * factor
        except ValueError:
            number = math.nan
        if not abs(number) <= LARGEST or "_" in text or not text.isascii():
            self._note(Oddity.BAD_VALUE)
            return None
        return number

    def _flag(self, said: dict[str, str]) -> DataFlag:
        text = said.get(_FLAG)
        if text is None:
            return DataFlag.NORMAL
        flag = _FLAGS.get(text) or _FLAGS.get(text.upper())
        if flag is not None:
            return flag
        flag = _FLAGS_OF_2005.get(text.upper())
        self._note(Oddity.UNKNOWN_DATA_FLAG if flag is None else Oddity.DATA_FLAG_OF_2005)
        return flag or DataFlag.FAULT

    def _doubted(self, flag: DataFlag, value: float | None, measure: Measure, *, is_said: bool) -> DataFlag:
        """Return D for a value that is said to be normal and cannot be: no number, or less than nothing."""
        if flag is not DataFlag.NORMAL or not is_said:
            return flag
        if value is not None and value < 0 and measure.unit.endswith(_CONCENTRATIONS):
            self._note(Oddity.NEGATIVE_VALUE)
            return DataFlag.FAULT
        return DataFlag.FAULT if value is None else flag

    def _note(self, oddity: Oddity) -> None:
        self._oddities[oddity] = None


def read_time(text: str) -> datetime | None:
    """Return the UTC moment of YYYYMMDDhhmm[ss[zzz]], Beijing time; None for what is none since 1990."""
    if len(text) not in (12, 14, 17) or not (text.isascii() and text.isdigit()) or text < "1990":
        return None
    try:
        local = datetime(
            int(text[:4]),
            int(text[4:6]),
            int(text[6:8]),
            int(text[8:10]),
            int(text[10:12]),
            int(text[12:14] or 0),
            1000 * int(text[14:] or 0),
            tzinfo=UTC,
        )
    except ValueError:
        return None
    return local - BEIJING
