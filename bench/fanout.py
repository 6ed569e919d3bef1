"""The peer of `live`: a raw asyncio WebSocket server (on uvloop where it is installed) that sends what it is given.

``python -m bench.fanout PORT``; a client of ``/feed`` writes lines of hexadecimal, every other one receives them.
"""

import asyncio
import base64
import contextlib
import hashlib
import struct
import sys

MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
screens: set[asyncio.StreamWriter] = set()


def frame(payload: bytes) -> bytes:
    """A text frame, unmasked."""
    if len(payload) < 126:
        return b"\x81" + bytes([len(payload)]) + payload
    if len(payload) < 65_536:
        return b"\x81\x7e" + struct.pack(">H", len(payload)) + payload
    return b"\x81\x7f" + struct.pack(">Q", len(payload)) + payload


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer one connection."""
    head = await reader.readuntil(b"\r\n\r\n")
    path = head.split(b" ", 2)[1]
    if path == b"/":
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.close()
        return
    if path == b"/feed":
        while line := await reader.readline():
            sent = frame(bytes.fromhex(line.decode()))
            for screen in screens:
                screen.write(sent)
        return
    key = next(
        row.split(b": ", 1)[1] for row in head.split(b"\r\n") if row.lower().startswith(b"sec-websocket-key")
    )
    accept = base64.b64encode(hashlib.sha1(key + MAGIC).digest())
    writer.write(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
    )
    screens.add(writer)
    with contextlib.suppress(ConnectionError):
        while await reader.read(4096):
            pass
    screens.discard(writer)


async def main(port: int) -> None:
    """Listen."""
    server = await asyncio.start_server(serve, "127.0.0.1", port, limit=2**24)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    with contextlib.suppress(ImportError):
        import uvloop

        asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    asyncio.run(main(int(sys.argv[1])))
