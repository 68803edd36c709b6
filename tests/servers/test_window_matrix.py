"""The rights table in the real window over the real server, all of it: one window for each role.

What a person may do is offered, filled in and submitted, and then in the log; what a person may not do is
not offered and says why, or is about what this person is not shown at all.
"""

from pathlib import Path

import pytest

from domain import events as e
from domain.listing import TicketFilter
from domain.people import Role
from domain.rights import RIGHTS, Command
from tests.desktop.test_steps_in_window import until
from tests.servers.hand import AT_THE_DESK, BY_COMMAND_LINE, DRAFTS, Hand, window_of
from tests.servers.matrix import CELLS, Cell, Matrix, Way
from tests.servers.matters import PERSONS
from tests.servers.test_seeing import own_or_all, sees_all
from widgets.forms.asked import Asked
from widgets.forms.step_form import STEP_FORMS

NOT_A_BODYS_YET = frozenset({e.Accepted, e.Dispatched, e.ReSupervisionLaunched, e.ReSupervisionDeclined})
"""What is done while no body holds the ticket, or before the supervised side may read the file."""


@pytest.mark.parametrize("role", PERSONS)
async def test_by_window(matrix: Matrix, tmp_path: Path, role: Role) -> None:
    wrong: list[str] = []
    async with window_of(matrix, role, tmp_path) as hand:
        await sees_what_is_its_own(matrix, hand, role)
        for cell in CELLS:
            if cell.role is role:
                found = await tried(matrix, hand, cell)
                if found:
                    wrong.append(f"{cell}: {found}")
    assert not wrong, "\n".join(wrong)


async def tried(matrix: Matrix, hand: Hand, cell: Cell) -> str:
    """Try a cell; return what is wrong with it, empty when all is well."""
    scene = matrix.scene(cell, Way.WINDOW)
    height = matrix.height()
    control = await hand.control(cell.kind, scene)
    if (control is None) is not _is_hidden(cell):
        return "its matter is not shown" if control is None else "its matter is shown"
    if not cell.allowed:
        if control is not None and control.offered:
            return "it is offered"
        if control is not None and control.button.isVisible() and not control.reason:
            return "nothing says why it is not offered"
        return _forced(hand, cell, scene.body) or (
            "" if matrix.height() == height else "something was written"
        )
    if control is None:
        return ""
    if not control.offered:
        return f"it is not offered: {control.reason}"
    await hand.order(cell.kind, scene, control)
    matrix.check_written(cell, Way.WINDOW, height)
    return ""


def _is_hidden(cell: Cell) -> bool:
    """Whether a person is shown nothing by which the fact could be ordered."""
    if cell.command is Command.ADMINISTER:
        return cell.role is not Role.ADMIN or cell.kind in BY_COMMAND_LINE
    if cell.kind in AT_THE_DESK:
        return cell.role is not Role.DUTY
    return cell.role is Role.HANDLER and (not cell.own or cell.kind in NOT_A_BODYS_YET)


async def sees_what_is_its_own(matrix: Matrix, hand: Hand, role: Role) -> None:
    """Lists have as many lines as are to be seen, a complainant is masked, and rules are an admin's."""
    centre, numbers = hand.centre, {}
    for table in ("ticket", "item"):
        counted = f"SELECT count(*) FROM {table} WHERE {own_or_all(matrix, role, table)}"
        numbers[table] = matrix.owner.execute(counted).fetchone()[0]  # type: ignore[call-overload, index]
    centre.open_tickets(TicketFilter(), "全部")
    await until(lambda: centre.ticket_list.table.model().rowCount() == numbers["ticket"])
    centre.choose_page("ledger")
    ledger = centre.desk("ledger").page
    await until(lambda: ledger.table.model().rowCount() == numbers["item"])  # type: ignore[attr-defined]
    centre.choose_page("ranking")
    ranking = centre.desk("ranking")
    await until(lambda: bool(ranking._rows))  # type: ignore[attr-defined]
    counted_bodies = {row.key for row in ranking._rows if row.due}  # type: ignore[attr-defined]
    if sees_all(role):
        assert len(counted_bodies) > 1
    else:
        assert counted_bodies == {matrix.actor(role).body}
    assert ("people" in centre.pages()) is (role is Role.ADMIN)
    assert centre.frame.header.pages["people"].isHidden() is (role is not Role.ADMIN)
    centre.open_ticket(matrix.of_handler(e.Signed).ticket)
    case = centre.dossier_page.case
    masked = role in RIGHTS[Command.SEE_COMPLAINANT]
    await until(lambda: case.grid.value(4) == ("孟** 138****1111（已脱敏）" if masked else "无权查看"))


def _forced(hand: Hand, cell: Cell, body: str) -> str:
    """Ask for the form all the same, as a page would that has not noticed."""
    kind = DRAFTS.get(cell.kind, cell.kind)
    if kind not in STEP_FORMS:
        return ""
    hand.said.clear()
    hand.centre.forms.open_step(Asked(kind, "", body=body))
    form = hand.centre.forms.form
    if form is not None:
        form.reject()
        return "its form opens"
    return "" if hand.said else "nobody says why its form does not open"
