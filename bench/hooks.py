"""A receiver of webhooks that answers at once. Runs in its own process.

Told once: {fd}: the listening socket. Told anything more, answers when each id came in first: {id: time}.
"""

import asyncio
import json
import re
import socket
import sys
import time
from typing import cast

import uvloop

ID = re.compile(rb"\r\nwebhook-id: ([^\r]+)", re.IGNORECASE)
LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)
ANSWER = b"HTTP/1.1 204 No Content\r\n\r\n"

heard: dict[str, float] = {}


class Receiver(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.received = bytearray()

    def data_received(self, data: bytes) -> None:
        at = time.time()
        self.received += data
        while (end := self.received.find(b"\r\n\r\n")) >= 0:
            head = bytes(self.received[:end])
            length = LENGTH.search(head)
            whole = end + 4 + (int(length[1]) if length else 0)
            if len(self.received) < whole:
                return
            del self.received[:whole]
            if named := ID.search(head):
                heard.setdefault(named[1].decode(), at)
            self.transport.write(ANSWER)


async def run(fd: int) -> None:
    loop = asyncio.get_running_loop()
    await loop.create_server(Receiver, sock=socket.socket(fileno=fd))
    while await loop.run_in_executor(None, sys.stdin.readline):
        print(json.dumps(heard), flush=True)
        heard.clear()


if __name__ == "__main__":
    uvloop.run(run(json.loads(sys.stdin.readline())["fd"]))
