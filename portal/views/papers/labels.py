"""Labels for the packages of a shipment, 100 by 150 millimetres each, for printers of labels."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from portal.domain.orders import Order, Package, Shipment
from portal.filters import Tongue
from portal.views.order.fitting import Fitted, fitted
from portal.views.order.statuses import mode_word
from portal.views.papers.codes import bars, qr
from portal.views.papers.papers import Letterhead, Postal, Sheet, address, instant

# Millimetres on the label, and the sizes of letters to choose from.
WIDTH, HEIGHT = 92, 22
ADDRESS_BOX, ADDRESS_SIZES = (91, 43), (18.0, 16.0, 14.0, 12.0, 10.5, 9.0, 8.0, 7.0)
SENDER_BOX, SENDER_SIZES = (43, 20), (8.0, 7.0, 6.0, 5.0)
CARRIER_BOX, CARRIER_SIZES = (38, 13), (9.0, 8.0, 7.0, 6.0, 5.0)
ORDERED_BOX, ORDERED_SIZES = (61, 7.5), (9.0, 8.0, 7.0, 6.0, 5.0)
CODE_BOX, CODE_SIZES = (90, 8), (13.0, 11.0, 9.0, 7.0, 5.5)
CODE_BESIDE_BOX = (56, 26)


@dataclass(frozen=True, slots=True)
class Label:
    """One package. `code` is what the scanner reads, in bars where they fit and always in the QR code."""

    nth: str
    weight: str
    code: Fitted
    code_name: str
    bars: Markup | None
    qr: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelPaper(Sheet):
    number: str
    sender: Fitted
    address: Fitted
    mode: str
    carrier: Fitted
    ordered_name: str
    ordered: Fitted
    labels: Sequence[Label]


def label_paper(
    order: Order, shipment: Shipment, sender: Postal, tongue: Tongue, head: Letterhead
) -> LabelPaper:
    """A label for each package; a shipment whose packages nobody recorded is taken for one."""
    _ = tongue.gettext
    packages = shipment.packages or [Package()]
    carrier = [named for named in (shipment.carrier, shipment.service) if named]
    ordered = " · ".join(filter(None, (order.purchase_order_number, order.number)))
    return LabelPaper(
        title=_("Label {number}").format(number=shipment.number),
        created=instant(shipment.shipped_at),
        changed=instant(shipment.shipped_at),
        # Printers of labels know black only.
        brand="#000000",
        number=shipment.number,
        sender=fitted(address(sender, head.supplier, tongue), SENDER_BOX, SENDER_SIZES),
        address=fitted(address(order.ship_to, order.account_name, tongue), ADDRESS_BOX, ADDRESS_SIZES),
        mode=mode_word(shipment.mode, tongue),
        carrier=fitted(carrier, CARRIER_BOX, CARRIER_SIZES),
        ordered_name=_("Your PO, our order") if order.purchase_order_number else _("Order"),
        ordered=fitted([ordered], ORDERED_BOX, ORDERED_SIZES),
        labels=[_label(shipment, package, nth, tongue) for nth, package in enumerate(packages, 1)],
    )


def _label(shipment: Shipment, package: Package, nth: int, tongue: Tongue) -> Label:
    _ = tongue.gettext
    tracked = package.tracking_number
    code = tracked or shipment.number
    drawn = bars(code, _("Barcode: {code}").format(code=code), width=WIDTH, height=HEIGHT)
    return Label(
        nth=_("{n} of {all}").format(n=nth, all=len(shipment.packages) or 1),
        weight=f"{tongue.number(package.weight_kg)} kg" if package.weight_kg else "",
        code=fitted([code], CODE_BOX if drawn else CODE_BESIDE_BOX, CODE_SIZES),
        code_name=_("Tracking number") if tracked else _("Shipment"),
        bars=drawn,
        qr=qr(code, _("QR code: {code}").format(code=code)),
    )
