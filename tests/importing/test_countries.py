"""Countries are known by the names that the wholesale data gives them, or said to be unknown."""

import pytest

from portal.importing.countries import code_of, ship_to_of, shown


@pytest.mark.parametrize(
    ("name", "code", "ship_to", "city"),
    [
        ("United Kingdom", "GB", "GB", "United Kingdom"),
        ("EIRE", "IE", "IE", "Ireland"),
        ("USA", "US", "US", "United States"),
        ("RSA", "ZA", "ZA", "South Africa"),
        ("Czech Republic", "CZ", "CZ", "Czechia"),
        ("Channel Islands", "ZZ", "CHANNEL-ISLANDS", "Channel Islands"),
        ("European Community", "ZZ", "EUROPEAN-COMMUNITY", "European Community"),
        ("???", "ZZ", "ZZ", "???"),
    ],
)
def test_a_country_has_its_code_or_none(name: str, code: str, ship_to: str, city: str) -> None:
    assert (code_of(name), ship_to_of(name), shown(name)) == (code, ship_to, city)
