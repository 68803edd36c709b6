"""Which body is on time: rank, rate, its numerator and denominator, and the move since the last window."""

from collections.abc import Sequence
from math import floor

from PySide6.QtCore import QEvent, QModelIndex, QObject, QRectF, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from domain.listing import Outcome
from domain.people import Actor
from domain.ranking import MINIMUM_DUE, RankingRow
from domain.ranking_query import RankingPage
from domain.rights import Command
from widgets.directive_basis import about_ranked
from widgets.elided_label import ElidedLabel
from widgets.order_button import OrderButton
from widgets.painting import CENTRE, RIGHT, draw_bar, draw_text, text_width
from widgets.panel import Panel
from widgets.plain import PlainLabel, tip
from widgets.record_list import RECORD_ROLE, RecordDelegate, RecordList, RecordModel
from widgets.refusals import refusal_of
from widgets.scale import Scale
from widgets.status import rate_mark
from widgets.tokens import tokens
from widgets.wording import count_text, node_name, rate_text


class RankingPanel(Panel):
    """The bodies in their order, the ones with too small a sample at the end.

    The row under the hand, or under the keyboard, offers a directive to who may issue one:
    `directive_requested(SubjectSought)`.
    """

    tickets_requested = Signal(object, str)
    directive_requested = Signal(object)

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        super().__init__("", scale, parent)
        self.set_title(self.tr("责任主体时效排名"))
        self._caption = ElidedLabel(scale, self, tone="text_muted")
        self._empty = PlainLabel(self.tr("窗口内尚无到期环节"), self)
        self._empty.setProperty("tone", "muted")
        self._empty.setAlignment(CENTRE)
        self.model = RecordModel(self._spoken, self._explained, _key_of)
        self._delegate = _RankingDelegate(scale)
        self.rows = RecordList(self.model, self._delegate, self)
        self.rows.setAccessibleName(self.title)
        self.rows.record_chosen.connect(self._request)
        self.body.addWidget(self._caption)
        self.body.addWidget(self.rows, 1)
        self.body.addWidget(self._empty, 1)
        self._page: RankingPage | None = None
        self.directive = OrderButton(self.tr("督办"), "cover", scale, self.rows.viewport())
        self.directive.hide()
        self.directive.clicked.connect(self._request_directive)
        self._under_hand: RankingRow | None = None
        self._may_direct = False
        self.rows.entered.connect(self._offer)
        self.rows.selectionModel().currentChanged.connect(self._offer_current)
        self.rows.viewport().installEventFilter(self)
        self.rows.hide()
        self._space()
        scale.factor_changed.connect(self._space)

    def set_actor(self, actor: Actor | None) -> None:
        """Offer a directive about a row only to who may issue one."""
        self._may_direct = not refusal_of(Command.ISSUE_DIRECTIVE, actor)
        self.directive.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the offer away with the hand, unless the keyboard is on it."""
        if event.type() == QEvent.Type.Leave and not self.directive.hasFocus():
            self.directive.hide()
        return super().eventFilter(watched, event)

    def _offer_current(self, current: QModelIndex, _before: QModelIndex) -> None:
        self._offer(current)

    def _offer(self, index: QModelIndex) -> None:
        row: RankingRow | None = index.data(RECORD_ROLE) if index.isValid() else None
        self._under_hand = row
        self.directive.setVisible(row is not None and self._may_direct)
        if row is None:
            return
        place, size = self.rows.visualRect(index), self.directive.sizeHint()
        height = min(size.height(), place.height())
        top = place.y() + (place.height() - height) // 2
        self.directive.setGeometry(place.right() - size.width(), top, size.width(), height)
        said = self.tr("就 {0} 的超期环节下达指令").format(row.name)
        self.directive.setToolTip(tip(said))
        self.directive.setAccessibleName(said)

    def _request_directive(self) -> None:
        if self._page is not None and self._under_hand is not None:
            self.directive_requested.emit(about_ranked(self._page, self._under_hand))

    def show_ranking(self, page: RankingPage) -> None:
        """Show a ranking of bodies."""
        before, self._page = self._page, page
        if before is not None and (before.query, before.rows) == (page.query, page.rows):
            # The same figures over a window that ends a little later.
            self.confirm(page.as_of)
            return
        self.set_fresh(page.as_of)
        words = [self.tr("近 {0} 日").format(page.query.days), self.tr("按期办结 / 应办结")]
        if page.query.node is not None:
            words.insert(1, node_name(page.query.node))
        # Unsaid, a body with 96.0 % of many before one with 97.2 % of few looks wrong.
        order, short = self.tr("按 95% 威尔逊区间下限排序，样本少者靠后"), self.tr("按威尔逊下限排序")
        wordings = ((*words, order), (*words, short), (words[0], short))
        self._caption.set_text(*(" · ".join(wording) for wording in wordings))
        self._caption.setToolTip(tip(" · ".join(wordings[0])))
        # Another body may stand in the row under the hand.
        self.directive.hide()
        if self._delegate.prepare(page.rows):
            self.rows.viewport().update()
        self.rows.show_records(page.rows)
        self.rows.setVisible(bool(page.rows))
        self._empty.setVisible(not page.rows)

    def _space(self) -> None:
        self.body.setSpacing(self.scale.px(4))

    def _request(self, row: RankingRow) -> None:
        if self._page is not None:
            title = self.tr("{0} · 应办结").format(row.name)
            self.tickets_requested.emit(self._page.tickets_of(row, Outcome.DUE), title)

    def _spoken(self, row: RankingRow) -> str:
        place = self.tr("样本不足") if row.rank is None else self.tr("第 {0}").format(row.rank)
        return f"{place} {row.name} {rate_text(row.rate)} {row.on_time}/{row.due}"

    def _explained(self, row: RankingRow) -> str:
        limits = tokens().thresholds
        lines = [
            self.tr("{0}：按期办结 {1} ÷ 应办结 {2} = {3}").format(
                row.name, row.on_time, row.due, rate_text(row.rate)
            ),
            self.tr("其中超期未办结 {0}").format(row.open_overdue),
            self.tr("排序按 95% 威尔逊区间下限 {0}，样本少者靠后；条的淡色段为区间").format(
                rate_text(row.low)
            ),
            self.tr("条色：绿 ≥ {0}，蓝 ≥ {1}，黄 ≥ {2}，其下为红；条自 {3} 起").format(
                rate_text(limits["rate_done"]),
                rate_text(limits["rate_on_time"]),
                rate_text(limits["rate_due_soon"]),
                rate_text(self._delegate.floor),
            ),
            self.tr("满意 {0} / 回访 {1} · 打回 {2}").format(row.satisfied, row.revisited, row.bounced),
        ]
        if row.rank is None:
            lines.append(self.tr("应办结不足 {0} 件，不排名").format(MINIMUM_DUE))
        return "\n".join(lines)


class _RankingDelegate(RecordDelegate):
    """Columns are measured once per set of rows, so that figures stand under one another."""

    def __init__(self, scale: Scale) -> None:
        super().__init__(scale, tokens().size("row"))
        self._rows: Sequence[RankingRow] = ()
        self._of_width = self._rate_width = self._move_width = 0.0
        self.floor = 0.0
        scale.factor_changed.connect(self._measure)

    def prepare(self, rows: Sequence[RankingRow]) -> bool:
        """Measure the columns for these rows and choose where the bars begin; return whether that changed.

        Rates of bodies lie close together: bars start one step of ten per cent below the lowest one, at
        most at 80 %, and the tooltip says so.
        """
        self._rows = rows
        rates = [row.rate for row in rows if row.rate is not None and row.rank is not None]
        before = (self.floor, self._of_width, self._move_width)
        self.floor = max(0.0, min(0.8, (floor(min(rates, default=1.0) * 10) - 1) / 10))
        self._measure()
        return before != (self.floor, self._of_width, self._move_width)

    def _measure(self) -> None:
        small, strong = self.scale.font("font_small"), self.scale.font("font_body", bold=True)
        self._of_width = max((text_width(small, _of(row)) for row in self._rows), default=0.0)
        self._rate_width = text_width(strong, "99.9%")
        self._move_width = max((text_width(small, _move(row)[0]) for row in self._rows), default=0.0)

    def paint_record(self, painter: QPainter, rect: QRectF, record: RankingRow) -> None:
        scale, row = self.scale, record
        small, strong = scale.font("font_small"), scale.font("font_body", bold=True)
        gap = scale.px(8)
        move, tone = _move(row)
        right = rect.right() - scale.px(4)
        ranked = row.rank is not None

        def column(width: float) -> QRectF:
            nonlocal right
            right -= width
            box = QRectF(right, rect.y(), width, rect.height())
            right -= gap
            return box

        draw_text(painter, column(self._move_width), move, small, tone, RIGHT)
        draw_text(painter, column(self._of_width), _of(row), small, "text_muted", RIGHT)
        rate_tone = "text_strong" if ranked else "text_faint"
        draw_text(painter, column(self._rate_width), rate_text(row.rate), strong, rate_tone, RIGHT)
        bar = column(scale.px(46))
        if ranked and row.rate is not None and row.low is not None:
            height = scale.px(9)
            span = 1 - self.floor
            share, sure = ((value - self.floor) / span for value in (row.rate, row.low))
            box = QRectF(bar.x(), bar.center().y() - height / 2, bar.width(), height)
            draw_bar(painter, box, share, rate_mark(row.rate).colour_name, max(0.0, sure))
        else:
            word = self.tr("样本不足")
            bar.setLeft(bar.right() - text_width(small, word))
            draw_text(painter, bar, word, small, "text_faint", RIGHT)
            right = bar.left() - gap
        place = QRectF(rect.x() + scale.px(2), rect.y(), scale.px(24), rect.height())
        draw_text(painter, place, str(row.rank) if ranked else "–", strong, "text_faint")
        name = QRectF(
            place.right() + scale.px(7), rect.y(), right - place.right() - scale.px(7), rect.height()
        )
        draw_text(painter, name, row.name, small, "text" if ranked else "text_muted")


def _key_of(row: RankingRow) -> str:
    return row.key


def _of(row: RankingRow) -> str:
    return f"{count_text(row.on_time)}/{count_text(row.due)}"


def _move(row: RankingRow) -> tuple[str, str]:
    if not row.move:
        return "—", "text_faint"
    return (f"▲{row.move}", "done") if row.move > 0 else (f"▼{-row.move}", "overdue_text")
