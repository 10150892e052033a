"""Many bare clients of event streams. Runs in its own process.

Told once: {port, requests}: each request is a whole HTTP/1.1 request for a stream and gets a connection of its own.
Answers how many are open when all have heard the first bytes; told anything more, answers for each connection when which
id was heard: [[id, time], ...].
"""

import asyncio
import json
import re
import sys
import time
from typing import Any, cast

import uvloop

ID = re.compile(rb"(?:^|\n)id: (\d+)")
AT_ONCE = 8
PATIENCE = 120


class Client(asyncio.Protocol):
    def __init__(self, request: bytes) -> None:
        self.request = request
        self.received = bytearray()
        self.heard: list[tuple[int, float]] = []
        self.is_open = asyncio.Event()
        self.is_lost = False
        self.refused = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast(asyncio.Transport, transport).write(self.request)

    def data_received(self, data: bytes) -> None:
        at = time.time()
        if not self.received and not self.is_open.is_set() and not data.startswith(b"HTTP/1.1 200"):
            self.refused = data[:300].decode(errors="replace")
            self.is_open.set()
            return
        self.received += data
        while (end := self.received.find(b"\n\n")) >= 0:
            message = bytes(self.received[:end])
            del self.received[: end + 2]
            self.is_open.set()
            if found := ID.search(message):
                self.heard.append((int(found[1]), at))

    def connection_lost(self, _: Exception | None) -> None:
        self.is_lost = True


async def run(told: dict[str, Any]) -> None:
    loop = asyncio.get_running_loop()
    clients = [Client(request.encode("latin-1")) for request in told["requests"]]
    room = asyncio.Semaphore(AT_ONCE)

    async def open_one(client: Client) -> None:
        async with room:
            await loop.create_connection(lambda: client, "127.0.0.1", told["port"])
            await client.is_open.wait()

    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*map(open_one, clients))
    if refused := [client.refused for client in clients if client.refused]:
        raise SystemExit(f"{len(refused)} of {len(clients)} got no stream; the first was told {refused[0]!r}")
    print(json.dumps(len(clients)), flush=True)
    await loop.run_in_executor(None, sys.stdin.readline)
    lost = sum(client.is_lost for client in clients)
    print(json.dumps({"heard": [client.heard for client in clients], "lost": lost}), flush=True)


if __name__ == "__main__":
    uvloop.run(run(json.loads(sys.stdin.readline())))
