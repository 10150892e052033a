"""In which time zone a country's people wake up, where the country alone tells it."""

from functools import lru_cache

from babel.core import get_global

# Countries of several zones in one of which nearly everybody lives, as the Unicode CLDR names them.
PRIMARY = {
    "CL": "America/Santiago",
    "CN": "Asia/Shanghai",
    "DE": "Europe/Berlin",
    "EC": "America/Guayaquil",
    "ES": "Europe/Madrid",
    "MY": "Asia/Kuala_Lumpur",
    "NZ": "Pacific/Auckland",
    "PT": "Europe/Lisbon",
    "UA": "Europe/Kyiv",
    "UZ": "Asia/Tashkent",
}


@lru_cache(maxsize=512)
def zone_of(country: str | None) -> str | None:
    """The zone of a country by its two letters; None where it has several, or is not known."""
    if country in PRIMARY:
        return PRIMARY[country]
    zones = get_global("territory_zones").get(country or "", [])
    return str(zones[0]) if len(zones) == 1 else None
