"""What two sensors measure and three people complain of is one matter: proposed, merged, proved."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from sqlalchemy import select

from data_access import exceeding, schema
from data_access.readings import store_samples
from data_access.rules import load_rules
from data_access.stations import put_limits, put_stations
from data_access.store import Store
from data_access.verifying import verify_rectified
from domain import events as e
from domain.stations import Limit, Measure, Sample, Span, Station, StationKind
from tests.acceptance.procedure.hand import DUTY, HOUSING, Hand, WallClock
from tests.desktop.test_steps_in_window import facts, until
from tests.domain.city import at
from widgets.forms.merge_form import MergeForm

pytestmark = pytest.mark.slow

POINT: dict[str, Any] = {"lng": 117.2, "lat": 34.27, "category": "B01"}


class Sensors:
    """A dust sensor of the site, and a noise sensor 60 m away: what they measure is weighed."""

    def __init__(self, store: Store, clock: WallClock) -> None:
        self.store, self.clock = store, clock
        dust = Station(
            number=0,
            key="dust-01",
            name="一号工地",
            kind=StationKind.DUST,
            mn="MN1",
            measures=(Measure("a34002", "µg/m³"),),
            enterprise="示建一公司",
            body="housing",
            category="B01",
            area="320312",
            lng=117.2,
            lat=34.27,
        )
        noise = replace(
            dust,
            key="noise-01",
            name="荆山路",
            kind=StationKind.NOISE,
            mn="MN2",
            measures=(Measure("LA", "dB"),),
            enterprise="",
            category="C02",
            lat=34.2705,
        )
        since = date(2026, 1, 1)
        self.numbers = store.write(lambda c: put_stations(c, [dust, noise]))
        limits = [
            Limit("pm10", "a34002", Span.MINUTE, 150.0, since, "示例", kind=StationKind.DUST),
            Limit("la", "LA", Span.MINUTE, 70.0, since, "GB 12523", kind=StationKind.NOISE),
        ]
        store.write(lambda c: put_limits(c, limits))

    def measure(self, key: str, factor: str, first: str, *values: float, every: int = 1) -> None:
        """Values come in one after the other, so many minutes apart, and are weighed with the last."""
        number, begin = self.numbers[key], at(first)
        samples = [
            Sample(number, factor, Span.MINUTE, begin + timedelta(minutes=every * n), value)
            for n, value in enumerate(values)
        ]
        now = max(samples[-1].at, self.clock.now())
        self.store.write(lambda c: store_samples(c, samples, now))
        self.store.write(lambda c: exceeding.weigh(c, load_rules(c), now))

    def tickets(self) -> list[str]:
        episode = schema.episode.c
        query = select(episode.ticket).order_by(episode.number)
        return list(self.store.read(lambda c: c.execute(query).scalars()))


async def merge_what_is_proposed(hand: Hand) -> list[str]:
    """From the main ticket's page: tick all that the form proposes, and merge them at once."""
    page = hand.centre.dossier_page
    QTest.mouseClick(page.merging.merge, Qt.MouseButton.LeftButton)
    await until(lambda: isinstance(hand.centre.forms.form, MergeForm))
    form = hand.centre.forms.form
    assert isinstance(form, MergeForm)
    for place in range(form.list.count()):
        form.list.item(place).setCheckState(Qt.CheckState.Checked)
    form.keep_this.setChecked(True)
    proposed = [row.why.number for row in form.chosen]
    form.reason.setPlainText("同一工地，监测与投诉一致")
    QTest.mouseClick(form.submit_button, Qt.MouseButton.LeftButton)
    await until(lambda: hand.centre.forms.form is None or bool(form.message.text()))
    assert hand.centre.forms.form is None, form.message.text()
    return proposed


async def test_two_sensors_and_three_complaints_are_proposed_merged_and_proved(
    receive: Callable[..., str], city: Store, clock: WallClock, window: Any
) -> None:
    """X14, Q04, B09: each sensor's exceedance is a clue by itself; both are proposed beside the complaints;
    what they measure later is told in the one ticket; the same sensors prove the rectification a day later.
    """
    sensors = Sensors(city, clock)
    receive("2026-09-17 15:50", number="T-1", **POINT)
    receive("2026-09-17 15:52", number="T-2", **POINT)
    receive("2026-09-17 15:55", number="T-3", **POINT)
    clock.set("2026-09-17 16:00")
    sensors.measure("dust-01", "a34002", "2026-09-17 15:56", 120, 180, 190, 210)
    sensors.measure("noise-01", "LA", "2026-09-17 15:57", 74, 75, 73)
    clues = sensors.tickets()
    assert len(set(clues)) == 2
    async with window() as hand:
        await hand.take("T-1", e.Accepted, "2026-09-17 16:01")
        await hand.take("T-1", e.Dispatched, "2026-09-17 16:02", lead="housing")
        await hand.open("T-1")
        assert sorted(await merge_what_is_proposed(hand)) == sorted([*clues, "T-2", "T-3"])
        await until(lambda: "含 4 件" in hand.centre.dossier_page.merging.note)
        await hand.sit(HOUSING, "2026-09-17 16:04")
        await hand.take("T-1", e.Signed)
        await hand.take("T-1", e.Arrived, "2026-09-17 17:00", files=[hand.picture()])
        sensors.measure("dust-01", "a34002", "2026-09-17 17:30", *[90.0] * 3)
        sensors.measure("noise-01", "LA", "2026-09-17 17:30", *[55.0] * 3)
        await hand.take(
            "T-1",
            e.Rectified,
            "2026-09-17 18:00",
            measures="停工覆盖",
            violation=False,
            files=[hand.picture()],
        )
        sensors.measure("dust-01", "a34002", "2026-09-17 18:30", *[80.0] * 48, every=30)
        sensors.measure("noise-01", "LA", "2026-09-17 18:30", *[80.0] * 3, *[50.0] * 45, every=30)
        await hand.sit(DUTY, "2026-09-18 18:30")
        now = clock.now()
        assert city.write(lambda c: verify_rectified(c, load_rules(c), now)) == 1
        told = facts(city, "ticket/T-1")
        sensed = [fact for fact in told if type(fact).__name__.startswith("Sensor")]
        assert [(type(fact).__name__, fact.name) for fact in sensed[:2]] == [
            ("SensorRecovered", "一号工地"),
            ("SensorRecovered", "荆山路"),
        ]
        proofs = {f.name: (f.passed, f.over) for f in sensed if isinstance(f, e.SensorVerified)}
        assert proofs == {"一号工地": (True, 0), "荆山路": (False, 3)}
        await hand.open("T-1")
        await until(lambda: "同一监测点核验未通过" in _log_of(hand))
        hand.centre.choose_page("overview")
        await until(lambda: hand.centre.overview is not None and hand.centre.overview.open_tickets == 1)


def _log_of(hand: Hand) -> str:
    model = hand.centre.dossier_page.log.table.model()
    return "\n".join(
        str(model.index(row, column).data())
        for row in range(model.rowCount())
        for column in range(model.columnCount())
    )
