"""A buyer disputes what was billed: opened against the lines of an invoice, talked over, and settled by a credit note,
by a refusal with its reason, or by the buyer, who takes it back.

Everything is done under the lock of the invoice's order, as every change of an invoice's standing is. An open dispute
changes no figure: the invoice stays due until it is credited.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from portal.db import disputes, orders
from portal.db.disputes import Invoice
from portal.db.work import Work
from portal.domain import money
from portal.domain.access import Viewer
from portal.domain.disputes import WITHOUT_LINES, Billed, Claimed, Dispute, positions
from portal.domain.events import Event
from portal.domain.quantities import text
from portal.domain.refusals import Conflict, NotFound, Problem, Unacceptable
from portal.operations import crediting_notes
from portal.operations.crediting_notes import Credit
from portal.operations.moving import Part


@dataclass(frozen=True, slots=True)
class Claim:
    """What the buyer says is wrong. `words` are needed where the reason alone says too little."""

    reason: str
    lines: Sequence[Claimed] = ()
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Settlement:
    """How much is credited: lines, or an amount gross of tax; neither is all that is disputed. `note` goes into the
    thread, `reason` onto the credit note. `shown` is the total that whoever agreed to it was shown."""

    lines: Sequence[Part] = ()
    amount: Decimal | None = None
    reason: str | None = None
    note: str | None = None
    rebill: bool = False
    shown: Decimal | None = None


async def dispute(work: Work, viewer: Viewer, number: str, claim: Claim) -> str:
    """Open a dispute of the invoice; answers the dispute's number."""
    found = await _invoice(work, viewer, number)
    order = await orders.lock(work.conn, viewer, found.order)
    # Read again under the lock: somebody may have credited it meanwhile.
    found = await _invoice(work, viewer, number)
    _refuse_state(found)
    if claim.reason in ("other", "wrong_price") and not claim.words:
        raise Unacceptable("Say what is wrong.", [Problem("/text", "needed for this reason")])
    if not claim.lines and claim.reason not in WITHOUT_LINES:
        raise Unacceptable("Name at least one line of the invoice.", [Problem("/lines", "empty")])
    billed = await disputes.billed(work.conn, found.id)
    claimed = positions(billed, claim.lines)
    opened = await disputes.insert(work.conn, found, claim.reason, viewer, claimed, claim.words, work.now)
    data = {
        "dispute": opened,
        "invoice": found.number,
        "reason": claim.reason,
        "lines": _told(billed, claimed),
        "text": claim.words,
        "by": viewer.author,
    }
    work.record(Event("invoice.disputed", order.account, order.id, order.number, data))
    return opened


async def say(work: Work, viewer: Viewer, number: str, words: str) -> None:
    """One more message, of whichever side the viewer is on."""
    found = await _locked(work, viewer, number)
    if not words:
        raise Unacceptable("Write something.", [Problem("/text", "empty")])
    await disputes.say(work.conn, found.id, viewer.author, words, work.now, is_suppliers=viewer.is_supplier)
    _record(work, found, "dispute.answered", {"text": words, "by": _side(viewer), "author": viewer.author})


async def settle_by_credit(work: Work, viewer: Viewer, number: str, settlement: Settlement) -> str:
    """The buyer is right, at least in part: a credit note settles it. Answers the credit note's number."""
    found = await _locked(work, viewer, number)
    await _say_if(work, viewer, found, settlement.note)
    note = await crediting_notes.credit(work, viewer, found.invoice, credit_of(found, settlement))
    total: Decimal = await work.conn.fetchval("select total from invoice where number = $1", note)
    if settlement.shown is not None and total != settlement.shown:
        now, shown = money.text(total, found.currency), money.text(settlement.shown, found.currency)
        raise Conflict(
            f"It was shown to come to {shown}, but would now come to {now}: the invoice has changed meanwhile. "
            "Nothing was credited."
        )
    await _end(work, viewer, found, "credited", settlement.note, note)
    return note


