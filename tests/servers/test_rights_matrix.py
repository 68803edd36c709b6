"""The rights table over the real server, all of it: by psql under each person's password, and by use case.

Allowed is allowed, and in the log under that person's name; refused is refused, and nothing has changed.
"""

import time
from datetime import date

import psycopg
import pytest

from desktop.use_cases.by_draft import carry_out
from domain import events as e
from domain.admin_events import RuleKind
from domain.people import Role
from domain.rights import COMMAND_OF, RIGHTS, Command, Reason, RefusedError
from domain.staff import SubmitRule
from tests.servers.matrix import CELLS, REFUSED_BY_PSQL, Cell, Matrix, Way
from tests.servers.matters import MATTERS, PERSONS, now, recorded

HIDDEN = (
    Reason.OTHER_BODY,
    Reason.UNKNOWN_TICKET,
    Reason.UNKNOWN_DIRECTIVE,
    Reason.UNKNOWN_FILE,
    Reason.NO_SUCH_WARNING,
)
"""What a matter of another body is to a handler: not there, or not theirs."""


def test_no_command_and_no_fact_is_missing_from_the_table() -> None:
    assert set(MATTERS) == set(COMMAND_OF)
    assert {(cell.kind, cell.role) for cell in CELLS} == {
        (kind, role) for kind in COMMAND_OF for role in PERSONS
    }
    assert set(RIGHTS) == set(Command)
    # One row of the table has no fact of its own: to see.
    assert set(Command) - {cell.command for cell in CELLS} == {
        Command.SEE_TICKETS,
        Command.SEE_HISTORY,
    }


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_by_psql(matrix: Matrix, cell: Cell) -> None:
    scene = matrix.scene(cell, Way.PSQL)
    height, before = matrix.height(), matrix.state()
    typed = cell.matter.statements(scene, allowed=cell.allowed)
    code, said, complaint = matrix.city.psql(matrix.login[cell.role], typed)
    if cell.allowed:
        assert (code, complaint) == (0, "")
        matrix.check_written(cell, Way.PSQL, height)
        if cell.command is Command.SEE_COMPLAINANT:
            assert said == "孟庆云|13800001111|f\n"
    else:
        assert code == REFUSED_BY_PSQL
        reason = "role" if cell.own else "other_body"
        assert f"DETAIL:  {reason}" in complaint, complaint
        assert "孟庆云" not in said + complaint
        assert matrix.state() == before


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_by_use_case(matrix: Matrix, cell: Cell) -> None:
    scene, store = matrix.scene(cell, Way.USE_CASE), matrix.store(cell.role)
    height, before = matrix.height(), matrix.state()
    if cell.allowed:
        cell.matter.carry_out(store, scene, matrix.actor(cell.role))
        matrix.check_written(cell, Way.USE_CASE, height)
        return
    with pytest.raises(RefusedError) as refused:
        cell.matter.carry_out(store, scene, matrix.actor(cell.role))
    if refused.value.reason is Reason.ROLE:
        assert cell.own
        assert set(refused.value.allowed) == set(RIGHTS[cell.command])
    else:
        assert cell.role is Role.HANDLER
        assert refused.value.reason in HIDDEN
    # A program that gives out that somebody else sits there.
    with pytest.raises(RefusedError):
        cell.matter.carry_out(store, scene, scene.actor(cell.matter.said))
    assert matrix.state() == before


@pytest.mark.parametrize("kind", RuleKind)
@pytest.mark.parametrize("role", PERSONS)
def test_policies_calendars_and_schemes_are_an_admins(matrix: Matrix, role: Role, kind: RuleKind) -> None:
    height, before = matrix.height(), matrix.state()
    typed = f"SELECT length(submit_rule('{kind}', 'of_{role}', 'text of it', 1, '2031-01-01'));"
    code, said, complaint = matrix.city.psql(matrix.login[role], typed)
    draft = SubmitRule(kind, f"by_{role}", 1, date(2031, 1, 1), "text of it")
    if role is Role.ADMIN:
        assert (code, said, complaint) == (0, "64\n", "")
        carry_out(matrix.store(role), draft, matrix.actor(role), now())
        written = [(event.stream, event.kind) for event in matrix.since(height)]
        assert written == [(f"rules/{kind}-{name}", "RuleSubmitted") for name in ("of_admin", "by_admin")]
        return
    assert code == REFUSED_BY_PSQL
    assert "DETAIL:  role administer" in complaint
    for actor in (matrix.actor(role), matrix.actor(Role.ADMIN)):
        with pytest.raises(RefusedError) as refused:
            carry_out(matrix.store(role), draft, actor, now())
        assert refused.value.reason is Reason.ROLE
    assert matrix.state() == before


def test_nobody_keeps_a_transaction_open_to_be_in_time_later(matrix: Matrix) -> None:
    """An event bears the time at which its transaction began: that must have been just now."""
    asked = "SELECT extract(epoch FROM clock_timestamp() - now())"
    age = matrix.kept_open.execute(asked).fetchone()
    assert age is not None
    time.sleep(max(0.0, 31 - float(age[0])))  # type: ignore[index]
    scene = matrix.of_handler(e.Signed)
    with pytest.raises(psycopg.errors.InsufficientPrivilege) as error:
        matrix.kept_open.execute(recorded(f"ticket/{scene.ticket}", e.Signed()))  # type: ignore[call-overload]
    assert error.value.diag.message_detail == "changed_meanwhile"
    matrix.kept_open.rollback()
