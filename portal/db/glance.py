"""What a page must know before it can answer from what it has kept: one trip, a few indexed rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.clock import utc_now
from portal.db.behind import LENT, OWN, SHOWN, Behind, Eyes, behind, themselves
from portal.db.people import NO_SESSION
from portal.db.work import Pool
from portal.domain.access import (
    BUYER_ROLES,
    IMPERSONATORS,
    SUPPLIER_ROLES,
    permissions_of,
    seen_through,
)


@dataclass(frozen=True, slots=True)
class Glance:
    """A person, and of one order what it takes to find its page; `order_id` is None when they may not see it."""

    behind: Behind
    name: str
    email: str
    locale: str
    epoch: int
    is_supplier: bool
    # What they are anywhere, which says where the frame leads; and what they are for the order's account.
    roles: Sequence[str]
    roles_here: Sequence[str]
    company: str | None
    # Whose company it is.
    account: str | None
    order_id: int | None
    # Whose order it is.
    order_account: str | None
    version: int | None
    read_version: int | None
    read_at: datetime | None

    @property
    def may(self) -> frozenset[str]:
        """What their roles permit anywhere, and to somebody who looks as them their account."""
        return self._permitted(self.roles)

    @property
    def may_here(self) -> frozenset[str]:
        """What they may do with this order."""
        return self._permitted(self.roles_here)

    @property
    def sees_approvals(self) -> bool:
        """Whether they are told whom the order waits for."""
        return "approvals:read" in self.may_here

    @property
    def may_offer(self) -> bool:
        """Whether other products are theirs to offer, or as a buyer to accept."""
        return ("offers:write" if self.is_supplier else "offers:answer") in self.may_here

    @property
    def may_return(self) -> bool:
        """Whether they may announce goods that come back."""
        return "returns:ask" in self.may_here

    def _permitted(self, roles: Sequence[str]) -> frozenset[str]:
        held = permissions_of(roles, SUPPLIER_ROLES if self.is_supplier else BUYER_ROLES)
        return seen_through(held, self.behind.impersonator)


# The scope is the one of `people.VIEWER`: the supplier's people see all, a buyer its accounts and those below.
def _glance(eyes: Eyes) -> str:
    return f"""{eyes.begin}
select p.name, p.email, p.locale, p.session_epoch, cardinality(p.supplier_roles) > 0 as is_supplier,
    case when cardinality(p.supplier_roles) > 0 then p.supplier_roles
         else array(select distinct unnest(m.roles) from membership m where m.person_id = p.id order by 1) end as roles,
    case when cardinality(p.supplier_roles) > 0 then p.supplier_roles
         else array(select distinct unnest(m.roles) from membership m
                    where m.person_id = p.id and m.account = any(whose.path) order by 1) end as roles_here,
    home.name as company, home.number as account,
    s.order_id, s.account as order_account, s.version, v.read_version, v.read_at,
    {eyes.columns}
from {eyes.who}
left join lateral (
    select a.number, a.name from account a where a.number = coalesce({eyes.home},
        (select m.account from membership m where m.person_id = p.id order by m.account limit 1)) limit 1
) home on true
left join orders o on o.number = $4 and (cardinality(p.supplier_roles) > 0 or exists (
    select 1 from membership m join account a on a.number = o.account
    where m.person_id = p.id and a.path @> array[m.account] and {eyes.shown}))
left join account whose on whose.number = o.account
left join order_status s on s.order_id = o.id
left join order_visit v on v.person_id = p.id and v.order_id = o.id
{eyes.where}
"""


GLANCE, LENT_GLANCE = _glance(OWN), _glance(LENT)
GLANCED = 14


async def glance(pool: Pool, person_id: int, number: str = "", session: str = NO_SESSION) -> Glance | None:
    """None when the person may no longer sign in. In a session in which they impersonate somebody it is that person's
    glance, with their own epoch."""
    asked = (person_id, session, utc_now(), number)
    row = await pool.fetchrow(GLANCE, *asked)
    if row is None:
        return None
    if row["looking_id"] is None:
        who = await themselves(pool, row)
    elif (row := await pool.fetchrow(LENT_GLANCE, *asked)) is None:
        return None
    else:
        who = behind(row)
    return Glance(who, *tuple(row.values())[:GLANCED])


async def version(pool: Pool, order_id: int) -> tuple[int, str] | None:
    """(the order's version, whose it is), for those who have decided before who may see it."""
    row = await pool.fetchrow("select version, account from order_status where order_id = $1", order_id)
    return (row["version"], row["account"]) if row else None


PERMITTED = f"""
with asked as (
    select w.person_id, w.epoch, w.order_id, w.acting, w.session, i.id as seen_id, i.account as seen_account,
        coalesce(i.subject_id, w.person_id) as subject_id
    from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[])
        as w(person_id, epoch, order_id, acting, session)
    join person me on me.id = w.person_id and me.active and me.session_epoch = w.epoch
    left join login here on here.key = w.session
    left join impersonation i on i.id = w.acting
    where here.ended_at is null and (w.acting = 0 or (i.actor_id = me.id and i.ended_at is null
        and i.ends_at > $6::timestamptz and me.supplier_roles && $7::text[]))
)
select p.person_id, p.epoch, p.order_id, p.acting, p.session
from asked p join person seer on seer.id = p.subject_id and seer.active
join orders o on o.id = p.order_id
where cardinality(seer.supplier_roles) > 0 or exists (
    select 1 from membership m join account a on a.number = o.account
    where m.person_id = seer.id and a.path @> array[m.account] and {SHOWN})
"""
Watching = tuple[int, int, int, int, str]


async def permitted(pool: Pool, watching: Iterable[Watching]) -> set[Watching]:
    """Of (person, session epoch, order, impersonation or 0, session) those that may still be shown the order."""
    asked = sorted(set(watching))
    columns = (list(column) for column in zip(*asked, strict=True))
    rows = await pool.fetch(PERMITTED, *columns, utc_now(), list(IMPERSONATORS))
    return {(row["person_id"], row["epoch"], row["order_id"], row["acting"], row["session"]) for row in rows}
