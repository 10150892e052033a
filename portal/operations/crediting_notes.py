"""Correct an invoice by a credit note: an issued invoice never changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.db import billing as rows
from portal.db import orders
from portal.db.work import Connection, Work
from portal.domain import issuing, money
from portal.domain.access import Viewer
from portal.domain.drawing_up import Drawn, amount_note, credit_note
from portal.domain.invoices import Document
from portal.domain.quantities import ZERO, NotAQuantity, check_unit, text
from portal.domain.refusals import Conflict, NotFound, Problem, Unacceptable, refuse_any
from portal.domain.standing import Billed, Standing
from portal.operations import billing
from portal.operations.moving import Part

LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Credit:
    """What is credited of an invoice, by lines (the order's line numbers) or by an amount, gross of tax. Goods that
    stay with the buyer are not billed again, unless `rebill` says so."""

    reason: str
    lines: Sequence[Part] = ()
    amount: Decimal | None = None
    rebill: bool = False


async def credit(work: Work, viewer: Viewer, number: str, what: Credit) -> str:
    """Issue a credit note for the invoice of this number; answers the credit note's number.

    Nothing but closing the books may lock anything after this.
    """
    order = await _order_of(work.conn, viewer, number)
    locked = await orders.lock(work.conn, viewer, order)
    standing = Standing(await rows.read(work.conn, locked.id))
    drawn = _drawn(standing, number, what, billing.today(standing, work.now))
    issued = await billing.issue(work, standing, drawn)
    billing.value(work, standing)
    return issued


async def foresee(work: Work, viewer: Viewer, number: str, what: Credit) -> Document:
    """The credit note as it would be, without a number; nothing is locked or written."""
    order = await _order_of(work.conn, viewer, number)
    found = await orders.find(work.conn, viewer, order)
    assert found is not None
    standing = Standing(await rows.read(work.conn, found[0]))
    drawn = _drawn(standing, number, what, billing.today(standing, work.now))
    return issuing.document(standing, drawn)


async def _order_of(conn: Connection, viewer: Viewer, number: str) -> str:
    order = await rows.order_of(conn, viewer, number)
    if order is None:
        raise NotFound(f"There is no invoice {number!r}.")
    return order


def _drawn(standing: Standing, number: str, what: Credit, day: date) -> Drawn:
    invoice = next(document for document in standing.documents if document.number == number)
    if invoice.kind != "invoice":
        raise Conflict(f"{number} is a credit note: only an invoice can be credited.")
    _refuse_unclear(what)
    if what.amount is not None:
        _refuse_amount(standing, invoice, what.amount)
        return amount_note(standing, invoice, what.amount, what.reason.strip(), day)
    parts = _positions(standing, invoice, what.lines)
    return credit_note(standing, invoice, parts, what.reason.strip(), day, waives=not what.rebill)


def _refuse_unclear(what: Credit) -> None:
    problems = []
    if not what.reason.strip():
        problems.append(Problem("/reason", "say why"))
    if len(what.reason) > LONGEST_REASON:
        problems.append(Problem("/reason", f"at most {LONGEST_REASON} characters"))
    if bool(what.lines) == (what.amount is not None):
        problems.append(Problem("/lines", "name either lines or an amount"))
    if what.rebill and what.amount is not None:
        problems.append(Problem("/rebill", "an amount is not billed again"))
    refuse_any(problems)


def _refuse_amount(standing: Standing, invoice: Billed, amount: Decimal) -> None:
    currency = standing.order.currency
    left = standing.sums_left_of(invoice)
    if amount <= 0:
        raise Unacceptable("A credit note is over more than nothing.", [Problem("/amount", "more than 0")])
    if amount != money.rounded(amount, currency):
        raise Unacceptable(
            f"{currency} has {money.digits(currency)} decimals; {amount} has more.",
            [Problem("/amount", f"more decimals than {currency} has")],
        )
    if amount > left.gross:
        raise Unacceptable(
            f"{money.text(amount, currency)} cannot be credited: {money.text(left.gross, currency)} are left of "
            f"invoice {invoice.number}.",
            [Problem("/amount", f"at most {money.text(left.gross, currency)}")],
        )


def _positions(standing: Standing, invoice: Billed, parts: Sequence[Part]) -> dict[int, Decimal]:
    """How much of which positions: a line that several shipments brought is credited from the first on."""
    left = standing.left_of(invoice)
    numbers = {line.position: standing.lines[line.line_id].line for line in invoice.lines}
    units = {line.line: line.unit for line in standing.order.lines}
    found: dict[int, Decimal] = {}
    problems, seen = [], set()
    for index, part in enumerate(parts):
        mine = [position for position, line in numbers.items() if line == part.line]
        there = sum((left[position] for position in mine), ZERO)
        if not mine:
            problems.append(
                Problem(f"/lines/{index}/line", f"invoice {invoice.number} has no line {part.line}")
            )
        elif part.line in seen:
            problems.append(Problem(f"/lines/{index}/line", f"line {part.line} stands here twice"))
        elif part.quantity <= 0:
            problems.append(Problem(f"/lines/{index}/quantity", "must be more than 0"))
        elif part.quantity > there:
            problems.append(
                Problem(
                    f"/lines/{index}/quantity",
                    f"{text(part.quantity)} wanted, but {text(there)} of line {part.line} are billed on "
                    f"{invoice.number} and not credited",
                )
            )
        else:
            problems += _unfit(part.quantity, units[part.line], f"/lines/{index}/quantity")
        seen.add(part.line)
        rest = part.quantity
        for position in mine:
            if (taken := min(rest, left[position])) > 0:
                found[position] = taken
                rest -= taken
    refuse_any(problems)
    return found


def _unfit(quantity: Decimal, unit: str, pointer: str) -> list[Problem]:
    try:
        check_unit(quantity, unit)
    except NotAQuantity as wrong:
        return [Problem(pointer, str(wrong))]
    return []
