"""What stands before the application, whatever is asked: under which name the portal was called, and the clock of it.

A browser that was led here under another name (DNS rebinding), and a cache that keeps answers by a name that somebody
made up, get nothing. Probes of a load balancer call a machine by its address, and learn only whether it is alive.
"""

import re
import secrets
import time
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

import structlog
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from portal import figures, tracing
from portal.routes.answers import HEADERS, KEPT_BY_NOBODY, STRICT_TRANSPORT
from portal.settings import LOOPBACK, Settings

PROBED = frozenset({"/healthz", "/readyz", "/servingz", "/metrics"})
SAID = b"This name is not one of the portal's."
NAMED = re.compile(r"([a-z0-9.-]+|\[[0-9a-f:]+\])(?::[0-9]{1,5})?")
LOCAL = LOOPBACK | {f"[{name}]" for name in LOOPBACK if ":" in name}
PORTS = {"http": 80, "https": 443}


LONGEST_NAME = 200

log = structlog.get_logger()


class Gate:
    """An ASGI application around the portal's."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.names = frozenset(names_of(settings))
        # Somebody tries the portal out at whatever port: but on this machine only.
        self.is_local = not settings.is_production
        self.secure = settings.secure_cookies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if str(scope["type"]) != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        given = number(scope)
        if not self.is_ours(scope):
            await self.misdirected(scope, send, given)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                figures.answered(scope, message["status"], time.perf_counter() - began)
            await send(message)

        if tracing.is_on():
            await tracing.request(self.app, scope, receive, sending)
        else:
            await self.app(scope, receive, sending)

    def is_ours(self, scope: Any) -> bool:
        """HTTP/1.1 says one name. One that says none is older, or nobody's browser."""
        named = [value for name, value in scope["headers"] if name == b"host"]
        if len(named) == 1 and self.knows(named[0].decode("latin-1").lower()):
            return True
        return scope["path"] in PROBED

    def knows(self, host: str) -> bool:
        if host in self.names:
            return True
        return self.is_local and (found := NAMED.fullmatch(host)) is not None and found[1] in LOCAL

    async def misdirected(self, scope: Any, send: Send, given: str) -> None:
        named = [
            value.decode("latin-1")[:LONGEST_NAME] for name, value in scope["headers"] if name == b"host"
        ]
        log.warning("another name than the portal's", named=named)
        headers = [*HEADERS.items(), (b"content-type", b"text/plain; charset=utf-8")]
        headers += [
            (b"content-length", str(len(SAID)).encode()),
            KEPT_BY_NOBODY,
            (b"x-request-id", given.encode()),
        ]
        if self.secure:
            headers.append(STRICT_TRANSPORT)
        await send({"type": "http.response.start", "status": 421, "headers": headers})
        await send({"type": "http.response.body", "body": SAID, "more_body": False})


def number(scope: Any) -> str:
    """A number for the request, in every log line of it and on its answer. Given once, whoever asks first."""
    state = scope.setdefault("state", {})
    given: str | None = state.get("request_id")
    if given is None:
        given = state["request_id"] = secrets.token_hex(6)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=given)
    return given


def names_of(settings: Settings) -> Iterable[str]:
    """As a `Host` header writes them: the port may be left out where it is the scheme's own."""
    for address in (settings.base_url, *settings.other_base_urls):
        parts = urlsplit(address)
        host = (parts.hostname or "").lower()
        host = f"[{host}]" if ":" in host else host
        usual = PORTS.get(parts.scheme)
        yield f"{host}:{parts.port or usual}"
        if parts.port in (None, usual):
            yield host
