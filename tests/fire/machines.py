"""All machines of one portal, to be hurt: its servers are its own, so that whatever falls, falls on it alone."""

import asyncio
import contextlib
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import asyncpg
import redis.asyncio as redis
from standardwebhooks import Webhook

from portal import schema
from portal.adapters.children import end
from portal.adapters.embedded import Postgres, Valkey, only_here
from portal.adapters.mailbox import Mailbox, receive
from portal.db.pool import prepare
from tests.fixtures import supplier_token
from tests.outbound.receiver import Answer, Heard, Receiver, receiving
from tests.portals import Portal, running
from tests.servers import CARELESS, PREFIX

PATIENCE = 60
# The database may end as if the power had gone: what was committed then has to be there.
OPTIONS = {**CARELESS, "synchronous_commit": "on"}
# As long as others wait after whoever claimed a mail was killed (`jobs.mail`): the database's clock, not the portal's.
MAIL_IS_ABANDONED = """
update mail set claimed_at = claimed_at - interval '4 minutes'
where state = 'sending' and claimed_at < clock_timestamp() - interval '10 seconds'
"""
CUT = "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = 'portal'"


async def until(
    what: Callable[[], Awaitable[object]], why: str, seconds: float = PATIENCE, pause: float = 0.05
) -> None:
    """What is asked for is so."""
    try:
        async with asyncio.timeout(seconds):
            while not await what():  # noqa: ASYNC110 (machines have no events)
                await asyncio.sleep(pause)
    except TimeoutError:
        raise AssertionError(f"{why}: not within {seconds} seconds") from None


@dataclass
class Machines:
    """`killed` is how many workers were."""

    postgres: Postgres
    valkey: Valkey
    receiver: Receiver
    mail: Mailbox
    portal: Portal
    # What each path of the receiver is signed with.
    secrets: dict[str, str] = field(default_factory=dict)
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    unverified: list[str] = field(default_factory=list)
    killed: int = 0

    def __post_init__(self) -> None:
        self.gate.set()
        self.receiver.answers = self.hear

    def hear(self, heard: Heard, _: int) -> Answer:
        """Verified as it comes in, as a customer's system does."""
        try:
            Webhook(self.secrets[heard.path]).verify(heard.body, dict(heard.headers))
        except Exception as problem:  # noqa: BLE001 (told at the end of the test)
            self.unverified.append(f"{heard.id}: {problem!r}")
        return Answer(when=self.gate)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.receiver.port}{path}"

    def messages(self) -> list[EmailMessage]:
        """What people have in their mailboxes, oldest first."""
        return [found for name in reversed(self.mail.names()) if (found := self.mail.message(name))]

    async def ask(self, query: str, *values: object) -> list[Any]:
        """Rows of the database, over a connection of its own: any other may be cut."""
        connection = await asyncpg.connect(self.postgres.url, timeout=PATIENCE)
        try:
            await prepare(connection)
            return list(await connection.fetch(query, *values))
        finally:
            await connection.close()

    async def one(self, query: str, *values: object) -> Any:
        [row] = await self.ask(query, *values)
        return row[0]

    # -- what may happen to them --

    async def empty_valkey(self) -> None:
        async with redis.Redis.from_url(self.valkey.url) as valkey:
            await valkey.flushall()

    async def cut_database(self) -> None:
        """From another database: it would cut itself as well."""
        connection = await asyncpg.connect(self.postgres.url_of("postgres"), timeout=PATIENCE)
        try:
            assert await connection.fetchval(CUT) > 4, "two processes and two workers were connected"
        finally:
            await connection.close()

    async def restart_database(self) -> None:
        """It ends without a word, and reads its log when it comes back."""
        await end(self.postgres.process, signal.SIGQUIT)
        await self.postgres.start()

    async def kill_a_worker(self) -> None:
        """At whatever it is; another takes its place, as the supervisor sees to."""
        self._kill(self.workers[0])
        self._replace_the_dead()

    async def kill_in_a_delivery(self) -> None:
        """The receiver thinks; whose request it was that broke off was in the middle of it."""
        self.gate.clear()
        try:
            await until(self._waits_for_an_answer, "something is under way")
            began = self.receiver.under_way
            for worker in list(self.workers):
                self._kill(worker)
                with contextlib.suppress(AssertionError):
                    await until(lambda: self._is_less_than(began), "it hung up", 2, 0.01)
                    break
            else:
                raise AssertionError("both workers are dead, and nobody has hung up")
        finally:
            self.gate.set()
        self._replace_the_dead()

    async def _waits_for_an_answer(self) -> bool:
        return self.receiver.under_way > 0

    async def _is_less_than(self, began: int) -> bool:
        return self.receiver.under_way < began

    def _kill(self, worker: subprocess.Popen[bytes]) -> None:
        worker.kill()
        assert worker.wait(PATIENCE) == -signal.SIGKILL
        self.killed += 1

    def _replace_the_dead(self) -> None:
        self.workers = [worker for worker in self.workers if worker.poll() is None]
        while len(self.workers) < 2:
            self.workers.append(self.portal.start("worker"))


@contextlib.asynccontextmanager
async def own_machines(
    *,
    disk: Path | None = None,
    options: Mapping[str, str] = OPTIONS,
    environment: Mapping[str, str] | None = None,
    take_mail: Callable[[Mailbox], Awaitable[tuple[asyncio.Server, int]]] = receive,
) -> AsyncIterator[Machines]:
    """A portal of two web processes and two workers, a customer's system, and a mail server.

    `disk` is where the portal and its servers keep what they have to keep, if it shall be a disk of their own.
    """
    # A directory whose lock nobody holds is swept away by the next run.
    with tempfile.TemporaryDirectory(prefix=PREFIX) as directory, only_here(Path(directory)):
        home, outside = disk or Path(directory), Path(directory)
        await asyncio.to_thread(home.chmod, 0o711)
        postgres, valkey = Postgres(home, options=options), Valkey(home, options={"loglevel": "warning"})
        async with contextlib.AsyncExitStack() as stack:
            stack.push_async_callback(postgres.stop)
            stack.push_async_callback(valkey.stop)
            await asyncio.gather(postgres.start(), valkey.start())
            await asyncio.to_thread(schema.upgrade, postgres.url)
            box = Mailbox(outside / "mail")
            server, port = await take_mail(box)
            stack.callback(server.close)
            receiver = await stack.enter_async_context(receiving())
            await asyncio.to_thread((home / "portal").mkdir)
            portal = stack.enter_context(
                running(
                    home=home / "portal",
                    database_url=postgres.url,
                    valkey_url=valkey.url,
                    issue_token=supplier_token,
                    processes=2,
                    worker=True,
                    environment={"PORTAL_SMTP_PORT": str(port), **(environment or {})},
                )
            )
            workers = [portal.processes[-1], portal.start("worker")]
            yield Machines(postgres, valkey, receiver, box, portal, workers=workers)
