"""Recovery to the minute before a mistake, from a base backup and the archived log (docs/operations.md).

Takes some ten seconds; `QINGSHAO_LONG_RUN=1` runs it.
"""

import os
import shutil
import time
import uuid
from pathlib import Path

import pytest

from data_access.changes import changes_since
from data_access.rules import load_rules
from data_access.store import open_url
from data_access.verify import verify
from domain.people import Role
from tests.servers.cluster import (
    HERE,
    REPLICATOR,
    Cluster,
    free_port,
    new_folder,
    packaged_programs,
    wait_until,
)
from tests.servers.fixtures import TEMPLATE, City, fill_template
from tests.servers.test_fail_over import chases_of, open_ticket

pytestmark = pytest.mark.skipif(
    "QINGSHAO_LONG_RUN" not in os.environ, reason="QINGSHAO_LONG_RUN recovers to a point in time"
)


@pytest.mark.slow
def test_a_store_comes_back_as_it_was_before_a_mistake() -> None:
    archive, folder, recovered_in = new_folder(), new_folder(), new_folder()
    programs = packaged_programs(folder)
    city_server = Cluster.create(
        programs,
        folder,
        {
            "archive_mode": "on",
            "archive_command": f"'test ! -f {archive}/%f && cp %p {archive}/%f'",
            "archive_timeout": "1",
        },
    )
    city_server.give(archive)
    recovered = Cluster(programs, recovered_in, free_port(), city_server.passwords)
    recovered.give(recovered_in)
    try:
        city = City(city_server, TEMPLATE, fill_template(city_server))
        duty = city.login_of(Role.DUTY)
        source = f"host={HERE} port={city_server.port} user={REPLICATOR}"
        programs.run(
            "pg_basebackup", "-D", recovered.data, "-d", source, "-c", "fast", "-X", "none", "--no-sync",
            PGPASSWORD=city_server.passwords[REPLICATOR],
        )  # fmt: skip
        store = open_url(city.url(duty))
        chase = chases_of(city.logins[duty], store.read(open_ticket))
        kept = str(uuid.uuid4())
        chase(store, kept)
        position = store.read(lambda connection: changes_since(connection, None)).position
        with city_server.connect() as connection:
            row = connection.execute("SELECT clock_timestamp()::text, pg_switch_wal()").fetchone()
        assert row is not None
        moment = str(row[0])  # type: ignore[index]
        time.sleep(0.1)
        mistaken = str(uuid.uuid4())
        chase(store, mistaken)
        store.close()
        wait_until(lambda: archived_all(city_server), "the archive")
        city_server.kill()

        recover(recovered, archive, moment)
        again = open_url(recovered.url(TEMPLATE))
        with recovered.connect(TEMPLATE) as connection:
            found = {
                str(row[0])
                for row in connection.execute("SELECT request FROM event WHERE request IS NOT NULL")
            }
        assert (kept in found, mistaken in found) == (True, False)
        assert again.scratch(lambda c: verify(c, load_rules(c))).flaw is None
        assert again.read(lambda c: changes_since(c, position)).everything
        again.close()
    finally:
        city_server.destroy()
        recovered.destroy()
        shutil.rmtree(archive)


def archived_all(server: Cluster) -> bool:
    """Whether what was written until now has left for the archive."""
    with server.connect() as connection:
        connection.execute("SELECT pg_switch_wal()")
        row = connection.execute(
            "SELECT last_archived_time > now() - interval '1 second' AND last_failed_time IS NULL"
            " FROM pg_stat_archiver"
        ).fetchone()
    return bool(row and row[0])


def recover(server: Cluster, archive: Path, moment: str) -> None:
    """Bring a base backup forward to a moment, and let it go on from there."""
    server.configure(
        {
            "port": str(server.port),
            "archive_mode": "off",
            "restore_command": f"'cp {archive}/%f %p'",
            "recovery_target_time": f"'{moment}'",
            "recovery_target_action": "'promote'",
        }
    )
    signal = server.data / "recovery.signal"
    signal.touch()
    server.give(signal)
    server.start()

    def is_primary() -> bool:
        with server.connect() as connection:
            row = connection.execute("SELECT pg_is_in_recovery()").fetchone()
        return row is not None and not row[0]

    wait_until(is_primary, "the end of the recovery")
