"""The rights table in the real window over the real server, all of it: one window for each role.

What a person may do is offered, filled in and submitted, and then in the log; what a person may not do is
not offered and says why, or is about what this person is not shown at all.
"""

from pathlib import Path

import pytest

from domain.people import Role
from tests.servers.hand import BY_COMMAND_LINE, DRAFTS, Hand, window_of
from tests.servers.matrix import CELLS, Cell, Matrix, Way
from tests.servers.matters import PERSONS
from widgets.forms.asked import Asked
from widgets.forms.step_form import STEP_FORMS


@pytest.mark.parametrize("role", PERSONS)
async def test_by_window(matrix: Matrix, tmp_path: Path, role: Role) -> None:
    wrong: list[str] = []
    async with window_of(matrix, role, tmp_path) as hand:
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
    if not cell.allowed:
        if control is not None and control.offered:
            return "it is offered"
        if control is not None and control.button.isVisible() and not control.reason:
            return "nothing says why it is not offered"
        return _forced(hand, cell, scene.body) or (
            "" if matrix.height() == height else "something was written"
        )
    if cell.kind in BY_COMMAND_LINE:
        return "" if control is None else "a control that nobody tries"
    if control is None:
        return "its matter is not shown"
    if not control.offered:
        return f"it is not offered: {control.reason}"
    await hand.order(cell.kind, scene, control)
    matrix.check_written(cell, Way.WINDOW, height)
    return ""


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
