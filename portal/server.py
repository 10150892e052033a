"""One process that answers: pages and API, or only the live streams; and how it leaves without losing a request.

A process that is told to stop (SIGTERM) goes on answering for `PORTAL_DRAIN_SECONDS` while `/servingz` says that it
leaves, so that a balancer which looks there each second sends nobody to it any more. Then it closes its door, and
what is under way gets its answer. Ctrl-C, and the second signal, wait for nobody.
"""

import signal
import socket
import time
from types import FrameType

import uvicorn
from litestar import Litestar

from portal import figures, memory, tracing
from portal.settings import Part, Settings

# What is under way when the door is closed may take so long; streams end by themselves at the signal.
LAST_ANSWERS = 3
LAST_ANSWERS_DRAINED = 60


class Leaving(uvicorn.Server):
    """uvicorn's server with a while between the signal and the closing of the door."""

    def __init__(self, config: uvicorn.Config, app: Litestar, drain_seconds: int) -> None:
        super().__init__(config)
        self.app = app
        self.drain_seconds = drain_seconds
        self._closes_at: float | None = None
        self._told = signal.SIGTERM.value

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if sig == signal.SIGTERM and self.drain_seconds and self._closes_at is None:
            self.app.state.is_leaving = True
            self._told, self._closes_at = sig, time.monotonic() + self.drain_seconds
        else:
            super().handle_exit(sig, frame)

    async def on_tick(self, counter: int) -> bool:
        if self._closes_at is not None and time.monotonic() >= self._closes_at and not self.should_exit:
            super().handle_exit(self._told, None)
        return await super().on_tick(counter)


def run(settings: Settings, listener: socket.socket, part: Part = "web") -> None:
    """Answer on `listener` until told to stop."""
    figures.begin(settings.home)
    from portal.app import create_app
    from portal.gate import Gate
    from portal.wire import Wire

    app = create_app(settings, part)
    tracing.begin(settings.otel_endpoint, part)
    config = uvicorn.Config(
        Gate(app, settings),
        loop="uvloop",
        http=Wire,
        lifespan="on",
        backlog=8192,
        timeout_graceful_shutdown=LAST_ANSWERS_DRAINED if settings.drain_seconds else LAST_ANSWERS,
        timeout_keep_alive=30,
        access_log=False,
        server_header=False,
        forwarded_allow_ips=settings.trusted_proxies,
        log_config=None,
    )
    memory.settle()
    try:
        Leaving(config, app, settings.drain_seconds).run(sockets=[listener])
    finally:
        tracing.end()
