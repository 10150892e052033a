"""The label of goods that come back: 100 by 150 millimetres on the parcel, for the scanner at the dock."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from portal.domain.returns import Return
from portal.filters import Tongue
from portal.views.order.fitting import Fitted, fitted
from portal.views.papers.codes import bars, qr
from portal.views.papers.labels import (
    ADDRESS_BOX,
    ADDRESS_SIZES,
    CODE_BOX,
    CODE_SIZES,
    HEIGHT,
    ORDERED_SIZES,
    SENDER_BOX,
    SENDER_SIZES,
    WIDTH,
)
from portal.views.papers.papers import Letterhead, Sheet, address, instant

# Millimetres: what lies in the parcel, beside the square code.
GOODS_BOX, GOODS_SIZES = (61, 10), (9.0, 8.0, 7.0, 6.0)
ABOUT_BOX = (61, 7.5)
# More lines than these are counted, not listed.
LISTED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnLabel(Sheet):
    """`code` is what the scanner reads: the return's number."""

    number: str
    sender: Fitted
    address: Fitted
    about: Fitted
    goods: Fitted
    code: Fitted
    bars: Markup | None
    qr: Markup


def return_label(value: Return, tongue: Tongue, head: Letterhead) -> ReturnLabel:
    """Of an authorised return; a parcel needs nothing else."""
    _ = tongue.gettext
    number = value.number
    when = instant(value.decided_at or value.asked_at)
    return ReturnLabel(
        title=_("Return label {number}").format(number=number),
        created=when,
        changed=when,
        # Printers of labels know black only.
        brand="#000000",
        number=number,
        sender=fitted(address(value.sent_from, value.account_name, tongue), SENDER_BOX, SENDER_SIZES),
        address=fitted(address(value.back_to, head.supplier, tongue), ADDRESS_BOX, ADDRESS_SIZES),
        about=fitted(_about(value), ABOUT_BOX, ORDERED_SIZES),
        goods=fitted(_goods(value, tongue), GOODS_BOX, GOODS_SIZES),
        code=fitted([number], CODE_BOX, CODE_SIZES),
        bars=bars(number, _("Barcode: {code}").format(code=number), width=WIDTH, height=HEIGHT),
        qr=qr(number, _("QR code: {code}").format(code=number)),
    )


def label_text(value: Return, supplier: str, tongue: Tongue) -> tuple[list[str], list[str]]:
    """(to whom, from whom), line by line: for whoever writes the label by hand."""
    to = [
        *address(value.back_to, supplier, tongue),
        tongue.gettext("Return {number}").format(number=value.number),
    ]
    return to, address(value.sent_from, value.account_name, tongue)


def _about(value: Return) -> list[str]:
    """What the dock asks for when the code cannot be read."""
    po = [value.purchase_order_number] if value.purchase_order_number else []
    return [" · ".join([value.shipment, value.order, *po])]


def _goods(value: Return, tongue: Tongue) -> Sequence[str]:
    listed = [f"{tongue.quantity(line.quantity, line.unit)} {line.sku}" for line in value.lines[:LISTED]]
    others = len(value.lines) - len(listed)
    if others:
        template = tongue.ngettext("and {n} other line", "and {n} other lines", others)
        listed.append(template.format(n=others))
    return listed
