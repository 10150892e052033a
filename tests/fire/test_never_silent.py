"""Whatever is killed, cut, emptied or away: every event reaches every system and every person, in order and once."""

import asyncio
import os
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial

import pytest
import pytest_asyncio

from tests.fire.machines import Machines, own_machines, until
from tests.fire.told import address, order_of, people_have_read, systems_have_heard, told
from tests.fire.trade import EVE, Trade, opened
from tests.mail.newsroom import PETRA, RUTH

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

SEED = os.environ.get("PORTAL_FIRE_SEED", "6")
LONGEST = 240
# A worker has so many deliveries under way at most: 4 to each of two endpoints.
WIDTH = 2 * 4
# However long something is away, so much is traded meanwhile.
DURING_EACH = 12
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
# Retries come after 5 seconds, 5 and 30 minutes, 2 and 5 hours.
A_DAY = (MINUTE, HOUR, 5 * HOUR, 18 * HOUR)

NOT_TRIED = "select count(*) from delivery where state = 'waiting' and due_at <= $1"
FAILED = """
select max(due_at) from delivery where state = 'waiting' and attempts > 0 or state = 'sending' and attempts > 1
"""
NOTICES = """
select p.email, n.event_id, n.kind, n.mail_id, m.state, m.problem
from notice n join person p on p.id = n.person_id join mail m on m.id = n.mail_id
"""
ATTEMPTS = "select count(*), count(*) filter (where problem = 'abandoned') from delivery_attempt"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def trade() -> AsyncIterator[Trade]:
    async with own_machines() as machines:
        yield await opened(machines, SEED)
        await asyncio.to_thread(machines.portal.check)


async def test_a_slip_of_four_hundred_lines_is_one_mail_for_each_order_and_person(trade: Trade) -> None:
    skus = [f"S{number:02}" for number in range(20)]
    trade.world.product(*skus)
    async with asyncio.timeout(LONGEST):
        await trade.slip("5000", skus, 1000, "2026-12-15")
        long = await trade.order("NORDWIND", [(sku, 1) for sku in skus] * 20, "long")
        short = [
            await trade.order("NORDWIND", [(sku, 2) for sku in skus[:3]], f"short {n}") for n in range(2)
        ]
        other = await trade.order("HULL", [(sku, 2) for sku in skus[:2]], "other")
        await told(trade, "news")
        confirmed = len(trade.machines.messages())
        await trade.slip("5000", skus, 1000, "2026-12-22")
        await told(trade, "news")

    found = trade.machines.messages()[confirmed:]
    of_each = Counter((address(one), order_of(one)) for one in found)
    nordwind = {(who, order): 1 for who in (PETRA, RUTH) for order in (long, *short)}
    assert of_each == nordwind | {(EVE, other): 1}
    for message in found:
        lines = {long: "400 lines", other: "lines 1, 2"}.get(order_of(message), "lines 1, 2, 3")
        assert f"New date for {lines}: Tue 29 Dec, not Mon 21 Dec" in str(message["subject"]), message[
            "subject"
        ]
    moved = [one for one in trade.machines.receiver.heard if one.told["type"] == "promise.changed"]
    assert Counter((one.path, one.told["data"]["order"]) for one in moved) == Counter(
        [("/all", order) for order in (long, *short, other)]
        + [("/nordwind", order) for order in (long, *short)]
    )
    assert all(len(one.body) <= 20_000 for one in moved)


async def test_whatever_falls_nobody_is_left_without_news_and_nobody_gets_it_twice(trade: Trade) -> None:
    chance, is_over = random.Random(SEED), asyncio.Event()
    machines, began, asked = trade.machines, time.monotonic(), trade.asked
    [[before, _]] = await machines.ask(ATTEMPTS)
    async with asyncio.timeout(LONGEST):
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(trade.go_on(is_over))
            await everything_falls(trade, chance)
            is_over.set()
        ended = time.monotonic()
        await told(trade, "news", "digest")
    took = time.monotonic() - ended
    feed = await trade.feed()
    messages = machines.messages()
    systems_have_heard(trade, feed)
    people_have_read(
        trade, feed, {str(one["message-id"]): one for one in messages}, await machines.ask(NOTICES)
    )
    [[attempts, abandoned]] = await machines.ask(ATTEMPTS)
    heard, answered = machines.receiver.heard, machines.receiver.answered
    twice = len(answered) - len({(one.path, one.id) for one in answered})
    # Each was in the middle of some when it was killed; what had been answered and was not written down comes again.
    assert abandoned > 0
    assert twice <= machines.killed * WIDTH
    mails = [str(one["message-id"]) for one in messages]
    # Handed over, and then nobody could write it down: by who was killed, or by either worker when the database went.
    assert len(mails) - len(set(mails)) <= machines.killed + 2 * 2
    print(
        f"{trade.asked - asked} requests ({trade.again} asked again) in {ended - began:.0f} s, {len(feed)} events; "
        f"{attempts - before} attempts, {len(heard)} heard, {len(heard) - len(answered)} broken off, "
        f"{abandoned} abandoned by {machines.killed} killed workers, {twice} answered twice with the same id; "
        f"{len(mails)} mails, {len(mails) - len(set(mails))} twice with the same id; all was in {took:.0f} s later"
    )


async def everything_falls(trade: Trade, chance: random.Random) -> None:
    """In any order, and each after some more of the trade's requests were answered."""
    machines = trade.machines
    faults: dict[str, Callable[[], Awaitable[None]]] = {
        "Valkey was emptied": machines.empty_valkey,
        "a worker was killed in a delivery": machines.kill_in_a_delivery,
        "the database cut its connections": machines.cut_database,
        "the database fell and came back": machines.restart_database,
        "a worker was killed": machines.kill_a_worker,
        "the receiver was away for a day": lambda: is_away_for_a_day(trade),
    }
    for what in chance.sample(list(faults), len(faults)):
        many = trade.asked + chance.randint(3, 10)
        trade.allowed = many + DURING_EACH
        await until(partial(has_asked, trade, many), "trade goes on")
        began = time.monotonic()
        await faults[what]()
        print(f"after {many} requests {what}: {time.monotonic() - began:.1f} s")


async def has_asked(trade: Trade, many: int) -> bool:
    return trade.asked >= many


async def is_away_for_a_day(trade: Trade) -> None:
    """The receiver hangs up on everybody, and a day goes by. Then all that was tried gets through."""
    machines = trade.machines
    machines.receiver.go_down()
    for step in A_DAY:
        now = trade.now + step
        await trade.set_clock(now)
        await until(partial(is_tried, machines, now), "each is tried that is due")
    machines.receiver.is_down = False
    while (later := await machines.one(FAILED)) is not None:
        if later > trade.now:
            await trade.set_clock(later + timedelta(seconds=1))
        await asyncio.sleep(0.1)


async def is_tried(machines: Machines, at: datetime) -> bool:
    return not await machines.one(NOT_TRIED, at)
