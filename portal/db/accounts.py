"""Buying companies as rows."""

from dataclasses import dataclass
from decimal import Decimal

from portal.db.work import Connection


@dataclass(frozen=True, slots=True)
class Account:
    """What placing an order needs to know of an account."""

    number: str
    currency: str
    path: list[str]
    priority: int
    credit_limit: Decimal | None
    credit_hold: bool
    delivery_preference: str
    tax_status: str
    own_country_first: bool
    weekly_day: str


@dataclass(frozen=True, slots=True)
class Exposure:
    """What an account owes or will owe, gross of tax."""

    open_orders: Decimal
    shipped_not_invoiced: Decimal
    invoiced_unpaid: Decimal

    @property
    def total(self) -> Decimal:
        return self.open_orders + self.shipped_not_invoiced + self.invoiced_unpaid


async def lock(conn: Connection, number: str) -> Account | None:
    """Lock the account's row: whoever checks credit holds it until commit, so that two cannot pass one limit."""
    row = await conn.fetchrow(
        """select number, currency, path, priority, credit_limit, credit_hold, delivery_preference, tax_status,
               own_country_first, weekly_day
           from account where number = $1 for no key update""",
        number,
    )
    return Account(*row.values()) if row else None


async def exposure(conn: Connection, number: str) -> Exposure:
    """Orders that wait for credit or approval do not count."""
    row = await conn.fetchrow(
        """select coalesce(sum(open_value), 0), coalesce(sum(shipped_value), 0) from order_status
           where account = $1 and (open_value > 0 or shipped_value > 0) and state in ('open', 'closed')""",
        number,
    )
    assert row is not None
    return Exposure(row[0], row[1], Decimal(0))


async def ship_tos(conn: Connection, number: str) -> dict[str, tuple[str, str]]:
    """(city, country) by code, of those that are in use."""
    rows = await conn.fetch(
        "select code, city, country from ship_to where account = $1 and active order by code", number
    )
    return {row["code"]: (row["city"], row["country"]) for row in rows}


async def family(conn: Connection, number: str) -> tuple[str, ...]:
    """The account and all below it."""
    rows = await conn.fetch(
        "select number from account where path @> array[$1::text] order by number", number
    )
    return tuple(row["number"] for row in rows)
