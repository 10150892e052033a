"""Which accounts gather what they are billed, and until when they were."""

from dataclasses import dataclass
from datetime import date, datetime

from portal.db.work import Connection


@dataclass(frozen=True, slots=True)
class Gatherer:
    """An account that is billed by the week, or by the month; `billed_until` is the last day of its last run."""

    account: str
    consolidation: str | None
    weekly_day: str
    billed_until: date | None


async def gatherers(conn: Connection) -> list[Gatherer]:
    rows = await conn.fetch(
        """select a.number, a.consolidation, a.weekly_day, max(r.period_end) as billed_until
           from account a left join billing_run r on r.account = a.number
           where a.invoice_terms = 'consolidated' and a.consolidation is distinct from 'completion'
           group by a.number order by a.number"""
    )
    return [Gatherer(*row.values()) for row in rows]


async def time_zone(conn: Connection) -> str:
    """The supplier's, whose days these are."""
    return await conn.fetchval("select time_zone from supplier") or "UTC"


# What is owed for goods differs from what is billed; goods without a price have neither.
UNBILLED = """
select o.number from orders o join order_status s on s.order_id = o.id
where o.account = $1 and not o.billed_elsewhere and (s.shipped_value <> s.invoiced_value or s.shipped_value = 0)
    and exists (
        select from order_line l left join line_billing b on b.line_id = l.id
        where l.order_id = o.id and coalesce(b.invoiced + b.waived, 0) < (
            select sum(p.quantity) from portion p where p.line_id = l.id and p.stage in ('shipped', 'delivered')))
order by o.id
"""


async def unbilled(conn: Connection, account: str) -> list[str]:
    """The numbers of the account's orders of which more has left than was billed."""
    return [row["number"] for row in await conn.fetch(UNBILLED, account)]


async def keep(conn: Connection, account: str, period_end: date, invoices: int, now: datetime) -> None:
    """The account is billed until this day."""
    await conn.execute(
        """insert into billing_run (account, period_end, invoices, at) values ($1, $2, $3, $4)
           on conflict do nothing""",
        account,
        period_end,
        invoices,
        now,
    )
