"""Chains as a whole: rules, people, authority; and who decides for whom."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.domain.approvals import Chain, Limit
from portal.domain.asking import Crowd, Member, NobodyToAsk
from portal.domain.chains import Policy, applying, build, exceeded, may_approve_own, timing
from portal.domain.delegations import Delegation, deputies, principals
from portal.domain.policies import (
    Above,
    Facts,
    OrderedLine,
    Rule,
    Step,
    When,
    applies,
    avoiding,
    deviation,
)

TODAY = date(2026, 11, 18)
GBP = "GBP"


def facts(total: int = 1000, **more: object) -> Facts:
    return Facts(Decimal(total), GBP, TODAY, **more)  # type: ignore[arg-type]


def when(**conditions: object) -> Rule:
    return Rule("r", (Step(("a@example.test",)),), When(**conditions))  # type: ignore[arg-type]


def above(amount: int, currency: str = GBP, period: str | None = None) -> Above:
    return Above(Decimal(amount), currency, period)


LINE = OrderedLine(1, "BOLT", Decimal(11), "tools", Decimal(10), is_first=True, is_named=True)


@pytest.mark.parametrize(
    ("rule", "looked_at", "does"),
    [
        (when(), facts(), True),
        (when(total_above=above(999)), facts(1000), True),
        (when(total_above=above(1000)), facts(1000), False),
        (when(total_above=above(10**9, "EUR")), facts(1000), True),
        (when(period_total_above=above(1500, period="month")), facts(1000), False),
        (
            when(period_total_above=above(1500, period="month")),
            facts(1000, submitted={"month": Decimal(501)}),
            True,
        ),
        (when(category=("tools", "acid")), facts(lines=[LINE]), True),
        (when(category=("acid",)), facts(lines=[LINE]), False),
        (when(category=("acid",)), facts(categories=frozenset({"acid"})), True),
        (when(cost_centre=("4711",)), facts(cost_centre="4711"), True),
        (when(cost_centre=("4711",)), facts(), False),
        (when(ship_to=("LEEDS",)), facts(ship_to="YORK"), False),
        (when(price_deviation_above=Decimal(9)), facts(lines=[LINE]), True),
        (when(price_deviation_above=Decimal(10)), facts(lines=[LINE]), False),
        (when(first_order_of_product=True), facts(lines=[LINE]), True),
        (when(first_order_of_product=True), facts(), False),
        (when(total_above=above(999), ship_to=("LEEDS",)), facts(1000, ship_to="YORK"), False),
    ],
)
def test_a_rule_applies_when_all_of_its_conditions_hold(rule: Rule, looked_at: Facts, does: bool) -> None:
    found = applies(rule, looked_at)

    assert (found is not None) is does
    assert found != ()


def test_a_named_price_that_nothing_can_be_held_against_deviates() -> None:
    line = OrderedLine(1, "BOLT", Decimal(11), is_named=True)
    found = applies(when(price_deviation_above=Decimal(50)), facts(lines=[line]))
    assert found is not None
    assert found[0]["lines"][0]["percent"] is None
    assert deviation(OrderedLine(1, "BOLT", Decimal(9), reference=Decimal(10))) == 0


def test_what_would_avoid_a_rule_is_told_in_its_numbers() -> None:
    rule = when(total_above=above(500), period_total_above=above(1500, period="quarter"))
    looked_at = facts(1000, submitted={"quarter": Decimal(1400)})

    told = [dict(fact) for fact in avoiding(rule, applies(rule, looked_at) or ())]

    assert told == [
        {"rule": "r", "fact": "below", "amount": "500.00", "currency": GBP},
        {"rule": "r", "fact": "below", "amount": "100.00", "currency": GBP, "to": "2026-12-31"},
    ]


def test_the_shortest_time_of_all_policies_holds() -> None:
    told = timing(
        [
            Policy("A", (), expires_after_hours=80),
            Policy("B", (), expires_after_hours=40, remind_after_hours=8),
        ]
    )
    assert (told.expires_after_hours, told.remind_after_hours, told.escalate_after_hours) == (40, 8, None)


def test_everybody_s_policy_must_let_people_approve_their_own() -> None:
    assert not may_approve_own([])
    assert may_approve_own([Policy("A", (), True)])
    assert not may_approve_own([Policy("A", (), True), Policy("B", (), False)])


def test_an_order_in_a_currency_that_no_rule_speaks_of_does_not_slip_through() -> None:
    for condition in (
        {"total_above": above(10**9, "EUR")},
        {"period_total_above": above(10**9, "EUR", "year")},
    ):
        found = applies(when(**condition), facts(1))

        assert [fact["fact"] for fact in found or ()] == ["other_currency"]
        assert list(avoiding(when(**condition), found or ())) == []


def test_a_limit_in_another_currency_covers_nothing() -> None:
    euro = Limit(Decimal(10**9), "EUR")
    assert not euro.covers(Decimal(1), GBP)
    assert exceeded([euro], facts(1))[0]["fact"] == "limit_per_order"


limits = st.one_of(st.none(), st.integers(0, 4).map(lambda n: Limit(Decimal(n * 500), GBP)))
ACCOUNTS = ("NORTH", "GROUP")
ROLES = ("buyer", "approver", "finance", "account_admin")


@st.composite
def crowds(draw: st.DrawFn) -> Crowd:
    members = []
    for person in range(1, 7):
        limit = draw(limits)
        members.append(
            Member(
                person, f"p{person}@example.test", f"P{person}", draw(st.sampled_from(ACCOUNTS)),
                frozenset(draw(st.sets(st.sampled_from(ROLES), min_size=1))),
                (limit,) if limit else (),
            )
        )  # fmt: skip
    return Crowd(ACCOUNTS, members, draw(st.sampled_from([None, 1, 2])))


@st.composite
def policies(draw: st.DrawFn) -> list[Policy]:
    steps = st.one_of(
        st.builds(
            lambda people, need: Step(tuple(f"p{p}@example.test" for p in sorted(people)), need=need),
            st.sets(st.integers(1, 6), min_size=1, max_size=3),
            st.sampled_from(["all", "any", 2]),
        ),
        st.builds(
            lambda role, need: Step(role=role, need=need),
            st.sampled_from(["approver", "finance", "account_admin"]),
            st.sampled_from(["all", "any"]),
        ),
    )
    rules = draw(st.lists(st.lists(steps, min_size=1, max_size=2), min_size=1, max_size=3))
    return [Policy("NORTH", tuple(Rule(str(n), tuple(steps)) for n, steps in enumerate(rules)))]


@settings(max_examples=400, deadline=None)
@given(policies=policies(), crowd=crowds(), total=st.sampled_from([1, 600, 1200, 5000]), data=st.data())
def test_whoever_approves_somebody_among_them_has_the_authority(
    policies: list[Policy], crowd: Crowd, total: int, data: st.DataObject
) -> None:
    looked_at = facts(total)
    try:
        chain = build(policies, applying(policies, looked_at), (), looked_at, crowd)
    except NobodyToAsk:
        return
    assert_each_is_asked_once(chain, crowd)
    approved: set[int] = set()
    for step in chain.steps:
        people = sorted(seat.person_id for seat in step.seats)
        need = max(0, step.rule_need - len(approved & step.also))
        assert need <= len(people)
        approved |= set(data.draw(st.permutations(people))[:need])
    assert any(
        seat.person_id in approved and seat.covers(looked_at.total, looked_at.currency)
        for seat in chain.seats
    )


def assert_each_is_asked_once(chain: Chain, crowd: Crowd) -> None:
    people = [seat.person_id for seat in chain.seats]
    assert people
    assert len(people) == len(set(people))
    assert crowd.excluded not in people
    decide = {member.person_id for member in crowd.members if member.decides}
    assert set(people) <= decide


def delegation(
    number: int, giver: int, taker: int, cap: int | None = None, account: str = "NORTH"
) -> Delegation:
    amount = (Decimal(cap), GBP) if cap is not None else (None, None)
    return Delegation(number, account, giver, taker, TODAY, TODAY, *amount)


def stand_in(delegations: Sequence[Delegation], person: int, total: int = 100) -> list[int]:
    return list(deputies(delegations, person, ("GROUP", "NORTH"), Decimal(total), GBP))


def test_delegations_are_followed_the_nearest_first() -> None:
    chain = [delegation(1, 1, 2), delegation(2, 2, 3), delegation(3, 9, 1)]
    assert stand_in(chain, 1) == [2, 3]
    assert principals(chain, 3, ("NORTH",), Decimal(1), GBP) == {1, 2, 9}


def test_a_cap_on_the_way_stops_there() -> None:
    chain = [delegation(1, 1, 2), delegation(2, 2, 3, cap=50)]
    assert stand_in(chain, 1, 51) == [2]
    assert stand_in(chain, 1, 50) == [2, 3]


def test_a_delegation_of_another_account_says_nothing_here() -> None:
    assert stand_in([delegation(1, 1, 2, account="SOUTH")], 1) == []


@settings(max_examples=300, deadline=None)
@given(
    pairs=st.lists(
        st.tuples(st.integers(1, 6), st.integers(1, 6)).filter(lambda p: p[0] != p[1]), max_size=20
    )
)
def test_whatever_loops_there_are_following_ends_and_both_directions_agree(
    pairs: list[tuple[int, int]],
) -> None:
    standing = [delegation(number, *pair) for number, pair in enumerate(pairs)]
    for person in range(1, 7):
        found = stand_in(standing, person)
        assert person not in found
        assert len(found) == len(set(found))
        for deputy in found:
            assert person in principals(standing, deputy, ("NORTH",), Decimal(100), GBP)
