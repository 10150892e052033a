"""Which passwords are taken: long ones that nobody tries first."""

import pytest

from portal.domain.passwords import LONGEST, Weakness, weaknesses
from portal.operations import passwords

KNOWN = ["petra.vogt@nordwind.example", "Petra Vogt", "Nordwind Maschinenbau", "Harrow & Pike"]


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "unter dem pflaster",
        "шило в мешке не утаишь",
        "xk7Qm-ppw2-91z",
        "petra likes long summer evenings",
        "  blanks at both ends  ",
        "😀🐎🔋📎 and words",
    ],
)
def test_a_long_one_of_any_kind_of_characters_is_taken(password: str) -> None:
    assert weaknesses(password, KNOWN) == []


@pytest.mark.parametrize(
    ("password", "weakness"),
    [
        ("Ab1!", Weakness.SHORT),
        ("eleven char", Weakness.SHORT),
        ("a" * 20 + "bcdefgh" * (LONGEST // 7), Weakness.LONG),
        ("Password2024!!", Weakness.COMMON),
        ("P4ssw0rd!!!!1", Weakness.COMMON),
        ("qwerty-123456-", Weakness.COMMON),
        ("passwordqwerty", Weakness.COMMON),
        ("Ｐａｓｓｗｏｒｄ１２３４", Weakness.COMMON),
        ("aaaaaaaaaaaaaaa", Weakness.REPEATED),
        ("qwertzuiopasdf", Weakness.REPEATED),
        ("98765432109876543210", Weakness.REPEATED),
        ("xqzvxqzvxqzvxqzv", Weakness.REPEATED),
        ("Nordwind2026!!", Weakness.KNOWN),
        ("Harrow&Pike-2026", Weakness.KNOWN),
        ("petravogt2024!", Weakness.KNOWN),
        ("PÉTRA.VÖGT-1234", Weakness.KNOWN),
    ],
)
def test_what_is_tried_first_is_refused_however_it_is_dressed(password: str, weakness: Weakness) -> None:
    assert weakness in weaknesses(password, KNOWN)


def test_one_that_was_hashed_with_less_care_is_hashed_anew() -> None:
    from argon2 import PasswordHasher

    dated = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash("a long password for petra")
    assert passwords.is_dated(dated)
    assert passwords.fits(dated, "a long password for petra")
    assert not passwords.is_dated(passwords.hasher.hash("x"))
    assert not passwords.fits(None, "nobody has this password"), "nobody's password opens nothing"
