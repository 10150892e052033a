"""Disputes of invoices, for both sides: the list, one case with its thread, and opening one from an invoice."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from portal.db import disputes
from portal.db.disputes import Invoice
from portal.db.work import LawBroken, Work
from portal.domain.disputes import REASONS, Billed, Dispute
from portal.domain.refusals import Conflict, Forbidden, NotFound, Refused, Stale
from portal.domain.words import capitalised
from portal.operations import crediting_notes, disputing
from portal.operations.disputing import Settlement
from portal.pages import Pages
from portal.routes.asking import Asked, asking
from portal.routes.once import Outcome, came_of, new_form, once
from portal.routes.visitor import PageRequest, ours, signed_in
from portal.views.disputes import listing, opening
from portal.views.disputes.listing import Wanted
from portal.views.disputes.opening import words_of
from portal.views.disputes.page import page, suggested
from portal.views.finance.crediting import Reading, Typed, preview
from portal.views.invoices.words import dispute_reason

# A form with a field for each of thousands of lines.
LARGEST_FORM = 1 << 18
PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Sent:
    """A form that came back because it was not done: which, what was typed, and why not."""

    which: str = ""
    typed: Typed = field(default_factory=Typed)
    errors: Mapping[str, str] = field(default_factory=dict)
    refusal: Refused | None = None
    status: int = 200


def _section(asked: Asked) -> str:
    return "finance" if asked.viewer.is_supplier else "invoices"


@get("/disputes", name="disputes")
async def index(request: PageRequest) -> Response[Any]:
    """`show` is one of the tabs, `q` the beginning of a number, `before` pages on."""
    asked = await asking(request, needs="invoices:read")
    wanted = Wanted.read(request.query_params, is_supplier=asked.viewer.is_supplier)
    async with asked.reading() as conn:
        found, following = await disputes.search(conn, asked.viewer, wanted.search, PER_PAGE)
    return asked.page(
        "disputes/index.html",
        section=_section(asked),
        headers={"Cache-Control": "private, no-cache"},
        listing=listing.listing(wanted, found, following, asked.viewer, asked.tongue, asked.today),
    )


@get("/disputes/{number:str}", name="dispute")
async def show(number: FromPath[str], request: PageRequest) -> Response[Any]:
    """What is disputed, what was said, and what the reader can do."""
    asked = await asking(request, needs="invoices:read")
    return await _show(asked, number, Sent())


@get("/invoices/{number:str}/dispute", name="invoice-dispute")
async def begin(number: FromPath[str], request: PageRequest) -> Response[Any]:
    """Each line of the invoice beside what came; `line` is the one that was pressed."""
    asked = await asking(request, needs="invoices:dispute")
    return await _form(asked, number, opening.Typed())


@post(
    "/invoices/{number:str}/dispute",
    name="invoice-disputed",
    status_code=200,
    request_max_body_size=LARGEST_FORM,
)
async def create(number: FromPath[str], request: PageRequest) -> Response[Any]:
    """Open the case; we are told at once."""
    asked = await asking(request, needs="invoices:dispute")
    form = await request.form()
    typed = opening.Typed.read(form)
    found, billed = await _invoice(asked, number)
    reading = opening.Reading(typed, billed, asked.tongue)
    claim = reading.read()
    if claim is None:
        return _draw(asked, found, reading, status=422)

    async def do(work: Work) -> Outcome:
        return {"dispute": await disputing.dispute(work, asked.viewer, number, claim)}

    try:
        outcome = await once(asked, form, f"/invoices/{number}/dispute", do)
    except (NotFound, Forbidden, LawBroken):
        raise
    except Refused as refusal:
        reading.refused(refusal, claim)
        found, reading.billed = await _invoice(asked, number)
        return _draw(asked, found, reading, refusal, status=_status(refusal))
    return Redirect(f"/disputes/{outcome['dispute']}?{urlencode({'new': '1'})}", status_code=303)


@post("/disputes/{number:str}/messages", name="dispute-message", status_code=200)
async def say(number: FromPath[str], request: PageRequest) -> Response[Any]:
    """Say something; the other side is told."""
    asked = await asking(request, needs="invoices:dispute")
    form = await request.form()
    words = words_of(form, "words")
    if not words:
        return await _show(
            asked, number, _wrong("say", form, "words", asked.tongue.gettext("Write something."))
        )

    async def do(work: Work) -> Outcome:
        await disputing.say(work, asked.viewer, number, words)
        return {"what": "said"}

    return await _done(asked, number, form, do, "say")


@post("/disputes/{number:str}/withdrawal", name="dispute-withdrawal", status_code=200)
async def withdraw(number: FromPath[str], request: PageRequest) -> Response[Any]:
    """The buyer takes it back, or has told one of our people so."""
    asked = await asking(request, needs="invoices:dispute")
    form = await request.form()

    async def do(work: Work) -> Outcome:
        await disputing.withdraw(work, asked.viewer, number, words_of(form, "words") or None)
        return {"what": "withdrawn"}

    return await _done(asked, number, form, do, "withdraw")


@post("/disputes/{number:str}/rejection", name="dispute-rejection", status_code=200)
async def reject(number: FromPath[str], request: PageRequest) -> Response[Any]:
    """What was billed is right; the buyer reads why."""
    asked = await asking(request, needs="invoices:write")
    form = await request.form()
    words = words_of(form, "words")
    if not words:
        said = asked.tongue.gettext("Say why: the buyer reads it.")
        return await _show(asked, number, _wrong("reject", form, "words", said))

    async def do(work: Work) -> Outcome:
        await disputing.reject(work, asked.viewer, number, words)
        return {"what": "rejected"}

    return await _done(asked, number, form, do, "reject")


@post(
    "/disputes/{number:str}/credit",
    name="dispute-credit",
    status_code=200,
    request_max_body_size=LARGEST_FORM,
)
async def credit(number: FromPath[str], request: PageRequest) -> Response[Any]:
    """What it comes to is shown first; what was shown is issued, or nothing."""
    asked = await asking(request, needs="invoices:write")
    form = await request.form()
    typed = Typed.read(form)
    found = await _dispute(asked, number)
    if typed.by == "note":
        return await _credited_before(asked, found, form, typed)
    reading = Reading(typed, {line.line: line.unit for line in found.lines}, found.currency, asked.tongue)
    wanted = reading.read()
    if wanted is None:
        return await _show(asked, number, Sent("credit", typed, reading.errors, status=422))
    settlement = Settlement(
        wanted.lines, wanted.amount, typed.reason, typed.words or None, typed.rebill, reading.shown
    )

    async def do(work: Work) -> Outcome:
        note = await disputing.settle_by_credit(work, asked.viewer, number, settlement)
        return {"what": "credited", "credit_note": note}

    try:
        if not typed.sure:
            return await _confirm(asked, found, typed, settlement)
        await once(asked, form, f"/disputes/{number}", do)
    except (NotFound, Forbidden, LawBroken):
        raise
    except Refused as refusal:
        reading.refused(refusal, wanted)
        return await _show(asked, number, Sent("credit", typed, reading.errors, refusal, _status(refusal)))
    return _led(number, form)


async def _credited_before(
    asked: Asked, found: Dispute, form: Mapping[str, Any], typed: Typed
) -> Response[Any]:
    """It was credited meanwhile, for goods that came back or a shipment that was called off."""

    async def do(work: Work) -> Outcome:
        await disputing.settle_by_note(
            work, asked.viewer, found.number, typed.credit_note, typed.words or None
        )
        return {"what": "credited", "credit_note": typed.credit_note}

    return await _done(asked, found.number, form, do, "credit", typed)


async def _confirm(asked: Asked, found: Dispute, typed: Typed, settlement: Settlement) -> Response[Any]:
    """What it would come to, and one button."""
    async with asked.work() as work:
        document = await crediting_notes.foresee(
            work, asked.viewer, found.invoice, disputing.credit_of(found, settlement)
        )
    return asked.page(
        "finance/confirm_credit.html",
        section="finance",
        action=f"/disputes/{found.number}/credit",
        back=f"/disputes/{found.number}",
        title=asked.tongue.gettext("Credit dispute {number}").format(number=found.number),
        crumbs=[("/disputes", asked.tongue.gettext("Disputes")), (f"/disputes/{found.number}", found.number)],
        invoice=found.invoice,
        preview=preview(document, found.invoice_due, asked.tongue),
        typed=typed,
        form_id=typed.form or new_form(),
    )


async def _done(
    asked: Asked,
    number: str,
    form: Mapping[str, Any],
    do: Callable[[Work], Awaitable[Outcome]],
    which: str,
    typed: Typed | None = None,
) -> Response[Any]:
    """It is done once, or the page says why it was not."""
    try:
        await once(asked, form, f"/disputes/{number}", do)
    except (NotFound, Forbidden, LawBroken):
        raise
    except Refused as refusal:
        return await _show(
            asked, number, Sent(which, typed or Typed.read(form), {}, refusal, _status(refusal))
        )
    return _led(number, form)


def _led(number: str, form: Mapping[str, Any]) -> Redirect:
    return Redirect(f"/disputes/{number}?{urlencode({'done': str(form['form'])})}", status_code=303)


def _wrong(which: str, form: Mapping[str, Any], name: str, said: str) -> Sent:
    return Sent(which, Typed.read(form), {name: said}, status=422)


def _status(refusal: Refused) -> int:
    return 409 if isinstance(refusal, Conflict | Stale) else 422


async def _dispute(asked: Asked, number: str) -> Dispute:
    async with asked.reading() as conn:
        found = await disputes.dispute(conn, asked.viewer, number)
    if found is None:
        raise NotFound(f"There is no dispute {number}.")
    return found


async def _show(asked: Asked, number: str, sent: Sent) -> Response[Any]:
    found = await _dispute(asked, number)
    query = asked.request.query_params
    pages: Pages = asked.request.app.state.pages
    default = asked.tongue.gettext("{reason} (dispute {number})").format(
        reason=capitalised(dispute_reason(found.reason, asked.tongue)), number=number
    )
    return asked.page(
        "disputes/show.html",
        section=_section(asked),
        status=sent.status,
        headers={"Cache-Control": "private, no-cache"},
        page=page(found, asked.viewer, asked.tongue, asked.today, pages.site.name),
        suggested=suggested(found),
        default_reason=default,
        sent=sent,
        typed=sent.typed,
        done=await came_of(asked, f"/disputes/{number}", query.get("done")),
        is_new=query.get("new") == "1" and found.is_open,
        form_id=new_form(),
    )


async def _invoice(asked: Asked, number: str) -> tuple[Invoice, list[Billed]]:
    async with asked.reading() as conn:
        found = await disputes.invoice(conn, asked.viewer, number)
        billed = await disputes.billed(conn, found.id) if found else []
    if found is None:
        raise NotFound(f"There is no invoice {number}.")
    return found, billed


async def _form(asked: Asked, number: str, typed: opening.Typed) -> Response[Any]:
    found, billed = await _invoice(asked, number)
    return _draw(asked, found, opening.Reading(typed, billed, asked.tongue))


def _draw(
    asked: Asked,
    found: Invoice,
    reading: opening.Reading,
    refusal: Refused | None = None,
    *,
    status: int = 200,
) -> Response[Any]:
    line = asked.request.query_params.get("line", "")
    return asked.page(
        "disputes/new.html",
        section=_section(asked),
        status=status,
        invoice=found,
        closed=_closed(asked, found),
        rows=opening.rows(reading.billed, reading, asked.today),
        reasons=[(reason, dispute_reason(reason, asked.tongue)) for reason in REASONS],
        typed=reading.typed,
        errors=reading.errors,
        refusal=refusal,
        pressed=int(line) if line.isascii() and line.isdigit() and len(line) < 10 else 0,
        form_id=reading.typed.form or new_form(),
    )


def _closed(asked: Asked, found: Invoice) -> str:
    """Why nothing of it can be disputed; empty when something can."""
    _ = asked.tongue.gettext
    if found.kind != "invoice":
        return _("This is a credit note. The invoice that it corrects can be disputed.")
    if found.credited == found.total:
        return _("This invoice is credited in full: nothing is left to dispute.")
    return ""


router = Router(
    "/",
    route_handlers=[
        index,
        show,
        begin,
        Router("/", route_handlers=[create, say, withdraw, reject, credit], guards=[signed_in, ours]),
    ],
    opt={"no_compress": True},
)
