"""Merging rules' steps into one chain: nobody is asked twice, and no rule is short of what it asks."""

from collections.abc import Sequence
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from portal.domain.approvals import ChainStep, Limit, Seat
from portal.domain.merging import Asking, merge

PEOPLE = range(1, 6)


def seat(person: int, limit: int | None = None) -> Seat:
    limits = (Limit(Decimal(limit), "GBP"),) if limit is not None else ()
    return Seat(person, f"p{person}@example.test", f"P{person}", "NORTH", "named", limits)


def asking(rule: str, need: int, *people: int) -> Asking:
    return Asking(rule, need, str(need), tuple(map(seat, people)))


def asked(steps: Sequence[ChainStep]) -> list[tuple[int, set[int]]]:
    return [(step.need, {seat.person_id for seat in step.seats}) for step in steps]


def test_one_rule_stays_as_it_is() -> None:
    assert asked(merge([[asking("a", 1, 1, 2)], [asking("a", 1, 3)]])) == [(1, {1, 2}), (1, {3})]


def test_everybody_who_must_agree_is_asked_at_once() -> None:
    steps = merge([[asking("a", 1, 1), asking("b", 2, 2, 3)]])

    assert asked(steps) == [(3, {1, 2, 3})]
    assert steps[0].rules == ("a", "b")


def test_whoever_has_to_agree_before_is_not_asked_again() -> None:
    steps = merge([[asking("a", 2, 1, 2)], [asking("b", 2, 2, 3)]])

    assert asked(steps) == [(2, {1, 2}), (1, {3})]
    assert steps[1].also == {2}


def test_a_step_that_is_satisfied_by_then_is_left_out_and_its_rule_named_where_it_is() -> None:
    steps = merge([[asking("a", 1, 1)], [asking("b", 1, 1, 2)]])

    assert asked(steps) == [(1, {1})]
    assert steps[0].rules == ("a", "b")


def test_somebody_who_may_not_have_agreed_does_not_count_for_certain() -> None:
    """1 or 2 agrees first. If it is 2, the second rule is satisfied; if it is 1, 3 is asked."""
    steps = merge([[asking("a", 1, 1, 2)], [asking("b", 1, 2, 3)]])

    assert asked(steps) == [(1, {1, 2}), (1, {3})]
    assert (steps[1].rule_need, steps[1].also) == (1, {2})


def test_where_only_one_of_several_can_satisfy_both_only_they_are_asked() -> None:
    assert asked(merge([[asking("a", 1, 1, 2)], [asking("b", 1, 2)]])) == [(1, {2})]


def test_where_several_must_satisfy_both_all_are_asked() -> None:
    assert asked(merge([[asking("a", 1, 1, 2)], [asking("b", 2, 1, 2)]])) == [(2, {1, 2})]


askings = st.builds(
    lambda people, need: (sorted(people), min(need, len(people))),
    st.sets(st.sampled_from(PEOPLE), min_size=1, max_size=4),
    st.integers(1, 4),
)
rules = st.lists(st.lists(askings, min_size=1, max_size=3), min_size=1, max_size=4)


@settings(max_examples=400, deadline=None)
@given(rules=rules, data=st.data())
def test_whatever_is_decided_every_rule_has_what_it_asks(
    rules: list[list[tuple[list[int], int]]], data: st.DataObject
) -> None:
    """The chain is walked as requests walk it: a step needs less when people of earlier steps count there."""
    levels = [
        [
            asking(str(number), rule[level][1], *rule[level][0])
            for number, rule in enumerate(rules)
            if level < len(rule)
        ]
        for level in range(3)
    ]
    steps = merge(levels)

    seated = [seat.person_id for step in steps for seat in step.seats]
    assert len(seated) == len(set(seated)), "somebody is asked twice"
    approved: set[int] = set()
    for step in steps:
        people = sorted(seat.person_id for seat in step.seats)
        assert 1 <= step.need <= len(people)
        need = max(0, step.rule_need - len(approved & step.also))
        assert need <= len(people), "nobody could pass this step"
        assert need <= step.need, "more is asked than was shown"
        approved |= set(data.draw(st.permutations(people))[:need])
    for rule in rules:
        for people, need in rule:
            assert len(approved & set(people)) >= need, "a rule is short of what it asks"
    named = {rule for step in steps for rule in step.rules}
    assert named == {str(number) for number in range(len(rules))}
