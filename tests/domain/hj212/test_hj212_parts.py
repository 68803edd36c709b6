"""X14: sub-packets, whose QN differ (HJ 212-2017, tables C.49 and C.50)."""

from datetime import timedelta
from itertools import permutations

import pytest

from domain.hj212 import GivenUp, Joined, Joiner, Message, answer, read_message, read_upload
from domain.hj212.parts import MOST_WAITING
from tests.domain.hj212.stations import FACTORS, MN, NOW, segment, station

TIME = "DataTime=20261121080000"
STATION = station("w01018", "w21003", "w21011")
COD = "w01018-Avg=55.2,w01018-Flag=N"
NITROGEN = "w21003-Avg=1.4,w21003-Flag=D"
PHOSPHORUS = "w21011-Avg=0.2,w21011-Flag=N"


def part(number: int, of: int, cp: str, cn: str = "2061") -> Message:
    return read_message(
        segment(cp, cn, flag=f"Flag=7;PNUM={of};PNO={number};", qn=f"2026112109000000{number}")
    )


def values_of(joined: Joined | None) -> dict[str, tuple[float | None, str]]:
    assert joined is not None
    return {
        sample.factor: (sample.value, sample.flag.value)
        for sample in read_upload(joined.message, STATION, FACTORS).samples
    }


def test_a_whole_message_passes() -> None:
    message = read_message(segment(f"{TIME};{COD}", "2061"))
    assert Joiner().add(message, NOW) == Joined(message, (message,))


def test_parts_that_stand_alone_are_read_and_answered_at_once() -> None:
    joiner = Joiner()
    first, second = part(1, 2, f"{TIME};{COD}"), part(2, 2, f"{TIME};{NITROGEN}")
    joined = joiner.add(first, NOW)
    assert joined is not None
    assert joined.sources == (first,)
    assert values_of(joined) == {"w01018": (55.2, "N")}
    joined = joiner.add(second, NOW)
    assert joined is not None
    assert joined.sources == (second,)
    assert values_of(joined) == {"w21003": (1.4, "D")}
    for message, qn in ((first, b"1"), (second, b"2")):
        reply = answer(message)
        assert reply is not None
        assert b"QN=2026112109000000" + qn in reply
    assert (joiner._sets, joiner.take_given_up()) == ({}, ())


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_parts_without_a_time_wait_for_it(order: tuple[int, ...]) -> None:
    parts = [part(1, 3, f"{TIME};{COD}"), part(2, 3, NITROGEN), part(3, 3, PHOSPHORUS)]
    joiner = Joiner()
    found = [joiner.add(parts[place], NOW) for place in order]
    values = {key: value for joined in found if joined for key, value in values_of(joined).items()}
    assert values == {"w01018": (55.2, "N"), "w21003": (1.4, "D"), "w21011": (0.2, "N")}
    answered = [source.part for joined in found if joined for source in joined.sources]
    assert sorted(answered) == [1, 2, 3]
    assert joiner._sets == {}


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_factor_that_is_cut_in_two_keeps_its_flag(order: tuple[int, int]) -> None:
    """The value must not be stored as normal because its flag stands in the next part."""
    parts = [part(1, 2, f"{TIME};{COD};w21003-Avg=1.4"), part(2, 2, "w21003-Flag=D")]
    joiner = Joiner()
    assert joiner.add(parts[order[0]], NOW) is None
    joined = joiner.add(parts[order[1]], NOW)
    assert values_of(joined) == {"w01018": (55.2, "N"), "w21003": (1.4, "D")}
    assert joined is not None
    assert joined.sources == tuple(parts)


def test_a_last_part_without_flags_does_not_wait() -> None:
    joiner = Joiner()
    joiner.add(part(1, 2, f"{TIME};{COD}"), NOW)
    assert values_of(joiner.add(part(2, 2, "w21003-Avg=1.4"), NOW)) == {"w21003": (1.4, "N")}


def test_parts_sent_again_are_answered_again() -> None:
    joiner = Joiner()
    first = part(1, 2, f"{TIME};{COD}")
    assert joiner.add(first, NOW) == joiner.add(first, NOW)
    waiting = part(3, 3, PHOSPHORUS)
    assert joiner.add(waiting, NOW) is None
    assert joiner.add(waiting, NOW) is None
    assert joiner.take_given_up() == ()


def test_the_next_hour_is_another_set() -> None:
    joiner = Joiner()
    assert joiner.add(part(1, 2, f"{TIME};{COD};w21003-Avg=1.4"), NOW) is None
    later = joiner.add(part(1, 2, "DataTime=20261121090000;" + COD), NOW)
    assert values_of(later) == {"w01018": (55.2, "N")}
    assert joiner.take_given_up() == (GivenUp(MN, "2061", 2, 1, 1),)
    joined = joiner.add(part(2, 2, NITROGEN), NOW)
    assert joined is not None
    assert joined.message.value("DataTime") == "20261121090000"


def test_parts_that_only_wait_do_not_fill_the_memory() -> None:
    joiner = Joiner()
    for number in range(2, 1000):
        assert joiner.add(part(number, 9999, COD), NOW) is None
    assert sum(len(each.waiting) for each in joiner._sets.values()) <= MOST_WAITING
    assert len(joiner.take_given_up()) > 10


def test_sets_are_given_up_after_a_time_and_above_a_number() -> None:
    joiner = Joiner(most=2, patience=timedelta(seconds=60))
    assert joiner.add(part(2, 2, COD), NOW) is None
    late = NOW + timedelta(seconds=61)
    joined = joiner.add(part(1, 2, f"{TIME};{NITROGEN}"), late)
    assert values_of(joined) == {"w21003": (1.4, "D")}, "not with a part of an hour ago"
    assert joiner.take_given_up() == (GivenUp(MN, "2061", 2, 1, 1),)
    for cn in ("2011", "2051", "2031"):
        assert joiner.add(part(2, 2, COD, cn), late) is None
    assert len(joiner._sets) == 2
    # Of the first set a part had been read; of the second none.
    assert [(one.cn, one.came, one.unread) for one in joiner.take_given_up()] == [
        ("2061", 1, 0),
        ("2011", 1, 1),
    ]


def test_what_is_unfinished_at_the_end_is_given_up() -> None:
    joiner = Joiner()
    joiner.add(part(1, 3, f"{TIME};{COD}"), NOW)
    joiner.add(part(3, 3, PHOSPHORUS), NOW)
    joiner.finish()
    assert joiner.take_given_up() == (GivenUp(MN, "2061", 3, 2, 1),)
    assert joiner.take_given_up() == ()


def test_a_set_is_given_up_in_its_time_though_no_part_comes_any_more() -> None:
    joiner = Joiner()
    joiner.add(part(2, 2, COD), NOW)
    whole = read_message(segment(f"{TIME};{COD}", "2061"))
    assert joiner.add(whole, NOW + timedelta(seconds=61)) == Joined(whole, (whole,))
    assert [one.cn for one in joiner.take_given_up()] == ["2061"]
