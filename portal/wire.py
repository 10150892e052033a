"""The connection of a web process: uvicorn's, which believes everybody, with limits before the application is asked.

uvicorn waits for ever for the end of a request's head, keeps as much of it as comes, and waits for ever for the next
byte of a body, and for whoever does not read an answer. A few hundred connections that each send a byte a minute would
hold all that a process has. Here each of these has an end. What is behind a load balancer is safe from most of it
already; this holds for whoever is not, and for what a balancer lets through.

How a message ends is read strictly by the parser (llhttp); what two programs could read differently is refused here,
and closes the connection: nothing that follows it can be somebody else's request.
"""

import asyncio
from typing import cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

# Of a head, with its address: browsers send 2 kB, and our own cookies are short.
LARGEST_HEAD = 32 * 1024
LONGEST_ADDRESS = 8 * 1024
MOST_HEADERS = 100
# Seconds until a head is complete.
HEAD_SECONDS = 15.0
# Of a body: so long for its beginning, and for the rest at least so many octets in each second.
BODY_SECONDS = 20.0
SLOWEST = 2 * 1024
# Seconds in which an answer must find room on its way out.
WRITE_SECONDS = 60.0
# Who is still sending when the answer is there may read it; nothing of what comes meanwhile is kept.
LINGER_SECONDS = 10.0

# What may be there once, or two programs could each believe another one.
ONCE = frozenset({b"host", b"content-length", b"transfer-encoding", b"content-type", b"authorization"})
PHRASES = {
    400: b"Bad Request",
    408: b"Request Timeout",
    414: b"URI Too Long",
    431: b"Request Header Fields Too Large",
}
SAID = {
    400: b"This is not a request that can be read.",
    408: b"The request did not come in time.",
    414: b"The address is too long.",
    431: b"The head of the request is too large.",
}
HEADERS = (
    b"content-type: text/plain; charset=utf-8\r\n"
    b"content-security-policy: default-src 'none'; frame-ancestors 'none'\r\n"
    b"x-content-type-options: nosniff\r\n"
    b"cache-control: no-store\r\n"
    b"connection: close\r\n"
)


class Refused(Exception):
    """The parser is told to stop; `Wire.refusal` says why."""


class Wire(HttpToolsProtocol):
    """For `uvicorn.Config(http=...)`."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.refusal = 400
        self.came = self.steps = 0
        self.is_in_head = True
        self.is_in_body = False
        self.body = 0
        self.body_since = 0.0
        self.waiting: asyncio.TimerHandle | None = None
        self.writing: asyncio.TimerHandle | None = None
        self._wait(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        self.resume_writing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        steps = self.steps
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self.is_in_head and self.steps == steps:
            # A header without end is never told: so what came is counted, too.
            self.came += len(data)
            if self.came > LARGEST_HEAD:
                self._refuse(431)
                return
        if self.waiting is None and (self.is_in_body or self._is_idle()):
            self._wait(BODY_SECONDS if self.is_in_body else HEAD_SECONDS)

    def send_400_response(self, _: str) -> None:
        self._refuse(self.refusal)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.is_in_head = True

    def on_headers_complete(self) -> None:
        self._look_at_head()
        self.is_in_head = False
        self.steps += 1
        self.is_in_body, self.body, self.body_since = True, 0, self.loop.time()
        self._stop_waiting()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self.body += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self.is_in_body = False
        self.is_in_head, self.came = True, 0
        self.steps += 1
        self._stop_waiting()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.is_in_body and not self.transport.is_closing():
            self._wait(LINGER_SECONDS)

    def pause_writing(self) -> None:
        super().pause_writing()
        if self.writing is None:
            self.writing = self.loop.call_later(WRITE_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        if self.writing is not None:
            self.writing.cancel()
            self.writing = None
        super().resume_writing()

    def _look_at_head(self) -> None:
        """All of it has come, in pieces that were counted: so it is small enough to be looked at."""
        if len(self.url) > LONGEST_ADDRESS:
            self._stop(414)
        if len(self.headers) > MOST_HEADERS:
            self._stop(431)
        size, seen = 0, set()
        for name, value in self.headers:
            size += len(name) + len(value)
            if name in ONCE:
                if name in seen:
                    self._stop(400)
                seen.add(name)
        if size > LARGEST_HEAD:
            self._stop(431)
        # Beside a length, or where nobody knows chunks.
        is_odd = b"content-length" in seen or self.parser.get_http_version() == "1.0"
        if b"transfer-encoding" in seen and is_odd:
            self._stop(400)

    def _stop(self, status: int) -> None:
        self.refusal = status
        raise Refused

    def _is_idle(self) -> bool:
        cycle = self._asked()
        return cycle is None or cycle.response_complete

    def _asked(self) -> RequestResponseCycle | None:
        """The last request of which the head is complete."""
        return cast("RequestResponseCycle | None", self.cycle)

    def _refuse(self, status: int) -> None:
        """Say why, and close. In the midst of another answer nothing is said: it would be read as a part of it."""
        if self.transport.is_closing():
            return
        self._stop_waiting()
        if self._is_idle() or not self.cycle.response_started:
            body = SAID[status]
            self.transport.write(
                b"HTTP/1.1 %d %s\r\n%scontent-length: %d\r\n\r\n%s"
                % (status, PHRASES[status], HEADERS, len(body), body)
            )
        cycle = self._asked()
        if cycle is not None and not cycle.response_complete:
            # What the application answers to a request that was cut off has nowhere to go.
            cycle.disconnected = True
            cycle.message_event.set()
        self.transport.close()

    def _wait(self, seconds: float) -> None:
        self._stop_waiting()
        self.waiting = self.loop.call_later(seconds, self._waited)

    def _stop_waiting(self) -> None:
        if self.waiting is not None:
            self.waiting.cancel()
            self.waiting = None

    def _waited(self) -> None:
        self.waiting = None
        if self.transport.is_closing():
            return
        if self.is_in_body and not self._is_idle():
            left = self.body_since + BODY_SECONDS + self.body / SLOWEST - self.loop.time()
            if self.flow.read_paused or left > 0:
                # The application has enough to read, or enough has come for now.
                self._wait(max(left, 1.0))
                return
        if self._is_idle() and (self.is_in_body or not self.came):
            # It was answered, or nothing has been asked.
            self.transport.close()
        else:
            self._refuse(408)
