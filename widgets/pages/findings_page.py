"""科技溯源: what radar, van, drone and satellite found, what became of it, and the share of own finds."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QPushButton, QWidget

from domain.findings import Coverage, Finding, FindingSource
from domain.nodes import TicketState
from domain.people import Actor
from domain.rights import Command
from widgets.finding_words import rate_words, source_name, span_text, standing_text, value_text
from widgets.pages.list_page import ListPage
from widgets.plain import PlainLabel, tip
from widgets.refusals import refusal_of
from widgets.scale import Scale
from widgets.status import Mark, Shape, mark_of
from widgets.table.cells import Cell, CellLook, Column
from widgets.table.model import RecordModel
from widgets.table.view import RecordTable
from widgets.wording import exact_count_text, local_moment_text


class FindingsPage(ListPage):
    """A list of findings; a line opens the ticket that it became.

    Signals: `ticket_requested(str)`; `clue_requested(Finding)`: make a clue of it; `map_requested(str)`: show
    the layer of this source on the map; `back_requested()`.
    """

    ticket_requested = Signal(str)
    clue_requested = Signal(object)
    map_requested = Signal(str)
    back_requested = Signal()

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        table = RecordTable(RecordModel(finding_columns(), key_of), scale)
        super().__init__(QCoreApplication.translate("findings", "科技溯源"), table, scale, parent)
        self._findings: tuple[Finding, ...] = ()
        self._source: FindingSource | None = None
        self._days = 0
        self._refusal = refusal_of(Command.RAISE_CLUE, None)
        self.back = QPushButton(self.tr("‹ 返回"), self)
        self.back.setProperty("look", "link")
        self.panel.bar.insertWidget(0, self.back)
        self.map = QPushButton(self.tr("在地图上看"), self)
        self.map.setProperty("look", "small")
        self.raise_clue = QPushButton(self.tr("转为线索"), self)
        self.raise_clue.setProperty("look", "primary")
        for button in (self.map, self.raise_clue):
            self.panel.bar.addWidget(button)
        self.sources = self._chips()
        self.covered, self.own = PlainLabel(self), PlainLabel(self)
        for label in (self.covered, self.own):
            label.setProperty("tone", "muted")
        self.add_tools((*self.sources.values(), self.covered, self.own))
        self.back.clicked.connect(self.back_requested)
        self.map.clicked.connect(self._ask_map)
        self.raise_clue.clicked.connect(self._ask_clue)
        table.record_chosen.connect(self._choice_changed)
        table.record_activated.connect(self._open)
        table.set_empty_text(self.tr("读取中…"))
        self._choice_changed(None)

    def show_findings(self, findings: Sequence[Finding], coverage: Coverage, as_of: datetime) -> None:
        """Show what was found in the window, with its figures, as of a moment (aware)."""
        self._findings = tuple(findings)
        self.panel.set_fresh(as_of)
        self._days = round((coverage.until - coverage.since).total_seconds() / 86_400)
        found = exact_count_text(coverage.findings)
        self.panel.set_note(self.tr("近 {0} 日 {1} 个发现").format(self._days, found))
        followed = rate_words(coverage.followed, coverage.suspects, coverage.rate)
        self.covered.setText(self.tr("疑似问题转线索 {0}").format(followed))
        self.covered.setToolTip(tip(self.tr("来源认定的疑似问题中，已转为线索的所占比例")))
        own = rate_words(coverage.own, coverage.received, coverage.own_share)
        self.own.setText(self.tr("自主发现占比 {0}").format(own))
        self.own.setToolTip(
            tip(self.tr("同期受理的工单中，由在线监测、移动执法、科技溯源自主发现的所占比例；并入的不计"))
        )
        self._list()

    def choose_finding(self, number: int) -> None:
        """Choose the finding of this number, whatever source is shown."""
        if self._source is not None:
            self._source = None
            self._list()
        self.table.choose(str(number))

    def set_actor(self, actor: Actor | None) -> None:
        """Say who is at the screen; what they may not do is shown with the reason."""
        self._refusal = refusal_of(Command.RAISE_CLUE, actor)
        self._choice_changed(self.table.chosen())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.back_requested.emit()
        else:
            super().keyPressEvent(event)

    def _chips(self) -> dict[FindingSource | None, QPushButton]:
        group = QButtonGroup(self)
        made: dict[FindingSource | None, QPushButton] = {}
        for place, source in enumerate((None, *FindingSource)):
            chip = QPushButton(self)
            chip.setProperty("look", "tab")
            chip.setCheckable(True)
            chip.setChecked(source is None)
            group.addButton(chip, place)
            made[source] = chip
        group.idClicked.connect(self._turn)
        return made

    def _turn(self, place: int) -> None:
        self._source = (None, *FindingSource)[place]
        self._list()

    def _list(self) -> None:
        for source, chip in self.sources.items():
            count = sum(source in (None, one.new.source) for one in self._findings)
            name = self.tr("全部") if source is None else source_name(source)
            chip.setText(f"{name} {exact_count_text(count)}")
            chip.setChecked(source is self._source)
        shown = [one for one in self._findings if self._source in (None, one.new.source)]
        self.table.set_empty_text(self._nothing())
        self.table.show_records(shown)
        self._choice_changed(self.table.chosen())

    def _nothing(self) -> str:
        if self._source is not None and self._findings:
            return self.tr("近 {0} 日没有{1}的发现").format(self._days, source_name(self._source))
        return self.tr(
            "近 {0} 日没有导入雷达、走航、无人机、卫星的发现\n"
            "由管理员用 import findings 导入 GeoJSON 或 CSV 文件后，这里逐个列出，可转为线索"
        ).format(self._days)

    def _choice_changed(self, finding: Finding | None) -> None:
        reason = self._refusal or ("" if finding is not None else self.tr("先选择一个发现"))
        if not reason and finding is not None and finding.ticket is not None:
            reason = standing_text(finding)
        self.raise_clue.setEnabled(not reason)
        self.raise_clue.setToolTip(tip(reason))
        self.map.setEnabled(finding is not None)

    def _ask_clue(self) -> None:
        finding = self.table.chosen()
        if finding is not None:
            self.clue_requested.emit(finding)

    def _ask_map(self) -> None:
        finding = self.table.chosen()
        if finding is not None:
            self.map_requested.emit(finding.new.source.value)

    def _open(self, finding: Finding, _column: str) -> None:
        if finding.ticket is not None:
            self.ticket_requested.emit(finding.ticket)


def finding_columns() -> tuple[Column, ...]:
    """Return the columns; widths are pixels at 1080p."""
    return (
        Column("standing", _word("状态"), 220, _standing, least=150),
        Column("source", _word("来源"), 100, _source),
        Column("what", _word("发现"), 360, _what, stretch=True, least=160),
        Column("value", _word("测得"), 170, _value, right=True, least=110),
        Column("area", _word("区划"), 160, _area, least=100),
        Column("at", _word("时间"), 260, _at, right=True, least=160),
        Column("file", _word("出处"), 300, _file, least=120),
    )


def key_of(finding: Finding) -> str:
    """Return what names a finding."""
    return str(finding.number)


def _standing(finding: Finding) -> Cell:
    if finding.ticket is not None:
        mark = mark_of(TicketState.DONE)
        return Cell(finding.ticket, CellLook.MARK, mark.colour_name, mark, tooltip=standing_text(finding))
    if finding.new.is_suspect:
        text = _word("疑似问题")
        return Cell(text, CellLook.MARK, "overdue", Mark("overdue", Shape.SQUARE, text))
    text = _word("未转线索")
    return Cell(text, CellLook.MARK, "text_faint", Mark("text_faint", Shape.RING, text))


def _source(finding: Finding) -> Cell:
    return Cell(source_name(finding.new.source))


def _what(finding: Finding) -> Cell:
    return Cell(finding.new.what or "—", colour="text_strong", tooltip=finding.new.what)


def _value(finding: Finding) -> Cell:
    return Cell(value_text(finding) or "—")


def _area(finding: Finding) -> Cell:
    if not finding.area_name:
        return Cell(_word("市域外"), colour="text_faint")
    return Cell(finding.area_name)


def _at(finding: Finding) -> Cell:
    return Cell(span_text(finding), colour="text_muted", tooltip=local_moment_text(finding.new.at))


def _file(finding: Finding) -> Cell:
    return Cell(finding.file, colour="text_muted", tooltip=finding.file)


def _word(source: str) -> str:
    return QCoreApplication.translate("findings", source)
