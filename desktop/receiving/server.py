"""The TCP server: one small object a connection, and the end of those that talk nonsense or say nothing."""

import asyncio
import logging
import socket
from collections.abc import Callable, Sequence
from datetime import datetime

from desktop.receiving.batches import Batches
from desktop.receiving.reading import Desk, Line

BUFFER_BYTES = 4096
"""What is read of a connection at a time: a few frames."""
MOST_WASTE = 65_536
"""Bytes outside of believable frames, since the last message of a registered device: then it is dropped."""
MOST_BAD = 100
"""Broken frames since then."""
MOST_REFUSED = 20
"""Frames of unregistered devices, or with a wrong password, since then."""
MOST_UNREAD = 65_536
"""Bytes of answers that a device may leave unread."""
NAMELESS_SECONDS = 900
"""How long a connection may stay without one message of a registered device."""
SILENT_SECONDS = 2 * 3600
"""How long a connection may say nothing: a device that speaks hourly is missed twice."""
LOOK_SECONDS = 10

_log = logging.getLogger(__name__)


class Connection(asyncio.BufferedProtocol):
    """One device's connection, or a gateway's that speaks for many."""

    def __init__(self, server: "Server") -> None:
        self._server = server
        self._buffer = bytearray(BUFFER_BYTES)
        self._transport: asyncio.Transport | None = None
        self._line: Line | None = None
        self.address = ""
        self.begun = self.heard = asyncio.get_running_loop().time()

    # --- what asyncio calls ----------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        peer = transport.get_extra_info("peername")
        self.address = str(peer[0]) if peer else ""
        self._transport = transport
        if not self._server.admit(self):
            transport.abort()
            return
        line = transport.get_extra_info("socket")
        if line is not None:
            # A device that lost its power never says goodbye.
            line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            # Else the system takes megabytes of answers for one that never reads them.
            line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, MOST_UNREAD)
        self._line = Line(self._server.desk, self.address)

    def get_buffer(self, _sizehint: int) -> bytearray:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        if self._line is None:
            return
        self.heard = asyncio.get_running_loop().time()
        for arrived in self._line.feed(bytes(memoryview(self._buffer)[:nbytes]), self._server.now()):
            self._server.batches.put(self, arrived)
        line = self._line
        if line.waste > MOST_WASTE or line.bad_since > MOST_BAD or line.refused_since > MOST_REFUSED:
            self.drop("it sends nothing of use")

    def connection_lost(self, _error: Exception | None) -> None:
        line, self._line, self._transport = self._line, None, None
        if line is not None:
            line.finish()
        self._server.leave(self)

    # --- what the batches call -------------------------------------------------------------------------

    def send(self, answers: Sequence[bytes]) -> None:
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        transport.write(b"".join(answers))
        self._server.desk.counts.answered += len(answers)
        if transport.get_write_buffer_size() > MOST_UNREAD:
            self.drop("it does not read its answers")

    def pause(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()

    def resume(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    # --- what the server calls -------------------------------------------------------------------------

    def look(self, now: float) -> None:
        """Drop it when it has been silent, or nameless, for too long. `now` is the loop's time."""
        nameless = self._line is not None and not self._line.known and now - self.begun > NAMELESS_SECONDS
        if nameless or now - self.heard > SILENT_SECONDS:
            self.drop("no registered device speaks there" if nameless else "it is silent")

    def end(self) -> None:
        """End it at once; what was not answered comes again."""
        if self._transport is not None:
            self._transport.abort()

    def drop(self, why: str) -> None:
        """End it for what it does."""
        if self._transport is not None and not self._transport.is_closing():
            # A thousand at once where a line fails or a port is open to strangers: the account counts them.
            _log.debug("the connection from %s is dropped: %s", self.address, why)
            self._server.desk.counts.dropped += 1
            self._transport.abort()


class Server:
    """Listens, and holds the connections, at most `most`. For one loop."""

    def __init__(self, desk: Desk, batches: Batches, now: Callable[[], datetime], most: int) -> None:
        self.desk = desk
        self.batches = batches
        self.now = now
        self._most = most
        self._connections: set[Connection] = set()
        self._full = False

    @property
    def open(self) -> int:
        """How many connections there are."""
        return len(self._connections)

    def admit(self, connection: Connection) -> bool:
        """Take a new connection in, unless there are too many."""
        if len(self._connections) >= self._most:
            if not self._full:
                _log.warning("there are %d connections of devices: no more are let in", self._most)
            self._full = True
            return False
        self._full = False
        self._connections.add(connection)
        self.desk.counts.connections += 1
        return True

    def leave(self, connection: Connection) -> None:
        """A connection is gone."""
        self._connections.discard(connection)
        self.batches.forget(connection)

    async def listen(self, host: str, port: int) -> asyncio.Server:
        """Begin to listen.

        Raises:
            OSError: somebody else listens there, or one may not.
        """
        loop = asyncio.get_running_loop()
        return await loop.create_server(self._connection, host or None, port, backlog=1024)

    async def watch(self) -> None:
        """Look after the connections, until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            for connection in tuple(self._connections):
                connection.look(loop.time())

    def close(self) -> None:
        """End all connections at once: devices come again, and send again what was not answered."""
        for connection in tuple(self._connections):
            connection.end()

    def _connection(self) -> Connection:
        return Connection(self)
