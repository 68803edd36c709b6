"""导出卷宗: the button in a panel's title row, and what it does: the dossier in a ZIP that the hand names."""

import logging
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QPushButton

from data_access.errors import StoreError
from desktop import runtime
from desktop.dossiers.export import Exported, Exporting
from desktop.dossiers.paper import paper_of
from desktop.errors import WorldError
from desktop.exports.names import file_name
from desktop.readings import Readings
from domain.people import Role
from widgets.panel import Panel

_log = logging.getLogger(__name__)


class DossierExport(QObject):
    """Signals:
    said(str): how it went; a sentence for the screen.
    """

    said = Signal(str)

    def __init__(
        self, panel: Panel, number: Callable[[], str | None], readings: Readings, parent: QObject
    ) -> None:
        """`number` says which ticket or file is on screen, None for none."""
        super().__init__(parent)
        self._number = number
        self._readings = readings
        self._panel = panel
        self._asked = ""
        self._under_way = False
        self.dialog: QFileDialog | None = None
        self.button = QPushButton(self.tr("导出卷宗"), panel)
        self.button.setProperty("look", "small")
        self.button.setToolTip(
            self.tr("存为 ZIP：可打印的 PDF、事件原文、证据与日封；不含举报人，可离线查证")
        )
        self.button.clicked.connect(self._ask)
        panel.bar.addWidget(self.button)

    async def write(self, number: str, path: Path) -> Exported | None:
        """Write the dossier of a ticket or a file; None when it could not be written."""
        if self._under_way:
            return None
        self._under_way = True
        self.button.setEnabled(False)
        self.button.setText(self.tr("导出中…"))
        try:
            # The hand has said already that a file of this name may give way.
            work = Exporting(number, path, self._readings.as_of, paper_of, replace=True)
            found = await self._readings.read_present(work)
        except (StoreError, WorldError) as error:
            _log.warning("dossier not exported: %s", error.message)
            self.said.emit(self.tr("未导出：{0} {1}").format(error.message, error.way_out))
            return None
        finally:
            self._under_way = False
            self.button.setEnabled(True)
            self.button.setText(self.tr("导出卷宗"))
        short = found.fingerprint[:16]
        self.said.emit(self.tr("已导出到 {0}，清单指纹 {1}…").format(found.path, short))
        return found

    def _ask(self) -> None:
        number, sitting = self._number(), self._readings.seat.sitting
        if self.dialog is not None:
            return
        if number is None:
            self.said.emit(self.tr("请先选择要导出的工单或再监督。"))
            return
        if sitting is not None and sitting.actor.role is Role.WALL:
            self.said.emit(self.tr("大屏不能导出卷宗，请先选择身份。"))
            return
        self._asked = number
        dialog = QFileDialog(self._panel.window(), self.tr("导出卷宗"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters([self.tr("卷宗 (*.zip)")])
        dialog.setDefaultSuffix("zip")
        dialog.selectFile(file_name(self.tr("卷宗 {0}").format(number), ".zip"))
        dialog.fileSelected.connect(self._chosen)
        dialog.finished.connect(self._closed)
        self.dialog = dialog
        dialog.open()

    def _chosen(self, path: str) -> None:
        target = Path(path)
        if target.suffix.lower() != ".zip":
            target = target.with_name(f"{target.name}.zip")
        runtime.spawn(self.write(self._asked, target), "dossier export")

    def _closed(self, _result: int) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
            self.dialog = None
