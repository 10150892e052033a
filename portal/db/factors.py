"""With what people prove who they are, beside their company's provider: passwords, passkeys, authenticators, codes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.db.work import Connection, Pool
from portal.domain.proving import Held, Limit, Proof


@dataclass(frozen=True, slots=True)
class Passkey:
    id: bytes
    person_id: int
    name: str
    public_key: bytes
    sign_count: int
    transports: Sequence[str]
    is_synced: bool
    made_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Authenticator:
    """`secret` is sealed."""

    secret: bytes
    made_at: datetime
    last_step: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What somebody holds, and what they have proved in this session. `now` is the database's own time: real, whatever
    the portal's clock shows."""

    held: Held
    proof: Proof | None
    now: datetime


HELD = """
select p.password_hash is not null as has_password,
    (select count(*) from passkey k where k.person_id = p.id) as passkeys,
    exists (select from authenticator a where a.person_id = p.id and a.confirmed_at is not null) as has_authenticator,
    (select count(*) from recovery_code c where c.person_id = p.id and c.used_at is null) as codes,
    l.provider, l.proved_at, l.factors, clock_timestamp() as now
from person p left join login l on l.key = $2 and l.person_id = p.id and l.ended_at is null
where p.id = $1
"""


async def standing(conn: Connection | Pool, person_id: int, session: str = "") -> Standing | None:
    """None for nobody."""
    row = await conn.fetchrow(HELD, person_id, session)
    if row is None:
        return None
    held = Held(
        row["has_password"], row["passkeys"], row["has_authenticator"], row["codes"], provider=row["provider"]
    )
    proof = Proof(row["proved_at"], tuple(row["factors"])) if row["proved_at"] else None
    return Standing(held, proof, row["now"])


async def is_second_needed(conn: Connection, person_id: int, of_whom: str) -> bool:
    """Whether they have to hold a second factor: because the portal wants one (`of_whom`: off, supplier, everyone), or
    an account of theirs or one above it."""
    found: bool = await conn.fetchval(
        """select $2 = 'everyone'
               or $2 = 'supplier'
                   and exists (select from person where id = $1 and cardinality(supplier_roles) > 0)
               or exists (select from membership m join account a on a.number = m.account
                   join account up on up.number = any(a.path)
                   where m.person_id = $1 and up.needs_second_factor)""",
        person_id,
        of_whom,
    )
    return found


async def limits(conn: Connection, accounts: Sequence[str]) -> dict[str, list[Limit]]:
    """Above what decisions need a fresh proof, for each of these accounts: its own limit and those above it."""
    found: dict[str, list[Limit]] = {}
    for row in await conn.fetch(
        """select a.number, up.step_up_above, up.currency from account a
           join account up on up.number = any(a.path)
           where a.number = any($1::text[]) and up.step_up_above is not null""",
        list(accounts),
    ):
        found.setdefault(row["number"], []).append(Limit(row["step_up_above"], row["currency"]))
    return found


PASSKEYS = """select id, person_id, name, public_key, sign_count, transports, is_synced, made_at, used_at
from passkey"""


async def passkeys(conn: Connection, person_id: int) -> list[Passkey]:
    rows = await conn.fetch(f"{PASSKEYS} where person_id = $1 order by made_at, id", person_id)
    return [Passkey(*row.values()) for row in rows]


async def passkey(conn: Connection, key_id: bytes) -> Passkey | None:
    row = await conn.fetchrow(f"{PASSKEYS} where id = $1", key_id)
    return Passkey(*row.values()) if row else None


async def add_passkey(conn: Connection, key: Passkey) -> bool:
    """Whether it is new."""
    made = await conn.fetchval(
        """insert into passkey (id, person_id, name, public_key, sign_count, transports, is_synced, made_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (id) do nothing returning 1""",
        key.id,
        key.person_id,
        key.name,
        key.public_key,
        key.sign_count,
        list(key.transports),
        key.is_synced,
        key.made_at,
    )
    return made is not None


