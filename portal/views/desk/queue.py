"""A line in the queue of its product: what may be changed about it, and each form as it was typed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from portal.domain.orders import Line
from portal.domain.reasons import REASONS
from portal.domain.refusals import Refused
from portal.domain.stockroom import Firm
from portal.filters import Tongue

# The forms of the page, and where each stands in the address.
PRIORITY, REASSIGNMENT, SOURCE, MOVE = "priority", "reassignment", "source", "move"
# Lines that could give stock; the first to give way stand first.
MOST_GIVERS = 200


@dataclass(frozen=True, slots=True)
class Sent:
    """A form that was refused, to be drawn again: what was typed, and what is wrong where.

    `was_tried`: it could be read, so what stood in its way may have happened since the version that it was drawn of.
    """

    form: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    refusal: Refused | None = None
    version: int = 0
    was_tried: bool = False

    def is_overtaken(self, version: int) -> bool:
        """Whether the line, now at this version of its order, has changed since the form was drawn."""
        return self.was_tried and version > self.version

    def value(self, form: str, name: str, otherwise: object = "") -> str:
        """What stands in a field: what was typed, or what suggests itself."""
        return self.typed.get(name, "") if self.form == form else str(otherwise)

    def problem(self, form: str, name: str) -> str:
        """What is wrong with a field; `/lines/0/quantity` speaks of the quantity."""
        if self.form != form or self.refusal is None:
            return ""
        said = [p.detail for p in self.refusal.problems if p.pointer.rsplit("/", 1)[-1] == name]
        return said[0] if said else ""


@dataclass(frozen=True, slots=True)
class Giver:
    """Stock of another line that could be given to this one; `value` names it in the form."""

    value: str
    label: str


def givers(
    firm: Sequence[Firm], number: str, line: int, names: Mapping[str, str], unit: str, tongue: Tongue
) -> list[Giver]:
    """Stock that nobody picks yet and no agreement guarantees, of other lines, the last in the queue first."""
    _ = tongue.gettext
    found = [
        one
        for one in reversed(firm)
        if one.stage == "allocated" and one.agreement is None and (one.order, one.line) != (number, line)
    ]
    return [
        Giver(
            f"{one.order}/{one.line}/{one.location}",
            _("{order} line {line}, {account}: {quantity} at {place}").format(
                order=one.order,
                line=one.line,
                account=one.account_name,
                quantity=tongue.quantity(one.quantity, unit),
                place=names.get(one.location, one.location),
            ),
        )
        for one in found[:MOST_GIVERS]
    ]


def set_aside(line: Line) -> dict[str, Decimal]:
    """What of a line is allocated and not being picked, by location."""
    found: dict[str, Decimal] = {}
    for portion in line.portions:
        # What is held keeps its stock, and may be moved as well.
        if portion.stage == "allocated" and portion.location is not None:
            found[portion.location] = found.get(portion.location, Decimal(0)) + portion.quantity
    return found


def reasons(tongue: Tongue) -> dict[str, str]:
    """Why staff change the queue, as they choose it; each buyer it concerns reads it in a sentence."""
    _ = tongue.gettext
    words = {
        "line_down": _("A production line stands still"),
        "safety": _("People's safety depends on it"),
        "contract": _("A contract asks for it"),
        "our_error": _("To make up for a mistake of ours"),
        "agreed": _("As was agreed"),
    }
    return {reason: words[reason] for reason in REASONS}
