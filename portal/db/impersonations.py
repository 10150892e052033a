"""Who looked as whom: the rows, what was looked at, and what accounts allow."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.db.behind import FORBIDDEN
from portal.db.work import Connection


async def looked(conn: Connection, impersonation_id: int, at: datetime, method: str, path: str) -> int:
    """Written down before anything is shown: what cannot be written is not shown."""
    found: int = await conn.fetchval(
        """insert into impersonation_view (impersonation_id, at, method, path) values ($1, $2, $3, $4)
           returning id""",
        impersonation_id,
        at,
        method,
        path,
    )
    return found


async def answered(conn: Connection, view_id: int, status: int) -> None:
    await conn.execute("update impersonation_view set status = $2 where id = $1", view_id, status)


@dataclass(frozen=True, slots=True)
class Row:
    """One impersonation. `ended_by` is None while it lasts, and when its time was over."""

    id: int
    account: str
    account_name: str
    actor_id: int
    actor_email: str
    actor_name: str
    subject_id: int
    subject_email: str
    subject_name: str
    session: str
    reason: str
    began_at: datetime
    ends_at: datetime
    ended_at: datetime | None
    ended_by: str | None
    ended_by_name: str | None
    left_at: datetime | None
    views: int

    def ended(self, now: datetime) -> datetime | None:
        """When it was over, as far as it is."""
        if self.ended_at is not None:
            return self.ended_at
        return self.ends_at if self.ends_at <= now else None


COLUMNS = """
select i.id, i.account, a.name as account_name, i.actor_id, w.email as actor_email, w.name as actor_name, i.subject_id,
    s.email as subject_email, s.name as subject_name, i.session, i.reason, i.began_at, i.ends_at, i.ended_at,
    i.ended_by, e.name as ended_by_name, i.left_at,
    (select count(*) from impersonation_view v where v.impersonation_id = i.id) as views
from impersonation i
join account a on a.number = i.account
join person w on w.id = i.actor_id
join person s on s.id = i.subject_id
left join person e on e.email = i.ended_by
"""


async def one(conn: Connection, impersonation_id: int) -> Row | None:
    row = await conn.fetchrow(f"{COLUMNS} where i.id = $1", impersonation_id)
    return Row(*row.values()) if row else None


async def of_session(conn: Connection, session: str, actor_id: int) -> Row | None:
    """The one that this session has not left yet."""
    row = await conn.fetchrow(
        f"{COLUMNS} where i.session = $1 and i.actor_id = $2 and i.left_at is null", session, actor_id
    )
    return Row(*row.values()) if row else None


async def listed(
    conn: Connection,
    *,
    subject_id: int | None,
    accounts: Sequence[str] | None,
    before: int | None,
    limit: int,
) -> list[Row]:
    """The newest first: those that show this person's pages, and all of these accounts; without either, all."""
    rows = await conn.fetch(
        f"""{COLUMNS}
            where (i.subject_id = $1 or i.account = any($2::text[]) or ($1::bigint is null and $2::text[] is null))
                and ($3::bigint is null or i.id < $3)
            order by i.id desc limit $4""",
        subject_id,
        accounts,
        before,
        limit,
    )
    return [Row(*row.values()) for row in rows]


@dataclass(frozen=True, slots=True)
class View:
    """What was asked for, and what was answered; no status while it is not known."""

    at: datetime
    method: str
    path: str
    status: int | None


async def views(conn: Connection, impersonation_id: int, limit: int) -> list[View]:
    """The newest first."""
    rows = await conn.fetch(
        """select at, method, path, status from impersonation_view where impersonation_id = $1
           order by id desc limit $2""",
        impersonation_id,
        limit,
    )
    return [View(*row.values()) for row in rows]


@dataclass(frozen=True, slots=True)
class Place:
    """An account as far as looking into it goes. `allowed` is the narrowest of what it and those below it allow, or
    off where it or one above forbids it; `own` is what it says itself."""

    number: str
    name: str
    own: str
    allowed: str


PLACE = f"""
select a.number, a.name, a.impersonation as own,
    case when {FORBIDDEN} then 'off' else (
        select (array['read', 'order'])[min(case b.impersonation when 'order' then 2 else 1 end)] from account b
        where b.path @> array[a.number]
            and not exists (select 1 from account up where up.number = any(b.path) and up.impersonation = 'off')
    ) end as allowed
from account a
"""


async def place(conn: Connection, number: str) -> Place | None:
    row = await conn.fetchrow(f"{PLACE} where a.number = $1", number)
    return Place(*row.values()) if row else None


async def places(conn: Connection, numbers: Sequence[str]) -> list[Place]:
    rows = await conn.fetch(
        f"{PLACE} where a.number = any($1::text[]) order by cardinality(a.path), a.name, a.number", numbers
    )
    return [Place(*row.values()) for row in rows]


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody whose eyes may be borrowed."""

    person_id: int
    name: str
    email: str
    roles: Sequence[str]


async def members(conn: Connection, account: str) -> list[Member]:
    """The account's own people, as far as they may sign in."""
    rows = await conn.fetch(
        """select p.id, p.name, p.email, m.roles from membership m join person p on p.id = m.person_id
           where m.account = $1 and p.active order by p.name, p.id""",
        account,
    )
    return [Member(*row.values()) for row in rows]


async def insert(
    conn: Connection,
    *,
    actor_id: int,
    subject_id: int,
    account: str,
    session: str,
    reason: str,
    began_at: datetime,
    ends_at: datetime,
) -> int | None:
    """None when the session looks as somebody already."""
    found: int | None = await conn.fetchval(
        """insert into impersonation (actor_id, subject_id, account, session, reason, began_at, ends_at)
           values ($1, $2, $3, $4, $5, $6, $7) on conflict (session) where left_at is null do nothing returning id""",
        actor_id,
        subject_id,
        account,
        session,
        reason,
        began_at,
        ends_at,
    )
    return found


async def end(conn: Connection, impersonation_id: int, at: datetime, by: str | None) -> bool:
    """Whether it was this that ended it. What ended by the clock ended when its time was over, whoever notices."""
    row = await conn.fetchrow(
        """update impersonation set ended_at = least($2, ends_at), ended_by = case when ends_at > $2 then $3 end
           where id = $1 and ended_at is null returning session""",
        impersonation_id,
        at,
        by,
    )
    if row is None:
        return False
    await conn.execute("select pg_notify('portal_impersonation', $1)", row["session"])
    return True


async def leave(conn: Connection, impersonation_id: int, at: datetime) -> None:
    """The session is its own person's again."""
    await conn.execute(
        "update impersonation set left_at = $2 where id = $1 and left_at is null", impersonation_id, at
    )


async def lasting(conn: Connection, account: str) -> list[int]:
    """Those that show this account or one below it, in the order in which they are locked."""
    rows = await conn.fetch(
        """select i.id from impersonation i join account a on a.number = i.account
           where i.ended_at is null and a.path @> array[$1::text] order by i.id""",
        account,
    )
    return [row["id"] for row in rows]


async def overdue(conn: Connection, now: datetime, limit: int) -> list[int]:
    rows = await conn.fetch(
        "select id from impersonation where ended_at is null and ends_at <= $1 order by id limit $2",
        now,
        limit,
    )
    return [row["id"] for row in rows]


async def forget(conn: Connection, before: datetime) -> None:
    """Those that ended before then, with what was looked at. That they were stays in the accounts' audit trails."""
    await conn.execute("delete from impersonation where ended_at < $1", before)
