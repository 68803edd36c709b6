"""The wall's main page: figures, ranking, map with pipeline, warnings, ledger, monitoring, directives."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from domain.environment import DeviceCalls
from domain.ledger import ColourCount, ColourScheme, LedgerRow
from domain.listing import WarningRow
from domain.monitoring import Monitoring
from domain.overview import DirectiveRow, Kpi, Overview, PipelineNode
from domain.people import Actor
from domain.ranking_query import RankBy, RankingPage, RankingQuery
from widgets.directives_panel import DirectivesPanel
from widgets.kpi_row import KpiRow
from widgets.ledger_panel import LedgerPanel
from widgets.map.direct import PlaceDirective
from widgets.monitoring_panel import MonitoringPanel
from widgets.panel import Panel
from widgets.pipeline_strip import PipelineStrip
from widgets.ranking_panel import RankingPanel
from widgets.scale import Scale
from widgets.warnings_panel import WarningsPanel
from widgets.wording import count_text


class OverviewPage(QWidget):
    """The grid of the overview. It takes the map widget and feeds only what stands around it.

    The window connects the map's own signals and gives it its points.
    """

    tickets_requested = Signal(object, str)
    ticket_requested = Signal(str)
    directive_requested = Signal(object)
    directive_opened = Signal(str)
    re_supervision_requested = Signal(object)
    acknowledge_requested = Signal(object)
    ledger_requested = Signal(object)
    warnings_requested = Signal()
    environment_requested = Signal(object)

    def __init__(self, ticket_map: QWidget, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale = scale
        self._board: tuple[int, tuple[PipelineNode, ...]] | None = None
        self.setProperty("look", "page")
        self.kpis = KpiRow(scale, self)
        self.ranking = RankingPanel(scale, self)
        self.centre = Panel(self.tr("问题线索分布"), scale, self)
        self.place_directive = PlaceDirective(self.centre, hides=True)
        self.centre.bar.insertWidget(1, self.place_directive)
        self.pipeline = PipelineStrip(scale, self)
        self.warnings = WarningsPanel(scale, self)
        self.ledger = LedgerPanel(scale, self)
        self.monitoring = MonitoringPanel(scale, self)
        self.directives = DirectivesPanel(scale, self)
        self._line = QFrame(self)
        self._line.setProperty("look", "line")
        self.centre.body.addWidget(self._line)
        self.centre.body.addWidget(self.pipeline)
        self.take(ticket_map)
        self._middle = QHBoxLayout()
        self._middle.addWidget(self.ranking)
        self._middle.addWidget(self.centre, 1)
        self._middle.addWidget(self.warnings)
        self._bottom = QHBoxLayout()
        self._bottom.addWidget(self.ledger, 66)
        self._bottom.addWidget(self.monitoring, 74)
        self._bottom.addWidget(self.directives)
        self._rows = QVBoxLayout(self)
        self._rows.addWidget(self.kpis)
        self._rows.addLayout(self._middle, 1)
        self._rows.addLayout(self._bottom)
        self._connect()
        self._apply_scale()
        scale.factor_changed.connect(self._apply_scale)

    def take(self, ticket_map: QWidget) -> None:
        """Give the map its place here; a page that shows it large may have had it meanwhile."""
        self.centre.body.insertWidget(0, ticket_map, 1)

    def show_overview(self, overview: Overview) -> None:
        """Show a reading of the whole overview: every section, as of the same moment."""
        as_of = overview.as_of
        self.show_kpis(overview.kpis, as_of)
        self.show_ranking(ranking_of(overview))
        self.show_board(overview.open_tickets, overview.pipeline, as_of)
        self.show_warnings(overview.warnings, overview.warnings_red, overview.warnings_yellow, as_of)
        self.show_ledger(overview.ledger_counts, overview.ledger_rows, overview.ledger_scheme, as_of)
        self.show_directives(
            overview.directives,
            overview.directives_to_sign,
            overview.directives_to_feed_back,
            as_of,
            overview.directives_late,
        )
        self.show_monitoring(overview.monitoring, as_of)

    def show_kpis(self, kpis: Sequence[Kpi], as_of: datetime) -> None:
        """Show the figures of the upper row as of a moment (aware)."""
        self.kpis.show_kpis(kpis, as_of)

    def show_ranking(self, page: RankingPage) -> None:
        """Show the bodies' ranking, those with too small a sample at its end."""
        self.ranking.show_ranking(page)

    def show_board(self, open_tickets: int, pipeline: Sequence[PipelineNode], as_of: datetime) -> None:
        """Show how many tickets are open and at which node; the map takes its points from the window."""
        board = (open_tickets, tuple(pipeline))
        if board == self._board:
            self.centre.confirm(as_of)
            return
        self._board = board
        self.centre.set_note(self.tr("在办 {0} 件").format(count_text(open_tickets)))
        self.centre.set_fresh(as_of)
        self.pipeline.show_pipeline(pipeline)

    def show_warnings(self, rows: Sequence[WarningRow], red: int, yellow: int, as_of: datetime) -> None:
        """Show the running warnings; `red` and `yellow` count also those that `rows` leaves out."""
        self.warnings.show_warnings(rows, red, yellow, as_of)

    def show_ledger(
        self, counts: Sequence[ColourCount], rows: Sequence[LedgerRow], scheme: ColourScheme, as_of: datetime
    ) -> None:
        """Show the ledger's counts and its reddest rows; `scheme` gave them their colours."""
        self.ledger.show_ledger(counts, rows, scheme, as_of)

    def show_directives(
        self, rows: Sequence[DirectiveRow], to_sign: int, to_feed_back: int, as_of: datetime, late: int = 0
    ) -> None:
        """Show the latest directives and how many receipts of all of them are still missing."""
        self.directives.show_directives(rows, to_sign, to_feed_back, as_of, late)

    def show_monitoring(self, monitoring: Monitoring | None, as_of: datetime) -> None:
        """Show how the stations stand and where the air is best; None where no station is known.

        What devices need stands among the warnings.
        """
        self.monitoring.show_monitoring(monitoring, as_of)
        self.warnings.show_devices(DeviceCalls() if monitoring is None else monitoring.calls)

    def set_fresh(self, as_of: datetime) -> None:
        """Say that every section is still true as of a moment (aware), though nothing in it changed."""
        for part in self._sections():
            part.confirm(as_of)

    def set_actor(self, actor: Actor | None) -> None:
        """Offer only the orders that this person may give."""
        self.warnings.set_actor(actor)
        self.directives.set_actor(actor)
        self.ranking.set_actor(actor)
        self.place_directive.set_actor(actor)

    def tick(self, now: datetime) -> None:
        """Let everything that counts down count on to now (aware)."""
        self.warnings.tick(now)
        self.directives.tick(now)

    def set_stale(self, since: datetime | None) -> None:
        """Veil every panel because nothing newer is known; None lifts the veils.

        Each says as of when its own content is true; `since` counts where nothing was ever shown.
        """
        for part in self._sections():
            part.set_stale(since)

    def _sections(self) -> tuple[KpiRow | Panel, ...]:
        around = (self.kpis, self.ranking, self.centre, self.warnings, self.ledger, self.directives)
        # What says that nothing is connected is as true as ever.
        return (*around, self.monitoring) if self.monitoring.live.isVisibleTo(self.monitoring) else around

    def _connect(self) -> None:
        self.kpis.tickets_requested.connect(self.tickets_requested)
        self.ranking.tickets_requested.connect(self.tickets_requested)
        self.pipeline.tickets_requested.connect(self.tickets_requested)
        self.warnings.ticket_requested.connect(self.ticket_requested)
        self.warnings.directive_requested.connect(self.directive_requested)
        self.warnings.re_supervision_requested.connect(self.re_supervision_requested)
        self.warnings.acknowledge_requested.connect(self.acknowledge_requested)
        self.warnings.warnings_requested.connect(self.warnings_requested)
        self.warnings.environment_requested.connect(self.environment_requested)
        self.ledger.ledger_requested.connect(self.ledger_requested)
        self.directives.directive_opened.connect(self.directive_opened)
        self.directives.directive_requested.connect(self.directive_requested)
        self.ranking.directive_requested.connect(self.directive_requested)
        self.place_directive.directive_requested.connect(self.directive_requested)
        self.monitoring.environment_requested.connect(self.environment_requested)

    def _apply_scale(self) -> None:
        scale = self._scale
        margin, gap = scale.size("margin"), scale.size("gap")
        self._rows.setContentsMargins(margin, scale.px(12), margin, margin)
        for layout in (self._rows, self._middle, self._bottom):
            layout.setSpacing(gap)
        for panel in (self.ranking, self.warnings, self.directives):
            panel.setFixedWidth(scale.size("side_width"))
        for panel in (self.ledger, self.monitoring, self.directives):
            panel.setFixedHeight(scale.size("bottom_height"))


def ranking_of(overview: Overview) -> RankingPage:
    """Return an overview's ranking as its panel takes it, those with too small a sample at the end."""
    as_of, days = overview.as_of, overview.ranking_days
    known = {row.key for row in overview.ranking}
    rows = (*overview.ranking, *(row for row in overview.unranked if row.key not in known))
    query = RankingQuery(RankBy.BODY, overview.ranking_node, days)
    return RankingPage(query, rows, as_of - timedelta(days=days), as_of, as_of)
