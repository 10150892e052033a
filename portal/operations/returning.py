"""Goods come back: announced from a shipment, authorised or refused, called off. `taking_back` books what arrives.

Everything about a return happens under the lock of its order's row.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from portal.db import orders, return_pictures, returns, shipments
from portal.db.return_pictures import Kept
from portal.db.returns import NewLine, NewReturn
from portal.db.shipments import Found
from portal.db.work import Work
from portal.domain.access import Viewer
from portal.domain.events import Event
from portal.domain.quantities import NotAQuantity, check_unit, text
from portal.domain.refusals import Conflict, NotFound, Problem, Unacceptable, refuse_any, unknown
from portal.domain.returns import STANDING, Return, Returnable, ReturnLine

MOST_PICTURES = 8
DECIDED = {"authorised": "return.authorised", "refused": "return.refused", "cancelled": "return.cancelled"}


@dataclass(frozen=True, slots=True)
class WantedLine:
    """A quantity of a line of the order that is to come back, and why."""

    line: int
    quantity: Decimal
    reason: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """A return as it was asked for."""

    shipment: str
    lines: Sequence[WantedLine]
    note: str | None = None
    origin: str | None = None
    external_id: str | None = None
    fingerprint: bytes | None = None


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture, checked and written anew; `line` is the order's, or None where it is of all of it."""

    line: int | None
    kept: Kept


async def ask(work: Work, viewer: Viewer, wanted: Wanted, pictures: Sequence[Shot] = ()) -> tuple[str, bool]:
    """Announce what is to come back of a shipment. Answers the return's number, and whether it is new.

    What the supplier's own people or systems announce is authorised by that; a buyer asks.
    """
    found = await shipments.find(work.conn, viewer, wanted.shipment)
    if found is None:
        raise unknown("shipment", wanted.shipment, "/shipment")
    order = await orders.lock(work.conn, viewer, found.order)
    if first := await _repeated(work, viewer, wanted):
        return first, False
    found = await shipments.find(work.conn, viewer, wanted.shipment)
    assert found is not None
    if found.state == "cancelled":
        raise Conflict(f"Shipment {found.number} was cancelled: nothing of it is out that could come back.")
    there = {one.line: one for one in await returns.returnable(work.conn, found.id)}
    _refuse(wanted, found, there)
    state = "authorised" if viewer.is_supplier else "requested"
    new = NewReturn(
        order.id, order.account, found.id, state, wanted.note, viewer.actor, viewer.person_id, work.now,
        wanted.origin, wanted.external_id, wanted.fingerprint,
    )  # fmt: skip
    lines = [NewLine(there[one.line].line_id, one.quantity, one.reason, one.note) for one in wanted.lines]
    return_id, number = await returns.insert(work.conn, new, lines, work.now.year)
    if viewer.is_supplier:
        await returns.decide(work.conn, return_id, state, by=viewer.actor, at=work.now, note=None)
    by_line = {one.line: one.line_id for one in there.values()}
    await _keep(work, viewer, return_id, pictures, by_line)
    data = {
        "return": number,
        "shipment": found.number,
        "lines": [
            {
                "line": one.line,
                "sku": there[one.line].sku,
                "quantity": text(one.quantity),
                "reason": one.reason,
            }
            for one in wanted.lines
        ],
        "note": wanted.note,
    }
    kind = DECIDED[state] if viewer.is_supplier else "return.requested"
    work.record(Event(kind, order.account, order.id, order.number, data))
    work.touch(order.id, [line.line_id for line in lines])
    return number, True


async def _repeated(work: Work, viewer: Viewer, wanted: Wanted) -> str | None:
    if wanted.origin is None or wanted.external_id is None:
        return None
    first = await returns.by_external_id(work.conn, wanted.origin, wanted.external_id)
    if first is None:
        return None
    number, account, fingerprint = first
    if viewer.sees(account) and fingerprint == wanted.fingerprint:
        return number
    known = f"return {number}" if viewer.sees(account) else "another return"
    raise Conflict(
        f"{wanted.origin} {wanted.external_id} is {known} already, with other content.",
        [Problem("/external_id", f"is {known} already")],
    )


def _refuse(wanted: Wanted, shipment: Found, there: dict[int, Returnable]) -> None:
    """All that is wrong with the lines at once, with the numbers."""
    problems = []
    seen: set[int] = set()
    for index, one in enumerate(wanted.lines):
        at = f"/lines/{index}"
        line = there.get(one.line)
        if line is None:
            problems.append(
                Problem(f"{at}/line", f"shipment {shipment.number} carries nothing of line {one.line}")
            )
            continue
        if one.line in seen:
            problems.append(Problem(f"{at}/line", f"line {one.line} stands here twice"))
        seen.add(one.line)
        problems += [Problem(f"{at}/quantity", said) for said in _too_much(one, line)]
        if one.reason == "other" and not (one.note or wanted.note):
            problems.append(Problem(f"{at}/note", "say why in a note"))
    if not wanted.lines:
        problems.append(Problem("/lines", "name at least one line"))
    refuse_any(problems)


