"""Words of marked moments stand above the values, whatever the room: what exceeds is never behind them."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from pytestqt.qtbot import QtBot

from domain.environment import CurveQuery
from domain.stations import Span
from tests.widgets.station_samples import NOW, curve_of, station_row
from widgets.environment.curve_plot import WORDS_ROW, WORDS_TOP, CurvePlot, Moment, over_mark
from widgets.scale import Scale


@pytest.mark.parametrize("moments", [0, 1, 3])
@pytest.mark.parametrize("height", [180, 250, 600])
def test_no_value_is_behind_the_words(qtbot: QtBot, height: int, moments: int) -> None:
    plot = CurvePlot(Scale())
    qtbot.addWidget(plot)
    plot.resize(420, 300)
    plot.show()
    query = CurveQuery(1, "a34002", Span.MINUTE, NOW - timedelta(hours=8), NOW)
    curve = curve_of(query, station_row(1))
    highest = int(np.nanargmax(np.array(curve.most)))
    at = datetime.fromtimestamp(curve.at[highest], UTC)
    plot.show_curve(curve, [Moment(at + timedelta(seconds=n), over_mark("超标")) for n in range(moments)])
    plot.resize(420, height)
    qtbot.wait(20)
    place = plot._plot_rect()
    y = plot._view.mapViewToScene(QPointF(0.0, curve.most[highest])).y() - place.top()
    assert 0 < y < place.height()
    # Half of the plot at the most is left to words.
    assert not moments or y >= min(WORDS_TOP + moments * WORDS_ROW, place.height() / 2)
