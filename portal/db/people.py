"""Who is asking: people and tokens, with the accounts they may see."""

from dataclasses import dataclass
from datetime import datetime

from asyncpg import Record

from portal.clock import utc_now
from portal.db.behind import LENT, OWN, Behind, Eyes, behind, themselves
from portal.db.work import Connection
from portal.domain.access import (
    SUPPLIER_ROLES,
    Impersonator,
    Viewer,
    buyers,
    permissions_of,
    seen_through,
)

# Nobody impersonates anybody in it.
NO_SESSION = ""


@dataclass(frozen=True, slots=True)
class Person:
    """What signing in needs to know."""

    id: int
    email: str
    name: str
    password_hash: str | None
    active: bool
    session_epoch: int
    locale: str


async def by_email(conn: Connection, email: str) -> Person | None:
    """The person with this address, however it is written."""
    row = await conn.fetchrow(
        """select id, email, name, password_hash, active, session_epoch, locale from person
           where lower(email) = lower($1)""",
        email,
    )
    return Person(*row.values()) if row else None


def _viewer(eyes: Eyes) -> str:
    return f"""{eyes.begin}
select p.id, p.email, p.name, p.locale, p.session_epoch, p.supplier_roles, mine.memberships,
    array(select distinct unnest(m.roles) from membership m where m.person_id = p.id) as roles,
    seen.accounts, seen.held,
    (select a.name from account a where a.number = coalesce({eyes.home}, mine.memberships[1])) as company,
    {eyes.columns}
from {eyes.who}
cross join lateral (
    select array(select m.account from membership m where m.person_id = p.id order by m.account) as memberships) mine
cross join lateral (
    -- A membership's roles hold for its account and all below; those of several add up.
    select coalesce(array_agg(a.number order by a.number), '{{}}') as accounts,
        coalesce(array_agg(a.held order by a.number), '{{}}') as held
    from (
        select a.number, string_agg(array_to_string(m.roles, ' '), ' ' order by m.account) as held
        from membership m join account a on a.path @> array[m.account]
        where m.person_id = p.id and {eyes.shown}
        group by a.number
    ) a) seen
{eyes.where}
"""


VIEWER, LENT_VIEWER = _viewer(OWN), _viewer(LENT)


@dataclass(frozen=True, slots=True)
class Asker:
    """Whoever asks for a page, from one look. `epoch` is that of the person whose session it is."""

    viewer: Viewer
    epoch: int
    # Of the company whose page frame shows them; empty for the supplier's people.
    company: str
    behind: Behind


async def asker(
    conn: Connection, person_id: int, session: str, now: datetime, *, as_themselves: bool = False
) -> Asker | None:
    """Who asks in this session of this person: they, or whoever they impersonate in it, unless they are to be seen as
    themselves; None when they may no longer sign in, or this session has ended."""
    row = await conn.fetchrow(VIEWER, person_id, session, now)
    if row is None:
        return None
    if row["looking_id"] is None or as_themselves:
        who = await themselves(conn, row)
    elif (row := await conn.fetchrow(LENT_VIEWER, person_id, session, now)) is None:
        return None
    else:
        who = behind(row)
    supplier = tuple(row["supplier_roles"])
    roles = supplier or tuple(row["roles"])
    seen = who.impersonator
    held = None if supplier else _held(row, seen)
    anywhere = permissions_of(supplier, SUPPLIER_ROLES) if held is None else frozenset().union(*held.values())
    found = Viewer(
        actor=seen.signs(row["email"]) if seen else row["email"],
        name=row["name"],
        accounts=None if supplier else tuple(row["accounts"]),
        permissions=seen_through(anywhere, seen),
        person_id=row["id"],
        email=row["email"],
        account=row["seen_account"] or (row["memberships"][0] if row["memberships"] else None),
        roles=roles,
        locale=row["locale"],
        impersonator=seen,
        held=held,
    )
    return Asker(found, row["session_epoch"], row["company"] or "", who)


def _held(row: Record, seen: Impersonator | None) -> dict[str, frozenset[str]]:
    """A buyer's permissions by account; where somebody else looks, what the account allows of each."""
    accounts = zip(row["accounts"], row["held"], strict=True)
    return {number: seen_through(buyers(roles), seen) for number, roles in accounts}


async def viewer(conn: Connection, person_id: int) -> tuple[Viewer, int] | None:
    """(who they are, their session epoch) whatever session; None when they may no longer sign in."""
    found = await asker(conn, person_id, NO_SESSION, utc_now())
    return (found.viewer, found.epoch) if found else None


HOLDER = """
select t.id, t.name, t.account, t.scopes, t.person_id, t.last_used_at,
    case when t.account is null then null
         else array(select a.number from account a where a.path @> array[t.account] order by a.number) end as accounts
from token t left join person p on p.id = t.person_id
-- In the name of somebody who may not sign in any more nothing is done; nor for an account in the name of somebody who
-- has no place there any more, nor above it or below.
where t.sha256 = $1 and t.revoked_at is null and p.active is not false
    and (t.person_id is null or t.account is null or exists (
        select from membership m join account own on own.number = m.account join account a on a.number = t.account
        where m.person_id = t.person_id and (a.path @> array[own.number] or own.path @> array[a.number])))
"""


async def token_viewer(conn: Connection, sha256: bytes, now: datetime) -> Viewer | None:
    """Who holds the token; an account's token sees its account and those below. Notes the use, by the minute."""
    row = await conn.fetchrow(HOLDER, sha256)
    if row is None:
        return None
    last = row["last_used_at"]
    if last is None or abs((now - last).total_seconds()) > 60:
        await conn.execute("update token set last_used_at = $2 where id = $1", row["id"], now)
    return Viewer(
        actor=row["id"],
        name=row["name"],
        accounts=tuple(row["accounts"]) if row["account"] is not None else None,
        permissions=frozenset(row["scopes"]),
        person_id=row["person_id"],
        account=row["account"],
        roles=("token",),
    )
