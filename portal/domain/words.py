"""A language as the domain needs it: sentences, days, numbers, and units of UN/ECE Recommendation 20."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.domain.quantities import is_whole

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_PIECES = frozenset({"C62", "H87", "EA"})
_SYMBOLS = {
    "MGM": "mg", "GRM": "g", "KGM": "kg", "TNE": "t", "LBR": "lb",
    "MMT": "mm", "CMT": "cm", "MTR": "m", "KMT": "km", "INH": "in", "FOT": "ft",
    "CMK": "cm²", "MTK": "m²", "MTQ": "m³", "MLT": "ml", "LTR": "l", "KWH": "kWh",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Words:
    """A language: its catalogue, how it writes days and numbers, and the day on which it speaks."""

    gettext: Callable[[str], str]
    ngettext: Callable[[str, str, int], str]
    day: Callable[[date], str]
    quantity: Callable[[Decimal], str]
    today: date


# Written out so that each name is found by whoever collects what is to be translated.
_NAMES: Mapping[str, Callable[[Words, int], str]] = {
    "C62": lambda words, n: words.ngettext("pc", "pcs", n),
    "PR": lambda words, n: words.ngettext("pair", "pairs", n),
    "SET": lambda words, n: words.ngettext("set", "sets", n),
    "DZN": lambda words, n: words.ngettext("dozen", "dozen", n),
    "XBX": lambda words, n: words.ngettext("box", "boxes", n),
    "XPK": lambda words, n: words.ngettext("package", "packages", n),
    "XCT": lambda words, n: words.ngettext("carton", "cartons", n),
    "XPX": lambda words, n: words.ngettext("pallet", "pallets", n),
    "XRO": lambda words, n: words.ngettext("roll", "rolls", n),
    "HUR": lambda words, n: words.ngettext("hour", "hours", n),
    "DAY": lambda words, n: words.ngettext("day", "days", n),
}


def N_(message: str) -> str:  # noqa: N802 - the name that collectors of texts know
    """Mark a text for translation where it is not translated yet."""
    return message


def capitalised(words: str) -> str:
    """As the beginning of a sentence; what is written large further on stays so."""
    return words[:1].upper() + words[1:]


def english(today: date) -> Words:
    """The language in which everything is written: "25 Nov", "14 Jan 2027", "1,200"."""

    def day(day: date) -> str:
        short = f"{day.day} {_MONTHS[day.month - 1]}"
        return short if day.year == today.year else f"{short} {day.year}"

    return Words(
        gettext=lambda message: message,
        ngettext=lambda one, many, count: one if count == 1 else many,
        day=day,
        quantity=lambda quantity: format(quantity.normalize(), ",f"),
        today=today,
    )


def grammatical_number(quantity: Decimal) -> int:
    """The number that decides between singular and plural; fractions are spoken of in the plural."""
    return int(quantity) if is_whole(quantity) else 2


def amount(quantity: Decimal, unit: str, words: Words) -> str:
    """A quantity with its unit, "12.5 kg"; pieces are told as the plain number."""
    number = words.quantity(quantity)
    return number if unit in _PIECES else f"{number} {unit_name(unit, quantity, words)}"


def unit_name(unit: str, quantity: Decimal, words: Words) -> str:
    """The unit as people read it behind this quantity: "pcs", "kg", "pairs"; an unknown code stays itself."""
    if unit in _SYMBOLS:
        return _SYMBOLS[unit]

    named = _NAMES.get("C62" if unit in _PIECES else unit)
    return named(words, grammatical_number(quantity)) if named else unit
