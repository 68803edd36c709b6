"""Who complained: masked, or shown to one person for a reason that the log keeps."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from data_access import log, schema
from data_access.readers.complainant import masked, record_look, seen
from data_access.rules import load_rules
from data_access.store import Store
from data_access.verify import verify
from domain.dossier import MaskedComplainant, SeenComplainant
from domain.events import ComplainantSeen
from domain.people import Role
from domain.rights import Reason, RefusedError
from tests.data_access.gate.conftest import SignIn

SEEN = SeenComplainant("孟庆云", "13800001111")
SECRET = SeenComplainant("孟庆云", "13800001111", secrecy=True)
MASKED = MaskedComplainant("孟** 138****1111", False)
ASKED = MaskedComplainant("***", True)


def look(person: Store, ticket: str, reason: str) -> SeenComplainant | None:
    asked = person.write(lambda c: record_look(c, ticket, reason))
    return None if asked is None else person.read(lambda c: seen(c, asked))


@pytest.mark.parametrize(
    ("role", "of_one", "of_two"),
    [
        (Role.DUTY, MASKED, ASKED),
        (Role.DISCIPLINE, MASKED, ASKED),
        (Role.HANDLER, MASKED, None),
        (Role.WALL, None, None),
        (Role.LEADER, None, None),
        (Role.ADMIN, None, None),
    ],
)
def test_a_dossier_shows_one_masked_to_who_may_see(
    sign_in: SignIn,
    bodies: tuple[str, str],
    role: Role,
    of_one: MaskedComplainant | None,
    of_two: MaskedComplainant | None,
) -> None:
    person = sign_in(role, bodies[0] if role is Role.HANDLER else None)
    assert person.read(lambda c: masked(c, "T-1")) == of_one
    assert person.read(lambda c: masked(c, "T-2")) == of_two


def test_the_handler_of_a_secret_one_learns_of_the_wish_only(
    sign_in: SignIn, bodies: tuple[str, str]
) -> None:
    handler = sign_in(Role.HANDLER, bodies[1])
    assert handler.read(lambda c: masked(c, "T-2")) == ASKED
    with pytest.raises(RefusedError) as refused:
        look(handler, "T-2", "回访")
    assert refused.value.reason is Reason.OTHER_BODY


@pytest.mark.parametrize("role", [Role.DUTY, Role.DISCIPLINE, Role.HANDLER])
def test_a_look_is_logged_with_its_reason(
    city: Store, sign_in: SignIn, bodies: tuple[str, str], role: Role
) -> None:
    person = sign_in(role, bodies[0] if role is Role.HANDLER else None)
    assert look(person, "T-1", "  核实地点 ") == SEEN
    (looked,) = city.read(lambda c: log.read_stream(c, "access/T-1"))
    assert looked.event.fact == ComplainantSeen("核实地点")
    assert looked.event.actor == person.actor
    assert city.scratch(lambda c: verify(c, load_rules(c))).flaw is None


def test_nobody_is_shown_in_a_transaction_that_can_still_undo_the_look(sign_in: SignIn) -> None:
    duty, colleague = sign_in(Role.DUTY), sign_in(Role.DISCIPLINE)

    def look_at_once(connection: Connection) -> UUID:
        asked = record_look(connection, "T-1", "回访")
        assert asked is not None
        assert seen(connection, asked) is None
        with connection.begin_nested():
            assert seen(connection, asked) is None
        return asked

    asked = duty.write(look_at_once)
    assert duty.read(lambda c: seen(c, asked)) == SEEN
    assert colleague.read(lambda c: seen(c, asked)) is None
    assert duty.read(lambda c: seen(c, uuid4())) is None


def test_a_look_that_was_undone_shows_nobody(city: Store, sign_in: SignIn) -> None:
    duty = sign_in(Role.DUTY)
    kept = duty.scratch(lambda c: record_look(c, "T-1", "回访"))
    assert kept is not None
    assert duty.read(lambda c: seen(c, kept)) is None
    assert city.read(lambda c: log.read_stream(c, "access/T-1")) == ()


def test_the_office_may_see_a_secret_one(sign_in: SignIn) -> None:
    assert look(sign_in(Role.DUTY), "T-2", "回访") == SECRET


@pytest.mark.parametrize("role", [Role.WALL, Role.LEADER, Role.ADMIN])
def test_others_are_refused(city: Store, sign_in: SignIn, role: Role) -> None:
    with pytest.raises(RefusedError) as refused:
        look(sign_in(role), "T-1", "看看")
    assert refused.value.reason is Reason.ROLE
    assert city.read(lambda c: log.read_stream(c, "access/T-1")) == ()


def test_no_reason_no_look(sign_in: SignIn) -> None:
    duty = sign_in(Role.DUTY)
    for reason, why in (("", Reason.NO_TEXT), (" 　\n", Reason.NO_TEXT), ("长" * 201, Reason.TEXT_TOO_LONG)):
        with pytest.raises(RefusedError) as refused:
            look(duty, "T-1", reason)
        assert refused.value.reason is why


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SYSTEM])
def test_nobody_reads_the_table(sign_in: SignIn, bodies: tuple[str, str], role: Role) -> None:
    person = sign_in(role, bodies[0] if role is Role.HANDLER else None)
    for statement in ("SELECT * FROM complainant", "SELECT count(*) FROM complainant", "TABLE delivery"):
        with pytest.raises(DBAPIError) as error:
            person.read(lambda c, statement=statement: c.execute(text(statement)))
        assert error.value.orig.sqlstate == "42501"  # type: ignore[union-attr]


def test_a_record_of_a_look_says_nothing_of_whom(city: Store) -> None:
    assert "孟" not in repr(SEEN)
    assert city.read(lambda c: c.execute(schema.complainant.select()).all())


@pytest.mark.parametrize(("role", "count"), [(Role.DISCIPLINE, 1), (Role.ADMIN, 1), (Role.WALL, 0)])
def test_a_wall_does_not_tell_who_looked(sign_in: SignIn, role: Role, count: int) -> None:
    sign_in(Role.DUTY).write(lambda c: record_look(c, "T-1", "核实地点"))
    looks = text("SELECT count(*) FROM event WHERE stream LIKE 'access/%'")
    assert sign_in(role).read(lambda c: c.execute(looks).scalar_one()) == count
