"""Shipments as rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from portal.db.work import Connection
from portal.domain.access import Viewer


@dataclass(frozen=True, slots=True)
class NewShipment:
    """A shipment, ready to be written."""

    order_id: int
    account: str
    location: str
    mode: str
    carrier: str | None
    service: str | None
    shipped_at: datetime
    expected_on: date | None
    freight: Decimal | None
    origin: str | None
    external_id: str | None
    fingerprint: bytes | None


@dataclass(frozen=True, slots=True)
class Package:
    """A package as it was announced."""

    tracking_number: str | None = None
    tracking_url: str | None = None
    weight_kg: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A shipment with what changes of state need."""

    id: int
    number: str
    order: str
    account: str
    location: str
    mode: str
    carrier: str | None
    state: str
    shipped_at: datetime
    expected_on: date | None


async def insert(conn: Connection, new: NewShipment, year: int) -> tuple[int, str]:
    """Write a shipment; answers (id, number)."""
    row = await conn.fetchrow(
        """insert into shipment (number, state, order_id, account, location, mode, carrier, service, shipped_at,
               expected_on, freight, origin, external_id, fingerprint)
           values ('SH-' || $1::text || '-' || to_char(nextval('shipment_number'), 'FM999999000000'), 'shipped',
               $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
           returning id, number""",
        str(year),
        new.order_id,
        new.account,
        new.location,
        new.mode,
        new.carrier,
        new.service,
        new.shipped_at,
        new.expected_on,
        new.freight,
        new.origin,
        new.external_id,
        new.fingerprint,
    )
    assert row is not None
    return row["id"], row["number"]


async def insert_lines(conn: Connection, shipment_id: int, lines: Iterable[tuple[int, Decimal]]) -> None:
    """(line id, quantity) of all that is on it."""
    ids, quantities = zip(*lines, strict=True)
    await conn.execute(
        """insert into shipment_line (shipment_id, line_id, quantity)
           select $1, * from unnest($2::bigint[], $3::numeric[])""",
        shipment_id,
        list(ids),
        list(quantities),
    )


async def add_packages(conn: Connection, shipment_id: int, packages: Sequence[Package]) -> int:
    """Add packages; a tracking number that is known already is not added again. Answers how many are new."""
    added = 0
    for package in packages:
        done = await conn.fetchval(
            """insert into package (shipment_id, tracking_number, tracking_url, weight_kg) values ($1, $2, $3, $4)
               on conflict (shipment_id, tracking_number) do nothing returning 1""",
            shipment_id,
            package.tracking_number,
            package.tracking_url,
            package.weight_kg,
        )
        added += done or 0
    return added


async def find(conn: Connection, viewer: Viewer, number: str) -> Found | None:
    """A shipment within the viewer's scope, by our number."""
    row = await conn.fetchrow(
        """select s.id, s.number, o.number as order, s.account, s.location, s.mode, s.carrier, s.state, s.shipped_at,
               s.expected_on
           from shipment s join orders o on o.id = s.order_id
           where s.number = $1 and ($2::text[] is null or s.account = any($2))""",
        number,
        viewer.accounts,
    )
    return Found(*row.values()) if row else None


async def by_external_id(
    conn: Connection, origin: str, external_id: str
) -> tuple[str, str, bytes | None] | None:
    """(number, order number, fingerprint) of the shipment that another system reported under this id."""
    row = await conn.fetchrow(
        """select s.number, o.number as order, s.fingerprint from shipment s join orders o on o.id = s.order_id
           where s.origin = $1 and s.external_id = $2""",
        origin,
        external_id,
    )
    return (row[0], row[1], row[2]) if row else None


async def set_state(
    conn: Connection,
    shipment_id: int,
    state: str,
    *,
    delivered_at: datetime | None = None,
    cancelled_at: datetime | None = None,
) -> None:
    """What the carrier's messages come to."""
    await conn.execute(
        """update shipment set state = $2, delivered_at = coalesce($3, delivered_at),
               cancelled_at = coalesce($4, cancelled_at), version = version + 1 where id = $1""",
        shipment_id,
        state,
        delivered_at,
        cancelled_at,
    )


async def add_event(
    conn: Connection,
    shipment_id: int,
    state: str,
    at: datetime,
    note: str | None,
    tracking_number: str | None,
    lines: list[Any] | None,
    fingerprint: str,
) -> bool:
    """Keep a carrier's message; False when the same one was kept before."""
    return bool(
        await conn.fetchval(
            """insert into carrier_event (shipment_id, state, at, note, tracking_number, lines, fingerprint)
               values ($1, $2, $3, $4, $5, $6, $7)
               on conflict (shipment_id, fingerprint) do nothing returning 1""",
            shipment_id,
            state,
            at,
            note,
            tracking_number,
            lines,
            fingerprint,
        )
    )


async def told(conn: Connection, shipment_id: int) -> list[tuple[str, datetime]]:
    """(state, at) of every carrier message, as they came."""
    rows = await conn.fetch(
        "select state, at from carrier_event where shipment_id = $1 order by id", shipment_id
    )
    return [(row["state"], row["at"]) for row in rows]
