"""When somebody has proved enough who they are: a moment ago, and as strongly as they can."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from portal.domain.proving import FRESH, Held, Limit, Proof, is_enough, needs_proof

NOW = datetime(2026, 11, 18, 9, tzinfo=UTC)
PLAIN, APP = Held(), Held(has_authenticator=True, codes=10)
KEYS, BOTH = Held(passkeys=2, codes=3), Held(passkeys=1, has_authenticator=True)
COMPANY = Held(has_password=False, provider="NORDWIND")


def proof(*factors: str, ago: timedelta = timedelta(minutes=1)) -> Proof:
    return Proof(NOW - ago, factors)


@pytest.mark.parametrize(
    ("held", "factors", "enough"),
    [
        (PLAIN, ["password"], True),
        (APP, ["password"], False),
        (APP, ["password", "totp"], True),
        (APP, ["recovery"], True),
        (KEYS, ["password"], False),
        (KEYS, ["passkey"], True),
        (BOTH, ["password", "totp"], False),
        (BOTH, ["passkey"], True),
        (COMPANY, ["provider"], True),
        (COMPANY, ["password"], False),
        (KEYS, ["something", "new"], False),
        (PLAIN, [], False),
    ],
)
def test_it_must_be_as_strong_as_they_can(held: Held, factors: list[str], enough: bool) -> None:
    assert is_enough(proof(*factors), held, NOW) is enough


def test_it_holds_for_ten_minutes() -> None:
    assert is_enough(proof("password", ago=FRESH), PLAIN, NOW)
    assert not is_enough(proof("password", ago=FRESH + timedelta(seconds=1)), PLAIN, NOW)
    assert not is_enough(proof("password", ago=-FRESH - timedelta(seconds=1)), PLAIN, NOW), "from the future"


def test_nothing_weaker_than_the_strongest_is_asked_for() -> None:
    assert PLAIN.ways() == ("password",)
    assert APP.ways() == ("totp", "recovery")
    assert BOTH.ways() == ("passkey",)
    assert KEYS.ways() == ("passkey", "recovery")
    assert COMPANY.ways() == ("provider",)
    assert Held(has_password=False).ways() == ()


def test_under_an_address_that_passkeys_cannot_belong_to_the_next_best_is_asked_for() -> None:
    assert BOTH.ways(passkeys_work=False) == ("totp",)


def test_a_decision_above_a_limit_needs_one_and_another_currency_counts_as_above() -> None:
    limits = [Limit(Decimal(50_000), "GBP")]
    assert not needs_proof(Decimal(50_000), "GBP", limits)
    assert needs_proof(Decimal("50000.01"), "GBP", limits)
    assert needs_proof(Decimal(1), "EUR", limits)
    assert not needs_proof(Decimal(10**9), "GBP", [])
    assert needs_proof(Decimal(20_000), "GBP", [*limits, Limit(Decimal(10_000), "GBP")]), (
        "the strictest above"
    )
