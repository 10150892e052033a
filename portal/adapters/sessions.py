"""Who is signed in: sessions in Valkey, read often, written only when somebody signs in or out.

Three faults of writing a session back with each answer cannot happen here: an id is always made by us at sign-in and
never taken over from a browser; nothing is stored for anonymous visitors or on reading; a slow request that was under
way during sign-out cannot bring the session back. The id is stored hashed, so that Valkey's content opens nothing.

Reading is kept in the process for a few seconds. Sign-out reaches the other processes as a database notification
(`forget`); while nobody listens, nothing is kept. Revocation does not depend on it: each request compares the
session's epoch with the person's in the database, and asks there whether the sign-in has ended (`db.logins`). What
Valkey has lost, or cannot say because it is away, is found there too: nobody has to sign in again.
"""

import asyncio
import contextlib
import hashlib
import logging
import secrets
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from redis.exceptions import RedisError

IDLE_SECONDS = 12 * 3600
LONGEST_SECONDS = 7 * 24 * 3600
KEPT_SECONDS = 10.0
KEPT_SESSIONS = 20_000
PATIENCE_SECONDS = 2.0

log = logging.getLogger(__name__)


class SessionsAway(Exception):
    """Valkey does not answer: nobody can be recognised right now."""


@dataclass(frozen=True, slots=True)
class Session:
    """`key` is where it is stored, and what forms of this session are bound to."""

    key: str
    person_id: int
    epoch: int
    started_at: float
    # Under what it was stored before its id was changed: forms that were drawn then are still ours.
    former: str = ""


class _Stored(msgspec.Struct, array_like=True):
    person_id: int
    epoch: int
    started_at: float
    former: str = ""


class Sessions:
    """`valkey` is a redis.asyncio client that answers bytes."""

    def __init__(self, valkey: Any, *, secure: bool) -> None:
        self.valkey = valkey
        self.cookie = "__Host-session" if secure else "session"
        self.secure = secure
        # Asks the database of a key that Valkey does not know: (person, epoch, seconds since they signed in) or None.
        self.remembers: Callable[[str], Awaitable[tuple[int, int, float] | None]] | None = None
        # Set while notifications come in; without them another process's sign-out would be seen too late.
        self.is_told = False
        self._kept: OrderedDict[str, tuple[float, Session]] = OrderedDict()
        # Ended a moment ago: an answer of Valkey that was under way meanwhile must not bring it back.
        self._ended: OrderedDict[str, None] = OrderedDict()

    async def start(self, person_id: int, epoch: int) -> str:
        """A new session under a new id; the id is for the cookie only."""
        token = secrets.token_urlsafe(32)
        stored = _Stored(person_id, epoch, time.time())
        await self._ask(self.valkey.set(key_of(token), msgspec.json.encode(stored), ex=IDLE_SECONDS))
        return token

    async def renew(self, session: Session) -> str:
        """The same session under a new id, which is for the cookie only; the former id opens nothing any more."""
        token = secrets.token_urlsafe(32)
        stored = _Stored(session.person_id, session.epoch, session.started_at, session.key)
        await self._ask(self.valkey.set(key_of(token), msgspec.json.encode(stored), ex=IDLE_SECONDS))
        await self.end(session.key)
        return token

    async def load(self, token: str | None) -> Session | None:
        """The session of a cookie; None when there is none, or it has ended."""
        if not token or len(token) > 100:
            return None
        key = key_of(token)
        if self.is_told and (kept := self._kept.get(key)) and kept[0] > time.monotonic():
            return kept[1]
        try:
            found = await self._ask(self.valkey.getex(key, ex=IDLE_SECONDS))
        except SessionsAway:
            if self.remembers is None:
                raise
            return await self._remembered(key)
        if found is None:
            self._kept.pop(key, None)
            return await self._brought_back(key)
        stored = msgspec.json.decode(found, type=_Stored)
        if stored.started_at + LONGEST_SECONDS < time.time():
            await self.end(key)
            return None
        session = Session(key, stored.person_id, stored.epoch, stored.started_at, stored.former)
        self._keep(session)
        return session

    async def _remembered(self, key: str) -> Session | None:
        """As the database knows it, while Valkey does not."""
        found = await self.remembers(key) if self.remembers is not None else None
        if found is None:
            return None
        person_id, epoch, age = found
        session = Session(key, person_id, epoch, time.time() - age)
        self._keep(session)
        return session

    async def _brought_back(self, key: str) -> Session | None:
        """Valkey has lost what has not ended: it was emptied. One that ends meanwhile is refused by its row."""
        if (session := await self._remembered(key)) is not None:
            stored = _Stored(session.person_id, session.epoch, session.started_at)
            with contextlib.suppress(SessionsAway):
                await self._ask(self.valkey.set(key, msgspec.json.encode(stored), ex=IDLE_SECONDS, nx=True))
        return session

    async def end(self, key: str) -> None:
        """Sign out. Tell the other processes too, with `forget`."""
        self.forget(key)
        await self._ask(self.valkey.delete(key))

    async def living(self, keys: Sequence[str]) -> set[str]:
        """Those that have not ended or expired; looking does not prolong them."""
        if not keys:
            return set()
        async with self.valkey.pipeline(transaction=False) as pipe:
            for key in keys:
                pipe.exists(key)
            found = await self._ask(pipe.execute())
        return {key for key, there in zip(keys, found, strict=True) if there}

    def forget(self, key: str) -> None:
        """What was kept of it is not to be believed any more."""
        self._kept.pop(key, None)
        self._ended[key] = None
        if len(self._ended) > KEPT_SESSIONS:
            self._ended.popitem(last=False)

    def told(self, is_told: bool) -> None:
        """Notifications come in, or have stopped: then ask Valkey each time."""
        self.is_told = is_told
        self._kept.clear()

    def _keep(self, session: Session) -> None:
        if not self.is_told or session.key in self._ended:
            return
        self._kept[session.key] = (time.monotonic() + KEPT_SECONDS, session)
        self._kept.move_to_end(session.key)
        if len(self._kept) > KEPT_SESSIONS:
            self._kept.popitem(last=False)

    async def _ask(self, question: Any) -> Any:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await question
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("Valkey does not answer: %s", error)
            raise SessionsAway from error


def key_of(token: str) -> str:
    """Where the session of this cookie is stored."""
    return "session:" + hashlib.sha256(token.encode()).hexdigest()
