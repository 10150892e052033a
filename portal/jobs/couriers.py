"""The courier: takes what other systems are to be told from the outbox, and tells them.

It runs beside the jobs of a worker, and needs the database only: it listens for commits on a connection of its own and
looks by the clock as well. What is claimed has a lease; whoever is killed in the middle leaves it to others, who send
it again with the same `webhook-id`. Nothing is asked of another machine within a transaction.
"""

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import timedelta
from typing import Protocol, cast

import asyncpg
import structlog

from portal import clock, figures, tracing
from portal.clock import utc_now
from portal.db import deliveries, delivery_results
from portal.db.deliveries import Claimed
from portal.db.delivery_results import Disabled, Settled
from portal.db.work import Connection, Pool, Work
from portal.domain.webhooks import GIVEN_UP_AFTER, Answer, Outcome
from portal.jobs.sending_to_erp import ToErp
from portal.jobs.sending_webhooks import Webhooks
from portal.settings import Settings

log = logging.getLogger(__name__)

# Under way at once in one worker, to all connections; half of them at most to such as do not answer.
SLOTS = 400
FAILING_SLOTS = 200
# An attempt takes 15 seconds at most. As long as others wait after a worker was killed.
LEASE = timedelta(seconds=20)
# Without having heard of anything.
LOOK_EVERY = 1.0
# Commits that follow each other closely are looked at together.
GATHER = 0.01
# What is under way when the worker is to end.
LAST_WORDS = 5.0
LONGEST_PROBLEM = 500


class Sender(Protocol):
    """How a kind of connection is told. `send` takes less than the lease, and is not in a transaction."""

    async def send(self, claimed: Claimed) -> Answer: ...

    def judge(self, answer: Answer, attempt: int, chance: float) -> Outcome:
        """What becomes of it; `attempt` counts from 1, `chance` is random from 0 to 1."""
        ...

    async def close(self) -> None: ...


# By the connection's kind; None where the settings name no such system.
SENDERS: Mapping[str, Callable[[Pool, Settings], Sender | None]] = {"webhook": Webhooks.of, "erp": ToErp.of}


