"""Sign-ins by a company that have begun and not come back yet: kept for ten minutes, for one browser, for one use.

The `state` that travels with the browser finds the attempt; what is kept of it is a hash, so that a copy of the store
completes no sign-in. The attempt belongs to the browser that began it: another one that brings the same address back,
by force or by mistake, does not have its cookie.
"""

import asyncio
import hashlib
import hmac
import secrets
from typing import Any, Literal

import msgspec
from redis.exceptions import RedisError

from portal.adapters.sessions import SessionsAway

GOOD_FOR = 600
PATIENCE_SECONDS = 2.0
# How often sign-ins begin at one address of the network, in the time that they are good for: a company of thousands
# comes from one, at the same hour.
MOST_BEGUN = 2_000
# A logout that a provider tells is remembered for longer than any is believed.
TOLD_FOR = 3600

# To come in; to see what the provider says; to show once more who one is.
Purpose = Literal["enter", "try", "prove"]


class Attempt(msgspec.Struct, frozen=True):
    """What must be the same when the browser comes back. `person_id`: who tries, or proves; `began_at`
    is by the real clock."""

    account: str
    issuer: str
    client_id: str
    purpose: Purpose
    nonce: str
    verifier: str
    following: str
    person_id: int = 0
    began_at: float = 0.0


class _Kept(msgspec.Struct, array_like=True):
    browser: str
    attempt: Attempt


class Attempts:
    """`valkey` is a redis.asyncio client that answers bytes."""

    def __init__(self, valkey: Any) -> None:
        self.valkey = valkey

    async def admits(self, address: str) -> bool:
        """Whether so many have not begun from there yet: each is kept for a while, and strangers may begin them."""
        key = f"company:begun:{address}"
        async with self.valkey.pipeline(transaction=False) as pipe:
            pipe.incr(key)
            pipe.expire(key, GOOD_FOR, nx=True)
            count, _ = await self._ask(pipe.execute())
        return int(count) <= MOST_BEGUN

    async def begin(self, attempt: Attempt) -> tuple[str, str]:
        """(the state that travels, what the browser keeps in its cookie)"""
        state, browser = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        kept = msgspec.json.encode(_Kept(_hashed(browser), attempt))
        await self._ask(self.valkey.set(_key(state), kept, ex=GOOD_FOR))
        return state, browser

    async def take(self, state: str, browser: str | None) -> Attempt | None:
        """The attempt, the first time that the browser which began it brings its state back."""
        if not state or not browser or max(len(state), len(browser)) > 100:
            return None
        found = await self._ask(self.valkey.get(_key(state)))
        if found is None:
            return None
        kept = msgspec.json.decode(found, type=_Kept)
        # Somebody else's browser uses nothing up.
        if not hmac.compare_digest(kept.browser, _hashed(browser)):
            return None
        # Of two that come at once one has it.
        return kept.attempt if await self._ask(self.valkey.delete(_key(state))) else None

    async def is_told_first(self, account: str, token_id: str) -> bool:
        """Whether this logout, by the id that its token has, was not told before."""
        key = f"company:told:{account}:{_hashed(token_id)}"
        return bool(await self._ask(self.valkey.set(key, b"1", ex=TOLD_FOR, nx=True)))

    async def not_told(self, account: str, token_id: str) -> None:
        """It could not be done: told again, it is the first time."""
        await self._ask(self.valkey.delete(f"company:told:{account}:{_hashed(token_id)}"))

    async def _ask(self, question: Any) -> Any:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await question
        except (RedisError, OSError, TimeoutError) as error:
            raise SessionsAway from error


def _key(state: str) -> str:
    return f"company:attempt:{_hashed(state)}"


def _hashed(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()
