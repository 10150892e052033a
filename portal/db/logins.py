"""Sign-ins as they are remembered: each with its device, until it ends.

Valkey says who is signed in; a row here says that this has ended, whatever stands there. A session without a row is
one that began before they were kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from portal.db.work import Connection, Pool

# Why a session ended.
Why = Literal["signed_out", "revoked", "provider", "expired", "disabled", "renewed"]
# A use is noted when the last one that was is older than this.
NOTED: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Device:
    """From where somebody signs in: the address of the network, and what the browser says of itself."""

    address: str
    agent: str


@dataclass(frozen=True, slots=True)
class Via:
    """Signed in by a company: whose provider that was (the account), what that calls the person and its session, and,
    sealed, what ends it there."""

    provider: str
    subject: str
    session: str | None = None
    token: bytes | None = None


@dataclass(frozen=True, slots=True)
class Login:
    """One sign-in as the person is shown it."""

    id: int
    key: str
    person_id: int
    began_at: datetime
    seen_at: datetime
    proved_at: datetime
    factors: Sequence[str]
    address: str
    agent: str
    provider: str | None
    ended_at: datetime | None
    ended_why: str | None
    # What the company is called whose provider it was.
    company: str | None


async def insert(
    conn: Connection,
    *,
    key: str,
    person_id: int,
    at: datetime,
    factors: Sequence[str],
    device: Device,
    via: Via | None = None,
    age: timedelta = timedelta(0),
) -> None:
    """`age`: so long ago they proved it, by real time."""
    await conn.execute(
        """insert into login (key, person_id, began_at, seen_at, proved_at, factors, address, agent, provider,
               provider_subject, provider_session, provider_token)
           values ($1, $2, $3, $3, clock_timestamp() - $11::interval, $4, $5, $6, $7, $8, $9, $10)
           on conflict (key) do nothing""",
        key,
        person_id,
        at,
        list(factors),
        device.address,
        device.agent,
        via.provider if via else None,
        via.subject if via else None,
        via.session if via else None,
        via.token if via else None,
        age,
    )


# Whoever ends all of a person's sessions raises the epoch and ends the rows in one commit: what lasts has the epoch.
REMEMBERED = """
select l.person_id, p.session_epoch, extract(epoch from $2 - l.began_at)::float8 as age
from login l join person p on p.id = l.person_id
where l.key = $1 and l.ended_at is null and l.seen_at > $3 and l.began_at > $4
"""


async def remembered(
    conn: Connection | Pool, key: str, now: datetime, *, idle: timedelta, longest: timedelta
) -> tuple[int, int, float] | None:
    """(person, epoch, seconds since it began) of a session that lasts, for when Valkey cannot say."""
    row = await conn.fetchrow(REMEMBERED, key, now, now - idle, now - longest)
    return tuple(row) if row else None


async def seen(conn: Connection, login_id: int, at: datetime) -> None:
    """Used, as far as that was not noted a moment ago."""
    await conn.execute(
        "update login set seen_at = $2 where id = $1 and abs(extract(epoch from $2 - seen_at)) > $3",
        login_id,
        at,
        NOTED.total_seconds(),
    )


async def proved(conn: Connection, key: str, factors: Sequence[str]) -> None:
    """They have shown once more who they are, with these factors. By real time: what the portal's clock shows may be
    moved in the demo, and a proof does not age with it."""
    await conn.execute(
        "update login set proved_at = clock_timestamp(), factors = $2 where key = $1", key, list(factors)
    )


async def move(conn: Connection, key: str, to: str) -> None:
    """The session goes on under another id; open streams of the former one are cut, and come back under the new."""
    await conn.execute("update login set key = $2 where key = $1", key, to)
    # The former one has ended, whoever still comes with it: it is not taken for one from before rows were kept.
    await conn.execute(
        """insert into login (key, person_id, began_at, seen_at, proved_at, factors, address, agent, ended_at,
               ended_why)
           select $1, person_id, began_at, seen_at, proved_at, factors, address, agent, seen_at, 'renewed'
           from login where key = $2 on conflict (key) do nothing""",
        key,
        to,
    )
    await conn.execute("select pg_notify('portal_session', $1)", key)


COLUMNS = """select id, key, person_id, began_at, seen_at, proved_at, factors, address, agent, provider, ended_at,
    ended_why, (select a.name from account a where a.number = login.provider) as company from login"""


async def lasting(conn: Connection, person_id: int) -> list[Login]:
    """Those that have not ended, the latest used first."""
    rows = await conn.fetch(
        f"{COLUMNS} where person_id = $1 and ended_at is null order by seen_at desc, id desc limit 200",
        person_id,
    )
    return [Login(*row.values()) for row in rows]


async def ended(conn: Connection, person_id: int, limit: int) -> list[Login]:
    """Those that have, the last first."""
    rows = await conn.fetch(
        f"""{COLUMNS} where person_id = $1 and ended_at is not null and ended_why <> 'renewed'
            order by ended_at desc, id desc limit $2""",
        person_id,
        limit,
    )
    return [Login(*row.values()) for row in rows]


async def holds(conn: Connection, person_id: int, epoch: int) -> bool:
    """Whether sessions of this epoch of theirs still may begin. The person is locked: who ends them all waits."""
    found = await conn.fetchval(
        "select 1 from person where id = $1 and active and session_epoch = $2 for share", person_id, epoch
    )
    return found is not None


async def is_familiar(conn: Connection, person_id: int, device: Device) -> bool:
    """Whether they have signed in from there before with such a browser, or never at all."""
    found: bool = await conn.fetchval(
        """select not exists (select from login where person_id = $1)
               or exists (select from login where person_id = $1 and address = $2 and agent = $3)""",
        person_id,
        device.address,
        device.agent,
    )
    return found


END = """
with ended as (
    update login set ended_at = $1, ended_why = $2, provider_token = null
    where ended_at is null and {which}
    returning key
)
select key, pg_notify('portal_session', key) from ended
"""


async def end(conn: Connection, key: str, at: datetime, why: Why) -> bool:
    """Whether this ended it. Open streams of the session are cut when this commits."""
    return bool(await conn.fetch(END.format(which="key = $3"), at, why, key))


async def end_one(conn: Connection, login_id: int, person_id: int, at: datetime, why: Why) -> list[str]:
    """The key of what was ended, if it was this person's."""
    rows = await conn.fetch(END.format(which="id = $3 and person_id = $4"), at, why, login_id, person_id)
    return [row["key"] for row in rows]


