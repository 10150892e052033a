"""What was answered to an Idempotency-Key, kept in the same commit as its effect."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.db.work import Connection


@dataclass(frozen=True, slots=True)
class Stored:
    """An answer as it was given."""

    payload_sha256: bytes
    status: int
    headers: dict[str, str]
    body: bytes


async def claim(conn: Connection, token: str, path: str, key: str) -> bool:
    """Whether nobody else is at work on this key. The claim ends with the transaction, however it ends."""
    return bool(
        await conn.fetchval(
            "select pg_try_advisory_xact_lock(hashtextextended($1 || chr(10) || $2 || chr(10) || $3, 0))",
            token,
            path,
            key,
        )
    )


async def take_turn(conn: Connection, token: str, path: str, key: str) -> None:
    """Wait until nobody else is at work on this key: whoever comes second then finds the answer of the first."""
    await conn.execute(
        "select pg_advisory_xact_lock(hashtextextended($1 || chr(10) || $2 || chr(10) || $3, 0))",
        token,
        path,
        key,
    )


async def get(conn: Connection, token: str, path: str, key: str) -> Stored | None:
    """The answer that was given to this key before."""
    row = await conn.fetchrow(
        "select payload_sha256, status, headers, body from answer where token_id = $1 and path = $2 and key = $3",
        token,
        path,
        key,
    )
    return Stored(*row.values()) if row else None


async def keep(conn: Connection, token: str, path: str, key: str, answer: Stored, now: datetime) -> None:
    """Keep an answer; the first one stays."""
    headers: dict[str, Any] = dict(answer.headers)
    await conn.execute(
        """insert into answer (token_id, path, key, payload_sha256, status, headers, body, at)
           values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing""",
        token,
        path,
        key,
        answer.payload_sha256,
        answer.status,
        headers,
        answer.body,
        now,
    )
