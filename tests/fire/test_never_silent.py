"""Whatever is killed, cut, emptied or away: every event reaches every system and every person, in order and once."""

import asyncio
import os
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from email.message import EmailMessage
from functools import partial
from typing import Any

import pytest
import pytest_asyncio

from tests.fire.machines import MAIL_IS_ABANDONED, Machines, own_machines, until
from tests.fire.shop import Json
from tests.fire.trade import EVE, Trade, opened
from tests.mail.newsroom import PETRA, RUTH, text
from tests.outbound.receiver import Heard

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
# Whose news comes at once of what; nobody of them did it.
HEARD_AT_ONCE = {"order.placed", "shipment.shipped", "shipment.delivered", "line.cancelled"}

LEFT = """
with left_over as (
    select false as is_mail, state, due_at from delivery where state in ('waiting', 'sending')
    union all
    select true, state, due_at from mail where state in ('waiting', 'sending') and kind = any($2::text[])
)
select count(*) as many, max(due_at) as last, coalesce(bool_or(state = 'waiting' and due_at <= $1), false)
        or coalesce(bool_or(is_mail and state = 'sending'), false)
        or exists (select from event e left join event b on b.id = (select event_id from told_position)
            where b.id is null or (e.txid, e.id) > (b.txid, b.id)) as goes_on
from left_over
"""
LEFT_OVER = """
select id, connection_id as whose, state, attempts, due_at, claimed_until - clock_timestamp() as until, problem
from delivery where state in ('waiting', 'sending')
union all
select id, kind, state, attempts, due_at, claimed_at - clock_timestamp(), problem
from mail where state in ('waiting', 'sending')
"""
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


async def told(trade: Trade, *mails: str) -> None:
    """As below, and if it is not so within a minute and a half, what is left over."""
    try:
        async with asyncio.timeout(90):
            await all_is_told(trade, mails)
    except TimeoutError:
        left = [dict(row) for row in await trade.machines.ask(LEFT_OVER)]
        said = trade.portal.said()[-3000:]
        raise AssertionError(f"{trade.now}: not told: {left}\n{said}") from None


async def all_is_told(trade: Trade, mails: Sequence[str]) -> None:
    """Everything has arrived, or never will. When all that is left waits for a later hour, that hour comes."""
    machines = trade.machines
    while True:
        [left] = await machines.ask(LEFT, trade.now, list(mails))
        if not left["goes_on"] and not left["many"]:
            return
        if left["goes_on"] or left["last"] <= trade.now:
            # Also when a delivery was taken up by somebody who is dead: it is left to others after a while.
            await machines.ask(MAIL_IS_ABANDONED)
            await asyncio.sleep(0.2)
        else:
            await trade.set_clock(left["last"] + timedelta(seconds=1))


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


def systems_have_heard(trade: Trade, feed: list[Json]) -> None:
    """All that the feed tells, each under its one id, and an order's events one after the other."""
    assert trade.machines.unverified == []
    for path, account in (("/nordwind", "NORDWIND"), ("/all", None)):
        wanted = [event for event in feed if account in (None, event["account"])]
        heard = [one for one in trade.machines.receiver.heard if one.path == path]
        bodies: dict[str, bytes] = {}
        for one in heard:
            assert one.told["data"]["id"] == one.id
            assert bodies.setdefault(one.id, one.body) == one.body, "the same each time"
        assert set(bodies) == {event["id"] for event in wanted}
        assert len({(event["account"], event["sequence"]) for event in wanted}) == len(bodies)
        assert by_order([one.told["data"] for one in firsts(heard)]) == by_order(
            sorted(wanted, key=lambda event: (event["account"], event["sequence"]))
        )


def firsts(heard: list[Heard]) -> list[Heard]:
    return list({one.id: one for one in reversed(heard)}.values())[::-1]


def by_order(events: list[Json]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for event in events:
        if event["order"]:
            found.setdefault(event["order"], []).append(event["id"])
    return found


def people_have_read(
    trade: Trade, feed: list[Json], messages: dict[str, EmailMessage], notices: list[Any]
) -> None:
    """Each event that somebody wants to hear of stands in one mail to them, and each mail is in their box once."""
    boxes = {int(id_.split("-")[1]): one for id_, one in messages.items()}
    assert len(boxes) == len(messages), "a mail has one id"
    in_mail = {(row["email"], f"evt_{row['event_id']}"): row for row in notices}
    assert len(in_mail) == len(notices)
    for event in feed:
        for email in readers(event):
            assert (email, event["id"]) in in_mail, f"{email} was not told of {event}"
    for row in notices:
        if row["state"] == "sent":
            assert address(boxes[row["mail_id"]]) == row["email"]
        else:
            assert (row["state"], row["problem"]) == ("dropped", "nothing of it is so any more")
    assert set(boxes) == {row["mail_id"] for row in notices if row["state"] == "sent"}
    read = {email: "" for emails in READERS.values() for email in emails}
    for message in messages.values():
        read[address(message)] += text(message)
    for tracking, account in trade.tracked.items():
        for email in READERS[account]:
            assert tracking in read[email], f"{email} was not told of {tracking}"


READERS = {"NORDWIND": (PETRA, RUTH), "HULL": (EVE,)}


def readers(event: Json) -> tuple[str, ...]:
    """Who is certainly told of it."""
    lines = event["data"].get("lines") or []
    has_moved = event["type"] == "promise.changed" and any(
        (line.get("old") or {}).get("arrives_on") for line in lines
    )
    return READERS.get(event["account"], ()) if has_moved or event["type"] in HEARD_AT_ONCE else ()


def address(message: EmailMessage) -> str:
    return str(message["to"]).rpartition("<")[2].rstrip(">")


def order_of(message: EmailMessage) -> str:
    """Mails of an order stand together."""
    return str(message["references"]).partition("order-")[2].partition("@")[0]
