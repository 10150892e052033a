"""What a restored database is told before anybody works with it again: numbers that belong to the cluster before."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.db.work import Connection


async def server(conn: Connection) -> int:
    """PostgreSQL's version, as in 18."""
    return int(await conn.fetchval("select current_setting('server_version_num')::int / 10000"))


async def is_empty(conn: Connection) -> bool:
    return not await conn.fetchval(
        """select exists (
            select from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'S'))"""
    )


# Whom rights were given to and whom policies are for: roles are the cluster's, so that no dump of a database has them.
ROLES = """
with named as (
    select (aclexplode(relacl)).grantee as role from pg_class where relnamespace = 'public'::regnamespace
    union select (aclexplode(attacl)).grantee from pg_attribute a
        join pg_class c on c.oid = a.attrelid and c.relnamespace = 'public'::regnamespace
    union select (aclexplode(proacl)).grantee from pg_proc where pronamespace = 'public'::regnamespace
    union select (aclexplode(nspacl)).grantee from pg_namespace where nspname = 'public'
    union select unnest(polroles) from pg_policy
)
select r.rolname from named n join pg_roles r on r.oid = n.role
where r.rolname !~ '^pg_' and r.oid <> (select datdba from pg_database where datname = current_database())
    and r.rolname <> current_user
order by 1
"""


async def roles(conn: Connection) -> list[str]:
    """Other roles that the database names, by which it is known whom the next cluster has to have."""
    return [row["rolname"] for row in await conn.fetch(ROLES)]


async def missing_roles(conn: Connection, wanted: Sequence[str]) -> list[str]:
    rows = await conn.fetch(
        """select w.role from unnest($1::text[]) w(role)
           where not exists (select from pg_roles where rolname = w.role) order by 1""",
        list(wanted),
    )
    return [row["role"] for row in rows]


async def make_role(conn: Connection, role: str) -> None:
    """One that nobody signs in as; whoever restores may take it on, as whoever migrated could."""
    quoted = '"' + role.replace('"', '""') + '"'
    await conn.execute(f"create role {quoted} nologin")
    await conn.execute(f"grant {quoted} to current_user")


# Only where it has to: in a cluster whose own numbers are higher already, everything stays as it is.
GO_ON = """
with latest as (select coalesce((select txid::text::bigint from event order by txid desc limit 1), 0) as txid)
update feed_base set number = latest.txid + 1 from latest
where feed_base.id = 1 and latest.txid >= pg_current_xact_id()::text::bigint + feed_base.number
returning feed_base.number
"""


async def go_on_with_the_feed(conn: Connection) -> bool:
    """Transactions are numbered on from the last event's; without it the feed would tell nothing for years."""
    return await conn.fetchval(GO_ON) is not None


# More than anybody's sessions were ended in a row between the backup and the loss.
EPOCHS = 1_000


async def sign_everybody_out(conn: Connection) -> None:
    """Who was signed in when the backup was made may have signed out or been shut out since, and Valkey still knows
    sessions that began after it. Keys in mails may have been used."""
    await conn.execute("update person set session_epoch = session_epoch + $1", EPOCHS)
    await conn.execute(
        """update login set ended_at = greatest(seen_at, now()), ended_why = 'revoked', provider_token = null
           where ended_at is null"""
    )
    await conn.execute("delete from entry_link where used_at is null")


@dataclass(frozen=True, slots=True)
class Skipped:
    """How many numbers were left out, and in how many places."""

    ids: int
    numbers: int


# Numbers by which others know something: what was given out between the backup and the loss means something else there.
IDS = """
select count(setval(s.oid::regclass, greatest(coalesce(pg_sequence_last_value(s.oid), 0), 1) + $1))
from pg_class s join pg_sequence q on q.seqrelid = s.oid and q.seqtypid = 'bigint'::regtype
where s.relkind = 'S' and s.relnamespace = 'public'::regnamespace
    and exists (select from pg_depend d where d.objid = s.oid and d.classid = 'pg_class'::regclass
        and d.deptype in ('i', 'a')) = $2
"""


async def skip(conn: Connection, ids: int, numbers: int) -> Skipped:
    """No id of an event, mail or delivery is given twice, and with `numbers` none of an order, shipment or return."""
    skipped = await conn.fetchval(IDS, ids, True) if ids else 0
    return Skipped(skipped, await conn.fetchval(IDS, numbers, False) if numbers else 0)
