"""Two at once on one request, on real connections: one wins, the other is told, and nothing is done twice."""

import asyncio
from collections.abc import Coroutine
from decimal import Decimal
from typing import Any

from portal.domain.refusals import Conflict, Refused, Unacceptable
from portal.operations import checking, minding
from portal.operations.placing import WantedLine
from portal.operations.revising import ChangedLine
from tests.approvals.office import Office, above, by

ROUNDS = 6


async def at_once(*tasks: Coroutine[Any, Any, Any]) -> list[Any]:
    """What each comes to: its answer, or the refusal that it met."""
    found = await asyncio.gather(*tasks, return_exceptions=True)
    for one in found:
        if isinstance(one, BaseException) and not isinstance(one, Refused):
            raise one
    return found


async def lawful(office: Office) -> None:
    assert await checking.broken_laws(office.pool) == []


async def two_approvers(office: Office, need: str | int = "any") -> None:
    await office.person("bea")
    emails = [await office.person(name, "approver") for name in ("anna", "otto")]
    await office.policy(above(1000, by(*emails, need=need)))
    await office.stock(quantity=100_000)


async def test_approve_against_reject(office: Office) -> None:
    await two_approvers(office)
    met = set()
    for number in range(ROUNDS):
        order = await office.order("bea", 1200)
        request = await office.request(order)
        sides = [
            office.decide_on("anna", request.number, "approve", version=1),
            office.decide_on("otto", request.number, "reject", version=1),
        ]
        answers = await at_once(*(sides if number % 2 else reversed(sides)))

        won = [answer for answer in answers if isinstance(answer, str)]
        assert len(won) == 1
        (lost,) = [answer for answer in answers if isinstance(answer, Refused)]
        assert isinstance(lost, Conflict)
        assert "Anna" in lost.detail or "Otto" in lost.detail
        state = await office.state(order)
        assert (won[0], state) in {("approved", "open"), ("rejected", "rejected")}
        placed = (await office.told(order)).count("order.placed")
        assert placed == (1 if state == "open" else 0)
        met.add(state)
    await lawful(office)
    assert met <= {"open", "rejected"}


async def test_two_who_must_both_agree_do_so_at_once(office: Office) -> None:
    await two_approvers(office, need="all")
    for _ in range(ROUNDS):
        order = await office.order("bea", 1200)
        number = (await office.request(order)).number

        answers = await at_once(office.decide_on("anna", number), office.decide_on("otto", number))

        assert sorted(answers) == ["approved", "pending"]
        assert (await office.told(order)).count("order.placed") == 1
    await lawful(office)


async def test_of_two_who_decided_on_the_same_version_one_wins(office: Office) -> None:
    await two_approvers(office, need="all")
    order = await office.order("bea", 1200)
    number = (await office.request(order)).number

    answers = await at_once(
        office.decide_on("anna", number, version=1), office.decide_on("otto", number, version=1)
    )

    assert sorted(isinstance(answer, Conflict) for answer in answers) == [False, True]
    assert (await office.request(order)).version == 2


async def test_one_person_twice_is_once(office: Office) -> None:
    await two_approvers(office)
    for _ in range(ROUNDS):
        order = await office.order("bea", 1200)
        number = (await office.request(order)).number

        answers = await at_once(*(office.decide_on("anna", number) for _ in range(4)))

        assert [answer for answer in answers if isinstance(answer, str)] == ["approved"]
        assert (await office.told(order)).count("order.placed") == 1
    await lawful(office)


async def test_edit_against_approve(office: Office) -> None:
    """Either the change comes first, and nobody's approval of less counts; or the approval does, and more is asked for
    anew. Never is more placed than somebody agreed to."""
    await two_approvers(office)
    for number in range(ROUNDS):
        order = await office.order("bea", lines=[WantedLine(1, "BOLT", Decimal(100), Decimal(10))])
        request = await office.request(order)
        sides = [
            office.decide_on("anna", request.number, version=request.version),
            office.change("bea", order, ChangedLine(Decimal(200), 1)),
        ]
        answers = await at_once(*(sides if number % 2 else reversed(sides)))

        state = await office.state(order)
        newest = await office.request(order)
        quantity = await office.pool.fetchval(
            "select sum(l.quantity) from order_line l join orders o on o.id = l.order_id where o.number = $1",
            order,
        )
        if state == "open":
            assert (quantity, newest.kind, newest.state) == (100, "amendment", "pending")
            assert set(answers) == {"approved", "asked"}
        else:
            assert (state, quantity, newest.total) == ("pending_approval", 200, Decimal(2400))
            assert [seat.state for seat in newest.seats] == ["open", "open"]
    await lawful(office)


async def test_withdraw_against_approve(office: Office) -> None:
    await two_approvers(office)
    for _ in range(ROUNDS):
        order = await office.order("bea", 1200)
        number = (await office.request(order)).number

        answers = await at_once(office.decide_on("anna", number), office.withdraw("bea", order))

        assert len([answer for answer in answers if isinstance(answer, str)]) == 1
        assert await office.state(order) in {"open", "cancelled"}
    await lawful(office)


async def test_two_orders_against_one_limit_are_approved_at_once_and_one_is_placed(office: Office) -> None:
    await two_approvers(office)
    await office.account(credit_limit=Decimal(2000))
    first, second = await office.order("bea", 1200), await office.order("bea", 1200)

    answers = await at_once(office.decide("anna", first), office.decide("otto", second))

    assert answers == ["approved", "approved"]
    assert sorted([await office.state(first), await office.state(second)]) == ["held", "open"]
    await lawful(office)


async def test_the_clock_against_a_decision(office: Office) -> None:
    await two_approvers(office)
    await office.policy(above(1000, by("anna@example.test")), expires_after_hours=1)
    for _ in range(ROUNDS):
        order = await office.order("bea", 1200)
        number = (await office.request(order)).number
        await office.pool.execute(
            "update approval_request set expires_at = now() + interval '30 milliseconds' where number = $1",
            number,
        )
        await asyncio.sleep(0.025)

        await at_once(office.decide_on("anna", number), minding.mind(office.pool), minding.mind(office.pool))
        await asyncio.sleep(0.02)
        await minding.mind(office.pool)

        assert ((await office.request(order)).state, await office.state(order)) in {
            ("approved", "open"),
            ("expired", "rejected"),
        }
    await lawful(office)


async def test_two_changes_at_once_ask_once(office: Office) -> None:
    await two_approvers(office)
    order = await office.order("bea", lines=[WantedLine(1, "BOLT", Decimal(50), Decimal(10))])
    assert await office.state(order) == "open"

    answers = await at_once(
        office.change("bea", order, ChangedLine(Decimal(100), 1)),
        office.change("bea", order, ChangedLine(Decimal(120), 1)),
    )

    assert answers == ["asked", "asked"]
    assert await office.pool.fetchval("select count(*) from approval_request") == 1
    assert not isinstance(answers[0], Unacceptable)
    await lawful(office)
