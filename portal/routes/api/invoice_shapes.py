"""What the API tells about invoices, made from what was read."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from portal.db.invoice_list import Listed
from portal.db.invoices import Files, Invoice, Payment
from portal.domain import money
from portal.domain.invoices import Bank, Despatch, Document, Line, Party, Tax, ToFollow
from portal.domain.quantities import text
from portal.domain.reconciling import Reconciled, Reconciliation
from portal.domain.statements import Entry, OpenItem, Statement
from portal.routes.api.shapes import Json, day, instant

Written = Callable[[Decimal], str]


def _in(currency: str) -> Written:
    """How amounts of the currency are written."""
    return lambda amount: money.text(amount, currency)


def invoice(value: Invoice) -> Json:
    """The invoice as `GET /invoices/{number}` answers it: what its paper says, and what became of it."""
    paper, sum_of = value.paper, _in(value.currency)
    return {
        "number": value.number,
        "kind": value.kind,
        "state": value.state,
        "account": value.account,
        "order": value.order,
        "purchase_order_number": paper.order.purchase_order_number,
        "shipments": [one.number for one in paper.shipments],
        "preceding": [one.number for one in paper.preceding],
        "corrects": paper.corrects.number if paper.corrects else None,
        "reason": paper.reason,
        "issued_on": day(value.issued_on),
        "due_on": day(value.due_on),
        "currency": value.currency,
        "terms": paper.terms,
        "payment_terms_days": paper.payment_terms_days,
        "nth": paper.nth,
        "language": paper.language,
        **_parties(paper),
        "despatches": [_despatch(one) for one in paper.shipments],
        "period": {"first": day(paper.period[0]), "last": day(paper.period[1])} if paper.period else None,
        "lines": [_line(one, value.currency) for one in paper.lines],
        **_amounts(paper, sum_of),
        "progress": _progress(paper, sum_of),
        "to_follow": [_to_follow(one) for one in paper.to_follow],
        "paid": sum_of(value.paid),
        "credited": sum_of(value.credited),
        "due": sum_of(value.due),
        "payments": [_payment(one, sum_of) for one in value.payments],
        "credits": [one.number for one in value.credits],
        "credit_notes": [
            {
                "number": one.number,
                "issued_on": day(one.issued_on),
                "total": sum_of(one.total),
                "reason": one.reason,
            }
            for one in value.credits
        ],
        "open_disputes": value.open_disputes,
        "disputes": [
            {
                "number": one.number,
                "state": one.state,
                "reason": one.reason,
                "opened_at": instant(one.opened_at),
            }
            for one in value.disputes
        ],
        "files": _files(value.number, value.files),
    }


def _parties(paper: Document) -> Json:
    return {
        "buyer_reference": paper.buyer_reference,
        "contract_number": paper.contract_number,
        "cost_centre": paper.order.cost_centre,
        "seller": _party(paper.seller.party),
        "bank": _bank(paper.seller.bank),
        "buyer": _party(paper.buyer),
        "deliver_to": _party(paper.deliver_to),
    }


def _party(party: Party) -> Json:
    address = party.address
    return {
        "name": party.name,
        "legal_name": party.legal_name,
        "address": {
            "lines": list(address.lines),
            "city": address.city,
            "postal_code": address.postal_code,
            "region": address.region,
            "country": address.country,
        },
        "vat_id": party.vat_id,
        "registration": party.registration,
        "contact": party.contact,
        "email": party.email,
        "phone": party.phone,
        "electronic_address": party.electronic_address,
    }


def _bank(bank: Bank | None) -> Json | None:
    if bank is None:
        return None
    return {"holder": bank.holder, "iban": bank.iban, "bic": bank.bic, "name": bank.name}


def _despatch(shipment: Despatch) -> Json:
    return {
        "number": shipment.number,
        "mode": shipment.mode,
        "carrier": shipment.carrier,
        "shipped_on": day(shipment.shipped_on),
        "delivered_on": day(shipment.delivered_on),
        "tracking_numbers": list(shipment.tracking),
    }


def _line(line: Line, currency: str) -> Json:
    return {
        "line": line.line or None,
        "sku": line.sku or None,
        "buyer_sku": line.buyer_sku,
        "name": line.name,
        "unit": line.unit,
        "shipment": line.shipment,
        "ordered": text(line.ordered),
        "shipped": text(line.shipped),
        "previously_invoiced": text(line.previously_invoiced),
        "quantity": text(line.quantity),
        "outstanding": text(line.outstanding),
        "unit_price": money.price(line.unit_price / line.price_per, currency),
        "net": money.text(line.net, currency),
        "tax_code": line.tax_code,
        "tax_rate": text(line.tax_rate),
    }


def _amounts(paper: Document, sum_of: Written) -> Json:
    """All that adds up to the total."""
    adjusted = (*((one, -1) for one in paper.allowances), *((one, 1) for one in paper.charges))
    return {
        "lines_net": sum_of(paper.lines_net),
        "allowances": sum_of(sum((one.amount for one in paper.allowances), Decimal(0))),
        "charges": sum_of(sum((one.amount for one in paper.charges), Decimal(0))),
        "adjustments": [
            {"amount": sum_of(sign * one.amount), "reason": one.reason, "tax_rate": text(one.tax_rate)}
            for one, sign in adjusted
        ],
        "tax": [_tax(one, sum_of) for one in paper.taxes],
        "net": sum_of(paper.net),
        "tax_amount": sum_of(paper.tax),
        "rounding": sum_of(paper.rounding),
        "total": sum_of(paper.total),
        "prepaid": sum_of(paper.prepaid),
    }


def _tax(tax: Tax, sum_of: Written) -> Json:
    return {
        "code": tax.code,
        "rate": text(tax.rate),
        "base": sum_of(tax.base),
        "amount": sum_of(tax.amount),
        "reason": tax.reason,
        "reason_code": tax.reason_code,
    }


def _progress(paper: Document, sum_of: Written) -> Json:
    figures = ("goods", "discount", "freight", "tax", "total", "billed_before", "billed_after", "to_bill")
    return {name: sum_of(getattr(paper.order, name)) for name in figures}


def _to_follow(part: ToFollow) -> Json:
    return {
        "line": part.line,
        "sku": part.sku,
        "name": part.name,
        "unit": part.unit,
        "quantity": text(part.quantity),
        "status": part.status,
        "ships_on": day(part.ships_on),
        "arrives_on": day(part.arrives_on),
    }


def _payment(value: Payment, sum_of: Written) -> Json:
    return {
        "id": str(value.id),
        "kind": value.kind,
        "amount": sum_of(value.amount),
        "received_on": day(value.received_on),
        "reference": value.reference,
        "other": value.other,
        "recorded_at": instant(value.at),
    }


def _files(number: str, files: Files | None) -> Json:
    path = f"/api/v1/invoices/{number}"
    has_xml = files is None or not files.is_ready or files.profile not in (None, "none")
    has_ubl = files is None or not files.is_ready or files.has_ubl
    return {
        "state": files.state if files else "waiting",
        "profile": files.profile if files else None,
        "pdf": f"{path}.pdf",
        "xml": f"{path}.xml" if has_xml else None,
        "ubl": f"{path}.ubl" if has_ubl else None,
    }


def payment(value: Invoice, payment_id: int) -> Json:
    """One payment of an invoice, with how the invoice stands since."""
    sum_of = _in(value.currency)
    one = next(one for one in value.payments if one.id == payment_id)
    return _payment(one, sum_of) | {
        "invoice": value.number,
        "currency": value.currency,
        "state": value.state,
        "total": sum_of(value.total),
        "credited": sum_of(value.credited),
        "paid": sum_of(value.paid),
        "due": sum_of(value.due),
    }


def listed(row: Listed) -> Json:
    amounts = {name: getattr(row, name) for name in ("net", "total", "paid", "credited", "due")}
    sum_of = _in(row.currency)
    return {
        "number": row.number,
        "kind": row.kind,
        "state": row.state,
        "account": row.account,
        "order": row.order,
        "purchase_order_number": row.purchase_order_number,
        "shipments": list(row.shipments),
        "corrects": row.corrects,
        "issued_on": day(row.issued_on),
        "due_on": day(row.due_on),
        "currency": row.currency,
        **{name: sum_of(amount) for name, amount in amounts.items()},
        "tax_amount": sum_of(row.tax),
        "open_disputes": row.open_disputes,
        "files": row.files,
    }


def reconciliation(value: Reconciliation, invoices: list[Listed]) -> Json:
    sum_of = _in(value.currency)
    amounts = ("total", "shipped", "invoiced", "credited", "paid", "due", "outstanding", "never")
    return {
        "order": value.order,
        "account": value.account,
        "version": value.version,
        "currency": value.currency,
        "terms": value.terms,
        **{name: sum_of(getattr(value, name)) for name in amounts},
        "is_held": value.is_held,
        "lines": [_reconciled(one, sum_of) for one in value.lines],
        "invoices": [listed(one) for one in invoices],
    }


def _reconciled(line: Reconciled, sum_of: Written) -> Json:
    quantities = (
        "ordered", "cancelled", "shipped", "delivered", "returned", "invoiced", "credited", "waived", "to_invoice",
        "outstanding",
    )  # fmt: skip
    amounts = ("invoiced_amount", "credited_amount", "paid_amount", "due_amount")
    said: dict[str, Any] = {"line": line.line, "sku": line.sku, "name": line.name, "unit": line.unit}
    said |= {name: text(getattr(line, name)) for name in quantities}
    return said | {name: sum_of(getattr(line, name)) for name in amounts}


def statement(value: Statement) -> Json:
    sum_of = _in(value.currency)
    names = ("not_due", "to_30", "to_60", "to_90", "over_90")
    return {
        "account": value.account,
        "name": value.name,
        "currency": value.currency,
        "first": day(value.first),
        "last": day(value.last),
        "opening": sum_of(value.opening),
        "closing": sum_of(value.closing),
        "surplus": sum_of(value.surplus),
        "entries": [_entry(one, sum_of) for one in value.entries],
        "open_items": [_open_item(one, sum_of) for one in value.open_items],
        "ageing": {name: sum_of(amount) for name, amount in zip(names, value.ages, strict=True)},
    }


def _entry(entry: Entry, sum_of: Written) -> Json:
    return {
        "on": day(entry.on),
        "kind": entry.kind,
        "number": entry.number,
        "order": entry.order,
        "purchase_order_number": entry.purchase_order_number,
        "due_on": day(entry.due_on),
        "corrects": entry.corrects,
        "reference": entry.reference,
        "amount": sum_of(entry.amount),
        "balance": sum_of(entry.balance),
    }


def _open_item(item: OpenItem, sum_of: Written) -> Json:
    return {
        "number": item.number,
        "order": item.order,
        "purchase_order_number": item.purchase_order_number,
        "issued_on": day(item.issued_on),
        "due_on": day(item.due_on),
        "total": sum_of(item.total),
        "due": sum_of(item.due),
    }
