"""All that may be hurt: a portal's processes and servers on a disk of their own, and other companies' machines."""

import asyncio
import contextlib
import shutil
import signal
import subprocess
import tempfile
import threading
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

from portal.adapters.children import end
from portal.adapters.embedded import only_here
from portal.adapters.erp.sandbox import Sandbox, serve
from tests.faults.post_office import PostOffice
from tests.fire.machines import OPTIONS, PATIENCE, Machines, own_machines, until
from tests.servers import PREFIX

ERP_TOKEN = "erp token of the faults"
# Room for what a run writes; as the disk is made smaller to be full, nobody's memory is.
DISK = "1500m"
TWO = 2


@dataclass
class Town:
    """`web` are the web processes; `kept_up` counts what was started again in place of the dead."""

    machines: Machines
    erp: Sandbox
    office: PostOffice
    disk: Path | None
    web: list[subprocess.Popen[bytes]]
    kept_up: Counter[str] = field(default_factory=Counter)
    # Web processes that were killed on purpose: no other ends, whatever else befalls it.
    killed_web: int = 0

    @property
    def portal_processes(self) -> list[subprocess.Popen[bytes]]:
        return [*self.web, *self.machines.workers]

    async def keep_up(self) -> None:
        """What a supervisor does: whoever has ended is started again."""
        while True:
            for number, process in enumerate(self.web):
                if process.poll() is not None:
                    self.web[number] = self.machines.portal.serve()
                    self.kept_up["web"] += 1
            for number, process in enumerate(self.machines.workers):
                if process.poll() is not None:
                    self.machines.workers[number] = self.machines.portal.start("worker")
                    self.kept_up["worker"] += 1
            await asyncio.sleep(0.2)

    def renderers(self) -> list[int]:
        """The children of the workers that print."""
        found = []
        for worker in self.machines.workers:
            with contextlib.suppress(OSError):
                children = Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text().split()
                found += [int(child) for child in children if _prints(int(child))]
        return found

    async def connect(self) -> "asyncpg.Connection[asyncpg.Record]":
        """As somebody with psql would: without our time limits."""
        return await asyncpg.connect(self.machines.postgres.url, timeout=PATIENCE)

    def fill_disk(self) -> None:
        """Not a byte more than is there already; asked again while others write."""
        assert self.disk is not None
        for _ in range(200):
            used = shutil.disk_usage(self.disk).used
            done = subprocess.run(
                ["mount", "-o", f"remount,size={used}", str(self.disk)], check=False, capture_output=True
            )
            if done.returncode == 0:
                return
        raise AssertionError("the disk did not let itself be filled")

    def free_disk(self) -> None:
        assert self.disk is not None
        subprocess.run(["mount", "-o", f"remount,size={DISK}", str(self.disk)], check=True)

    async def stop_valkey(self) -> None:
        await end(self.machines.valkey.process, signal.SIGKILL)

    async def database_is_up(self) -> None:
        """Started again when it has ended for good, as whoever looks after it does."""
        process = self.machines.postgres.process
        if process is None or process.returncode is not None:
            await self.machines.postgres.start()
        await until(self._database_answers, "the database answers")

    async def _database_answers(self) -> bool:
        try:
            connection = await self.connect()
        except (OSError, asyncpg.PostgresError, TimeoutError):
            return False
        await connection.close()
        return True


def _prints(pid: int) -> bool:
    try:
        return b"pdf_child" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


@contextlib.asynccontextmanager
async def town() -> AsyncIterator[Town]:
    office = PostOffice()
    async with contextlib.AsyncExitStack() as stack:
        outside = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=PREFIX)))
        stack.enter_context(only_here(outside))
        disk = stack.enter_context(_disk(outside))
        sandbox = Sandbox(outside / "erp" / "sandbox.json", ERP_TOKEN)
        server = serve(sandbox, 0)
        stack.callback(server.server_close)
        stack.callback(server.shutdown)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        machines = await stack.enter_async_context(
            own_machines(
                disk=disk,
                options={**OPTIONS, "max_wal_size": "200MB"},
                environment={
                    "PORTAL_ERP_URL": f"http://127.0.0.1:{server.server_port}",
                    "PORTAL_ERP_TOKEN": ERP_TOKEN,
                    "PORTAL_NEWS_AFTER_SECONDS": "2",
                },
                take_mail=office.receive,
            )
        )
        made = Town(machines, sandbox, office, disk, machines.portal.processes[:TWO])
        keeper = asyncio.create_task(made.keep_up())
        try:
            yield made
        finally:
            keeper.cancel()


@contextlib.contextmanager
def _disk(outside: Path) -> Iterator[Path | None]:
    """A small one in memory; None where nobody may mount."""
    path = outside / "disk"
    path.mkdir()
    outside.chmod(0o711)
    mounted = (
        shutil.which("mount") is not None
        and not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=711", "tmpfs", str(path)],
            check=False,
            capture_output=True,
        ).returncode
    )
    try:
        yield path if mounted else None
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(path)], check=False)
