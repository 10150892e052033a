"""Policies, people's authority and delegations as rows: what a chain is made of."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from portal.db.places import public_holidays
from portal.db.work import Connection
from portal.domain.approvals import Limit
from portal.domain.asking import Member
from portal.domain.chains import Policy
from portal.domain.dates import WEEKDAYS
from portal.domain.delegations import Delegation
from portal.domain.periods import period_of
from portal.domain.policies import Rule
from portal.domain.working_time import WorkingTime

COLUMNS = """account, rules, self_approval, expires_after_hours, remind_after_hours, escalate_after_hours, working_time,
    version, changed_at, changed_by"""
POLICIES = f"""
select json_agg(json_build_object({", ".join(f"'{name.strip()}', {name.strip()}" for name in COLUMNS.split(","))})
    order by array_position($1::text[], account) desc)::text
from approval_policy where account = any($1::text[])
"""
# With the limits of whoever asks, where they stand nearest to the order.
STANDING = f"""
select ({POLICIES}) as policies,
    (select json_build_array(limit_per_order, limit_per_order_currency, limit_per_period, limit_per_period_currency,
            limit_period)
     from membership where person_id = $2 and account = any($1::text[])
     order by array_position($1::text[], account) desc limit 1)::text as limits
"""


@dataclass(frozen=True, slots=True)
class Stored:
    """A policy as its row has it."""

    account: str
    rules: tuple[Rule, ...]
    self_approval: bool
    expires_after_hours: int | None
    remind_after_hours: int | None
    escalate_after_hours: int | None
    working_time: dict[str, Any]
    version: int
    changed_at: datetime
    changed_by: str

    def read(self) -> Policy:
        return Policy(
            self.account, self.rules, self.self_approval, self.expires_after_hours, self.remind_after_hours,
            self.escalate_after_hours, working_time(self.working_time), self.version, self.changed_at, self.changed_by,
        )  # fmt: skip


_policies = msgspec.json.Decoder(list[Stored])
_limits = msgspec.json.Decoder(tuple[Decimal | None, str | None, Decimal | None, str | None, str | None])


async def of_path(conn: Connection, path: Sequence[str]) -> list[Policy]:
    """The policies of an account and of those above it, the nearest first."""
    return _read(await conn.fetchval(POLICIES, list(path)))


async def standing(
    conn: Connection, path: Sequence[str], person_id: int | None
) -> tuple[list[Policy], tuple[Limit, ...]]:
    """The same with the limits that the person has, in one trip."""
    row = await conn.fetchrow(STANDING, list(path), person_id)
    assert row is not None
    return _read(row["policies"]), limits_of(*_limits.decode(row["limits"])) if row["limits"] else ()


def _read(found: str | None) -> list[Policy]:
    return [stored.read() for stored in _policies.decode(found)] if found else []


def limits_of(
    per_order: Decimal | None,
    currency: str | None,
    per_period: Decimal | None,
    other: str | None,
    period: str | None,
) -> tuple[Limit, ...]:
    """The limits of a membership; what was used up of a period is not in it yet."""
    limits = []
    if per_order is not None and currency is not None:
        limits.append(Limit(per_order, currency))
    if per_period is not None and other is not None:
        limits.append(Limit(per_period, other, period or "month"))
    return tuple(limits)


def day_in(time_zone: str, now: datetime) -> date:
    """The day that it is there."""
    return now.astimezone(ZoneInfo(time_zone)).date()


def working_time(said: Mapping[str, Any]) -> WorkingTime:
    """As it was said in JSON, which is known to be in order."""
    calendar = said.get("holidays")
    return WorkingTime(
        frozenset(WEEKDAYS.index(day) for day in said["days"]),
        time.fromisoformat(said["from"]),
        time.fromisoformat(said["to"]),
        said["time_zone"],
        calendar,
        public_holidays(calendar) if calendar else frozenset(),
    )


async def write(conn: Connection, policy: Policy, now: datetime, by: str) -> bool:
    """Write or replace an account's policy; answers whether it had none."""
    is_new: bool = await conn.fetchval(
        """insert into approval_policy (account, rules, self_approval, expires_after_hours, remind_after_hours,
               escalate_after_hours, working_time, changed_at, changed_by)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
           on conflict (account) do update set (rules, self_approval, expires_after_hours, remind_after_hours,
               escalate_after_hours, working_time, changed_at, changed_by, version)
           = (excluded.rules, excluded.self_approval, excluded.expires_after_hours, excluded.remind_after_hours,
               excluded.escalate_after_hours, excluded.working_time, excluded.changed_at, excluded.changed_by,
               approval_policy.version + 1)
           returning version = 1""",
        policy.account,
        policy.rules,
        policy.self_approval,
        policy.expires_after_hours,
        policy.remind_after_hours,
        policy.escalate_after_hours,
        policy.working.told(),
        now,
        by,
    )
    return is_new


