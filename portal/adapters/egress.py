"""The way out to addresses that customers have named: it leads to the public internet only.

A name is resolved when a connection is made. Every address that it has must be public, and the connection goes to one
of those that were looked at: a resolver that changes its mind between the look and the connection changes nothing. TLS
and the `Host` header stay with the name. Redirects are not followed, and no proxy is taken from the environment.
"""

import asyncio
import socket
import ssl
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

import httpcore
import httpx

from portal import tracing
from portal.adapters.measured import Measured
from portal.domain.egress import is_loopback, is_public
from portal.domain.webhooks import Answer

# Seconds: from the name to the last octet of the answer, and to the connection.
IN_ALL = 15.0
TO_CONNECT = 5.0
LARGEST_ANSWER = 20_000
LARGEST_HEADERS = 4_000
# Connections to one name are used again for so long; many servers close theirs after 5 seconds.
IDLE = 4.0
KEPT = 8
FORGOTTEN = 30.0
# A server may hang out many addresses, which all take as long.
MOST_ADDRESSES = 3
# A name server that never answers holds a thread: others' names have others.
RESOLVERS = 64

# All addresses of a name, as text.
Resolve = Callable[[str, int], Awaitable[list[str]]]

_went_to: ContextVar[list[str] | None] = ContextVar("went_to", default=None)


class NotPublic(httpcore.ConnectError):
    """The name leads where only the supplier's own machines may go."""


class CannotResolve(httpcore.ConnectError):
    """No address has this name."""


