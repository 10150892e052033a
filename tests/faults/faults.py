"""What befalls the town, one at a time, while everybody goes on. Each answers how often it struck."""

import asyncio
import contextlib
import itertools
import os
import random
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import asyncpg

from tests.faults.market import Market
from tests.faults.town import Town
from tests.fire.machines import until
from tests.outbound.receiver import Answer, Heard

# While something is slow or lies: requests of the market that have to get through meanwhile.
MEANWHILE = 12
# PostgreSQL's own, as the portal sets it: whoever waits longer for a lock gives up.
LOCK_LIMIT = 5
DEADLOCKS = 1
RETRIED = """
select max(due_at) from delivery where state = 'waiting' and attempts > 0 or state = 'sending' and attempts > 1
"""


@dataclass
class Storm:
    """`minute` is how long Valkey is away."""

    town: Town
    market: Market
    chance: random.Random
    minute: float = 60

    # -- processes --

    async def web_is_killed(self) -> int:
        self.chance.choice(self.town.web).kill()
        self.town.killed_web += 1
        return 1

    async def worker_is_killed(self) -> int:
        victim = self.chance.choice(self.town.machines.workers)
        victim.kill()
        self.town.machines.killed += 1
        return 1

    async def all_are_killed(self) -> int:
        """At one instant, as when the machine loses its power; the database goes with them."""
        processes = list(self.town.portal_processes)
        for process in processes:
            process.kill()
        self.town.killed_web += len(self.town.web)
        self.town.machines.killed += 2
        await self.town.machines.restart_database()
        return len(processes) + 1

    async def workers_are_killed_in_a_delivery(self) -> int:
        """The receiver thinks, and nobody is left to hear what it says."""
        machines = self.town.machines
        machines.gate.clear()
        try:
            await until(self._is_under_way, "something is under way")
            for worker in machines.workers:
                worker.kill()
            machines.killed += len(machines.workers)
        finally:
            machines.gate.set()
        return len(machines.workers)

    async def _is_under_way(self) -> bool:
        return self.town.machines.receiver.under_way > 0

    async def renderer_is_killed(self) -> int:
        """While it prints an invoice, if one is printed."""
        found: list[int] = []
        with contextlib.suppress(AssertionError):
            await until(partial(self._finds_renderers, found), "something is printed", 15, 0.01)
        for pid in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return len(found)

    async def _finds_renderers(self, found: list[int]) -> bool:
        found[:] = self.town.renderers()
        return bool(found)

    # -- servers --

    async def valkey_is_emptied(self) -> int:
        await self.town.machines.empty_valkey()
        return 1

    async def valkey_is_away(self) -> int:
        """For a minute: systems and people go on, and nobody has to sign in again; the workers end and start again."""
        pages, asked = self.market.pages["200"], self.market.asked
        await self.town.stop_valkey()
        try:
            self.market.allowed += 10 * MEANWHILE
            await asyncio.sleep(self.minute)
            assert self.market.asked > asked, "the API answered without Valkey"
            assert self.market.pages["200"] > pages, (
                f"no page was answered without Valkey: {self.market.pages}"
            )
        finally:
            await self.town.machines.valkey.start()
        return 1

    async def connections_are_cut(self) -> int:
        await self.town.machines.cut_database()
        return 1

    async def database_falls(self) -> int:
        await self.town.machines.restart_database()
        return 1

    async def disk_is_full(self) -> int:
        """The portal's, Valkey's and PostgreSQL's."""
        if self.town.disk is None:
            return 0
        failed = self.market.again
        self.market.allowed += 5 * MEANWHILE
        self.town.fill_disk()
        try:
            with contextlib.suppress(AssertionError):
                await until(partial(self._has_failed, failed + 5), "it is felt", 20)
        finally:
            self.town.free_disk()
        await self.town.database_is_up()
        return 1

    async def _has_failed(self, many: int) -> bool:
        return self.market.again >= many

    # -- locks --

    async def deadlocks(self) -> int:
        """Somebody locks orders first and products after, as nobody of ours does."""
        before = await self.town.machines.one(DEADLOCKED)
        for tries in itertools.count():
            try:
                async with self._by_hand() as conn:
                    await conn.execute("select from order_status where state = 'open' for update")
                    await asyncio.sleep(0.1)
                    await conn.execute("select from stock_level for update")
            except asyncpg.DeadlockDetectedError:
                pass
            many: int = await self.town.machines.one(DEADLOCKED) - before
            if many >= DEADLOCKS or tries > 40:
                return many
        raise AssertionError("unreachable")

    async def changes_are_refused(self) -> int:
        """As a database does that cannot put two changes in an order: some of them fail, and may be tried again."""
        async with self._by_hand() as conn:
            await conn.execute(REFUSING)
        try:
            await asyncio.sleep(3)
        finally:
            async with self._by_hand() as conn:
                await conn.execute("drop function faults_refuse() cascade")
                [many] = await conn.fetchrow("select last_value from faults_refused")
                await conn.execute("drop sequence faults_refused")
        return int(many)

    async def locks_are_held(self) -> int:
        """For longer than anybody waits."""
        async with self._by_hand() as conn:
            await conn.execute("lock table stock_level in share row exclusive mode")
            await asyncio.sleep(LOCK_LIMIT + 1.5)
        return 1

    @contextlib.asynccontextmanager
    async def _by_hand(self) -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
        conn = await self.town.connect()
        try:
            async with conn.transaction():
                yield conn
        finally:
            await conn.close()

    # -- time --

    async def clock_jumps(self) -> int:
        """The portal's: over a weekend at once."""
        await self.market.set_clock(self.market.now + timedelta(days=2, hours=3))
        return 1

    async def two_schedulers(self) -> int:
        """Two more workers that know nothing of the first two: their turns are kept in another Valkey database. The
        clock of one is an hour fast, the other's an hour slow."""
        portal = self.town.machines.portal
        elsewhere = {"PORTAL_VALKEY_URL": self.town.machines.valkey.url_of(1)}
        more = [
            portal.start(minutes, program="tests.faults.wrong_clock", environment=elsewhere)
            for minutes in ("60", "-60")
        ]
        try:
            await self._goes_on(2 * MEANWHILE, at_least=22)
            assert all(worker.poll() is None for worker in more), "they worked until they were told to end"
        finally:
            for worker in more:
                worker.terminate()
            for worker in more:
                await asyncio.to_thread(worker.wait, 30)
        return len(more)

    # -- other companies --

    async def erp_misbehaves(self) -> int:
        behaviours = ("down", "slow", "failing", "garbage")
        for behaviour in behaviours:
            self.town.erp.behave(behaviour)
            await self._goes_on(MEANWHILE // 2)
        self.town.erp.behave("ok")
        return len(behaviours)

    async def mail_server_misbehaves(self) -> int:
        behaviours = ("away", "busy", "slow", "hangs_up")
        for behaviour in behaviours:
            self.town.office.behaviour = behaviour
            await self._goes_on(MEANWHILE // 2)
            # Whoever was not taken waits for its next turn.
            await self.market.set_clock(self.market.now + timedelta(minutes=2))
        self.town.office.behaviour = "ok"
        return len(behaviours)

    async def receivers_misbehave(self) -> int:
        """One never answers, one answers without an end, one sends elsewhere, one fails, one says yes and hangs up."""
        machines, count = self.town.machines, itertools.count()
        answers = (
            Answer(after=None),
            Answer(status=200, is_endless=True),
            Answer(status=302, headers={"location": "http://127.0.0.1:1/"}),
            Answer(status=500, body=b"\xff\x00" * 1000),
            Answer(is_preliminary=True),
        )

        def lie(heard: Heard, before: int) -> Answer:
            machines.hear(heard, before)
            return answers[next(count) % len(answers)]

        machines.receiver.answers = lie
        try:
            await self._goes_on(MEANWHILE, at_least=10)
        finally:
            machines.receiver.answers = machines.hear
        await self.come_through()
        return next(count)

    async def receivers_are_away(self) -> int:
        receiver = self.town.machines.receiver
        receiver.go_down()
        try:
            await self._goes_on(MEANWHILE)
        finally:
            receiver.is_down = False
        await self.come_through()
        return 1

    async def come_through(self) -> None:
        """What was tried in vain is tried again when its hour comes."""
        while (later := await self.town.machines.one(RETRIED)) is not None:
            if later > self.market.now:
                await self.market.set_clock(later + timedelta(seconds=1))
            await asyncio.sleep(0.1)

    async def _goes_on(self, many: int, *, at_least: float = 0) -> None:
        """Nobody is held up by it: so many requests get through, and it lasts for so many seconds."""
        wanted = self.market.asked + many
        self.market.allowed = max(self.market.allowed, wanted + many)
        await asyncio.sleep(at_least)
        await until(partial(self._has_asked, wanted), "trade goes on")

    async def _has_asked(self, many: int) -> bool:
        return self.market.asked >= many


DEADLOCKED = (
    "select coalesce(sum(deadlocks), 0)::int from pg_stat_database where datname = current_database()"
)
REFUSING = """
create sequence faults_refused;
create function faults_refuse() returns trigger language plpgsql as $$
begin
    if random() < 0.3 then
        perform nextval('faults_refused');
        raise exception 'provoked' using errcode = (array['40001', '40P01', '55P03'])[1 + floor(random() * 3)::int];
    end if;
    return new;
end $$;
create trigger faults_refuse before insert on event for each row execute function faults_refuse();
"""

Fault = Callable[[Storm], Awaitable[int]]
FAULTS: dict[str, Fault] = {
    "a web process was killed": Storm.web_is_killed,
    "a worker was killed": Storm.worker_is_killed,
    "all workers were killed in a delivery": Storm.workers_are_killed_in_a_delivery,
    "what prints was killed": Storm.renderer_is_killed,
    "everything fell at one instant": Storm.all_are_killed,
    "Valkey was emptied": Storm.valkey_is_emptied,
    "Valkey was away": Storm.valkey_is_away,
    "the database cut its connections": Storm.connections_are_cut,
    "the database fell and came back": Storm.database_falls,
    "the disk was full": Storm.disk_is_full,
    "deadlocks": Storm.deadlocks,
    "changes could not be put in an order": Storm.changes_are_refused,
    "a table was locked for long": Storm.locks_are_held,
    "the clock jumped": Storm.clock_jumps,
    "two schedulers too many, with wrong clocks": Storm.two_schedulers,
    "the ERP was away, slow, failed and lied": Storm.erp_misbehaves,
    "the mail server was away, busy, slow and hung up": Storm.mail_server_misbehaves,
    "receivers lied": Storm.receivers_misbehave,
    "receivers were away": Storm.receivers_are_away,
}
