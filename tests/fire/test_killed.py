"""A web process is killed in the middle of its work: whoever asks again gets one effect, and its answer."""

import asyncio
import itertools
from collections.abc import Callable

import httpx
import pytest

from tests.fire.shop import Ask, Shop, by_status, client, send
from tests.portals import Portal

pytestmark = pytest.mark.slow

ORDERS = 45
RIVALS = 12
LONGEST = 60


async def insist(sender: httpx.AsyncClient, ask: Ask) -> httpx.Response:
    """As a good client does: no answer, a failure, or `still running`, and it asks again with the same key."""
    for _ in itertools.count():
        try:
            answer = await send(sender, ask)
        except httpx.TransportError:
            await asyncio.sleep(0.05)
            continue
        if answer.status_code < 500 and not (answer.status_code == 409 and "still running" in answer.text):
            return answer
        await asyncio.sleep(0.05)
    raise AssertionError("unreachable")


async def customers(shop: Shop, kill: Callable[[], None]) -> list[str]:
    """Each places an order and ships it; after a third of the answers one of the processes is killed."""
    placed: list[str] = []
    room = asyncio.Semaphore(RIVALS)

    async def customer(sender: httpx.AsyncClient, number: int) -> None:
        async with room:
            order = await insist(sender, shop.order(key=f"place {number}", BOLT=1))
            assert order.status_code == 201, order.text
            mine = order.json()["number"]
            placed.append(mine)
            if len(placed) == ORDERS // 3:
                kill()
            shipped = await insist(sender, shop.move(mine, "shipments", 1, key=f"ship {number}"))
            assert shipped.status_code == 201, shipped.text

    async with client(shop.portal) as sender, asyncio.timeout(LONGEST):
        await asyncio.gather(*(customer(sender, number) for number in range(ORDERS)))
    return placed


def test_a_killed_process_loses_nothing_and_does_nothing_twice(start_portal: Callable[..., Portal]) -> None:
    portal = start_portal(processes=2)
    shop = Shop(portal, "K")
    shop.open("BOLT", on_hand=100)

    placed = asyncio.run(customers(shop, portal.processes[0].kill))

    assert portal.processes[0].wait() == -9
    assert len(set(placed)) == ORDERS
    listed = shop.get("/orders?limit=200")["items"]
    assert {order["number"] for order in listed} == set(placed)
    assert all(by_status(shop.read(number)) == {"shipped": 1} for number in placed)
    assert shop.level("BOLT") == {"on_hand": 55, "quarantined": 0, "allocated": 0, "reserved": 0, "free": 55}
    portal.check()
