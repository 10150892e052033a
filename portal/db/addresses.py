"""Where goods are sent from, as it is written on what goes with them."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.db.work import Connection


@dataclass(frozen=True, slots=True)
class Sender:
    """A location as a place that a carrier can bring something back to."""

    name: str
    lines: Sequence[str]
    city: str
    country: str
    postal_code: str | None
    region: str | None


async def of_location(conn: Connection, code: str) -> Sender:
    """The address of a location that exists."""
    row = await conn.fetchrow(
        "select name, lines, city, country, postal_code, region from location where code = $1", code
    )
    assert row is not None
    return Sender(*row.values())
