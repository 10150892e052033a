"""Pictures of returns, kept in the database: away from everything that is served as a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.db.work import Connection
from portal.domain.access import Viewer


@dataclass(frozen=True, slots=True)
class Kept:
    """A picture as it was checked and written anew. `line_id` is None where it is of the whole return."""

    id: str
    line_id: int | None
    media_type: str
    width: int
    height: int
    content: bytes
    sha256: bytes


async def insert(conn: Connection, return_id: int, kept: Sequence[Kept], by: str, at: datetime) -> int:
    """Write them; the same picture twice is kept once. Answers how many are new."""
    written = 0
    for one in kept:
        done = await conn.fetchval(
            """insert into return_picture (id, return_id, line_id, media_type, width, height, content, sha256,
                   added_by, at)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
               on conflict (return_id, sha256) do nothing returning 1""",
            one.id,
            return_id,
            one.line_id,
            one.media_type,
            one.width,
            one.height,
            one.content,
            one.sha256,
            by,
            at,
        )
        written += done or 0
    return written


async def count(conn: Connection, return_id: int) -> int:
    return await conn.fetchval("select count(*) from return_picture where return_id = $1", return_id)  # type: ignore[no-any-return]


async def content(
    conn: Connection, viewer: Viewer, number: str, picture_id: str
) -> tuple[str, bytes, bytes] | None:
    """(media type, content, SHA-256) of a picture within the viewer's scope."""
    row = await conn.fetchrow(
        """select p.media_type, p.content, p.sha256 from return_picture p
           join goods_return r on r.id = p.return_id
           where p.id = $2 and r.number = $1 and ($3::text[] is null or r.account = any($3))""",
        number,
        picture_id,
        viewer.accounts,
    )
    return (row[0], row[1], row[2]) if row else None