async def use_passkey(
    conn: Connection, key_id: bytes, before: int, sign_count: int, at: datetime, *, is_synced: bool
) -> bool:
    """Whether it is still there, and has not counted on meanwhile: a copy of it counts for itself."""
    done = await conn.fetchval(
        """update passkey set sign_count = $3, used_at = $4, is_synced = $5
           where id = $1 and sign_count = $2 returning 1""",
        key_id,
        before,
        sign_count,
        at,
        is_synced,
    )
    return done is not None


async def remove_passkey(conn: Connection, person_id: int, key_id: bytes) -> str | None:
    """Its name; None when it is not theirs."""
    name: str | None = await conn.fetchval(
        "delete from passkey where id = $1 and person_id = $2 returning name", key_id, person_id
    )
    return name


async def authenticator(conn: Connection, person_id: int) -> Authenticator | None:
    row = await conn.fetchrow(
        """select secret, made_at, last_step from authenticator
           where person_id = $1 and confirmed_at is not null""",
        person_id,
    )
    return Authenticator(*row.values()) if row else None


async def put_authenticator(conn: Connection, person_id: int, secret: bytes, step: int, at: datetime) -> None:
    """In place of another one. The code that confirmed it is used up."""
    await conn.execute(
        """insert into authenticator (person_id, secret, made_at, confirmed_at, last_step)
           values ($1, $2, $3, $3, $4)
           on conflict (person_id) do update set (secret, made_at, confirmed_at, last_step)
               = (excluded.secret, excluded.made_at, excluded.confirmed_at, excluded.last_step)""",
        person_id,
        secret,
        at,
        step,
    )


async def use_step(conn: Connection, person_id: int, step: int) -> bool:
    """Whether no code of this step or a later one was used before."""
    done = await conn.fetchval(
        "update authenticator set last_step = $2 where person_id = $1 and last_step < $2 returning 1",
        person_id,
        step,
    )
    return done is not None


async def remove_authenticator(conn: Connection, person_id: int) -> bool:
    done = await conn.fetchval("delete from authenticator where person_id = $1 returning 1", person_id)
    return done is not None


async def put_codes(conn: Connection, person_id: int, digests: Sequence[bytes]) -> None:
    """In place of all earlier ones."""
    await conn.execute("delete from recovery_code where person_id = $1", person_id)
    await conn.execute(
        "insert into recovery_code (person_id, sha256) select $1, unnest($2::bytea[])",
        person_id,
        list(digests),
    )


async def use_code(conn: Connection, person_id: int, digest: bytes, at: datetime) -> int | None:
    """How many are left; None when it is none of theirs, or was used before."""
    done = await conn.fetchval(
        """update recovery_code set used_at = $3 where person_id = $1 and sha256 = $2 and used_at is null
           returning 1""",
        person_id,
        digest,
        at,
    )
    if done is None:
        return None
    left: int = await conn.fetchval(
        "select count(*) from recovery_code where person_id = $1 and used_at is null", person_id
    )
    return left


async def remove_codes(conn: Connection, person_id: int) -> None:
    await conn.execute("delete from recovery_code where person_id = $1", person_id)


async def lock(conn: Connection, person_id: int) -> None:
    """Changes of one person's factors come after each other: two that each leave the last one would leave none."""
    await conn.execute("select from person where id = $1 for no key update", person_id)


async def kinds(conn: Connection, person_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Of each of these people who has a second factor, which kinds they hold."""
    found: dict[int, tuple[str, ...]] = {}
    for row in await conn.fetch(
        """select person_id, array_agg(distinct kind order by kind) as kinds from (
               select person_id, 'passkey' as kind from passkey where person_id = any($1::bigint[])
               union all
               select person_id, 'totp' from authenticator
               where person_id = any($1::bigint[]) and confirmed_at is not null) held
           group by person_id""",
        list(person_ids),
    ):
        found[row["person_id"]] = tuple(row["kinds"])
    return found


async def about(conn: Connection, person_id: int) -> list[str]:
    """What anybody knows of them: their address and name, and what their companies are called."""
    rows = await conn.fetch(
        """select email as said from person where id = $1
           union all select name from person where id = $1
           union all select up.name from membership m join account a on a.number = m.account
               join account up on up.number = any(a.path) where m.person_id = $1
           union all select up.number from membership m join account a on a.number = m.account
               join account up on up.number = any(a.path) where m.person_id = $1""",
        person_id,
    )
    return [row["said"] for row in rows]
