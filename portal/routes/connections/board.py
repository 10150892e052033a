"""All connections: what needs somebody first, and who looks after it."""

from typing import Any
from urllib.parse import urlencode

from litestar import Response, Router, get, post
from litestar.params import FromPath

from portal.clock import utc_now
from portal.db import health
from portal.db.health import Wanted
from portal.db.work import LawBroken, Work
from portal.domain.refusals import Forbidden, NotFound, Refused
from portal.operations import watching
from portal.routes.asking import Asked, asking
from portal.routes.connections.doing import PATH, back_to, done, led, note_of, refused
from portal.routes.once import Outcome, came_of, new_form, once
from portal.routes.visitor import PageRequest, ours, signed_in
from portal.views.connections import figures

PER_PAGE = 50
NEEDS = "connections:read"
KINDS = ("", "erp", "mail", "inbound", "webhook")
LONGEST = 100
FURTHEST = 1_000_000


@get("/", name="connections")
async def index(request: PageRequest) -> Response[Any]:
    """`kind`, `q` and `only=trouble` narrow it, `start` pages on."""
    asked = await asking(request, needs=NEEDS)
    wanted = _read(request)
    async with asked.reading() as conn:
        found, more = await health.listed(conn, utc_now(), wanted, PER_PAGE)
        standing, unseen = await health.count(conn)
        # Whatever the list is narrowed to, what is wrong stands above it.
        trouble, _ = await health.listed(conn, utc_now(), Wanted(only_trouble=True), PER_PAGE)
        minded = await health.minded_by(conn, asked.viewer.person_id, [one.id for one in trouble])
    rows = [figures.row(one, asked.tongue, asked.today) for one in found]
    return asked.page(
        "connections/board.html",
        section="connections",
        headers={"Cache-Control": "private, no-cache"},
        minded=minded,
        may_write=asked.viewer.may("connections:write"),
        truth=figures.truth(
            standing,
            unseen,
            any(one.dead or one.is_failing for one in found if one.state == "active"),
            asked.tongue,
        ),
        alerts=[
            figures.alert(alert, one, asked.tongue, asked.today) for one in trouble for alert in one.alerts
        ],
        rows=rows,
        wanted=wanted,
        tabs=_tabs(asked, wanted),
        first=_href(wanted, start=0) if wanted.start else "",
        following=_href(wanted, start=wanted.start + PER_PAGE) if more else "",
        done=done(await came_of(asked, PATH, request.query_params.get("done")), asked.tongue),
        form_id=new_form(),
    )


def _read(request: PageRequest) -> Wanted:
    query = request.query_params
    kind, start = query.get("kind", ""), query.get("start", "")
    return Wanted(
        kind=kind if kind in KINDS else "",
        q=query.get("q", "").replace("\x00", "").strip()[:LONGEST],
        only_trouble=query.get("only") == "trouble",
        start=min(int(start), FURTHEST) if start.isascii() and start.isdigit() and len(start) < 9 else 0,
    )


def _href(wanted: Wanted, **changes: object) -> str:
    said = {
        "kind": wanted.kind,
        "q": wanted.q,
        "only": "trouble" if wanted.only_trouble else "",
        "start": wanted.start,
    } | changes
    query = urlencode({name: value for name, value in said.items() if value})
    return f"{PATH}?{query}" if query else PATH


def _tabs(asked: Asked, wanted: Wanted) -> list[tuple[str, str, bool]]:
    _ = asked.tongue.gettext
    is_plain = not wanted.only_trouble and not wanted.kind
    return [
        (_href(wanted, kind="", only="", start=0), _("All"), is_plain),
        (_href(wanted, kind="", only="trouble", start=0), _("Needs somebody"), wanted.only_trouble),
        (_href(wanted, kind="webhook", only="", start=0), _("Endpoints"), wanted.kind == "webhook"),
    ]


@post("/alerts/{alert_id:int}/acknowledgement", name="connection-alert", status_code=200)
async def acknowledge(alert_id: FromPath[int], request: PageRequest) -> Response[Any]:
    """Somebody looks after it; it stands until its figures are well."""
    asked = await asking(request, needs=NEEDS)
    form = await request.form()

    async def act(work: Work) -> Outcome:
        connection = await watching.acknowledge(work, asked.viewer, alert_id, note_of(form))
        return {"what": "noted", "connection": connection}

    try:
        if not 0 < alert_id < 2**62:
            raise NotFound(f"There is no alert {alert_id}.")
        await once(asked, form, PATH, act)
    except (Forbidden, NotFound, LawBroken):
        raise
    except Refused as refusal:
        return refused(asked, refusal, back_to(form, PATH))
    return led(form, back_to(form, PATH))


router = Router(
    "/", route_handlers=[index, Router("/", route_handlers=[acknowledge], guards=[signed_in, ours])]
)
