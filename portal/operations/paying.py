"""Money for invoices: received in part, in full or too much, paid back, and moved to another invoice.

What was paid too much stays on its invoice as a surplus in the account's favour until somebody says what becomes of it.
Who may record money is decided where it is asked for; the viewer says whose invoices there are.
"""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from portal.db import payments
from portal.db.payments import Kind, New, Owed
from portal.db.work import Work
from portal.domain import money
from portal.domain.access import Viewer
from portal.domain.events import Event
from portal.domain.quantities import ZERO
from portal.domain.refusals import Conflict, NotFound, Problem, Unacceptable

# A surplus is at most so many times the invoice, or so much where that is more: beyond it somebody slipped with the
# decimal point or took another invoice.
MOST_TIMES, ALWAYS = 10, Decimal(1000)
# Where the day stands in what was sent.
POINTERS: dict[Kind, str] = {"payment": "/received_on", "refund": "/paid_on", "transfer": "/on"}


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in the invoice's currency, always positive; only what is moved may leave it out, which is then as much
    as there is and as can be used. Without a day it is the supplier's today."""

    amount: Decimal | None
    on: date | None = None
    reference: str | None = None
    origin: str | None = None
    external_id: str | None = None
    fingerprint: bytes | None = None


async def pay(work: Work, viewer: Viewer, number: str, paid: Money) -> tuple[int, bool]:
    """Record what was received for an invoice. Answers the payment's id, and whether it is new. More than is due makes
    a surplus."""
    invoice = await _locked(work, viewer, number)
    if (first := await _told_before(work, "payment", number, paid)) is not None:
        return first, False
    _refuse_credit_note(invoice)
    new = _new("payment", invoice, paid.amount, paid)
    _refuse_absurd(invoice, new.amount)
    payment = await payments.insert(work.conn, invoice, new, work.actor, work.now)
    _tell(work, "payment.received", invoice, new, {"payment": str(payment)})
    return payment, True


async def refund(work: Work, viewer: Viewer, number: str, paid: Money) -> tuple[int, bool]:
    """Record what was paid back of an invoice's surplus. Answers as `pay` does."""
    invoice = await _locked(work, viewer, number)
    if (first := await _told_before(work, "refund", number, paid)) is not None:
        return first, False
    new = _new("refund", invoice, paid.amount, paid)
    _refuse_beyond_surplus(invoice, new.amount)
    new = replace(new, amount=-new.amount)
    payment = await payments.insert(work.conn, invoice, new, work.actor, work.now)
    _tell(work, "payment.refunded", invoice, new, {"payment": str(payment)})
    return payment, True


async def transfer(work: Work, viewer: Viewer, source: str, target: str, moved: Money) -> tuple[int, bool]:
    """Settle another invoice of the account with an invoice's surplus. Answers the id of what the other one received,
    and whether it is new."""
    if source == target:
        raise Unacceptable("A surplus is moved to another invoice.", [Problem("/to", "is the same invoice")])
    found = await payments.lock(work.conn, viewer, (source, target), work.now)
    if source not in found:
        raise NotFound(f"There is no invoice {source!r}.")
    if (first := await _told_before(work, "transfer", target, moved)) is not None:
        return first, False
    taken, settled = found[source], _fit(found.get(target), found[source], target)
    new = _new("transfer", settled, moved.amount or _most(taken, settled), moved)
    _refuse_beyond_surplus(taken, new.amount)
    _refuse_beyond_due(settled, new.amount)
    # Another system's id stands at one of the ends only: it is unique.
    away = replace(new, amount=-new.amount, other=settled.id, origin=None, external_id=None, fingerprint=None)
    new = replace(new, other=taken.id)
    await payments.insert(work.conn, taken, away, work.actor, work.now)
    payment = await payments.insert(work.conn, settled, new, work.actor, work.now)
    _tell(work, "payment.transferred", taken, away, {"to": target})
    _tell(work, "payment.transferred", settled, new, {"payment": str(payment), "from": source})
    return payment, True


def _most(taken: Owed, settled: Owed) -> Decimal:
    """As much as is there and as is due."""
    most = min(-taken.due, settled.due)
    if most <= 0:
        raise Unacceptable(
            f"There is nothing to move: invoice {taken.number} has a surplus of {_text(max(-taken.due, ZERO), taken)}, "
            f"and {_text(max(settled.due, ZERO), settled)} are due of invoice {settled.number}."
        )
    return most


async def _locked(work: Work, viewer: Viewer, number: str) -> Owed:
    found = await payments.lock(work.conn, viewer, (number,), work.now)
    if number not in found:
        raise NotFound(f"There is no invoice {number!r}.")
    return found[number]


