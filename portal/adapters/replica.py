"""A standby of the database for what may be a few seconds old: lists, history, figures, files.

How late it is, is measured without trusting any clock but this process's: twice a second the primary is asked how far
its log reaches, and the standby how far it has replayed it. It shows everything up to the newest moment whose log it
has; when that moment is further back than the limit, or nobody answers, everything is read from the primary. Whoever
has changed something reads from the primary until the standby has come as far as their change.
"""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import asyncpg
import structlog
from prometheus_client import Counter, Gauge

from portal.db.pool import open_pool
from portal.db.row_policies import ROLE as BUYERS_ROLE
from portal.db.scoped import Readers
from portal.db.work import Pool
from portal.db.written import AT
from portal.settings import Settings

LOOKS_EVERY = 0.5
LOOK_LIMIT = 2.0
# Whoever waits for a page does not wait longer for a machine that is off.
CONNECT_LIMIT = 3
REPLAYED = """
select pg_is_in_recovery() as is_standby, (pg_last_wal_replay_lsn() - '0/0'::pg_lsn)::bigint as at,
    (select system_identifier from pg_control_system()) as cluster
"""
CLUSTER = "select system_identifier from pg_control_system()"
AWAY = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)

lag = Gauge(
    "portal_replica_lag_seconds",
    "How old what the standby shows may be, as the process that looked last has it; -1 while it is not read from.",
    multiprocess_mode="livemostrecent",
)
reads = Counter("portal_reads_that_may_be_late", "Where what may be a few seconds old was read.", ["where"])
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Sample:
    """At this moment of ours, the log of the primary reached so far."""

    moment: float
    at: int


class Replica:
    """Which database whoever asks reads from, when it may be late; the one place that decides it."""

    def __init__(
        self,
        primary: Readers,
        standby: Readers | None,
        *,
        most: float,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.primary = primary
        self.standby = standby
        self.most = most
        self.now = now
        # How far it has replayed, and the newest moment that it shows all of.
        self.replayed = 0
        self.shows: float | None = None
        self._samples: deque[_Sample] = deque(maxlen=int(3600 / LOOKS_EVERY))
        self._cluster: int | None = None
        self._was_fine: bool | None = None
        self._watching: asyncio.Task[None] | None = None

    @property
    def is_there(self) -> bool:
        """Whether there is one at all, so that it matters who has changed what."""
        return self.standby is not None

    @property
    def late_by(self) -> float | None:
        """How many seconds old what it shows may be; None while nobody knows."""
        return None if self.shows is None else self.now() - self.shows

    def readers(self, after: int) -> Readers:
        """The standby when it is not too late, and shows what was written up to `after`."""
        late = self.late_by
        if self.standby is not None and late is not None and late <= self.most and self.replayed >= after:
            reads.labels("standby").inc()
            return self.standby
        if self.standby is not None:
            reads.labels("primary").inc()
        return self.primary

    def gave_up(self) -> None:
        """It did not answer somebody: not to be asked again before it was looked at."""
        self.shows = None

    def start(self) -> None:
        if self.standby is not None:
            self._watching = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watching
        if self.standby is not None:
            for pool in {self.standby.main, self.standby.buyers}:
                pool.terminate()

    async def _watch(self) -> None:
        while True:
            try:
                async with asyncio.timeout(2 * LOOK_LIMIT):
                    await self.look()
            except AWAY as error:
                self.gave_up()
                self._say(f"{type(error).__name__}: {error}")
            await asyncio.sleep(LOOKS_EVERY)

    async def look(self) -> None:
        """Both at once: what the primary says now is what the standby has to reach."""
        assert self.standby is not None
        moment = self.now()
        written, standby = await asyncio.gather(
            self._ask(self.primary.main, self._written),
            self._ask(self.standby.main, self._of_standby),
            return_exceptions=True,
        )
        if isinstance(written, int):
            self._samples.append(_Sample(moment, written))
        if isinstance(standby, BaseException):
            raise standby
        if standby is None:
            self.gave_up()
            return
        self.replayed = standby
        while len(self._samples) > 1 and self._samples[1].at <= standby:
            self._samples.popleft()
        if self._samples and self._samples[0].at <= standby:
            self.shows = self._samples[0].moment
        late = self.late_by
        fine = late is not None and late <= self.most
        self._say("" if fine else "it is too late")
        if late is not None:
            lag.set(late)

    async def _ask(self, pool: Pool, what: Callable[[Any], Coroutine[Any, Any, int | None]]) -> int | None:
        async with asyncio.timeout(LOOK_LIMIT), pool.acquire() as conn:
            return await what(conn)

    async def _written(self, conn: Any) -> int | None:
        if self._cluster is None:
            self._cluster = await conn.fetchval(CLUSTER)
        return int(await conn.fetchval(AT))

    async def _of_standby(self, conn: Any) -> int | None:
        """How far it is; None when it is no standby of ours."""
        row = await conn.fetchrow(REPLAYED)
        if not row["is_standby"] or row["at"] is None:
            self._say("PORTAL_REPLICA_URL names no standby: it takes changes itself")
            return None
        if row["cluster"] != self._cluster:
            self._say(
                "PORTAL_REPLICA_URL names a standby of another database" if self._cluster else "not known yet"
            )
            return None
        return int(row["at"])

    def _say(self, problem: str) -> None:
        """Once, when it changes."""
        if (not problem) is self._was_fine:
            return
        self._was_fine = not problem
        if problem:
            lag.set(-1)
            log.warning("the standby is not read from", problem=problem)
        else:
            log.info("the standby is read from")


async def connect(settings: Settings, primary: Readers) -> Replica:
    """What the settings name. A standby that is away when a process begins is asked when it comes."""
    standby = None
    if settings.replica_url:
        standby = Readers(
            await open_pool(settings.replica_url, least=0, connect_seconds=CONNECT_LIMIT),
            await open_pool(settings.replica_url, least=0, connect_seconds=CONNECT_LIMIT, role=BUYERS_ROLE),
        )
    found = Replica(primary, standby, most=settings.replica_lag_seconds)
    found.start()
    return found
