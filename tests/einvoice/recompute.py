"""Every amount of an invoice computed again from its lines, without the portal's own arithmetic and with no tolerance.

The official rules let a VAT amount be wrong by almost one; this lets nothing be wrong.
"""

from collections.abc import Iterable, Iterator
from fractions import Fraction

from tests.einvoice.reading import read
from tests.einvoice.terms import Key, Read

# Digits of the minor unit; what is not here has two.
DIGITS = {"JPY": 0, "KRW": 0, "ISK": 0, "CLP": 0, "VND": 0}


def wrong(xml: bytes) -> list[str]:
    """What does not follow from the lines, in sentences."""
    return list(_wrong(read(xml)))


def _wrong(told: Read) -> Iterator[str]:
    sums, digits = told.sums, DIGITS.get(told.currency, 2)
    expected = {
        "lines": _total(row.net for row in told.rows),
        "allowances": _total(one.amount for one in told.allowances),
        "charges": _total(one.amount for one in told.charges),
        "net": sums["lines"] - sums["allowances"] + sums["charges"],
        "tax": _total(group.amount for group in told.groups),
        "gross": sums["net"] + sums["tax"],
        "due": sums["gross"] - sums["prepaid"] + sums["rounding"],
    }
    for name, amount in expected.items():
        if sums[name] != amount:
            yield f"{name} is {float(sums[name])}, not {float(amount)}"
    for row in told.rows:
        if row.net != half_up(row.price * row.quantity / row.per, digits):
            yield f"line {row.position} is {float(row.net)}, not {float(row.price * row.quantity / row.per)}"
    yield from _wrong_groups(told, digits)
    amounts = [*(row.net for row in told.rows), *sums.values()]
    amounts += [amount for group in told.groups for amount in (group.base, group.amount)]
    amounts += [one.amount for one in (*told.allowances, *told.charges)]
    if any(amount != half_up(amount, digits) for amount in amounts):
        yield f"an amount has more digits than {told.currency}"
    if any(amount < 0 for name, amount in sums.items() if name not in {"rounding", "due"}):
        yield "a sum is negative"
    if any(one.amount <= 0 for one in (*told.allowances, *told.charges)):
        yield "an allowance or a charge is not above nothing"
    if sums["due"] > 0 and not (told.due_on or told.terms):
        yield "nobody knows when it is to be paid"
    # Each rate may be one minor unit off the order's own sum, twice over after a credit note.
    if abs(sums["rounding"]) * 10**digits > 2 * len(told.groups):
        yield f"the rounding {float(sums['rounding'])} is more than the rates explain"


def _wrong_groups(told: Read, digits: int) -> Iterator[str]:
    bases: dict[Key, Fraction] = {}
    for key, amount in (
        *((row.key, row.net) for row in told.rows),
        *((one.key, -one.amount) for one in told.allowances),
        *((one.key, one.amount) for one in told.charges),
    ):
        bases[key] = bases.get(key, Fraction(0)) + amount
    if len({group.key for group in told.groups}) != len(told.groups):
        yield "a rate has two groups"
    if bases != {group.key: group.base for group in told.groups}:
        yield f"the bases are {[group.base for group in told.groups]}, not {bases}"
    for group in told.groups:
        if group.amount != half_up(group.base * group.key[1] / 100, digits):
            yield f"tax at {float(group.key[1])} on {float(group.base)} is not {float(group.amount)}"


def half_up(amount: Fraction, digits: int) -> Fraction:
    scaled = abs(amount) * 10**digits
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Fraction(whole if amount >= 0 else -whole, 10**digits)


def _total(amounts: Iterable[Fraction]) -> Fraction:
    return sum(amounts, Fraction(0))
