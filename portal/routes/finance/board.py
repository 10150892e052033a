"""Finance at a glance, and the list behind its first figure: what left and is not billed."""

from typing import Any

from litestar import Response, Router, get

from portal.clock import utc_now
from portal.db import disputes, documents, finance, invoice_list, standing_holds
from portal.db.disputes import Wanted as WantedDisputes
from portal.domain.finance import first_run
from portal.routes.asking import asking
from portal.routes.once import came_of, new_form
from portal.routes.visitor import PageRequest
from portal.views.finance import unbilled
from portal.views.finance.board import Figures, board

# Of each list the board shows the first few; the link under it shows all.
FEW = 5
PER_PAGE = 50
NEEDS = "finance:read"


@get("/", name="finance")
async def show(request: PageRequest) -> Response[Any]:
    """What needs somebody, and how much is at stake."""
    asked = await asking(request, needs=NEEDS)
    viewer, now = asked.viewer, utc_now()
    async with asked.reading() as conn:
        counts = await standing_holds.counts(conn)
        ours = WantedDisputes(state="open", waits_for_us=True)
        figures = Figures(
            sums=await finance.sums(conn),
            holds=(await finance.stopped(conn, 0, FEW))[0],
            holds_in_all=counts.get("finance", 0),
            disputes=(await disputes.search(conn, viewer, ours, FEW))[0],
            disputes_open=await disputes.count_open(conn),
            disputes_waiting=await disputes.count_waiting(conn),
            totals=await invoice_list.totals(conn, viewer, invoice_list.Asked(), now),
            debtors=await finance.debtors(conn, asked.today, FEW),
            surpluses=await finance.surpluses(conn, FEW),
            runs=await finance.runs(conn),
            unfinished=await documents.unfinished(conn, 20),
        )
    return asked.page(
        "finance/board.html",
        section="finance",
        headers={"Cache-Control": "private, no-cache"},
        board=board(figures, asked.tongue, asked.today, first_run(asked.tongue.local(now))),
        done=await came_of(asked, "/finance", request.query_params.get("done")),
        may_write=viewer.may("invoices:write"),
        form_id=new_form(),
    )


@get("/unbilled", name="finance-unbilled")
async def index(request: PageRequest) -> Response[Any]:
    """`why` is one of the reasons, `account` and `q` narrow it, `after` pages on."""
    asked = await asking(request, needs=NEEDS)
    wanted = unbilled.read(request.query_params)
    async with asked.reading() as conn:
        found, following = await finance.unbilled(conn, wanted, PER_PAGE)
        all_sums = await finance.sums(conn)
    return asked.page(
        "finance/unbilled.html",
        section="finance",
        headers={"Cache-Control": "private, no-cache"},
        page=unbilled.page(
            wanted,
            found,
            following,
            all_sums,
            asked.tongue,
            asked.today,
            first_run(asked.tongue.local(utc_now())),
        ),
        here=unbilled.href(wanted),
        done=await came_of(asked, "/finance", request.query_params.get("done")),
        may_write=asked.viewer.may("invoices:write"),
        refusal=None,
        form_id=new_form(),
    )


router = Router("/", route_handlers=[show, index])