def _too_much(one: WantedLine, line: Returnable) -> list[str]:
    if one.quantity <= 0:
        return ["must be more than 0"]
    try:
        check_unit(one.quantity, line.unit)
    except NotAQuantity as wrong:
        return [str(wrong)]
    if one.quantity <= line.left:
        return []
    said = f"{text(one.quantity)} of line {line.line} wanted, {text(line.left)} can come back"
    whole = f"{text(line.shipped)} were shipped, {text(line.out)} are still out"
    announced = f", {text(line.announced)} are announced already" if line.announced else ""
    return [f"{said}: {whole}{announced}"]


async def authorise(work: Work, viewer: Viewer, number: str, note: str | None) -> None:
    """The goods may come."""
    await _decide(work, viewer, number, "authorised", note)


async def refuse(work: Work, viewer: Viewer, number: str, note: str | None) -> None:
    """They may not, and whoever asked is told why."""
    if not (note or "").strip():
        raise Unacceptable(
            "Say why it is refused: the buyer reads it.", [Problem("/note", "say why it is refused")]
        )
    await _decide(work, viewer, number, "refused", note)


async def call_off(work: Work, viewer: Viewer, number: str, note: str | None) -> None:
    """Nothing will come; what has come already stays what it is, and closes with its receipt."""
    await _decide(work, viewer, number, "cancelled", note)


async def _decide(work: Work, viewer: Viewer, number: str, state: str, note: str | None) -> None:
    found = await locked(work, viewer, number)
    allowed = STANDING if state == "cancelled" else ("requested",)
    if found.state not in allowed:
        raise Conflict(f"Return {number} is {found.state} already.")
    if found.has_received:
        raise Conflict(
            f"Of return {number} {text(sum((line.received for line in found.lines), Decimal(0)))} have come already: "
            "it ends with a receipt that says that nothing more will."
        )
    await returns.decide(work.conn, found.id, state, by=viewer.actor, at=work.now, note=note)
    await tell(work, viewer, found, DECIDED[state], note=note)


async def end_with(work: Work, viewer: Viewer, shipment_id: int) -> None:
    """The shipment was called off, and its goods stand in the warehouse: nobody waits for them to come back."""
    for number in await returns.of_shipment(work.conn, shipment_id):
        found = await locked(work, viewer, number)
        await returns.decide(work.conn, found.id, "cancelled", by=viewer.actor, at=work.now, note=None)
        await tell(work, viewer, found, "return.cancelled", because="shipment_cancelled")


async def add_pictures(work: Work, viewer: Viewer, number: str, pictures: Sequence[Shot]) -> int:
    """More pictures of a return that is neither refused nor called off. Answers how many are new."""
    found = await locked(work, viewer, number)
    if found.state in ("refused", "cancelled"):
        raise Conflict(f"Return {number} is {found.state}: nobody looks at its pictures any more.")
    unknown_lines = sorted(
        {shot.line for shot in pictures if shot.line is not None and not found.line(shot.line)}
    )
    if unknown_lines:
        raise Unacceptable(
            f"Return {number} has no line {unknown_lines[0]}.", [Problem("/line", "is not on this return")]
        )
    order = await orders.lock(work.conn, viewer, found.order)
    lines = {line.line: line.id for line in await orders.lines(work.conn, order.id)}
    written = await _keep(work, viewer, found.id, pictures, lines)
    await returns.touch(work.conn, found.id)
    work.touch(order.id)
    return written


async def _keep(
    work: Work, viewer: Viewer, return_id: int, pictures: Sequence[Shot], lines: dict[int, int]
) -> int:
    if not pictures:
        return 0
    there = await return_pictures.count(work.conn, return_id)
    if there + len(pictures) > MOST_PICTURES:
        raise Unacceptable(
            f"A return has at most {MOST_PICTURES} pictures; {there} are there and {len(pictures)} were sent.",
            [Problem("/pictures", f"at most {MOST_PICTURES}")],
        )
    kept = [
        Kept(
            shot.kept.id,
            lines[shot.line] if shot.line is not None else None,
            shot.kept.media_type,
            shot.kept.width,
            shot.kept.height,
            shot.kept.content,
            shot.kept.sha256,
        )
        for shot in pictures
    ]
    return await return_pictures.insert(work.conn, return_id, kept, viewer.actor, work.now)


async def locked(work: Work, viewer: Viewer, number: str) -> Return:
    """The return, read once its order is locked."""
    known = await returns.find(work.conn, viewer, number)
    if known is None:
        raise NotFound(f"There is no return {number!r}.")
    await orders.lock(work.conn, viewer, known.order)
    found = await returns.one(work.conn, viewer, number)
    assert found is not None
    return found


def told(lines: Sequence[ReturnLine]) -> list[dict[str, Any]]:
    """Lines as an event tells them."""
    return [
        {"line": line.line, "sku": line.sku, "quantity": text(line.quantity), "reason": line.reason}
        for line in lines
    ]


async def tell(work: Work, viewer: Viewer, found: Return, kind: str, **more: Any) -> None:
    """Record what became of a return, whose order is locked."""
    order = await orders.lock(work.conn, viewer, found.order)
    data = {"return": found.number, "shipment": found.shipment, "lines": told(found.lines), **more}
    work.record(Event(kind, order.account, order.id, order.number, data))
