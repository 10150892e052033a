"""Load on a web server: so many connections, each asks again as soon as it is answered. Runs in its own process.

Told once: {port, connections, and seconds or once}; `requests` are whole HTTP/1.1 requests, which the connections share
out among themselves. With `once` each request is sent one time. With `every` a connection asks once in so many seconds,
as people do who read what they got.
"""

import asyncio
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from itertools import cycle
from typing import Any, cast

import uvloop

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class Caller(asyncio.Protocol):
    """One connection."""

    def __init__(self, load: "Load") -> None:
        self.load = load
        self.received = bytearray()
        self.began = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.ask()

    def ask(self) -> None:
        request = self.load.next()
        if request is None:
            self.transport.close()
            return
        self.began = time.perf_counter()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.received += data
        head = self.received.find(b"\r\n\r\n")
        if head < 0:
            return
        length = LENGTH.search(self.received, 0, head)
        end = head + 4 + (int(length[1]) if length else 0)
        if len(self.received) < end:
            return
        self.load.note(int(self.received[9:12]), end, time.perf_counter() - self.began)
        del self.received[:end]
        if pause := self.load.pause(self.began):
            asyncio.get_running_loop().call_later(pause, self.ask)
        else:
            self.ask()

    def connection_lost(self, _: Exception | None) -> None:
        self.load.gone()


class Load:
    """What all connections ask for, and what came of it."""

    def __init__(self, told: dict[str, Any]) -> None:
        requests = [request.encode("latin-1") for request in told["requests"]]
        self.requests: Iterator[bytes] = iter(requests) if told.get("once") else cycle(requests)
        self.seconds = told.get("seconds", 3600.0)
        self.every = told.get("every", 0.0)
        self.open = told["connections"]
        self.port = told["port"]
        self.statuses: Counter[int] = Counter()
        self.received = 0
        self.took: list[float] = []
        self.over = asyncio.Event()

    async def run(self) -> dict[str, Any]:
        loop = asyncio.get_running_loop()
        began = time.perf_counter()
        self.until = began + self.seconds
        callers = [
            loop.create_connection(lambda: Caller(self), "127.0.0.1", self.port) for _ in range(self.open)
        ]
        await asyncio.gather(*callers)
        await self.over.wait()
        return {
            "seconds": time.perf_counter() - began,
            "statuses": self.statuses,
            "received": self.received,
            "took": self.took,
        }

    def next(self) -> bytes | None:
        return next(self.requests, None) if time.perf_counter() < self.until else None

    def pause(self, began: float) -> float:
        """How long until a connection that asked then asks again."""
        return max(0.0, began + self.every - time.perf_counter()) if self.every else 0.0

    def note(self, status: int, received: int, took: float) -> None:
        self.statuses[status] += 1
        self.received += received
        self.took.append(took)

    def gone(self) -> None:
        self.open -= 1
        if not self.open:
            self.over.set()


async def main() -> None:
    for line in sys.stdin:
        print(json.dumps(await Load(json.loads(line)).run()), flush=True)


if __name__ == "__main__":
    uvloop.run(main())
