"""How much of what stands ready is taken: what a scanner read, or a part of it by mode or by weight."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

from portal.domain.quantities import WHOLE_UNITS, ZERO, NotAQuantity, parse

# "12*BOLT": twelve of it. A code that holds a star itself is looked for as it is first.
TIMES = re.compile(r"(?P<times>[0-9.]+)\s*[*×]\s*(?P<sku>.+)", re.DOTALL)
STEP = Decimal("0.001")


@dataclass(frozen=True, slots=True)
class Goods:
    """How a line travels, and what one unit of it weighs in kilograms, where that is known."""

    mode: str
    weight: Decimal | None


@dataclass(frozen=True, slots=True)
class Ready:
    """What of a line may be taken at one place. `weight` is of one unit in kilograms, where it is known."""

    line: int
    sku: str
    unit: str
    mode: str
    quantity: Decimal
    weight: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Scanned:
    """A scan that fits: so much more of this line."""

    line: int
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class NotOnIt:
    """Nothing of this product is on the list."""

    sku: str


@dataclass(frozen=True, slots=True)
class TooMany:
    """More than there is: `ready` in all, of which `taken` already."""

    sku: str
    ready: Decimal
    taken: Decimal


def scan(text: str, lines: Sequence[Ready], taken: Mapping[int, Decimal]) -> Scanned | NotOnIt | TooMany:
    """Where one more scan goes: the first line of the product with room for it.

    Raises NotAQuantity for a multiplier that is none.
    """
    times, sku = _read(text.strip(), {line.sku.upper() for line in lines})
    mine = [line for line in lines if line.sku.upper() == sku]
    if not mine:
        return NotOnIt(sku)
    for line in mine:
        if line.quantity - taken.get(line.line, ZERO) >= times:
            return Scanned(line.line, times)
    return TooMany(
        mine[0].sku,
        sum((line.quantity for line in mine), ZERO),
        sum((taken.get(line.line, ZERO) for line in mine), ZERO),
    )


def _read(text: str, known: set[str]) -> tuple[Decimal, str]:
    match = TIMES.fullmatch(text)
    if text.upper() in known or match is None:
        return Decimal(1), text.upper()
    times = parse(match["times"])
    if not times:
        raise NotAQuantity("Nothing times something is nothing.")
    return times, match["sku"].strip().upper()


def everything(lines: Iterable[Ready], mode: str | None = None) -> dict[int, Decimal]:
    """All that is ready, or all of one mode."""
    return {line.line: line.quantity for line in lines if line.quantity and mode in (None, line.mode)}


def up_to(lines: Iterable[Ready], kilograms: Decimal) -> dict[int, Decimal]:
    """As much as the weight allows, line by line; what weighs nobody knows what stays."""
    filled: dict[int, Decimal] = {}
    for line in lines:
        if line.weight is None:
            continue
        quantity = _fits(line, kilograms) if line.weight else line.quantity
        if quantity:
            filled[line.line] = quantity
            kilograms -= quantity * line.weight
    return filled


def _fits(line: Ready, kilograms: Decimal) -> Decimal:
    assert line.weight
    step = Decimal(1) if line.unit in WHOLE_UNITS else STEP
    return min(line.quantity, (kilograms / line.weight).quantize(step, rounding=ROUND_FLOOR))
