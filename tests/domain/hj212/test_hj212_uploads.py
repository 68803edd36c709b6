"""X14, T25: from messages to samples, with the flags, codes and slips that are seen."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.exceedance import Value, judge, limits_of
from domain.hj212 import (
    Oddity,
    Unframer,
    Upload,
    read_message,
    read_upload,
    write_time,
    write_upload,
)
from domain.hj212.upload import LARGEST, read_time
from domain.sensor_rules import SensorRule
from domain.stations import DataFlag, Limit, Measure, Sample, Span, Station, StationKind
from tests.domain.hj212.stations import FACTORS, MN, NOW, segment, station

AT = datetime(2026, 11, 21, 0, 0, tzinfo=UTC)
TIME = "DataTime=20261121080000"
WATER = station("w01018", "w21003")


def read(cp: str, cn: str = "2011", of: Station = WATER, st: str = "32") -> Upload:
    return read_upload(read_message(segment(cp, cn, st)), of, FACTORS)


def only(upload: Upload) -> Sample:
    (sample,) = upload.samples
    return sample


def test_real_time() -> None:
    found = read(f"{TIME};w01018-Rtd=2.2,w01018-Flag=T;w21003-Rtd=0.1,w21003-Flag=N;w21011-Rtd=3")
    assert found == Upload(
        (
            Sample(7, "w01018", Span.REAL_TIME, AT, 2.2, DataFlag.ABOVE_RANGE),
            Sample(7, "w21003", Span.REAL_TIME, AT, 0.1, DataFlag.NORMAL),
        ),
        ("w21011",),
    )


@pytest.mark.parametrize(("cn", "span"), [("2051", Span.MINUTE), ("2061", Span.HOUR), ("2031", Span.DAY)])
def test_a_period_begins_at_its_time_and_its_amount_keeps_its_unit(cn: str, span: Span) -> None:
    cp = f"{TIME};w01018-Cou=63.0,w01018-Min=40.1,w01018-Avg=55.2,w01018-Max=71.3,w01018-Flag=N"
    sample = only(read(cp, cn, station("w01018", times=1000.0)))
    assert sample == Sample(7, "w01018", span, AT, 55200.0, DataFlag.NORMAL, 40100.0, 71300.0, 63.0)


def test_noise() -> None:
    noise = station("LA", "L10", "Leq", "Leq-Day", "Leq-Night", "Ld", "Ln", kind=StationKind.NOISE)
    assert only(read(f"{TIME}; LA-Rtd=50.1", of=noise, st="23")).value == 50.1
    assert only(read(f"{TIME};L10-Data=53.0", "2061", noise, "23")).value == 53.0
    cp = f"{TIME};Leq-Data=51;Leq-DayData=52;Leq-NightData=44;Ld-DayData=52.5;Ln-NightData=41.5"
    found = {sample.factor: sample.value for sample in read(cp, "2031", noise, "23").samples}
    assert found == {"Leq": 51, "Leq-Day": 52, "Leq-Night": 44, "Ld": 52.5, "Ln": 41.5}


def test_converted_values_and_facilities() -> None:
    stack = station("a34013-Zs", "SB1-RS", "SB1-RT", kind=StationKind.STACK)
    cp = f"{TIME};a34013-Avg=9,a34013-ZsAvg=12,a34013-ZsMin=11,a34013-ZsMax=13,a34013-Flag=M"
    found = read(cp, "2061", stack, "31")
    assert only(found) == Sample(7, "a34013-Zs", Span.HOUR, AT, 12, DataFlag.MAINTENANCE, 11, 13)
    assert found.strangers == ("a34013",)
    assert only(read(f"{TIME};SB1-RS=1;SB2-RS=0", "2021", stack)) == Sample(
        7, "SB1-RS", Span.REAL_TIME, AT, 1
    )
    assert only(read(f"{TIME};SB1-RT=1.1", "2041", stack)) == Sample(7, "SB1-RT", Span.DAY, AT, 1.1)


@pytest.mark.parametrize(
    ("plain", "converted", "beyond"), [(30, 62, ["a21026-Zs"]), (62, 30, ["a21026"]), (30, 30, [])]
)
def test_each_limit_judges_the_value_that_it_is_for(
    plain: float, converted: float, beyond: list[str]
) -> None:
    """X14: 35 mg/m³ at 6 % of oxygen is a limit of ZsAvg, one as measured of Avg; one flag holds for both."""
    stack = station("a21026", "a21026-Zs", kind=StationKind.STACK)
    limits = [
        Limit(factor, factor, Span.HOUR, 35.0, date(2020, 1, 1), "示例", kind=StationKind.STACK)
        for factor in ("a21026", "a21026-Zs")
    ]
    for flag in "N", "D":
        cp = f"{TIME};a21026-Avg={plain},a21026-ZsAvg={converted},a21026-Flag={flag}"
        found = [
            run.limit
            for sample in read(cp, "2061", stack, "31").samples
            for run in judge(
                [Value(sample.at, sample.value, sample.flag)],
                limits_of(stack, sample.factor, sample.span, limits),
                SensorRule(),
                sample.span,
                UTC,
                sample.at,
            )
        ]
        assert found == (beyond if flag == "N" else [])


def test_a_restart_and_what_brings_no_values() -> None:
    restarted = read(f"{TIME};RestartTime=20261121075500", "2081")
    assert restarted.restarted_at == AT - timedelta(minutes=5)
    assert read("DataTime=x;RestartTime=x", "2081").oddities == (Oddity.BAD_DATA_TIME,)
    assert read("PolId=w01018", "1013") == Upload(())
    assert read("", "2011") == Upload(())
    assert read(f"{TIME};PolId=w01018;w01018-SN=1", "3019") == Upload(())


def test_a_sample_has_the_time_of_its_sampling() -> None:
    cp = f"{TIME};w01018-SampleTime={{}},w01018-Rtd=2.2"
    assert only(read(cp.format("20261121060000"))).at == AT - timedelta(hours=2)
    assert only(read(cp.format("20261121090000"))).at == AT, "not later than the message"
    odd = read(cp.format("-"))
    assert (only(odd).at, odd.oddities) == (AT, (Oddity.BAD_DATA_TIME,))


@pytest.mark.parametrize(
    "time", ["", "2026", "20261321000000", "00000000000000", "2026112108000x", "２０２６１１２１０８００００"]
)
def test_without_a_time_nothing_is_kept(time: str) -> None:
    assert read(f"DataTime={time};w01018-Rtd=1") == Upload((), oddities=(Oddity.BAD_DATA_TIME,))


def test_times_with_fewer_and_more_digits() -> None:
    assert read_time("202611210800") == AT
    assert read_time("20261121080000123") == AT + timedelta(milliseconds=123)
    assert read_time("99991231235959") == datetime(9999, 12, 31, 15, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cn", "time", "at"),
    [
        ("2061", "2026112108", AT),
        ("2031", "2026112108", AT),
        ("2031", "20261121", AT - timedelta(hours=8)),
        ("2041", "20261121", AT - timedelta(hours=8)),
        ("2061", "20261121", None),
        ("2051", "2026112108", None),
        ("2011", "2026112108", None),
        ("2031", "202611", None),
    ],
)
def test_an_hour_or_a_day_may_be_named_without_what_is_finer(cn: str, time: str, at: datetime | None) -> None:
    """X14: a device that writes no minutes of an hour is understood; a minute cannot be guessed."""
    found = read(f"DataTime={time};w01018-Avg=1", cn)
    if at is None:
        assert found == Upload((), oddities=(Oddity.BAD_DATA_TIME,))
    else:
        assert (only(found).at, found.oddities) == (at, (Oddity.SHORT_DATA_TIME,))


@pytest.mark.parametrize("value", ["1e308", "-1e16", "9" * 40])
def test_a_number_that_nothing_measures_is_none(value: str) -> None:
    """X14: sums of it would overflow for ever."""
    found = read(f"{TIME};w01018-Rtd={value}")
    assert (only(found).value, found.oddities) == (None, (Oddity.BAD_VALUE,))


@pytest.mark.parametrize(
    ("code", "factor", "system", "oddity"),
    [
        ("011", "w01018", "32", Oddity.CODE_OF_2005),
        ("060", "w21003", "32", Oddity.CODE_OF_2005),
        ("01", "a34013", "31", Oddity.CODE_OF_2005),
        ("S01", "a19001", "31", Oddity.CODE_OF_2005),
        ("01018", "w01018", "32", Oddity.CODE_WITHOUT_LETTER),
        ("21017", "w21017", "32", Oddity.CODE_WITHOUT_LETTER),
        ("21017", "a21017", "31", Oddity.CODE_WITHOUT_LETTER),
        ("W01018", "w01018", "32", Oddity.CODE_CASE),
        ("leq", "Leq", "23", Oddity.CODE_CASE),
    ],
)
def test_codes_that_are_not_of_2017(code: str, factor: str, system: str, oddity: Oddity) -> None:
    found = read(f"{TIME};{code}-Rtd=2.5,{code}-Flag=N", of=station(factor), st=system)
    assert (only(found).factor, only(found).value, found.oddities) == (factor, 2.5, (oddity,))


def test_a_code_that_the_station_is_registered_with_stays() -> None:
    found = read(f"{TIME};011-Rtd=2.5", of=station("011"))
    assert (only(found).factor, found.oddities) == ("011", ())


def test_the_standards_own_slip_in_the_middle_of_a_factor() -> None:
    """Annex C: `w01018-SampleTime=…,01018-Rtd=2.2,w01018-Flag=N,w01018-EFlag=A01`."""
    found = read(f"{TIME};w01018-SampleTime=20261121070000,01018-Rtd=2.2,w01018-Flag=D,w01018-EFlag=A01")
    assert only(found) == Sample(7, "w01018", Span.REAL_TIME, AT - timedelta(hours=1), 2.2, DataFlag.FAULT)
    assert found.oddities == (Oddity.CODE_WITHOUT_LETTER,)


@pytest.mark.parametrize("name", ["td", "RTD", "rtd"])
def test_slips_in_the_name_of_a_value(name: str) -> None:
    """`LA-td` stands in two public packets of different makers."""
    found = read(f"{TIME};LA-{name}=50.1,LA-flag=D", of=station("LA"), st="22")
    assert (only(found).value, only(found).flag) == (50.1, DataFlag.FAULT)
    assert found.oddities == (Oddity.NAME_OF_VALUE,)


@pytest.mark.parametrize(
    ("text", "flag", "oddities"),
    [
        *((flag.value, flag, ()) for flag in DataFlag),
        ("n", DataFlag.NORMAL, ()),
        ("P", DataFlag.FAULT, (Oddity.DATA_FLAG_OF_2005,)),
        ("0", DataFlag.CALIBRATION, (Oddity.DATA_FLAG_OF_2005,)),
        ("3", DataFlag.NORMAL, (Oddity.DATA_FLAG_OF_2005,)),
        ("Z", DataFlag.FAULT, (Oddity.UNKNOWN_DATA_FLAG,)),
        ("", DataFlag.FAULT, (Oddity.UNKNOWN_DATA_FLAG,)),
    ],
)
def test_data_flags(text: str, flag: DataFlag, oddities: tuple[Oddity, ...]) -> None:
    """Only N judges, so what is not known must never become N."""
    found = read(f"{TIME};w01018-Rtd=1,w01018-Flag={text}")
    assert (only(found).flag, found.oddities) == (flag, oddities)


@pytest.mark.parametrize("text", ["", "-", "nan", "inf", "1e999", "1_0", "<0.1", "３", "0x10"])
def test_what_is_no_number_is_no_value(text: str) -> None:
    found = read(f"{TIME};w01018-Rtd={text},w01018-Flag=N")
    assert (only(found).value, found.oddities) == (None, (Oddity.BAD_VALUE,))
    assert only(found).flag is DataFlag.FAULT, "else no device item is opened"
    assert only(read(f"{TIME};w01018-Rtd={text},w01018-Flag=C")).flag is DataFlag.CALIBRATION


@pytest.mark.parametrize(
    ("unit", "value", "flag"),
    [
        ("µg/m³", "-55", DataFlag.FAULT),
        ("mg/m3", "-0.01", DataFlag.FAULT),
        ("mg/L", "-1", DataFlag.FAULT),
        ("mg/L", "-0.0", DataFlag.NORMAL),
        ("℃", "-8", DataFlag.NORMAL),
        ("dB", "-1", DataFlag.NORMAL),
        ("°", "-1", DataFlag.NORMAL),
        ("m³/s", "-2", DataFlag.NORMAL),
    ],
)
def test_a_concentration_below_zero_is_doubted(unit: str, value: str, flag: DataFlag) -> None:
    """X14, T25: what is said to be normal and cannot be is kept, and judges nothing."""
    of = replace(WATER, measures=(Measure("w01018", unit),))
    found = read(f"{TIME};w01018-Rtd={value}", of=of)
    assert (only(found).value, only(found).flag) == (float(value), flag)
    assert found.oddities == ((Oddity.NEGATIVE_VALUE,) if flag is DataFlag.FAULT else ())
    assert only(read(f"{TIME};w01018-Rtd={value},w01018-Flag=C", of=of)).flag is DataFlag.CALIBRATION


def test_a_flag_alone_is_a_sample_without_a_value() -> None:
    """A device that only says that it is out of order has spoken."""
    assert only(read(f"{TIME};w01018-Flag=D")) == Sample(
        7, "w01018", Span.REAL_TIME, AT, None, DataFlag.FAULT
    )
    assert read(f"{TIME};w01018-EFlag=A01").samples == ()
    (bounds,) = read(f"{TIME};w01018-Min=1,w01018-Max=2", "2061").samples
    assert (bounds.value, bounds.low, bounds.high) == (None, 1, 2)


NUMBERS = st.none() | st.floats(-LARGEST, LARGEST)
KINDS = {
    StationKind.DUST: ("a34001", "a34002", "LA", "a01007"),
    StationKind.WATER: ("w01018", "w21003"),
    StationKind.STACK: ("a34013", "a34013-Zs", "a19001"),
    StationKind.NOISE: ("LA", "Leq", "Ld", "Ln"),
    StationKind.AIR: tuple(f"a{number:05}" for number in range(21001, 21060)),
}


@given(st.data(), st.sampled_from(StationKind), st.sampled_from(Span), st.sampled_from([1, 4, 5, 9]))
def test_what_is_written_is_read(data: st.DataObject, kind: StationKind, span: Span, flag: int) -> None:
    samples = []
    for factor in data.draw(st.lists(st.sampled_from(KINDS[kind]), min_size=1, unique=True)):
        has_flag = "-" not in factor or factor.partition("-")[0] not in {one.factor for one in samples}
        said = data.draw(st.sampled_from(DataFlag)) if has_flag else samples[-1].flag
        is_plain = span is not Span.REAL_TIME and not factor.startswith("L")
        samples.append(
            Sample(
                7,
                factor,
                span,
                AT,
                data.draw(NUMBERS),
                said,
                data.draw(NUMBERS) if is_plain else None,
                data.draw(NUMBERS) if is_plain else None,
                data.draw(NUMBERS) if is_plain and "-" not in factor else None,
            )
        )
    flags = {one.factor.partition("-")[0]: one.flag for one in reversed(samples)}
    expected = {
        one.factor: Sample(
            7,
            one.factor,
            span,
            AT,
            one.value,
            flags[one.factor.partition("-")[0]],
            one.low,
            one.high,
            one.total,
        )
        for one in samples
        if "-" not in one.factor or one.value is not None
    }
    sent = write_upload(kind, MN, "123456", span, AT, samples, sent_at=NOW, flag=flag)
    frames = Unframer().feed(sent)
    assert all(frame.ok and frame.oddities == () and frame.declared <= 1024 for frame in frames)
    messages = [read_message(frame.segment) for frame in frames]
    assert [(each.part, each.parts) for each in messages] == (
        [(number, len(frames)) for number in range(1, len(frames) + 1)] if len(frames) > 1 else [(None, None)]
    )
    assert len({each.qn for each in messages}) == len(messages)
    of = station(*KINDS[kind], kind=kind)
    found = [read_upload(each, of, FACTORS) for each in messages]
    assert all(each.oddities == () and each.strangers == () for each in found)
    assert {one.factor: one for each in found for one in each.samples} == expected


def test_a_long_upload_is_sent_in_parts() -> None:
    samples = [
        Sample(7, factor, Span.HOUR, AT, 1 / 3, low=0.1, high=0.9) for factor in KINDS[StationKind.AIR]
    ]
    frames = Unframer().feed(write_upload(StationKind.AIR, MN, "123456", Span.HOUR, AT, samples, sent_at=NOW))
    assert len(frames) > 2
    assert [read_message(frame.segment).flag for frame in frames] == [7] * len(frames)


def test_times_are_written_in_beijing_time() -> None:
    assert write_time(AT + timedelta(milliseconds=7), milliseconds=True) == "20261121080000007"


def test_the_table_of_factors() -> None:
    assert len(FACTORS) > 150
    assert FACTORS.code_of_2005("011") == "w01018"
    assert FACTORS.code_of_2005("999") is None
    factor = FACTORS.find("a34002")
    assert factor is not None
    assert "PM10" in factor.name
