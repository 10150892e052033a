"""Whoever reads the feed while others write misses nothing, sees nothing twice, and nothing out of turn."""

import asyncio
from itertools import groupby
from operator import itemgetter

import httpx

from tests.fire.shop import Json, Shop, client, send

WRITERS = 6
ORDERS = 8
LONGEST = 60


async def follow(sender: httpx.AsyncClient, done: asyncio.Event, path: str, place: str) -> list[Json]:
    """Read on from the last event that is known, until the writers are done and nothing more comes."""
    read: list[Json] = []
    while True:
        is_last_look = done.is_set()
        after = f"&after={read[-1][place]}" if read else ""
        page = (await sender.get(f"{path}limit=20{after}")).json()["items"]
        read += page
        if is_last_look and not page:
            return read


async def write(sender: httpx.AsyncClient, shop: Shop, buyer: str) -> None:
    for _ in range(ORDERS):
        order = (await send(sender, shop.order(buyer, X=1, Y=1))).json()["number"]
        assert (await send(sender, shop.move(order, "cancellations", 1))).status_code == 200


async def race(shop: Shop, buyers: list[str]) -> tuple[list[Json], list[list[Json]]]:
    done = asyncio.Event()
    async with client(shop.portal) as sender, asyncio.timeout(LONGEST), asyncio.TaskGroup() as tasks:
        everything = tasks.create_task(follow(sender, done, "/events?", "position"))
        own = [
            tasks.create_task(follow(sender, done, f"/events?account={shop.code(buyer)}&", "sequence"))
            for buyer in buyers
        ]
        await asyncio.gather(*(write(sender, shop, buyer) for buyer in buyers))
        done.set()
    return everything.result(), [task.result() for task in own]


def test_a_reader_of_the_feed_misses_nothing_while_others_write(shop: Shop) -> None:
    shop.open("X", "Y", on_hand=20)
    buyers = [f"B{number}" for number in range(WRITERS)]
    for buyer in buyers:
        shop.account(buyer)

    everything, own = asyncio.run(race(shop, buyers))

    assert len({event["id"] for event in everything}) == len(everything)
    by_account = {
        account: [event["sequence"] for event in events]
        for account, events in groupby(sorted(everything, key=itemgetter("account")), itemgetter("account"))
    }
    for buyer, events in zip(buyers, own, strict=True):
        sequences = [event["sequence"] for event in events]
        assert sequences == list(range(1, len(sequences) + 1))
        assert len(sequences) >= 3 * ORDERS
        assert by_account[shop.code(buyer)] == sequences
