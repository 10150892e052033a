"""The fixtures that everybody shares.

| fixture | scope | what it is |
|---|---|---|
| `servers` | session | where PostgreSQL and Valkey are; started by the first test that asks |
| `database` | test | the address of a fresh, migrated database |
| `pool` | test | an asyncpg pool on `database` |
| `valkey_url` | test | the address of an empty Valkey database |
| `settings` | test | `Settings` in test mode on `database` and `valkey_url` |
| `start_portal` | module | a factory: `start_portal(processes=2, worker=True)` gives a running `Portal` |
| `portal` | module | one running `Portal` with one web process, shared by the tests of a file; see `tests/portals.py` |
| `portal_pool` | test | an asyncpg pool on the portal's database |

Before a database is thrown away, every invoice in it is looked at: see `tests/einvoice/issued.py`.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest

from portal.db.pool import open_pool
from portal.db.work import Pool, Work
from portal.settings import Settings
from tests.einvoice.issued import issued, unsound
from tests.portals import Portal, running
from tests.servers import Servers, addresses, serving

T = TypeVar("T")


def pytest_configure(config: pytest.Config) -> None:
    """Hold the servers in the process that was started by hand; xdist's workers inherit the socket's address."""
    if not hasattr(config, "workerinput"):
        run = contextlib.ExitStack()
        run.enter_context(serving())
        config.add_cleanup(run.close)


@pytest.fixture(scope="session")
def servers() -> Servers:
    return addresses()


@pytest.fixture
def database(request: pytest.FixtureRequest, servers: Servers) -> Iterator[str]:
    url = _now(servers.create_database())
    yield url
    _end(servers, url, looked_at=request.node.get_closest_marker("falsifies_invoices") is None)


@pytest.fixture
async def pool(database: str) -> AsyncIterator[Pool]:
    async with await open_pool(database) as pool:
        yield pool


@pytest.fixture
def valkey_url(servers: Servers) -> str:
    return servers.valkey_database()


@pytest.fixture
def settings(database: str, valkey_url: str, tmp_path: Path) -> Settings:
    return Settings.from_env(
        {
            "PORTAL_MODE": "test",
            "PORTAL_HOME": str(tmp_path),
            "PORTAL_DATABASE_URL": database,
            "PORTAL_VALKEY_URL": valkey_url,
        }
    )


@contextlib.contextmanager
def starting(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Portal]]:
    """What `start_portal` is, for a fixture of another scope."""
    with contextlib.ExitStack() as stack:

        def start(*, falsifies_invoices: bool = False, **options: Any) -> Portal:
            url = _now(servers.create_database())
            stack.callback(lambda: _end(servers, url, looked_at=not falsifies_invoices))
            return stack.enter_context(
                running(
                    home=tmp_path_factory.mktemp("portal"),
                    database_url=url,
                    valkey_url=servers.valkey_database(),
                    issue_token=supplier_token,
                    **options,
                )
            )

        yield start


@pytest.fixture(scope="module")
def start_portal(
    servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Portal]]:
    """`start_portal(processes=1, worker=False, environment=None)`; each has a database of its own."""
    with starting(servers, tmp_path_factory) as start:
        yield start


@pytest.fixture(scope="module")
def portal(start_portal: Callable[..., Portal]) -> Portal:
    return start_portal()


@pytest.fixture
async def portal_pool(portal: Portal) -> AsyncIterator[Pool]:
    async with await open_pool(portal.database_url) as pool:
        yield pool


def supplier_token(database_url: str) -> str:
    """The first token of a portal: it cannot come through the API, which asks for one."""

    async def issue() -> str:
        from portal.operations import tokens

        async with await open_pool(database_url) as pool:
            work = Work(pool)
            async with work:
                _, token = await tokens.issue(
                    work, account=None, person=None, scopes=["*"], name="test", now=datetime.now(UTC)
                )
        return token

    return _now(issue())


def _end(servers: Servers, url: str, *, looked_at: bool) -> None:
    """Throw a database away; whatever it has of invoices must be valid, and right to the cent."""
    found = _now(issued(url)) if looked_at else ([], [])
    _now(servers.drop_database(url))
    wrong = unsound(*found)
    assert not wrong, "\n".join(wrong)


def _now(task: Coroutine[Any, Any, T]) -> T:
    """Run it to its end in a thread: a browser test's own thread has a loop that runs already."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, task).result()
