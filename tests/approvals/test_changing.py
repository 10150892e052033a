"""Orders that change: what was approved stands or falls with what it was said of."""

from datetime import timedelta
from decimal import Decimal

import pytest

from portal.clock import utc_now
from portal.db.work import Work
from portal.domain.policies import Rule, When
from portal.domain.refusals import Conflict, Forbidden, Unacceptable
from portal.operations import cancelling, minding, shipping
from portal.operations.deciding import Condition
from portal.operations.moving import Part
from portal.operations.placing import WantedLine
from portal.operations.revising import ChangedLine
from portal.operations.shipping import Leaving
from tests.approvals.office import STAFF, Office, above, by, seats
from tests.approvals.test_whom_it_asks import delegate

TWO = [WantedLine(1, "BOLT", Decimal(100), Decimal(10)), WantedLine(2, "CARE", Decimal(10), Decimal(10))]


def more(quantity: int, line: int = 1) -> ChangedLine:
    return ChangedLine(Decimal(quantity), line)


async def begun(office: Office) -> str:
    """An order of 1,320.00 that Anna has approved and Otto has not."""
    await office.person("bea")
    anna, otto = await office.person("anna", "approver"), await office.person("otto", "approver")
    await office.policy(above(1000, by(anna), by(otto)))
    await office.stock()
    return await office.order("bea", lines=TWO)


async def test_less_keeps_what_was_approved(office: Office) -> None:
    order = await begun(office)
    await office.decide("anna", order)

    assert await office.change("bea", order, more(90)) == "changed"

    request = await office.request(order)
    assert (request.total, request.step) == (Decimal(1200), 2)
    assert await office.decide("otto", order) == "approved"
    assert await office.state(order) == "open"


async def test_more_voids_what_was_approved(office: Office) -> None:
    order = await begun(office)
    await office.decide("anna", order)

    await office.change("bea", order, more(110))

    request = await office.request(order)
    assert (request.total, request.step) == (Decimal(1440), 1)
    assert [seat.state for seat in request.seats] == ["open", "open"]
    assert await office.mailed("anna") == ["approval.asked", "approval.asked"]


async def test_more_that_a_condition_covers_keeps_what_was_approved(office: Office) -> None:
    order = await begun(office)
    await office.decide("anna", order, condition=Condition(total=Decimal(1500)))

    await office.change("bea", order, more(110))
    assert (await office.request(order)).step == 2
    await office.change("bea", order, more(120))
    assert (await office.request(order)).step == 1


async def test_a_condition_that_does_not_hold_at_once_is_refused(office: Office) -> None:
    order = await begun(office)

    with pytest.raises(Unacceptable, match=r"comes to 1320\.00 GBP"):
        await office.decide("anna", order, condition=Condition(total=Decimal(1300)))


async def test_a_condition_that_has_lapsed_when_all_have_agreed_asks_again(office: Office) -> None:
    order = await begun(office)
    await office.decide("anna", order, condition=Condition(until=utc_now().date()))
    yesterday = (utc_now().date() - timedelta(days=1)).isoformat()
    await office.pool.execute(
        "update approval_seat set condition = $1 where condition is not null", {"until": yesterday}
    )

    assert await office.decide("otto", order) == "pending"

    request = await office.request(order)
    assert (request.step, request.steps[0].state) == (1, "open")
    assert [said.what for said in request.decisions] == ["request", "approve", "approve", "lapse"]
    assert await office.state(order) == "pending_approval"
    assert await office.decide("anna", order) == "approved"


async def test_a_change_to_which_no_rule_applies_is_placed_at_once(office: Office) -> None:
    order = await begun(office)

    await office.change("bea", order, more(50))

    assert (await office.request(order)).state == "approved"
    assert await office.state(order) == "open"


