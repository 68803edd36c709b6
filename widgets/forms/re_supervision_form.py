"""启动再监督: which body has to explain what, by when, and which facts are frozen into the file."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtWidgets import QWidget

from domain.calendar import WorkCalendar
from domain.drafts import Choice, ReSupervisionDraft, ReSupervisionSubject
from domain.orders import LONGEST_TEXT
from widgets.arrow_fields import ArrowComboBox
from widgets.fact_grid import small_label
from widgets.forms.deadline_edit import DeadlineEdit
from widgets.forms.order_form import OrderForm
from widgets.forms.text_edit import SentenceEdit
from widgets.scale import Scale
from widgets.wording import node_name


class ReSupervisionForm(OrderForm):
    """Signals: `submitted(ReSupervisionDraft)`."""

    def __init__(
        self,
        subject: ReSupervisionSubject,
        bodies: Sequence[Choice],
        now: datetime,
        calendar: WorkCalendar,
        scale: Scale,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(scale, parent)
        self.set_titles(self.tr("启动再监督"), self.tr("启动"))
        self.submit_button.setProperty("look", "danger")
        self._subject = subject
        about = small_label(self)
        about.setText(self._about_text())
        self.add_row(self.tr("工单与环节"), about)
        self.body_choice = ArrowComboBox(scale, self)
        self.body_choice.addItem(self.tr("请选择被监督单位"), "")
        for body in bodies:
            self.body_choice.addItem(body.name, body.key)
        position = self.body_choice.findData(subject.body) if subject.body else 0
        self.body_choice.setCurrentIndex(max(0, position))
        self.add_row(self.tr("被监督单位"), self.body_choice)
        self.cause = SentenceEdit(self.tr("违反了哪一条规则"), 2, scale, self)
        self.cause.setPlainText(subject.cause)
        self.add_row(self.tr("事由"), self.cause)
        self.question = SentenceEdit(self.tr("要求该单位说明什么"), 3, scale, self)
        self.add_row(self.tr("要求说明"), self.question)
        self.deadline = DeadlineEdit(now, calendar, scale, self)
        self.add_row(self.tr("说明期限"), self.deadline)
        frozen = small_label(self, "muted")
        frozen.setText(self._frozen_text())
        self.add_row(self.tr("启动时固定的事实"), frozen)
        self.question.setFocus()

    def problem(self) -> tuple[str, QWidget] | None:
        if not self.body_choice.currentData():
            return self.tr("请选择被监督单位"), self.body_choice
        if not self.cause.text:
            return self.tr("请填写事由"), self.cause
        if not self.question.text:
            return self.tr("请填写要求说明的问题"), self.question
        for field in (self.cause, self.question):
            if field.too_long:
                return self.tr("内容过长，最多 {0} 字").format(LONGEST_TEXT), field
        if self.deadline.is_past:
            return self.tr("说明期限已过，请重新选择"), self.deadline
        return None

    def draft(self) -> ReSupervisionDraft:
        return ReSupervisionDraft(
            request_id=self.request_id,
            ticket=self._subject.ticket,
            body=str(self.body_choice.currentData()),
            cause=self.cause.text,
            question=self.question.text,
            deadline=self.deadline.deadline,
            node=self._subject.node,
            round=self._subject.round,
            number=self._subject.number,
        )

    def _about_text(self) -> str:
        parts = [f"{self._subject.ticket} {self._subject.title}"]
        if self._subject.node is not None:
            where = node_name(self._subject.node)
            if self._subject.round:
                where = self.tr("第 {0} 轮 · {1}").format(self._subject.round, where)
            parts.append(where)
        if self._subject.number:
            parts.append(self.tr("由预警自动生成的草稿 {0}").format(self._subject.number))
        return "\n".join(parts)

    def _frozen_text(self) -> str:
        lines = self._subject.facts or (
            self.tr("工单截至启动时的全部事件、各环节时钟与移交经过"),
            self.tr("已登记证据的名称与校验和"),
            self.tr("该单位此前 90 日同环节同类案件的办理情况，及与其他单位的比较"),
            self.tr("最后一个事件的 SHA-256 哈希"),
        )
        said = self.tr("启动后双方均不可修改。")
        return "\n".join([*(f"· {line}" for line in lines), said])
