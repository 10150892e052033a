"""What an invoice or a credit note says: from an order as billing sees it, and what the document comes to."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from portal.domain import money, vat
from portal.domain.drawing_up import Drawn, Position
from portal.domain.invoices import (
    Address,
    Adjustment,
    Before,
    Despatch,
    Document,
    Kind,
    Line,
    Ordered,
    Party,
    Seller,
    Tax,
    ToFollow,
)
from portal.domain.portions import LEFT, OPEN
from portal.domain.proration import Bill, TaxPart
from portal.domain.quantities import ZERO, text
from portal.domain.standing import Billed, Billing, OrderedLine, Standing

# Where nobody has told the portal who the supplier is.
NOBODY = Seller(party=Party(name="Supplier", address=Address(lines=(), city="", country="GB")))
Reason = Literal["discount", "freight", "rounding"]
# A price with more digits than the currency has is for so many.
PRICED_PER = (Decimal(1), Decimal(100), Decimal(1000), Decimal(10000), Decimal(1000000))


def document(standing: Standing, drawn: Drawn) -> Document:
    """The whole paper. Its number is given when it is written."""
    order, bill = standing.order, drawn.bill
    sign = 1 if drawn.kind == "invoice" else -1
    currency = order.currency
    seller = order.supplier.facts if order.supplier else NOBODY
    account = order.account
    is_invoice = drawn.kind == "invoice"
    return Document(
        number="",
        kind=drawn.kind,
        account=account.number,
        currency=currency,
        issued_on=drawn.issued_on,
        terms=account.invoice_terms,
        nth=drawn.nth,
        seller=seller,
        buyer=_buyer(order),
        deliver_to=Party(name=order.ship_to.name, address=order.ship_to.address),
        order=_ordered(order, drawn, sign),
        lines=_lines(standing, drawn, sign) if drawn.positions else _amounts(standing, drawn),
        taxes=_taxes(order, bill),
        lines_net=_money(bill.lines_net, currency),
        net=_money(bill.net, currency),
        tax=_money(bill.tax, currency),
        rounding=_money(bill.rounding, currency),
        total=_money(bill.total, currency),
        language=account.language,
        due_on=drawn.issued_on + timedelta(days=account.payment_terms_days) if is_invoice else None,
        payment_terms_days=account.payment_terms_days,
        buyer_reference=account.buyer_reference,
        contract_number=account.contract_number,
        allowances=_adjustments(order, bill, is_charge=False),
        charges=_adjustments(order, bill, is_charge=True),
        shipments=_despatches(standing, drawn.positions),
        preceding=[before(earlier, currency) for earlier in standing.documents],
        to_follow=_to_follow(order) if is_invoice else (),
        period=drawn.period,
        corrects=before(drawn.corrects, currency) if drawn.corrects else None,
        reason=drawn.reason,
    )


def codes(order: Billing) -> dict[str, str]:
    """The VAT category of each of the order's tax categories."""
    supplier = order.supplier
    seller = supplier.facts if supplier else NOBODY
    country = supplier.country if supplier else seller.party.address.country
    return {
        line.category: vat.code(
            order.account.tax_status,
            line.category,
            line.rate,
            country,
            order.ship_to.address.country,
            registered=bool(seller.party.vat_id) or supplier is None,
        )
        for line in order.lines
    }


def before(billed: Billed, currency: str) -> Before:
    kind: Kind = "invoice" if billed.kind == "invoice" else "credit_note"
    return Before(
        number=billed.number, kind=kind, issued_on=billed.issued_on, total=_money(billed.total, currency)
    )


def _money(amount: Decimal, currency: str) -> Decimal:
    return money.rounded(amount, currency)


def _plain(quantity: Decimal) -> Decimal:
    """Without the zeros that the database adds."""
    return Decimal(text(quantity))


def _buyer(order: Billing) -> Party:
    account = order.account
    address = account.billing_address
    return Party(
        name=(address.name if address and address.name else account.name),
        address=Address(
            lines=address.lines,
            city=address.city,
            country=address.country,
            postal_code=address.postal_code,
            region=address.region,
        )
        if address
        else order.ship_to.address,
        legal_name=account.legal_name,
        vat_id=account.tax_id,
        registration=account.registration,
        electronic_address=account.electronic_address,
    )


def _ordered(order: Billing, drawn: Drawn, sign: int) -> Ordered:
    currency = order.currency
    after = drawn.billed_before + sign * drawn.bill.total
    return Ordered(
        number=order.number,
        placed_on=order.placed_at.date(),
        goods=_money(order.goods, currency),
        discount=_money(order.discount, currency),
        freight=_money(order.freight, currency),
        tax=_money(order.tax, currency),
        total=_money(order.total, currency),
        billed_before=_money(drawn.billed_before, currency),
        billed_after=_money(after, currency),
        to_bill=_money(drawn.to_bill, currency),
        purchase_order_number=order.purchase_order_number,
        cost_centre=order.cost_centre,
    )


