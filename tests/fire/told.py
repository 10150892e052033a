"""What proves that nobody was left without news: all of it was told, to systems and to people, in order and once."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

from tests.fire.machines import MAIL_IS_ABANDONED
from tests.fire.shop import Json
from tests.fire.trade import EVE, Trade
from tests.mail.newsroom import PETRA, RUTH, text
from tests.outbound.receiver import Heard

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
        read[address(message)] = read.get(address(message), "") + text(message)
    for tracking, account in trade.tracked.items():
        for email in READERS.get(account, ()):
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
