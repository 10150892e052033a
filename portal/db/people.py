"""Who is asking: people and tokens, with the accounts they may see."""

from dataclasses import dataclass
from datetime import datetime

from portal.clock import utc_now
from portal.db.behind import LENT, OWN, Behind, Eyes, behind, themselves
from portal.db.work import Connection
from portal.domain.access import BUYER_ROLES, SUPPLIER_ROLES, Viewer, permissions_of, seen_through

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
    array(select a.number from account a
          where exists (select 1 from membership m where m.person_id = p.id and a.path @> array[m.account])
              and {eyes.shown}
          order by a.number) as accounts,
    (select a.name from account a where a.number = coalesce({eyes.home}, mine.memberships[1])) as company,
    {eyes.columns}
from {eyes.who} p
cross join lateral (
    select array(select m.account from membership m where m.person_id = p.id order by m.account) as memberships) mine
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


async def asker(conn: Connection, person_id: int, session: str, now: datetime) -> Asker | None:
    """Who asks in this session of this person: they, or whoever they impersonate in it; None when they may no longer
    sign in."""
    row = await conn.fetchrow(VIEWER, person_id, session, now)
    if row is None:
        return None
    if row["looking_id"] is None:
        who = await themselves(conn, row)
    elif (row := await conn.fetchrow(LENT_VIEWER, person_id, session, now)) is None:
        return None
    else:
        who = behind(row)
    supplier = tuple(row["supplier_roles"])
    roles = supplier or tuple(row["roles"])
    held = permissions_of(roles, SUPPLIER_ROLES if supplier else BUYER_ROLES)
    seen = who.impersonator
    found = Viewer(
        actor=seen.signs(row["email"]) if seen else row["email"],
        name=row["name"],
        accounts=None if supplier else tuple(row["accounts"]),
        permissions=seen_through(held, seen),
        person_id=row["id"],
        email=row["email"],
        account=row["seen_account"] or (row["memberships"][0] if row["memberships"] else None),
        roles=roles,
        locale=row["locale"],
        impersonator=seen,
    )
    return Asker(found, row["session_epoch"], row["company"] or "", who)


async def viewer(conn: Connection, person_id: int) -> tuple[Viewer, int] | None:
    """(who they are, their session epoch) whatever session; None when they may no longer sign in."""
    found = await asker(conn, person_id, NO_SESSION, utc_now())
    return (found.viewer, found.epoch) if found else None


HOLDER = """
select t.id, t.name, t.account, t.scopes, t.person_id, t.last_used_at,
    case when t.account is null then null
         else array(select a.number from account a where a.path @> array[t.account] order by a.number) end as accounts
from token t where t.sha256 = $1 and t.revoked_at is null
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
