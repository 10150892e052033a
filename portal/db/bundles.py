"""Many PDFs of invoices in one file: asked for by a person, packed by a worker, gone after a day."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from portal.db.work import Connection
from portal.domain.access import Viewer

# Octets of the file that are in memory at a time.
CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Bundle:
    """`ready` of its `total` documents are made."""

    id: str
    total: int
    ready: int
    state: Literal["waiting", "ready", "failed"]
    problem: str
    size: int
    asked_at: datetime


async def insert(
    conn: Connection, bundle_id: str, person_id: int, numbers: Sequence[str], now: datetime
) -> None:
    await conn.execute(
        "insert into bundle (id, person_id, numbers, asked_at) values ($1, $2, $3, $4)",
        bundle_id,
        person_id,
        list(numbers),
        now,
    )


async def seen(conn: Connection, viewer: Viewer, numbers: Sequence[str]) -> set[str]:
    """Those of the numbers that are invoices or credit notes which the viewer may see."""
    rows = await conn.fetch(
        "select number from invoice where number = any($1) and ($2::text[] is null or account = any($2))",
        list(numbers),
        viewer.accounts,
    )
    return {row["number"] for row in rows}


async def lock_waiting(conn: Connection, person_id: int) -> int:
    """How many of a person's bundles are not packed yet; two requests at once count one after the other."""
    await conn.execute("select from person where id = $1 for no key update", person_id)
    count: int = await conn.fetchval(
        "select count(*) from bundle where person_id = $1 and state = 'waiting'", person_id
    )
    return count


FIND = """
select b.id, cardinality(b.numbers) as total, (
    select count(*) from invoice i join invoice_document d on d.invoice_id = i.id
    where i.number = any(b.numbers) and d.state <> 'waiting') as ready,
    b.state, coalesce(b.problem, '') as problem, coalesce(octet_length(b.zip), 0) as size, b.asked_at
from bundle b
where ($1::text is null or b.id = $1) and b.person_id = $2 and ($3::text[] is null or not exists (
    select from unnest(b.numbers) packed(number) where not exists (
        select from invoice i where i.number = packed.number and i.account = any($3))))
"""


async def find(conn: Connection, viewer: Viewer, bundle_id: str) -> Bundle | None:
    """A bundle of the viewer's own, as long as they may see all that is in it."""
    row = await conn.fetchrow(FIND, bundle_id, viewer.person_id, viewer.accounts)
    return Bundle(*row.values()) if row else None


async def mine(conn: Connection, viewer: Viewer, limit: int) -> list[Bundle]:
    """The viewer's own that are kept still, the newest first."""
    rows = await conn.fetch(
        f"{FIND} order by b.asked_at desc, b.id limit $4", None, viewer.person_id, viewer.accounts, limit
    )
    return [Bundle(*row.values()) for row in rows]


async def content(
    reading: Callable[[], AbstractAsyncContextManager[Connection]], bundle: Bundle
) -> AsyncIterator[bytes]:
    """The file in pieces; no connection is held while somebody with a slow line takes one."""
    for start in range(1, bundle.size + 1, CHUNK):
        async with reading() as conn:
            piece = await conn.fetchval(
                "select substring(zip from $2 for $3) from bundle where id = $1", bundle.id, start, CHUNK
            )
        if piece is None:
            return
        yield piece


@dataclass(frozen=True, slots=True)
class Claimed:
    id: str
    numbers: Sequence[str]
    # This one included.
    attempts: int


# Not before all documents are made, or given up.
CLAIM = """
with next as (
    select b.id from bundle b
    where b.state = 'waiting' and (b.claimed_until is null or b.claimed_until < clock_timestamp()) and not exists (
        select from invoice i join invoice_document d on d.invoice_id = i.id
        where i.number = any(b.numbers) and d.state = 'waiting')
    order by b.asked_at limit 1
    for update of b skip locked
)
update bundle b set claimed_until = clock_timestamp() + $1::interval, attempts = b.attempts + 1
from next where b.id = next.id
returning b.id, b.numbers, b.attempts
"""


async def claim(conn: Connection, lease: timedelta) -> Claimed | None:
    row = await conn.fetchrow(CLAIM, lease)
    return Claimed(*row.values()) if row else None


@dataclass(frozen=True, slots=True)
class Paper:
    """`pdf` is None when it could not be made."""

    number: str
    issued_at: datetime
    pdf: bytes | None


async def papers(conn: Connection, numbers: Sequence[str]) -> list[Paper]:
    rows = await conn.fetch(
        """select i.number, i.issued_at, d.pdf from invoice i join invoice_document d on d.invoice_id = i.id
           where i.number = any($1) order by i.number""",
        list(numbers),
    )
    return [Paper(*row.values()) for row in rows]


async def keep(conn: Connection, bundle_id: str, packed: bytes, problem: str) -> None:
    await conn.execute(
        """update bundle set state = 'ready', zip = $2, problem = nullif($3, ''), claimed_until = null
           where id = $1 and state = 'waiting'""",
        bundle_id,
        packed,
        problem,
    )


async def give_up(conn: Connection, bundle_id: str, problem: str) -> None:
    await conn.execute(
        "update bundle set state = 'failed', problem = $2, claimed_until = null where id = $1 and state = 'waiting'",
        bundle_id,
        problem,
    )


async def give_back(conn: Connection, bundle_id: str) -> None:
    await conn.execute(
        "update bundle set claimed_until = null, attempts = attempts - 1 where id = $1 and state = 'waiting'",
        bundle_id,
    )


async def forget(conn: Connection, before: datetime) -> None:
    await conn.execute("delete from bundle where asked_at < $1", before)
