"""Two portals in this process on one seeded book: one reads as the role of buyers, the other as the tables' owner.

Whatever a buyer opens must be the same in both: row-level security hides nothing that is theirs. And of the first it is
written down which code took a connection of the owner's while a buyer only looked.
"""

import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import redis.asyncio
from litestar import Litestar

import portal
from portal.adapters.sessions import Sessions
from portal.app import create_app
from portal.db.scoped import Readers
from portal.db.work import Pool
from portal.settings import Settings

HOME = str(Path(portal.__file__).parent) + "/"
LINK = re.compile(r'(?:href|hx-get)="(/[^"#]*)')
NUMBER = re.compile(r"[A-Z]{2,}-[\w-]+|\d+|(?<=/)ep_\w+")
# What is no page of a buyer's, changes something, never ends, or is drawn elsewhere.
NOT_WALKED = re.compile(
    r"^/(static|sign-|demo|stories|api/)|/live\b|\.pdf|^/appearance|^/settings/security/|^/prove"
)
# What differs from one drawing to the next: tokens, ids of forms and requests, nonces, this very instant.
MOMENTARY = tuple(
    re.compile(pattern)
    for pattern in (
        rb'name="(?:_csrf|form|until|asked_at)" value="[^"]*"',
        rb"x-csrftoken[^}]*",
        rb"<code>[0-9a-f]{12,32}</code>",
        rb'"(?:instance|request|asked_at|as_of)":"[^"]*"',
        rb"[a-z]*\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+]00:00)?",
    )
)
# So many addresses of one kind: the first few orders stand for all.
OF_A_KIND = 2
MOST = 300


class Watched:
    """The owner's pool, which notes who takes from it."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self.taken: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        if name in {"acquire", "fetch", "fetchrow", "fetchval", "execute", "executemany"}:
            self.taken.add(_who())
        return getattr(self._pool, name)


def _who() -> str:
    """The outermost function of the portal's that is on its way to the pool, and the innermost."""
    frame: Any = sys._getframe(2)
    names = []
    while frame is not None:
        path = frame.f_code.co_filename
        if path.startswith(HOME):
            names.append(f"{path.removeprefix(HOME).removesuffix('.py')}:{frame.f_code.co_name}")
        frame = frame.f_back
    plain = [name for name in names if not name.startswith(("db/work", "db/scoped"))]
    return plain[0] if plain else names[-1]


@asynccontextmanager
async def running(settings: Settings, *, by_owner: bool) -> AsyncIterator[Litestar]:
    app = create_app(settings)
    async with app.lifespan():
        state = app.state
        if not by_owner:
            state.pool = Watched(state.pool)
        state.readers = Readers(state.pool, state.pool if by_owner else state.buyer_pool)
        state.replica.primary = state.readers
        yield app


@dataclass
class Door:
    """One app, as one person who is signed in, or with one token."""

    app: Litestar
    headers: dict[str, str]
    base_url: str

    async def get(self, path: str) -> httpx.Response:
        app: Any = self.app
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(
            transport=transport, base_url=self.base_url, headers=self.headers
        ) as client:
            return await client.get(path)


async def cookie_of(settings: Settings, pool: Pool, email: str) -> dict[str, str]:
    valkey: Any = redis.asyncio.from_url(settings.valkey_url)  # type: ignore[no-untyped-call]
    try:
        sessions = Sessions(valkey, secure=settings.secure_cookies)
        row = await pool.fetchrow("select id, session_epoch from person where email = $1", email)
        assert row is not None, email
        return {"Cookie": f"{sessions.cookie}={await sessions.start(row['id'], row['session_epoch'])}"}
    finally:
        await valkey.aclose()


@dataclass
class Found:
    """What was opened, and what was not the same in both."""

    opened: int = 0
    shown: int = 0
    different: list[str] = field(default_factory=list)


async def compare(by_role: Door, by_owner: Door, paths: list[str], *, follow: bool) -> Found:
    """Open the paths in both and, with `follow`, whatever they lead to."""
    found, todo, seen, kinds = Found(), list(paths), set(), dict[str, int]()
    while todo and found.opened < MOST:
        path = todo.pop(0)
        kind = NUMBER.sub("#", path)
        if path in seen or (NOT_WALKED.search(path) and follow) or kinds.get(kind, 0) >= OF_A_KIND:
            continue
        seen.add(path)
        kinds[kind] = kinds.get(kind, 0) + 1
        one, other = await by_role.get(path), await by_owner.get(path)
        found.opened += 1
        found.shown += one.status_code == 200
        if one.status_code != other.status_code or words(one.content) != words(other.content):
            found.different.append(f"{path}: {one.status_code} by the role, {other.status_code} by the owner")
        if one.status_code >= 500:
            found.different.append(f"{path}: {one.status_code}")
        if follow:
            todo += sorted(unescape(link) for link in LINK.findall(one.text))
            if "location" in one.headers:
                todo.append(one.headers["location"])
    return found


def same(body: bytes) -> bytes:
    """Without what is different each time."""
    for pattern in MOMENTARY:
        body = pattern.sub(b"", body)
    return body


def words(body: bytes) -> list[bytes]:
    """What it says, in whatever order: rows that are alike to their `order by` come as the plan finds them."""
    return sorted(same(body).split())
