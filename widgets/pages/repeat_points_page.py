"""重复点位: places that two or more reports of the last days are about, and who answers for them (B10)."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPushButton, QWidget

from domain.drafts import DirectiveSubject
from domain.listing import TicketFilter
from domain.nodes import TicketState
from domain.people import Actor
from domain.repeat_points import FirstContact, RepeatPoint
from domain.repeat_rules import RepeatsRule
from domain.rights import Command
from widgets.pages.list_page import ListPage
from widgets.plain import PlainLabel, tip
from widgets.refusals import refusal_of
from widgets.scale import Scale
from widgets.status import mark_of
from widgets.table.cells import Cell, CellLook, Column
from widgets.table.lazy import LazyTable
from widgets.table.paged import PagedModel
from widgets.wording import exact_count_text, local_moment_text, minute_text, rate_text

MOST_IN_A_DIRECTIVE = 200
"""More tickets than this in one directive would be a list that nobody reads."""
SHOWN = 3
"""So many kinds and bodies of a point stand in a cell; its tooltip has all."""


class RepeatPointsPage(ListPage):
    """A list of places; a line opens exactly its tickets.

    Signals: `tickets_requested(TicketFilter, str)`; `directive_requested(DirectiveSubject)` about a point's
    tickets; `all_requested()`: the tickets of all points; `rising_requested()`: what rises faster than
    usual; `back_requested()`.
    """

    tickets_requested = Signal(object, str)
    directive_requested = Signal(object)
    all_requested = Signal()
    rising_requested = Signal()
    back_requested = Signal()

    def __init__(self, scale: Scale, parent: QWidget | None = None) -> None:
        self.model = PagedModel(point_columns(), key_of)
        super().__init__(
            QCoreApplication.translate("repeats", "重复点位"), LazyTable(self.model, scale), scale, parent
        )
        self.model.setParent(self)
        self.table: LazyTable
        self.back = QPushButton(self.tr("‹ 返回"), self)
        self.back.setProperty("look", "link")
        self.panel.bar.insertWidget(0, self.back)
        self.all = QPushButton(self.tr("列出这些点位的全部工单"), self)
        self.all.setProperty("look", "small")
        self.panel.bar.addWidget(self.all)
        self.rising = QPushButton(self.tr("上升预警 ›"), self)
        self.rising.setProperty("look", "link")
        self.rising.clicked.connect(self.rising_requested)
        self.first_contact = PlainLabel(self)
        self.first_contact.setProperty("tone", "muted")
        self.add_tools((self.first_contact, self.rising))
        self.directive = QPushButton(self.tr("下达指令"), self)
        self.directive.setProperty("look", "primary")
        self.panel.bar.addWidget(self.directive)
        self._refusal = refusal_of(Command.ISSUE_DIRECTIVE, None)
        self.directive.clicked.connect(self._ask_directive)
        self.table.choice_changed.connect(self._choice_changed)
        self.back.clicked.connect(self.back_requested)
        self.all.clicked.connect(self.all_requested)
        self.all.setEnabled(False)
        self.table.record_activated.connect(self._open)
        self._choice_changed()

    def start_over(self) -> None:
        """Begin another list: nothing of it is known yet."""
        self.model.start_over()
        self.table.set_empty_text(self.tr("统计中…"))

    def set_actor(self, actor: Actor | None) -> None:
        """Say who is at the screen; what they may not do is shown with the reason."""
        self._refusal = refusal_of(Command.ISSUE_DIRECTIVE, actor)
        self._choice_changed()

    def show_first_contact(self, counted: FirstContact, days: int) -> None:
        """Say how many reports were settled at first contact (Y22)."""
        rate = "—" if counted.rate is None else rate_text(counted.rate)
        words = self.tr("首访即终访率 {0}（{1} / {2} 件）").format(
            rate, exact_count_text(counted.settled), exact_count_text(counted.closed)
        )
        self.first_contact.setText(words)
        how = self.tr("近 {0} 日来件、已销号的工单中，一轮办结且该点位没有其他反映的所占比例；并入的不计")
        self.first_contact.setToolTip(tip(how.format(days)))

    def show_count(self, points: int, reports: int, rule: RepeatsRule, as_of: datetime) -> None:
        """Say how many points there are and how many reports they have, by which rule, and as of when."""
        sample = self.tr("（示例）") if rule.sample else ""
        said = self.tr("近 {0} 日、{1} 米内反映 {2} 次及以上{3}：{4} 处，{5} 件").format(
            rule.days,
            rule.radius_m,
            rule.reports,
            sample,
            exact_count_text(points),
            exact_count_text(reports),
        )
        self.panel.set_note(said, shorter=(self.tr("{0} 处，{1} 件").format(points, reports),))
        self.panel.set_fresh(as_of)
        self.table.set_empty_text(self.tr("近 {0} 日没有重复反映的点位").format(rule.days))
        self.all.setEnabled(points > 0)
        self.table.tick(as_of)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.back_requested.emit()
        else:
            super().keyPressEvent(event)

    def _choice_changed(self) -> None:
        reason = self._refusal or ("" if self.table.chosen() is not None else self.tr("先选择点位"))
        self.directive.setEnabled(not reason)
        self.directive.setToolTip(tip(reason))

    def _ask_directive(self) -> None:
        point = self.table.chosen()
        if isinstance(point, RepeatPoint):
            numbers = point.numbers[:MOST_IN_A_DIRECTIVE]
            self.directive_requested.emit(DirectiveSubject(numbers, bodies=point.body_keys))

    def _open(self, point: RepeatPoint, _column: str) -> None:
        where = point.address or point.area_name
        title = self.tr("重复点位：{0}").format(where)
        self.tickets_requested.emit(TicketFilter(numbers=point.numbers), title)


def point_columns() -> tuple[Column, ...]:
    """Return the columns; widths are pixels at 1080p."""
    return (
        Column("count", _word("反映次数"), 110, _count, right=True),
        Column("open", _word("办理状态"), 190, _standing),
        Column("address", _word("点位"), 300, _address, stretch=True),
        Column("area", _word("区划"), 210, _area, least=120),
        Column("kinds", _word("反映的问题"), 330, _kinds, least=180),
        Column("bodies", _word("责任主体"), 250, _bodies, least=140),
        Column("plan", _word("整治方案"), 190, _plan, least=90),
        Column("last", _word("最近反映"), 176, _last, right=True),
    )


def key_of(point: RepeatPoint) -> str:
    """Return what names a point."""
    return point.key


def _count(point: RepeatPoint) -> Cell:
    tooltip = _word("{0} 次，自 {1}").format(point.count, local_moment_text(point.first_at))
    return Cell(_word("{0} 次").format(point.count), colour="text_strong", tooltip=tooltip, bold=True)


def _standing(point: RepeatPoint) -> Cell:
    mark = mark_of(TicketState.ON_TIME if point.open else TicketState.CLOSED)
    parts = [_word("在办 {0} 件").format(point.open) if point.open else _word("均已办结")]
    if point.merged:
        parts.append(_word("并入 {0}").format(point.merged))
    text = " · ".join(parts)
    return Cell(text, CellLook.MARK, mark.colour_name, mark, tooltip=text)


def _address(point: RepeatPoint) -> Cell:
    if not point.address:
        return Cell(_word("未写地址"), colour="text_faint")
    return Cell(point.address, colour="text_strong", tooltip=point.address)


def _area(point: RepeatPoint) -> Cell:
    return Cell(point.area_name, tooltip=point.area_name)


def _kinds(point: RepeatPoint) -> Cell:
    return _most(point.kinds)


def _bodies(point: RepeatPoint) -> Cell:
    return _most(point.bodies) if point.bodies else Cell(_word("尚未分派"), colour="text_faint")


def _most(counts: Sequence[tuple[str, int]]) -> Cell:
    words = [f"{name} {count}" if count > 1 else name for name, count in counts]
    more = "…" if len(words) > SHOWN else ""
    return Cell("、".join(words[:SHOWN]) + more, tooltip="\n".join(words))


def _plan(point: RepeatPoint) -> Cell:
    if not point.plan:
        return Cell("—", colour="text_faint", tooltip=_word("没有登记“一案一策”"))
    state = _word("已批准") if point.plan_approved else _word("待批准")
    return Cell(f"{point.plan} · {state}", tooltip=f"{point.plan}\n{state}")


def _last(point: RepeatPoint) -> Cell:
    text = minute_text(point.last_at)
    return Cell(text, colour="text_muted", tooltip=local_moment_text(point.last_at))


def _word(source: str) -> str:
    return QCoreApplication.translate("repeats", source)
