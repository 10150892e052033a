"""Putting load on a server from here: requests as text, the process that sends them, what it cost the server."""

import contextlib
import json
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from bench.ground import Helper, helper
from bench.measuring import processor_seconds, quantile, spent


@dataclass(frozen=True, slots=True)
class Cost:
    """What so many requests took. `web` and `database` are seconds of processor time per request."""

    requests: int
    seconds: float
    p50: float
    p95: float
    web: float
    database: float
    statuses: dict[int, int]
    received: float

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds

    def sample(self) -> dict[str, float]:
        return {
            "per_second": self.per_second,
            "p50": self.p50,
            "p95": self.p95,
            "web": self.web,
            "database": self.database,
            "received": self.received,
        }


@dataclass(slots=True)
class Caller:
    """One helper process for all calls, so that its start is not measured."""

    helper: Helper
    database_pids: Callable[[], Iterable[int]]

    async def call(
        self,
        base_url: str,
        requests: Sequence[str],
        web_pids: Iterable[int],
        *,
        connections: int = 8,
        **how: Any,
    ) -> Cost:
        """`seconds=2` or `once=True`."""
        web = list(web_pids)
        before = processor_seconds(web), processor_seconds(self.database_pids())
        # A portal answers only who calls it by its own name.
        named = [
            request.replace("host: bench", f"host: {urlsplit(base_url).netloc}", 1) for request in requests
        ]
        self.helper.tell(
            {"port": urlsplit(base_url).port, "requests": named, "connections": connections, **how}
        )
        said = await self.helper.answer()
        after = processor_seconds(web), processor_seconds(self.database_pids())
        done = len(said["took"])
        return Cost(
            requests=done,
            seconds=said["seconds"],
            p50=quantile(said["took"], 0.5),
            p95=quantile(said["took"], 0.95),
            web=spent(before[0], after[0]) / done,
            database=spent(before[1], after[1]) / done,
            statuses={int(status): number for status, number in said["statuses"].items()},
            received=said["received"] / done,
        )


@contextlib.asynccontextmanager
async def caller(database_pids: Callable[[], Iterable[int]]) -> AsyncIterator[Caller]:
    with helper("load") as made:
        yield Caller(made, database_pids)


def get(path: str, **headers: str) -> str:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"GET {path} HTTP/1.1", "host: bench", *(f"{name}: {value}" for name, value in named.items())]
    return "\r\n".join([*lines, "", ""])


def post(path: str, body: object, token: str) -> str:
    content = json.dumps(body)
    return (
        f"POST {path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n"
        f"content-length: {len(content)}\r\n\r\n{content}"
    )
