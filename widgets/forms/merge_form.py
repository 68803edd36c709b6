"""合并: two tickets side by side before they become one, and which of them is kept."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRect, Qt, Signal
from PySide6.QtGui import QFontMetrics, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QRadioButton,
    QWidget,
)

from domain.merging import MOST_AT_ONCE, CandidateRow, MergeDraft, MergeView
from widgets.elided_label import ElidedLabel
from widgets.fact_grid import small_label
from widgets.forms.field_edits import TextField
from widgets.forms.order_form import OrderForm, indicators
from widgets.merge_words import gap_text, reason_text, standing_words, why_text
from widgets.plain import PlainLabel, tip
from widgets.scale import Scale
from widgets.wording import local_moment_text

LINES = 2
ROWS_IN_SIGHT = 5
_KEEP_THIS, _KEEP_OTHER = 0, 1
_TEXT = 2
"""The row of the complaint: two lines of it."""


class MergeForm(OrderForm):
    """Candidates to tick, which side is kept, and a comparison with the one that is looked at.

    Signals: `submitted(MergeDraft)`; `ticket_wanted(str)`: look at a ticket that is no candidate, and hand it
    to `add_candidate`, or say that there is none by `show_missing`.
    """

    ticket_wanted = Signal(str)

    def __init__(
        self, view: MergeView, chosen: Sequence[str], scale: Scale, parent: QWidget | None = None
    ) -> None:
        super().__init__(scale, parent)
        self.view = view
        self._rows: list[CandidateRow] = []
        self._typed_reason = ""
        self.set_titles(self.tr("合并重复工单"), self.tr("合并"))
        self.list = QListWidget(self)
        self.list.setAccessibleName(self.tr("可能重复的工单"))
        self.other = QLineEdit(self)
        self.other.setPlaceholderText(self.tr("其他工单号，例如监测报警单"))
        self.look = QPushButton(self.tr("查找"), self)
        self.look.setProperty("look", "small")
        self.look.setAutoDefault(False)
        wanted = QHBoxLayout()
        wanted.addWidget(self.other, 1)
        wanted.addWidget(self.look)
        self.keep_this = QRadioButton(self.tr("保留本单，勾选的并入本单"), self)
        self.keep_other = QRadioButton(self.tr("保留勾选的一件，本单并入它"), self)
        self._sides = QButtonGroup(self)
        self._sides.addButton(self.keep_this, _KEEP_THIS)
        self._sides.addButton(self.keep_other, _KEEP_OTHER)
        ways = QHBoxLayout()
        ways.addWidget(self.keep_this)
        ways.addWidget(self.keep_other)
        ways.addStretch(1)
        self.comparison = _Comparison(scale, self)
        self.reason = TextField(self.tr("为何是同一问题"), LINES, scale, self)
        self.said = small_label(self, "muted")
        self.none = small_label(self, "muted")
        self.beyond = small_label(self, "due_soon")
        self.add_row(self.tr("可能重复的工单（空格键勾选）"), self.list)
        self.body.addWidget(self.none)
        self.body.addLayout(wanted)
        self.body.addLayout(ways)
        self.body.addWidget(self.comparison, 1)
        self.body.addWidget(self.beyond)
        self.add_row(self.tr("合并理由"), self.reason)
        self.body.addWidget(self.said)
        self.look.clicked.connect(self._look)
        self.other.returnPressed.connect(self._look)
        self.list.itemChanged.connect(self._show)
        self.list.currentRowChanged.connect(self._show)
        self._sides.idToggled.connect(self._show)
        for row in view.candidates:
            self._add(row, checked=row.why.number in chosen)
        self.list.setCurrentRow(self._first_row(chosen))
        looked_at = self._looked_at()
        # The first report is what the body works on already: it is kept, unless the hand says otherwise.
        keeps_other = looked_at is not None and looked_at.why.gap.total_seconds() > 0
        (self.keep_other if keeps_other and len(self.chosen) <= 1 else self.keep_this).setChecked(True)
        self._show()
        (self.list if self._rows else self.other).setFocus()
        scale.factor_changed.connect(self._resize_list)
        self._resize_list()

    @property
    def chosen(self) -> tuple[CandidateRow, ...]:
        """The ticked tickets."""
        states = (self.list.item(place).checkState() for place in range(self.list.count()))
        return tuple(
            row for row, state in zip(self._rows, states, strict=False) if state == Qt.CheckState.Checked
        )

    def add_candidate(self, row: CandidateRow) -> None:
        """Offer a ticket that was looked for, ticked."""
        self._say("")
        known = [known.why.number for known in self._rows]
        if row.why.number in known:
            place = known.index(row.why.number)
            self.list.item(place).setCheckState(Qt.CheckState.Checked)
        else:
            self._add(row, checked=True)
            place = len(self._rows) - 1
        self.other.clear()
        self.list.setCurrentRow(place)
        self._show()

    def show_missing(self, number: str) -> None:
        """Say that there is no ticket of this number."""
        self._say(self.tr("没有工单 {0}。").format(number))
        self.other.setFocus()

    def problem(self) -> tuple[str, QWidget] | None:
        chosen = self.chosen
        if not chosen:
            return self.tr("请勾选要合并的工单"), self.list if self._rows else self.other
        if len(chosen) > MOST_AT_ONCE:
            return self.tr("一次最多合并 {0} 件").format(MOST_AT_ONCE), self.list
        if self.keep_other.isChecked() and len(chosen) > 1:
            return self.tr("本单只能并入一件工单，请只勾选一件"), self.list
        if self.reason.flaw:
            return self.tr("合并理由：{0}").format(self.reason.flaw), self.reason
        return None if self.reason.value else (self.tr("请填写“合并理由”"), self.reason)

    def draft(self) -> MergeDraft:
        this, chosen = self.view.this, self.chosen
        seen = tuple((row.why.number, row.version) for row in (this, *chosen))
        if self.keep_other.isChecked():
            main, repeats = chosen[0].why.number, (this.why.number,)
        else:
            main, repeats = this.why.number, tuple(row.why.number for row in chosen)
        return MergeDraft(self.request_id, main, repeats, self.reason.value, seen)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Be as high as the content asks for at this width."""
        layout = self.layout()
        if layout is not None and self.isVisible():
            layout.activate()
            self.resize(self.width(), max(self.height(), layout.totalHeightForWidth(self.width())))

    def _add(self, row: CandidateRow, *, checked: bool) -> None:
        self._rows.append(row)
        why = why_text(row)
        if self.view.is_beyond(row):
            why = self.tr("◆ 超出半径 · {0}").format(why)
        words = f"{row.why.number}　{why}　{row.row.title}"
        item = QListWidgetItem(words)
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
        item.setToolTip(tip(words))
        item.setCheckState(Qt.CheckState.Checked if checked else Qt.CheckState.Unchecked)
        self.list.addItem(item)
        self._resize_list()

    def _first_row(self, chosen: Sequence[str]) -> int:
        numbers = [row.why.number for row in self._rows]
        return next((numbers.index(number) for number in chosen if number in numbers), 0 if numbers else -1)

    def _looked_at(self) -> CandidateRow | None:
        place = self.list.currentRow()
        return self._rows[place] if 0 <= place < len(self._rows) else None

    def _look(self) -> None:
        number = self.other.text().strip()
        if not number:
            return
        if number == self.view.this.why.number:
            self._say(self.tr("{0} 不能并入自己").format(number))
            return
        self.ticket_wanted.emit(number)

    def _show(self) -> None:
        row, this, chosen = self._looked_at(), self.view.this, self.chosen
        keeps_other = self.keep_other.isChecked()
        main, repeat = (row, this) if keeps_other else (this, row)
        self.comparison.show_sides(main, repeat, row)
        if self.reason.value in ("", self._typed_reason):
            # Of what the rule would not propose, whoever merges says in their own words why it is the same.
            far = any(map(self.view.is_beyond, chosen))
            self._typed_reason = reason_text(chosen[0]) if chosen and not far else ""
            self.reason.setPlainText(self._typed_reason)
        self._tell_beyond(row)
        kept, joined = this.row, len(chosen)
        if keeps_other and row is not None:
            kept, joined = (chosen[0] if chosen else row).row, 1
        self.said.setText(
            self.tr(
                "并入的工单停止计时、移交主单，由 {0} 一并办理并逐一反馈（合并后共 {1} 位投诉人）；"
                "以您的姓名记入各单日志，可随时拆分，期间不计时。"
            ).format(kept.number, kept.merged + 1 + joined)
        )

    def _tell_beyond(self, looked_at: CandidateRow | None) -> None:
        """Say how far those are that the rule does not propose, and that the rule proposes none."""
        shown = {row.why.number: row for row in (*self.chosen, *((looked_at,) if looked_at else ()))}
        far = [row for row in shown.values() if self.view.is_beyond(row)]
        lines = [
            self.tr(
                "◆ {0} 距本单 {1} m，超出规则的合并半径 {2} m；如确为同一问题，请在合并理由中写明依据。"
            ).format(row.why.number, f"{row.why.distance_m:,.0f}", f"{self.view.radius_m:,.0f}")
            for row in far
        ]
        self.beyond.setText("\n".join(lines))
        self.beyond.setVisible(bool(lines))
        self.none.setVisible(not self._rows)
        if not self._rows:
            none = self.tr("没有可能重复的工单。")
            if self.view.radius_m is not None and self.view.days is not None:
                none = self.tr("规则范围内（{0} m、{1} 天内同类）没有可能重复的工单。").format(
                    f"{self.view.radius_m:,.0f}", self.view.days
                )
            self.none.setText(self.tr("{0}可在下面按工单号查找其他工单。").format(none))
        self.list.setVisible(bool(self._rows))
        self._fit()

    def _resize_list(self) -> None:
        rows = max(1, min(ROWS_IN_SIGHT, self.list.count()))
        self.list.setFixedHeight(rows * self._scale.px(34) + self._scale.px(8))
        self.setMinimumWidth(self._scale.px(1180))
        self.list.setStyleSheet(list_indicators(self._scale))
        self._fit()


