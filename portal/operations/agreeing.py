"""Allocation agreements: stock that is guaranteed to one account, ring-fenced before the queue is served."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.db import ours, places, stock
from portal.db.stock import Agreement
from portal.db.work import Work
from portal.domain.portions import total
from portal.domain.quantities import ZERO, NotAQuantity, check_unit, text
from portal.domain.refusals import Conflict, Problem, refuse_any
from portal.operations import planning
from portal.operations.counting import back_to_the_queue

LISTED = "number, account, location, sku, quantity, drawn, reserved, valid_from, valid_to"


@dataclass(frozen=True, slots=True)
class Terms:
    """An allocation agreement as it is put."""

    number: str
    account: str
    location: str
    sku: str
    quantity: Decimal
    valid_from: date
    valid_to: date | None = None


async def put(work: Work, terms: Terms) -> bool:
    """Write or replace an agreement; its draws stay. A new one takes unpicked stock of others at once.

    Answers whether it is new.
    """
    await _refuse(work, terms)
    await stock.lock(work.conn, [terms.sku])
    row = await work.conn.fetchrow(
        f"select {LISTED} from allocation_agreement where number = $1", terms.number
    )
    before = Agreement(*row.values()) if row else None
    if before is not None and (before.account, before.location, before.sku) != (
        terms.account,
        terms.location,
        terms.sku,
    ):
        raise Conflict(
            f"Agreement {terms.number} is about {before.sku} at {before.location} for {before.account}; "
            "another product, location or account is another agreement."
        )
    await work.conn.execute(
        """insert into allocation_agreement (number, account, location, sku, quantity, valid_from, valid_to)
           values ($1, $2, $3, $4, $5, $6, $7)
           on conflict (number) do update set quantity = excluded.quantity, valid_from = excluded.valid_from,
               valid_to = excluded.valid_to""",
        terms.number,
        terms.account,
        terms.location,
        terms.sku,
        terms.quantity,
        terms.valid_from,
        terms.valid_to,
    )
    await come_into_force(work, terms.number, terms.sku)
    return before is None


async def come_into_force(work: Work, number: str, sku: str) -> None:
    """Ring-fence what the agreement is due, with stock that others have been given but nobody picks yet.

    The product is locked. The plan that follows fills agreements before anybody in the queue.
    """
    row = await work.conn.fetchrow(f"select {LISTED} from allocation_agreement where number = $1", number)
    assert row is not None
    agreement = Agreement(*row.values())
    place = (await places.load(work.conn, work.now))[agreement.location]
    due = agreement.remaining(place.today)
    await work.conn.execute(
        "update allocation_agreement set in_force = $2 where number = $1",
        number,
        agreement.valid_from <= place.today
        and (agreement.valid_to is None or place.today <= agreement.valid_to),
    )
    level = await stock.level(work.conn, agreement.location, sku)
    missing = due - agreement.reserved - (level.free if level else ZERO)
    if missing > 0:
        others = [
            portion
            for portion, path in await ours.unpicked(work.conn, sku, agreement.location)
            if portion.agreement is None and agreement.account not in path
        ]
        taken = min(missing, total(others))
        await back_to_the_queue(work, others, taken)
        await stock.change(work.conn, {(sku, agreement.location): {"allocated": -taken}})
    await planning.replan(work, [sku], {"what": "agreement_changed", "location": agreement.location})


async def _refuse(work: Work, terms: Terms) -> None:
    problems = []
    known = await work.conn.fetchrow(
        """select (select 1 from account where number = $1) as account, (select 1 from location where code = $2)
               as location, (select unit from product where sku = $3) as unit""",
        terms.account,
        terms.location,
        terms.sku,
    )
    assert known is not None
    for name, value in (("account", terms.account), ("location", terms.location), ("sku", terms.sku)):
        if known["unit" if name == "sku" else name] is None:
            noun = "product" if name == "sku" else name
            problems.append(Problem(f"/{name}", f"unknown {noun} {value!r}"))
    if known["unit"] is not None:
        try:
            check_unit(terms.quantity, known["unit"])
        except NotAQuantity as wrong:
            problems.append(Problem("/quantity", str(wrong)))
    if terms.quantity <= 0:
        problems.append(Problem("/quantity", f"{text(terms.quantity)} guarantees nothing"))
    if terms.valid_to is not None and terms.valid_to < terms.valid_from:
        problems.append(Problem("/valid_to", "lies before valid_from"))
    refuse_any(problems)
