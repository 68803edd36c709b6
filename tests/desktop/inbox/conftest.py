"""A store with the demo city's channels, and sources' folders with what other platforms put there."""

import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from data_access import schema
from data_access.master import put_city
from data_access.readers.feeds import feed_health
from data_access.store import Store
from desktop.city import load_city
from desktop.inbox.source import Place, Source
from desktop.time import now
from domain.overview import FeedHealth
from tests.desktop.imports.sources import FIRST, csv_text
from tests.fresh_database import opened_copy

SHANGHAI = ZoneInfo("Asia/Shanghai")
MAP = """
[source]
key = "{key}"
title = "示例平台"
policy = "source-due"
prefix = "{key}-"
[columns]
id = "编号"
title = "标题"
text = "内容"
received = "受理时间"
body = "单位"
urgency = "紧急程度"
[defaults]
channel = "{channel}"
[[due]]
node = "rectify"
column = "限期"
absent = "never"
[[done]]
node = "rectify"
column = "办结时间"
"""


@pytest.fixture(scope="module")
def kept(postgres: Path, template_database: str) -> Iterator[Store]:
    """A store that all tests of a module share; each has sources and numbers of its own."""
    with opened_copy(postgres, template_database) as opened:
        opened.write(lambda c: put_city(c, load_city(), datetime(2026, 1, 1, tzinfo=UTC)))
        yield opened


def source_folder(inbox: Path, key: str, channel: str = "12369") -> Path:
    """Make a source's folder, with a mapping whose numbers begin with its key."""
    folder = inbox / key
    folder.mkdir(parents=True)
    (folder / "mapping.toml").write_text(MAP.format(key=key, channel=channel), "utf-8")
    return folder


def rows(*numbers: str) -> str:
    """Return an export of tickets with these ids."""
    return csv_text([(number, *FIRST[1:]) for number in numbers])


def put(folder: Path, name: str, text: str, *, age: float = 0) -> Path:
    """Put a file there that was written so many seconds ago."""
    path = folder / name
    path.write_text(text, "utf-8")
    moment = time.time() - age
    os.utime(path, (moment, moment))
    return path


def source_of(store: Store, folder: Path, spool: Path, clock: Callable[[], datetime] = now) -> Source:
    return Source(folder, Place(store, spool, SHANGHAI, Lock(), clock))


def take_all(source: Source) -> None:
    """Look until what lies there is known to be whole, and take it in."""
    source.look()
    mapping, ready = source.look()
    for arrival in ready:
        source.take_in(arrival, mapping)


def names(folder: Path) -> list[str]:
    """Return what lies in a folder, without the times before the names."""
    if not folder.is_dir():
        return []
    return sorted(path.name.split("-", 2)[-1] for path in folder.iterdir())


def tickets(store: Store, key: str) -> dict[str, int]:
    """Return the events of each of a source's tickets."""
    event = schema.event.c
    statement = (
        select(event.stream, func.count())
        .where(event.stream.startswith(f"ticket/{key}-", autoescape=True))
        .group_by(event.stream)
    )
    found = store.read(lambda c: c.execute(statement).all())
    return {stream.removeprefix(f"ticket/{key}-"): count for stream, count in found}


def link(store: Store, channel: str, at: datetime) -> FeedHealth:
    return next(feed for feed in store.read(lambda c: feed_health(c, at)) if feed.key == channel)


def url_of(store: Store) -> str:
    return store.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
