"""The tokens of accounts, as their administrators list them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.db.work import Connection


@dataclass(frozen=True, slots=True)
class Issued:
    """A token without itself. `acts_for` is the name of the person in whose name it decides."""

    id: str
    name: str
    account: str
    account_name: str
    scopes: Sequence[str]
    acts_for: str | None
    issued_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


LISTED = """
select t.id, t.name, t.account, a.name as account_name, t.scopes, p.name as acts_for, t.issued_at, t.last_used_at,
    t.revoked_at
from token t join account a on a.number = t.account left join person p on p.id = t.person_id
where t.account = any($1::text[]) and (t.revoked_at is null or t.revoked_at > $2::timestamptz - interval '30 days')
order by t.revoked_at is not null, t.issued_at desc, t.id limit 300
"""


async def of_accounts(conn: Connection, accounts: Sequence[str], now: datetime) -> list[Issued]:
    """Those in use, then those that were revoked within a month; the newest first."""
    rows = await conn.fetch(LISTED, list(accounts), now)
    return [Issued(*row.values()) for row in rows]


async def count(conn: Connection, account: str) -> int:
    """How many are in use."""
    found: int = await conn.fetchval(
        "select count(*) from token where account = $1 and revoked_at is null", account
    )
    return found
