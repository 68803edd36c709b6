"""下达指令: what has to be done, by whom, until when, about which tickets, items or areas."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QRadioButton, QWidget

from domain.calendar import WorkCalendar
from domain.drafts import Choice, DirectiveDraft, DirectiveSubject
from domain.orders import LONGEST_TEXT
from domain.urgency import Urgency
from widgets.fact_grid import small_label
from widgets.forms.choice_grid import ChoiceGrid
from widgets.forms.deadline_edit import DeadlineEdit
from widgets.forms.just_issued import JustIssued, same_as
from widgets.forms.order_form import OrderForm
from widgets.forms.text_edit import SentenceEdit
from widgets.plain import tip
from widgets.scale import Scale
from widgets.tone import set_tone
from widgets.wording import local_time_text, urgency_name

SHORT_BASIS = 76
"""Characters of the basis in the form: with twelve receivers it must fit a low screen."""
NAMED = 4
"""So many tickets are named in the form; the rest are counted."""


class DirectiveForm(OrderForm):
    """Signals: `submitted(DirectiveDraft)`."""

    def __init__(
        self,
        subject: DirectiveSubject,
        bodies: Sequence[Choice],
        now: datetime,
        calendar: WorkCalendar,
        scale: Scale,
        parent: QWidget | None = None,
        just_issued: Sequence[JustIssued] = (),
    ) -> None:
        """`just_issued`: the form says so where it would issue one of these again."""
        super().__init__(scale, parent)
        self._just_issued = tuple(just_issued)
        self.set_titles(self.tr("下达指令"), self.tr("下达"))
        self._subject = subject
        about = small_label(self)
        about.setText(self._about_text())
        self.add_row(self.tr("涉及"), about)
        self.basis = small_label(self)
        whole = len(subject.basis) <= SHORT_BASIS
        self.basis.setText(subject.basis if whole else subject.basis[:SHORT_BASIS] + "…")
        self.basis.setToolTip("" if whole else tip(subject.basis))
        if subject.basis:
            self.add_row(self.tr("依据"), self.basis)
        hint, lines = (
            self.tr("要求做什么、做到什么程度、如何反馈"),
            (3 if subject.basis else 4) - bool(subject.unled),
        )
        self.text = SentenceEdit(hint, lines, scale, self)
        self.text.setPlainText(subject.text)
        self.text.moveCursor(QTextCursor.MoveOperation.End)
        self.add_row(self.tr("指令内容"), self.text)
        self.receivers = ChoiceGrid(bodies, scale, self)
        self.receivers.choose(subject.bodies)
        proposed = len(self.receivers.chosen)
        words = self.tr("接收单位（已按依据预选 {0} 家，可改）").format(proposed)
        self.add_row(words if proposed else self.tr("接收单位"), self.receivers)
        self.unled = small_label(self, "due_soon")
        self.unled.setText(self._unled_text())
        self.unled.setToolTip(tip(self.tr("由谁办还要分派；需要催办分派时，请加选平台办。")))
        self.unled.setVisible(bool(subject.unled))
        self.body.addWidget(self.unled)
        self.deadline = DeadlineEdit(now, calendar, scale, self)
        self.add_row(self.tr("反馈期限"), self.deadline)
        self._urgencies = QButtonGroup(self)
        row = QWidget(self)
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        for number, urgency in enumerate(Urgency):
            button = QRadioButton(urgency_name(urgency), row)
            button.setChecked(urgency is subject.urgency)
            self._urgencies.addButton(button, number)
            layout.addWidget(button)
        layout.addStretch(1)
        self.add_row(self.tr("紧急程度"), row)
        self.told = small_label(self, "muted")
        self.body.addWidget(self.told)
        self.text.textChanged.connect(self._say_whether_again)
        self.receivers.choice_changed.connect(self._say_whether_again)
        self._say_whether_again()
        self.text.setFocus()

    @property
    def urgency(self) -> Urgency:
        """The chosen urgency."""
        return list(Urgency)[self._urgencies.checkedId()]

    def choose_urgency(self, urgency: Urgency) -> None:
        """Choose an urgency."""
        self._urgencies.button(list(Urgency).index(urgency)).setChecked(True)

    def problem(self) -> tuple[str, QWidget] | None:
        if not self.text.text:
            return self.tr("请填写指令内容"), self.text
        if self.text.too_long:
            return self.tr("指令内容过长，最多 {0} 字").format(LONGEST_TEXT), self.text
        if not self.receivers.chosen:
            return self.tr("请至少选择一个接收单位"), self.receivers
        if self.deadline.is_past:
            return self.tr("反馈期限已过，请重新选择"), self.deadline
        return None

    def _say_whether_again(self) -> None:
        """Say so where the same directive has just been issued, above the button and on it."""
        same = same_as(self.draft(), self._just_issued) if self._just_issued else None
        told = self.tr("签收超时、逾期未反馈的自动预警；下达后不可修改，只能撤回。")
        if same is not None:
            told = self.tr("◆ {0} 刚发出同样的 {1}：事项、接收单位都相同。确需再发，才点“再次下达”。")
            told = told.format(local_time_text(same.at)[:-3], same.number)
        self.told.setText(told)
        set_tone(self.told, "muted" if same is None else "due_soon")
        self.name_button(self.tr("下达") if same is None else self.tr("再次下达"))

    def draft(self) -> DirectiveDraft:
        return DirectiveDraft(
            request_id=self.request_id,
            text=self.text.text,
            receivers=self.receivers.chosen,
            deadline=self.deadline.deadline,
            urgency=self.urgency,
            tickets=self._subject.tickets,
            items=self._subject.items,
            areas=tuple(area.key for area in self._subject.areas),
            basis=self._subject.basis,
        )

    def _unled_text(self) -> str:
        """Say which tickets no proposed receiver stands for, and why."""
        unled = self._subject.unled
        named = "、".join(unled[:NAMED]) + (self.tr(" 等") if len(unled) > NAMED else "")
        said = self.tr("◆ {0} 件尚未分派，没有承办单位，预选未含：{1}")
        return said.format(len(unled), named)

    def _about_text(self) -> str:
        parts: list[str] = []
        for caption, names in (
            (self.tr("工单"), self._subject.tickets),
            (self.tr("台账事项"), self._subject.items),
            (self.tr("区划"), tuple(area.name for area in self._subject.areas)),
        ):
            if names:
                more = self.tr(" 等 {0} 件").format(len(names)) if len(names) > NAMED else ""
                parts.append(f"{caption} {'、'.join(names[:NAMED])}{more}")
        if self._subject.title and parts:
            parts[0] += f" {self._subject.title}"
        return "；".join(parts) or self.tr("不涉及具体工单")