def _lines(standing: Standing, drawn: Drawn, sign: int) -> list[Line]:
    invoiced = standing.by_line(standing.invoiced)
    waived = standing.by_line(standing.waived())
    vat_codes = codes(standing.order)
    found = []
    for number, position in enumerate(drawn.positions, 1):
        line = standing.lines[position.line_id]
        at = standing.at[line.id]
        previously = invoiced[at]
        invoiced[at] += sign * position.quantity
        waived[at] += position.quantity if drawn.waives else ZERO
        outstanding = max(standing.alive(line.id) - waived[at] - invoiced[at], ZERO)
        per = _priced_per(line, standing.order.currency)
        shipment = standing.shipments[position.slot].number if position.slot is not None else None
        found.append(
            Line(
                position=number,
                line=line.line,
                sku=line.sku,
                name=line.name,
                unit=line.unit,
                quantity=_plain(position.quantity),
                ordered=_plain(line.quantity),
                shipped=_plain(sum(standing.there(line.id, *LEFT).values(), ZERO)),
                previously_invoiced=_plain(previously),
                outstanding=_plain(outstanding),
                unit_price=Decimal(money.price(line.unit_price * per, standing.order.currency)),
                net=_money(position.net, standing.order.currency),
                category=line.category,
                tax_code=vat_codes[line.category],
                tax_rate=_plain(line.rate),
                price_per=per,
                buyer_sku=line.buyer_sku,
                shipment=shipment,
                need_by=line.need_by,
            )
        )
    return found


def _priced_per(line: OrderedLine, currency: str) -> Decimal:
    """So many that their price has no more digits than the currency."""
    return next(
        (per for per in PRICED_PER if line.unit_price * per == _money(line.unit_price * per, currency)),
        Decimal(1),
    )


def _amounts(standing: Standing, drawn: Drawn) -> list[Line]:
    """A credit that no goods stand for has one line for each rate, of line 0 of the order."""
    vat_codes = codes(standing.order)
    return [
        Line(
            position=number,
            line=0,
            sku="",
            name=drawn.reason or "",
            unit="C62",
            quantity=Decimal(1),
            ordered=ZERO,
            shipped=ZERO,
            previously_invoiced=ZERO,
            outstanding=ZERO,
            unit_price=_money(part.base, standing.order.currency),
            net=_money(part.base, standing.order.currency),
            category=part.category,
            tax_code=vat_codes[part.category],
            tax_rate=_plain(part.rate),
        )
        for number, part in enumerate(drawn.bill.parts, 1)
    ]


def _taxes(order: Billing, bill: Bill) -> list[Tax]:
    """One for each VAT category and rate: several of the products' categories may share them."""
    country = order.supplier.country if order.supplier else NOBODY.party.address.country
    vat_codes = codes(order)
    gathered: dict[tuple[str, Decimal], tuple[Decimal, Decimal]] = {}
    for part in bill.parts:
        key = (vat_codes[part.category], part.rate)
        base, amount = gathered.get(key, (ZERO, ZERO))
        gathered[key] = (base + part.base, amount + part.amount)
    found = []
    for (code, rate), (base, amount) in gathered.items():
        reason, reason_code = vat.exemption(code, country)
        found.append(
            Tax(
                code=code,
                rate=_plain(rate),
                base=_money(base, order.currency),
                amount=_money(amount, order.currency),
                reason=reason,
                reason_code=reason_code,
            )
        )
    return found


def _adjustments(order: Billing, bill: Bill, *, is_charge: bool) -> list[Adjustment]:
    vat_codes = codes(order)
    found = []
    for part in bill.parts:
        for reason, amount in _reasons(part, is_charge=is_charge):
            if amount:
                found.append(
                    Adjustment(
                        amount=_money(amount, order.currency),
                        reason=reason,
                        tax_code=vat_codes[part.category],
                        tax_rate=_plain(part.rate),
                    )
                )
    return found


def _reasons(part: TaxPart, *, is_charge: bool) -> tuple[tuple[Reason, Decimal], ...]:
    if is_charge:
        return (("freight", part.freight), ("rounding", max(part.rest, ZERO)))
    return (("discount", part.discount), ("rounding", max(-part.rest, ZERO)))


def _despatches(standing: Standing, positions: Iterable[Position]) -> list[Despatch]:
    ids = sorted({position.slot for position in positions if position.slot is not None})
    return [
        Despatch(
            number=shipment.number,
            shipped_on=shipment.shipped_on,
            delivered_on=shipment.delivered_on,
            carrier=shipment.carrier,
            mode=shipment.mode,
            tracking=shipment.tracking or (),
        )
        for shipment in (standing.shipments[shipment_id] for shipment_id in ids)
    ]


def _to_follow(order: Billing) -> list[ToFollow]:
    """What is still to ship, with its dates. What ships complete has one date for all of it."""
    still = [goods for goods in order.portions if goods.stage in OPEN]
    whole = order.delivery_preference == "complete_only"
    ships_on, arrives_on = (
        _last(goods.ships_on for goods in still),
        _last(goods.arrives_on for goods in still),
    )
    lines = {line.id: line for line in order.lines}
    gathered: dict[tuple[int, str, date | None, date | None], Decimal] = {}
    for goods in still:
        line = lines[goods.line_id]
        status = "held" if any(hold.stops(line.line) for hold in order.holds or ()) else goods.status
        key = (line.id, status, *((ships_on, arrives_on) if whole else (goods.ships_on, goods.arrives_on)))
        gathered[key] = gathered.get(key, ZERO) + goods.quantity
    found = [
        ToFollow(
            line=lines[line_id].line,
            sku=lines[line_id].sku,
            name=lines[line_id].name,
            unit=lines[line_id].unit,
            quantity=_plain(quantity),
            status=status,
            ships_on=ships,
            arrives_on=arrives,
        )
        for (line_id, status, ships, arrives), quantity in gathered.items()
    ]
    return sorted(found, key=lambda part: (part.line, part.arrives_on or date.max, part.status))


def _last(days: Iterable[date | None]) -> date | None:
    """The last day, where all have one."""
    found = list(days)
    known = [day for day in found if day is not None]
    return max(known) if known and len(known) == len(found) else None
