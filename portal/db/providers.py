"""Companies' own identity providers: how each is arranged, whom it speaks for, and who came in by it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from portal.db.work import Connection, Pool
from portal.domain.company_sign_in import Terms


@dataclass(frozen=True, slots=True)
class Provider:
    """As it is arranged. The secret is not part of it: see `secret`."""

    account: str
    account_name: str
    issuer: str
    client_id: str
    has_secret: bool
    scopes: Sequence[str]
    domains: Sequence[str]
    confirmed_domains: Sequence[str]
    role_claim: str | None
    role_map: Mapping[str, Any]
    default_roles: Sequence[str]
    makes_people: bool
    is_only_way: bool
    open_until: datetime | None
    active: bool
    last_success_at: datetime | None
    problem: str | None
    problem_at: datetime | None

    @property
    def trusted(self) -> tuple[str, ...]:
        """The domains for whose people it speaks."""
        return tuple(domain for domain in self.domains if domain in self.confirmed_domains)

    @property
    def unconfirmed(self) -> tuple[str, ...]:
        return tuple(domain for domain in self.domains if domain not in self.confirmed_domains)

    @property
    def terms(self) -> Terms:
        return Terms(
            self.account, self.trusted, self.role_claim, self.role_map, self.default_roles, self.makes_people
        )


PROVIDER = """
select i.account, a.name as account_name, i.issuer, i.client_id, i.has_secret, i.scopes, i.domains,
    i.confirmed_domains, i.role_claim, i.role_map, i.default_roles, i.makes_people, i.is_only_way, i.open_until,
    i.active, i.last_success_at, i.problem, i.problem_at
from identity_provider i join account a on a.number = i.account
"""


async def of_account(conn: Connection | Pool, account: str) -> Provider | None:
    row = await conn.fetchrow(f"{PROVIDER} where i.account = $1", account)
    return Provider(*row.values()) if row else None


async def lock(conn: Connection, account: str) -> Provider | None:
    """Held until the transaction ends."""
    row = await conn.fetchrow(f"{PROVIDER} where i.account = $1 for update of i", account)
    return Provider(*row.values()) if row else None


async def of_domain(conn: Connection | Pool, domain: str) -> Provider | None:
    """Where people of this mail domain sign in."""
    row = await conn.fetchrow(
        f"""{PROVIDER} where i.active and i.domains @> array[$1::text] and $1 = any(i.confirmed_domains)
            order by i.account limit 1""",
        domain,
    )
    return Provider(*row.values()) if row else None


async def secret(conn: Connection | Pool, account: str) -> bytes | None:
    """Sealed."""
    found: bytes | None = await conn.fetchval(
        "select client_secret from identity_provider where account = $1", account
    )
    return found


async def claimed(conn: Connection, account: str, domains: Sequence[str]) -> list[str]:
    """Of these mail domains those that somebody else has: another provider, or people of another company or of the
    supplier's. Accounts under one head are one company."""
    rows = await conn.fetch(
        """select d.domain from unnest($2::text[]) d(domain)
           where exists (select 1 from identity_provider i where i.account <> $1 and i.domains @> array[d.domain])
              or exists (select 1 from person p
                  where p.active and split_part(lower(p.email), '@', 2) = d.domain and (
                      cardinality(p.supplier_roles) > 0 or exists (
                          select 1 from membership m join account a on a.number = m.account
                          join account own on own.number = $1
                          where m.person_id = p.id and a.path[1] <> own.path[1])))
           order by 1""",
        account,
        list(domains),
    )
    return [row["domain"] for row in rows]


async def is_anothers(conn: Connection, email: str, account: str) -> bool:
    """Whether people with such an address come in by the provider of another company than the account's."""
    found: bool = await conn.fetchval(
        """select exists (select 1 from identity_provider i join account a on a.number = i.account
               join account own on own.number = $2
               where i.active and i.domains @> array[split_part(lower($1), '@', 2)]
                   and split_part(lower($1), '@', 2) = any(i.confirmed_domains) and a.path[1] <> own.path[1])""",
        email,
        account,
    )
    return found


# Whom provider `i` speaks for: person `p` belongs to its account and those below, and to nobody else.
SPOKEN_FOR = """
cardinality(p.supplier_roles) = 0
    and exists (select 1 from membership m where m.person_id = p.id)
    and not exists (select 1 from membership m join account a on a.number = m.account
                    where m.person_id = p.id and not a.path @> array[i.account])
"""
ONLY_WAY = f"""
select i.account, a.name from person p
join identity_provider i on i.active and i.is_only_way and (i.open_until is null or i.open_until <= $2)
join account a on a.number = i.account
where p.id = $1 and {SPOKEN_FOR}
order by cardinality(a.path) desc limit 1
"""


@dataclass(frozen=True, slots=True)
class Way:
    """The account whose provider it is, and what that is called."""

    account: str
    name: str


