"""What the pages about policies and delegations offer to choose from, and list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from portal.db.work import Connection

MOST_CATEGORIES = 300
MOST_CENTRES = 100


@dataclass(frozen=True, slots=True)
class Place:
    """An account as its settings see it: `path` from the top down to itself, with all of its names."""

    number: str
    name: str
    currency: str
    path: Sequence[str]
    names: dict[str, str]


async def place(conn: Connection, number: str) -> Place | None:
    row = await conn.fetchrow("select number, name, currency, path from account where number = $1", number)
    if row is None:
        return None
    above = await conn.fetch("select number, name from account where number = any($1::text[])", row["path"])
    names = {one["number"]: one["name"] for one in above}
    return Place(row["number"], row["name"], row["currency"], tuple(row["path"]), names)


async def categories(conn: Connection) -> list[str]:
    """Of products that are sold."""
    rows = await conn.fetch(
        "select distinct category from product where active and category is not null order by 1 limit $1",
        MOST_CATEGORIES,
    )
    return [row["category"] for row in rows]


async def ship_tos(conn: Connection, account: str) -> list[tuple[str, str]]:
    """(code, where it is) of the account and of those below it: a rule of theirs applies there, too."""
    rows = await conn.fetch(
        """select distinct on (s.code) s.code, s.name, s.city from ship_to s join account a on a.number = s.account
           where a.path @> array[$1::text] and s.active order by s.code, cardinality(a.path)""",
        account,
    )
    return [(row["code"], ", ".join(filter(None, (row["name"], row["city"])))) for row in rows]


async def cost_centres(conn: Connection, account: str) -> list[str]:
    """Those that orders have named so far."""
    rows = await conn.fetch(
        """select distinct cost_centre from orders where account = $1 and cost_centre is not null
           order by 1 limit $2""",
        account,
        MOST_CENTRES,
    )
    return [row["cost_centre"] for row in rows]


@dataclass(frozen=True, slots=True)
class Listed:
    """A delegation as its page lists it."""

    id: int
    account: str
    account_name: str
    from_id: int
    from_email: str
    from_name: str
    to_id: int
    to_email: str
    to_name: str
    from_on: date
    to_on: date
    cap: Decimal | None
    currency: str | None
    note: str | None
    ended_at: datetime | None


DELEGATIONS = """
select d.id, d.account, a.name as account_name, f.id as from_id, f.email as from_email, f.name as from_name,
    t.id as to_id, t.email as to_email, t.name as to_name, d.from_on, d.to_on, d.cap, d.cap_currency, d.note, d.ended_at
from delegation d join account a on a.number = d.account join person f on f.id = d.from_person_id
    join person t on t.id = d.to_person_id
where ($1::bigint in (d.from_person_id, d.to_person_id) or d.account = any($2::text[])) and d.to_on >= $3::date - 365
order by d.ended_at is not null or d.to_on < $3::date, d.from_on, d.id
limit 300
"""


async def delegations(conn: Connection, person_id: int, accounts: Sequence[str], today: date) -> list[Listed]:
    """The person's own, those to them, and all of these accounts; what is over for a year is not listed."""
    rows = await conn.fetch(DELEGATIONS, person_id, list(accounts), today)
    return [Listed(*row.values()) for row in rows]


async def account_of_delegation(conn: Connection, delegation_id: int) -> str | None:
    found: str | None = await conn.fetchval("select account from delegation where id = $1", delegation_id)
    return found
