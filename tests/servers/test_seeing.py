"""Who sees what over the real server: the rows of the rights table that record nothing.

By psql under each person's password, and by the readers that the window's pages use.
"""

from functools import partial

import pytest

from data_access.readers.dossier import dossier
from data_access.readers.ledger import read_ledger
from data_access.readers.ranking import ranking
from data_access.readers.tickets import settled_tickets
from data_access.rules import load_rules
from data_access.store import open_url
from desktop.use_cases.by_draft import carry_out
from domain import events as e
from domain.drafts import ComplainantDraft
from domain.listing import TicketFilter
from domain.people import Role
from domain.ranking_query import RankBy
from domain.rights import RIGHTS, Command, Reason, RefusedError, Scope
from tests.servers.matrix import Matrix
from tests.servers.matters import PERSONS, now, quoted

WHOSE = {
    "ticket": "lead = {body} OR {body} = ANY (assisting)"
    " OR number IN (SELECT ticket FROM matter WHERE kind = 'help' AND to_body = {body})",
    "item": "body = {body}",
    "directive": "number IN (SELECT directive FROM directive_receiver WHERE body = {body})",
    "re_supervision": "body = {body} AND launched_at IS NOT NULL",
    "tally": "dimension = 'body' AND key = {body}",
}
"""What is a body's own, in each list that people see."""
ALL_OF = "SELECT count(*), md5(string_agg(t::text, ',' ORDER BY t::text)) FROM {table} AS t WHERE {whose}"


def sees_all(role: Role) -> bool:
    return RIGHTS[Command.SEE_TICKETS][role] is Scope.ALL


def own_or_all(matrix: Matrix, role: Role, table: str) -> str:
    if sees_all(role):
        return "true"
    return WHOSE[table].format(body=quoted(str(matrix.actor(role).body)))


@pytest.mark.parametrize("table", WHOSE)
@pytest.mark.parametrize("role", PERSONS)
def test_by_psql_one_sees_what_is_ones_to_see(matrix: Matrix, role: Role, table: str) -> None:
    due = matrix.owner.execute(ALL_OF.format(table=table, whose=own_or_all(matrix, role, table))).fetchone()
    assert due is not None
    assert due[0] > 0  # type: ignore[index]
    asked = ALL_OF.format(table=table, whose="true")
    code, said, complaint = matrix.city.psql(matrix.login[role], asked)
    assert (code, complaint) == (0, "")
    assert said.strip() == f"{due[0]}|{due[1]}"


@pytest.mark.parametrize("role", PERSONS)
def test_by_the_windows_readers_one_sees_the_same(matrix: Matrix, role: Role) -> None:
    store, at = matrix.store(role), now()
    keys = {
        "ticket": lambda s: _keys(s.read(lambda c: settled_tickets(c, TicketFilter(), at))),
        "item": lambda s: {row.number for row in s.read(lambda c: read_ledger(c, load_rules(c), at)).rows},
    }
    for table, read in keys.items():
        rows = matrix.owner.execute(f"SELECT number FROM {table} WHERE {own_or_all(matrix, role, table)}")
        assert read(store) == {row[0] for row in rows}, table
    owner = open_url(matrix.city.url())
    asked = partial(ranking, by=RankBy.BODY, node=None, due_from=None, due_to=None, now=at)
    whole, seen = ({row.key: row for row in s.read(asked)} for s in (owner, store))
    owner.close()
    if sees_all(role):
        assert seen == whole
        return
    body = str(matrix.actor(role).body)
    assert (seen[body].due, seen[body].on_time) == (whole[body].due, whole[body].on_time)
    assert {row.due for key, row in seen.items() if key != body} == {0}


def _keys(settled: object) -> set[str]:
    return set(settled.keys(0, len(settled)))  # type: ignore[attr-defined, arg-type]


@pytest.mark.parametrize("role", PERSONS)
def test_a_complainant_is_masked_or_not_shown_at_all(matrix: Matrix, role: Role) -> None:
    scope = RIGHTS[Command.SEE_COMPLAINANT].get(role)
    for own in (True, False):
        number = matrix.of_handler(e.Signed, own=own).ticket
        masked = "孟** 138****1111"
        due = masked if scope is Scope.ALL or (scope and own) else ""
        asked = f"SELECT name || ' ' || phone FROM masked_complainant('{number}')"
        code, said, complaint = matrix.city.psql(matrix.login[role], asked)
        assert (code, said.strip(), complaint) == (0, due, "")
        at = now()
        shown = matrix.store(role).read(
            lambda c, n=number, at=at: dossier(c, load_rules(c), n, at, at)  # type: ignore[misc]
        )
        if sees_all(role) or own:
            assert shown is not None
            assert shown.facts.complainant == due
        else:
            assert shown is None
    code, said, complaint = matrix.city.psql(matrix.login[role], "SELECT * FROM complainant")
    assert (code, said) == (3, "")
    assert "permission denied for table complainant" in complaint


def test_secrecy_keeps_a_complainant_from_the_handler_only(matrix: Matrix) -> None:
    scene = matrix.of_handler(e.Arrived)
    matrix.owner.execute("UPDATE complainant SET secrecy = true WHERE ticket = %s", (scene.ticket,))
    asked = (
        f"SELECT see_complainant('{scene.ticket}', '核实') AS look \\gset\n"
        "SELECT * FROM complainant_of(:'look');\n"
    )
    code, said, complaint = matrix.city.psql(matrix.login[Role.HANDLER], asked)
    assert (code, said) == (3, "")
    assert "DETAIL:  other_body" in complaint
    draft = ComplainantDraft("", scene.ticket, "核实")
    with pytest.raises(RefusedError) as refused:
        carry_out(matrix.store(Role.HANDLER), draft, matrix.actor(Role.HANDLER), now())
    assert refused.value.reason is Reason.OTHER_BODY
    for role in (Role.DUTY, Role.DISCIPLINE):
        code, said, _ = matrix.city.psql(matrix.login[role], asked)
        assert (code, said) == (0, "孟庆云|13800001111|t\n")
    code, said, _ = matrix.city.psql(
        matrix.login[Role.HANDLER], f"SELECT name, phone FROM masked_complainant('{scene.ticket}')"
    )
    assert (code, said) == (0, "|\n")
