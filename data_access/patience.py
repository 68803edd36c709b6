"""Connections that do not wait for a server that hangs.

A dead host is noticed by the network's own timeouts. One that is alive but answers nothing (halted, out of
I/O) keeps its connections open, and a statement would wait for ever, on every worker thread in turn. So
whoever has waited long asks by another connection whether the server still lets anybody in: if it does, a
slow statement has all the time in the world; if it does not, the connection is given up.
"""

import logging
from collections.abc import Generator
from time import monotonic
from typing import Any, TypeVar

import psycopg
from psycopg.rows import TupleRow

R = TypeVar("R")

SILENCE_SECONDS = 6.0
"""How long a server may say nothing before it is asked whether it is there."""
ANSWER_SECONDS = 4
"""How long it may take to answer that."""
LIVENESS = {
    "connect_timeout": 8,
    "keepalives_idle": 3,
    "keepalives_interval": 2,
    "keepalives_count": 2,
    "tcp_user_timeout": 8000,
}
"""A network that swallows everything, or a host that is gone, is noticed in ten seconds, not in two hours."""

_log = logging.getLogger(__name__)


class PatientConnection(psycopg.Connection[TupleRow]):
    """A connection that gives up when the server has hung for SILENCE_SECONDS and lets nobody in.

    Every wait for it then raises psycopg.OperationalError, and it is closed.
    """

    address: dict[str, Any]
    """How to reach this very server: what `connect` was called with; of several hosts, the one it found."""

    def wait(self, gen: Generator[Any, Any, R], *args: Any, **options: Any) -> R:
        """Drive one of the driver's operations on this connection to its end."""
        return super().wait(self._watched(gen), *args, **options)

    def _watched(self, gen: Generator[Any, Any, R]) -> Generator[Any, Any, R]:
        heard = monotonic()
        ready: Any = None
        while True:
            try:
                wanted = gen.send(ready)
            except StopIteration as done:
                result: R = done.value
                return result
            # Ten times a second the driver says that nothing is ready yet.
            ready = yield wanted
            if ready:
                heard = monotonic()
            elif monotonic() - heard > SILENCE_SECONDS:
                if not _answers(self.address):
                    _log.warning("the database server hangs: a connection is given up")
                    self.pgconn.finish()
                    raise psycopg.OperationalError("the server does not answer")
                heard = monotonic()


def connect(**address: Any) -> PatientConnection:
    """Return a new connection to this address; of several hosts, to the one that takes orders.

    Raises:
        psycopg.Error: it cannot be had.
    """
    several = "," in str(address.get("host", ""))
    if several:
        # A standby lets everybody in, too; which of the hosts is the primary changes with a fail-over.
        address = {"target_session_attrs": "read-write"} | address
    connection = PatientConnection.connect(**address)
    connection.address = address
    if several:
        connection.address |= {"host": connection.info.host, "port": connection.info.port}
    return connection


def _answers(address: dict[str, Any]) -> bool:
    """Whether the server lets anybody in, or says why not."""
    try:
        psycopg.connect(**address | {"connect_timeout": ANSWER_SECONDS}).close()
    except psycopg.errors.ConnectionTimeout:
        return False
    except psycopg.Error:
        return True
    return True