def credit_of(found: Dispute, settlement: Settlement) -> Credit:
    """The credit that a settlement asks for."""
    lines = settlement.lines
    if not lines and settlement.amount is None:
        lines = [Part(line, quantity) for line, quantity in found.by_line().items()]
    if not lines and settlement.amount is None:
        raise Unacceptable(
            f"Dispute {found.number} names no lines: say which amount is credited.",
            [Problem("/amount", "needed")],
        )
    reason = settlement.reason or settlement.note or f"Dispute {found.number}"
    return Credit(reason, lines, settlement.amount, settlement.rebill)


async def settle_by_note(
    work: Work, viewer: Viewer, number: str, credit_note: str, words: str | None
) -> None:
    """A credit note that was issued for the invoice meanwhile, for a return or a cancelled shipment, settles it."""
    found = await _locked(work, viewer, number)
    if credit_note not in {note.number for note in found.notes}:
        raise Unacceptable(
            f"{credit_note} is no credit note of invoice {found.invoice} that was issued since.",
            [Problem("/credit_note", f"unknown credit note {credit_note!r}")],
        )
    await _say_if(work, viewer, found, words)
    await _end(work, viewer, found, "credited", words, credit_note)


async def reject(work: Work, viewer: Viewer, number: str, words: str | None) -> None:
    """What was billed is right; the buyer reads why."""
    if not words:
        raise Unacceptable("Say why: the buyer reads it.", [Problem("/note", "needed to reject")])
    found = await _locked(work, viewer, number)
    await _say_if(work, viewer, found, words)
    await _end(work, viewer, found, "rejected", words)


async def withdraw(work: Work, viewer: Viewer, number: str, words: str | None) -> None:
    """The buyer takes it back."""
    found = await _locked(work, viewer, number)
    await _say_if(work, viewer, found, words)
    await _end(work, viewer, found, "withdrawn", words)


async def _invoice(work: Work, viewer: Viewer, number: str) -> Invoice:
    found = await disputes.invoice(work.conn, viewer, number)
    if found is None:
        raise NotFound(f"There is no invoice {number!r}.")
    return found


def _refuse_state(found: Invoice) -> None:
    if found.kind != "invoice":
        raise Conflict(f"{found.number} is a credit note: the invoice that it corrects can be disputed.")
    if found.credited == found.total:
        raise Conflict(f"Invoice {found.number} is credited in full: nothing is left to dispute.")


async def _locked(work: Work, viewer: Viewer, number: str) -> Dispute:
    """The dispute, which has to be open. Its order is locked: whoever comes second sees what the first has done."""
    order = await disputes.order_of(work.conn, viewer, number)
    if order is None:
        raise NotFound(f"There is no dispute {number!r}.")
    await orders.lock(work.conn, viewer, order)
    found = await disputes.dispute(work.conn, viewer, number)
    assert found is not None
    if found.settled_at is not None:
        raise Conflict(
            f"Dispute {number} was {found.state} already, by {found.settled_by} on "
            f"{found.settled_at:%d %b %Y at %H:%M} UTC."
        )
    await disputes.lock(work.conn, found.id)
    return found


async def _say_if(work: Work, viewer: Viewer, found: Dispute, words: str | None) -> None:
    if words:
        await disputes.say(
            work.conn, found.id, viewer.author, words, work.now, is_suppliers=viewer.is_supplier
        )


async def _end(
    work: Work, viewer: Viewer, found: Dispute, state: str, words: str | None, credit_note: str | None = None
) -> None:
    await disputes.settle(work.conn, found.id, state, viewer.author, credit_note, work.now)
    data = {"outcome": state, "credit_note": credit_note, "text": words, "by": _side(viewer)}
    _record(work, found, "dispute.settled", data | {"author": viewer.author})


def _record(work: Work, found: Dispute, kind: str, more: dict[str, Any]) -> None:
    lines = [{"line": one.line, "sku": one.sku, "quantity": text(one.quantity)} for one in found.lines]
    data = {"dispute": found.number, "invoice": found.invoice, "lines": lines, **more}
    work.record(Event(kind, found.account, found.order_id, found.order, data))


def _told(billed: Sequence[Billed], claimed: dict[int, Decimal]) -> list[dict[str, Any]]:
    return [
        {"line": one.line, "sku": one.sku, "quantity": text(claimed[one.position])}
        for one in billed
        if one.position in claimed
    ]


def _side(viewer: Viewer) -> str:
    return "supplier" if viewer.is_supplier else "buyer"
