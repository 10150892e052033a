import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import asyncpg
import pytest
import redis.asyncio

from portal.adapters.embedded import AlreadyRunning, CannotStart, Postgres, Valkey, only_here

UNTIL_GONE = 10

KEEPS_SERVERS = """
import asyncio, sys
from pathlib import Path
from portal.adapters.embedded import Postgres, Valkey

async def run(home):
    postgres, valkey = Postgres(home), Valkey(home)
    await postgres.start()
    await valkey.start()
    print(postgres.process.pid, valkey.process.pid, flush=True)
    await asyncio.sleep(60)

asyncio.run(run(Path(sys.argv[1])))
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """PostgreSQL runs as another user when we are root, and must get there."""
    if os.geteuid() == 0:
        for folder in (tmp_path, *tmp_path.parents[:2]):
            folder.chmod(0o711)
    return tmp_path


async def one_value(url: str, statement: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def test_data_is_still_there_after_stop_and_start(home: Path) -> None:
    postgres, valkey = Postgres(home), Valkey(home)
    await postgres.start()
    await valkey.start()
    await one_value(postgres.url, "create table kept as select 42 as number")
    async with redis.asyncio.Redis.from_url(valkey.url) as client:
        await client.set("kept", "42")
    await valkey.stop()
    await postgres.stop()

    again, valkey_again = Postgres(home), Valkey(home)
    await again.start()
    await valkey_again.start()
    try:
        assert await one_value(again.url, "select number from kept") == 42
        async with redis.asyncio.Redis.from_url(valkey_again.url) as client:
            assert await client.get("kept") == b"42"
    finally:
        await valkey_again.stop()
        await again.stop()


async def test_a_server_that_is_started_again_keeps_its_address(home: Path) -> None:
    postgres = Postgres(home)
    await postgres.start()
    url = postgres.url
    assert postgres.process is not None
    postgres.process.kill()
    await postgres.process.wait()

    await postgres.start()
    try:
        assert postgres.url == url
        assert await one_value(url, "select 1") == 1
    finally:
        await postgres.stop()


async def test_nobody_gets_in_without_the_password(home: Path) -> None:
    postgres, valkey = Postgres(home), Valkey(home)
    await postgres.start()
    await valkey.start()
    try:
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(host="127.0.0.1", port=postgres.port, user="portal", password="guess")
        async with redis.asyncio.Redis(port=valkey.port) as stranger:
            with pytest.raises(redis.asyncio.AuthenticationError):
                await stranger.get("anything")
    finally:
        await valkey.stop()
        await postgres.stop()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
def test_servers_die_with_a_parent_that_is_killed(home: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", KEEPS_SERVERS, str(home)], stdout=subprocess.PIPE, text=True
    )
    with parent:
        assert parent.stdout is not None
        children = [int(pid) for pid in parent.stdout.readline().split()]
        assert all(map(runs, children))
        parent.send_signal(signal.SIGKILL)

    until = time.monotonic() + UNTIL_GONE
    while any(map(runs, children)) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(map(runs, children))


def runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


async def test_a_taken_port_is_told_with_the_servers_own_words(home: Path) -> None:
    taken = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
    async with taken:
        postgres = Postgres(home, port=taken.sockets[0].getsockname()[1])
        with pytest.raises(CannotStart, match="could not create any TCP/IP sockets"):
            await postgres.start()


def test_a_home_is_held_by_one_process_at_a_time(tmp_path: Path) -> None:
    with only_here(tmp_path), pytest.raises(AlreadyRunning, match="set PORTAL_HOME"), only_here(tmp_path):
        pass

    with only_here(tmp_path):
        pass