class Courier:
    """One in each worker: they share the work by what they lock."""

    def __init__(self, pool: Pool, settings: Settings, senders: Mapping[str, Sender] | None = None) -> None:
        self.pool = pool
        self.settings = settings
        self.senders = _senders(pool, settings) if senders is None else senders
        self.kinds = list(self.senders)
        # By delivery and attempt.
        self._under_way: dict[tuple[int, int], tuple[Claimed, asyncio.Task[None]]] = {}
        self._done: list[Settled] = []
        self._called = asyncio.Event()
        self._has_done = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        for name, step in (("listen", self._listen), ("claim", self._claim), ("settle", self._settle)):
            self._tasks.append(asyncio.create_task(_for_ever(name, step), name=f"courier: {name}"))

    async def stop(self) -> None:
        """What is under way gets some seconds; the rest is given back."""
        *looking, settling = self._tasks
        await _ended(looking)
        sending = [task for _, task in self._under_way.values()]
        if sending:
            await asyncio.wait(sending, timeout=LAST_WORDS)
        await _ended([settling])
        with contextlib.suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
            await self._end(sending)
        for sender in self.senders.values():
            await sender.close()

    async def _end(self, sending: list[asyncio.Task[None]]) -> None:
        for task in sending:
            task.cancel()
        await asyncio.gather(*sending, return_exceptions=True)
        if self._done:
            await self._write_down()
        if self._under_way:
            left = {claimed.id: claimed.attempt for claimed, _ in self._under_way.values()}
            async with self.pool.acquire() as acquired:
                await delivery_results.give_back(cast("Connection", acquired), left)

    def wake(self) -> None:
        self._called.set()

    async def _listen(self) -> None:
        connection = await asyncpg.connect(self.settings.database_url, timeout=5)
        lost = asyncio.Event()
        connection.add_termination_listener(lambda _: lost.set())
        try:
            for channel in ("portal_deliveries", "portal_clock"):
                await connection.add_listener(channel, lambda *_: self.wake())
            self.wake()
            while not lost.is_set():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(lost.wait(), 15)
                if not lost.is_set():
                    await connection.execute("select 1", timeout=5)
        finally:
            connection.terminate()
        raise ConnectionError("the listening connection was lost")

    async def _claim(self) -> None:
        self._called.clear()
        again_in = await self._take()
        pause = LOOK_EVERY if again_in is None else min(again_in, LOOK_EVERY)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._called.wait(), pause)
        await asyncio.sleep(GATHER)

    async def _take(self) -> float | None:
        """Begin with what is due; answers in how many seconds more can begin."""
        room = SLOTS - len(self._under_way)
        if room <= 0:
            return None
        failing = sum(claimed.is_failing for claimed, _ in self._under_way.values())
        if self.settings.has_simulated_clock:
            await clock.refresh(self.pool)
        work = Work(self.pool)
        async with work:
            found = await deliveries.claim(
                work.conn, self.kinds, work.now, LEASE, room=room, failing_room=FAILING_SLOTS - failing
            )
        for claimed in found.claimed:
            task = asyncio.create_task(self._send(claimed), name=f"delivery {claimed.id}")
            self._under_way[claimed.id, claimed.attempt] = (claimed, task)
        return found.again_in

    async def _send(self, claimed: Claimed) -> None:
        sender, at, began = self.senders[claimed.kind], utc_now(), time.monotonic()
        chance = random.random()  # noqa: S311 (jitter)
        structlog.contextvars.bind_contextvars(delivery=claimed.id, account=claimed.account)
        if claimed.attempt == 1:
            lag = max(0.0, (at - claimed.created_at).total_seconds())
            figures.figures().first_attempts.labels(claimed.kind).observe(lag)
        try:
            with tracing.span(f"deliver {claimed.kind}", "producer", portal_delivery=claimed.id):
                answer = await sender.send(claimed)
            outcome = sender.judge(answer, claimed.attempt, chance)
        except Exception as problem:
            log.exception("delivery %s of kind %s cannot be sent", claimed.id, claimed.kind)
            took = int((time.monotonic() - began) * 1000)
            # Without what was answered: nothing there may stand in the way of its being settled.
            answer = Answer(None, f"{type(problem).__name__}: {problem}"[:LONGEST_PROBLEM], took)
            outcome = sender.judge(answer, claimed.attempt, chance)
        self._done.append(Settled(claimed.id, claimed.connection_id, claimed.attempt, at, answer, outcome))
        self._has_done.set()

    async def _settle(self) -> None:
        await self._has_done.wait()
        self._has_done.clear()
        try:
            await self._write_down()
        except BaseException:
            # What another worker has taken up meanwhile is left to that one.
            self._has_done.set()
            raise

    async def _write_down(self) -> None:
        """All that came in while the last was written, in one transaction."""
        done = list(self._done)
        work = Work(self.pool)
        async with work:
            disabled = await delivery_results.settle(work.conn, done, work.now, GIVEN_UP_AFTER)
        del self._done[: len(done)]
        for one in done:
            self._under_way.pop((one.delivery_id, one.attempt), None)
        for connection in disabled:
            _say(connection)
        self.wake()


def _senders(pool: Pool, settings: Settings) -> dict[str, Sender]:
    made = {kind: make(pool, settings) for kind, make in SENDERS.items()}
    return {kind: sender for kind, sender in made.items() if sender is not None}


def _say(disabled: Disabled) -> None:
    log.warning("connection %s of %s is disabled: %s", disabled.id, disabled.account, disabled.because)


async def _ended(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Until they are: `wait_for` of Python 3.11 may lose a cancellation that comes just when it ends."""
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=1)


async def _for_ever(name: str, step: Callable[[], Awaitable[None]]) -> None:
    """It must not end silently because something went wrong once."""
    delay = 0.1
    while True:
        try:
            await step()
            delay = 0.1
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
            log.warning("courier, %s: %r, again in %.1f s", name, error, delay)
            await asyncio.sleep(delay)
            delay = min(delay * 2, 5)
        except Exception:
            log.exception("courier, %s: again in %.1f s", name, delay)
            await asyncio.sleep(delay)
            delay = min(delay * 2, 5)
