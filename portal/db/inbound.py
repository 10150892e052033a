"""Supply on its way, as rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from portal.db.work import Connection
from portal.domain.quantities import ZERO


@dataclass(frozen=True, slots=True)
class Header:
    """An inbound document, locked."""

    id: int
    kind: str
    reference: str
    location: str
    from_location: str | None
    supplier: str | None
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Line:
    """What was announced on a line, and what has come of it."""

    id: int
    line: int
    sku: str
    quantity: Decimal
    received: Decimal
    rejected: Decimal
    quarantined: Decimal
    expected_on: date
    closed: bool
    for_order: str | None
    for_line: int | None

    @property
    def came(self) -> Decimal:
        return self.received + self.rejected + self.quarantined

    @property
    def outstanding(self) -> Decimal:
        return ZERO if self.closed else max(self.quantity - self.came, ZERO)


@dataclass(frozen=True, slots=True)
class Announced:
    """A line as somebody announces it."""

    line: int
    sku: str
    quantity: Decimal
    expected_on: date
    for_order: str | None = None
    for_line: int | None = None


HEADER = "id, kind, reference, location, from_location, supplier, confirmed"
LINE = "id, line, sku, quantity, received, rejected, quarantined, expected_on, closed, for_order, for_line"


async def lock(conn: Connection, kind: str, reference: str) -> Header | None:
    """Lock a document, also one that is not known yet: two messages about it come one after the other.

    Without it two first announcements would both take a transfer's goods off the shelf, and a receipt could be
    parked just after the announcement looked for it.
    """
    await conn.execute("select pg_advisory_xact_lock(hashtextextended($1 || '/' || $2, 0))", kind, reference)
    row = await conn.fetchrow(
        f"select {HEADER} from inbound where kind = $1 and reference = $2 for update", kind, reference
    )
    return Header(*row.values()) if row else None


async def get(conn: Connection, kind: str, reference: str) -> Header | None:
    """A document as it stands."""
    row = await conn.fetchrow(
        f"select {HEADER} from inbound where kind = $1 and reference = $2", kind, reference
    )
    return Header(*row.values()) if row else None


async def lines(conn: Connection, inbound_id: int) -> list[Line]:
    """By line number."""
    rows = await conn.fetch(
        f"select {LINE} from inbound_line where inbound_id = $1 order by line", inbound_id
    )
    return [Line(*row.values()) for row in rows]


async def write_header(
    conn: Connection,
    kind: str,
    reference: str,
    location: str,
    from_location: str | None,
    supplier: str | None,
    confirmed: bool,
) -> int:
    """Write or replace the document's head; answers its id. The row is locked then."""
    return await conn.fetchval(  # type: ignore[no-any-return]
        """insert into inbound (kind, reference, location, from_location, supplier, confirmed)
           values ($1, $2, $3, $4, $5, $6)
           on conflict (kind, reference) do update set location = excluded.location,
               from_location = excluded.from_location, supplier = excluded.supplier, confirmed = excluded.confirmed
           returning id""",
        kind,
        reference,
        location,
        from_location,
        supplier,
        confirmed,
    )


async def write_line(conn: Connection, inbound_id: int, line: Announced) -> None:
    """Announce a line, or announce it anew: what has come of it stays, and it is open again."""
    await conn.execute(
        """insert into inbound_line (inbound_id, line, sku, quantity, expected_on, for_order, for_line)
           values ($1, $2, $3, $4, $5, $6, $7)
           on conflict (inbound_id, line) do update set sku = excluded.sku, quantity = excluded.quantity,
               expected_on = excluded.expected_on, for_order = excluded.for_order, for_line = excluded.for_line,
               closed = inbound_line.closed and excluded.quantity <= inbound_line.quantity""",
        inbound_id,
        line.line,
        line.sku,
        line.quantity,
        line.expected_on,
        line.for_order,
        line.for_line,
    )


async def withdraw(conn: Connection, line_ids: Sequence[int]) -> None:
    """Nothing more will come of these lines, unless they are announced again: only what came was ever meant."""
    if line_ids:
        await conn.execute(
            """update inbound_line set closed = true, quantity = least(quantity, received + rejected + quarantined)
               where id = any($1::bigint[])""",
            list(line_ids),
        )


async def receive(
    conn: Connection,
    line_id: int,
    came: Mapping[str, Decimal],
    closed: bool,
    received_at: datetime,
    actor: str,
) -> None:
    """Write down what came of a line."""
    figures = (came["received"], came["rejected"], came["quarantined"])
    await conn.execute(
        """update inbound_line set received = received + $2, rejected = rejected + $3,
               quarantined = quarantined + $4, closed = closed or $5 where id = $1""",
        line_id,
        *figures,
        closed,
    )
    await conn.execute(
        """insert into receipt (inbound_line_id, received, rejected, quarantined, closed, received_at, actor)
           values ($1, $2, $3, $4, $5, $6, $7)""",
        line_id,
        *figures,
        closed,
        received_at,
        actor,
    )
