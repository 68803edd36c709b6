"""Who sits at the screen of a trial: a choice of demo people. A city's seats sign in instead."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QWidget

from domain.city import Person
from domain.people import Actor
from widgets.fact_grid import small_label
from widgets.forms.order_form import OrderForm
from widgets.scale import Scale
from widgets.table.cells import Cell, Column
from widgets.table.model import RecordModel
from widgets.table.view import RecordTable
from widgets.wording import role_name


class DemoPersonForm(OrderForm):
    """Signals: `submitted(Person)`. `names` are bodies' names by key."""

    def __init__(
        self,
        people: Sequence[Person],
        names: Mapping[str, str],
        current: Actor | None,
        scale: Scale,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(scale, parent)
        self.set_titles(self.tr("选择身份"), self.tr("以此身份进入"))
        self._names = names
        warning = small_label(self, "due_soon")
        warning.setText(
            self.tr("◆ 内置库的示例身份，不需要口令，勿用于生产。城市的席位由每人以自己的账号登录。")
        )
        self.body.addWidget(warning)
        columns = (
            Column("role", self.tr("身份"), 140, self._role_cell),
            Column("name", self.tr("姓名"), 140, self._name_cell),
            Column("body", self.tr("单位"), 300, self._body_cell, stretch=True),
        )
        self.table = RecordTable(RecordModel(columns, _key_of, self), scale, self)
        self.table.setMinimumHeight(scale.px(420))
        self.table.show_records(people)
        self.add_row(self.tr("人员"), self.table)
        if current is not None:
            self.table.choose(f"{current.role} {current.body} {current.name}")
        self.table.record_activated.connect(self._activated)
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)

    def problem(self) -> tuple[str, QWidget] | None:
        return (self.tr("请选择一个人"), self.table) if self.table.chosen() is None else None

    def draft(self) -> Person:
        person: Person = self.table.chosen()
        return person

    def _activated(self, _person: Person, _column: str) -> None:
        self.submit()

    def _role_cell(self, person: Person) -> Cell:
        return Cell(role_name(person.role), bold=True)

    def _name_cell(self, person: Person) -> Cell:
        return Cell(person.name)

    def _body_cell(self, person: Person) -> Cell:
        body = self._names.get(person.body, person.body) if person.body else ""
        return Cell(" · ".join(part for part in (body, person.title) if part), colour="text_muted")


def _key_of(person: Person) -> str:
    return f"{person.role} {person.body} {person.name}"
