"""The people of accounts, and the supplier's own, as those see them who say what each may do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from asyncpg import Record

from portal.db.entries import STANDING
from portal.db.work import Connection
from portal.domain.mails import INVITED


@dataclass(frozen=True, slots=True)
class Amount:
    """Up to how much somebody may decide; `period` is None for a single order."""

    amount: Decimal
    currency: str
    period: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """What somebody is in one account, and so in those below it."""

    account: str
    account_name: str
    roles: Sequence[str]
    per_order: Amount | None
    per_period: Amount | None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with their places in the accounts that were asked for. `is_elsewhere`: they have others beside them.

    `factors` are what they have beside a password: passkey, totp, provider.
    """

    id: int
    email: str
    name: str
    active: bool
    is_unreachable: bool
    supplier_roles: Sequence[str]
    seen_at: datetime | None
    factors: Sequence[str]
    is_elsewhere: bool
    places: Sequence[Place]


PERSON = """
select p.id, p.email, p.name, p.active, p.mail_problem is not null as is_unreachable, p.supplier_roles,
    (select max(l.seen_at) from login l where l.person_id = p.id) as seen_at,
    array_remove(array[
        case when exists (select from passkey k where k.person_id = p.id) then 'passkey' end,
        case when exists (select from authenticator t where t.person_id = p.id and t.confirmed_at is not null)
            then 'totp' end,
        case when exists (select from external_identity x where x.person_id = p.id) then 'provider' end
    ], null) as factors,
    exists (select from membership m where m.person_id = p.id and m.account <> all($1::text[])) as is_elsewhere,
    coalesce((
        select jsonb_agg(jsonb_build_object('account', m.account, 'account_name', a.name, 'roles', m.roles,
            'per_order', m.limit_per_order::text, 'per_order_currency', m.limit_per_order_currency,
            'per_period', m.limit_per_period::text, 'per_period_currency', m.limit_per_period_currency,
            'period', m.limit_period) order by cardinality(a.path), a.name, a.number)
        from membership m join account a on a.number = m.account
        where m.person_id = p.id and m.account = any($1)), '[]') as places
from person p
"""
OF_ACCOUNTS = """
where exists (select from membership m where m.person_id = p.id and m.account = any($1))
    and ($2 = '' or strpos(lower(p.name), lower($2)) > 0 or strpos(lower(p.email), lower($2)) > 0)
    and ($3::bigint is null or (lower(p.name), p.id) > (select lower(x.name), x.id from person x where x.id = $3))
order by lower(p.name), p.id limit $4
"""
OF_SUPPLIER = OF_ACCOUNTS.replace(
    "exists (select from membership m where m.person_id = p.id and m.account = any($1))",
    "cardinality(p.supplier_roles) > 0",
)


async def listed(
    conn: Connection, accounts: Sequence[str], q: str, after: int | None, limit: int
) -> list[Person]:
    """The people of these accounts by name, those after the one named; `q` is part of a name or an address."""
    rows = await conn.fetch(PERSON + OF_ACCOUNTS, list(accounts), q, after, limit)
    return [_person(row) for row in rows]


async def staff(conn: Connection, q: str, after: int | None, limit: int) -> list[Person]:
    """The supplier's own people, likewise."""
    return [_person(row) for row in await conn.fetch(PERSON + OF_SUPPLIER, [], q, after, limit)]


async def one(conn: Connection, accounts: Sequence[str], person_id: int) -> Person | None:
    """Somebody of these accounts."""
    row = await conn.fetchrow(
        f"""{PERSON} where p.id = $2
            and exists (select from membership m where m.person_id = p.id and m.account = any($1))""",
        list(accounts),
        person_id,
    )
    return _person(row) if row else None


async def one_of_staff(conn: Connection, person_id: int) -> Person | None:
    row = await conn.fetchrow(
        f"{PERSON} where p.id = $2 and cardinality(p.supplier_roles) > 0", [], person_id
    )
    return _person(row) if row else None


def _person(row: Record) -> Person:
    return Person(**{**dict(row), "places": [_place(place) for place in row["places"]]})


def _place(told: Mapping[str, Any]) -> Place:
    return Place(
        told["account"],
        told["account_name"],
        told["roles"],
        _amount(told["per_order"], told["per_order_currency"], None),
        _amount(told["per_period"], told["per_period_currency"], told["period"]),
    )


