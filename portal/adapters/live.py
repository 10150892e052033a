"""The hub of the live pages: one listening connection per process, many watchers, each message made once.

A notification says that an order has a newer version. The hub then asks its teller once for all who watch that order
and hands the same bytes to everybody who has the same version and sees it the same way. A watcher says what version
it has, so nothing depends on having heard every notification: after a lost connection, on either side, states are
compared and the difference is sent. Waiting costs a future, not a database connection.
"""

import asyncio
import contextlib
import logging
import signal
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Coroutine, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Protocol

import asyncpg

from portal import figures

log = logging.getLogger(__name__)

BEAT_SECONDS = 20
# A reader that is this many messages behind is dropped: it comes back and says what it has.
FULL = 64
HELLO = b"retry: 500\n: hi\n\n"
BEAT = b"event: beat\ndata:\n\n"
STALE = b"event: stale\ndata:\n\n"

Look = Hashable
# What was made for (look, version that the reader has).
Messages = Mapping[tuple[Look, int], bytes]


class Watcher:
    """One open stream. `version` is what its page shows; None until it was compared with the database."""

    __slots__ = (
        "_queue",
        "_waiting",
        "acting",
        "closed",
        "epoch",
        "look",
        "missed",
        "order_id",
        "person_id",
        "session",
        "version",
    )

    def __init__(
        self, order_id: int, look: Look, person_id: int, epoch: int, session: str, acting: int = 0
    ) -> None:
        self.order_id = order_id
        self.look = look
        self.person_id = person_id
        self.epoch = epoch
        self.session = session
        # The impersonation under which it watches; 0 for a person who is themselves.
        self.acting = acting
        self.version: int | None = None
        self.missed = False
        self.closed = False
        self._queue: deque[bytes] = deque()
        self._waiting: asyncio.Future[None] | None = None

    def put(self, message: bytes) -> None:
        if len(self._queue) >= FULL:
            self.closed = True
        else:
            self._queue.append(message)
        self._wake()

    def close(self) -> None:
        """End the stream after what is queued already."""
        self.closed = True
        self._wake()

    async def get(self) -> bytes | None:
        """The next message; None when the stream is over."""
        # A bare future: a timer or a task per watcher would cost more than the message.
        while not self._queue:
            if self.closed:
                return None
            self._waiting = asyncio.get_running_loop().create_future()
            try:
                await self._waiting
            finally:
                self._waiting = None
        return self._queue.popleft()

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)


class Teller(Protocol):
    """What the hub asks: who may still watch, and what to say."""

    async def permitted(self, watchers: Sequence[Watcher]) -> set[Watcher]: ...

    async def tell(
        self, order_id: int, wanted: Iterable[tuple[Look, int]]
    ) -> tuple[int, Messages] | None: ...