class Pinned(httpcore.AsyncNetworkBackend):
    """Connects to addresses that were looked at, never to a name."""

    def __init__(self, resolve: Resolve, *, simulated: bool) -> None:
        self.resolve = resolve
        self.simulated = simulated
        self.plain = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        until = time.monotonic() + (timeout or TO_CONNECT)
        addresses = await self.checked(host, port)
        refused: Exception | None = None
        for place, address in enumerate(addresses):
            left = (until - time.monotonic()) / (len(addresses) - place)
            try:
                stream = await self.plain.connect_tcp(
                    address, port, max(left, 0.1), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                refused = error
                continue
            _note(address)
            return Measured(stream)
        raise refused or CannotResolve(f"no address has the name {host}")

    async def checked(self, host: str, port: int) -> list[str]:
        """The addresses of the name; one that is not public refuses them all."""
        addresses = list(dict.fromkeys(await self.resolve(host, port)))
        if not addresses:
            raise CannotResolve(f"no address has the name {host}")
        for address in addresses:
            if not (is_public(address) or (self.simulated and is_loopback(address))):
                # Which one is not told: customers read this, and must not learn the supplier's own addresses.
                raise NotPublic(f"{host} leads to an address that is not public")
        return addresses[:MOST_ADDRESSES]

    async def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        raise NotPublic("a socket of this machine")

    async def sleep(self, seconds: float) -> None:
        await self.plain.sleep(seconds)


def _note(address: str) -> None:
    went_to = _went_to.get()
    if went_to is not None:
        went_to[:] = [address]


class Resolver:
    """Asks the system, in threads of its own."""

    def __init__(self) -> None:
        self.threads = ThreadPoolExecutor(RESOLVERS, thread_name_prefix="resolver")

    async def __call__(self, host: str, port: int) -> list[str]:
        try:
            found = await asyncio.get_running_loop().run_in_executor(
                self.threads, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            )
        except (OSError, UnicodeError) as error:
            raise CannotResolve(f"no address has the name {host}") from error
        return [str(address[0]) for *_, address in found]

    def close(self) -> None:
        self.threads.shutdown(wait=False, cancel_futures=True)


class Egress:
    """Posts, and answers with what came of it: it never raises, and never takes longer than its time limit."""

    def __init__(
        self,
        *,
        simulated: bool,
        resolve: Resolve | None = None,
        tls: ssl.SSLContext | None = None,
        in_all: float = IN_ALL,
    ) -> None:
        self.in_all = in_all
        self.own = None if resolve else Resolver()
        self.tls = tls or httpx.create_ssl_context(trust_env=False)
        self.backend = Pinned(resolve or self.own or Resolver(), simulated=simulated)
        self.ways: OrderedDict[tuple[str, str, str], _Way] = OrderedDict()

    async def post(self, url: str, headers: Mapping[str, str], body: bytes, *, way: str = "") -> Answer:
        """`way` names whom it is for: only their own deliveries use their connections again."""
        began, went_to = time.monotonic(), list[str]()
        noted = _went_to.set(went_to)
        try:
            with tracing.span("POST", "client", server_address=urlsplit(url).hostname or ""):
                async with asyncio.timeout(self.in_all):
                    status, response_headers, read = await self._post(url, headers, body, went_to, way)
            problem = f"redirects are not followed: it answered {status}" if 300 <= status < 400 else None
            answered: tuple[Any, ...] = (status, problem, response_headers, read)
        except (TimeoutError, httpcore.TimeoutException):
            answered = (None, f"no answer within {self.in_all:.0f} seconds", None, None)
        except (
            httpcore.NetworkError,
            httpcore.ProtocolError,
            httpcore.UnsupportedProtocol,
            OSError,
        ) as error:
            answered = (None, _told(error), None, None)
        finally:
            _went_to.reset(noted)
        status, problem, response_headers, read = answered
        took = int((time.monotonic() - began) * 1000)
        return Answer(status, problem, took, next(iter(went_to), None), headers, response_headers, read)

    async def _post(
        self, url: str, headers: Mapping[str, str], body: bytes, went_to: list[str], way: str
    ) -> tuple[int, dict[str, str], str]:
        limits = {"connect": TO_CONNECT, "read": self.in_all, "write": self.in_all, "pool": self.in_all}
        async with (
            self._way(way, url) as pool,
            pool.stream(
                "POST",
                url,
                headers=[(name.encode(), value.encode()) for name, value in headers.items()],
                content=body,
                extensions={"timeout": limits},
            ) as response,
        ):
            if not went_to and (stream := response.extensions.get("network_stream")) is not None:
                address = stream.get_extra_info("server_addr")
                went_to[:] = [str(address[0])] if address else []
            read = bytearray()
            async for chunk in response.aiter_stream():
                read += chunk
                if len(read) >= LARGEST_ANSWER:
                    break
            return response.status, _headers(response.headers), _text(bytes(read[:LARGEST_ANSWER]))

    @asynccontextmanager
    async def _way(self, name: str, url: str) -> AsyncIterator[httpcore.AsyncConnectionPool]:
        """The kept connections to where the address leads. One pool for all would look at all each time."""
        parts = urlsplit(url)
        key = (name, parts.scheme, parts.netloc)
        way = self.ways.get(key)
        if way is None:
            pool = httpcore.AsyncConnectionPool(
                ssl_context=self.tls,
                network_backend=self.backend,
                max_connections=None,
                max_keepalive_connections=KEPT,
                keepalive_expiry=IDLE,
            )
            way = self.ways[key] = _Way(pool)
        self.ways.move_to_end(key)
        way.in_use += 1
        try:
            yield way.pool
        finally:
            way.in_use -= 1
            way.used_at = time.monotonic()
            await self._forget()

    async def _forget(self) -> None:
        """Connections that would not be used again are closed, a few each time."""
        for key, way in list(islice(self.ways.items(), 2)):
            is_over = not way.in_use and way.used_at < time.monotonic() - FORGOTTEN
            # While the first was closed somebody else may have come by.
            if is_over and self.ways.get(key) is way:
                del self.ways[key]
                await way.pool.aclose()

    async def close(self) -> None:
        for way in self.ways.values():
            await way.pool.aclose()
        self.ways.clear()
        if self.own is not None:
            self.own.close()


@dataclass(slots=True)
class _Way:
    pool: httpcore.AsyncConnectionPool
    in_use: int = 0
    used_at: float = 0.0


def _headers(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """As many as fit; what is not ASCII is told apart somehow."""
    headers: dict[str, str] = {}
    left = LARGEST_HEADERS
    for name, value in raw:
        left -= len(name) + len(value)
        if left < 0:
            break
        headers[_text(name).lower()] = _text(value)
    return headers


def _text(raw: bytes) -> str:
    """PostgreSQL keeps any character but the one without a name."""
    return raw.decode(errors="replace").replace("\0", "\ufffd")


def _told(error: Exception) -> str:
    said = str(error) or type(error).__name__
    return said[:300]
