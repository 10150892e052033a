"""Reading within a buyer's scope: what is not theirs is not there, whatever a statement forgets to ask.

The connections of the buyers' pool belong to the role `portal_buyer`, which may only read and for whom every table of
an account holds a policy (`portal.db.policies_of_rows`). A transaction begins, in one trip, with the accounts it is
about; without them the tables are empty.
"""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Self, cast

import asyncpg

from portal.db.work import Connection, Pool, Work
from portal.domain.access import Viewer


@asynccontextmanager
async def reading(buyers: Pool, viewer: Viewer) -> AsyncIterator[Connection]:
    """A connection of the buyers' pool in a transaction that shows what the viewer may see, and nothing else."""
    async with buyers.acquire() as acquired:
        conn = cast("Connection", acquired)
        try:
            await conn.execute(begin(viewer))
            yield conn
        finally:
            await _end(conn)


@asynccontextmanager
async def snapshot(buyers: Pool, viewer: Viewer) -> AsyncIterator[Connection]:
    """The same as of one instant, in a transaction that the driver knows of: for cursors. It costs one trip more."""
    async with buyers.acquire() as acquired, acquired.transaction(isolation="repeatable_read", readonly=True):
        await acquired.execute(scope(viewer))
        yield cast("Connection", acquired)


# In one message: the name that is looked for is another's words, and stands in a setting like the accounts.
LOOK_FOR = """
begin read only; {scope}; set local portal.subject = {name};
do $$ begin
    if not exists (select from {table} where {column} = current_setting('portal.subject')) then
        raise no_data_found;
    end if;
end $$;
rollback
"""


async def is_theirs(buyers: Pool, viewer: Viewer, kind: tuple[str, str], name: str) -> bool:
    """Whether the viewer sees a row of that name: `kind` is its table and column. It takes one trip."""
    table, column = kind
    look = LOOK_FOR.format(scope=scope(viewer), table=table, column=column, name=_quoted(name))
    async with buyers.acquire() as acquired:
        conn = cast("Connection", acquired)
        try:
            await conn.execute(look)
        except asyncpg.NoDataFoundError:
            await _end(conn)
            return False
    return True


async def _end(conn: Connection) -> None:
    """Nothing was written, so it is the same how it ends."""
    if not conn.is_closed():
        await conn.execute("rollback")


def begin(viewer: Viewer) -> str:
    """The statements that open such a transaction."""
    return f"begin read only; {scope(viewer)}"


def scope(viewer: Viewer) -> str:
    """The statements that say, until the transaction ends, whose it is. Names of accounts are other people's words."""
    if viewer.accounts is None:
        raise AssertionError("the supplier's people do not read in a buyer's scope")
    return (
        f"set local portal.accounts = {_quoted(_array(viewer.accounts))};"
        f" set local portal.person = '{viewer.person_id or ''}'"
    )


def _array(words: Iterable[str]) -> str:
    inner = (word.replace("\\", "\\\\").replace('"', '\\"') for word in words)
    return "{" + ",".join(f'"{word}"' for word in inner) + "}"


def _quoted(text: str) -> str:
    """As a literal; `standard_conforming_strings` is set on the pool, so that a backslash is one."""
    return "'" + text.replace("'", "''") + "'"


@dataclass(frozen=True, slots=True)
class Readers:
    """Which pool whoever asks reads from; the one place that decides it."""

    main: Pool
    buyers: Pool

    def work(self, viewer: Viewer) -> Work:
        """What a system that only reads is handed in place of a unit of work."""
        return Work(self.main, actor=viewer.actor) if viewer.is_supplier else ReadingWork(self, viewer)

    @asynccontextmanager
    async def reading(self, viewer: Viewer) -> AsyncIterator[Connection]:
        """A connection to look things up with for this viewer, outside of any unit of work."""
        if viewer.is_supplier:
            async with self.main.acquire() as acquired:
                yield cast("Connection", acquired)
        else:
            async with reading(self.buyers, viewer) as conn:
                yield conn

    @asynccontextmanager
    async def snapshot(self, viewer: Viewer) -> AsyncIterator[Connection]:
        """The same as of one instant, for what is read by several statements or by a cursor."""
        if viewer.is_supplier:
            async with (
                self.main.acquire() as acquired,
                acquired.transaction(isolation="repeatable_read", readonly=True),
            ):
                yield cast("Connection", acquired)
        else:
            async with snapshot(self.buyers, viewer) as conn:
                yield conn


class ReadingWork(Work):
    """A unit of work in which nothing can be done: its connection shows what the viewer may see, and refuses to write.

    `pool` is the portal's own all the same, for plans of what would be: they look at what everybody waits for.
    """

    def __init__(self, readers: Readers, viewer: Viewer) -> None:
        super().__init__(readers.main, actor=viewer.actor)
        self._begin = begin(viewer)
        self._buyers = readers.buyers

    async def __aenter__(self) -> Self:
        self._reset()
        self._conn = await self._buyers.acquire()
        try:
            await self._conn.execute(self._begin)
        except BaseException:
            await self._end_reading()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        await self._end_reading()

    async def _end_reading(self) -> None:
        conn, self._conn = self._conn, None
        try:
            await _end(conn)
        finally:
            await self._buyers.release(conn)
