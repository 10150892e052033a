"""What becomes of a return: authorised, refused, called off, received, and more pictures of it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from litestar import Response, Router, post
from litestar.params import FromPath
from litestar.response import Redirect

from portal.db import returns
from portal.db.work import LawBroken, Work
from portal.domain.access import Viewer
from portal.domain.quantities import ZERO, text
from portal.domain.refusals import Forbidden, NotFound, Problem, Refused, Stale, Unacceptable, refuse_any
from portal.domain.returns import PLACES, Return
from portal.operations import returning, taking_back
from portal.operations.taking_back import Came
from portal.routes.asking import Asked, asking
from portal.routes.once import once
from portal.routes.return_pictures import MOST_TOGETHER, not_too_large, sent
from portal.routes.returns import Sent, draw, path_of
from portal.routes.visitor import PageRequest, ours, signed_in
from portal.views.desk.words import Mistyped, typed_quantity
from portal.views.returns.page import Entered

LONGEST_NOTE = 2000
Decide = Callable[[Work, Viewer, str, str | None], Awaitable[None]]


class Moved(Stale):
    """Somebody has booked between the drawing of the form and its sending; `problems` point to the lines."""


@post("/returns/{number:str}/authorisation", name="return-authorisation")
async def authorise(number: FromPath[str], request: PageRequest) -> Response[Any]:
    """The goods may come."""
    asked = await asking(request, needs="returns:decide")
    return await _decide(asked, number, "authorised", returning.authorise)


@post("/returns/{number:str}/refusal", name="return-refusal")
async def refuse(number: FromPath[str], request: PageRequest) -> Response[Any]:
    """They may not; the buyer reads why."""
    asked = await asking(request, needs="returns:decide")
    return await _decide(asked, number, "refused", returning.refuse)


@post("/returns/{number:str}/cancellation", name="return-cancellation")
async def call_off(number: FromPath[str], request: PageRequest) -> Response[Any]:
    """Nothing will come after all."""
    asked = await asking(request, needs="returns:ask")
    return await _decide(asked, number, "cancelled", returning.call_off)


async def _decide(asked: Asked, number: str, what: str, decide: Decide) -> Response[Any]:
    _ = asked.tongue.gettext
    form = await asked.request.form()
    note = _note(form)
    if what == "refused" and not note:
        refusal = Unacceptable(_("Say why it is refused: the buyer reads it."), [Problem("note", "")])
        return await draw(asked, number, Sent("refusal", refusal, _("Nothing was decided"), note=note))

    async def do(work: Work) -> dict[str, Any]:
        await decide(work, asked.viewer, number, note or None)
        return {"what": what}

    return await _carried_out(asked, number, form, do, Sent(what, note=note))


async def _carried_out(
    asked: Asked,
    number: str,
    form: Mapping[str, Any],
    do: Callable[[Work], Awaitable[dict[str, Any]]],
    sending: Sent,
) -> Response[Any]:
    """Once, and then the page that says so; or the page again, with what is wrong."""
    _ = asked.tongue.gettext
    path = path_of(number)
    try:
        await once(asked, form, path, do)
    except (Forbidden, NotFound, LawBroken):
        raise
    except Refused as refusal:
        problems = {problem.pointer: problem.detail for problem in refusal.problems}
        changed = [int(line) for line in problems if isinstance(refusal, Moved)]
        title = _("Somebody else was quicker") if isinstance(refusal, Moved) else _("Nothing was done")
        again = Sent(sending.what, refusal, title, sending.entered, problems, changed, sending.note)
        return await draw(asked, number, again)
    return Redirect(f"{path}?done={form['form']}#done", status_code=303)


@post("/returns/{number:str}/receipts", name="return-receipts")
async def receive(number: FromPath[str], request: PageRequest) -> Response[Any]:
    """Book what came, line by line; whoever is second is told what changed, with all that they typed."""
    asked = await asking(request, needs="returns:receive")
    form = await request.form()
    typed = entered(form)

    async def do(work: Work) -> dict[str, Any]:
        found = await returning.locked(work, asked.viewer, number)
        came = _read(asked, found, typed)
        _refuse_moved(asked, found, typed)
        try:
            booked = await taking_back.receive(work, asked.viewer, number, came)
        except Refused as refusal:
            raise type(refusal)(refusal.detail, _beside_fields(refusal.problems, came)) from refusal
        return {
            "what": "received",
            "quantity": text(sum((part.quantity for part in came), ZERO)),
            "lines": len({part.line for part in came if part.quantity}),
            "credit_notes": list(booked.credit_notes),
            "closed": booked.is_done,
        }

    return await _carried_out(asked, number, form, do, Sent("receipt", entered=typed))


def entered(form: Mapping[str, Any]) -> list[Entered]:
    """What the form says of each line; inputs are named `shelf-<line>` and so on."""
    numbers = sorted(
        {
            int(end)
            for name in form
            for start, _, end in [name.partition("-")]
            if start in (*PLACES, "closed") and end.isascii() and end.isdigit() and len(end) < 10
        }
    )
    found = [
        Entered(
            number,
            {place: str(form.get(f"{place}-{number}", "")).strip()[:40] for place in PLACES},
            f"closed-{number}" in form,
            str(form.get(f"seen-{number}", "")),
        )
        for number in numbers
    ]
    return [one for one in found if one.says_something]


def _read(asked: Asked, found: Return, typed: Sequence[Entered]) -> list[Came]:
    """The quantities that were typed; refused with all that is wrong at once, each beside its field."""
    _ = asked.tongue.gettext
    if not typed:
        raise Unacceptable(_("Nothing was typed: say what came of at least one line."))
    problems: list[Problem] = []
    came: list[Came] = []
    for one in typed:
        line = found.line(one.line)
        if line is None:
            raise Unacceptable(_("There is no line {n}.").format(n=one.line))
        read = {place: _quantity(asked, one, place, line.unit, problems) for place in PLACES}
        parts = [Came(one.line, quantity, place) for place, quantity in read.items() if quantity]
        if one.is_closed:
            first, *rest = parts or [Came(one.line, ZERO, PLACES[0])]
            parts = [Came(first.line, first.quantity, first.went_to, closed=True), *rest]
        came += parts
    refuse_any(problems)
    if not came:
        raise Unacceptable(_("Nothing was typed: say what came of at least one line."))
    return came


def _quantity(asked: Asked, one: Entered, place: str, unit: str, problems: list[Problem]) -> Decimal:
    try:
        return typed_quantity(one.typed[place] or "0", unit, asked.tongue)
    except Mistyped as wrong:
        problems.append(Problem(f"{place}-{one.line}", str(wrong)))
        return ZERO


def _refuse_moved(asked: Asked, found: Return, typed: Sequence[Entered]) -> None:
    lines = {line.line: line for line in found.lines}
    moved = [one.line for one in typed if one.seen != lines[one.line].seen]
    if moved:
        raise Moved(
            asked.tongue.gettext("Somebody else has booked meanwhile. Nothing of yours was booked."),
            [Problem(str(line), "changed") for line in moved],
        )


def _beside_fields(problems: Sequence[Problem], came: Sequence[Came]) -> list[Problem]:
    """`/lines/0/received` speaks of the first part that was typed: its field is named by place and line."""
    found = []
    for problem in problems:
        _root, root, index, _name = [*problem.pointer.split("/"), "", "", ""][:4]
        at = problem.pointer
        if root == "lines" and index.isdigit() and int(index) < len(came):
            part = came[int(index)]
            at = f"{part.went_to}-{part.line}"
        found.append(Problem(at, problem.detail))
    return found


@post("/returns/{number:str}/pictures", name="return-pictures")
async def add_pictures(number: FromPath[str], request: PageRequest) -> Response[Any]:
    """More pictures, of a line or of all of it."""
    asked = await asking(request, needs="returns:ask")
    form = await request.form()
    async with asked.reading() as conn:
        if await returns.find(conn, asked.viewer, number) is None:
            raise NotFound(f"There is no return {number}.")
    raw = str(form.get("line", ""))
    line = int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 10 else None
    pictures = await sent(form, {"pictures": line}, asked.tongue)
    _ = asked.tongue.gettext
    if pictures.problems or not pictures.shots:
        said = pictures.problems.get("pictures") or _("Choose a picture first.")
        refusal = Unacceptable(said, [Problem("pictures", said)])
        return await draw(
            asked, number, Sent("pictures", refusal, _("No picture was added"), problems={"pictures": said})
        )
    said_of_it = {name: str(value) for name, value in form.items() if name != "pictures"}

    async def do(work: Work) -> dict[str, Any]:
        return {
            "what": "pictures",
            "n": await returning.add_pictures(work, asked.viewer, number, pictures.shots),
        }

    return await _carried_out(asked, number, said_of_it | {"pictures": pictures.digest}, do, Sent("pictures"))


def _note(form: Mapping[str, Any]) -> str:
    return str(form.get("note", "")).replace("\r\n", "\n").replace("\x00", "").strip()[:LONGEST_NOTE]


router = Router(
    "/",
    route_handlers=[
        Router("/", route_handlers=[authorise, refuse, call_off, receive], guards=[signed_in, ours]),
        Router(
            "/",
            route_handlers=[add_pictures],
            guards=[not_too_large, signed_in, ours],
            request_max_body_size=MOST_TOGETHER,
        ),
    ],
    opt={"no_compress": True},
)
