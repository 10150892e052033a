"""One request for approval: what is asked, who agrees, and the reader's part in it. Nothing is decided by looking."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from portal.db.work import LawBroken, Work
from portal.domain.refusals import Conflict, Forbidden, NotFound, Refused, Stale
from portal.domain.requests import Request
from portal.operations import deciding
from portal.operations.deciding import Decision
from portal.operations.drafting import Supplier
from portal.pages import Pages
from portal.routes.answers import html
from portal.routes.approval_shown import outlook_of, page_of, request_of
from portal.routes.asking import Asked, asking
from portal.routes.decision_form import Reading, Typed, comment_of
from portal.routes.heard import hear_for_order
from portal.routes.once import Outcome, came_of, new_form, once
from portal.routes.visitor import PageRequest, ours, signed_in
from portal.views.approvals.cost import cost
from portal.views.approvals.words import condition

# A form with a tick for each of thousands of lines.
LARGEST_FORM = 1 << 18


@dataclass(frozen=True, slots=True)
class Sent:
    """What came back with the page because it was not done: what was typed, and why not."""

    status: int = 200
    typed: Typed = field(default_factory=Typed)
    errors: Mapping[str, str] = field(default_factory=dict)
    refusal: Refused | None = None
    which: str = ""


@get("/approvals/{number:str}", name="approval")
async def show(number: FromPath[str], request: PageRequest) -> Response[Any]:
    """What is asked, why, who agrees, what waiting costs; `lines=all` shows every line."""
    asked = await asking(request, needs="approvals:read")
    return await _show(asked, number, Sent())


@post(
    "/approvals/{number:str}/decisions",
    name="approval-decision",
    status_code=200,
    request_max_body_size=LARGEST_FORM,
)
async def decide(
    number: FromPath[str], request: PageRequest, supplier: NamedDependency[Supplier]
) -> Response[Any]:
    """What was pressed is shown once more before it is done; a question needs no second page."""
    asked = await asking(request, needs="approvals:decide")
    form = await request.form()
    typed = Typed.read(form)
    found = await request_of(asked, number)
    reading = Reading(typed, asked.tongue, asked.today)
    decision = reading.read(found)
    if decision is None:
        return await _show(asked, number, Sent(422, typed, reading.errors, which="decide"))
    if typed.do != "ask" and not typed.sure:
        return await _confirm(asked, found, typed, decision)
    if typed.do != "ask":
        first = await asked.prove_above([(found.account, found.total, found.currency)])
        if first is not None:
            return first
    heard = await hear_for_order(request.app.state, found.order) if decision.what == "approve" else None

    async def do(work: Work) -> Outcome:
        state = await deciding.decide(work, asked.viewer, number, decision, supplier, heard)
        return {"what": typed.do, "state": state, "lines": list(typed.lines)}

    return await _done(asked, number, form, do, Sent(typed=typed, which="decide"))


@post("/approvals/{number:str}/answers", name="approval-answer", status_code=200)
async def answer(number: FromPath[str], request: PageRequest) -> Response[Any]:
    """The requester says what they were asked."""
    asked = await asking(request, needs="approvals:answer")
    form = await request.form()
    typed = Typed.read(form)
    if not typed.comment:
        await request_of(asked, number)
        said = asked.tongue.gettext("Write the answer.")
        return await _show(asked, number, Sent(422, typed, {"comment": said}, which="answer"))

    async def do(work: Work) -> Outcome:
        state = await deciding.answer(work, asked.viewer, number, typed.comment, typed.version)
        return {"what": "answer", "state": state}

    return await _done(asked, number, form, do, Sent(typed=typed, which="answer"))


@post("/approvals/{number:str}/withdrawal", name="approval-withdrawal", status_code=200)
async def withdraw(number: FromPath[str], request: PageRequest) -> Response[Any]:
    """Taken back, after a second look: the order is cancelled with it."""
    asked = await asking(request, needs="approvals:answer")
    form = await request.form()
    typed = Typed.read(form)
    if not typed.sure:
        return await _confirm(asked, await request_of(asked, number), typed)

    async def do(work: Work) -> Outcome:
        state = await deciding.withdraw(
            work, asked.viewer, number, comment_of(form) or None, typed.version or None
        )
        return {"what": "withdraw", "state": state}

    return await _done(asked, number, form, do, Sent(typed=typed, which="withdraw"))


@get("/approvals/{number:str}/waiting", name="approval-waiting")
async def waiting(number: FromPath[str], request: PageRequest) -> Response[Any]:
    """What waiting costs, as a part of a list: each row asks for its own."""
    asked = await asking(request, needs="approvals:read")
    found = await request_of(asked, number)
    outlook = await outlook_of(asked, found)
    pages: Pages = request.app.state.pages
    said = cost(outlook.cost, asked.tongue, asked.today, found.expires_at) if outlook else None
    text = pages.fragment("approvals/_waiting.html", locale=asked.viewer.locale, cost=said)
    return html(request, text)


async def _done(
    asked: Asked,
    number: str,
    form: Mapping[str, Any],
    do: Callable[[Work], Awaitable[Outcome]],
    sent: Sent,
) -> Response[Any]:
    """It is done once, or the page says why it was not."""
    path = f"/approvals/{number}"
    try:
        await once(asked, form, path, do)
    except (NotFound, Forbidden, LawBroken):
        raise
    except Refused as refusal:
        status = 409 if isinstance(refusal, Conflict | Stale) else 422
        return await _show(asked, number, Sent(status, sent.typed, {}, refusal, sent.which))
    return Redirect(f"{path}?done={form['form']}", status_code=303)


async def _show(asked: Asked, number: str, sent: Sent) -> Response[Any]:
    """As it stands now, with what was typed, and what was done or was not."""
    found = await request_of(asked, number)
    done = await came_of(asked, f"/approvals/{number}", asked.request.query_params.get("done"))
    return asked.page(
        "approvals/show.html",
        section="approvals",
        status=sent.status,
        page=await page_of(asked, found),
        sent=sent,
        typed=sent.typed,
        done=done,
        form_id=new_form(),
    )


async def _confirm(
    asked: Asked, found: Request, typed: Typed, decision: Decision | None = None
) -> Response[Any]:
    """The second page: what is about to be done, and its one button. Without a decision it is taken back."""
    under = decision.condition.told(found.currency) if decision and decision.condition else None
    return asked.page(
        "approvals/confirm.html",
        section="approvals",
        page=await page_of(asked, found),
        typed=typed,
        what=typed.do if decision else "withdraw",
        condition=condition(under, found.currency, asked.tongue, asked.today),
        form_id=typed.form or new_form(),
    )


router = Router(
    "/",
    route_handlers=[
        show,
        waiting,
        Router("/", route_handlers=[decide, answer, withdraw], guards=[signed_in, ours]),
    ],
    opt={"no_compress": True},
)
