"""One invoice before finance: record what was paid, pay a surplus back or move it, and issue a credit note."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from portal.clock import utc_now
from portal.db import disputes, finance, invoices
from portal.db.disputes import Invoice as Disputable
from portal.db.invoices import Invoice
from portal.db.work import LawBroken, Work
from portal.domain import money
from portal.domain.disputes import Billed
from portal.domain.refusals import Conflict, Forbidden, NotFound, Refused, Stale
from portal.operations import crediting_notes, paying
from portal.operations.crediting_notes import Credit
from portal.operations.paying import Money
from portal.routes.asking import Asked, asking
from portal.routes.once import Outcome, came_of, new_form, once
from portal.routes.visitor import PageRequest, ours, signed_in
from portal.views.finance import crediting
from portal.views.finance.crediting import preview
from portal.views.finance.money import Reading, Typed, page

PATH = "/invoices/{number:str}"
NEEDS = "invoices:write"
# A form with a field for each of thousands of lines.
LARGEST_FORM = 1 << 18
MOST_PAYABLE = 100
FORMS = ("payment", "refund", "transfer", "credit")


@dataclass(frozen=True, slots=True)
class Sent:
    """A form that came back because it was not done: which, what was typed, and why not."""

    which: str = ""
    typed: Typed = field(default_factory=Typed)
    credit: crediting.Typed = field(default_factory=crediting.Typed)
    errors: Mapping[str, str] = field(default_factory=dict)
    refusal: Refused | None = None
    status: int = 200


@get(PATH, name="finance-invoice")
async def show(number: FromPath[str], request: PageRequest) -> Response[Any]:
    """How it stands, and the forms."""
    asked = await asking(request, needs="finance:read")
    return await _show(asked, number, Sent())


@get(f"{PATH}/{{form:str}}", name="finance-invoice-form")
async def begin(number: FromPath[str], form: FromPath[str], request: PageRequest) -> Response[Any]:
    """The same, with one of the forms ready to be typed into."""
    asked = await asking(request, needs="finance:read")
    if form not in FORMS:
        raise NotFound(f"There is no form {form!r}.")
    return await _show(asked, number, Sent(), form)


@post(f"{PATH}/payments", name="finance-payment", status_code=200)
async def pay(number: FromPath[str], request: PageRequest) -> Response[Any]:
    """Record what was received; more than is due is asked about once."""
    return await _money(request, number, "payments")


@post(f"{PATH}/refunds", name="finance-refund", status_code=200)
async def refund(number: FromPath[str], request: PageRequest) -> Response[Any]:
    """Record what was paid back of a surplus."""
    return await _money(request, number, "refunds")


@post(f"{PATH}/transfers", name="finance-transfer", status_code=200)
async def transfer(number: FromPath[str], request: PageRequest) -> Response[Any]:
    """Settle another invoice of the account with a surplus."""
    return await _money(request, number, "transfers")


async def _money(request: PageRequest, number: str, kind: str) -> Response[Any]:
    asked = await asking(request, needs=NEEDS)
    form = await request.form()
    typed = Typed.read(form)
    invoice = await _invoice(asked, number)
    reading = Reading(typed, invoice, asked.tongue, asked.today)
    wanted = reading.read(kind)
    if wanted is None:
        return await _show(asked, number, Sent(kind, typed, errors=reading.errors, status=422))
    assert wanted.amount is not None
    amount = money.text(wanted.amount, invoice.currency)

    async def act(work: Work) -> Outcome:
        await _record(work, asked, number, kind, wanted, typed.to)
        return {"what": kind, "amount": amount, "currency": invoice.currency, "to": typed.to}

    def refused(refusal: Refused) -> Sent:
        reading.refused(refusal)
        return Sent(kind, typed, errors=reading.errors, refusal=refusal, status=_status(refusal))

    return await _done(asked, number, form, act, refused)


async def _record(work: Work, asked: Asked, number: str, kind: str, wanted: Money, to: str) -> None:
    if kind == "payments":
        await paying.pay(work, asked.viewer, number, wanted)
    elif kind == "refunds":
        await paying.refund(work, asked.viewer, number, wanted)
    else:
        await paying.transfer(work, asked.viewer, number, to, wanted)


@post(f"{PATH}/credit-notes", name="finance-credit-note", status_code=200, request_max_body_size=LARGEST_FORM)
async def credit(number: FromPath[str], request: PageRequest) -> Response[Any]:
    """What it comes to is shown first; what was shown is issued, or nothing."""
    asked = await asking(request, needs=NEEDS)
    form = await request.form()
    typed = crediting.Typed.read(form)
    invoice = await _invoice(asked, number)
    _found, billed = await _billed(asked, number)
    units = {one.line: one.unit for one in billed}
    reading = crediting.Reading(typed, units, invoice.currency, asked.tongue)
    wanted = reading.read()
    if wanted is None:
        return await _show(
            asked, number, Sent("credit-notes", credit=typed, errors=reading.errors, status=422)
        )
    what = Credit(typed.reason, wanted.lines, wanted.amount, typed.rebill)

    async def act(work: Work) -> Outcome:
        note = await crediting_notes.credit(work, asked.viewer, number, what)
        total = await work.conn.fetchval("select total from invoice where number = $1", note)
        if reading.shown is not None and total != reading.shown:
            raise Conflict(
                f"It was shown to come to {typed.shown}, but would now come to {money.text(total, invoice.currency)}: "
                "the invoice has changed meanwhile. Nothing was credited."
            )
        return {
            "what": "credit-notes",
            "number": note,
            "amount": money.text(total, invoice.currency),
            "currency": invoice.currency,
        }

    def refused(refusal: Refused) -> Sent:
        reading.refused(refusal, wanted)
        return Sent(
            "credit-notes", credit=typed, errors=reading.errors, refusal=refusal, status=_status(refusal)
        )

    if not typed.sure:
        return await _confirm(asked, invoice, typed, what, refused)
    return await _done(asked, number, form, act, refused)


async def _confirm(
    asked: Asked,
    invoice: Invoice,
    typed: crediting.Typed,
    what: Credit,
    refused: Callable[[Refused], Sent],
) -> Response[Any]:
    """What it would come to, and one button."""
    try:
        async with asked.work() as work:
            document = await crediting_notes.foresee(work, asked.viewer, invoice.number, what)
    except (NotFound, Forbidden, LawBroken):
        raise
    except Refused as refusal:
        return await _show(asked, invoice.number, refused(refusal))
    here = f"/finance/invoices/{invoice.number}"
    return asked.page(
        "finance/confirm_credit.html",
        section="finance",
        action=f"{here}/credit-notes",
        back=here,
        title=asked.tongue.gettext("Credit {number}").format(number=invoice.number),
        crumbs=[(here, invoice.number), ("", asked.tongue.gettext("Credit note"))],
        invoice=invoice.number,
        preview=preview(document, invoice.due, asked.tongue),
        typed=typed,
        form_id=typed.form or new_form(),
    )


async def _done(
    asked: Asked,
    number: str,
    form: Mapping[str, Any],
    act: Callable[[Work], Awaitable[Outcome]],
    refused: Callable[[Refused], Sent],
) -> Response[Any]:
    """It is done once, or the page says why it was not."""
    here = f"/finance/invoices/{number}"
    try:
        await once(asked, form, here, act)
    except (NotFound, Forbidden, LawBroken):
        raise
    except Refused as refusal:
        return await _show(asked, number, refused(refusal))
    return Redirect(f"{here}?{urlencode({'done': str(form['form'])})}", status_code=303)


def _status(refusal: Refused) -> int:
    return 409 if isinstance(refusal, Conflict | Stale) else 422


async def _invoice(asked: Asked, number: str) -> Invoice:
    async with asked.reading() as conn:
        found = await invoices.get(conn, asked.viewer, number, utc_now())
    if found is None:
        raise NotFound(f"There is no invoice {number}.")
    return found


async def _billed(asked: Asked, number: str) -> tuple[Disputable | None, list[Billed]]:
    async with asked.reading() as conn:
        found = await disputes.invoice(conn, asked.viewer, number)
        return found, await disputes.billed(conn, found.id) if found else []


async def _show(asked: Asked, number: str, sent: Sent, form: str = "") -> Response[Any]:
    invoice = await _invoice(asked, number)
    _found, billed = await _billed(asked, number)
    async with asked.reading() as conn:
        payable = (
            await finance.payable(conn, invoice.account, invoice.currency, number, MOST_PAYABLE)
            if invoice.surplus
            else []
        )
    here = f"/finance/invoices/{number}"
    return asked.page(
        "finance/invoice.html",
        section="finance",
        status=sent.status,
        headers={"Cache-Control": "private, no-cache"},
        page=page(invoice, billed, payable, asked.tongue, asked.today),
        sent=sent,
        begun=form,
        may_write=asked.viewer.may(NEEDS),
        done=await _done_before(asked, here),
        form_id=new_form(),
    )


async def _done_before(asked: Asked, here: str) -> dict[str, Any] | None:
    """What the form before this page did, with its sum as it is read."""
    done = await came_of(asked, here, asked.request.query_params.get("done"))
    if not done:
        return None
    return {**done, "sum": asked.tongue.money(Decimal(done["amount"]), done["currency"])}


router = Router(
    "/",
    route_handlers=[
        show,
        begin,
        Router("/", route_handlers=[pay, refund, transfer, credit], guards=[signed_in, ours]),
    ],
)
