"""Choosing files to go with a step, such as photos of the site; they are read when the step is taken."""

from collections.abc import Sequence
from pathlib import Path, PurePath

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QPushButton, QWidget

from domain.site_reports import MOST_EVIDENCE
from widgets.elided_label import ElidedLabel
from widgets.plain import tip
from widgets.scale import Scale

NAMED = 4
"""So many files are named; the rest are counted."""


def local_files(data: QMimeData) -> tuple[str, ...]:
    """Return the paths of the files that are dragged, none where anything else is."""
    paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    return tuple(str(path) for path in paths if path.is_file())


class FilesField(QWidget):
    """The paths of the chosen files, each once.

    Signals: `files_changed()`.
    """

    files_changed = Signal()

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale = scale
        self._paths: tuple[str, ...] = ()
        self.add_button = QPushButton(self.tr("添加文件…"), self)
        self.clear_button = QPushButton(self.tr("清空"), self)
        self.names = ElidedLabel(scale, self, tone="text_muted")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        for button in (self.add_button, self.clear_button):
            button.setProperty("look", "small")
            button.setAutoDefault(False)
            self._row.addWidget(button)
        self._row.addWidget(self.names, 1)
        self.setFocusProxy(self.add_button)
        self.add_button.clicked.connect(self._choose)
        self.clear_button.clicked.connect(self.clear)
        scale.factor_changed.connect(self._rescale)
        self._rescale()
        self._write()

    @property
    def value(self) -> tuple[str, ...]:
        """The paths of the chosen files."""
        return self._paths

    @property
    def flaw(self) -> str:
        """Too many of them."""
        if len(self._paths) > MOST_EVIDENCE:
            return self.tr("过多，最多 {0} 个文件").format(MOST_EVIDENCE)
        return ""

    def add(self, paths: Sequence[str]) -> None:
        """Choose these files as well."""
        self._paths = tuple(dict.fromkeys((*self._paths, *paths)))
        self._write()
        self.files_changed.emit()

    def clear(self) -> None:
        """Choose none."""
        self._paths = ()
        self._write()
        self.files_changed.emit()

    def _choose(self) -> None:
        dialog = QFileDialog(self, self.tr("添加现场影像"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        pictures = self.tr("照片、PDF、视频")
        dialog.setNameFilters([f"{pictures} (*.jpg *.jpeg *.png *.heic *.pdf *.mp4)"])
        dialog.filesSelected.connect(self.add)
        dialog.open()

    def _write(self) -> None:
        names = [PurePath(path).name for path in self._paths]
        said = "、".join(names[:NAMED])
        if len(names) > NAMED:
            said = self.tr("{0} 等 {1} 个").format(said, len(names))
        self.names.set_text(said or self.tr("未添加，可拖入；JPEG、PNG、HEIC 照片，PDF、MP4"))
        self.names.setToolTip(tip("\n".join(names)))
        self.clear_button.setEnabled(bool(names))

    def _rescale(self) -> None:
        self._row.setSpacing(self._scale.px(8))
