"""Freight tariffs as rows: a location's are written together with it."""

from collections.abc import Sequence

from portal.db.work import Connection
from portal.domain.freight import Tariff


async def write(conn: Connection, location: str, tariffs: Sequence[Tariff]) -> None:
    """These, and no others, hold for the location from now on. What was agreed at a checkout stays as it is."""
    await conn.execute("delete from freight_tariff where location = $1", location)
    await conn.executemany(
        """insert into freight_tariff (location, mode, currency, per_shipment, per_kg, free_from)
           values ($1, $2, $3, $4, $5, $6)""",
        [(location, one.mode, one.currency, one.per_shipment, one.per_kg, one.free_from) for one in tariffs],
    )
