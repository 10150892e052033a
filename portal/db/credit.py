"""Credit as rows: the limits that an account's orders count against, the ERP's figures, and how orders were judged."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from portal.db.accounts import Account
from portal.db.holds import Standing
from portal.db.owed import COUNTS, OWED, OWING
from portal.db.work import Connection
from portal.domain.credit import Exposure, Figures, Till

# Everybody whose orders count against the limit of `t`: itself, and who draws on it without a break in between.
MEMBERS = """
    select array(
        select a.number from account a where a.path @> array[t.number] and not exists (
            select from account b where not b.draws_on_parent
                and b.number = any(a.path[array_position(a.path, t.number) + 1:]))
    ) as members
"""
TILLS = f"""
select t.number, o.owed, o.own, coalesce(e.others, 0) as others, f.account, f.currency, f.credit_limit, f.credit_hold,
    f.invoiced_unpaid, f.other_orders, f.portal_invoiced, f.as_of, f.received_at
from unnest($1::text[]) with ordinality as t(number, place)
cross join lateral ({MEMBERS}) as m
cross join lateral (
    select coalesce(sum({OWED}), 0) as owed, coalesce(sum({OWED}) filter (where account = t.number), 0) as own
    from order_status where account = any(m.members) and {OWING} and {COUNTS}
) as o
cross join lateral (
    select sum(invoiced_unpaid + other_orders - portal_invoiced) as others from credit_figures
    where account = any(m.members) and account <> t.number
) as e
left join credit_figures f on f.account = t.number
order by t.place
"""


async def tills(conn: Connection, account: Account, owed: Decimal | None = None) -> list[Till]:
    """The limits that its orders count against, its own first.

    `owed` is the exposure by its own orders where it was read already, under the same lock: then an account that stands
    alone and is known to the portal costs no further look.
    """
    all_of_them = (account, *account.lenders)
    if owed is not None and not account.lenders and not account.lends and account.credit_source == "portal":
        return [Till(account.number, account.currency, account.credit_limit, account.credit_hold, owed)]
    rows = await conn.fetch(TILLS, [one.number for one in all_of_them])
    return [
        Till(
            one.number, one.currency, one.credit_limit, one.credit_hold, row["owed"], one.credit_source,
            one.erp_silence, timedelta(hours=one.erp_figures_age_hours), _figures(row), row["others"], row["own"],
        )
        for one, row in zip(all_of_them, rows, strict=True)
    ]  # fmt: skip


def _figures(row: Any) -> Figures | None:
    if row["account"] is None:
        return None
    return Figures(
        row["account"], row["currency"], row["credit_limit"], row["credit_hold"], row["invoiced_unpaid"],
        row["other_orders"], row["portal_invoiced"], row["as_of"], row["received_at"],
    )  # fmt: skip


EXPOSURE = f"""
select coalesce(sum(open_value), 0), coalesce(sum(shipped_value - invoiced_value), 0),
    coalesce(sum(invoiced_value - paid_value), 0)