def list_indicators(scale: Scale) -> str:
    """The boxes of a list's lines, as those of a form's fields."""
    return indicators(scale).replace("QCheckBox::indicator", "QListWidget::indicator")


class _TwoLines(PlainLabel):
    """A wrapped label of a fixed height; a grid would else ask it for one by its width. What is more than two
    lines ends in "…"."""

    _whole = ""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("textsize", "small")
        self.setWordWrap(True)
        self.setAlignment(Qt.AlignmentFlag.AlignTop)

    def set_text(self, text: str) -> None:
        """Show a text, as much of it as two lines have room for."""
        self._whole = " ".join(text.split())
        self._cut()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._cut()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._cut()

    def _cut(self) -> None:
        self.ensurePolished()
        shown = two_lines(self._whole, self.fontMetrics(), self.width())
        if shown != self.text():
            self.setText(shown)

    def hasHeightForWidth(self) -> bool:
        return False


def two_lines(text: str, metrics: QFontMetrics, width: int) -> str:
    """Return as much of a text as two wrapped lines of a width in pixels show, with "…" where it is cut."""
    flags = int(Qt.TextFlag.TextWordWrap)
    room = QRect(0, 0, max(1, width), 1 << 20)
    high = _height_of_two(metrics)

    def fits(words: str) -> bool:
        return metrics.boundingRect(room, flags, words).height() <= high

    if fits(text):
        return text
    least, most = 0, len(text)
    while least < most:
        middle = (least + most + 1) // 2
        least, most = (middle, most) if fits(text[:middle].rstrip() + "…") else (least, middle - 1)
    return text[:least].rstrip() + "…"


