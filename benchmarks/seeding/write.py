"""Writes a city into an empty store: the demo city, then blocks by as many processes as there are cores."""

import logging
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import datetime
from functools import lru_cache
from multiprocessing import get_context

from sqlalchemy import Connection, text

from benchmarks.seeding.city import SEED, Block, Size, tickets_of
from data_access import bulk, schema
from data_access.copying import copy_rows
from data_access.rules import Rules, load_rules
from data_access.store import Store, create_engine_for
from desktop.demo.generate import DEFAULT_SEED, generate
from desktop.demo.load import load
from desktop.demo.world import World, make_world
from domain.intake import NewTicket

Progress = Callable[[int, int], None]

_log = logging.getLogger(__name__)


def fill(store: Store, tickets: int, anchor: datetime, progress: Progress, processes: int = 0) -> None:
    """Write a city of so many tickets as of a moment. `progress` gets tickets done and tickets in all.

    Raises:
        ValueError: fewer than 100 tickets.
    """
    size = Size(tickets)
    load(store, generate(anchor, DEFAULT_SEED, size.demo))
    done = size.demo
    progress(done, tickets)
    url = store.engine.url.render_as_string(hide_password=False)
    count = processes or os.cpu_count() or 1
    if count == 1:
        for block in size.blocks:
            done += _write_block(url, anchor, block, size.past_blocks)
            progress(done, tickets)
        return
    # Fresh interpreters: a forked one would share this one's connections.
    with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool:
        waiting = [pool.submit(_write_block, url, anchor, block, size.past_blocks) for block in size.blocks]
        for future in as_completed(waiting):
            done += future.result()
            progress(done, tickets)


def tidy(store: Store) -> None:
    """Let the planner know what is there, as autovacuum does in a store that has lived for a while."""
    with store.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        connection.execute(text("VACUUM (ANALYZE, PARALLEL 0)"))
        connection.execute(text("CHECKPOINT"))


def _write_block(url: str, anchor: datetime, block: Block, past_blocks: int) -> int:
    begun = time.perf_counter()
    tickets = list(tickets_of(_world(anchor), block, past_blocks, SEED))
    made = time.perf_counter()
    _store(url).write(_WriteTickets(tickets, _rules(url)), again=True)
    _log.debug("block %d: %.1f + %.1f s", block.index, made - begun, time.perf_counter() - made)
    return len(tickets)


class _WriteTickets:
    """Whole new tickets by the bulk way. Its lock of imports is not taken: no two blocks share a number."""

    def __init__(self, tickets: Sequence[NewTicket], rules: Rules) -> None:
        self._tickets = tickets
        self._rules = rules

    def __call__(self, connection: Connection) -> None:
        connection.execute(text("SET LOCAL synchronous_commit = off"))
        tickets = self._tickets
        bulk.add_streams(connection, self._rules, [(f"ticket/{t.number}", t.events) for t in tickets])
        copy_rows(
            connection,
            schema.delivery,
            [{"ticket": t.number, "content_hash": t.content_hash} for t in tickets],
        )
        copy_rows(
            connection,
            schema.complainant,
            [
                {"ticket": t.number, "name": c.name, "phone": c.phone, "secrecy": c.secrecy}
                for t in tickets
                if (c := t.complainant) is not None
            ],
        )


@lru_cache(maxsize=1)
def _world(anchor: datetime) -> World:
    return make_world(anchor)


@lru_cache(maxsize=1)
def _store(url: str) -> Store:
    return Store(create_engine_for(url), None)


@lru_cache(maxsize=1)
def _rules(url: str) -> Rules:
    return _store(url).read(load_rules)
