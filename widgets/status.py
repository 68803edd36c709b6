"""Status is always colour and shape and word: the one table of all three, and the painter of the shapes.

The enums are StrEnums, whose equal words would collide as keys, so each type has its own table.
"""

from dataclasses import dataclass
from enum import Enum, StrEnum

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QIcon, QPainter, QPen, QPixmap, QPolygonF

from domain.events import WarningLevel
from domain.ledger import Colour
from domain.nodes import NodeStatus, TicketState
from domain.overview import DirectiveState, FeedState
from domain.re_supervision import FileState
from domain.stations import StationState
from widgets.tokens import tokens


class Shape(Enum):
    """The value is the character that stands for the shape where only text is possible."""

    CIRCLE = "●"
    TRIANGLE = "▲"
    DIAMOND = "◆"
    SQUARE = "■"
    RING = "○"
    PAUSE = "Ⅱ"
    ARROW = "→"
    DASH = "—"


@dataclass(frozen=True, slots=True)
class Mark:
    """How a status looks: name of its colour token, its shape and its word on screen."""

    colour_name: str
    shape: Shape
    word: str


_C, _T, _D, _S, _R = Shape.CIRCLE, Shape.TRIANGLE, Shape.DIAMOND, Shape.SQUARE, Shape.RING

_MARKS: dict[type, dict[StrEnum, tuple[str, Shape, str]]] = {
    TicketState: {
        TicketState.OVERDUE: ("overdue", _S, QT_TRANSLATE_NOOP("status", "超期")),
        TicketState.DUE_SOON: ("due_soon", _D, QT_TRANSLATE_NOOP("status", "临期")),
        TicketState.ON_TIME: ("on_time", _T, QT_TRANSLATE_NOOP("status", "按时")),
        TicketState.PAUSED: ("paused", Shape.PAUSE, QT_TRANSLATE_NOOP("status", "暂停")),
        TicketState.DONE: ("done", _C, QT_TRANSLATE_NOOP("status", "已办")),
        TicketState.CLOSED: ("text_muted", _C, QT_TRANSLATE_NOOP("status", "已销号")),
    },
    NodeStatus: {
        NodeStatus.NOT_STARTED: ("text_faint", _R, QT_TRANSLATE_NOOP("status", "未到")),
        NodeStatus.RUNNING: ("on_time", _T, QT_TRANSLATE_NOOP("status", "进行中")),
        NodeStatus.DUE_SOON: ("due_soon", _D, QT_TRANSLATE_NOOP("status", "临期")),
        NodeStatus.OVERDUE: ("overdue", _S, QT_TRANSLATE_NOOP("status", "超期")),
        NodeStatus.PAUSED: ("paused", Shape.PAUSE, QT_TRANSLATE_NOOP("status", "暂停")),
        NodeStatus.ON_TIME: ("done", _C, QT_TRANSLATE_NOOP("status", "按时办结")),
        NodeStatus.LATE: ("overdue", _S, QT_TRANSLATE_NOOP("status", "超时办结")),
        NodeStatus.HANDED_OVER: ("text_muted", Shape.ARROW, QT_TRANSLATE_NOOP("status", "已移交")),
        NodeStatus.SKIPPED: ("text_muted", Shape.DASH, QT_TRANSLATE_NOOP("status", "未经过")),
    },
    WarningLevel: {
        WarningLevel.RED: ("overdue", _S, QT_TRANSLATE_NOOP("status", "红")),
        WarningLevel.YELLOW: ("due_soon", _D, QT_TRANSLATE_NOOP("status", "黄")),
    },
    Colour: {
        Colour.GREEN: ("done", _C, QT_TRANSLATE_NOOP("status", "绿")),
        Colour.BLUE: ("on_time", _T, QT_TRANSLATE_NOOP("status", "蓝")),
        Colour.YELLOW: ("due_soon", _D, QT_TRANSLATE_NOOP("status", "黄")),
        Colour.RED: ("overdue", _S, QT_TRANSLATE_NOOP("status", "红")),
    },
    FeedState: {
        FeedState.OK: ("done", _C, QT_TRANSLATE_NOOP("status", "正常")),
        FeedState.LAGGING: ("due_soon", _D, QT_TRANSLATE_NOOP("status", "滞后")),
        FeedState.SILENT: ("overdue", _S, QT_TRANSLATE_NOOP("status", "中断")),
        FeedState.NOT_CONNECTED: ("text_faint", _R, QT_TRANSLATE_NOOP("status", "未接入")),
    },
    DirectiveState: {
        DirectiveState.UNSIGNED: ("due_soon", _D, QT_TRANSLATE_NOOP("status", "待签收")),
        DirectiveState.UNSIGNED_LATE: ("overdue", _S, QT_TRANSLATE_NOOP("status", "签收超时")),
        DirectiveState.RETURNED: ("due_soon", _D, QT_TRANSLATE_NOOP("status", "退回待报")),
        DirectiveState.RUNNING: ("on_time", _T, QT_TRANSLATE_NOOP("status", "办理中")),
        DirectiveState.DUE_SOON: ("due_soon", _D, QT_TRANSLATE_NOOP("status", "临期")),
        DirectiveState.OVERDUE: ("overdue", _S, QT_TRANSLATE_NOOP("status", "超期")),
        DirectiveState.FED_BACK: ("done", _C, QT_TRANSLATE_NOOP("status", "已反馈")),
        DirectiveState.JUDGED: ("done", _C, QT_TRANSLATE_NOOP("status", "已评价")),
        DirectiveState.WITHDRAWN: ("text_muted", Shape.DASH, QT_TRANSLATE_NOOP("status", "已撤回")),
    },
    FileState: {
        FileState.DRAFTED: ("text_muted", _R, QT_TRANSLATE_NOOP("status", "草稿")),
        FileState.LAUNCHED: ("due_soon", _D, QT_TRANSLATE_NOOP("status", "待说明")),
        FileState.EXPLAINED: ("on_time", _T, QT_TRANSLATE_NOOP("status", "已说明")),
        FileState.FOUND: ("overdue", _S, QT_TRANSLATE_NOOP("status", "已认定")),
        FileState.CLOSED: ("done", _C, QT_TRANSLATE_NOOP("status", "已办结")),
        FileState.DECLINED: ("text_muted", Shape.DASH, QT_TRANSLATE_NOOP("status", "不启动")),
    },
    StationState: {
        StationState.EXCEEDING: ("overdue", _S, QT_TRANSLATE_NOOP("status", "超标")),
        StationState.INVALID: ("due_soon", _D, QT_TRANSLATE_NOOP("status", "数据无效")),
        StationState.SILENT: ("paused", Shape.PAUSE, QT_TRANSLATE_NOOP("status", "失联")),
        StationState.ONLINE: ("done", _C, QT_TRANSLATE_NOOP("status", "在线")),
        StationState.NOT_CONNECTED: ("text_faint", _R, QT_TRANSLATE_NOOP("status", "未接入")),
    },
}