class Hub:
    """`today` is the day that pages speak of; when it changes, what they say is stale."""

    def __init__(self, database_url: str, teller: Teller, *, today: Callable[[], date]) -> None:
        self.database_url = database_url
        self.teller = teller
        self.today = today
        # Whether notifications come in, and whose session has ended, in this or another process.
        self.on_listening: Callable[[bool], None] = lambda _: None
        self.on_session: Callable[[str], None] = lambda _: None
        self.on_clock: Callable[[], Any] | None = None
        # Mail has become due.
        self.on_mail: Callable[[], Any] | None = None
        # An invoice was issued, whose files are to be made.
        self.on_documents: Callable[[], Any] | None = None
        self._day = today()
        self._watchers: defaultdict[int, set[Watcher]] = defaultdict(set)
        self._pending: set[int] = set()
        # Since when an order's news wait to be told, for the figures.
        self._since: dict[int, float] = {}
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._asking: set[asyncio.Task[None]] = set()
        self._closing = False

    async def start(self) -> None:
        for work in (self._listen, self._dispatch, self._beat):
            self._tasks.append(asyncio.create_task(self._for_ever(work)))
        self._end_streams_on_signals()

    async def stop(self) -> None:
        self.close_all()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @contextlib.contextmanager
    def watching(self, watcher: Watcher) -> Iterator[Watcher]:
        """Subscribe before comparing versions: what commits in between is then noticed as missed."""
        if self._closing:
            watcher.close()
        self._watchers[watcher.order_id].add(watcher)
        figures.figures().streams.inc()
        try:
            yield watcher
        finally:
            figures.figures().streams.dec()
            watching = self._watchers[watcher.order_id]
            watching.discard(watcher)
            if not watching:
                del self._watchers[watcher.order_id]

    async def synchronise(self, watcher: Watcher, since: int) -> bool:
        """Bring a new watcher up to date; False when there is nothing for it to watch."""
        told = await self.teller.tell(watcher.order_id, [(watcher.look, since)])
        if told is None:
            return False
        version, messages = told
        watcher.version = version
        if since != version:
            watcher.put(messages[watcher.look, since])
        if watcher.missed:
            self._mark(watcher.order_id)
        return True

    def close_all(self) -> None:
        """End all streams: the server's shutdown would wait for them."""
        self._closing = True
        for watcher in self.watchers():
            watcher.close()

    def watchers(self) -> list[Watcher]:
        return [watcher for watching in self._watchers.values() for watcher in watching]

    def close_of(self, *, person_id: int | None = None, session: str | None = None) -> None:
        """Cut off a person, or one session."""
        for watcher in self.watchers():
            if watcher.person_id == person_id or watcher.session == session:
                watcher.close()

    async def _for_ever(self, work: Callable[[], Any]) -> None:
        """Live updates must not end silently because something went wrong once."""
        delay = 0.1
        while True:
            try:
                await work()
                delay = 0.1
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
                log.warning("live updates: %r, again in %.1f s", error, delay)
            except Exception:
                log.exception("live updates: again in %.1f s", delay)
            await asyncio.sleep(delay)
            delay = min(delay * 2, 5)

    async def _listen(self) -> None:
        connection = await asyncpg.connect(self.database_url, timeout=5)
        lost = asyncio.Event()
        connection.add_termination_listener(lambda _: lost.set())
        try:
            for channel, hear in self._channels().items():
                await connection.add_listener(channel, hear)
            self.on_listening(True)
            # Whatever was said while nobody listened.
            for order_id in list(self._watchers):
                self._mark(order_id)
            while not lost.is_set():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(lost.wait(), 15)
                if not lost.is_set():
                    await connection.execute("select 1", timeout=5)
        finally:
            self.on_listening(False)
            connection.terminate()
        raise ConnectionError("the listening connection was lost")

    def _channels(self) -> dict[str, Callable[..., None]]:
        return {
            "portal": lambda *heard: self._heard(heard[-1]),
            "portal_clock": lambda *_: self._clock_moved(),
            "portal_mail": lambda *_: self._do_if_any(self.on_mail),
            "portal_documents": lambda *_: self._do_if_any(self.on_documents),
            "portal_person": lambda *heard: self.close_of(person_id=int(heard[-1])),
            # As whom the session looks has changed: its pages come back and see.
            "portal_impersonation": lambda *heard: self.close_of(session=heard[-1]),
            "portal_session": lambda *heard: self._session_ended(heard[-1]),
        }

    def _heard(self, payload: str) -> None:
        """`17:4 18:2`: orders and their versions."""
        for pair in payload.split():
            order_id = int(pair.partition(":")[0])
            if order_id in self._watchers:
                self._mark(order_id)

    def _session_ended(self, key: str) -> None:
        self.on_session(key)
        self.close_of(session=key)

    def _clock_moved(self) -> None:
        self._do(self._on_another_day(ask=True))

    def _do_if_any(self, what: Callable[[], Any] | None) -> None:
        if what is not None:
            self._do(what())

    def _do(self, what: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(what)
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)

    async def _on_another_day(self, *, ask: bool = False) -> None:
        """On another day what pages say about today and tomorrow is not true any more."""
        if ask and self.on_clock is not None:
            await self.on_clock()
        if self.today() != self._day:
            self._day = self.today()
            for watcher in self.watchers():
                watcher.put(STALE)

    def _mark(self, order_id: int) -> None:
        self._pending.add(order_id)
        self._since.setdefault(order_id, time.monotonic())
        self._wake.set()

    async def _dispatch(self) -> None:
        await self._wake.wait()
        self._wake.clear()
        pending, self._pending = self._pending, set()
        try:
            while pending:
                order_id = next(iter(pending))
                await self._tell(order_id)
                pending.discard(order_id)
                if (since := self._since.pop(order_id, None)) is not None:
                    figures.figures().live.observe(time.monotonic() - since)
        finally:
            self._pending |= pending
            if self._pending:
                self._wake.set()

    async def _tell(self, order_id: int) -> None:
        ready = []
        for watcher in self._watchers.get(order_id, ()):
            if watcher.version is None:
                watcher.missed = True
            else:
                ready.append(watcher)
        if not ready:
            return
        await self._cut_off(ready)
        wanted = {(w.look, w.version) for w in ready if w.version is not None and not w.closed}
        told = await self.teller.tell(order_id, wanted)
        if told is None:
            return
        version, messages = told
        for watcher in ready:
            message = messages.get((watcher.look, watcher.version or 0))
            if message is not None and watcher.version != version and not watcher.closed:
                watcher.version = version
                watcher.put(message)

    async def _cut_off(self, watchers: Sequence[Watcher]) -> None:
        permitted = await self.teller.permitted(watchers)
        for watcher in watchers:
            if watcher not in permitted:
                watcher.close()

    async def _beat(self) -> None:
        """Show clients that the stream lives, and look again who may watch."""
        await asyncio.sleep(BEAT_SECONDS)
        await self._on_another_day()
        for order_id in list(self._watchers):
            watchers = list(self._watchers.get(order_id, ()))
            await self._cut_off(watchers)
            for watcher in watchers:
                watcher.put(BEAT)

    def _end_streams_on_signals(self) -> None:
        """Servers run their shutdown only after open streams have ended, so the hub must hear the signal itself."""
        if threading.current_thread() is not threading.main_thread():
            return
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            former = signal.getsignal(number)

            def handle(received: int, frame: Any, former: Any = former) -> None:
                loop.call_soon_threadsafe(self.close_all)
                if callable(former):
                    former(received, frame)

            signal.signal(number, handle)
