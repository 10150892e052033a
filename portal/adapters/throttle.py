"""Slowing down who guesses passwords, without locking out whose password is guessed.

Failures are counted for 15 minutes: per address; per account and address; per account. An address, or an address
with one account, that goes on failing is refused. An account that many addresses try is only slowed down, and a
browser that has signed in to the account before (it carries a token of ours) is counted by itself, so that strangers
cannot stand in its way.
"""

import asyncio
import hashlib
import hmac
from collections.abc import Sequence
from typing import Any

from redis.exceptions import RedisError

from portal.adapters.sessions import SessionsAway

WINDOW_SECONDS = 15 * 60
FAILURES_PER_ADDRESS = 60
FAILURES_PER_PAIR = 10
FAILURES_PER_ACCOUNT = 20
SLOW_SECONDS = 3.0
# People who share a browser.
MOST_DEVICES = 5


class TooMany(Exception):
    """Refused for now; `retry_after` in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"again in {retry_after} s")
        self.retry_after = retry_after


class Throttle:
    def __init__(self, valkey: Any, secret: str) -> None:
        self.valkey = valkey
        self.secret = secret.encode()

    def device_token(self, email: str) -> str:
        """What a browser keeps to be known for this account; worth nothing without the password."""
        return hmac.new(self.secret, b"device:" + email.lower().encode(), hashlib.sha256).hexdigest()

    def knows(self, device: str | None, email: str) -> bool:
        """Whether the browser with this cookie has signed in to the account before."""
        token = self.device_token(email)
        return any(hmac.compare_digest(one, token) for one in _tokens(device))

    def device_cookie(self, device: str | None, email: str) -> str:
        """What the browser keeps from now on: this account first, then the few others that it is known for."""
        token = self.device_token(email)
        return ".".join([token, *(one for one in _tokens(device) if one != token)][:MOST_DEVICES])

    async def admit(self, email: str, address: str, device: str | None) -> None:
        """Wait or refuse before a password is looked at."""
        by_account = await self.refuse(email, address, device)
        if by_account >= FAILURES_PER_ACCOUNT and not self.knows(device, email):
            await asyncio.sleep(SLOW_SECONDS)

    async def refuse(self, email: str, address: str, device: str | None) -> int:
        """Refuse, or answer how many failures the account has. It is asked again by whoever has waited for their turn:
        of many that come at once only those that are being looked at slip by."""
        is_known = self.knows(device, email)
        keys = self._keys(email, address, is_known=is_known)
        counts = [int(count or 0) for count in await self._ask(self.valkey.mget(keys))]
        by_address, by_pair, by_account = counts
        if (by_address >= FAILURES_PER_ADDRESS and not is_known) or by_pair >= FAILURES_PER_PAIR:
            raise TooMany(max(1, await self._ask(self.valkey.ttl(keys[1] if by_pair else keys[0]))))
        return by_account

    async def failed(self, email: str, address: str, device: str | None) -> None:
        is_known = self.knows(device, email)
        async with self.valkey.pipeline(transaction=False) as pipe:
            for key in self._keys(email, address, is_known=is_known):
                pipe.incr(key)
                pipe.expire(key, WINDOW_SECONDS, nx=True)
            await self._ask(pipe.execute())

    async def succeeded(self, email: str, address: str) -> None:
        """The pair starts anew: who knows the password was only mistyping."""
        keys = [self._keys(email, address, is_known=known)[1] for known in (True, False)]
        await self._ask(self.valkey.delete(*keys))

    async def count(self, what: str, most: int, seconds: int) -> None:
        """One more of these; refused after so many within that time."""
        key = f"often:{what}"
        async with self.valkey.pipeline(transaction=True) as pipe:
            pipe.incr(key)
            pipe.expire(key, seconds, nx=True)
            pipe.ttl(key)
            count, _, left = await self._ask(pipe.execute())
        if count > most:
            raise TooMany(max(1, left))

    def _keys(self, email: str, address: str, *, is_known: bool) -> Sequence[str]:
        account = hashlib.sha256(email.lower().encode()).hexdigest()[:24]
        pair = f"sign-in:known:{account}" if is_known else f"sign-in:pair:{account}:{address}"
        return f"sign-in:address:{address}", pair, f"sign-in:account:{account}"

    async def _ask(self, question: Any) -> Any:
        try:
            async with asyncio.timeout(2):
                return await question
        except (RedisError, OSError, TimeoutError) as error:
            raise SessionsAway from error


def _tokens(device: str | None) -> list[str]:
    """Those in a cookie that could be ours."""
    return [one for one in (device or "").split(".")[:MOST_DEVICES] if len(one) == 64 and one.isascii()]