def _amount(amount: str | None, currency: str | None, period: str | None) -> Amount | None:
    return Amount(Decimal(amount), currency, period) if amount is not None and currency else None


@dataclass(frozen=True, slots=True)
class Waiting:
    """An invitation that nobody has followed: until when its key opens, or that its mail is only just being written."""

    until: datetime | None
    is_being_mailed: bool


async def not_come_yet(conn: Connection, people: Sequence[int]) -> dict[int, Waiting]:
    """Of these whoever has no way of signing in yet.

    With the portal's own rights: whether somebody has a password is told to no buyer's connection.
    """
    rows = await conn.fetch(
        f"""select s.id, (select max(l.expires_at) from entry_link l where l.person_id = s.id
                and l.kind = 'invitation' and l.used_at is null) as until,
                exists (select from mail l where l.person_id = s.id and l.kind = $2
                    and l.state in ('waiting', 'sending')) as is_being_mailed
            from ({STANDING} where p.id = any($1::bigint[])) s where not s.can_enter""",
        list(people),
        INVITED,
    )
    return {row["id"]: Waiting(row["until"], row["is_being_mailed"]) for row in rows}


@dataclass(frozen=True, slots=True)
class Known:
    """A buyer's person: whether they may sign in, and what they are in which account."""

    email: str
    active: bool
    places: dict[str, Sequence[str]]


async def known(conn: Connection, person_id: int, *, locks: bool = False) -> Known | None:
    """`locks`: until the commit."""
    row = await conn.fetchrow(
        f"""select email, active from person where id = $1 and supplier_roles = '{{}}'
            {"for no key update" if locks else ""}""",
        person_id,
    )
    if row is None:
        return None
    places = await conn.fetch(
        "select account, roles from membership where person_id = $1 order by account", person_id
    )
    return Known(row["email"], row["active"], {place["account"]: place["roles"] for place in places})


async def member(
    conn: Connection, account: str, person_id: int
) -> tuple[str, str, str, Sequence[str]] | None:
    """(address, name, language, roles) of one of the account's own people, who is locked until the commit."""
    row = await conn.fetchrow(
        """select p.email, p.name, p.locale, m.roles from person p join membership m on m.person_id = p.id
           where m.account = $1 and p.id = $2 for no key update""",
        account,
        person_id,
    )
    return tuple(row) if row else None


async def is_member(conn: Connection, account: str, email: str) -> bool:
    return await member_of(conn, account, email) is not None


async def member_of(conn: Connection, account: str, email: str) -> int | None:
    found: int | None = await conn.fetchval(
        """select p.id from membership m join person p on p.id = m.person_id
           where m.account = $1 and lower(p.email) = lower($2)""",
        account,
        email,
    )
    return found


async def lock(conn: Connection, accounts: Sequence[str]) -> list[str]:
    """These accounts and all above them, from the top, until the commit."""
    rows = await conn.fetch(
        """select number from account
           where number in (select unnest(a.path) from account a where a.number = any($1::text[]))
           order by cardinality(path), number for no key update""",
        list(accounts),
    )
    return [row["number"] for row in rows]


async def lock_staff(conn: Connection, person_id: int) -> tuple[str, Sequence[str]] | None:
    """(address, roles) of one of the supplier's people; none of them changes until the commit, so that two admins do
    not remove each other at the same time."""
    rows = await conn.fetch(
        """select id, email, supplier_roles from person where id = $1 or 'admin' = any(supplier_roles)
           order by id for no key update""",
        person_id,
    )
    found = next((row for row in rows if row["id"] == person_id), None)
    return (found["email"], found["supplier_roles"]) if found and found["supplier_roles"] else None


async def admins_of_staff(conn: Connection, but: int) -> int:
    """How many others of the supplier's are admins, and may sign in."""
    found: int = await conn.fetchval(
        "select count(*) from person where active and id <> $1 and 'admin' = any(supplier_roles)", but
    )
    return found


async def administrators(conn: Connection, account: str, but: int) -> int:
    """How many others administer the account, from there or from above, and may sign in."""
    found: int = await conn.fetchval(
        """select count(distinct p.id) from account a join membership m on m.account = any(a.path)
               join person p on p.id = m.person_id
           where a.number = $1 and p.active and p.id <> $2 and 'account_admin' = any(m.roles)""",
        account,
        but,
    )
    return found
