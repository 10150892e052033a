"""The inbox of requests to approve: what waits for whom, and many decided at once with what became of each."""

from dataclasses import dataclass, replace
from typing import Any

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from portal.clock import utc_now
from portal.db import approval_background, approval_pages, bulk, scopes
from portal.db.bulk import Asked as AskedRow
from portal.domain.refusals import NotFound, Refused
from portal.routes.asking import Asked, asking
from portal.routes.decision_form import comment_of, ticked
from portal.routes.desk.ready import start
from portal.routes.once import new_form
from portal.routes.visitor import PageRequest, ours, signed_in
from portal.views.approvals import listing as approval_list
from portal.views.approvals import runs as approval_runs
from portal.views.approvals.asked import PATH
from portal.views.approvals.asked import Asked as Address
from portal.views.approvals.chosen import many
from portal.views.approvals.heads import Eyes
from portal.views.approvals.listing import PER_PAGE, SOON

BULK = ("approve", "reject")
# A page of ticks, each with its version.
LARGEST_FORM = 1 << 17


@dataclass(frozen=True, slots=True)
class Sent:
    """What was pressed and why it was not done."""

    rows: frozenset[str] = frozenset()
    problem: str = ""
    comment: str = ""
    status: int = 200


@get("/approvals", name="approvals")
async def index(request: PageRequest) -> Response[Any]:
    """`show` is one of the shelves; without it the one that is the reader's."""
    asked = await asking(request, needs="approvals:read")
    return await _draw(asked, Sent())


@post("/approvals/decisions", name="approvals-decisions", status_code=200, request_max_body_size=LARGEST_FORM)
async def decide(request: PageRequest) -> Response[Any]:
    """What is ticked is shown once more, with what it comes to; then each is decided on by itself."""
    asked = await asking(request, needs="approvals:decide")
    form = await request.form()
    rows, do = [str(row) for row in form.getall("row", [])], str(form.get("do", ""))
    comment = comment_of(form)
    sent = Sent(frozenset(rows), comment=comment, status=422)
    wanted = ticked(rows)
    _ = asked.tongue.gettext
    if not wanted or do not in BULK:
        return await _draw(asked, replace(sent, problem=_("Tick at least one request.")))
    async with asked.reading() as conn:
        found = await approval_pages.these(conn, asked.viewer, asked.today, wanted)
    if not found:
        return await _draw(
            asked, replace(sent, problem=_("None of what you ticked waits for you any more."), status=409)
        )
    problem = _("Say why: the requesters read it.") if do == "reject" and not comment else ""
    if form.get("sure") != "1" or problem:
        is_asked_now = form.get("sure") != "1"
        return _confirm(asked, found, wanted, do, comment, "" if is_asked_now else problem, form)
    first = await asked.prove_above([(one.account, one.total, one.currency) for one in found])
    if first is not None:
        return first
    subjects = [
        AskedRow(one.number, {"version": wanted[one.number], "account": one.account}) for one in found
    ]
    try:
        run_id = await start(asked, do, {"comment": comment or None}, subjects, str(form.get("form", "")))
    except Refused as refusal:
        return await _draw(asked, replace(sent, problem=refusal.detail))
    return Redirect(f"{PATH}/runs/{run_id}", status_code=303)


@get("/approvals/runs/{run:str}", name="approvals-run")
async def run(run: FromPath[str], request: PageRequest) -> Response[Any]:
    """What became of each; of one's own runs only. The page asks again by itself while some wait."""
    asked = await asking(request, needs="approvals:decide")
    is_number = run.isascii() and run.isdigit() and len(run) < 19
    async with asked.reading() as conn:
        found = await bulk.find(conn, int(run)) if is_number else None
        if found is None or found.what not in BULK or found.actor != asked.viewer.actor:
            raise NotFound(f"There is no run {run}.")
        about = await approval_background.about(conn, [row.subject for row in found.rows])
    return asked.page(
        "approvals/run.html",
        section="approvals",
        run=approval_runs.page(asked.tongue, asked.today, found, about),
    )


def _confirm(
    asked: Asked,
    found: list[approval_pages.Ticked],
    wanted: dict[str, int],
    do: str,
    comment: str,
    problem: str,
    form: Any,
) -> Response[Any]:
    """The second page. What moved on since it was ticked says so, and is refused if it is sent all the same."""
    eyes = Eyes(asked.tongue, asked.today, utc_now())
    return asked.page(
        "approvals/confirm_many.html",
        section="approvals",
        status=422 if problem else 200,
        many=many(eyes, found, wanted),
        do=do,
        comment=comment,
        problem=problem,
        form_id=str(form.get("form", "")) or new_form(),
    )


async def _draw(asked: Asked, sent: Sent) -> Response[Any]:
    address = _address(asked)
    now = utc_now()
    async with asked.reading() as conn:
        accounts = await scopes.accounts(conn, asked.viewer, None)
        counts = await approval_pages.counts(conn, asked.viewer, asked.today, now + SOON)
        found, following = await approval_pages.listed(
            conn, asked.viewer, asked.today, address.wanted, PER_PAGE
        )
        under_way = await approval_background.runs_under_way(conn, asked.viewer.person_id or 0)
    eyes = Eyes(asked.tongue, asked.today, now, asked.viewer.name)
    shown = approval_list.inbox(
        eyes, address, found, following, counts, accounts, is_supplier=asked.viewer.is_supplier
    )
    return asked.page(
        "approvals/index.html",
        section="approvals",
        status=sent.status,
        is_index=False,
        inbox=shown,
        sent=sent,
        under_way=under_way,
        form_id=new_form(),
    )


def _address(asked: Asked) -> Address:
    """What waits for the reader comes first; for those who decide nothing, what they have asked for."""
    address = Address.read(asked.request.query_params)
    viewer = asked.viewer
    if viewer.is_supplier:
        return address if address.shelf == "decided" else replace(address, shelf="others")
    if address.shelf:
        return address
    return replace(address, shelf="mine" if viewer.may("approvals:decide") else "requested")


router = Router(
    "/",
    route_handlers=[index, run, Router("/", route_handlers=[decide], guards=[signed_in, ours])],
    opt={"no_compress": True},
)