async def test_a_line_may_go_and_another_come(office: Office) -> None:
    order = await begun(office)

    await office.change(
        "bea", order, more(0, line=2), ChangedLine(Decimal(40), sku="CABLE"), note="cable instead"
    )

    rows = await office.pool.fetch(
        """select l.line, l.sku, l.price_source, sum(p.quantity) filter (where p.stage <> 'cancelled') as quantity
           from order_line l join portion p on p.line_id = l.id group by l.id order by l.line"""
    )
    assert [tuple(row.values()) for row in rows] == [
        (1, "BOLT", "order", 100), (2, "CARE", "order", None), (3, "CABLE", "list", 40),
    ]  # fmt: skip
    assert (await office.request(order)).total == Decimal("1360.18")


async def test_a_change_that_makes_another_rule_apply_asks_its_people_too(office: Office) -> None:
    order = await begun(office)
    dora = await office.person("dora", "approver")
    await office.pool.execute("update product set category = 'acid' where sku = 'MADE'")
    acid = Rule("acid", (by(dora),), When(category=("acid",)))
    await office.policy(above(1000, by("anna@example.test"), by("otto@example.test")), acid)
    await office.decide("anna", order)

    await office.change("bea", order, more(90), ChangedLine(Decimal(1), sku="MADE"))

    request = await office.request(order)
    assert seats(request) == [["anna", "dora"], ["otto"]]
    assert [seat.state for seat in request.seats] == ["approved", "open", "open"]


async def test_nothing_of_an_order_cannot_be_approved(office: Office) -> None:
    order = await begun(office)

    with pytest.raises(Unacceptable, match="withdraw"):
        await office.change("bea", order, more(0), more(0, line=2))
    with pytest.raises(Unacceptable, match="Nothing would change"):
        await office.change("bea", order, more(100))
    with pytest.raises(Unacceptable, match="no line 7"):
        await office.change("bea", order, more(1, line=7))


async def placed(office: Office) -> str:
    order = await begun(office)
    await office.decide("anna", order)
    await office.decide("otto", order)
    assert await office.state(order) == "open"
    return order


async def test_more_of_a_placed_order_changes_nothing_before_all_agree(office: Office) -> None:
    order = await placed(office)

    assert await office.change("bea", order, more(150)) == "asked"

    request = await office.request(order)
    assert (request.kind, request.total, request.state) == ("amendment", Decimal(1920), "pending")
    assert await office.pool.fetchval("select count(*) from order_line") == 2
    await office.decide("anna", order)
    assert await office.decide("otto", order) == "approved"
    rows = await office.pool.fetch("select line, sku, quantity, unit_price from order_line order by line")
    assert [tuple(row.values()) for row in rows][2] == (3, "BOLT", 50, 10)
    assert await office.pool.fetchval("select total from orders") == Decimal(1920)


async def test_a_change_that_is_rejected_leaves_the_order_as_it_was(office: Office) -> None:
    order = await placed(office)
    await office.change("bea", order, more(150))

    assert await office.decide("anna", order, "reject") == "rejected"

    assert await office.state(order) == "open"
    assert await office.pool.fetchval("select count(*) from order_line") == 2
    assert (await office.told(order))[-1] == "order.change_rejected"


async def test_a_change_of_an_order_that_is_cancelled_meanwhile_asks_nobody_any_more(office: Office) -> None:
    order = await placed(office)
    await office.change("bea", order, more(150))
    work = Work(office.pool, actor="staff")
    async with work:
        parts = [Part(1, Decimal(100)), Part(2, Decimal(10))]
        await cancelling.cancel(work, STAFF, order, parts, "the site is closed")

    assert await office.state(order) == "cancelled"
    assert (await office.request(order)).state == "withdrawn"
    assert "order.change_rejected" in await office.told(order)
    assert "order.rejected" not in await office.told(order)


async def test_a_change_of_an_order_that_has_closed_meanwhile_ends_by_itself(office: Office) -> None:
    order = await placed(office)
    await office.change("bea", order, more(150))
    work = Work(office.pool, actor="staff")
    async with work:
        await cancelling.cancel(work, STAFF, order, [Part(2, Decimal(10))], None)
    async with work:
        await shipping.ship(work, STAFF, order, Leaving("MAIN", [Part(1, Decimal(100))]))
    assert await office.state(order) == "closed"

    await minding.mind(office.pool)

    assert (await office.request(order)).state == "expired"
    assert await office.state(order) == "closed"


