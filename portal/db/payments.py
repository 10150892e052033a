"""Payments as rows, and the invoices that they settle, held under the lock of their orders."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from portal.db.invoices import TODAY
from portal.db.work import Connection
from portal.domain.access import Viewer

Kind = Literal["payment", "refund", "transfer"]


@dataclass(frozen=True, slots=True)
class Owed:
    """An invoice whose order is locked, and how it stands then. `today` is the supplier's day."""

    id: int
    number: str
    kind: str
    order_id: int
    order: str
    account: str
    currency: str
    total: Decimal
    due: Decimal
    today: date


# In order of id: whoever locks several orders locks them so.
LOCK = """
select o.id from orders o
where o.id in (select i.order_id from invoice i
    where i.number = any($1::text[]) and ($2::text[] is null or i.account = any($2)))
order by o.id for no key update
"""
STANDING = f"""
select i.id, i.number, i.kind, i.order_id, o.number as order, i.account, i.currency, i.total, s.due,
    {TODAY.replace("$now", "$3")} as today
from invoice i join orders o on o.id = i.order_id join invoice_status s on s.invoice_id = i.id
where i.number = any($1::text[]) and ($2::text[] is null or i.account = any($2))
"""


async def lock(conn: Connection, viewer: Viewer, numbers: Sequence[str], now: datetime) -> dict[str, Owed]:
    """Lock the orders of these invoices, and read how the invoices stand then; those out of scope are left out."""
    await conn.fetch(LOCK, list(numbers), viewer.accounts)
    rows = await conn.fetch(STANDING, list(numbers), viewer.accounts, now)
    return {row["number"]: Owed(*row.values()) for row in rows}


@dataclass(frozen=True, slots=True)
class Told:
    """A payment that another system told under its own id."""

    id: int
    kind: str
    invoice: str
    fingerprint: bytes | None


async def by_external_id(conn: Connection, origin: str, external_id: str) -> Told | None:
    row = await conn.fetchrow(
        """select p.id, p.kind, i.number, p.fingerprint from payment p join invoice i on i.id = p.invoice_id
           where p.origin = $1 and p.external_id = $2""",
        origin,
        external_id,
    )
    return Told(*row.values()) if row else None


@dataclass(frozen=True, slots=True)
class New:
    """A payment, ready to be written; negative where money goes out."""

    kind: Kind
    amount: Decimal
    on: date
    reference: str | None = None
    other: int | None = None
    origin: str | None = None
    external_id: str | None = None
    fingerprint: bytes | None = None


INSERT = """
with settled as (
    update invoice_status set paid = paid + $5, due = due - $5, version = version + 1, updated_at = $13
    where invoice_id = $1
)
insert into payment (invoice_id, order_id, account, kind, amount, currency, received_on, reference, other_invoice_id,
    origin, external_id, fingerprint, at, recorded_by)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
returning id
"""


async def insert(conn: Connection, invoice: Owed, new: New, recorded_by: str, now: datetime) -> int:
    """Write it, and what it leaves due of the invoice; answers its id."""
    written: int = await conn.fetchval(
        INSERT, invoice.id, invoice.order_id, invoice.account, new.kind, new.amount, invoice.currency, new.on,
        new.reference, new.other, new.origin, new.external_id, new.fingerprint, now, recorded_by,
    )  # fmt: skip
    return written
