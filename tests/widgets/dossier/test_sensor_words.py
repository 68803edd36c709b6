"""What sensors do to a ticket, in the words of its log (X14, Q04)."""

from dataclasses import replace
from datetime import UTC, datetime

from domain.events import Fact, SensorExceeded, SensorRecovered, SensorVerified
from domain.stations import Span
from widgets.dossier.log_text import fact_text, kind_text

AT = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)


def words(fact: Fact) -> str:
    return f"{kind_text(fact)}：{fact_text(fact, {}, {})}"


def test_sensors_facts_are_lines_of_the_log() -> None:
    exceeded = SensorExceeded(
        7, "dust-01", "a34002", 310.5, 150.0, "µg/m³", AT, "DB13/2934-2019", name="一号工地"
    )
    assert words(exceeded) == (
        "监测超标：一号工地 PM10 310.5，限 150 µg/m³，自 2026-11-20 09:00:00，限值出处：DB13/2934-2019"
    )
    for span, minutes, said in (
        (Span.HOUR, None, "PM10 小时值 310.5"),
        (Span.MINUTE, 5, "PM10 5 分钟均值 310.5"),
        (Span.MINUTE, None, "PM10 分钟值 310.5"),
    ):
        assert f"一号工地 {said}，限 150" in words(replace(exceeded, span=span, minutes=minutes))
    recovered = SensorRecovered(7, "dust-01", "a34002", 310.5, 12, AT)
    assert words(recovered) == (
        "超标结束：dust-01 PM10 已恢复，超标 12 次，最不利值 310.5，恢复于 2026-11-20 09:00:00"
    )
    assert words(replace(recovered, lost=True)) == (
        "超标结束：dust-01 PM10 数据中断，是否恢复不明，此前超标 12 次，最不利值 310.5，"
        "最后超标于 2026-11-20 09:00:00"
    )
    verified = SensorVerified("dust-01", "a34002", AT, AT, 96, 90, 0, passed=True, name="一号工地")
    assert words(verified) == (
        "监测核验：同一监测点核验通过，一号工地 PM10 整改后至 2026-11-20 09:00:00，有效 90/96 个，超标 0 个"
    )
