"""The schema goes back to an older revision and forward again; the events stay as they are."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select, text

from data_access import schema
from data_access.errors import StoreError
from data_access.migrate import downgrade, newest, revision
from data_access.rules import load_rules
from data_access.store import Connection, open_url
from data_access.verify import verify
from domain.people import Role
from tests.servers.fixtures import City


def events(connection: Connection) -> list[bytes]:
    return [
        bytes(hash_)
        for hash_ in connection.execute(select(schema.event.c.hash).order_by(text("id"))).scalars()
    ]


def test_back_and_forth_keeps_every_event(city: City) -> None:
    store = open_url(city.url())
    known = store.read(events)
    with city.connect(), pytest.raises(StoreError, match="1 个连接"):
        downgrade(store.engine, "0003")
    with pytest.raises(StoreError, match="没有可退回的版本") as refused:
        downgrade(store.engine, "0099")
    assert "0003" in refused.value.way_out
    assert store.read(revision) == newest()
    downgrade(store.engine, "0003")
    assert store.read(revision) == "0003"
    assert store.read(events) == known
    store.close()
    again = open_url(city.url())
    assert again.read(revision) == newest()
    assert again.read(events) == known
    assert again.scratch(lambda c: verify(c, load_rules(c))).flaw is None
    again.close()


@pytest.mark.faults_expected
@pytest.mark.parametrize(("owner", "wanted", "said"), [(True, "9999", "可退回到"), (False, "0003", "所有者")])
def test_what_cannot_be_is_told_before_anything_is_asked(
    city: City, tmp_path: Path, owner: bool, wanted: str, said: str
) -> None:
    url = city.url() if owner else city.url(city.login_of(Role.ADMIN))
    done = subprocess.run(
        [sys.executable, "main.py", "--data", str(tmp_path), "rollback", wanted],
        env=os.environ | {"QINGSHAO_DATABASE_URL": url},
        input="",
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )
    assert done.returncode == 2, done.stderr
    assert said in done.stderr
    assert "backup" not in done.stdout + done.stderr