async def _told_before(work: Work, kind: Kind, number: str, paid: Money) -> int | None:
    """The id of the payment that another system has told under this id before."""
    if paid.origin is None or paid.external_id is None:
        return None
    first = await payments.by_external_id(work.conn, paid.origin, paid.external_id)
    if first is None:
        return None
    if (first.kind, first.invoice, first.fingerprint) != (kind, number, paid.fingerprint):
        raise Conflict(
            f"{paid.origin} {paid.external_id} is a {first.kind} of invoice {first.invoice} already, with other "
            "content.",
            [Problem("/external_id", f"is a {first.kind} of invoice {first.invoice} already")],
        )
    return first.id


def _refuse_credit_note(invoice: Owed) -> None:
    if invoice.kind == "credit_note":
        raise Conflict(f"{invoice.number} is a credit note: nothing is paid for it. Name the invoice.")


def _refuse_absurd(invoice: Owed, amount: Decimal) -> None:
    most = max(invoice.due, ZERO) + max(MOST_TIMES * invoice.total, ALWAYS)
    if amount > most:
        there = _text(max(invoice.due, ZERO), invoice)
        raise Unacceptable(
            f"{_text(amount, invoice)} cannot be meant: {there} are due of invoice {invoice.number}, and it takes "
            f"{_text(most, invoice)} at most.",
            [Problem("/amount", f"at most {_text(most, invoice)}")],
        )


def _refuse_beyond_surplus(invoice: Owed, amount: Decimal) -> None:
    _refuse_credit_note(invoice)
    if amount > -invoice.due:
        there = _text(max(-invoice.due, ZERO), invoice)
        raise Unacceptable(
            f"{_text(amount, invoice)} wanted, but invoice {invoice.number} has a surplus of {there}.",
            [Problem("/amount", f"the surplus is {there}")],
        )


def _refuse_beyond_due(invoice: Owed, amount: Decimal) -> None:
    if amount > invoice.due:
        there = _text(max(invoice.due, ZERO), invoice)
        raise Unacceptable(
            f"{_text(amount, invoice)} are too much: {there} are due of invoice {invoice.number}.",
            [Problem("/amount", f"{there} are due")],
        )


def _fit(invoice: Owed | None, source: Owed, number: str) -> Owed:
    """The invoice that a surplus of another is to settle, if it can."""
    if invoice is None or invoice.account != source.account:
        raise Unacceptable(
            f"Account {source.account} has no invoice {number!r}.",
            [Problem("/to", f"unknown invoice {number!r}")],
        )
    if invoice.kind == "credit_note":
        raise Unacceptable(
            f"{number} is a credit note: it has nothing to settle.", [Problem("/to", "a credit note")]
        )
    if invoice.currency != source.currency:
        said = f"is in {invoice.currency}, the surplus in {source.currency}"
        raise Unacceptable(f"Invoice {number} {said}.", [Problem("/to", said)])
    return invoice


def _new(kind: Kind, invoice: Owed, amount: Decimal | None, paid: Money) -> New:
    """What is to be written, once amount and day are possible."""
    if amount is None or amount <= 0:
        raise Unacceptable("The amount must be more than 0.", [Problem("/amount", "must be more than 0")])
    if amount != money.rounded(amount, invoice.currency):
        said = f"{invoice.currency} has {money.digits(invoice.currency)} decimals"
        raise Unacceptable(f"{said}; {amount} has more.", [Problem("/amount", said)])
    on = paid.on or invoice.today
    if on > invoice.today:
        raise Unacceptable(
            f"{on.isoformat()} is yet to come.", [Problem(POINTERS[kind], "lies in the future")]
        )
    return New(kind, amount, on, paid.reference, None, paid.origin, paid.external_id, paid.fingerprint)


def _tell(work: Work, what: str, invoice: Owed, new: New, more: dict[str, str]) -> None:
    """Say it, count it, and enter it in the account's audit chain: who recorded which money, and what it left due."""
    work.bill(invoice.order_id, paid=new.amount)
    data = {
        "invoice": invoice.number,
        "amount": money.text(abs(new.amount), invoice.currency),
        "currency": invoice.currency,
        "on": new.on.isoformat(),
        "due": money.text(invoice.due - new.amount, invoice.currency),
        "reference": new.reference,
        **more,
    }
    work.record(Event(what, invoice.account, invoice.order_id, invoice.order, data))
    work.audit(invoice.account, what, invoice.number, {**data, "order": invoice.order})


def _text(amount: Decimal, invoice: Owed) -> str:
    return f"{money.text(amount, invoice.currency)} {invoice.currency}"
