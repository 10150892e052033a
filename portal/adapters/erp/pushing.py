"""The ERP is told over HTTP what happened to orders, as docs/erp.md says."""

import asyncio
import time

import httpx

from portal import tracing
from portal.domain.webhooks import Answer

# Seconds, from the first byte that is sent to the last that is read; and to the connection.
IN_ALL = 15.0
TO_CONNECT = 5.0
LARGEST_ANSWER = 20_000
LARGEST_HEADERS = 4_000


class Pushing:
    """Posts to `{url}/events`. The address is the operator's own: it may well be within their network."""

    def __init__(self, url: str, token: str, *, in_all: float = IN_ALL) -> None:
        self.in_all = in_all
        self.token = token
        self.client = httpx.AsyncClient(
            base_url=url.rstrip("/"),
            timeout=httpx.Timeout(in_all, connect=TO_CONNECT),
            follow_redirects=False,
            trust_env=False,
            limits=httpx.Limits(max_connections=64, max_keepalive_connections=16, keepalive_expiry=4),
        )

    async def post(self, key: str, body: bytes) -> Answer:
        """What came of it. Never raises; `key` is the same each time that the same is told."""
        began = time.monotonic()
        headers = {"content-type": "application/json", "idempotency-key": key, "user-agent": "portal/1.0"}
        try:
            with tracing.span("POST /events", "client", server_address=self.client.base_url.host):
                async with asyncio.timeout(self.in_all):
                    status, answered, read = await self._post(headers, body)
        except (TimeoutError, httpx.TimeoutException):
            return Answer(None, f"no answer within {self.in_all:.0f} seconds", _took(began), None, headers)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            said = str(error) or type(error).__name__
            return Answer(None, said[:300], _took(began), None, headers)
        problem = f"redirects are not followed: it answered {status}" if 300 <= status < 400 else None
        return Answer(status, problem, _took(began), None, headers, answered, read)

    async def _post(self, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], str]:
        # What it presents is kept nowhere, so that a log of deliveries shows it to nobody.
        known = {"authorization": f"Bearer {self.token}"} if self.token else {}
        async with self.client.stream("POST", "/events", content=body, headers=headers | known) as response:
            read = bytearray()
            async for chunk in response.aiter_bytes():
                read += chunk
                if len(read) >= LARGEST_ANSWER:
                    break
            return response.status_code, _headers(response.headers), _text(bytes(read[:LARGEST_ANSWER]))

    async def close(self) -> None:
        await self.client.aclose()


def _took(began: float) -> int:
    return int((time.monotonic() - began) * 1000)


def _headers(answered: httpx.Headers) -> dict[str, str]:
    headers: dict[str, str] = {}
    left = LARGEST_HEADERS
    for name, value in answered.items():
        left -= len(name) + len(value)
        if left < 0:
            break
        headers[name] = value.replace("\0", "\ufffd")
    return headers


def _text(raw: bytes) -> str:
    """PostgreSQL keeps any character but the one without a name."""
    return raw.decode(errors="replace").replace("\0", "\ufffd")
