"""Quantities and days as people write them, in the language they write in."""

import re
from datetime import date
from decimal import Decimal

from portal.domain.quantities import MOST_DECIMALS, MOST_DIGITS

# Words that are left out behind a number.
UNITS = r"(?:pcs?|pieces?|pc|ea|each|st(?:k|ück|ueck|uck)?|units?|m|mtr|kg|l|x|×)\.?"
NUMBER = r"[+-]?\d[\d.,'’\u00a0\u202f]*"
DAY = r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./]\d{1,2}[./]\d{2,4}"
THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:(?P<mark>[.,'])\d{3})(?:(?P=mark)\d{3})*")
# Within a cell a space may stand between thousands; among words it may be the end of a name: HEX 40 120.
_SPACED = rf"[+-]?\d{{1,3}}(?: \d{{3}})+(?:[.,]\d+)?|{NUMBER}"
_WITH_UNIT = re.compile(rf"(?P<number>{_SPACED})\s*(?:{UNITS})?", re.IGNORECASE)
_SPACES = str.maketrans("", "", " \u00a0\u202f'’")


def quantity(raw: str, decimal: str = ".") -> Decimal | None:
    """`1,200`, `1.200,50`, `1 200`, `600 pcs` as a number; None for what is none, or is too long to be one."""
    match = _WITH_UNIT.fullmatch(raw.strip())
    if match is None:
        return None
    digits = match["number"].translate(_SPACES).removeprefix("+")
    whole, fraction = _split(digits, decimal)
    if not whole.isascii() or not whole.isdigit() or not (fraction + "0").isdigit():
        return None
    if len(whole.lstrip("0")) > MOST_DIGITS or len(fraction.rstrip("0")) > MOST_DECIMALS:
        return None
    return Decimal(f"{whole}.{fraction or '0'}").normalize() + 0


def _split(digits: str, decimal: str) -> tuple[str, str]:
    """The whole part and the fraction."""
    point, comma = digits.rfind("."), digits.rfind(",")
    if point >= 0 and comma >= 0:
        mark = "." if point > comma else ","
        other = "," if mark == "." else "."
        return _cut(digits.replace(other, ""), mark)
    mark = "." if point >= 0 else ","
    if digits.count(mark) > 1 or (THOUSANDS.fullmatch(digits) and mark != decimal):
        return (digits.replace(mark, ""), "") if THOUSANDS.fullmatch(digits) else (digits, "")
    return _cut(digits, mark)


def _cut(digits: str, mark: str) -> tuple[str, str]:
    whole, found, fraction = digits.partition(mark)
    return (whole, fraction) if not found or fraction else (digits, "")


def read_day(raw: str) -> date | None:
    """`2026-12-01`, `1.12.2026`, `01/12/26`: the day before the month, as both of our languages write it."""
    raw = raw.strip()
    if not re.fullmatch(DAY, raw):
        return None
    parts = [int(part) for part in re.split(r"[-./]", raw)]
    year, month, day = parts if "-" in raw else parts[::-1]
    try:
        return date(year + 2000 if year < 100 else year, month, day)
    except ValueError:
        return None
