"""The dossier on paper: a PDF that a person reads and prints, drawn by Qt with the program's own font.

Qt is there already, knows Chinese line breaking and embeds what it needs of the font; ReportLab cannot read a
font of this kind (OpenType with CFF outlines). Text goes in by a cursor, never as markup.
"""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QRectF, QSizeF, Qt, QUrl, QUuid
from PySide6.QtGui import (
    QColor,
    QFont,
    QImage,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFrameFormat,
    QTextImageFormat,
    QTextLength,
    QTextTableFormat,
)

from data_access.readers.bundle import Bundle
from desktop.dossiers.paper_words import Section, head_line, sections
from domain.evidence import MediaType
from widgets.evidence_dialog import picture_of
from widgets.plain import harmless
from widgets.style import load_fonts
from widgets.wording import local_moment_text

DOTS = 150
"""Per inch: what lines and places are rounded to; letters stay outlines."""
MARGIN_MM = 16.0
FOOT_MM = 8.0
PICTURE_PIXELS = 1000
REGULAR = 400.0
"""The weight of all letters, as OpenType counts it: a text's format carries no axis of its own."""
SHADE = 118
"""Of a table's head: per cent of light grey's brightness."""
_MM = DOTS / 25.4
_PIXEL_MM = 96 / 25.4
"""Qt takes a picture's size for one on screen, and scales it to the paper's dots."""
PICTURE_SIZE = (80.0 * _PIXEL_MM, 100.0 * _PIXEL_MM)
"""A picture's width and height at the most: two stand beside one another."""

Content = Callable[[str], bytes | None]


def paper_of(bundle: Bundle, content: Content) -> bytes:
    """Return the PDF of a dossier; `content` gives a file of evidence by its checksum. Any thread.

    The same dossier gives the same bytes: the PDF bears the dossier's moment, not the clock's.
    """
    moment = bundle.dossier.clock.as_of
    buffer, writer = _begun(head_line(bundle), f"{bundle.number} {moment.isoformat()}")
    document = _Document(writer)
    document.put_title(head_line(bundle), bundle.dossier.title)
    for section in sections(bundle):
        document.put(section)
        if section.pictures:
            document.put_pictures(bundle, content)
    document.print_to(writer, head_line(bundle), moment)
    buffer.close()
    return _dated(bytes(buffer.data().data()), moment)


def sheets_of(head: str, title: str, parts: Sequence[Section], moment: datetime) -> bytes:
    """Return the PDF of any matter in sections as of a moment, such as a directive's thread. Any thread."""
    buffer, writer = _begun(head, f"{head} {moment.isoformat()}")
    document = _Document(writer)
    document.put_title(head, title)
    for section in parts:
        document.put(section)
    document.print_to(writer, head, moment)
    buffer.close()
    return _dated(bytes(buffer.data().data()), moment)


