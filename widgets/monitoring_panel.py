"""Pollution sources and the index ranking on the leader's first screen (X04)."""

from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from domain.monitoring import CARDS, Monitoring
from domain.overview import FeedState
from domain.stations import StationState
from widgets.air_tile import AirTile
from widgets.monitoring_preview import MonitoringPreview
from widgets.panel import Panel
from widgets.scale import Scale
from widgets.station_card import StationCard, drawn
from widgets.status import mark_of
from widgets.wording import count_text

_TROUBLED = (StationState.EXCEEDING, StationState.INVALID)
"""States that have their own count in the note; who is silent is what lacks of those that are heard."""


class MonitoringPanel(Panel):
    """The most pressing station of each kind and the places in the order of their air.

    As long as no station is registered it says what will stand here and what is needed for it.

    `environment_requested(object)`: show a station, by its key, or the whole ranking of an AirQuery.
    """

    environment_requested = Signal(object)

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__("", scale, parent)
        self.set_title(self.tr("污染源在线监测与指数排名"))
        self.preview = MonitoringPreview(scale, self)
        self.live = QWidget(self)
        self.cards = [StationCard(scale, self.live) for _ in CARDS]
        self.air = AirTile(scale, self.live)
        self._grid = QGridLayout()
        for position, card in enumerate(self.cards):
            self._grid.addWidget(card, *divmod(position, 2))
            card.station_requested.connect(self.environment_requested)
        self._columns = QHBoxLayout(self.live)
        self._columns.setContentsMargins(0, 0, 0, 0)
        self._columns.addLayout(self._grid, 62)
        self._columns.addWidget(self.air, 38)
        self.air.air_requested.connect(self.environment_requested)
        self.body.addWidget(self.preview, 1)
        self.body.addWidget(self.live, 1)
        self.live.hide()
        self._shown: tuple[object, ...] | None = None
        self._say_not_connected()
        self._space()
        scale.factor_changed.connect(self._space)

    def show_monitoring(self, monitoring: Monitoring | None, as_of: datetime) -> None:
        """Show how stations and places stand as of a moment (aware)."""
        connected = monitoring is not None and monitoring.stations > 0
        self.live.setVisible(connected)
        self.preview.setVisible(not connected)
        if monitoring is None or not connected:
            self._shown = None
            self._say_not_connected()
            return
        shown = (monitoring.counts, tuple(map(drawn, monitoring.cards)), monitoring.ranking)
        if shown == self._shown:
            self.confirm(as_of)
            return
        self._shown = shown
        for card, spark in zip(self.cards, monitoring.cards, strict=False):
            card.show_spark(spark)
        for position, card in enumerate(self.cards):
            card.setVisible(position < len(monitoring.cards))
        self.air.show_ranking(monitoring.ranking)
        heard = self.tr("在线 {0}/{1} 站").format(
            count_text(monitoring.heard), count_text(monitoring.stations)
        )
        troubled = {
            f"{mark.shape.value} {mark.word} {count_text(count)}": mark.colour_name
            for mark, count in ((mark_of(state), monitoring.count(state)) for state in _TROUBLED)
            if count
        }
        edition = monitoring.ranking.edition.title
        # Which edition judges the air stands there in any case.
        shorter = ((*troubled, edition), (*tuple(troubled)[:1], edition), (edition,))
        words = " · ".join((heard, *troubled, edition))
        self.set_note(words, shorter=tuple(map(" · ".join, shorter)), tones=troubled)
        self.set_fresh(as_of)

    def _say_not_connected(self) -> None:
        mark = mark_of(FeedState.NOT_CONNECTED)
        self.set_note(f"{mark.shape.value} {mark.word}")

    def _space(self) -> None:
        self._grid.setSpacing(self.scale.px(8))
        self._columns.setSpacing(self.scale.px(10))
