"""Every rule of the shipped policy: a history that trips it, and one next to it that does not (T04)."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from domain.case_events import RecordAdded, RecordKind
from domain.events import (
    Arrived,
    Dispatched,
    Event,
    FedBack,
    Filed,
    Penalised,
    PostChecked,
    Received,
    Rectified,
    ReturnedAsWrong,
    Revisited,
    SensorExceeded,
    SensorRecovered,
    SensorVerified,
    Signed,
)
from domain.nodes import Node
from domain.people import Actor, Role
from domain.urgency import Urgency
from domain.wrong.judge import PREDICATES
from domain.wrong.rule import Predicate
from domain.wrong.surroundings import EvidenceUse, LaterComplaint, LikePicture, Surroundings
from tests.domain.city import DUTY, ECOLOGY, HOUSING
from tests.domain.wrong.lives import (
    CONSTRUCTION,
    OTHER_PHOTO,
    PHOTO,
    ROBOT,
    SHIPPED,
    START,
    WATCHED,
    Step,
    judged,
    life,
)

LAW = Rectified("查处", violation=True, evidence=(OTHER_PHOTO,))
FILED, PENALISED = (
    (26.0, HOUSING, Filed("徐立〔2026〕41 号")),
    (27.0, HOUSING, Penalised("徐罚〔2026〕9 号", 2000)),
)
STILL_OPEN = dict.fromkeys(("rectified", "fed_back", "revisited", "post_checked", "closed"))
CRITICAL = (0.0, ROBOT, Received("12345", "夜间施工噪声", urgency=Urgency.CRITICAL, category="C12"))


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


CLOSED_AT = START + hours(32)


def used(at: float) -> Surroundings:
    return Surroundings(uses=(EvidenceUse(OTHER_PHOTO, "XZ-1", START + hours(at)),))


def alike(bits: int) -> Surroundings:
    return Surroundings(alike=(LikePicture(OTHER_PHOTO, "c" * 64, "XZ-2", START, bits),))


def again(days: float, metres: float) -> Surroundings:
    return Surroundings(later=(LaterComplaint("XZ-3", CLOSED_AT + timedelta(days=days), metres),))


def sensed_again(days: float) -> Surroundings:
    later = LaterComplaint("JC-2", CLOSED_AT + timedelta(days=days), 0.0, "一号工地 PM10")
    return Surroundings(later=(later,))


SENSOR = Actor(Role.SYSTEM, "系统")


def exceeded(hours: float, episode: int = 1) -> Step:
    """A sensor is beyond its limit so many hours after the start."""
    at = START + timedelta(hours=hours)
    fact = SensorExceeded(episode, "dust-01", "a34002", 310.0, 150.0, "µg/m³", at, name="一号工地")
    return (hours, SENSOR, fact)


def recovered(hours: float, episode: int = 1, *, lost: bool = False) -> Step:
    fact = SensorRecovered(episode, "dust-01", "a34002", 310.0, 5, START + timedelta(hours=hours), lost=lost)
    return (hours + 0.01, SENSOR, fact)


def verified(
    hours: float, *, passed: bool = True, done: float = 5, station: str = "dust-01", factor: str = "a34002"
) -> Step:
    at, until = START + timedelta(hours=done), START + timedelta(hours=hours)
    fact = SensorVerified(station, factor, at, until, 1440, 1430, 0, passed)
    return (hours, SENSOR, fact)


@dataclass(frozen=True)
class Pair:
    """A life that breaks a rule at a node, charged to a body; one that is next to it; what the facts say."""

    rule: str
    node: Node
    body: str | None
    trips: tuple[Event, ...]
    spares: tuple[Event, ...]
    said: str
    around: Surroundings = field(default_factory=Surroundings)
    calm: Surroundings = field(default_factory=Surroundings)
    until: float | None = None


BLIND = {"arrived": (1.5, HOUSING, Arrived(40.0)), "rectified": (5.0, HOUSING, Rectified("停止夜间施工"))}
LATE_BLIND = {"arrived": (1.5, HOUSING, Arrived(40.0)), "rectified": (11.5, HOUSING, Rectified("停工"))}
SHOWN_LATER = (9.0, HOUSING, RecordAdded(RecordKind.SPOT_CHECK, "补充现场影像", evidence=(PHOTO,)))
BACK = ReturnedAsWrong("不属本部门职责")


def push(times: int) -> dict[str, tuple[float, object, object]]:
    """The ticket goes from body to body so many times before housing gets and keeps it."""
    bodies = [ECOLOGY, CONSTRUCTION, HOUSING]
    steps: dict[str, tuple[float, object, object]] = {"dispatched": (0.03, DUTY, Dispatched("ecology"))}
    for n in range(times):
        steps[f"back {n}"] = (0.05 + n * 0.1, bodies[n % 2], BACK)
        lead = bodies[(n + 1) % 2].body if n < times - 1 else "housing"
        steps[f"again {n}"] = (0.1 + n * 0.1, DUTY, Dispatched(lead))
    return steps | {"signed": (1.0, HOUSING, Signed())}


PAIRS = (
    Pair(
        "E01", Node.RECTIFY, "housing", life(**BLIND), life(**BLIND, later=SHOWN_LATER), "均未提交现场影像"
    ),
    Pair("E02", Node.CLOSE, "platform", life(**BLIND), life(), "没有任何现场影像"),
    Pair("E03", Node.RECTIFY, "housing", life(), life(), "用于工单 XZ-1", used(-1), used(7)),
    Pair("E04", Node.RECTIFY, "housing", life(), life(), "相差 10 位", alike(10), alike(11)),
    Pair(
        "E05", Node.ARRIVE, "housing",
        life(arrived=(1.5, HOUSING, Arrived(501.0, (PHOTO,)))),
        life(arrived=(1.5, HOUSING, Arrived(500.0, (PHOTO,)))),
        "距举报点 501 米",
    ),
    # Due 12 hours after it came in: 30 minutes before, and 1 h 06 min before.
    Pair(
        "E06", Node.RECTIFY, "housing",
        life(**LATE_BLIND),
        life(**(LATE_BLIND | {"rectified": (10.9, HOUSING, Rectified("停工"))})),
        "仅 30 分",
    ),
    Pair(
        "E07", Node.RECTIFY, "housing",
        life(rectified=(1.6, HOUSING, Rectified("停工", evidence=(OTHER_PHOTO,)))),
        life(rectified=(1.67, HOUSING, Rectified("停工", evidence=(OTHER_PHOTO,)))),
        "相隔 6 分",
    ),
    Pair("P01", Node.POST_CHECK, None, life(post_checked=None), life(), "后督查环节没有办理记录"),
    Pair(
        "P02", Node.PENALISE, "housing",
        life(rectified=(5, HOUSING, LAW), filed=FILED),
        life(rectified=(5, HOUSING, LAW), filed=FILED, penalised=PENALISED),
        "处罚环节没有办理记录",
    ),
    Pair(
        "P03", Node.RECTIFY, "housing",
        life(arrived=(5.5, HOUSING, Arrived(40.0, (PHOTO,)))),
        life(arrived=(5.0, HOUSING, Arrived(40.0, (PHOTO,)))),
        "此前没有到场的办理记录",
    ),
    Pair(
        "P04", Node.REVISIT, "platform",
        life(revisited=(4.9, DUTY, Revisited(True))),
        life(revisited=(5.1, DUTY, Revisited(True))),
        "此前没有整改的办理记录",
    ),
    Pair(
        "P05", Node.POST_CHECK, "housing",
        life(post_checked=(30, HOUSING, PostChecked(True))), life(), "应由另一主体核查",
    ),
    Pair(
        "P06", Node.PENALISE, "housing",
        life(rectified=(5, HOUSING, LAW), penalised=PENALISED),
        life(rectified=(5, HOUSING, LAW), filed=FILED, penalised=PENALISED),
        "没有立案记录",
    ),
    Pair(
        "P07", Node.FILE, "housing",
        life(rectified=(5, HOUSING, LAW), filed=(26.0, HOUSING, Filed(" ")), penalised=PENALISED),
        life(rectified=(5, HOUSING, LAW), filed=FILED, penalised=PENALISED),
        "没有文书编号",
    ),
    Pair(
        "P08", Node.FEED_BACK, "housing",
        life(fed_back=None),
        life(fed_back=(40, HOUSING, FedBack("电话"))),
        "没有向投诉人反馈",
    ),
    Pair("P09", Node.SIGN, "ecology", life(**push(3)), life(**push(2)), "移交 3 次，规则允许 2 次"),
    Pair("P10", Node.RECTIFY, "housing", life(), life(), "同类投诉 XZ-3", again(15, 100), again(15.1, 100)),
    Pair(
        "P10", Node.RECTIFY, "housing", life(), life(), "一号工地 PM10 再次超标（JC-2）",
        sensed_again(14.9), sensed_again(15.1),
    ),
    # Reported done after five hours: three hours later the sensor is still beyond its limit, or not any more.
    Pair(
        "P12", Node.RECTIFY, "housing",
        life(exceeded=exceeded(0.001), recovered=recovered(8)),
        life(exceeded=exceeded(0.001), recovered=recovered(6.9)),
        "一号工地 PM10 自",
    ),
    Pair(
        "P12", Node.RECTIFY, "housing",
        life(exceeded=exceeded(0.001), recovered=recovered(4), again=exceeded(28, 2)),
        life(exceeded=exceeded(0.001), recovered=recovered(4), again=exceeded(29.1, 2)),
        "再次超标 310 µg/m³（限 150），办结后 23 小时",
    ),
    # What the same sensor proves later ends it.
    Pair(
        "P12", Node.RECTIFY, "housing",
        life(exceeded=exceeded(0.001), verified=verified(31, passed=False)),
        life(exceeded=exceeded(0.001), verified=verified(31, passed=True)),
        "仍未恢复",
    ),
    Pair(
        "P11", Node.RECTIFY, "housing",
        life(received=CRITICAL, **STILL_OPEN),
        life(received=CRITICAL, watched=WATCHED, **STILL_OPEN),
        "未指定专人盯守",
        until=0.5,
    ),
)  # fmt: skip


@pytest.mark.parametrize("pair", PAIRS, ids=[pair.rule for pair in PAIRS])
def test_a_history_trips_its_rule_and_the_one_next_to_it_does_not(pair: Pair) -> None:
    found = [v for v in judged(pair.trips, pair.around, pair.until).violations if v.rule.id == pair.rule]
    assert [(v.place.node, v.place.round, v.place.body) for v in found] == [(pair.node, 1, pair.body)]
    assert any(pair.said in line for line in found[0].facts), found[0].facts
    spared = judged(pair.spares, pair.calm, pair.until).violations
    assert pair.rule not in {v.rule.id for v in spared}


def still_exceeded(**steps: Step) -> list[int]:
    """The rounds whose rectification the sensor says was none, in a life with these steps."""
    return [v.place.round for v in judged(life(**steps)).violations if v.rule.id == "P12"]


def test_only_the_same_sensor_proves_the_rectification_that_it_was_asked_about() -> None:
    """Y18, Q04: neither another station, nor another factor, nor the proof of a later round."""
    beyond = exceeded(0.001)
    assert still_exceeded(beyond=beyond, proof=verified(31)) == []
    assert still_exceeded(beyond=beyond, proof=verified(31, station="dust-02")) == [1]
    assert still_exceeded(beyond=beyond, proof=verified(31, factor="a34001")) == [1]
    second: dict[str, Step] = {
        "revisited": (8.0, DUTY, Revisited(False)),
        "again": (20.0, HOUSING, Arrived(30.0, ("c" * 64,))),
        "done": (22.0, HOUSING, Rectified("再次整改", evidence=("d" * 64,))),
        "told": (23.0, HOUSING, FedBack("电话")),
        "asked": (24.0, DUTY, Revisited(True)),
    }
    assert still_exceeded(beyond=beyond, ended=recovered(21), proof=verified(31, done=22), **second) == [1]


def test_a_sensor_that_is_unplugged_has_not_recovered() -> None:
    """Y18, Q04: until it says so itself, of whatever episode, or proves the rectification."""
    beyond, unplugged = exceeded(0.001), recovered(4, lost=True)
    assert still_exceeded(beyond=beyond, ended=unplugged) == [1]
    assert still_exceeded(beyond=beyond, ended=unplugged, proof=verified(31)) == []
    plugged_in = {"again": exceeded(4.5, 2), "calm": recovered(4.8, 2)}
    assert still_exceeded(beyond=beyond, ended=unplugged, **plugged_in) == []
    gone_on = {"again": exceeded(4.5), "calm": recovered(4.8)}
    assert still_exceeded(beyond=beyond, ended=unplugged, **gone_on) == []


def test_every_rule_and_every_predicate_has_a_pair() -> None:
    rules = {rule.id: rule for rule in SHIPPED.wrong}
    assert {pair.rule for pair in PAIRS} == set(rules)
    assert {rules[pair.rule].predicate for pair in PAIRS} == set(PREDICATES) == set(Predicate)


def test_a_life_in_order_breaks_no_rule() -> None:
    """B04, X12, T04: all of them at once."""
    assert judged(life()).violations == ()
    assert judged(life(rectified=(5, HOUSING, LAW), filed=FILED, penalised=PENALISED)).violations == ()
    second_round = life(
        revisited=(8, DUTY, Revisited(False)),
        again=(20, HOUSING, Arrived(30.0, ("c" * 64,))),
        done=(22, HOUSING, Rectified("再次整改", evidence=("d" * 64,))),
        told=(23, HOUSING, FedBack("电话")),
        asked=(24, DUTY, Revisited(True)),
    )
    assert judged(second_round).violations == ()


def test_who_assisted_does_not_verify_either() -> None:
    """X12, Y24: a body with a part of its own in the work is no other body."""
    helped = {
        "dispatched": (0.03, DUTY, Dispatched("housing", ("ecology",))),
        "helper signed": (0.05, ECOLOGY, Signed()),
        "helper arrived": (1.2, ECOLOGY, Arrived(20.0, ("c" * 64,))),
        "helper done": (3, ECOLOGY, Rectified("协同处置", evidence=("d" * 64,))),
    }
    assert [v.rule.id for v in judged(life(**helped)).violations] == ["P05"]
    checked = helped | {"post_checked": (30, CONSTRUCTION, PostChecked(True))}
    assert judged(life(**checked)).violations == ()


def test_nothing_is_broken_before_it_happened() -> None:
    """Judged at any minute, a rule knows nothing of what comes later."""
    blind = life(**BLIND)
    assert "E01" not in {v.rule.id for v in judged(blind, hours=4.9).violations}
    assert {v.rule.id for v in judged(blind, hours=5).violations} == {"E01"}


def test_time_alone_leaves_a_node_unwatched() -> None:
    """B02: half an hour after a critical one came in, and not before; the engine knows when to look."""
    open_one = tuple(event for event in life(received=CRITICAL) if event.at < START + hours(1))
    before = judged(open_one, hours=0.499)
    assert before.violations == ()
    assert before.next_at == START + hours(0.5)


def test_evidence_of_an_earlier_round_is_no_evidence_of_this_one() -> None:
    """Y18: the same photo in round 2, and none at all in round 2."""
    bounced = (8.0, DUTY, Revisited(False))
    reused = life(
        revisited=bounced,
        again=(20, HOUSING, Arrived(30.0, ("c" * 64,))),
        done=(22, HOUSING, Rectified("再次整改", evidence=(OTHER_PHOTO,))),
        told=(23, HOUSING, FedBack("电话")),
        asked=(24, DUTY, Revisited(True)),
    )
    (found,) = judged(reused).violations
    assert (found.rule.id, found.place.round) == ("E03", 2)
    blind = life(
        revisited=bounced,
        again=(20, HOUSING, Arrived(30.0)),
        done=(22, HOUSING, Rectified("再次整改")),
        told=(23, HOUSING, FedBack("电话")),
        asked=(24, DUTY, Revisited(True)),
    )
    assert {(v.rule.id, v.place.round) for v in judged(blind).violations} == {("E01", 2), ("E02", 2)}


def test_facts_never_name_a_complainant() -> None:
    """The rules see the ticket's events and numbers of others: there is no complainant in either."""
    for pair in PAIRS:
        for violation in judged(pair.trips, pair.around, pair.until).violations:
            assert violation.facts
            assert all(line and len(line) < 200 for line in violation.facts)
