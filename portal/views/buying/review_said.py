"""What a review says when nothing was ordered: why, and what to do about it."""

from collections.abc import Sequence

from portal.domain.carts import Line
from portal.domain.checkout import CartChanged, Later, PriceMoved, Repeated
from portal.domain.refusals import Refused
from portal.filters import Tongue


def said(refusal: Refused | None, tongue: Tongue) -> tuple[str, str] | None:
    """(what did not happen, why), in the reader's language."""
    if refusal is None:
        return None
    _, ngettext = tongue.gettext, tongue.ngettext
    nothing = _("Nothing was ordered")
    match refusal:
        case Later():
            count = len(refusal.days)
            said = ngettext(
                "Somebody else was quicker: {n} line would arrive later than you were shown. The old day stands beside"
                " the new one. If it suits you, place the order again.",
                "Somebody else was quicker: {n} lines would arrive later than you were shown. The old days stand beside"
                " the new ones. If they suit you, place the order again.",
                count,
            )
            return nothing, said.format(n=tongue.number(count))
        case PriceMoved():
            return nothing, _(
                "A price has changed while you were looking. Old and new stand beside the line."
            )
        case CartChanged():
            return nothing, _(
                "The cart was changed in the meantime, perhaps in another window. This is the order as it is now."
            )
        case Repeated():
            return nothing, _(
                "This purchase order number was used before. Say why there is one more, or change it."
            )
    return nothing, refusal.detail


def problems(lines: Sequence[Line], refusal: Refused) -> list[str]:
    """What is wrong, with the lines it is wrong with."""
    found = []
    for one in refusal.problems:
        parts = one.pointer.split("/")
        index = int(parts[2]) if len(parts) > 2 and parts[1] == "lines" and parts[2].isdecimal() else None
        sku = lines[index].sku if index is not None and index < len(lines) else None
        found.append(f"{sku}: {one.detail}" if sku and not one.detail.startswith(sku) else one.detail)
    return found
