"""What is under way and not done: half of a sign-in, what was typed before somebody was asked who they are, and what
may be used once only. It stands in Valkey for minutes, under a key that only one browser has."""

import asyncio
import hashlib
import secrets
from typing import Any, Final

import msgspec
from cryptography.fernet import InvalidToken
from redis.exceptions import RedisError

from portal.adapters import sealed
from portal.adapters.sessions import SessionsAway

# A second factor, and a proof: so many wrong answers of a person are taken within a quarter of an hour.
MOST_FAILURES: Final = 10
WINDOW_SECONDS: Final = 15 * 60
PATIENCE_SECONDS: Final = 2.0


class Half(msgspec.Struct, frozen=True):
    """A sign-in whose first factor was right. `purpose`: to show a second one, or to get one."""

    person_id: int
    epoch: int
    email: str
    following: str
    factors: list[str]
    purpose: str


class Typed(msgspec.Struct, frozen=True):
    """A form that waits until who sent it has proved who they are."""

    person_id: int
    path: str
    fields: list[tuple[str, str]]


class Pending:
    """`valkey` is a redis.asyncio client that answers bytes."""

    def __init__(self, valkey: Any, secret_key: str) -> None:
        self.valkey = valkey
        self.secret_key = secret_key

    async def begin(self, half: Half, seconds: int) -> str:
        """The token is for the browser's cookie only."""
        token = secrets.token_urlsafe(32)
        await self._ask(self.valkey.set(_key("half", token), msgspec.json.encode(half), ex=seconds))
        return token

    async def half(self, token: str | None) -> Half | None:
        if not token or len(token) > 100:
            return None
        found = await self._ask(self.valkey.get(_key("half", token)))
        return msgspec.json.decode(found, type=Half) if found else None

    async def end(self, token: str) -> bool:
        """Whether it was there: of two who come at once, one goes on."""
        return bool(await self._ask(self.valkey.delete(_key("half", token))))

    async def keep(self, typed: Typed, seconds: int) -> str:
        """Sealed: there may be secrets among it."""
        token = secrets.token_urlsafe(24)
        said = sealed.seal(msgspec.json.encode(typed).decode(), self.secret_key)
        await self._ask(self.valkey.set(_key("typed", token), said, ex=seconds))
        return token

    async def typed(self, token: str | None) -> Typed | None:
        if not token or len(token) > 100:
            return None
        found = await self._ask(self.valkey.get(_key("typed", token)))
        try:
            return msgspec.json.decode(sealed.unseal(found, self.secret_key), type=Typed) if found else None
        except (sealed.CannotUnseal, InvalidToken):
            return None

    async def once(self, said: bytes, seconds: int) -> bool:
        """Whether this has not been used before."""
        key = "used:" + hashlib.sha256(said).hexdigest()
        return bool(await self._ask(self.valkey.set(key, b"1", ex=seconds, nx=True)))

    async def tried(self, person_id: int, seat: str) -> int:
        """One more answer of this person within the window; how many there are since the last right one. It is counted
        before it is looked at: of many that come at once none slips by. `seat` is where they are given: strangers who
        know a password are not counted against a browser that its owner has signed in with, nor against one that is
        in."""
        key = _failed(person_id, seat)
        async with self.valkey.pipeline(transaction=True) as pipe:
            pipe.incr(key)
            pipe.expire(key, WINDOW_SECONDS, nx=True)
            found = await self._ask(pipe.execute())
        return int(found[0])

    async def succeeded(self, person_id: int, seat: str) -> None:
        await self._ask(self.valkey.delete(_failed(person_id, seat)))

    async def _ask(self, question: Any) -> Any:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await question
        except (RedisError, OSError, TimeoutError) as error:
            raise SessionsAway from error


def _failed(person_id: int, seat: str) -> str:
    return f"proof:failed:{person_id}:{seat}"


def _key(kind: str, token: str) -> str:
    return f"pending:{kind}:{hashlib.sha256(token.encode()).hexdigest()}"
