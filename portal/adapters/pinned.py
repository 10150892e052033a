"""httpx by the same way out as webhooks: to public addresses that were looked at, without redirects or proxies, and
with an answer that has an end."""

import ssl

import httpcore
import httpx

from portal.adapters.egress import TO_CONNECT, Pinned, Resolve, Resolver

# Octets of a body. Keys of the largest providers take a tenth of it.
LARGEST = 200_000
# Connections that are kept for the next question.
KEPT = 16
IDLE = 20.0


class TooLarge(httpx.TransportError):
    """What was answered is longer than anything it could be."""


class Way(httpx.AsyncBaseTransport):
    """A transport for httpx. What goes wrong with the network is an `httpx.TransportError` that says what."""

    def __init__(
        self, *, simulated: bool, resolve: Resolve | None = None, tls: ssl.SSLContext | None = None
    ) -> None:
        self.own = None if resolve else Resolver()
        self.pool = httpcore.AsyncConnectionPool(
            ssl_context=tls or httpx.create_ssl_context(trust_env=False),
            network_backend=Pinned(resolve or self.own or Resolver(), simulated=simulated),
            max_connections=None,
            max_keepalive_connections=KEPT,
            keepalive_expiry=IDLE,
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = await request.aread()
        limits = {**request.extensions.get("timeout", {}), "connect": TO_CONNECT}
        asked = httpcore.Request(
            method=request.method,
            url=httpcore.URL(
                scheme=request.url.raw_scheme,
                host=request.url.raw_host,
                port=request.url.port,
                target=request.url.raw_path,
            ),
            headers=request.headers.raw,
            content=body,
            extensions={"timeout": limits},
        )
        try:
            answer = await self.pool.handle_async_request(asked)
            try:
                read = await _read(answer)
            finally:
                await answer.aclose()
        except httpcore.TimeoutException as error:
            raise httpx.ReadTimeout("no answer in time", request=request) from error
        except (
            httpcore.NetworkError,
            httpcore.ProtocolError,
            httpcore.UnsupportedProtocol,
            OSError,
        ) as error:
            raise httpx.TransportError(str(error)[:300] or type(error).__name__, request=request) from error
        # It was read as it came: what is packed stays packed, and does not unfold into more than was let in.
        headers = [(name, value) for name, value in answer.headers if name.lower() != b"content-encoding"]
        return httpx.Response(answer.status, headers=headers, content=read)

    async def aclose(self) -> None:
        await self.pool.aclose()
        if self.own is not None:
            self.own.close()


async def _read(answer: httpcore.Response) -> bytes:
    read = bytearray()
    async for chunk in answer.aiter_stream():
        read += chunk
        if len(read) > LARGEST:
            raise TooLarge(f"its answer is longer than {LARGEST:,} octets")
    return bytes(read)
