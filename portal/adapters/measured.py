"""A connection to a stranger's machine that reads so much for each request, and no more.

Whoever answers with interim answers (`102 Processing`) or empty chunks without end says nothing that a limit of headers
or of a body would see, and keeps a processor busy for as long as the time limit lasts: with that, everybody waits.
"""

import ssl
from typing import Any

import httpcore

# Octets of an answer, with headers (100 kB at most), the body as far as it is read, and how it is cut into chunks.
MOST = 256_000
# At a time, so that others come in between.
AT_ONCE = 16_000


class Measured(httpcore.AsyncNetworkStream):
    """What is written begins a new request."""

    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        self.stream = stream
        self.left = MOST

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if self.left <= 0:
            raise httpcore.RemoteProtocolError("its answer has no end")
        found = await self.stream.read(min(max_bytes, AT_ONCE), timeout)
        self.left -= len(found)
        return found

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.left = MOST
        await self.stream.write(buffer, timeout)

    async def aclose(self) -> None:
        await self.stream.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.AsyncNetworkStream:
        return Measured(await self.stream.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        return self.stream.get_extra_info(info)
