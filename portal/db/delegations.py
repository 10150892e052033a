"""Delegations as rows: who decides for whom, and until when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from portal.db.approvals import ZONE
from portal.db.work import Connection


@dataclass(frozen=True, slots=True)
class Read:
    """A delegation as people read it. `state` is coming, in_force, over or ended."""

    id: int
    account: str
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
    state: str


READ = f"""
select d.id, d.account, d.from_person_id, f.email, f.name, d.to_person_id, t.email, t.name, d.from_on, d.to_on, d.cap,
    d.cap_currency, d.note, d.ended_at,
    case when d.ended_at is not null then 'ended' when day < d.from_on then 'coming' when day > d.to_on then 'over'
        else 'in_force' end
from delegation d join person f on f.id = d.from_person_id join person t on t.id = d.to_person_id
join account a on a.number = d.account
cross join lateral (select ($1::timestamptz at time zone {ZONE})::date as day) x
"""


async def of_account(
    conn: Connection, account: str, now: datetime, person_id: int | None = None, *, limit: int = 200
) -> list[Read]:
    """Those of an account, the newest first; with a person, those from and to them."""
    rows = await conn.fetch(
        f"""{READ} where d.account = $2 and ($3::bigint is null or $3 in (d.from_person_id, d.to_person_id))
            order by d.id desc limit $4""",
        now,
        account,
        person_id,
        limit,
    )
    return [Read(*row.values()) for row in rows]


async def of_person(conn: Connection, person_id: int, now: datetime, *, limit: int = 200) -> list[Read]:
    """Those from and to a person, of all accounts, the newest first."""
    rows = await conn.fetch(
        f"{READ} where $2 in (d.from_person_id, d.to_person_id) order by d.id desc limit $3",
        now,
        person_id,
        limit,
    )
    return [Read(*row.values()) for row in rows]


async def get(
    conn: Connection, accounts: Sequence[str] | None, delegation_id: int, now: datetime
) -> Read | None:
    """One within these accounts, whose row is locked."""
    locked = await conn.fetchval(
        "select id from delegation where id = $1 and ($2::text[] is null or account = any($2)) for update",
        delegation_id,
        accounts,
    )
    row = await conn.fetchrow(f"{READ} where d.id = $2", now, locked) if locked is not None else None
    return Read(*row.values()) if row else None


async def insert(
    conn: Connection, account: str, from_id: int, to_id: int, from_on: date, to_on: date, cap: Decimal | None,
    currency: str | None, note: str | None,
) -> int:  # fmt: skip
    """Answers the id."""
    return await conn.fetchval(  # type: ignore[no-any-return]
        """insert into delegation (account, from_person_id, to_person_id, from_on, to_on, cap, cap_currency, note)
           values ($1, $2, $3, $4, $5, $6, $7, $8) returning id""",
        account, from_id, to_id, from_on, to_on, cap, currency, note,
    )  # fmt: skip


async def end(conn: Connection, delegation_id: int, now: datetime) -> None:
    """From now on nobody decides by it."""
    await conn.execute("update delegation set ended_at = $2 where id = $1", delegation_id, now)


WAITING = """
select r.number from approval_seat s join approval_request r on r.id = s.request_id
join account a on a.number = r.account
where s.person_id = $1 and s.state = 'open' and s.position = r.step and r.state in ('pending', 'asked')
    and a.path @> array[$2::text]
order by r.id
"""


async def waiting_for(conn: Connection, person_id: int, account: str) -> list[str]:
    """The numbers of the requests, of the account and of those below it, that wait for the person."""
    return [row["number"] for row in await conn.fetch(WAITING, person_id, account)]
