"""The gate is written over what was there, and can be taken away again."""

from alembic import command
from sqlalchemy import text

from data_access import migrate
from data_access.gate.install import install_gate
from data_access.store import Store
from domain.people import Role
from tests.data_access.gate.conftest import SignIn

OURS = text(
    "SELECT count(*) FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
    " AND obj_description(oid, 'pg_proc') = 'gate'"
)


def test_an_older_gate_is_replaced_whole(city: Store, sign_in: SignIn) -> None:
    assert not city.write(install_gate)
    count = city.read(lambda c: c.execute(OURS).scalar_one())
    city.write(lambda c: c.execute(text("UPDATE gate SET fingerprint = 'older'")))
    city.write(lambda c: c.execute(text("CREATE FUNCTION loophole() RETURNS int LANGUAGE sql AS 'SELECT 1'")))
    city.write(lambda c: c.execute(text("COMMENT ON FUNCTION loophole() IS 'gate'")))
    assert city.write(install_gate)
    assert city.read(lambda c: c.execute(OURS).scalar_one()) == count
    assert sign_in(Role.DUTY).actor is not None


def test_it_can_be_rolled_back_and_installed_again(city: Store) -> None:
    with city.engine.begin() as connection:
        # As `migrate.downgrade` does: a column that a policy speaks of cannot be dropped.
        migrate.remove_gate(connection)
        command.downgrade(migrate.alembic_config(connection), "0003")
        assert connection.execute(OURS).scalar_one() == 0
        assert connection.execute(text("SELECT count(*) FROM pg_policy")).scalar_one() == 0
    assert migrate.upgrade(city.engine)
    assert city.read(lambda c: c.execute(OURS).scalar_one()) > 20
