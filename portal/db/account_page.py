"""One account as those see it who look after it: what is wrong with it now, its people, and how it is arranged."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from portal.db import problems
from portal.db.underway import TROUBLED
from portal.db.work import Connection
from portal.domain.problems import Found


@dataclass(frozen=True, slots=True)
class Account:
    number: str
    name: str
    currency: str
    parent: str | None
    parent_name: str | None
    below: Sequence[str]
    manager_id: int | None
    manager: str | None
    manager_email: str | None
    silence_days: int | None
    impersonation: str
    erp_number: str | None
    credit_hold: bool
    open_orders: int
    looked_at: datetime | None


ACCOUNT = """
select a.number, a.name, a.currency, a.parent, b.name as parent_name,
    array(select c.number from account c where c.parent = a.number order by c.number) as below,
    a.manager_id, m.name as manager, m.email as manager_email, a.silence_days, a.impersonation, a.erp_number,
    a.credit_hold, (select count(*) from order_status s where s.account = a.number and s.state = 'open'),
    (select i.began_at from impersonation i where i.account = a.number order by i.id desc limit 1)
from account a left join account b on b.number = a.parent left join person m on m.id = a.manager_id
where a.number = $1
"""


async def account(conn: Connection, number: str) -> Account | None:
    row = await conn.fetchrow(ACCOUNT, number)
    return Account(*row.values()) if row else None


@dataclass(frozen=True, slots=True)
class Person:
    id: int
    name: str
    email: str
    roles: Sequence[str]
    active: bool
    mail_problem: str | None
    mail_problem_at: datetime | None


async def people(conn: Connection, number: str) -> list[Person]:
    """Whom the account has, those whose mail comes back first."""
    rows = await conn.fetch(
        """select p.id, p.name, p.email, m.roles, p.active, p.mail_problem, p.mail_problem_at
           from membership m join person p on p.id = m.person_id where m.account = $1
           order by p.active desc, p.mail_problem is null, p.name, p.id limit 500""",
        number,
    )
    return [Person(*row.values()) for row in rows]


async def managers(conn: Connection) -> list[tuple[str, str]]:
    """(e-mail address, name) of whoever can look after an account."""
    rows = await conn.fetch(
        """select email, name from person where active and supplier_roles && array['account_manager', 'admin']
           order by name, email"""
    )
    return [(row["email"], row["name"]) for row in rows]


def _orders(kind: str, since: str, day: str, word: str) -> str:
    """The orders of the account with a problem of this kind: the longest standing first."""

    def which(column: str) -> str:
        return f"{column} in (select s.order_id from order_status s where s.account = $3)"

    ids = problems.OF_ORDERS[kind](which).format(today="$1::date", lately="$2::timestamptz")
    return f"""(select '{kind}' as kind, o.number, {since} as since, {day} as day, {word} as word,
        null::numeric as amount, null as currency, count(*) over ()::int as of
    from (select distinct x.id from ({ids}) x where x.account = $3) f join orders o on o.id = f.id
    order by 3, 4, o.id limit $4)"""


STILL_COMING = "('waiting', 'allocated', 'picking', 'packed', 'shipped')"
FOUND = "\nunion all ".join(
    (
        _orders(
            "late",
            "null::timestamptz",
            f"(select min(p.first_arrives_on) from portion p where p.order_id = o.id and p.stage in {STILL_COMING})",
            "null::text",
        ),
        _orders(
            "failed",
            "(select max(e.at) from carrier_event e join shipment h on h.id = e.shipment_id where h.order_id = o.id)",
            "null::date",
            f"(select h.state from shipment h where h.order_id = o.id and {TROUBLED} order by h.id desc limit 1)",
        ),
        _orders(
            "silent",
            "null::timestamptz",
            """(select (t.because ->> 'since')::date from task t
                where t.order_id = o.id and t.kind = 'silence' and t.state = 'open')""",
            "null::text",
        ),
        _orders(
            "held",
            "(select min(h.set_at) from hold h where h.order_id = o.id and h.released_at is null)",
            "null::date",
            """(select h.reason from hold h where h.order_id = o.id and h.released_at is null
                order by h.set_at, h.id limit 1)""",
        ),
        _orders(
            "moved",
            "(select max(c.at) from promise_change c where c.order_id = o.id)",
            """(select max(c.new_arrives_on) from promise_change c where c.order_id = o.id and c.version = (
                select max(x.version) from promise_change x where x.order_id = o.id))""",
            "null::text",
        ),
        """(select 'disputed', d.number, d.opened_at, null::date, d.reason, null::numeric, null, count(*) over ()::int
        from dispute d where d.state = 'open' and d.account = $3 order by d.id limit $4)""",
        """(select 'returns', r.number, r.asked_at, null::date, null, null::numeric, null, count(*) over ()::int
        from goods_return r where r.state = 'requested' and r.account = $3 order by r.id limit $4)""",
        """(select 'overdue', i.number, null::timestamptz, s.due_on, null, s.due, i.currency, count(*) over ()::int
        from invoice_status s join invoice i on i.id = s.invoice_id
        where s.due > 0 and s.due_on < $1::date and s.account = $3 order by s.due_on, i.id limit $4)""",
        """(select 'bounced', p.email, p.mail_problem_at, null::date, p.mail_problem, null::numeric, null,
            count(*) over ()::int
        from person p join membership m on m.person_id = p.id
        where p.mail_problem is not null and p.active and m.account = $3 order by p.mail_problem_at, p.id limit $4)""",
        """(select 'endpoints', coalesce(nullif(c.description, ''), c.url),
            coalesce(c.disabled_at, c.failing_since), null::date, coalesce(c.disabled_because, 'failing'),
            null::numeric, null, count(*) over ()::int
        from connection c where c.account = $3 and c.deleted_at is null
            and (c.state = 'disabled' and c.disabled_because is distinct from 'by_hand'
                or c.state = 'active' and c.failing_since is not null) order by c.id limit $4)""",
    )
)


async def found(conn: Connection, number: str, today: date, lately: datetime, few: int) -> list[Found]:
    """What is wrong with it now: of each kind a few, the longest standing first."""
    rows = await conn.fetch(FOUND, today, lately, number, few)
    return [Found(*row.values()) for row in rows]
