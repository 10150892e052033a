"""One unit of work: one connection, one transaction, and the only commit in the code.

Before it commits it closes the books: raises the version of every order that was touched, enters what was decided in
each account's audit chain, numbers the events in each account's feed, and queues the notifications. Those rows are
locked last and in order, so that work which holds product locks may touch many people's orders without a circle of
waiting.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from decimal import Decimal
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import asyncpg

from portal.clock import utc_now
from portal.db import books, written
from portal.domain.audit import Said
from portal.domain.events import Event
from portal.domain.refusals import Refused

if TYPE_CHECKING:
    Pool = asyncpg.Pool[asyncpg.Record]
    Connection = asyncpg.Connection[asyncpg.Record]
else:  # the driver's classes take no parameters when the program runs
    Pool = asyncpg.Pool
    Connection = asyncpg.Connection


NOTHING = Decimal(0)


class Work:
    """`async with work:` commits at the end or, when anything is raised, leaves no trace."""

    def __init__(self, pool: Pool, *, actor: str = "portal") -> None:
        self.pool = pool
        self.actor = actor
        self._conn: Any = None
        self._transaction: Any = None
        self._reset()

    def _reset(self) -> None:
        self.now = utc_now()
        self.events: list[tuple[Event, datetime]] = []
        self.touched: dict[int, set[int]] = defaultdict(set)
        self.moves: list[books.Move] = []
        self.values: dict[int, tuple[Decimal, Decimal]] = {}
        self.bills: dict[int, tuple[Decimal, Decimal]] = {}
        self.said: list[tuple[Said, datetime]] = []
        self.last: dict[Hashable, Callable[[], Awaitable[object]]] = {}

    @property
    def conn(self) -> Connection:
        """The open connection; asking for it outside of `async with work` is a mistake in the code."""
        if self._conn is None:
            raise RuntimeError("this needs an open unit of work: `async with work:`")
        return self._conn  # type: ignore[no-any-return]

    async def __aenter__(self) -> Self:
        self._reset()
        self._conn = await self.pool.acquire()
        try:
            self._transaction = self._conn.transaction()
            await self._transaction.start()
        except BaseException:
            await self._release()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                try:
                    await self._commit()
                except asyncpg.CheckViolationError as violation:
                    raise LawBroken(violation) from violation
            else:
                await self._roll_back()
        finally:
            await self._release()

    async def _commit(self) -> None:
        try:
            await self._end()
            await books.close(self)
        except BaseException:
            await self._roll_back()
            raise
        await self._transaction.commit()
        await written.note(self._conn)

    async def _roll_back(self) -> None:
        """Of a connection that was cut nothing is left to undo; what cut it is what is raised."""
        with suppress(asyncpg.InterfaceError):
            await self._transaction.rollback()

    async def _release(self) -> None:
        conn, self._conn, self._transaction = self._conn, None, None
        if conn is not None:
            await self.pool.release(conn)

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """What is done inside is all undone when it raises; the rest of the work goes on."""
        kept = (list(self.events), {order: set(lines) for order, lines in self.touched.items()})
        moves, values, said = list(self.moves), dict(self.values), list(self.said)
        bills, last = dict(self.bills), dict(self.last)
        try:
            async with self.conn.transaction():
                yield
        except BaseException:
            self.events, self.touched = kept[0], defaultdict(set, kept[1])
            self.moves, self.values, self.said, self.bills = moves, values, said, bills
            self.last = last
            raise

    async def close_books(self) -> None:
        """Raise versions and number events now, so that an answer read in this transaction shows them."""
        await self._end()
        await books.close(self)
        self._reset()

    async def _end(self) -> None:
        while self.last:
            await self.last.pop(next(iter(self.last)))()

    def at_last(self, key: Hashable, what: Callable[[], Awaitable[object]]) -> None:
        """Do this when all else is done, once for each key, and before the books are closed: for what locks rows that
        many wait for."""
        self.last[key] = what

    def record(self, event: Event) -> None:
        """Something happened; it is told when this work commits."""
        self.events.append((event, self.now))
        self.touched[event.order_id]

    def audit(self, account: str, action: str, subject: str, snapshot: Mapping[str, Any]) -> None:
        """Enter in the account's audit chain what was done to what, with all that it was decided on.

        An action is told in the past tense, as events are. The snapshot is JSON, decimals and dates included, and is
        taken as it is now: what becomes of the mapping later changes nothing.
        """
        self.said.append((Said.of(account, action, subject, snapshot), self.now))

    def touch(self, order_id: int, lines: Iterable[int] = ()) -> None:
        """Something shown of the order, and of these lines (their ids), has changed."""
        self.touched[order_id].update(lines)

    def value(self, order_id: int, *, still_open: Decimal, shipped: Decimal) -> None:
        """What the order's unshipped and shipped parts are worth now, gross of tax."""
        self.values[order_id] = (still_open, shipped)
        self.touched[order_id]

    def bill(self, order_id: int, *, invoiced: Decimal = NOTHING, paid: Decimal = NOTHING) -> None:
        """By how much what is billed of the order (net of credit notes), and what was paid of that, has grown."""
        before = self.bills.get(order_id, (NOTHING, NOTHING))
        self.bills[order_id] = (before[0] + invoiced, before[1] + paid)
        self.touched[order_id]


class LawBroken(Refused):
    """The database refused what the code would have let pass. It is our fault, never the caller's."""

    def __init__(self, violation: asyncpg.CheckViolationError) -> None:
        super().__init__(f"A law of the system refused this: {violation}")