MEMBERS = """
select p.id, p.email, p.name, m.account, m.roles, m.limit_per_order, m.limit_per_order_currency, m.limit_per_period,
    m.limit_per_period_currency, m.limit_period
from membership m join person p on p.id = m.person_id
where m.account = any($1::text[]) and p.active order by p.name, p.email
"""


async def members(conn: Connection, path: Sequence[str]) -> list[Member]:
    """Everybody of an account and of those above it who may sign in; what they used up of a period is not in it yet."""
    return [_member(row) for row in await conn.fetch(MEMBERS, list(path))]


def _member(row: Any) -> Member:
    limits = limits_of(
        row["limit_per_order"], row["limit_per_order_currency"], row["limit_per_period"],
        row["limit_per_period_currency"], row["limit_period"],
    )  # fmt: skip
    return Member(row["id"], row["email"], row["name"], row["account"], frozenset(row["roles"]), limits)


async def approved(
    conn: Connection,
    people: Iterable[int],
    currency: str,
    since: date,
    time_zone: str,
    but: int | None = None,
) -> dict[int, Decimal]:
    """What each of these people has approved in the currency since that day, by whoever stood in for them too.

    The request `but` is left out; what was rejected in the end used up nobody's authority.
    """
    rows = await conn.fetch(
        """select s.person_id, sum(r.total) as total from approval_seat s join approval_request r on r.id = s.request_id
           where s.person_id = any($1::bigint[]) and s.state = 'approved' and r.currency = $2
               and s.decided_at >= ($3::date)::timestamp at time zone $4 and r.id is distinct from $5
               and r.state in ('pending', 'asked', 'approved')
           group by s.person_id""",
        list(people),
        currency,
        since,
        time_zone,
        but,
    )
    return {row["person_id"]: row["total"] for row in rows}


async def ordered(
    conn: Connection, account: str, currency: str, period: str, today: date, time_zone: str, *,
    person_id: int | None = None, but: int | None = None,
) -> Decimal:  # fmt: skip
    """What the account (or one person for it) has ordered in the calendar period that today lies in, gross of tax; what
    was rejected or cancelled does not count, nor does the order `but`."""
    first, last = period_of(period, today)
    return await conn.fetchval(  # type: ignore[no-any-return]
        """select coalesce(sum(o.total), 0) from orders o join order_status s on s.order_id = o.id
           where o.account = $1 and o.currency = $2 and s.state not in ('rejected', 'cancelled', 'draft')
               and o.placed_at >= ($3::date)::timestamp at time zone $5
               and o.placed_at < ($4::date + 1)::timestamp at time zone $5
               and ($6::bigint is null or o.person_id = $6) and o.id is distinct from $7""",
        account,
        currency,
        first,
        last,
        time_zone,
        person_id,
        but,
    )


async def categories(conn: Connection, skus: Iterable[str]) -> dict[str, str | None]:
    """By SKU."""
    rows = await conn.fetch("select sku, category from product where sku = any($1::text[])", list(skus))
    return {row["sku"]: row["category"] for row in rows}


async def ordered_before(
    conn: Connection, account: str, skus: Iterable[str], but: int | None = None
) -> set[str]:
    """Which of these products the account has ordered before; what was rejected or cancelled was never ordered."""
    rows = await conn.fetch(
        """select distinct l.sku from order_line l join order_status s on s.order_id = l.order_id
           where l.account = $1 and upper(l.sku) = any($2::text[]) and s.state not in ('rejected', 'cancelled', 'draft')
               and l.order_id is distinct from $3""",
        account,
        [sku.upper() for sku in skus],
        but,
    )
    return {row["sku"] for row in rows}


async def delegations(conn: Connection, path: Sequence[str], today: date) -> list[Delegation]:
    """Those in force that day for orders of the account with this path."""
    rows = await conn.fetch(
        """select id, account, from_person_id, to_person_id, from_on, to_on, cap, cap_currency from delegation
           where account = any($1::text[]) and ended_at is null and $2::date between from_on and to_on
               and exists (select 1 from person p where p.id = to_person_id and p.active)
           order by id""",
        list(path),
        today,
    )
    return [Delegation(*row.values()) for row in rows]


async def names(conn: Connection, people: Iterable[int]) -> dict[int, tuple[str, str]]:
    """(e-mail, name) by id."""
    rows = await conn.fetch("select id, email, name from person where id = any($1::bigint[])", list(people))
    return {row["id"]: (row["email"], row["name"]) for row in rows}
