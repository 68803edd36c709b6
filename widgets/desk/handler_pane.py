"""What a handler has to know of the chosen ticket before going there: where, what, whose, how long."""

from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QPushButton, QScrollArea, QVBoxLayout, QWidget

from domain.desk_queue import QueueRow
from domain.dossier import Dossier
from domain.events import WarningCleared
from domain.people import Actor
from domain.steps import own_nodes
from widgets.desk.handler_clocks import OwnClocks
from widgets.dossier.log_text import fact_text, kind_text
from widgets.fact_grid import FactGrid, small_label
from widgets.panel import Panel
from widgets.scale import Scale
from widgets.wording import joined, node_name, short_moment_text

LAST_EVENTS = 5
LONGEST_EVENT = 60
LONGEST_VALUE = 180
"""Characters; the dossier has the whole."""


class HandlerPane(Panel):
    """Signals: `ticket_requested(str)`: open the whole dossier."""

    ticket_requested = Signal(str)

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__("", scale, parent)
        self.set_title(self.tr("所选工单"))
        self._actor: Actor | None = None
        self._row: QueueRow | None = None
        self._dossier: Dossier | None = None
        self.open_button = QPushButton(self.tr("打开档案 O"), self)
        self.open_button.setProperty("look", "small")
        self.open_button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.open_button.clicked.connect(self._open)
        self.bar.addWidget(self.open_button)
        self.clocks = OwnClocks(scale, self)
        captions = (
            self.tr("工单"),
            self.tr("标题"),
            self.tr("点位"),
            self.tr("坐标"),
            self.tr("内容"),
            self.tr("类别"),
            self.tr("主办"),
            self.tr("协办"),
            self.tr("轮次"),
            self.tr("影像"),
            self.tr("申请"),
        )
        self.grid = FactGrid(captions, scale, self, longest=LONGEST_VALUE)
        self.last = small_label(self, "muted")
        self.words = small_label(self, "muted")
        self._inside = QWidget(self)
        self._inside.setProperty("look", "clear")
        self._column = QVBoxLayout(self._inside)
        self._column.setContentsMargins(0, 0, 0, 0)
        for widget in (self.words, self.clocks, self.grid, self.last):
            self._column.addWidget(widget)
        self._column.addStretch(1)
        area = QScrollArea(self)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self._inside)
        self.body.addWidget(area)
        scale.factor_changed.connect(self._respace)
        self._respace()
        self._show()

    @property
    def dossier(self) -> Dossier | None:
        """The dossier of the chosen ticket, None while it is on its way."""
        row = self._row
        return self._dossier if row is not None and self._is_of(row.ticket) else None

    def set_actor(self, actor: Actor | None) -> None:
        """Say whose clocks are one's own."""
        self._actor = actor
        self._show()

    def show_row(self, row: QueueRow | None) -> None:
        """Show what the line itself tells, until the dossier is here."""
        self._row = row
        self._show()

    def show_dossier(self, dossier: Dossier) -> None:
        """Show what is known of the ticket; one that is not chosen any more is passed over."""
        if self._row is not None and dossier.number == self._row.ticket:
            self._dossier = dossier
            self._show()

    def tick(self, now: datetime) -> None:
        """Move the countdowns to a new moment."""
        self.clocks.tick(now)

    def _is_of(self, ticket: str) -> bool:
        return self._dossier is not None and self._dossier.number == ticket

    def _open(self) -> None:
        if self._row is not None:
            self.ticket_requested.emit(self._row.ticket)

    def _show(self) -> None:
        row, dossier = self._row, self.dossier
        self.open_button.setEnabled(row is not None)
        self.words.setVisible(row is None)
        self.words.setText(self.tr("用 ↑↓ 选一件工单，这里显示点位、内容和本单位的时限。"))
        self.grid.setVisible(row is not None)
        self.clocks.setVisible(dossier is not None)
        self.last.setVisible(dossier is not None)
        if row is None:
            return
        if dossier is None:
            place = joined(row.area_name, row.township)
            said = self.tr("{0}（待平台办批准）").format(row.said) if row.said else ""
            self.grid.show_values(
                (row.ticket, row.title, place, "", "", row.category_name, row.lead_name, "", "", "", said)
            )
            return
        body = self._actor.body if self._actor is not None else None
        self.clocks.show_clocks(own_nodes(body, dossier.clock.trace), dossier.clock.as_of)
        self.grid.show_values(self._values(row, dossier))
        self.last.setText(self._last_events(dossier))

    def _values(self, row: QueueRow, dossier: Dossier) -> tuple[str, ...]:
        facts, trace = dossier.facts, dossier.clock.trace
        # An address may name its county and town already.
        named = facts.area and facts.area in facts.address
        place = facts.address if named else joined(facts.area, facts.township, facts.address)
        point = ""
        if facts.lng is not None and facts.lat is not None:
            point = f"{facts.lng:.6f}, {facts.lat:.6f}（WGS-84）"
        round_ = self.tr("第 {0} 轮").format(trace.round) if trace.round > 1 else ""
        if trace.current is not None:
            round_ = joined(round_, self.tr("工单在“{0}”").format(node_name(trace.current.node)))
        files = len({entry.sha256 for entry in dossier.evidence})
        photos = self.tr("{0} 份").format(files) if files else self.tr("尚无")
        said = self.tr("{0}（待平台办批准）").format(row.said) if row.said else ""
        return (
            dossier.number,
            dossier.title,
            place or self.tr("未登记"),
            point or self.tr("工单没有坐标，到场距离无从计算"),
            facts.text or "—",
            " / ".join(filter(None, (facts.category_class, facts.category))) or self.tr("未分类"),
            facts.lead or self.tr("尚未分派"),
            "、".join(facts.assisting),
            round_,
            photos,
            said,
        )

    def _last_events(self, dossier: Dossier) -> str:
        lines = []
        told = [entry.event for entry in dossier.log if not isinstance(entry.event.fact, WarningCleared)]
        for event in reversed(told[-LAST_EVENTS:]):
            text = fact_text(event.fact, dossier.names, dossier.channels)
            text = text if len(text) <= LONGEST_EVENT else text[:LONGEST_EVENT] + "…"
            said = f" {text}" if text else ""
            lines.append(
                f"{short_moment_text(event.at)[:-3]} {kind_text(event.fact)} {event.actor.name}{said}"
            )
        return "\n".join((self.tr("近况"), *lines))

    def _respace(self) -> None:
        self._column.setSpacing(self.scale.px(8))
        self.setFixedWidth(self.scale.size("side_width"))
