"""The pool of connections to PostgreSQL, with the codecs and time limits that every statement relies on."""

from collections.abc import Callable, Coroutine
from typing import Any

import asyncpg
import msgspec

from portal import tracing
from portal.db.work import Pool


def _to_jsonb(value: Any) -> bytes:
    return b"\x01" + msgspec.json.encode(value)


def _from_jsonb(value: bytes) -> Any:
    return msgspec.json.decode(bytes(value)[1:])


async def prepare(connection: Any) -> None:
    """JSON goes in and out as Python values, also through COPY. Where traces are collected, statements are in them."""
    tracing.watch(connection)
    await connection.set_type_codec(
        "jsonb", encoder=_to_jsonb, decoder=_from_jsonb, schema="pg_catalog", format="binary"
    )


class WrongRole(asyncpg.InterfaceError):
    """Something between here and the database has left out as whom a connection begins."""


def _as(role: str) -> Callable[[Any], Coroutine[Any, Any, None]]:
    """A pooler may drop what a connection begins with. With the rights of who owns the tables a buyer would see
    everything: so nothing is read before it was asked."""

    async def begin(connection: Any) -> None:
        await prepare(connection)
        if (found := await connection.fetchval("select current_user")) != role:
            raise WrongRole(f"The connection is to belong to {role!r}, and belongs to {found!r}.")

    return begin


async def _leave_as_it_is(_: Any) -> None:
    """A connection comes back as it went out: a transaction that was left open is rolled back by the driver, and no
    code here sets, listens or locks beyond its transaction on a pooled connection. So no trip is spent on cleaning."""


async def open_pool(
    url: str,
    *,
    size: int = 12,
    least: int = 1,
    statement_seconds: int = 60,
    connect_seconds: int = 60,
    only_by_index: bool = False,
    role: str = "",
) -> Pool:
    """Connect to `postgresql://...`. A lock not had within 5 s, or a statement of over a minute, is an error.

    `least` of 0: nobody need be there before somebody asks. `only_by_index`: for statements that each look up a few
    rows. A plan that was made while a table was empty would go on reading all of it. `role`: whose rights its
    connections have from the beginning, instead of those of the user who connects.
    """
    settings = {
        "application_name": "portal",
        "lock_timeout": "5000",
        "statement_timeout": str(statement_seconds * 1000),
        "idle_in_transaction_session_timeout": "60000",
        "timezone": "UTC",
        # The statements are written for their indexes: one plan serves all values. Planning anew for each list that
        # comes as a parameter would take longer than most of them run.
        "plan_cache_mode": "force_generic_plan",
        "jit": "off",
        "enable_seqscan": "off" if only_by_index else "on",
    }
    if role:
        # A backslash in a literal is one, whatever the server was set to: see `portal.db.scoped`.
        settings |= {"role": role, "standard_conforming_strings": "on"}
    return await asyncpg.create_pool(
        url,
        min_size=least,
        max_size=size,
        init=_as(role) if role else prepare,
        reset=_leave_as_it_is,
        server_settings=settings,
        command_timeout=statement_seconds + 5,
        timeout=connect_seconds,
    )
