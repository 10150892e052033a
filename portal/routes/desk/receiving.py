"""Receiving: what is due, and one document with the form that books what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from portal.db import due, inbound, places
from portal.db.due import WHENS, DueFilter
from portal.db.work import Work
from portal.domain.quantities import ZERO, text
from portal.domain.receiving import KINDS, DueLine
from portal.domain.refusals import (
    Conflict,
    Forbidden,
    NotFound,
    Problem,
    Refused,
    Stale,
    Unacceptable,
    refuse_any,
)
from portal.operations import receiving
from portal.operations.receiving import Came
from portal.routes.asking import Asked, asking
from portal.routes.once import came_of, new_form, once
from portal.routes.visitor import PageRequest, ours, signed_in
from portal.views.desk import receiving as views
from portal.views.desk.receiving import FIELDS, Entered
from portal.views.desk.words import Mistyped, typed_quantity

PER_PAGE = 50
LAST_LINE = 2**31 - 1


class Moved(Stale):
    """Lines changed between the drawing of the form and its sending; `problems` point to the line numbers."""


class More(Unacceptable):
    """More came than is outstanding, and nobody has said that this is meant."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A form that could not be booked, to be drawn again: what was typed, and what is wrong where."""

    entered: Sequence[Entered] = ()
    refusal: Refused | None = None
    problems: Mapping[str, str] = field(default_factory=dict)
    is_over: bool = False
    status: int = 200


@get("/inbound", name="desk-inbound")
async def index(request: PageRequest) -> Response[Any]:
    """What is due, by its next date; all filters stand in the address."""
    asked = await asking(request, needs="desk:read")
    wanted = _wanted(request.query_params)
    async with asked.reading() as conn:
        known = await places.names(conn)
        found, following = await due.search(conn, wanted, asked.today, PER_PAGE)
    return asked.page(
        "desk/inbound.html",
        section="desk",
        wanted=wanted,
        found=found,
        places=known,
        kinds=KINDS,
        whens=WHENS,
        following=_address(wanted, following) if following else None,
        first=_address(wanted, None) if wanted.after else None,
        due_word=views.due_word,
    )


def _wanted(query: Mapping[str, str]) -> DueFilter:
    """Unknown values are left out, not refused."""
    kind, when = query.get("kind", ""), query.get("when", "")
    return DueFilter(
        q=query.get("q", "").replace("\x00", "").strip()[:80],
        kind=kind if kind in KINDS else "",
        location=query.get("location", "").replace("\x00", "")[:80],
        when=when if when in WHENS else "",
        after=_after(query.get("after", "")),
    )


def _after(raw: str) -> tuple[date | None, int] | None:
    day, _, last = raw.partition("~")
    try:
        return (date.fromisoformat(day) if day else None, int(last)) if len(last) < 18 and last else None
    except ValueError:
        return None


def _address(wanted: DueFilter, after: tuple[date | None, int] | None) -> str:
    said = {
        "q": wanted.q,
        "kind": wanted.kind,
        "location": wanted.location,
        "when": wanted.when,
        "after": f"{after[0] or ''}~{after[1]}" if after else "",
    }
    query = urlencode({name: value for name, value in said.items() if value})
    return f"/desk/inbound?{query}" if query else "/desk/inbound"


@get("/inbound/{kind:str}/{reference:str}", name="desk-inbound-document")
async def show(kind: FromPath[str], reference: FromPath[str], request: PageRequest) -> Response[Any]:
    """One document: what is expected, what came so far, and a form for what comes now."""
    asked = await asking(request, needs="desk:read")
    return await _draw(asked, kind, reference, Typed())


@post("/inbound/{kind:str}/{reference:str}/receipts", name="desk-receipts")
async def create(kind: FromPath[str], reference: FromPath[str], request: PageRequest) -> Response[Any]:
    """Book what came. Whoever is second is told line by line what changed, with all that they typed."""
    asked = await asking(request, needs="stock:write")
    form = await request.form()
    typed, after = views.entered(form), _number(form.get("after"))
    path = _path(kind, reference)
    try:
        await once(asked, form, path, partial(_book, asked, kind, reference, typed, "over" in form))
    except (Forbidden, NotFound):
        raise
    except Refused as refusal:
        return await _draw(asked, kind, reference, _refused(typed, refusal, "over" in form), after=after)
    done = urlencode({"done": str(form["form"])} | ({"after": str(after)} if after else {}))
    return Redirect(f"{path}?{done}", status_code=303)


def _refused(typed: Sequence[Entered], refusal: Refused, is_over: bool) -> Typed:
    status = 409 if isinstance(refusal, Conflict | Stale) else 422
    problems = {problem.pointer: problem.detail for problem in refusal.problems}
    return Typed(typed, refusal, problems, is_over or isinstance(refusal, More), status)


async def _book(
    asked: Asked, kind: str, reference: str, typed: Sequence[Entered], is_over: bool, work: Work
) -> dict[str, Any]:
    """Under the document's lock: what the form has seen still holds, or nothing is booked."""
    head = await inbound.lock(work.conn, kind, reference)
    if head is None:
        raise NotFound(f"There is no {kind} {reference!r}.")
    numbers = [one.line for one in typed]
    before = await due.these(work.conn, head.id, numbers)
    came = _read(asked, typed, before)
    _refuse_moved(asked, typed, before)
    if not is_over:
        _refuse_more(asked, came, before)
    try:
        await receiving.receive(work, kind, reference, came, None)
    except Refused as refusal:
        raise type(refusal)(refusal.detail, _beside_fields(refusal.problems, came)) from refusal
    now = await due.these(work.conn, head.id, numbers)
    return {"work": await due.transaction(work.conn), "lines": [_told(part, now[part.line]) for part in came]}


