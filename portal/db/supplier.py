"""The supplier as its papers show it: one row, written from the settings by whatever starts, read by whoever bills."""

from dataclasses import dataclass

import msgspec

from portal.db.work import Connection, Pool
from portal.domain.invoices import Seller

# Processes that start again and again with the same settings write nothing and wait for nobody.
KEEP = """
insert into supplier (time_zone, country, facts) values ($1, $2, $3)
on conflict (is_the_one) do update
set time_zone = excluded.time_zone, country = excluded.country, facts = excluded.facts
where (supplier.time_zone, supplier.country, supplier.facts) is distinct from
    (excluded.time_zone, excluded.country, excluded.facts)
"""
BEGIN = """
insert into supplier (time_zone, country, facts) values ($1, $2, $3) on conflict (is_the_one) do nothing
"""
READ = "select time_zone, country, facts from supplier"


@dataclass(frozen=True, slots=True)
class Kept:
    """`time_zone` says which day it is for the supplier, `country` whose VAT is charged."""

    time_zone: str
    country: str
    seller: Seller


async def keep(conn: Connection | Pool, *, time_zone: str, country: str, seller: Seller) -> None:
    """What holds from now on. Documents issued before keep what they said."""
    await conn.execute(KEEP, time_zone, country, msgspec.to_builtins(seller))


async def begin(conn: Connection | Pool, *, time_zone: str, country: str, seller: Seller) -> None:
    """For commands that may know less than the web processes: what stands there already stays."""
    await conn.execute(BEGIN, time_zone, country, msgspec.to_builtins(seller))


async def read(conn: Connection | Pool) -> Kept | None:
    row = await conn.fetchrow(READ)
    return Kept(row["time_zone"], row["country"], to_seller(row["facts"])) if row else None


def to_seller(facts: object) -> Seller:
    """From the row's `facts` as the driver gives them."""
    return msgspec.convert(facts, Seller, strict=False)
