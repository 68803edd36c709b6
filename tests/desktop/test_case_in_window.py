"""A case kept by the real window over the real store, and found in the list across tickets."""

import hashlib
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest

from data_access.rules import load_rules
from data_access.store import Store
from data_access.verify import verify
from desktop.shell import CommandCentre
from domain import case_events as c
from domain import events as e
from domain.case import MatterKind
from domain.case_events import RecordKind, SubjectResult
from domain.case_orders import ORDERS
from domain.people import Role
from tests.desktop.test_steps_in_window import (
    HOLDER,
    TICKET,
    city,
    facts,
    fill,
    open_ticket,
    open_window,
    sit_down,
    take,
    until,
)
from widgets.forms.case_form import CaseForm

__all__ = ["city"]


async def opened(centre: CommandCentre, kind: type) -> CaseForm:
    """Open a note's form by its button in the dossier."""
    panel = centre.dossier_page.matters
    if not panel.isVisible():
        QTest.mouseClick(centre.dossier_page.to_matters, Qt.MouseButton.LeftButton)
    button = panel.buttons[kind]
    await until(lambda: button.isVisible() and button.isEnabled())
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    form = centre.forms.form
    assert isinstance(form, CaseForm)
    return form


async def submitted(centre: CommandCentre, form: CaseForm) -> None:
    QTest.mouseClick(form.submit_button, Qt.MouseButton.LeftButton)
    await until(lambda: centre.forms.form is None or bool(form.message.text()))
    assert centre.forms.form is None, form.message.text()


async def note(centre: CommandCentre, kind: type, **values: Any) -> None:
    form = await opened(centre, kind)
    fill(form, **values)
    await submitted(centre, form)


async def test_a_case_is_kept_by_the_window(tmp_path: Path, city: Store) -> None:
    """B13, B22, B24, Q09: fifteen restaurants in small, a question with a pause beside it, a consultation."""
    async with open_window(tmp_path, city) as centre:
        await open_ticket(centre)
        await take(centre, e.Accepted)
        await take(centre, e.Dispatched, lead=HOLDER.key)
        await sit_down(centre, city, Role.HANDLER, HOLDER.key)
        await open_ticket(centre)
        await take(centre, e.Signed)
        await take(centre, e.Arrived)
        await note(centre, c.SubjectsListed, subjects="一号店\n二号店")
        photo = tmp_path / "site.png"
        QImage(8, 8, QImage.Format.Format_RGB32).save(str(photo))
        await note(
            centre, c.SubjectInspected, subject="一号店", result=SubjectResult.VIOLATION, files=[str(photo)]
        )
        # The work is not done while a subject has no result.
        QTest.mouseClick(centre.dossier_page.steps.buttons[e.Rectified], Qt.MouseButton.LeftButton)
        done = centre.forms.form
        assert done is not None
        fill(done, measures="停工", violation=False)
        done.submit()
        await until(lambda: not done.busy)
        assert "二号店" in done.message.text()
        done.reject()
        form = await opened(centre, c.HelpAsked)
        assert form.edits["to"].findData(HOLDER.key) == -1
        fill(form, to="platform", question="底商能否设烟道？", beside="等待解释")
        await submitted(centre, form)

        await sit_down(centre, city, Role.DUTY)
        await open_ticket(centre)
        form = await opened(centre, c.RecordAdded)
        fill(form, record=RecordKind.CONSULTATION, title="联合会商", participants="住建局\n街道")
        rows = form.edits["decisions"]
        rows.add().text.setText("逐家安装净化设施")
        await submitted(centre, form)
        await note(centre, c.ResponsibilityNamed, responsible="lead_in_charge", name="周副市长")
        await note(centre, c.HelpAnswered, text="不得新设", law="大气法第八十一条")
        # What is asked is granted from its own line: the form has the reason already.
        panel = centre.dossier_page.matters
        await until(lambda: panel.open_count == 3)
        panel.kinds.choose(MatterKind.REQUEST)
        panel.kinds.choice_changed.emit(MatterKind.REQUEST)
        panel.table.selectRow(0)
        assert panel._go_on.isVisible()
        QTest.mouseClick(panel._go_on, Qt.MouseButton.LeftButton)
        pause = centre.forms.form
        assert pause is not None
        assert pause.edits["reason"].value == "等待解释"  # type: ignore[attr-defined]
        pause.submit()
        await until(lambda: centre.forms.form is None)

        noted = [fact for fact in facts(city, f"ticket/{TICKET}") if isinstance(fact, ORDERS)]
        checksum = hashlib.sha256(photo.read_bytes()).hexdigest()
        assert noted[0] == c.SubjectsListed(("一号店", "二号店"))
        assert noted[1] == c.SubjectInspected("一号店", SubjectResult.VIOLATION, "", (checksum,))
        assert noted[2:4] == [c.HelpAsked("platform", "底商能否设烟道？"), c.PauseRequested("等待解释")]
        assert (noted[4].participants, noted[4].decisions) == (("住建局", "街道"), ("逐家安装净化设施",))
        assert noted[6] == c.HelpAnswered(1, "不得新设", "大气法第八十一条")

        centre.choose_page("matters")
        desk: Any = centre.desk("matters")
        page = desk.page
        await until(lambda: page.table.model().rowCount() == 3)
        assert [page.model.record(row).kind for row in range(3)] == [
            MatterKind.DECISION,
            MatterKind.SUBJECT,
            MatterKind.RESPONSIBILITY,
        ]
        page.show_kind(MatterKind.RESPONSIBILITY)
        await until(lambda: page.table.model().rowCount() == 1 and page.model.record(0) is not None)
        assert page.model.record(0).person == "周副市长"
        await until(lambda: page.people.count() == 2)
        page.table.selectRow(0)
        QTest.keyClick(page.table, Qt.Key.Key_Return)
        await until(lambda: centre.dossier_page.isVisible())
        assert centre.dossier_page.matters.isVisible()
        assert city.scratch(lambda connection: verify(connection, load_rules(connection))).flaw is None