async def test_another_change_takes_the_place_of_the_first(office: Office) -> None:
    order = await placed(office)
    await office.change("bea", order, more(150))
    await office.decide("anna", order)

    await office.change("bea", order, more(200))

    request = await office.request(order)
    assert (request.total, request.step) == (Decimal(2520), 1)
    await office.decide("anna", order)
    await office.decide("otto", order)
    assert await office.pool.fetchval("select sum(quantity) from order_line where sku = 'BOLT'") == 200


async def test_less_of_a_placed_order_needs_nobodys_leave(office: Office) -> None:
    order = await placed(office)

    assert await office.change("bea", order, more(40)) == "changed"

    stages = await office.pool.fetch("select stage, quantity from portion where sku = 'BOLT' order by id")
    assert {row["stage"]: row["quantity"] for row in stages} == {"allocated": 40, "cancelled": 60}


async def test_more_beyond_the_credit_is_refused_and_nothing_changes(office: Office) -> None:
    order = await placed(office)
    await office.change("bea", order, more(150))
    await office.account(credit_limit=Decimal(1500))
    await office.decide("anna", order)

    with pytest.raises(Unacceptable, match="limit"):
        await office.decide("otto", order)

    assert (await office.request(order)).state == "pending"
    assert await office.pool.fetchval("select count(*) from order_line") == 2


async def test_a_settled_order_cannot_be_changed(office: Office) -> None:
    order = await begun(office)
    await office.decide("anna", order, "reject")

    with pytest.raises(Conflict, match="rejected"):
        await office.change("bea", order, more(50))


async def test_an_order_whose_credit_is_gone_by_then_is_held_not_placed(office: Office) -> None:
    order = await begun(office)
    await office.decide("anna", order)
    await office.account(credit_limit=Decimal(1000))

    assert await office.decide("otto", order) == "approved"

    assert await office.state(order) == "held"
    assert await office.pool.fetchval("select count(*) from portion where stage <> 'waiting'") == 0


async def test_lines_that_are_rejected_are_cancelled_and_the_chain_goes_on(office: Office) -> None:
    order = await begun(office)
    await office.decide("anna", order)

    assert await office.decide("otto", order, "reject", lines=[2], comment="no care") == "pending"

    request = await office.request(order)
    assert (request.total, request.step) == (Decimal(1200), 2)
    assert await office.decide("otto", order) == "approved"
    assert await office.pool.fetchval("select state from order_status") == "open"


async def test_rejecting_every_line_is_rejecting_the_order(office: Office) -> None:
    order = await begun(office)

    assert await office.decide("anna", order, "reject", lines=[1, 2]) == "rejected"

    assert await office.state(order) == "rejected"


async def test_whoever_is_asked_cannot_change_what_they_are_asked_to(office: Office) -> None:
    order = await begun(office)
    await office.person("anna", "buyer", "approver")
    await office.person("cleo", "buyer")

    with pytest.raises(Forbidden, match="reject what is too much"):
        await office.change("anna", order, more(200))
    assert await office.change("cleo", order, more(200)) == "changed"


async def test_whoever_stands_in_for_somebody_cannot_change_what_they_are_asked_to(office: Office) -> None:
    order = await begun(office)
    await office.person("dora", "account_admin")
    await delegate(office, "anna", "dora")

    with pytest.raises(Forbidden, match="reject what is too much"):
        await office.change("dora", order, more(200))


async def test_whoever_changed_an_order_does_not_approve_it_by_being_asked_afterwards(office: Office) -> None:
    order = await begun(office)
    await office.person("dora", "account_admin")
    await office.change("dora", order, more(200))
    await delegate(office, "anna", "dora")

    with pytest.raises(Forbidden, match="You changed"):
        await office.decide("dora", order)
    assert await office.decide("dora", order, "reject", comment="too much after all") == "rejected"
