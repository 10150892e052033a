"""`python -m portal backup` and `restore`: all of the portal in a folder, and back from it into another cluster.

The database holds everything that has to be kept, invoices as files included: what lies in `PORTAL_HOME` beside it is
made again when it is asked for. Not in a backup is the secret key: with both in one place, whoever has it has every
secret of every customer's system.
"""

import asyncio
import contextlib
import hashlib
import hmac
import json
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg

from portal import schema
from portal.adapters import dumping
from portal.db import restored
from portal.db.pool import open_pool, prepare
from portal.db.work import Connection
from portal.operations import checking
from portal.settings import Settings

MANIFEST = "manifest.json"
DATA = "database"
KIND = "portal backup"
# What others may have been told since the backup was made: ids of events, mails and deliveries.
IDS_SKIPPED = 1_000_000
CHUNK = 1 << 20


class CannotKeep(Exception):
    """No backup was made, or none can be read back; the text says why and what to do."""


async def backup(settings: Settings, url: str, folder: Path, jobs: int) -> dict[str, Any]:
    """Write one while everything runs. The manifest comes last: without it the folder is no backup."""
    if not settings.secret_key:
        raise CannotKeep(
            "PORTAL_SECRET_KEY is needed: the backup says with which key its secrets were sealed."
        )
    if await asyncio.to_thread(_is_taken, folder):
        raise CannotKeep(f"{folder} is there already: name a folder that is not.")
    draft = folder.with_name(f".{folder.name}.draft")
    await asyncio.to_thread(_start, draft)
    try:
        async with _connection(url) as conn:
            facts = await _facts(conn)
        await asyncio.to_thread(dumping.dump, url, facts["postgresql"], draft / DATA, jobs)
        facts |= {
            "kind": KIND,
            "key": fingerprint(settings.secret_key),
            "files": await asyncio.to_thread(_hashes, draft / DATA),
        }
        await asyncio.to_thread(_finish, draft, folder, facts)
    except (dumping.CannotDump, OSError) as problem:
        raise CannotKeep(f"No backup was made: {problem}") from None
    finally:
        await asyncio.to_thread(shutil.rmtree, draft, ignore_errors=True)
    return facts


async def _facts(conn: Connection) -> dict[str, Any]:
    try:
        revision = await conn.fetchval("select version_num from alembic_version")
    except asyncpg.UndefinedTableError:
        raise CannotKeep("There is no portal in that database.") from None
    return {
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "postgresql": await restored.server(conn),
        "revision": revision,
        "roles": await restored.roles(conn),
        "events": await conn.fetchval("select count(*) from event"),
    }


async def restore(
    settings: Settings, url: str, folder: Path, *, jobs: int, any_key: bool, skip_numbers: int
) -> list[str]:
    """Bring an empty database back to what the folder holds, and in order; what was done, in sentences."""
    facts = await asyncio.to_thread(read, folder)
    if not any_key and (
        not settings.secret_key or not hmac.compare_digest(facts["key"], fingerprint(settings.secret_key))
    ):
        raise CannotKeep(
            "PORTAL_SECRET_KEY is not the one that the backup's secrets were sealed with: no webhook could be signed, "
            "and no second factor checked. Give that key; if it is lost, --any-key restores everything else."
        )
    if not await asyncio.to_thread(schema.knows, facts["revision"]):
        raise CannotKeep(
            f"The backup's shape is {facts['revision']}, which this program does not know: take a newer program."
        )
    async with _connection(url) as conn:
        server = await _room_for(conn, facts)
    try:
        await asyncio.to_thread(dumping.restore, url, server, folder / DATA, jobs)
    except dumping.CannotDump as problem:
        raise CannotKeep(
            f"Not restored: {problem}\nEmpty the database before you try again; nothing may work with it as it is."
        ) from None
    said = [f"{facts['events']:,} events of {facts['made_at']} are back."]
    if facts["revision"] not in await asyncio.to_thread(schema.heads):
        await asyncio.to_thread(schema.upgrade, url)
        said.append(f"The shape {facts['revision']} was brought up to date.")
    return said + await settle(url, skip_numbers=skip_numbers)


async def _room_for(conn: Connection, facts: dict[str, Any]) -> int:
    """The server's version, when it can take the backup."""
    if not await restored.is_empty(conn):
        raise CannotKeep("The database is not empty: nothing is overwritten. Restore into a new one.")
    server = await restored.server(conn)
    if server < facts["postgresql"]:
        raise CannotKeep(
            f"The backup is of PostgreSQL {facts['postgresql']}, and here is {server}: take a server as new as that."
        )
    for role in await restored.missing_roles(conn, facts["roles"]):
        try:
            await restored.make_role(conn, role)
        except asyncpg.InsufficientPrivilegeError:
            raise CannotKeep(
                f"The backup gives rights to the role {role}, and this user may not make roles. "
                f"Ask for: create role {role} nologin; grant {role} to <this user>;"
            ) from None
    return server


async def settle(url: str, *, skip_numbers: int) -> list[str]:
    """What a database needs after any restore, also one by other programs; harmless when it is not needed."""
    async with _connection(url) as conn, conn.transaction():
        goes_on = await restored.go_on_with_the_feed(conn)
        skipped = await restored.skip(conn, IDS_SKIPPED, skip_numbers)
        await restored.sign_everybody_out(conn)
    async with _connection(url) as conn:
        await conn.execute("analyze")
    said = [f"Ids go on {IDS_SKIPPED:,} higher in {skipped.ids} tables: none is given twice."]
    said.append("Everybody signs in again: what ended since the backup was made had come back with it.")
    if goes_on:
        said.append("The feed goes on after the last event of the cluster before.")
    if skipped.numbers:
        said.append(f"Numbers of orders, shipments and the like go on {skip_numbers:,} higher.")
    return said


async def broken(url: str) -> list[str]:
    """Every law, and every entry of the audit chains."""
    async with await open_pool(url, size=1) as pool:
        chain, _ = await checking.broken_chain(pool)
        return await checking.broken_laws(pool) + chain


def fingerprint(secret_key: str) -> str:
    """Tells one key from another, and nothing else of it."""
    return hmac.new(secret_key.encode(), KIND.encode(), hashlib.sha256).hexdigest()[:32]


def read(folder: Path) -> dict[str, Any]:
    """The manifest of a backup whose files are as they were written."""
    try:
        facts = json.loads((folder / MANIFEST).read_text())
    except FileNotFoundError:
        raise CannotKeep(f"{folder} holds no backup, or one that was broken off.") from None
    if not isinstance(facts, dict) or facts.get("kind") != KIND:
        raise CannotKeep(f"{folder / MANIFEST} is of something else.")
    found = _hashes(folder / DATA)
    if found != facts["files"]:
        wrong = sorted(
            name for name in found.keys() | facts["files"] if found.get(name) != facts["files"].get(name)
        )
        raise CannotKeep(f"The backup is damaged: {', '.join(wrong)} is not as it was written.")
    return facts


def _is_taken(folder: Path) -> bool:
    return folder.exists()


def _start(draft: Path) -> None:
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True, mode=0o700)


def _finish(draft: Path, folder: Path, facts: dict[str, Any]) -> None:
    (draft / MANIFEST).write_text(json.dumps(facts, indent=2) + "\n")
    draft.rename(folder)


def _hashes(folder: Path) -> dict[str, str]:
    found = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
        found[path.name] = digest.hexdigest()
    return found


@contextlib.asynccontextmanager
async def _connection(url: str) -> AsyncIterator[Connection]:
    conn = await asyncpg.connect(url)
    try:
        await prepare(conn)
        yield conn
    finally:
        await conn.close()
