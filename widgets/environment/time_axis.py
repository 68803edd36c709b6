"""A time axis with ticks at whole hours, days and months of the city's clock."""

from datetime import UTC, datetime, timedelta

import pyqtgraph as pg

from widgets.scale import Scale
from widgets.tokens import tokens
from widgets.wording import CITY_ZONE

HOUR, DAY = 3_600, 86_400
STEPS = (
    60, 120, 300, 600, 1_200, 1_800,
    HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR,
    DAY, 2 * DAY, 5 * DAY, 10 * DAY, 30 * DAY, 61 * DAY, 122 * DAY,
)  # fmt: skip
"""Seconds between two ticks."""
ROOM = 105
"""A tick and its words take so many design pixels at the least."""


class TimeAxis(pg.AxisItem):
    """The axis below a curve; its values are seconds of the epoch."""

    def __init__(self, scale: Scale) -> None:
        super().__init__("bottom")
        self._scale = scale
        self.enableAutoSIPrefix(False)
        dress(self, scale)

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:  # noqa: N803
        """Return the ticks in sight, one level of them: pyqtgraph's own method."""
        most = max(2.0, size / self._scale.px(ROOM))
        step = next((step for step in STEPS if (maxVal - minVal) / step <= most), STEPS[-1])
        begin = datetime.fromtimestamp(minVal, UTC).astimezone(CITY_ZONE)
        tick = begin.replace(hour=0, minute=0, second=0, microsecond=0)
        if step >= 28 * DAY:
            return [(step, _months(tick.replace(day=1), maxVal, round(step / (30 * DAY)), minVal))]
        if step > DAY:
            tick = tick.replace(day=1)
        first = tick.timestamp()
        count = int((maxVal - first) / step) + 1
        ticks = [first + number * step for number in range(count)]
        return [(step, [at for at in ticks if minVal <= at <= maxVal])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:  # noqa: ARG002
        """Return the words of ticks: pyqtgraph's own method."""
        return [_word(datetime.fromtimestamp(at, UTC).astimezone(CITY_ZONE), spacing) for at in values]


class ValueAxis(pg.AxisItem):
    """The axis beside a curve."""

    def __init__(self, scale: Scale) -> None:
        super().__init__("left")
        self.enableAutoSIPrefix(False)
        dress(self, scale)


def dress(axis: pg.AxisItem, scale: Scale) -> None:
    """Give an axis the look of this scale."""
    look = tokens()
    axis.setPen(pg.mkPen(look.qcolor("panel_border")))
    axis.setTextPen(pg.mkPen(look.qcolor("text_muted")))
    axis.setStyle(tickFont=scale.font("font_small"), tickLength=-scale.px(4), tickTextOffset=scale.px(5))
    if axis.orientation == "bottom":
        axis.setHeight(scale.px(34))
    else:
        axis.setWidth(scale.px(62))


def _months(first: datetime, until: float, months: int, since: float) -> list[float]:
    ticks = []
    while first.timestamp() <= until:
        if first.timestamp() >= since:
            ticks.append(first.timestamp())
        for _ in range(months):
            first = (first + timedelta(days=32)).replace(day=1)
    return ticks


def _word(moment: datetime, spacing: float) -> str:
    if spacing >= 28 * DAY:
        return moment.strftime("%Y-%m")
    if moment.hour == moment.minute == 0:
        return moment.strftime("%m-%d")
    return moment.strftime("%H:%M")
