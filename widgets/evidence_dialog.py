"""Shows the files that are kept as evidence: pictures in the window, the rest by name, to be saved."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt, Signal
from PySide6.QtGui import QImage, QImageReader, QPixmap, QResizeEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from domain.evidence import MOST_PIXELS, EvidenceFile
from widgets.fact_grid import small_label
from widgets.plain import PlainLabel
from widgets.scale import Scale
from widgets.wording import local_moment_text

LONGEST_SIDE = 2048
"""Pixels to which a larger picture is shrunk as it is read."""
MOST_MEGABYTES = 512
"""That a picture may take in memory while it is read."""


@dataclass(frozen=True, slots=True)
class ShownFile:
    """A file with its picture, None where there is none to show; `problem` says why it must not be opened."""

    sha256: str
    file: EvidenceFile | None
    image: QImage | None = None
    problem: str = ""


def picture_of(content: bytes, longest: int = LONGEST_SIDE, most_pixels: int = MOST_PIXELS) -> QImage | None:
    """Return a picture, shrunk to `longest` pixels, or None where it is none, or larger than `most_pixels`:
    in any thread, and within bounds of memory."""
    buffer = QBuffer()
    buffer.setData(QByteArray(content))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    QImageReader.setAllocationLimit(MOST_MEGABYTES)
    reader = QImageReader(buffer)
    # By its content: nobody's word for what it is decides which reader of Qt's gets it.
    reader.setDecideFormatFromContent(True)
    reader.setAutoTransform(True)
    size = reader.size()
    if not size.isValid() or size.width() * size.height() > most_pixels:
        return None
    if max(size.width(), size.height()) > longest:
        reader.setScaledSize(size.scaled(longest, longest, Qt.AspectRatioMode.KeepAspectRatio))
    image = reader.read()
    return None if image.isNull() else image


class EvidenceDialog(QDialog):
    """One file after the other, with what is known of it.

    Signals:
        save_requested(str): save a copy of the file with this checksum.
    """

    save_requested = Signal(str)

    def __init__(self, files: Sequence[ShownFile], scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("现场证据"))
        self._scale = scale
        self._files = tuple(files)
        self._at = 0
        self.picture = PlainLabel(self)
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.picture.setWordWrap(True)
        self.picture.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.words = small_label(self)
        self.earlier = QPushButton(self.tr("‹ 上一份"), self)
        self.later = QPushButton(self.tr("下一份 ›"), self)
        self.save = QPushButton(self.tr("另存为…"), self)
        self.leave = QPushButton(self.tr("关闭"), self)
        row = QHBoxLayout()
        row.addWidget(self.earlier)
        row.addWidget(self.later)
        row.addStretch(1)
        row.addWidget(self.save)
        row.addWidget(self.leave)
        body = QVBoxLayout(self)
        body.addWidget(self.picture, 1)
        body.addWidget(self.words)
        body.addLayout(row)
        self.earlier.clicked.connect(self._go_back)
        self.later.clicked.connect(self._go_on)
        self.save.clicked.connect(self._ask_to_save)
        self.leave.clicked.connect(self.close)
        self.resize(scale.px(960), scale.px(720))
        self._show()

    @property
    def shown(self) -> ShownFile:
        """The file in sight."""
        return self._files[self._at]

    def _go_back(self) -> None:
        self._at = max(0, self._at - 1)
        self._show()

    def _go_on(self) -> None:
        self._at = min(len(self._files) - 1, self._at + 1)
        self._show()

    def _ask_to_save(self) -> None:
        self.save_requested.emit(self.shown.sha256)

    def _show(self) -> None:
        shown = self.shown
        file = shown.file
        about = [self.tr("第 {0} 份，共 {1} 份").format(self._at + 1, len(self._files))]
        if file is not None:
            about.append(f"{file.name} · {file.media_type.value} · {file.size / (1 << 20):.2f} MB")
            about.append(self.tr("{0} 存入").format(local_moment_text(file.kept_at)))
        about.append(f"SHA-256 {shown.sha256}")
        self.words.setText("\n".join(about))
        self.earlier.setEnabled(self._at > 0)
        self.later.setEnabled(self._at < len(self._files) - 1)
        self.save.setEnabled(file is not None and not shown.problem)
        self._paint()

    def _paint(self) -> None:
        shown = self.shown
        if shown.image is not None:
            room = self.picture.size().expandedTo(QSize(1, 1))
            fitted = QPixmap.fromImage(shown.image).scaled(
                room, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
            )
            self.picture.setPixmap(fitted)
            self.picture.setAccessibleName(self.words.text())
        elif shown.problem:
            self.picture.setText(shown.problem)
        elif shown.file is None:
            self.picture.setText(self.tr("本库中没有这份文件：来源只登记了校验和，或您无权查看。"))
        else:
            self.picture.setText(self.tr("这类文件不在此显示，可另存后打开。"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the picture into its new room."""
        super().resizeEvent(event)
        self._paint()
