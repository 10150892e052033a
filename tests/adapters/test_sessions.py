"""Sessions: what Valkey holds opens nothing, and what has ended does not come back."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
import redis.asyncio

from portal.adapters.sessions import Sessions, SessionsAway, key_of
from portal.adapters.throttle import (
    FAILURES_PER_ACCOUNT,
    FAILURES_PER_ADDRESS,
    FAILURES_PER_PAIR,
    Throttle,
    TooMany,
)
from portal.db import logins
from portal.db.work import Pool, Work


@pytest.fixture
async def valkey(valkey_url: str) -> AsyncIterator[redis.asyncio.Redis]:
    client = redis.asyncio.from_url(valkey_url)
    yield client
    await client.aclose()


@pytest.fixture
def sessions(valkey: redis.asyncio.Redis) -> Sessions:
    return Sessions(valkey, secure=True)


async def test_a_session_is_found_by_its_token_alone(sessions: Sessions) -> None:
    token = await sessions.start(7, 3)
    session = await sessions.load(token)
    assert session is not None
    assert (session.person_id, session.epoch) == (7, 3)
    assert await sessions.load(session.key) is None, "what is stored is not what opens it"
    assert await sessions.load(token + "x") is None
    assert await sessions.load("y" * 10_000) is None
    assert await sessions.load(None) is None


async def test_nothing_in_valkey_is_the_token(sessions: Sessions, valkey: redis.asyncio.Redis) -> None:
    token = await sessions.start(7, 3)
    for key in await valkey.keys("*"):
        assert token.encode() not in key + await valkey.get(key)


async def test_an_ended_session_is_over_here_at_once(sessions: Sessions) -> None:
    sessions.told(True)
    token = await sessions.start(7, 3)
    session = await sessions.load(token)
    assert session is not None
    await sessions.end(session.key)
    assert await sessions.load(token) is None


async def test_a_slow_request_does_not_bring_an_ended_session_back(sessions: Sessions) -> None:
    """It asked before the sign-out and hears the answer after it."""
    sessions.told(True)
    token = await sessions.start(7, 3)
    asked = sessions.valkey.getex

    async def slowly(*arguments: object, **options: object) -> object:
        answer = await asked(*arguments, **options)
        await sessions.end("session:" + sha256(token.encode()).hexdigest())
        return answer

    sessions.valkey.getex = slowly
    await sessions.load(token)
    sessions.valkey.getex = asked
    assert await sessions.load(token) is None


async def test_another_processes_sign_out_is_believed(
    sessions: Sessions, valkey: redis.asyncio.Redis
) -> None:
    sessions.told(True)
    token = await sessions.start(7, 3)
    session = await sessions.load(token)
    assert session is not None
    await Sessions(valkey, secure=True).end(session.key)
    sessions.forget(session.key)
    assert await sessions.load(token) is None


async def test_nothing_is_kept_while_nobody_listens(sessions: Sessions, valkey: redis.asyncio.Redis) -> None:
    token = await sessions.start(7, 3)
    assert await sessions.load(token) is not None
    await valkey.flushdb()
    assert await sessions.load(token) is None


async def test_valkey_away_is_said_and_soon() -> None:
    nowhere = Sessions(redis.asyncio.from_url("redis://127.0.0.1:9", socket_connect_timeout=1), secure=False)
    with pytest.raises(SessionsAway):
        await asyncio.wait_for(nowhere.load("token"), 5)


async def test_who_is_signed_in_stays_so_when_valkey_is_away_or_was_emptied(
    sessions: Sessions, valkey: redis.asyncio.Redis, pool: Pool
) -> None:
    """The database remembers them, as long as their session has not ended there."""
    work = Work(pool)
    async with work:
        petra = await work.conn.fetchval(
            "insert into person (email, name) values ('p@x.example', 'P') returning id"
        )
        token = await sessions.start(petra, 0)
        device = logins.Device("192.0.2.1", "Chrome on Windows")
        await logins.insert(
            work.conn, key=key_of(token), person_id=petra, at=work.now, factors=["password"], device=device
        )

    async def remembers(key: str) -> tuple[int, int, float] | None:
        hours = timedelta(hours=12)
        return await logins.remembered(pool, key, datetime.now(UTC), idle=hours, longest=hours)

    away = Sessions(redis.asyncio.from_url("redis://127.0.0.1:9", socket_connect_timeout=1), secure=False)
    away.remembers = sessions.remembers = remembers
    assert (found := await away.load(token)) is not None
    assert found.person_id == petra
    assert await away.load("another") is None

    await valkey.flushdb()
    assert (found := await sessions.load(token)) is not None
    assert found.person_id == petra
    assert await valkey.exists(key_of(token)), "and Valkey knows it again"

    await valkey.flushdb()
    async with work:
        await logins.end(work.conn, key_of(token), work.now, "signed_out")
    assert await away.load(token) is None
    assert await sessions.load(token) is None


class TestThrottle:
    @pytest.fixture
    def throttle(self, valkey: redis.asyncio.Redis, monkeypatch: pytest.MonkeyPatch) -> Throttle:
        monkeypatch.setattr("portal.adapters.throttle.SLOW_SECONDS", 0.2)
        return Throttle(valkey, "a secret")

    async def test_one_address_may_not_go_on_with_one_account(self, throttle: Throttle) -> None:
        for _ in range(FAILURES_PER_PAIR):
            await throttle.admit("petra@x", "1.1.1.1", None)
            await throttle.failed("petra@x", "1.1.1.1", None)
        with pytest.raises(TooMany):
            await throttle.admit("PETRA@x", "1.1.1.1", None)
        await throttle.admit("petra@x", "2.2.2.2", None)

    async def test_one_address_may_not_try_everybody(self, throttle: Throttle) -> None:
        for n in range(FAILURES_PER_ADDRESS):
            await throttle.failed(f"person{n}@x", "1.1.1.1", None)
        with pytest.raises(TooMany):
            await throttle.admit("somebody@x", "1.1.1.1", None)

    async def test_many_addresses_on_one_account_only_slow_it_down(self, throttle: Throttle) -> None:
        for n in range(FAILURES_PER_ACCOUNT):
            await throttle.failed("petra@x", f"1.1.1.{n}", None)
        began = asyncio.get_running_loop().time()
        await throttle.admit("petra@x", "9.9.9.9", None)
        assert asyncio.get_running_loop().time() - began >= 0.2

    async def test_a_browser_that_is_known_is_not_slowed_down_by_strangers(self, throttle: Throttle) -> None:
        for n in range(FAILURES_PER_ACCOUNT * 2):
            await throttle.failed("petra@x", f"1.1.1.{n}", None)
        began = asyncio.get_running_loop().time()
        await throttle.admit("petra@x", "9.9.9.9", throttle.device_token("petra@x"))
        assert asyncio.get_running_loop().time() - began < 0.2

    async def test_a_forged_token_is_worth_nothing(self, throttle: Throttle) -> None:
        for _ in range(FAILURES_PER_PAIR):
            await throttle.failed("petra@x", "1.1.1.1", throttle.device_token("rita@x"))
        with pytest.raises(TooMany):
            await throttle.admit("petra@x", "1.1.1.1", throttle.device_token("rita@x"))

    async def test_the_right_password_starts_the_count_anew(self, throttle: Throttle) -> None:
        for _ in range(FAILURES_PER_PAIR - 1):
            await throttle.failed("petra@x", "1.1.1.1", None)
        await throttle.succeeded("petra@x", "1.1.1.1")
        await throttle.failed("petra@x", "1.1.1.1", None)
        await throttle.admit("petra@x", "1.1.1.1", None)
