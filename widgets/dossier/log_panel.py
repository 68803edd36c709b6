"""The event log of a dossier: every event with its kind, its words and the start of its hash."""

from typing import Any

from PySide6.QtWidgets import QWidget

from domain.dossier import Dossier, LogRow
from widgets.dossier.log_text import fact_text, kind_colour, kind_text
from widgets.panel import Panel
from widgets.scale import Scale
from widgets.status import Mark, Shape
from widgets.table.cells import Cell, CellLook, Column
from widgets.table.model import RecordModel
from widgets.table.view import RecordTable
from widgets.wording import CITY_ZONE, local_moment_text, past_moment_text, role_name


class LogPanel(Panel):
    """事件日志. The newest event is in sight when a dossier opens."""

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__("", scale, parent)
        self.set_title(self.tr("事件日志"))
        self._dossier: Dossier | None = None
        columns = (
            Column("at", self.tr("时间"), 190, self._time_cell),
            Column("actor", self.tr("谁"), 220, self._actor_cell),
            Column("kind", self.tr("事件"), 110, self._kind_cell),
            Column("text", self.tr("内容"), 300, self._text_cell, stretch=True),
            Column("hash", self.tr("哈希"), 110, self._hash_cell, right=True),
        )
        self.table = RecordTable(RecordModel(columns, _hash_of, self), scale, self, row_height=37)
        self.table.horizontalHeader().hide()
        self.table.setAccessibleName(self.tr("事件日志"))
        self.table.set_empty_text(self.tr("该时刻尚无事件"))
        self.body.addWidget(self.table)

    def show_dossier(self, dossier: Dossier) -> None:
        """Show the log and whether its chain holds."""
        before, self._dossier = self._dossier, dossier
        other = before is None or before.number != dossier.number
        if before is not None and not other and _words_of(before) == _words_of(dossier):
            return
        bar = self.table.verticalScrollBar()
        at_end = bar.value() == bar.maximum()
        self.table.show_records(dossier.log)
        broken = sum(not row.ok for row in dossier.log)
        sound = dossier.chain_ok and not broken
        if sound:
            self.set_note(self.tr("{0} 条 · ● 链校验通过").format(len(dossier.log)), "done")
        else:
            words = self.tr("{0} 条 · ■ 链校验失败：{1} 条不符")
            self.set_note(words.format(len(dossier.log), max(1, broken)), "overdue")
        if other or at_end:
            # Who reads further up is not taken away from there by a new event.
            self.table.scrollToBottom()

    def _time_cell(self, row: LogRow) -> Cell:
        assert self._dossier is not None
        at = row.event.at
        text = past_moment_text(at, self._dossier.clock.as_of)
        return Cell(text, colour="text_muted", tooltip=local_moment_text(at))

    def _actor_cell(self, row: LogRow) -> Cell:
        assert self._dossier is not None
        actor = row.event.actor
        body = self._dossier.body_name(actor.body)
        text = f"{body} {actor.name}" if body and body != actor.name else actor.name
        return Cell(text, colour="text_muted", tooltip=f"{text} · {role_name(actor.role)}")

    def _kind_cell(self, row: LogRow) -> Cell:
        fact = row.event.fact
        return Cell(kind_text(fact), CellLook.CHIP, kind_colour(fact))

    def _text_cell(self, row: LogRow) -> Cell:
        assert self._dossier is not None
        text = fact_text(row.event.fact, self._dossier.names, self._dossier.channels)
        return Cell(text, tooltip=text)

    def _hash_cell(self, row: LogRow) -> Cell:
        if row.ok:
            return Cell(f"#{row.hash[:4]}", colour="text_faint", tooltip=row.hash)
        broken = Mark("overdue", Shape.SQUARE, self.tr("断链"))
        return Cell(self.tr("断链"), CellLook.MARK, "overdue", broken, row.hash)


def _words_of(dossier: Dossier) -> tuple[object, ...]:
    """All that the words of the log depend on; of the minute, only the year."""
    year = dossier.clock.as_of.astimezone(CITY_ZONE).year
    return dossier.log, dossier.chain_ok, dossier.names, dossier.channels, year


def _hash_of(row: Any) -> str:
    return str(row.hash)