def _height_of_two(metrics: QFontMetrics) -> int:
    # Han letters may come from another font than the rest, with higher lines.
    return metrics.boundingRect(QRect(0, 0, 1 << 20, 1 << 20), 0, "字\n字").height()


class _Comparison(QWidget):
    """Captions with the values of the two sides beside them."""

    def __init__(self, scale: Scale, parent: QWidget) -> None:
        super().__init__(parent)
        self._scale = scale
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setColumnStretch(1, 1)
        self._grid.setColumnStretch(2, 1)
        captions = (
            "",
            self.tr("标题"),
            self.tr("反映内容"),
            self.tr("类别"),
            self.tr("点位"),
            self.tr("来件"),
            self.tr("承办"),
            self.tr("进度"),
            self.tr("含重复"),
        )
        self.cells: list[tuple[ElidedLabel | _TwoLines, ElidedLabel | _TwoLines]] = []
        for place, caption in enumerate(captions):
            name = PlainLabel(caption, self)
            name.setProperty("tone", "muted")
            name.setProperty("textsize", "small")
            self._grid.addWidget(name, place, 0, Qt.AlignmentFlag.AlignTop)
            pair = (self._cell(place), self._cell(place))
            for side, label in enumerate(pair):
                self._grid.addWidget(label, place, 1 + side)
            self.cells.append(pair)
        scale.factor_changed.connect(self._respace)
        self._respace()

    def show_sides(
        self, main: CandidateRow | None, repeat: CandidateRow | None, other: CandidateRow | None
    ) -> None:
        """Show what is kept and what is merged; `other` is the candidate of the two, whose gap is told."""
        for side, (heading, row) in enumerate(
            ((self.tr("主单（保留）"), main), (self.tr("重复单（并入）"), repeat))
        ):
            values = self._values(heading, row, other)
            for pair, value in zip(self.cells, values, strict=True):
                pair[side].set_text(value)
                pair[side].setToolTip(tip(value))

    def _cell(self, place: int) -> "ElidedLabel | _TwoLines":
        if place == _TEXT:
            return _TwoLines(self)
        heading = place == 0
        return ElidedLabel(self._scale, self, tone="text_strong" if heading else "text", bold=heading)

    def _values(self, heading: str, row: CandidateRow | None, other: CandidateRow | None) -> tuple[str, ...]:
        if row is None:
            return (heading, "—", *[""] * (len(self.cells) - 2))
        ticket = row.row
        place = " · ".join(part for part in (ticket.area_name, ticket.township, row.address) if part)
        received = local_moment_text(ticket.received_at)
        if row is other:
            received = self.tr("{0}（{1}）").format(received, gap_text(row.why.gap))
        return (
            f"{heading}　{ticket.number}",
            ticket.title,
            row.text or "—",
            ticket.category_name or self.tr("未分类"),
            place or self.tr("无点位"),
            self.tr("{0} · {1}").format(received, ticket.channel_name),
            ticket.body_name or self.tr("尚未分派"),
            standing_words(row),
            self.tr("{0} 件").format(ticket.merged) if ticket.merged else "—",
        )

    def _respace(self) -> None:
        self._grid.setHorizontalSpacing(self._scale.px(18))
        self._grid.setVerticalSpacing(self._scale.px(3))
        lines = _height_of_two(QFontMetrics(self._scale.font("font_small")))
        for label in self.cells[_TEXT]:
            label.setFixedHeight(lines)
