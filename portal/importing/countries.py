"""Countries as the wholesale data writes them, and their ISO 3166 codes."""

import re
from functools import lru_cache

from babel import Locale

# CLDR's code for a place that is not known: such a ship-to is open from Monday to Friday, with no holidays.
UNKNOWN = "ZZ"
ALSO_CALLED = {"EIRE": "IE", "RSA": "ZA", "USA": "US", "UK": "GB", "CZECH REPUBLIC": "CZ", "HONG KONG": "HK"}


@lru_cache(maxsize=512)
def code_of(name: str) -> str:
    """The ISO code; `ZZ` where the name is none of one country, as in "European Community" or "Channel Islands"."""
    return ALSO_CALLED.get(name.upper()) or _by_name().get(name.upper(), UNKNOWN)


def ship_to_of(name: str) -> str:
    """The code of the place to which a customer has goods sent in that country."""
    code = code_of(name)
    return code if code != UNKNOWN else re.sub(r"[^A-Z0-9]+", "-", name.upper()).strip("-") or UNKNOWN


def shown(name: str) -> str:
    """As a page names the place: the data says no more of an address than its country."""
    code = code_of(name)
    return name if code == UNKNOWN else Locale("en").territories[code]


@lru_cache(maxsize=1)
def _by_name() -> dict[str, str]:
    names = Locale("en").territories
    return {
        name.upper(): code
        for code, name in names.items()
        if re.fullmatch("[A-Z]{2}", code) and code != UNKNOWN
    }
