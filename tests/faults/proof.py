"""What must be so when the storm is over: every effect once, every event told, each document there, every law."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from email.message import EmailMessage
from typing import Any

from tests.faults.market import Market
from tests.faults.town import Town
from tests.fire.machines import until
from tests.fire.told import people_have_read, systems_have_heard, told

NOTICES = """
select p.email, n.event_id, n.kind, n.mail_id, m.state, m.problem
from notice n join person p on p.id = n.person_id join mail m on m.id = n.mail_id
"""
# What the database has, by the same names as what was acknowledged. A closed return or an order's own cancellation
# tells nothing twice: so what is counted is told in events.
EFFECTS = {
    "orders": "select count(*) from orders where account = any('{NORDWIND,HULL,ASKS}')",
    "shipments": "select count(*) from shipment",
    "deliveries": "select count(*) from event where type = 'shipment.delivered'",
    "cancellations": "select count(*) from event where type = 'line.cancelled'",
    "returns": "select count(*) from goods_return",
    "receipts": "select count(*) from return_receipt",
    "payments": "select count(*) from payment",
    "decisions": "select count(*) from approval_seat where state = 'approved'",
}
UNMADE = """
select count(*) from invoice i left join invoice_document d on d.invoice_id = i.id
where d.state is distinct from 'ready'
"""
MADE = """
select count(*) as made, count(*) filter (where sha256(pdf) = pdf_sha256) as sound,
    (select count(*) from invoice) as invoices
from invoice_document
"""
TO_ERP = """
select e.id, d.state from delivery d join connection c on c.id = d.connection_id and c.kind = 'erp'
join event e on e.id = d.event_id
"""
# A mail that nobody was left to write down as sent goes out again under its own id: once for each that was killed or
# cut off in the middle.
TWICE_FOR_EACH_FAULT = 4


async def everything_is_well(town: Town, market: Market) -> dict[str, Any]:
    """The counts, when all of it holds."""
    ended = town.kept_up["web"] - town.killed_web
    assert not ended, f"{ended} web processes ended that nobody killed: {market.portal.said()[-3000:]}"
    kinds = [row["kind"] for row in await town.machines.ask("select distinct kind from mail")]
    await told(market, *kinds)
    await until(lambda: _none(town, UNMADE), "each invoice has its files", 120, 0.5)
    effects = await _effects(town, market)
    feed = await market.feed()
    systems_have_heard(market, feed)
    counts = {"effects": effects, "events": len(feed), **await _mail(town, market, feed)}
    [documents] = await town.machines.ask(MADE)
    assert documents["made"] == documents["sound"] == documents["invoices"]
    counts |= {"documents": documents["made"], "told to the ERP": await _erp(town)}
    await _own_feeds(market)
    await asyncio.to_thread(town.machines.portal.check)
    return counts


async def _none(town: Town, query: str) -> bool:
    return not await town.machines.one(query)


async def _effects(town: Town, market: Market) -> Mapping[str, int]:
    """As many as were acknowledged: fewer are lost, more were done twice."""
    found = {kind: await town.machines.one(query) for kind, query in EFFECTS.items()}
    wanted = {kind: len(market.done[kind]) for kind in EFFECTS}
    assert found == wanted, f"there are {found}, and {wanted} were acknowledged"
    return found


async def _mail(town: Town, market: Market, feed: list[Any]) -> dict[str, int]:
    messages = town.machines.messages()
    arrived = Counter(str(one["message-id"]) for one in messages)
    rows = await town.machines.ask("select id, kind, state, problem from mail")
    by_id = {int(id_.split("-")[1]): id_ for id_ in arrived}
    sent = {row["id"] for row in rows if row["state"] == "sent"}
    assert sent <= set(by_id), "what is told to be sent has arrived"
    assert set(by_id) <= {row["id"] for row in rows}
    assert not [row for row in rows if row["state"] == "failed"]
    news = {row["id"] for row in rows if row["kind"] in {"news", "digest"}}
    boxes: dict[str, EmailMessage] = {
        str(one["message-id"]): one for one in messages if int(str(one["message-id"]).split("-")[1]) in news
    }
    people_have_read(market, feed, boxes, await town.machines.ask(NOTICES))
    return {"mails": len(arrived), "mails twice, with the same id": len(messages) - len(arrived)}


async def _erp(town: Town) -> int:
    """What was to be told to it is booked there, each event once: its own ids say so."""
    rows = await town.machines.ask(TO_ERP)
    assert {row["state"] for row in rows} <= {"delivered", "dropped"}, Counter(row["state"] for row in rows)
    booked = [line for line in town.erp.booked.read_text().splitlines() if line] if rows else []
    assert len(booked) == len(town.erp.ids)
    return len(booked)


async def _own_feeds(market: Market) -> None:
    """Whoever read on all the while has every event of the account, in order."""
    for account, read in market.read.items():
        await market.read_on(account)
        assert [event["sequence"] for event in read] == list(range(1, len(read) + 1)), account
        assert read == await asyncio.to_thread(market.world.feed, account)
