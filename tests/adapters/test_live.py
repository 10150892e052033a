"""The hub: nobody is forgotten, nobody waits for a slow one, and nobody sees what is not theirs."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import date

import asyncpg
import pytest

from portal.adapters import live
from portal.adapters.live import FULL, Hub, Look, Messages, Watcher


class Teller:
    """Knows the version of each order, and who was struck off."""

    def __init__(self) -> None:
        self.versions = {1: 1, 2: 1}
        self.struck_off: set[int] = set()
        self.asked: list[int] = []
        self.fails = 0

    async def permitted(self, watchers: Sequence[Watcher]) -> set[Watcher]:
        return {watcher for watcher in watchers if watcher.person_id not in self.struck_off}

    async def tell(self, order_id: int, wanted: Iterable[tuple[Look, int]]) -> tuple[int, Messages] | None:
        if self.fails:
            self.fails -= 1
            raise RuntimeError("the database is away")
        self.asked.append(order_id)
        if order_id not in self.versions:
            return None
        version = self.versions[order_id]
        return version, {(look, since): f"{look}: {since} to {version}".encode() for look, since in wanted}


@pytest.fixture
def teller() -> Teller:
    return Teller()


@pytest.fixture
async def hub(database: str, teller: Teller) -> AsyncIterator[Hub]:
    listening = asyncio.Event()
    hub = Hub(database, teller, today=lambda: date(2026, 11, 18))
    hub.on_listening = lambda is_on: listening.set() if is_on else None
    await hub.start()
    await asyncio.wait_for(listening.wait(), 5)
    yield hub
    await hub.stop()


def watcher(order_id: int = 1, look: str = "page", person_id: int = 7, session: str = "s") -> Watcher:
    return Watcher(order_id, look, person_id, 1, session)


async def notify(pool: asyncpg.Pool, channel: str, payload: str) -> None:
    await pool.execute("select pg_notify($1, $2)", channel, payload)


async def heard(one: Watcher) -> bytes | None:
    return await asyncio.wait_for(one.get(), 5)


async def test_all_who_look_alike_get_the_same_bytes_made_once(
    hub: Hub, teller: Teller, pool: asyncpg.Pool
) -> None:
    with contextlib.ExitStack() as watching:
        crowd = [watching.enter_context(hub.watching(watcher())) for _ in range(50)]
        for one in crowd:
            await hub.synchronise(one, 1)
        teller.asked.clear()
        teller.versions[1] = 2
        await notify(pool, "portal", "2:9 1:2")
        messages = [await heard(one) for one in crowd]
    assert messages[0] == b"page: 1 to 2"
    assert all(message is messages[0] for message in messages)
    assert teller.asked == [1], "once for all, and not for an order that nobody watches"


async def test_who_comes_back_gets_what_was_missed(hub: Hub, teller: Teller) -> None:
    teller.versions[1] = 9
    with hub.watching(watcher()) as one:
        assert await hub.synchronise(one, 4)
        assert await heard(one) == b"page: 4 to 9"


async def test_who_has_everything_gets_nothing(hub: Hub) -> None:
    with hub.watching(watcher()) as one:
        assert await hub.synchronise(one, 1)
        one.close()
        assert await heard(one) is None


async def test_a_change_while_versions_are_compared_is_not_lost(
    hub: Hub, teller: Teller, pool: asyncpg.Pool
) -> None:
    with hub.watching(watcher()) as one:
        await notify(pool, "portal", "1:2")
        async with asyncio.timeout(5):
            while not one.missed:  # noqa: ASYNC110 - a flag of the watcher, not an event
                await asyncio.sleep(0.01)
        assert await hub.synchronise(one, 1)
        teller.versions[1] = 2
        assert await heard(one) == b"page: 1 to 2"


async def test_what_nobody_may_see_has_no_stream(hub: Hub) -> None:
    with hub.watching(watcher(order_id=404)) as one:
        assert not await hub.synchronise(one, 1)


async def test_who_was_struck_off_gets_no_further_word(hub: Hub, teller: Teller, pool: asyncpg.Pool) -> None:
    with hub.watching(watcher(person_id=1)) as struck, hub.watching(watcher(person_id=2)) as other:
        for one in (struck, other):
            await hub.synchronise(one, 1)
        teller.struck_off.add(1)
        teller.versions[1] = 2
        await notify(pool, "portal", "1:2")
        assert await heard(other) == b"page: 1 to 2"
        assert await heard(struck) is None


@pytest.mark.parametrize(("channel", "payload"), [("portal_person", "1"), ("portal_session", "mine")])
async def test_a_person_or_a_session_is_cut_off_at_once(
    hub: Hub, pool: asyncpg.Pool, channel: str, payload: str
) -> None:
    with (
        hub.watching(watcher(person_id=1, session="mine")) as one,
        hub.watching(watcher(person_id=2)) as other,
    ):
        await notify(pool, channel, payload)
        assert await heard(one) is None
        assert not other.closed


async def test_the_end_of_a_session_is_told_on(hub: Hub, pool: asyncpg.Pool) -> None:
    ended: asyncio.Queue[str] = asyncio.Queue()
    hub.on_session = ended.put_nowait
    await notify(pool, "portal_session", "mine")
    assert await asyncio.wait_for(ended.get(), 5) == "mine"


async def test_a_reader_that_does_not_read_is_dropped(hub: Hub) -> None:
    with hub.watching(watcher()) as one:
        for _ in range(FULL + 1):
            one.put(b"more")
        assert one.closed
        assert [await heard(one) for _ in range(FULL + 1)] == [b"more"] * FULL + [None]


async def test_a_failure_does_not_end_live_updates(hub: Hub, teller: Teller, pool: asyncpg.Pool) -> None:
    with hub.watching(watcher()) as one:
        await hub.synchronise(one, 1)
        teller.fails, teller.versions[1] = 2, 2
        await notify(pool, "portal", "1:2")
        assert await heard(one) == b"page: 1 to 2"


async def test_a_lost_listening_connection_is_replaced_and_nothing_was_missed(
    hub: Hub, teller: Teller, pool: asyncpg.Pool
) -> None:
    with hub.watching(watcher()) as one:
        await hub.synchronise(one, 1)
        told: list[bool] = []
        hub.on_listening = told.append
        await pool.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where query like 'LISTEN%'"
        )
        teller.versions[1] = 2  # said while nobody listens
        assert await heard(one) == b"page: 1 to 2"
        assert told == [False, True]


async def test_another_day_makes_pages_stale(hub: Hub, pool: asyncpg.Pool) -> None:
    with hub.watching(watcher()) as one:
        await notify(pool, "portal_clock", "")
        hub.today = lambda: date(2026, 11, 19)
        await notify(pool, "portal_clock", "")
        assert await heard(one) == live.STALE


async def test_stopping_ends_all_streams_and_takes_no_more(hub: Hub) -> None:
    with hub.watching(watcher()) as one:
        hub.close_all()
        assert await heard(one) is None
        with hub.watching(watcher()) as late:
            assert await heard(late) is None