Status = (
    TicketState | NodeStatus | WarningLevel | Colour | FeedState | DirectiveState | FileState | StationState
)


def mark_of(status: Status) -> Mark:
    """Return colour, shape and word of a status; of one that a newer program wrote, what is written."""
    known = _MARKS.get(type(status), {}).get(status)
    if known is None:
        return Mark("text_muted", Shape.RING, str(status))
    colour_name, shape, word = known
    return Mark(colour_name, shape, QCoreApplication.translate("status", word))


def file_mark(state: str) -> Mark:
    """Return the mark of a re-supervision file's state as the store has it."""
    try:
        return mark_of(FileState(state))
    except ValueError:
        return Mark("text_muted", Shape.RING, state)


def merged_mark() -> Mark:
    """Return the mark of a ticket that is handled in another one."""
    return Mark("text_muted", Shape.ARROW, QCoreApplication.translate("status", "已并入"))


def rate_mark(rate: float) -> Mark:
    """Return the mark of an on-time rate of 0..1 by the thresholds of the tokens."""
    limits = tokens().thresholds
    for name, colour in (("rate_done", Colour.GREEN), ("rate_on_time", Colour.BLUE)):
        if rate >= limits[name]:
            return mark_of(colour)
    return mark_of(Colour.YELLOW if rate >= limits["rate_due_soon"] else Colour.RED)


def mark_icon(mark: Mark, side: int, gap: int, ratio: float = 1.0) -> QIcon:
    """Return a mark of `side` pixels as an icon, with a gap to the word after it, for this pixel ratio."""
    picture = QPixmap(round((side + gap) * ratio), round(side * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    paint_mark(painter, QRectF(0, 0, side, side), mark)
    painter.end()
    return QIcon(picture)


def paint_mark(painter: QPainter, rect: QRectF, mark: Mark) -> None:
    """Draw a mark's shape in its colour, centred in the rectangle (pixels), as large as fits."""
    side = min(rect.width(), rect.height())
    box = QRectF(0, 0, side, side)
    box.moveCenter(rect.center())
    colour = tokens().qcolor(mark.colour_name)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(colour))
    x, y, w = box.x(), box.y(), side
    match mark.shape:
        case Shape.CIRCLE:
            painter.drawEllipse(box)
        case Shape.TRIANGLE:
            painter.drawPolygon(_polygon((x + w / 2, y), (x + w, y + w * 0.92), (x, y + w * 0.92)))
        case Shape.DIAMOND:
            painter.drawPolygon(
                _polygon((x + w / 2, y), (x + w, y + w / 2), (x + w / 2, y + w), (x, y + w / 2))
            )
        case Shape.SQUARE:
            inset = w * 0.06
            painter.drawRect(box.adjusted(inset, inset, -inset, -inset))
        case Shape.RING:
            pen = QPen(colour, max(1.0, w * 0.12))
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            half = pen.widthF() / 2
            painter.drawEllipse(box.adjusted(half, half, -half, -half))
        case Shape.PAUSE:
            painter.drawRect(QRectF(x + w * 0.14, y, w * 0.26, w))
            painter.drawRect(QRectF(x + w * 0.60, y, w * 0.26, w))
        case Shape.ARROW:
            painter.drawRect(QRectF(x, y + w * 0.42, w * 0.6, w * 0.16))
            painter.drawPolygon(
                _polygon((x + w * 0.55, y + w * 0.2), (x + w, y + w / 2), (x + w * 0.55, y + w * 0.8))
            )
        case Shape.DASH:
            painter.drawRect(QRectF(x, y + w * 0.42, w, w * 0.16))
    painter.restore()


def _polygon(*points: tuple[float, float]) -> QPolygonF:
    return QPolygonF([QPointF(x, y) for x, y in points])
