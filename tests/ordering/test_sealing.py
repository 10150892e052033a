"""What a page has shown comes back as it was, for whoever it was shown to, or not at all."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import URLSafeTimedSerializer

from portal.domain.checkout import Shown, ShownLine
from portal.routes import sealing
from portal.routes.sealing import seal, unseal

SECRET, PETRA, RITA = "a secret of the test", 7, 8
DAYS = st.none() | st.dates(date(2026, 1, 1), date(2030, 1, 1))
PRICES = st.decimals(0, 10**6, places=6)
SHOWN = st.builds(
    Shown,
    cart_id=st.integers(1, 2**40),
    version=st.integers(1, 2**40),
    ship_to=st.text(min_size=1, max_size=20),
    preference=st.sampled_from(["as_available", "complete_only", "weekly"]),
    requested_on=DAYS,
    cost_centre=st.none() | st.text(max_size=20),
    freight=PRICES,
    lines=st.dictionaries(st.integers(1, 5000), st.builds(ShownLine, PRICES, DAYS), max_size=30),
    at=st.datetimes(timezones=st.just(UTC)),
)
NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
ONE = Shown(1, 1, "LEEDS", "weekly", None, None, Decimal("6.50"), {1: ShownLine(Decimal(2), None)}, NOON)


@given(SHOWN)
def test_it_comes_back_as_it_was(shown: Shown) -> None:
    assert unseal(SECRET, seal(SECRET, shown, PETRA), PETRA) == shown


@given(st.integers(0, 200), st.characters(codec="ascii", categories=["L", "N"]))
def test_a_changed_letter_is_noticed(place: int, letter: str) -> None:
    sealed = seal(SECRET, ONE, PETRA)
    place %= len(sealed)
    changed = sealed[:place] + letter + sealed[place + 1 :]

    assert unseal(SECRET, changed, PETRA) in (None, ONE)
    assert changed == sealed or unseal(SECRET, changed, PETRA) is None or place == len(sealed) - 1


def test_nobody_else_can_send_it() -> None:
    assert unseal(SECRET, seal(SECRET, ONE, PETRA), RITA) is None
    assert unseal("another secret", seal(SECRET, ONE, PETRA), PETRA) is None
    assert unseal(SECRET, "", PETRA) is None
    # Sealed here, for something else.
    assert unseal(SECRET, str(URLSafeTimedSerializer(SECRET, salt="mail").dumps({"w": PETRA})), PETRA) is None
    assert (
        unseal(SECRET, str(URLSafeTimedSerializer(SECRET, salt="review").dumps({"w": PETRA})), PETRA) is None
    )


def test_after_an_hour_it_is_looked_at_anew(monkeypatch: object) -> None:
    sealed = seal(SECRET, replace(ONE, version=2), PETRA)
    monkeypatch.setattr(sealing, "GOOD_FOR", -1)  # type: ignore[attr-defined]

    assert unseal(SECRET, sealed, PETRA) is None
