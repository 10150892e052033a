"""An order that nobody approved, or that somebody rejected, is placed through no door."""

from collections.abc import Awaitable, Callable
from decimal import Decimal

import asyncpg
import pytest

from portal.db.work import Work
from portal.domain.refusals import Refused
from portal.operations import (
    cancelling,
    checking,
    crediting,
    deciding,
    holding,
    keeping_up,
    lifting,
    minding,
    picking,
    placing,
    queueing,
    shipping,
    substituting,
)
from portal.operations.deciding import Decision
from portal.operations.moving import Part
from portal.operations.placing import Wanted, WantedLine
from portal.operations.shipping import Leaving
from portal.operations.substituting import Instead
from tests.approvals.office import STAFF, SUPPLIER, Office, above, by
from tests.operations import supplier as goods

Door = Callable[[Office, Work, str], Awaitable[object]]


async def _hold_and_release(office: Office, work: Work, order: str) -> None:
    hold = await holding.hold(work, STAFF, order, "credit", None, None)
    await holding.release(work, STAFF, order, str(hold), None)


async def _lift(office: Office, work: Work, order: str) -> None:
    hold = await holding.hold(work, STAFF, order, "finance", None, None)
    await lifting.lift(work, STAFF, order, str(hold), None)


async def _give_stock(office: Office, work: Work, order: str) -> None:
    other = "SO-" + order[3:8] + "000001"
    await queueing.reassign(work, STAFF, order, 1, other, 1, Decimal(5), "MAIN", "safety")


async def _approve(office: Office, work: Work, order: str) -> None:
    request = await office.request(order)
    await deciding.decide(work, STAFF, request.number, Decision("approve"), SUPPLIER)


DOORS: dict[str, Door] = {
    "a credit hold that is set and lifted": _hold_and_release,
    "a finance hold that is set and lifted": _lift,
    "picking": lambda _, work, order: picking.pick(work, STAFF, order, "MAIN", [Part(1, Decimal(1))]),
    "shipping": lambda _, work, order: shipping.ship(
        work, STAFF, order, Leaving("MAIN", [Part(1, Decimal(1))])
    ),
    "another order's stock": _give_stock,
    "a priority": lambda _, work, order: queueing.reprioritise(work, STAFF, order, 1, 9, "safety", None),
    "a substitute": lambda _, work, order: substituting.offer(
        work, STAFF, SUPPLIER, order, Instead(1, Decimal(1), "CARE", Decimal(1))
    ),
    "staff who decide themselves": _approve,
    "cancelling a part of it": lambda _, work, order: cancelling.cancel(
        work, STAFF, order, [Part(1, Decimal(1))], None
    ),
}


async def asked(office: Office) -> str:
    """An open order with stock, and one that waits for approval."""
    await office.person("bea")
    anna = await office.person("anna", "approver")
    await office.policy(above(1000, by(anna)))
    await office.stock(quantity=500)
    assert await office.state(await office.order("bea", 120)) == "open"
    return await office.order("bea", 1200)


async def is_not_placed(office: Office, order: str) -> None:
    rows = await office.pool.fetch(
        "select p.stage from portion p join orders o on o.id = p.order_id where o.number = $1", order
    )
    assert {row["stage"] for row in rows} <= {"waiting", "cancelled"}
    assert await office.state(order) in {"pending_approval", "rejected"}
    assert "order.placed" not in await office.told(order)
    counted = await office.pool.fetchval(
        """select coalesce(sum(open_orders), 0) from credit_entry e join orders o on o.id = e.order_id
           where o.number = $1""",
        order,
    )
    assert counted == 0
    assert await checking.broken_laws(office.pool) == []


@pytest.mark.parametrize("state", ["pending_approval", "rejected"])
@pytest.mark.parametrize("door", list(DOORS))
async def test_it_is_placed_through_no_door(office: Office, door: str, state: str) -> None:
    order = await asked(office)
    if state == "rejected":
        await office.decide("anna", order, "reject")
    work = Work(office.pool, actor="test")
    try:
        async with work:
            await DOORS[door](office, work, order)
    except (Refused, asyncpg.CheckViolationError):
        pass

    await office.stock(quantity=1000)
    await keeping_up.keep_up(office.pool)
    await minding.mind(office.pool)

    await is_not_placed(office, order)


async def test_another_system_that_sends_it_again_gets_the_one_that_was_rejected(office: Office) -> None:
    await office.person("bea")
    anna = await office.person("anna", "approver")
    await office.policy(above(1000, by(anna)))
    wanted = Wanted(
        "NORTH", [WantedLine(1, "BOLT", Decimal(100), Decimal(100))], origin="erp", external_id="1"
    )
    work = Work(office.pool, actor="erp")
    async with work:
        order, _ = await placing.place(work, STAFF, SUPPLIER, wanted)
    await office.decide("anna", order, "reject")

    async with work:
        again, is_new = await placing.place(work, STAFF, SUPPLIER, wanted)

    assert (again, is_new) == (order, False)
    await is_not_placed(office, order)


async def test_an_account_without_a_policy_any_more_does_not_free_what_waits(office: Office) -> None:
    order = await asked(office)
    await office.policy()

    await keeping_up.keep_up(office.pool)
    await minding.mind(office.pool)

    await is_not_placed(office, order)
    assert await office.decide("anna", order) == "approved"


async def test_whose_order_is_rejected_owes_nothing(office: Office) -> None:
    order = await asked(office)
    await office.account(credit_limit=Decimal(1300))
    await office.decide("anna", order, "reject")
    work = Work(office.pool)
    async with work:
        account = await goods_account(work)
        verdict = await crediting.judge(work, account, Decimal(1100), None)

    assert verdict.is_covered


async def goods_account(work: Work):  # type: ignore[no-untyped-def]
    from portal.db import accounts

    found = await accounts.lock(work.conn, "NORTH")
    assert found is not None
    assert goods.SUPPLIER
    return found
