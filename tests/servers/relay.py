"""A relay that speaks TLS on one side and none on the other, as stunnel or pgbouncer does before a server.

The embedded PostgreSQL is built without OpenSSL. Run as a program:

    python -m tests.servers.relay PORT SERVER_PORT CERTIFICATE KEY
"""

import asyncio
import contextlib
import ssl
import sys

SSL_REQUEST = (8).to_bytes(4) + (80877103).to_bytes(4)
GSS_REQUEST = (8).to_bytes(4) + (80877104).to_bytes(4)
HERE = "127.0.0.1"


class Relay:
    """Takes each caller through TLS to the server behind; whoever asks for none is turned away."""

    def __init__(self, server_port: int, context: ssl.SSLContext) -> None:
        self._server_port = server_port
        self._context = context

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one caller until either side hangs up."""
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, ssl.SSLError):
            asked = await reader.readexactly(8)
            if asked == GSS_REQUEST:
                writer.write(b"N")
                asked = await reader.readexactly(8)
            if asked == SSL_REQUEST:
                writer.write(b"S")
                await writer.start_tls(self._context)
                behind_reader, behind_writer = await asyncio.open_connection(HERE, self._server_port)
                ways = [
                    asyncio.create_task(_carry(reader, behind_writer)),
                    asyncio.create_task(_carry(behind_reader, writer)),
                ]
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
                for way in ways:
                    way.cancel()
                behind_writer.close()
        writer.close()


async def _carry(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError, ssl.SSLError):
        while data := await source.read(65536):
            target.write(data)
            await target.drain()


async def serve(port: int, server_port: int, certificate: str, key: str) -> None:
    """Listen until the program is ended."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    relay = Relay(server_port, context)
    async with await asyncio.start_server(relay.meet, HERE, port) as listening:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await listening.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]))