async def end_all(
    conn: Connection, person_id: int, at: datetime, why: Why, but: str | None = None
) -> list[str]:
    """The keys of a person's sessions that were ended: all, but for the one named."""
    which = "person_id = $3 and key is distinct from $4"
    rows = await conn.fetch(END.format(which=which), at, why, person_id, but)
    return [row["key"] for row in rows]


async def end_other_ways(conn: Connection, person_id: int, provider: str, at: datetime) -> list[str]:
    """A person's sessions that this company's provider has not begun."""
    which = "person_id = $3 and provider is distinct from $4"
    rows = await conn.fetch(END.format(which=which), at, "revoked", person_id, provider)
    return [row["key"] for row in rows]


async def end_of_provider(
    conn: Connection, provider: str, subject: str | None, session: str | None, at: datetime
) -> list[str]:
    """Those that a company's provider began: of this person of theirs, or of this session of theirs."""
    which = """provider = $3 and ($4::text is null or provider_subject = $4)
        and ($5::text is null or provider_session = $5) and coalesce($4, $5) is not null"""
    rows = await conn.fetch(END.format(which=which), at, "provider", provider, subject, session)
    return [row["key"] for row in rows]


async def idle(conn: Connection, before: datetime, limit: int) -> list[str]:
    """Keys of those that were not used since."""
    rows = await conn.fetch(
        "select key from login where ended_at is null and seen_at < $1 order by id limit $2", before, limit
    )
    return [row["key"] for row in rows]


async def expire(conn: Connection, keys: Sequence[str], at: datetime) -> None:
    """Nobody has ended them: they were left alone for too long."""
    await conn.execute(
        """update login set ended_at = $2, ended_why = 'expired', provider_token = null
           where key = any($1::text[]) and ended_at is null""",
        list(keys),
        at,
    )


async def forget(conn: Connection, before: datetime) -> None:
    await conn.execute("delete from login where ended_at < $1", before)
