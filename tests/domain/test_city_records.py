"""The master data's records: look-ups by key, and who leads a kind in a place."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from domain.city import (
    Area,
    Body,
    BodyKind,
    Category,
    CategoryClass,
    Channel,
    City,
    FastLane,
    Person,
    Township,
)
from domain.people import Role

ZONE = ZoneInfo("Asia/Shanghai")


def _city() -> City:
    fumes = Category("D01", "餐饮油烟", "D", "餐饮油烟与异味", "market", ("own", "ecology"), local=True)
    noise = Category("C12", "夜间噪声", "C", "噪声", "housing", fast_lane=FastLane(1, date(2026, 3, 1)))
    return City(
        name="某市",
        title="某市综合监管",
        bodies=(
            Body("own", "本区", "本区", BodyKind.RESPONSIBLE),
            Body("platform", "平台办公室", "平台办", BodyKind.PLATFORM),
        ),
        areas=(
            Area("1", "本区", "本", 1.0, 2.0, (Township("某镇", "1", 1.0, 2.0),), "own"),
            Area("2", "邻县", "邻", 3.0, 4.0, ()),
        ),
        classes=(CategoryClass("C", "噪声"), CategoryClass("D", "餐饮油烟与异味")),
        categories=(fumes, noise),
        people=(Person("甲", Role.HANDLER, "", "own"), Person("乙", Role.LEADER)),
        channels=(Channel("12345", "12345", "热线", 60),),
    )


def test_look_ups_by_key_find_it_or_nothing() -> None:
    city = _city()
    assert city.body("own") is city.bodies[0]
    assert city.area("2") is city.areas[1]
    assert city.category("C12") is city.categories[1]
    assert city.channel("12345") is city.channels[0]
    for find in (city.body, city.area, city.category, city.channel):
        assert find("nothing") is None
        assert find(None) is None
    assert [body.key for body in city.responsible] == ["own"]


def test_staff_of_a_role_and_of_a_body() -> None:
    city = _city()
    assert [person.name for person in city.staff(Role.HANDLER)] == ["甲"]
    assert city.staff(Role.HANDLER, "platform") == ()
    assert city.staff(Role.LEADER)[0].actor.body is None


def test_a_local_kind_is_led_by_the_county_that_is_a_body() -> None:
    city = _city()
    fumes, noise = city.categories
    assert city.lead_for(fumes, "1") == ("own", ("market", "ecology"))
    assert city.lead_for(fumes, "2") == ("market", ("own", "ecology"))
    assert city.lead_for(fumes, None) == ("market", ("own", "ecology"))
    assert city.lead_for(noise, "1") == ("housing", ())


def test_a_dispatch_cites_the_line_of_the_list() -> None:
    fumes, noise = _city().categories
    assert (fumes.rule, noise.rule) == ("责任清单 4.1", "责任清单 3.12")


@given(st.integers(-100 * 86_400, 100 * 86_400))
def test_a_fast_lane_begins_at_midnight_of_the_citys_day(seconds: int) -> None:
    begins = datetime(2026, 3, 1, tzinfo=ZONE)
    moment = begins.astimezone(UTC) + timedelta(seconds=seconds)
    noise = _city().categories[1]
    assert noise.is_fast_lane(moment, ZONE) == (seconds >= 0)
    assert not _city().categories[0].is_fast_lane(moment, ZONE)
