"""Credit as arithmetic: which limit decides, on what it rests, and what is said of it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.domain.credit import BASES, OUTCOMES, Exposure, Figures, Heard, Till, judge, known
from portal.domain.credit_words import PROBLEMS, document, sentence, state_of

NOW = datetime(2026, 11, 18, 9, tzinfo=UTC)
ZERO = Decimal(0)


def figures(**changes: object) -> Figures:
    said: dict[str, object] = {
        "account": "BUYER",
        "currency": "GBP",
        "limit": Decimal(500),
        "hold": False,
        "invoiced_unpaid": ZERO,
        "other_orders": ZERO,
        "portal_invoiced": ZERO,
        "as_of": NOW,
        "received_at": NOW,
    }
    return Figures(**(said | changes))  # type: ignore[arg-type]


def till(**changes: object) -> Till:
    terms: dict[str, object] = {
        "account": "BUYER",
        "currency": "GBP",
        "limit": Decimal(100),
        "hold": False,
        "owed": Decimal(40),
        "source": "erp",
    }
    return Till(**(terms | changes))  # type: ignore[arg-type]


def heard(told: Figures) -> Heard:
    return Heard(NOW, {told.account: told})


def test_the_limit_may_be_used_up_to_the_last_penny() -> None:
    own = till(source="portal")
    assert judge([own], Decimal("60.00"), None, NOW).outcome == "covered"
    assert judge([own], Decimal("60.01"), None, NOW).outcome == "over"


def test_no_limit_allows_any_amount() -> None:
    assert judge([till(source="portal", limit=None)], Decimal(10) ** 9, None, NOW).is_covered
    assert judge([till()], Decimal(10) ** 9, heard(figures(limit=None)), NOW).is_covered


@pytest.mark.parametrize(
    "changes",
    [
        {"currency": "EUR"},
        {"limit": Decimal(-1)},
        {"invoiced_unpaid": Decimal("-0.01")},
        {"other_orders": Decimal(10) ** 15},
        {"portal_invoiced": Decimal("40.01")},
        {"as_of": NOW + timedelta(minutes=6)},
    ],
    ids=str,
)
def test_figures_that_cannot_be_right_are_no_figures(changes: dict[str, object]) -> None:
    verdict = judge([till()], Decimal(1), heard(figures(**changes)), NOW)
    assert (verdict.outcome, verdict.basis, verdict.problem) == ("unknown", "silent", "implausible")
    assert verdict.told == ()


def test_figures_that_are_too_old_are_no_figures_either() -> None:
    old = figures(as_of=NOW - timedelta(hours=25))
    assert judge([till()], Decimal(1), heard(old), NOW).problem == "too_old"
    assert judge([till(age=timedelta(hours=26))], Decimal(1), heard(old), NOW).is_covered


def test_a_fresh_answer_counts_however_short_the_age() -> None:
    told = figures(as_of=NOW - timedelta(seconds=2))
    assert judge([till(age=timedelta())], Decimal(1), heard(told), NOW).basis == "erp"


@pytest.mark.parametrize(
    ("silence", "hours", "outcome", "basis"),
    [
        ("last_known", 1, "covered", "last_known"),
        ("last_known", 25, "unknown", "silent"),
        ("hold", 1, "unknown", "silent"),
    ],
)
def test_when_the_erp_is_silent_the_policy_decides(
    silence: str, hours: int, outcome: str, basis: str
) -> None:
    last = figures(as_of=NOW - timedelta(hours=hours))
    verdict = judge(
        [till(silence=silence, last=last)], Decimal(1), Heard(NOW, problems={"BUYER": "timeout"}), NOW
    )
    assert (verdict.outcome, verdict.basis, verdict.is_settled) == (outcome, basis, False)


def test_nobody_is_stopped_by_figures_of_the_future() -> None:
    """A clock that was set back: what was said then is not yet known."""
    last = figures(as_of=NOW + timedelta(days=3))
    assert judge([till(last=last)], Decimal(1), None, NOW).basis == "silent"


def test_whoever_stops_the_account_stops_it() -> None:
    for own, told in ((True, False), (False, True)):
        verdict = judge([till(hold=own)], Decimal(1), heard(figures(hold=told)), NOW)
        assert (verdict.outcome, sentence(verdict)) == ("on_hold", "The account is on credit hold.")


def test_the_worst_till_decides_and_the_weakest_is_looked_at_again() -> None:
    own, group = till(source="portal"), till(account="GROUP", last=figures(account="GROUP"))
    passed = judge([own, group], Decimal(1), None, NOW)
    assert (passed.is_covered, passed.basis, passed.account) == (True, "last_known", "GROUP")
    stopped = judge([till(source="portal", limit=Decimal(1)), group], Decimal(1), None, NOW)
    assert (stopped.outcome, stopped.account, stopped.is_settled) == ("over", "BUYER", True)


def test_what_is_known_says_so() -> None:
    assert state_of(known(till(), heard(figures()), NOW)) is None
    seen = known(till(last=figures()), Heard(NOW, problems={"BUYER": "unreachable"}), NOW)
    assert state_of(seen) == (
        "The ERP cannot be reached; these are its figures of 18 Nov 2026 at 09:00 UTC. "
        "Orders are accepted on them for now."
    )
    assert state_of(known(till(), None, NOW)) == "The ERP was not asked; orders wait for its figures."


def test_no_kind_reads_as_less_than_nothing_while_another_can_bear_it() -> None:
    raw = Exposure(Decimal(100), Decimal(-30), Decimal(20))
    assert raw.readable() == Exposure(Decimal(70), ZERO, Decimal(20))
    assert raw.readable().total == raw.total
    paid_too_much = Exposure(Decimal(100), Decimal(30), Decimal(-50))
    assert paid_too_much.readable() == Exposure(Decimal(80), ZERO, ZERO)
    assert Exposure(ZERO, Decimal(-30), Decimal(20)).readable() == Exposure(ZERO, ZERO, Decimal(-10)), (
        "a surplus"
    )


@given(*[st.decimals(-1000, 1000, places=2)] * 3)
def test_reading_exposure_by_kind_changes_no_sum(
    still_open: Decimal, shipped: Decimal, invoiced: Decimal
) -> None:
    raw = Exposure(still_open, shipped, invoiced)
    told = raw.readable()
    assert told.total == raw.total
    assert told.open_orders >= 0
    assert told.shipped_not_invoiced >= 0
    assert told.invoiced_unpaid >= min(raw.total, ZERO)


AMOUNTS = st.decimals(0, 1000, places=2)
TILLS = st.builds(
    Till,
    account=st.sampled_from(("BUYER", "GROUP", "TOP")),
    currency=st.just("GBP"),
    limit=st.none() | AMOUNTS,
    hold=st.booleans(),
    owed=AMOUNTS,
    source=st.sampled_from(("portal", "erp")),
    silence=st.sampled_from(("last_known", "hold")),
    last=st.none() | st.builds(figures, limit=st.none() | AMOUNTS, invoiced_unpaid=AMOUNTS),
)
ANSWERS = st.none() | st.builds(
    lambda told, problem: Heard(NOW, told, dict.fromkeys(("BUYER", "GROUP", "TOP"), problem)),
    st.dictionaries(
        st.sampled_from(("BUYER", "GROUP", "TOP")),
        st.builds(figures, limit=st.none() | AMOUNTS, hold=st.booleans()),
    ),
    st.sampled_from(sorted(PROBLEMS)),
)


@settings(deadline=None)
@given(tills=st.lists(TILLS, min_size=1, max_size=3), more=AMOUNTS, answer=ANSWERS)
def test_an_order_passes_only_where_every_limit_is_known_and_has_room(
    tills: list[Till], more: Decimal, answer: Heard | None
) -> None:
    verdict = judge(tills, more, answer, NOW)
    seen = [known(one, answer, NOW) for one in tills]
    room = [
        one.basis != "silent" and not one.hold and (one.limit is None or one.exposure + more <= one.limit)
        for one in seen
    ]
    assert verdict.is_covered == all(room)
    assert verdict.outcome in OUTCOMES
    assert verdict.basis in BASES
    if verdict.is_covered:
        assert verdict.is_settled == all(one.basis in ("portal", "erp") for one in seen)
    assert sentence(verdict).endswith(".")
    assert document(verdict)["sentence"] == sentence(verdict)


@settings(deadline=None)
@given(tills=st.lists(TILLS, min_size=1, max_size=3), more=AMOUNTS, less=AMOUNTS, answer=ANSWERS)
def test_what_passes_would_pass_for_less(
    tills: list[Till], more: Decimal, less: Decimal, answer: Heard | None
) -> None:
    if judge(tills, more, answer, NOW).is_covered:
        assert judge(tills, min(less, more), answer, NOW).is_covered