async def only_way(conn: Connection | Pool, person_id: int, now: datetime) -> Way | None:
    """The company by which alone they may sign in; None when passwords and passkeys are good."""
    row = await conn.fetchrow(ONLY_WAY, person_id, now)
    return Way(*row.values()) if row else None


async def way_of(conn: Connection | Pool, person_id: int) -> Way | None:
    """The company by which they have signed in before: what they can show again who they are with."""
    row = await conn.fetchrow(
        f"""select i.account, a.name from person p
            join external_identity e on e.person_id = p.id
            join identity_provider i on i.account = e.provider and i.active
            join account a on a.number = i.account
            where p.id = $1 and {SPOKEN_FOR} order by e.seen_at desc limit 1""",
        person_id,
    )
    return Way(*row.values()) if row else None


async def linked(conn: Connection | Pool, account: str, subject: str) -> int | None:
    """Whom the provider calls so, as long as it may speak for them."""
    found: int | None = await conn.fetchval(
        f"""select p.id from external_identity e join person p on p.id = e.person_id
            join identity_provider i on i.account = e.provider
            where e.provider = $1 and e.subject = $2 and {SPOKEN_FOR}""",
        account,
        subject,
    )
    return found


@dataclass(frozen=True, slots=True)
class Stranded:
    """Somebody of the company whom its provider cannot let in."""

    name: str
    email: str


async def stranded(conn: Connection, provider: Provider) -> list[Stranded]:
    """Whom nothing would let in if the provider were the only way: their addresses are of other domains."""
    rows = await conn.fetch(
        f"""select p.name, p.email from person p join identity_provider i on i.account = $1
            where p.active and not (split_part(lower(p.email), '@', 2) = any($2::text[])) and {SPOKEN_FOR}
            order by p.name, p.id limit 50""",
        provider.account,
        list(provider.trusted),
    )
    return [Stranded(*row.values()) for row in rows]


async def count_of_people(conn: Connection, account: str) -> int:
    """How many have come in by it."""
    found: int = await conn.fetchval("select count(*) from external_identity where provider = $1", account)
    return found


WRITE = """
insert into identity_provider (account, issuer, client_id, client_secret, scopes, domains, confirmed_domains,
    role_claim, role_map, default_roles, makes_people)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
on conflict (account) do update set (issuer, client_id, client_secret, scopes, domains, confirmed_domains, role_claim,
    role_map, default_roles, makes_people)
= (excluded.issuer, excluded.client_id,
    case when $12 then excluded.client_secret else identity_provider.client_secret end, excluded.scopes,
    excluded.domains, excluded.confirmed_domains, excluded.role_claim, excluded.role_map, excluded.default_roles,
    excluded.makes_people)
"""


async def start_anew(conn: Connection, account: str) -> None:
    """It is another provider from now on: what the former one called people means nothing, and nobody has got through
    to this one yet."""
    await conn.execute("delete from external_identity where provider = $1", account)
    await conn.execute(
        """update identity_provider set active = false, is_only_way = false, open_until = null,
               last_success_at = null, problem = null, problem_at = null where account = $1""",
        account,
    )


async def succeeded(conn: Connection, account: str, now: datetime) -> None:
    await conn.execute(
        """update identity_provider set last_success_at = $2, problem = null, problem_at = null
           where account = $1""",
        account,
        now,
    )


async def failed(conn: Connection, account: str, now: datetime, problem: str) -> None:
    """What stands in the way of everybody, and since when it does."""
    await conn.execute(
        """update identity_provider set problem = $3,
               problem_at = case when problem is null then $2 else problem_at end where account = $1""",
        account,
        now,
        problem[:500],
    )


@dataclass(frozen=True, slots=True)
class Leaving:
    """The sign-in of a session that a company's provider began: what it takes to end it there, too."""

    account: str
    token: bytes | None


async def leaving(conn: Connection | Pool, session: str) -> Leaving | None:
    row = await conn.fetchrow(
        """select l.provider, l.provider_token from login l join identity_provider i on i.account = l.provider
           where l.key = $1 and l.ended_at is null and i.active""",
        session,
    )
    return Leaving(*row.values()) if row else None


@dataclass(frozen=True, slots=True)
class Rules:
    """What an account asks of its people, whatever way they come in. Amounts are in the account's currency."""

    needs_second_factor: bool
    step_up_above: Decimal | None
    currency: str


async def rules(conn: Connection, account: str, *, lock: bool = False) -> Rules | None:
    row = await conn.fetchrow(
        f"""select needs_second_factor, step_up_above, currency from account where number = $1
            {"for no key update" if lock else ""}""",
        account,
    )
    return Rules(*row.values()) if row else None


async def failing(conn: Connection | Pool) -> list[tuple[str, str, datetime | None]]:
    """(account, problem, since) of those that let nobody in."""
    rows = await conn.fetch(
        """select account, problem, problem_at from identity_provider where active and problem is not null
           order by problem_at, account"""
    )
    return [tuple(row.values()) for row in rows]
