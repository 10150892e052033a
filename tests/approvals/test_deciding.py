"""What people decide, and what becomes of the order."""

import pytest

from portal.domain.refusals import Conflict, Forbidden, Unacceptable
from tests.approvals.office import Office, above, by, role, seats


async def test_an_order_without_any_policy_is_placed_at_once(office: Office) -> None:
    await office.person("bea")

    order = await office.order("bea", 1200)

    assert await office.state(order) == "open"


async def test_an_order_below_the_amount_is_placed_at_once_and_one_above_waits(office: Office) -> None:
    await office.person("bea")
    anna = await office.person("anna", "approver")
    await office.policy(above(1000, by(anna)))

    assert await office.state(await office.order("bea", 996)) == "open"
    order = await office.order("bea", 1200)

    assert await office.state(order) == "pending_approval"
    request = await office.request(order)
    assert seats(request) == [["anna"]]
    assert request.reasons[0]["because"] == [
        {"fact": "total_above", "total": "1200.00", "amount": "1000.00", "currency": "GBP"}
    ]
    assert await office.mailed("anna") == ["approval.asked"]


async def test_when_everybody_has_agreed_the_order_takes_its_place_and_its_stock(office: Office) -> None:
    await office.person("bea")
    anna, otto = await office.person("anna", "approver"), await office.person("otto", "approver")
    await office.policy(above(1000, by(anna), by(otto)))
    await office.stock()
    order = await office.order("bea", 1200)

    assert await office.decide("anna", order) == "pending"
    assert await office.state(order) == "pending_approval"
    assert await office.decide("otto", order) == "approved"

    assert await office.state(order) == "open"
    told = await office.told(order)
    assert told == [
        "order.approval_requested",
        "order.approval_given",
        "order.approved",
        "order.placed",
        "portion.allocated",
    ]
    assert await office.mailed("bea") == ["approval.approved"]


async def test_the_second_step_waits_for_the_first(office: Office) -> None:
    await office.person("bea")
    anna, otto = await office.person("anna", "approver"), await office.person("otto", "approver")
    await office.policy(above(1000, by(anna), by(otto)))
    order = await office.order("bea", 1200)

    with pytest.raises(Conflict, match="waits for Anna"):
        await office.decide("otto", order)


async def test_whoever_is_not_asked_cannot_decide(office: Office) -> None:
    await office.person("bea", "buyer", "approver")
    anna = await office.person("anna", "approver")
    await office.person("mick", "approver")
    await office.policy(above(1000, by(anna)))
    order = await office.order("bea", 1200)

    with pytest.raises(Forbidden, match="does not ask you"):
        await office.decide("mick", order)
    with pytest.raises(Forbidden, match="yourself"):
        await office.decide("bea", order)


async def test_a_rejected_order_is_over_and_says_why(office: Office) -> None:
    await office.person("bea")
    anna = await office.person("anna", "approver")
    await office.policy(above(1000, by(anna)))
    order = await office.order("bea", 1200)

    assert await office.decide("anna", order, "reject", comment="too dear") == "rejected"

    assert await office.state(order) == "rejected"
    assert (await office.told(order))[-1] == "order.rejected"
    assert await office.mailed("bea") == ["approval.rejected"]
    with pytest.raises(Conflict, match="rejected already"):
        await office.decide("anna", order)


async def test_a_rejection_needs_a_reason(office: Office) -> None:
    await office.person("bea")
    anna = await office.person("anna", "approver")
    await office.policy(above(1000, by(anna)))
    order = await office.order("bea", 1200)

    for nothing in (" ", "\u200b", "\n"):
        with pytest.raises(Unacceptable, match="say why"):
            await office.decide("anna", order, "reject", comment=nothing)


async def test_a_question_goes_to_the_requester_and_the_answer_back(office: Office) -> None:
    await office.person("bea")
    anna = await office.person("anna", "approver")
    await office.policy(above(1000, by(anna)))
    order = await office.order("bea", 1200)

    assert await office.decide("anna", order, "ask", comment="what for?") == "asked"
    assert await office.mailed("bea") == ["approval.question"]
    assert await office.answer("bea", order, "the new hall") == "pending"

    assert await office.mailed("anna") == ["approval.asked", "approval.answered"]
    assert await office.decide("anna", order) == "approved"


async def test_the_requester_can_take_it_back(office: Office) -> None:
    await office.person("bea")
    anna = await office.person("anna", "approver")
    await office.policy(above(1000, by(anna)))
    order = await office.order("bea", 1200)

    assert await office.withdraw("bea", order) == "withdrawn"

    assert await office.state(order) == "cancelled"
    assert await office.mailed("anna") == ["approval.asked", "approval.withdrawn"]


async def test_a_role_is_everybody_who_has_it_in_the_nearest_account(office: Office) -> None:
    await office.person("bea")
    await office.person("gus", "finance", account="GROUP")
    await office.policy(above(1000, role("finance")))

    assert seats(await office.request(await office.order("bea"))) == [["gus"]]
    await office.person("fay", "finance")
    assert seats(await office.request(await office.order("bea"))) == [["fay"]]


async def test_a_question_stands_while_others_decide(office: Office) -> None:
    await office.person("bea")
    emails = [await office.person(name, "approver") for name in ("anna", "otto")]
    await office.policy(above(1000, by(*emails)))
    order = await office.order("bea", 1200)
    await office.decide("anna", order, "ask", comment="what for?")

    assert await office.decide("otto", order) == "asked"
    assert await office.decide("anna", order) == "approved"


async def test_from_a_mail_it_does_no_harm_that_others_agreed_meanwhile(office: Office) -> None:
    await office.person("bea")
    emails = [await office.person(name, "approver") for name in ("anna", "otto", "dora")]
    await office.policy(above(1000, by(*emails)))
    order = await office.order("bea", 1200)
    await office.decide("anna", order)

    assert await office.decide("otto", order, version=1, through="mail") == "pending"
    await office.decide("otto", order, "ask", comment="how much?")
    with pytest.raises(Conflict, match="Otto asked a question"):
        await office.decide("dora", order, version=1, through="mail")


async def test_what_was_said_stands_in_the_audit_chain(office: Office) -> None:
    await office.person("bea")
    anna = await office.person("anna", "approver")
    await office.policy(above(1000, by(anna)))
    order = await office.order("bea", 1200)
    await office.decide("anna", order, comment="fine")

    rows = await office.pool.fetch("select action, subject, body from audit_entry order by id")

    number = (await office.request(order)).number
    actions = [(row["action"], row["subject"]) for row in rows if row["action"].startswith("approval")]
    assert actions == [("approval.requested", number), ("approval.approved", number)]
    assert '"comment":"fine"' in rows[-1]["body"]
    assert order in rows[-1]["body"]
