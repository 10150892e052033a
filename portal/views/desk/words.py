"""Words of the desk: documents of supply, reasons to wait, and quantities as somebody types them."""

from collections.abc import Mapping
from decimal import Decimal

from portal.domain.quantities import NotAQuantity, check_unit, parse
from portal.filters import Tongue
from portal.views.order.statuses import LOOKS, Look, word

KIND_ICONS = {
    "purchase_order": "supplier",
    "transfer": "transfer",
    "production": "production",
    "inspection": "inspection",
}


def kind_word(kind: str, tongue: Tongue) -> str:
    _ = tongue.gettext
    return {
        "purchase_order": _("Supplier order"),
        "transfer": _("Transfer"),
        "production": _("Production order"),
        "inspection": _("Inspection"),
    }[kind]


def document(kind: str, reference: str, tongue: Tongue) -> str:
    """ "Supplier order 4711"."""
    return f"{kind_word(kind, tongue)} {reference}"


def look(reason: str) -> Look:
    """Colour and icon of a reason to wait: those of the buyer's status."""
    return LOOKS[reason]


def reason_word(reason: str, tongue: Tongue) -> str:
    """Why a line waits; a little more than what the buyer reads."""
    if reason == "reserved_elsewhere":
        return tongue.gettext("Reserved elsewhere")
    return word(reason, tongue)


def role_word(role: str, tongue: Tongue) -> str:
    """Who can lift a hold."""
    _ = tongue.gettext
    return {
        "finance": _("finance"),
        "operations": _("operations"),
        "account_manager": _("the account manager"),
        "approver": _("the buyer's approver"),
    }.get(role, role)


def hold_reason(reason: str, tongue: Tongue) -> str:
    """Why something is held, as staff choose it."""
    _ = tongue.gettext
    return {
        "finance": _("Finance decision"),
        "credit": _("Credit limit"),
        "quality": _("Quality check"),
        "approval": _("Approval"),
        "address": _("Delivery address"),
        "manual": _("Set by hand"),
    }.get(reason, reason)


def quantities(amounts: Mapping[str, Decimal], tongue: Tongue) -> str:
    """Quantities of several units: "1,200 pcs, 40 kg"."""
    return ", ".join(tongue.quantity(amount, unit) for unit, amount in amounts.items())


def values(amounts: Mapping[str, Decimal], tongue: Tongue) -> str:
    """Money of several currencies."""
    return ", ".join(tongue.money(amount, currency) for currency, amount in amounts.items())


class Mistyped(ValueError):
    """What was typed is no quantity; the message stands beside the field, in the reader's language."""


def typed_quantity(raw: str, unit: str | None, tongue: Tongue) -> Decimal:
    """Read a quantity of zero or more as a person typed it."""
    _ = tongue.gettext
    try:
        quantity = parse(raw.strip())
    except NotAQuantity as wrong:
        raise Mistyped(_("Write a quantity in digits, such as 12 or 12.5.")) from wrong
    try:
        if unit is not None:
            check_unit(quantity, unit)
    except NotAQuantity as wrong:
        raise Mistyped(_("This is counted in whole pieces.")) from wrong
    return quantity