from (select $1::text as number) t cross join lateral ({MEMBERS}) m
join order_status s on s.account = any(m.members) and {OWING} and {COUNTS}
"""
FIGURES = f"""
select coalesce(sum(f.other_orders), 0), coalesce(-sum(f.portal_invoiced), 0), coalesce(sum(f.invoiced_unpaid), 0)
from (select $1::text as number) t cross join lateral ({MEMBERS}) m
join credit_figures f on f.account = any(m.members) and f.account <> t.number
"""


async def exposure(conn: Connection, number: str) -> Exposure:
    """What counts against an account's limit, by kind: its own, and that of everybody who draws on it; but for what the
    ERP says of the account itself."""
    row = await conn.fetchrow(EXPOSURE, number)
    told = await conn.fetchrow(FIGURES, number)
    assert row is not None
    assert told is not None
    return Exposure(*row.values()) + Exposure(*told.values())


ASKED = """
with recursive above (number, parent, draws_on_parent, credit_source) as (
    select number, parent, draws_on_parent, credit_source from account where number = $1
    union all
    select a.number, a.parent, a.draws_on_parent, a.credit_source
    from above join account a on a.number = above.parent where above.draws_on_parent
)
select number from above where credit_source = 'erp'
"""


async def known_to_erp(conn: Connection, number: str) -> list[str]:
    """Which of the accounts that an order of this one counts against the ERP is to be asked of."""
    return [row["number"] for row in await conn.fetch(ASKED, number)]


# What the ERP says replaces what it said before; the ledger goes on by the difference. An answer that was overtaken by
# a later one on its way here is left.
KEEP_FIGURES = """
with before as (
    -- Not locked: what this statement itself has changed could not be locked any more, and read as nothing.
    select * from credit_figures where account = $1
), put as (
    insert into credit_figures (account, currency, credit_limit, credit_hold, invoiced_unpaid, other_orders,
        portal_invoiced, as_of, received_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    on conflict (account) do update set (currency, credit_limit, credit_hold, invoiced_unpaid, other_orders,
            portal_invoiced, as_of, received_at)
        = (excluded.currency, excluded.credit_limit, excluded.credit_hold, excluded.invoiced_unpaid,
            excluded.other_orders, excluded.portal_invoiced, excluded.as_of, excluded.received_at)
        where excluded.received_at >= credit_figures.received_at or credit_figures.received_at > $10
    returning *
), moved as (
    select p.account, p.other_orders - coalesce(b.other_orders, 0) as open_orders,
        coalesce(b.portal_invoiced, 0) - p.portal_invoiced as shipped,
        p.invoiced_unpaid - coalesce(b.invoiced_unpaid, 0) as invoiced
    from put p left join before b on true
)
insert into credit_entry (account, because, open_orders, shipped_not_invoiced, invoiced_unpaid, at)
select account, 'erp.figures', open_orders, shipped, invoiced, $10 from moved
where open_orders <> 0 or shipped <> 0 or invoiced <> 0
"""


async def keep_figures(conn: Connection, figures: Figures, now: datetime) -> None:
    """What the ERP said is what it is known to have said last. The account's row is locked."""
    await conn.execute(
        KEEP_FIGURES, figures.account, figures.currency, figures.limit, figures.hold, figures.invoiced_unpaid,
        figures.other_orders, figures.portal_invoiced, figures.as_of, figures.received_at, now,
    )  # fmt: skip


FORGET_FIGURES = """
with gone as (delete from credit_figures where account = $1 returning *)
insert into credit_entry (account, because, open_orders, shipped_not_invoiced, invoiced_unpaid, at)
select account, 'account.changed', -other_orders, portal_invoiced, -invoiced_unpaid, $2 from gone
where other_orders <> 0 or portal_invoiced <> 0 or invoiced_unpaid <> 0
"""


async def forget_figures(conn: Connection, account: str, now: datetime) -> None:
    """The portal's own tables are the master now."""
    await conn.execute(FORGET_FIGURES, account, now)


# Who bills or pays an order of the account at this moment is waited for.
LOCK_ORDERS = "select from order_status where account = $1 order by order_id for update"
# Every order gets a new version: whoever waited to close the books of one then looks again, and sees what the account
# is by now. The ledger goes on by the difference, order by order.
REBOOK = f"""
with billed as (
    select order_id, sum(case kind when 'invoice' then total else -total end) as invoiced, sum(paid) as paid
    from invoice_status where account = $1 group by order_id
), now as (
    select s.order_id, s.invoiced_value, s.paid_value, s.counted_invoiced, s.counted_paid, s.{COUNTS} as counts,
        case when $2 then 0 else coalesce(b.invoiced, 0) end as invoiced,
        case when $2 then 0 else coalesce(b.paid, 0) end as paid
    from order_status s left join billed b on b.order_id = s.order_id where s.account = $1
), put as (
    update order_status s set invoiced_value = n.invoiced, paid_value = n.paid,
        counted_invoiced = case when n.counts then n.invoiced else 0 end,
        counted_paid = case when n.counts then n.paid else 0 end, version = s.version + 1
    from now n where n.order_id = s.order_id
    returning s.order_id, s.counted_invoiced - n.counted_invoiced as invoiced, s.counted_paid - n.counted_paid as paid
)
insert into credit_entry (account, order_id, because, shipped_not_invoiced, invoiced_unpaid, at)
select $1, order_id, 'account.changed', -invoiced, invoiced - paid, $3 from put
where invoiced <> 0 or paid <> 0 order by order_id
"""


async def rebook(conn: Connection, account: str, now: datetime, *, by_erp: bool) -> None:
    """Somebody else knows what the account owes from now on: the ERP, whose figures hold its invoices and payments, or
    the portal, whose own count again. The account's row is locked and says so already."""
    await conn.execute(LOCK_ORDERS, account)
    await conn.execute(REBOOK, account, by_erp, now)


@dataclass(frozen=True, slots=True)
class Check:
    """An order that was judged on old figures or none, and waits to be judged again."""

    id: int
    account: str
    order_id: int
    order: str
    outcome: str


async def insert_check(
    conn: Connection,
    account: str,
    order_id: int,
    outcome: str,
    basis: str,
    problem: str | None,
    figures: dict[str, object],
    now: datetime,
    *,
    is_settled: bool,
) -> None:
    """How an order was judged. What was said of it before is settled by this."""
    await settle(conn, order_id, now)
    await conn.execute(
        """insert into credit_check (account, order_id, outcome, basis, problem, figures, at, settled_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8)""",
        account,
        order_id,
        outcome,
        basis,
        problem,
        figures,
        now,
        now if is_settled else None,
    )


async def settle(conn: Connection, order_id: int, now: datetime) -> None:
    """The order need not be judged again for what was not known then."""
    await conn.execute(
        "update credit_check set settled_at = $2 where order_id = $1 and settled_at is null", order_id, now
    )


WAITING = """
select c.id, c.account, c.order_id, o.number, c.outcome from credit_check c join orders o on o.id = c.order_id
where c.settled_at is null and c.basis in ('last_known', 'silent') and ($1::text[] is null or c.account = any($1))
order by c.id limit $2
"""


async def waiting(conn: Connection, accounts: Sequence[str] | None = None, limit: int = 500) -> list[Check]:
    """Orders to be judged again, the eldest judgement first."""
    return [Check(*row.values()) for row in await conn.fetch(WAITING, accounts, limit)]


async def is_waiting(conn: Connection, check_id: int) -> bool:
    """Whether nobody has judged the order again meanwhile. Its account is locked."""
    found: bool = await conn.fetchval(
        "select exists (select from credit_check where id = $1 and settled_at is null)", check_id
    )
    return found


async def still_silent(conn: Connection, accounts: Sequence[str]) -> None:
    """They were asked for once more, in vain."""
    await conn.execute(
        """update credit_check set attempts = attempts + 1
           where settled_at is null and basis in ('last_known', 'silent') and account = any($1::text[])""",
        list(accounts),
    )


async def hold_of(conn: Connection, order_id: int) -> Standing | None:
    """The hold that stands on an order because of how it was judged; not one that a person has set."""
    row = await conn.fetchrow(
        """select h.id, h.account, h.reason, h.lines, h.released_at from hold h
           where h.order_id = $1 and h.released_at is null and h.reason = 'credit'
               and exists (select from credit_check c where c.order_id = $1 and c.figures ->> 'sentence' = h.note)
           order by h.id desc limit 1""",
        order_id,
    )
    return Standing(*row.values()) if row else None


ACCEPTED_AFTER = f"""
select coalesce(sum({OWED}), 0)
from (select $2::text as number) t cross join lateral ({MEMBERS}) m
join credit_check c on c.account = any(m.members) and c.id > $1 and c.settled_at is null
    and c.basis in ('last_known', 'silent')
join order_status s on s.order_id = c.order_id and s.state = 'open'
"""


async def accepted_after(conn: Connection, check_id: int, account: str) -> Decimal:
    """What orders count for that were accepted later, and are yet to be judged again, of all who draw on the account's
    limit."""
    found: Decimal = await conn.fetchval(ACCEPTED_AFTER, check_id, account)
    return found
