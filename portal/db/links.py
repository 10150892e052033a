"""Links in mails that lead to the page where their reader decides: each is good once."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portal.db.work import Connection


@dataclass(frozen=True, slots=True)
class Link:
    """A link as it stands. `version` is the request's that its mail told of."""

    id: int
    request_id: int
    number: str
    account: str
    order: str
    person_id: int
    name: str
    email: str
    version: int
    written_at: datetime
    expires_at: datetime
    used_at: datetime | None


async def number_of(conn: "Connection", request_id: int) -> str | None:
    """What people call the request."""
    number: str | None = await conn.fetchval("select number from approval_request where id = $1", request_id)
    return number


async def keep(
    conn: "Connection", sha256: bytes, request_id: int, person_id: int, version: int, expires_at: datetime
) -> None:
    """The same link again, when its mail is sent again, is the same row."""
    await conn.execute(
        """insert into approval_link (sha256, request_id, person_id, version, expires_at)
           values ($1, $2, $3, $4, $5) on conflict (sha256) do nothing""",
        sha256,
        request_id,
        person_id,
        version,
        expires_at,
    )


FIND = """
select l.id, l.request_id, r.number, r.account, o.number as order, l.person_id, p.name, p.email, l.version,
    l.created_at, l.expires_at, l.used_at
from approval_link l join approval_request r on r.id = l.request_id join orders o on o.id = r.order_id
    join person p on p.id = l.person_id
where l.sha256 = $1
"""


async def find(conn: "Connection", sha256: bytes) -> Link | None:
    row = await conn.fetchrow(FIND, sha256)
    return Link(*row.values()) if row else None


async def use(conn: "Connection", link_id: int, now: datetime) -> bool:
    """Whether this is its one use."""
    used = await conn.fetchval(
        "update approval_link set used_at = $2 where id = $1 and used_at is null returning id", link_id, now
    )
    return used is not None