def _read(asked: Asked, typed: Sequence[Entered], there: Mapping[int, DueLine]) -> list[Came]:
    """The quantities that were typed; refused with all that is wrong at once, each beside its field."""
    _ = asked.tongue.gettext
    if not typed:
        raise Unacceptable(_("Nothing was typed: say what came of at least one line."))
    problems, came = [], []
    for one in typed:
        if (line := there.get(one.line)) is None:
            raise Unacceptable(_("There is no line {n}.").format(n=one.line))
        read = dict.fromkeys(FIELDS, ZERO)
        for name in FIELDS:
            try:
                read[name] = typed_quantity(one.typed[name] or "0", line.unit, asked.tongue)
            except Mistyped as wrong:
                problems.append(Problem(f"{name}-{one.line}", str(wrong)))
        came.append(Came(one.line, **read, closed=one.is_closed))
    refuse_any(problems)
    return came


def _refuse_moved(asked: Asked, typed: Sequence[Entered], there: Mapping[int, DueLine]) -> None:
    moved = [one.line for one in typed if one.seen != there[one.line].seen]
    if moved:
        raise Moved(
            asked.tongue.gettext("Somebody else has booked meanwhile. Nothing of yours was booked."),
            [Problem(str(line), "changed") for line in moved],
        )


def _refuse_more(asked: Asked, came: Sequence[Came], there: Mapping[int, DueLine]) -> None:
    _ = asked.tongue.gettext
    problems = []
    for part in came:
        line = there[part.line]
        if (over := part.total - line.outstanding) > 0 and part.total:
            said = _("{n} more than is outstanding").format(n=asked.tongue.quantity(over, line.unit))
            field = next(name for name in FIELDS if getattr(part, name))
            problems.append(Problem(f"{field}-{part.line}", said))
    if problems:
        raise More(_("More came than is outstanding. If that is what was counted, say so below."), problems)


def _beside_fields(problems: Sequence[Problem], came: Sequence[Came]) -> list[Problem]:
    """`/lines/0/received` speaks of the first line that was typed: its field is named by the line's number."""
    found = []
    for problem in problems:
        _root, _lines, index, name = [*problem.pointer.split("/"), "", "", ""][:4]
        at = f"{name or FIELDS[0]}-{came[int(index)].line}" if index.isdigit() else problem.pointer
        found.append(Problem(at, problem.detail))
    return found


def _told(part: Came, line: DueLine) -> dict[str, Any]:
    """What was booked of a line and how it stands then, as it is kept for the page that follows."""
    over = min(max(line.came - line.quantity, ZERO), part.total)
    short = max(line.quantity - line.came, ZERO) if line.closed else ZERO
    figures = {"outstanding": line.outstanding, "over": over, "short": short}
    return {
        "line": part.line,
        "sku": line.sku,
        "unit": line.unit,
        **{name: text(getattr(part, name)) for name in FIELDS},
        **{name: text(figure) for name, figure in figures.items()},
    }


async def _draw(
    asked: Asked, kind: str, reference: str, typed: Typed, *, after: int | None = None
) -> Response[Any]:
    query = asked.request.query_params
    after = after if after is not None else _number(query.get("after"))
    path = _path(kind, reference)
    done = await came_of(asked, path, query.get("done"))
    work = done["work"] if done else _number(query.get("work"))
    async with asked.reading() as conn:
        document = await due.one(conn, kind, reference)
        if document is None:
            raise NotFound(f"There is no {kind} {reference!r}.")
        lines, following = await due.lines(conn, document.id, min(after or 0, LAST_LINE))
        receipts = await due.receipts(conn, document.id)
        works = await due.works(conn, kind, reference, list({receipt.at for receipt in receipts}))
        apart = (
            await due.quarantined(conn, document.location, [line.sku for line in lines])
            if kind == "inspection"
            else {}
        )
        effect = await due.effect(conn, work) if work else None
        known = await places.names(conn)
    by_line = {line.line: line for line in lines}
    changed = {
        one.line: views.what_changed(one, by_line[one.line], receipts, asked.tongue)
        for one in typed.entered
        if isinstance(typed.refusal, Moved) and str(one.line) in typed.problems and one.line in by_line
    }
    return asked.page(
        "desk/receive.html",
        section="desk",
        status=typed.status,
        document=document,
        path=path,
        rows=views.rows(
            lines, typed.entered, typed.problems, changed, fill=query.get("fill") == "outstanding"
        ),
        refusal=typed.refusal,
        has_changed=isinstance(typed.refusal, Moved),
        has_more=isinstance(typed.refusal, More),
        is_over=typed.is_over,
        form_id=new_form(),
        booked=views.booked(done, asked.tongue) if done else [],
        effect=effect,
        deliveries=views.deliveries(receipts, works),
        apart=apart,
        places=known,
        after=after,
        following=f"{path}?after={following}" if following else None,
        first=path if after else None,
        due_word=views.due_word,
    )


def _number(raw: object) -> int | None:
    said = str(raw or "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 18 else None


def _path(kind: str, reference: str) -> str:
    return f"/desk/inbound/{quote(kind, safe='')}/{quote(reference, safe='')}"


router = Router(
    "/",
    route_handlers=[index, show, Router("/", route_handlers=[create], guards=[signed_in, ours])],
)
