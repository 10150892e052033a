"""A customer's system: a real server on this machine that keeps what it was told, and answers as it is told to."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from standardwebhooks import Webhook


@dataclass(frozen=True, slots=True)
class Heard:
    """One request. `at` is when it had come in, by `time.time()`."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    at: float

    @property
    def id(self) -> str:
        return self.headers.get("webhook-id", "")

    @property
    def told(self) -> dict[str, Any]:
        return json.loads(self.body)  # type: ignore[no-any-return]


@dataclass(slots=True)
class Answer:
    status: int = 204
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    # Seconds; None: never.
    after: float | None = 0.0
    # Bytes that come without an end.
    is_endless: bool = False
    # Interim answers without an end, and never one that counts.
    is_preliminary: bool = False
    # Not before this is set; whoever has hung up meanwhile gets none.
    when: asyncio.Event | None = None


OK = Answer()


@dataclass(slots=True)
class Receiver:
    """`answers` decides by what was heard and how often that id was heard before."""

    port: int = 0
    heard: list[Heard] = field(default_factory=list)
    # As far as an answer went out.
    answered: list[Heard] = field(default_factory=list)
    # It hangs up on everybody at once.
    is_down: bool = False
    answers: Callable[[Heard, int], Answer] = lambda *_: OK
    connections: int = 0
    tasks: set["asyncio.Task[None]"] = field(default_factory=set)
    # At once, at most.
    widest: int = 0
    _open: int = 0

    @property
    def under_way(self) -> int:
        """So many wait for an answer."""
        return self._open

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def ids(self) -> list[str]:
        return [one.id for one in self.heard]

    @property
    def types(self) -> list[str]:
        return [one.told["type"] for one in self.heard]

    async def until(self, many: int, seconds: float = 20) -> list[Heard]:
        """All that was heard, as soon as it is so many."""
        try:
            async with asyncio.timeout(seconds):
                while len(self.heard) < many:  # noqa: ASYNC110 (what comes in has no event)
                    await asyncio.sleep(0.01)
        except TimeoutError:
            raise AssertionError(f"heard {len(self.heard)} of {many}: {self.ids}") from None
        return self.heard

    def verify(self, secret: str) -> None:
        """Everything that was heard is signed, as the reference library sees it."""
        for one in self.heard:
            Webhook(secret).verify(one.body, dict(one.headers))

    def greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_down:
            writer.transport.abort()
            return
        task = asyncio.create_task(self.answer(reader, writer))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def go_down(self) -> None:
        """Whoever is connected is cut off, whatever was asked."""
        self.is_down = True
        for task in self.tasks:
            task.cancel()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with contextlib.closing(writer), contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                heard = await _read(reader)
                before = self.ids.count(heard.id)
                self.heard.append(heard)
                self._open += 1
                self.widest = max(self.widest, self._open)
                try:
                    answer = self.answers(heard, before)
                    if answer.when is not None and not await _still_asks(reader, answer.when):
                        return
                    await _write(writer, answer)
                    self.answered.append(heard)
                finally:
                    self._open -= 1


async def _read(reader: asyncio.StreamReader) -> Heard:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Heard(head[0].split()[1], headers, body, time.time())


async def _still_asks(reader: asyncio.StreamReader, when: asyncio.Event) -> bool:
    """Whether somebody is there when it is time."""
    while not when.is_set():
        if reader.at_eof() or reader.exception() is not None:
            return False
        await asyncio.sleep(0.01)
    return not reader.at_eof() and reader.exception() is None


async def _write(writer: asyncio.StreamWriter, answer: Answer) -> None:
    if answer.after is None:
        await asyncio.Event().wait()
    elif answer.after:
        await asyncio.sleep(answer.after)
    while answer.is_preliminary:
        writer.write(b"HTTP/1.1 102 Processing\r\n\r\n" * 1000)
        await writer.drain()
    lines = [f"HTTP/1.1 {answer.status} X", *(f"{name}: {value}" for name, value in answer.headers.items())]
    if not answer.is_endless:
        lines.append(f"content-length: {len(answer.body)}")
    writer.write("\r\n".join([*lines, "", ""]).encode() + answer.body)
    while answer.is_endless:
        writer.write(b"x" * 4096)
        await writer.drain()
    await writer.drain()


@contextlib.asynccontextmanager
async def receiving(
    answers: Callable[[Heard, int], Answer] | None = None, *, host: str = "127.0.0.1", tls: Any = None
) -> AsyncIterator[Receiver]:
    receiver = Receiver()
    if answers is not None:
        receiver.answers = answers
    server = await asyncio.start_server(receiver.greet, host, 0, ssl=tls)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        for task in receiver.tasks:
            task.cancel()
        await asyncio.gather(*receiver.tasks, return_exceptions=True)
