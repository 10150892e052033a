"""Whom a chain asks: roles, authority up the tree, requesters, those who stand in."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from portal.clock import utc_now
from portal.db.work import Work
from portal.domain.asking import NobodyToAsk
from portal.domain.money import Totals
from portal.domain.policies import Above, Rule, Step, When
from portal.domain.refusals import Conflict, Forbidden, Unacceptable
from portal.operations import approving, delegating
from portal.operations.approving import Asked
from portal.operations.delegating import Delegating
from portal.operations.placing import WantedLine
from tests.approvals.office import Office, above, by, role, seats


async def delegate(
    office: Office, who: str, to: str, days: int = 3, cap: str | None = None, **more: object
) -> int:
    today = utc_now().date()
    wanted = Delegating(
        str(more.get("account", "NORTH")), f"{who}@example.test", f"{to}@example.test",
        today + timedelta(days=int(str(more.get("begins", 0)))), today + timedelta(days=days),
        Decimal(cap) if cap else None, "GBP" if cap else None,
    )  # fmt: skip
    work, viewer = Work(office.pool, actor=who), await office.viewer(str(more.get("as_", who)))
    async with work:
        return await delegating.delegate(work, viewer, wanted)


async def test_a_limit_that_does_not_reach_asks_somebody_whose_does(office: Office) -> None:
    await office.person("bea")
    anna = await office.person("anna", "approver", limit="5000")
    await office.person("dora", "approver", limit="50000")
    await office.person("gus", "approver", account="GROUP")
    await office.policy(above(1000, by(anna)))

    assert seats(await office.request(await office.order("bea", 4800))) == [["anna"]]
    assert seats(await office.request(await office.order("bea", 6000))) == [["anna"], ["dora"]]
    request = await office.request(await office.order("bea", 60000))
    assert seats(request) == [["anna"], ["gus"]]
    assert [(seat.why, seat.account) for seat in request.steps[1].seats] == [("authority", "GROUP")]


async def test_where_one_of_several_has_the_authority_only_they_are_asked(office: Office) -> None:
    await office.person("bea")
    await office.person("anna", "approver", limit="5000")
    await office.person("dora", "approver", limit="50000")
    await office.policy(above(1000, role("approver", "any")))

    assert seats(await office.request(await office.order("bea", 4800))) == [["anna", "dora"]]
    assert seats(await office.request(await office.order("bea", 6000))) == [["dora"]]


async def test_what_nobody_has_the_authority_for_is_refused_and_nothing_is_written(office: Office) -> None:
    await office.person("bea")
    anna = await office.person("anna", "approver", limit="5000")
    await office.policy(above(1000, by(anna)))

    with pytest.raises(NobodyToAsk, match=r"authority to approve 6000\.00 GBP"):
        await office.order("bea", 6000)

    assert await office.pool.fetchval("select count(*) from orders") == 0


async def test_a_requesters_own_limit_asks_even_without_a_rule(office: Office) -> None:
    await office.person("bea", limit="500")
    await office.person("anna", "approver", limit="2000")
    await office.person("ada", "account_admin")

    assert await office.state(await office.order("bea", 480)) == "open"
    request = await office.request(await office.order("bea", 1200))
    assert seats(request) == [["ada", "anna"]]
    assert request.reasons == [
        {
            "rule": "authority",
            "account": "NORTH",
            "because": [
                {"fact": "limit_per_order", "total": "1200.00", "amount": "500.00", "currency": "GBP"}
            ],
        }
    ]
    assert seats(await office.request(await office.order("bea", 3000))) == [["ada"]]


async def test_a_requesters_limit_per_month_counts_what_they_ordered_before(office: Office) -> None:
    await office.person("bea", per_month="2000")
    await office.person("anna", "approver")

    assert await office.state(await office.order("bea", 1200)) == "open"
    request = await office.request(await office.order("bea", 1200))

    assert request.reasons[0]["because"][0]["before"] == "1200.00"


async def test_an_approvers_limit_per_month_counts_what_they_approved(office: Office) -> None:
    await office.person("bea")
    anna = await office.person("anna", "approver", per_month="2000")
    await office.person("dora", "approver", account="GROUP")
    await office.policy(above(1000, by(anna)))
    first = await office.order("bea", 1200)
    assert seats(await office.request(first)) == [["anna"]]
    await office.decide("anna", first)

    assert seats(await office.request(await office.order("bea", 1200))) == [["anna"], ["dora"]]


async def test_authority_that_is_used_up_meanwhile_asks_somebody_else_at_the_end(office: Office) -> None:
    await office.person("bea")
    anna = await office.person("anna", "approver", per_month="2000")
    await office.person("dora", "approver", account="GROUP")
    await office.policy(above(1000, by(anna)))
    first, second = await office.order("bea", 1200), await office.order("bea", 1200)
    await office.decide("anna", first)

    assert await office.decide("anna", second) == "pending"

    assert seats(await office.request(second)) == [["anna"], ["dora"]]
    assert await office.mailed("dora") == ["approval.asked"]
    assert await office.decide("dora", second) == "approved"


async def test_nobody_approves_their_own_order(office: Office) -> None:
    bea = await office.person("bea", "buyer", "approver")
    await office.person("ada", "account_admin")
    await office.policy(above(1000, by(bea)))

    request = await office.request(await office.order("bea", 1200))

    assert seats(request) == [["ada"]]


async def test_a_sole_approver_s_order_goes_up_the_tree(office: Office) -> None:
    await office.person("bea", "buyer", "approver")
    await office.person("gus", "approver", account="GROUP")
    await office.policy(above(1000, role("approver")))

    assert seats(await office.request(await office.order("bea", 1200))) == [["gus"]]


async def test_where_there_is_nobody_but_the_requester_the_order_is_refused(office: Office) -> None:
    bea = await office.person("bea", "buyer", "approver")
    await office.policy(above(1000, by(bea), name="large orders"))

    with pytest.raises(NobodyToAsk, match=r"rule 'large orders' asks bea@example\.test"):
        await office.order("bea", 1200)

    assert await office.pool.fetchval("select count(*) from orders") == 0


async def test_a_policy_may_let_people_approve_their_own_unless_a_parent_forbids_it(office: Office) -> None:
    bea = await office.person("bea", "buyer", "approver")
    await office.person("gus", "approver", account="GROUP")
    await office.policy(above(1000, by(bea)), self_approval=True)
    order = await office.order("bea", 1200)
    assert seats(await office.request(order)) == [["bea"]]
    assert await office.decide("bea", order) == "approved"

    await office.policy(account="GROUP", self_approval=False)

    assert seats(await office.request(await office.order("bea", 1200))) == [["gus"]]


async def test_the_rules_of_parents_apply_too_and_nobody_is_asked_twice(office: Office) -> None:
    await office.person("bea")
    anna = await office.person("anna", "approver")
    gus = await office.person("gus", "approver", account="GROUP")
    await office.policy(above(1000, by(anna), by(gus), name="ours"))
    await office.policy(above(500, by(gus), name="the group's"), account="GROUP")

    request = await office.request(await office.order("bea", 1200))

    assert seats(request) == [["anna", "gus"]]
    assert {reason["rule"] for reason in request.reasons} == {"ours", "the group's"}


async def test_who_left_is_not_asked(office: Office) -> None:
    await office.person("bea")
    anna = await office.person("anna", "approver")
    await office.person("ada", "account_admin")
    await office.policy(above(1000, by(anna)))
    await office.pool.execute("update person set active = false where id = $1", office.persons["anna"])

    assert seats(await office.request(await office.order("bea", 1200))) == [["ada"]]


async def test_somebody_stands_in_and_it_is_told_in_whose_name(office: Office) -> None:
    await office.person("bea")
    anna = await office.person("anna", "approver")
    await office.person("otto", "approver")
    await office.policy(above(1000, by(anna)))
    await delegate(office, "anna", "otto")
    order = await office.order("bea", 1200)
    assert await office.mailed("otto") == ["delegation.begun", "approval.asked"]

    assert await office.decide("otto", order) == "approved"

    request = await office.request(order)
    seat = request.steps[0].seats[0]
    assert (seat.name, seat.decided_by) == ("Anna", "Otto")
    assert [(said.name, said.for_name) for said in request.decisions[1:]] == [("Otto", "Anna")]


async def test_delegations_are_followed_and_loops_end(office: Office) -> None:
    await office.person("bea")
    anna = await office.person("anna", "approver")
    for name in ("otto", "dora"):
        await office.person(name, "approver")
    await office.policy(above(1000, by(anna)))
    await delegate(office, "anna", "otto")
    await delegate(office, "otto", "dora")
    await delegate(office, "dora", "anna")
    order = await office.order("bea", 1200)
    request = await office.request(order, "dora")
    assert [deputy.name for deputy in request.steps[0].seats[0].deputies] == ["Otto", "Dora"]
    assert request.mine

    assert await office.decide("dora", order) == "approved"


async def test_whoever_asks_never_stands_in_for_who_decides(office: Office) -> None:
    await office.person("bea", "buyer", "approver")
    anna = await office.person("anna", "approver")
    await office.policy(above(1000, by(anna)))
    await delegate(office, "anna", "bea")
    order = await office.order("bea", 1200)

    with pytest.raises(Forbidden, match="yourself"):
        await office.decide("bea", order)


async def test_a_cap_keeps_large_orders_with_who_delegates(office: Office) -> None:
    await office.person("bea")
    anna = await office.person("anna", "approver")
    await office.person("otto", "approver")
    await office.policy(above(1000, by(anna)))
    await delegate(office, "anna", "otto", cap="2000")
    small, large = await office.order("bea", 1200), await office.order("bea", 2400)

    with pytest.raises(Forbidden):
        await office.decide("otto", large)
    assert await office.decide("otto", small) == "approved"


async def test_a_delegation_that_has_ended_or_not_begun_counts_for_nothing(office: Office) -> None:
    await office.person("bea")
    anna = await office.person("anna", "approver")
    await office.person("otto", "approver")
    await office.policy(above(1000, by(anna)))
    await delegate(office, "anna", "otto", begins=1)
    delegation = await delegate(office, "anna", "otto")
    order = await office.order("bea", 1200)
    work = Work(office.pool)
    async with work:
        await delegating.end(work, await office.viewer("anna"), "NORTH", str(delegation))

    with pytest.raises(Forbidden):
        await office.decide("otto", order)
    async with work:
        with pytest.raises(Conflict, match="ended already"):
            await delegating.end(work, await office.viewer("anna"), "NORTH", str(delegation))


async def test_whoever_stands_in_from_now_on_is_asked_to_what_waits(office: Office) -> None:
    await office.person("bea")
    anna = await office.person("anna", "approver")
    await office.person("otto", "approver")
    await office.policy(above(1000, by(anna)))
    await office.order("bea", 1200)

    await delegate(office, "anna", "otto")

    assert await office.mailed("otto") == ["delegation.begun", "approval.asked"]


async def test_only_admins_delegate_for_others(office: Office) -> None:
    for name in ("anna", "otto", "mick"):
        await office.person(name, "approver")
    await office.person("ada", "account_admin")

    with pytest.raises(Forbidden):
        await delegate(office, "anna", "otto", as_="mick")
    assert await delegate(office, "anna", "otto", as_="ada")


@pytest.mark.parametrize(
    ("to", "days", "words"),
    [
        ("anna", 3, "somebody else"),
        ("bea", 3, "needs the role"),
        ("nobody", 3, "nobody of"),
        ("otto", -1, "before"),
    ],
)
async def test_a_delegation_that_makes_no_sense_is_refused(
    office: Office, to: str, days: int, words: str
) -> None:
    await office.person("bea")
    await office.person("anna", "approver")
    await office.person("otto", "approver")

    with pytest.raises(Unacceptable, match=words):
        await delegate(office, "anna", to, days)


async def test_categories_cost_centres_and_ship_tos_make_rules_apply(office: Office) -> None:
    await office.person("bea")
    anna = await office.person("anna", "approver")
    await office.pool.execute("update product set category = 'cables' where sku = 'CABLE'")
    await office.policy(
        Rule(
            "cables",
            (by(anna),),
            When(category=("cables",), cost_centre=("4711", "4712"), ship_to=("LEEDS",)),
        )
    )
    cable = [WantedLine(1, "CABLE", Decimal(1))]

    assert await office.state(await office.order("bea", lines=cable, cost_centre="4713")) == "open"
    assert await office.state(await office.order("bea", cost_centre="4711")) == "open"
    request = await office.request(await office.order("bea", lines=cable, cost_centre="4711"))
    assert [fact["fact"] for fact in request.reasons[0]["because"]] == ["category", "cost_centre", "ship_to"]


async def test_a_price_above_what_is_agreed_makes_a_rule_apply(office: Office) -> None:
    await office.person("bea")
    anna = await office.person("anna", "approver")
    await office.policy(Rule("dear", (by(anna),), When(price_deviation_above=Decimal(10))))

    assert await office.state(await office.order("bea", lines=[WantedLine(1, "BOLT", Decimal(1))])) == "open"
    assert (
        await office.state(
            await office.order("bea", lines=[WantedLine(1, "BOLT", Decimal(1), Decimal("3.60"))])
        )
        == "open"
    )
    order = await office.order("bea", lines=[WantedLine(1, "BOLT", Decimal(1), Decimal("4.0044"))])
    (fact,) = (await office.request(order)).reasons[0]["because"]
    assert fact["lines"] == [
        {"line": 1, "sku": "BOLT", "price": "4.0044", "agreed": "3.337", "percent": "20"}
    ]


async def test_the_first_order_of_a_product_makes_a_rule_apply_once(office: Office) -> None:
    await office.person("bea")
    anna = await office.person("anna", "approver")
    await office.policy(Rule("new", (by(anna),), When(first_order_of_product=True)))
    first = await office.order("bea")
    assert (await office.request(first)).reasons[0]["because"][0]["lines"] == [{"line": 1, "sku": "BOLT"}]
    await office.decide("anna", first, "reject")
    again = await office.order("bea")
    assert await office.state(again) == "pending_approval"
    await office.decide("anna", again)

    assert await office.state(await office.order("bea")) == "open"


async def test_a_budget_counts_what_the_account_ordered_in_the_period(office: Office) -> None:
    await office.person("bea")
    anna = await office.person("anna", "approver")
    await office.policy(
        Rule("budget", (by(anna),), When(period_total_above=Above(Decimal(2000), "GBP", "month")))
    )
    for _ in range(1):
        assert await office.state(await office.order("bea", 1200)) == "open"

    (fact,) = (await office.request(await office.order("bea", 1200))).reasons[0]["because"]

    assert (fact["before"], fact["total"], fact["amount"]) == ("1200.00", "2400.00", "2000.00")


async def test_an_order_is_tried_out_without_writing_anything(office: Office) -> None:
    await office.person("bea")
    anna = await office.person("anna", "approver")
    await office.policy(above(1000, by(anna)), Rule("acid", (by(anna),), When(category=("acid",))))
    totals = Totals(Decimal(0), Decimal(0), Decimal(0), Decimal(0), Decimal(1200))
    work = Work(office.pool)
    async with work:
        chain = await approving.chain_for(
            work.conn,
            "NORTH",
            office.persons["bea"],
            Asked(None, None, [], totals, ["acid"]),
            date(2026, 11, 18),
        )
        nothing = await approving.chain_for(
            work.conn, "NORTH", None, Asked(None, None, [], Totals(*[Decimal(1)] * 5)), date(2026, 11, 18)
        )

    assert nothing is None
    assert chain is not None
    assert [reason.rule for reason in chain.reasons] == ["large", "acid"]
    assert [dict(fact) for fact in chain.avoid] == [
        {"rule": "large", "fact": "below", "amount": "1000.00", "currency": "GBP"},
        {"rule": "acid", "fact": "without_category", "categories": ["acid"], "lines": []},
    ]
    assert await office.pool.fetchval("select count(*) from approval_request") == 0


async def test_a_step_of_a_quorum_passes_when_so_many_have_agreed(office: Office) -> None:
    await office.person("bea")
    emails = [await office.person(name, "approver") for name in ("anna", "otto", "dora")]
    await office.policy(above(1000, Step(tuple(emails), need=2)))
    order = await office.order("bea", 1200)

    assert await office.decide("dora", order) == "pending"
    with pytest.raises(Conflict, match="approved by Dora"):
        await office.decide("dora", order)
    assert await office.decide("anna", order) == "approved"
