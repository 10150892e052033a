"""What a page must know before it can answer from what it has kept: one trip, a few indexed rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.db.work import Pool
from portal.domain.access import BUYER_ROLES, SUPPLIER_ROLES, permissions_of


@dataclass(frozen=True, slots=True)
class Glance:
    """A person, and of one order what it takes to find its page; `order_id` is None when they may not see it."""

    name: str
    locale: str
    epoch: int
    is_supplier: bool
    roles: Sequence[str]
    company: str | None
    order_id: int | None
    version: int | None
    read_version: int | None
    read_at: datetime | None

    @property
    def may(self) -> frozenset[str]:
        """What their roles permit."""
        return permissions_of(self.roles, SUPPLIER_ROLES if self.is_supplier else BUYER_ROLES)

    @property
    def may_offer(self) -> bool:
        """Whether other products are theirs to offer, or as a buyer to accept."""
        return ("offers:write" if self.is_supplier else "offers:answer") in self.may

    @property
    def may_return(self) -> bool:
        """Whether they may announce goods that come back."""
        return "returns:ask" in self.may


# The scope is the one of `people.VIEWER`: the supplier's people see all, a buyer its accounts and those below.
GLANCE = """
select p.name, p.locale, p.session_epoch, cardinality(p.supplier_roles) > 0 as is_supplier,
    case when cardinality(p.supplier_roles) > 0 then p.supplier_roles
         else array(select distinct unnest(m.roles) from membership m where m.person_id = p.id order by 1) end as roles,
    (select a.name from membership m join account a on a.number = m.account
     where m.person_id = p.id order by m.account limit 1) as company,
    s.order_id, s.version, v.read_version, v.read_at
from person p
left join orders o on o.number = $2 and (cardinality(p.supplier_roles) > 0 or exists (
    select 1 from membership m join account a on a.number = o.account
    where m.person_id = p.id and a.path @> array[m.account]))
left join order_status s on s.order_id = o.id
left join order_visit v on v.person_id = p.id and v.order_id = o.id
where p.id = $1 and p.active
"""


async def glance(pool: Pool, person_id: int, number: str = "") -> Glance | None:
    """None when the person may no longer sign in."""
    row = await pool.fetchrow(GLANCE, person_id, number)
    return Glance(*row.values()) if row else None


async def version(pool: Pool, order_id: int) -> int | None:
    """The order's version, for those who have decided before who may see it."""
    found: int | None = await pool.fetchval("select version from order_status where order_id = $1", order_id)
    return found


PERMITTED = """
select w.person_id, w.epoch, w.order_id
from unnest($1::bigint[], $2::bigint[], $3::bigint[]) as w(person_id, epoch, order_id)
join person p on p.id = w.person_id and p.active and p.session_epoch = w.epoch
join orders o on o.id = w.order_id
where cardinality(p.supplier_roles) > 0 or exists (
    select 1 from membership m join account a on a.number = o.account
    where m.person_id = p.id and a.path @> array[m.account])
"""


async def permitted(pool: Pool, watching: Iterable[tuple[int, int, int]]) -> set[tuple[int, int, int]]:
    """Of (person, session epoch, order) those that may still be shown the order."""
    asked = sorted(set(watching))
    rows = await pool.fetch(PERMITTED, *(list(column) for column in zip(*asked, strict=True)))
    return {(row["person_id"], row["epoch"], row["order_id"]) for row in rows}