def _begun(title: str, name: str) -> tuple[QBuffer, QPdfWriter]:
    """Return a PDF that begins; the same `name` gives it the same identity."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    writer.setPageMargins(QMarginsF(MARGIN_MM, MARGIN_MM, MARGIN_MM, MARGIN_MM), QPageLayout.Unit.Millimeter)
    writer.setResolution(DOTS)
    writer.setTitle(title)
    writer.setCreator("Qingshao")
    writer.setDocumentId(QUuid(str(uuid5(NAMESPACE_URL, name))))
    return buffer, writer


class _Document:
    """A page after page document, written from its beginning to its end."""

    def __init__(self, writer: QPdfWriter) -> None:
        self._document = QTextDocument()
        self._document.setUndoRedoEnabled(False)
        self._family = load_fonts()
        self._document.setDefaultFont(self._font(9.5))
        self._document.setDocumentMargin(0)
        self._document.documentLayout().setPaintDevice(writer)
        self._width = float(writer.width())
        self._height = writer.height() - FOOT_MM * _MM
        self._document.setPageSize(QSizeF(self._width, self._height))
        self._cursor = QTextCursor(self._document)
        # One change, laid out at its end: after each cell of a long table it would take minutes.
        self._cursor.beginEditBlock()
        self._headings: list[tuple[int, int]] = []
        self._shown = 0

    def put_title(self, line: str, title: str) -> None:
        self._paragraph(line, 17, below=2)
        self._paragraph(title, 12, below=3)

    def put(self, section: Section) -> None:
        self._paragraph(section.title, 12.5, above=4, below=1.5)
        heading = self._cursor.block().blockNumber()
        for line in section.lines:
            self._paragraph(line, 9.5, below=1)
        if section.rows:
            self._table(section.header, section.rows, section.shares)
        # What may not be torn from its heading: all of it, or what comes first.
        self._headings.append(
            (heading, self._cursor.block().blockNumber() if section.together else heading + 1)
        )

    def put_pictures(self, bundle: Bundle, content: Content) -> None:
        """The pictures among the evidence, two beside one another, each with its name and sum."""
        shown: list[tuple[str, QImage]] = []
        for checksum, kept in sorted(bundle.evidence.items()):
            if kept.file.media_type not in (MediaType.JPEG, MediaType.PNG, MediaType.HEIC):
                continue
            found = content(checksum)
            picture = picture_of(found) if found is not None else None
            if picture is not None and not picture.isNull():
                smooth, keep = Qt.TransformationMode.SmoothTransformation, Qt.AspectRatioMode.KeepAspectRatio
                small = picture.scaled(PICTURE_PIXELS, PICTURE_PIXELS, keep, smooth)
                shown.append((f"{kept.file.name}\n{checksum[:32]}…", small))
        for place in range(0, len(shown), 2):
            self._pictures(shown[place : place + 2])

    def print_to(self, writer: QPdfWriter, head: str, as_of: datetime) -> None:
        """Draw page after page, each with its foot."""
        self._cursor.endEditBlock()
        self._keep_headings()
        pages = self._document.pageCount()
        moment = local_moment_text(as_of)
        painter = QPainter(writer)
        foot = QRectF(0, self._height + 2 * _MM, self._width, (FOOT_MM - 2) * _MM)
        for page in range(pages):
            if page:
                writer.newPage()
            painter.save()
            painter.translate(0, -page * self._height)
            self._document.drawContents(painter, QRectF(0, page * self._height, self._width, self._height))
            painter.restore()
            painter.setFont(self._font(8))
            painter.setPen(QColor(Qt.GlobalColor.darkGray))
            painter.drawText(foot, Qt.AlignmentFlag.AlignLeft, f"{head} · 截至 {moment}")
            painter.drawText(foot, Qt.AlignmentFlag.AlignRight, f"第 {page + 1} / {pages} 页")
        painter.end()

    def _keep_headings(self) -> None:
        """Let no heading stand at the end of a page without what may not be torn from it."""
        for number, last in self._headings:
            block = self._document.findBlockByNumber(number)
            end = self._document.findBlockByNumber(last)
            here, below = (int(place // self._height) for place in (self._top(block), self._top(end)))
            if here != below:
                form = block.blockFormat()
                form.setPageBreakPolicy(QTextFormat.PageBreakFlag.PageBreak_AlwaysBefore)
                QTextCursor(block).setBlockFormat(form)

    def _top(self, block: QTextBlock) -> float:
        return self._document.documentLayout().blockBoundingRect(block).top()

    def _paragraph(self, text: str, size: float, *, above: float = 0, below: float = 0) -> None:
        block = QTextBlockFormat()
        block.setTopMargin(above * _MM)
        block.setBottomMargin(below * _MM)
        self._cursor.movePosition(QTextCursor.MoveOperation.End)
        if self._document.isEmpty():
            self._cursor.setBlockFormat(block)
        else:
            self._cursor.insertBlock(block)
        self._cursor.insertText(harmless(text), self._format(size))

    def _table(self, header: Sequence[str], rows: Sequence[Sequence[str]], shares: Sequence[int]) -> None:
        form = QTextTableFormat()
        form.setBorder(1)
        form.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
        form.setBorderBrush(QColor(Qt.GlobalColor.lightGray))
        form.setBorderCollapse(True)
        form.setCellPadding(0.55 * _MM)
        form.setHeaderRowCount(1 if header else 0)
        form.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
        total = sum(shares)
        form.setColumnWidthConstraints(
            [QTextLength(QTextLength.Type.PercentageLength, 100 * share / total) for share in shares]
        )
        self._cursor.movePosition(QTextCursor.MoveOperation.End)
        table = self._cursor.insertTable(len(rows) + (1 if header else 0), len(shares), form)
        lines = [header, *rows] if header else list(rows)
        for number, row in enumerate(lines):
            head = bool(header) and number == 0
            for column, text in enumerate(row):
                cell = table.cellAt(number, column)
                if head:
                    shade = cell.format()
                    shade.setBackground(QColor(Qt.GlobalColor.lightGray).lighter(SHADE))
                    cell.setFormat(shade)
                # Without a header the first column names what stands beside it.
                named = head or (not header and column % 2 == 0)
                cell.firstCursorPosition().insertText(
                    harmless(text), self._format(8.5, faint=named and not head)
                )
        self._cursor.movePosition(QTextCursor.MoveOperation.End)

    def _pictures(self, shown: Sequence[tuple[str, QImage]]) -> None:
        form = QTextTableFormat()
        form.setBorder(0)
        form.setCellPadding(1.2 * _MM)
        form.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
        form.setColumnWidthConstraints([QTextLength(QTextLength.Type.PercentageLength, 50)] * 2)
        self._cursor.movePosition(QTextCursor.MoveOperation.End)
        table = self._cursor.insertTable(1, 2, form)
        for column, (caption, picture) in enumerate(shown):
            self._shown += 1
            name = f"picture:{self._shown}"
            self._document.addResource(QTextDocument.ResourceType.ImageResource.value, QUrl(name), picture)
            place = QTextImageFormat()
            place.setName(name)
            size = QSizeF(picture.size()).scaled(*PICTURE_SIZE, Qt.AspectRatioMode.KeepAspectRatio)
            place.setWidth(size.width())
            place.setHeight(size.height())
            inside = table.cellAt(0, column).firstCursorPosition()
            inside.insertImage(place)
            inside.insertBlock()
            inside.insertText(harmless(caption), self._format(7.5, faint=True))
        self._cursor.movePosition(QTextCursor.MoveOperation.End)

    def _format(self, size: float, *, faint: bool = False) -> QTextCharFormat:
        form = QTextCharFormat()
        form.setFont(self._font(size))
        form.setForeground(QColor(Qt.GlobalColor.darkGray if faint else Qt.GlobalColor.black))
        return form

    def _font(self, size: float) -> QFont:
        font = QFont(self._family)
        font.setPointSizeF(size)
        # The font is a variable one: on paper Qt takes its thinnest form unless it is told the axis itself.
        font.setVariableAxis(QFont.Tag("wght"), REGULAR)
        # Its local forms of digits have no place in Unicode: what one copies out of the PDF would lack them.
        font.setFeature(QFont.Tag("locl"), 0)
        return font


def _dated(content: bytes, moment: datetime) -> bytes:
    """Put the dossier's moment in place of the clock's, which Qt writes: as long, so that no place moves."""
    stamp = f"(D:{moment:%Y%m%d%H%M%S}".encode()
    content = re.sub(rb"\(D:\d{14}", stamp, content)
    iso = f"{moment:%Y-%m-%dT%H:%M:%S}+00:00".encode()
    return re.sub(rb"(Date=\")\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d", rb"\g<1>" + iso, content)
