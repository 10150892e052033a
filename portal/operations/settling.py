"""Carry plans out: write only what changed of portions, stock and agreements, and say whose promise moved."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from portal.db import portions, stock
from portal.db.books import Move
from portal.db.queue import Waiting
from portal.db.work import Work
from portal.domain.events import Event
from portal.domain.portions import Portion, Rewriting, nothing
from portal.domain.promising import Piece, Plan, align
from portal.domain.quantities import ZERO, text

Cause = dict[str, Any]


@dataclass(slots=True)
class Outcome:
    """What plans of several products come to, gathered so that it is written in bulk."""

    rewriting: Rewriting = field(default_factory=nothing)
    stock: dict[tuple[str, str], dict[str, Decimal]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(Decimal))
    )
    agreements: list[tuple[str, Decimal, Decimal]] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    orders: dict[int, str] = field(default_factory=dict)
    allocated: dict[int, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    moved: dict[int, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    # By order: what was planned for the first time, and got no stock.
    without_stock: dict[int, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))


def settle_stock(sku: str, agreements: Sequence[stock.Agreement], planned: Plan, outcome: Outcome) -> None:
    """What the plan takes off the shelves, and what agreements ring-fence and draw."""
    drawn: dict[str, Decimal] = defaultdict(Decimal)
    for pieces in planned.pieces.values():
        for piece in pieces:
            if piece.stage == "allocated" and piece.location is not None:
                outcome.stock[sku, piece.location]["allocated"] += piece.quantity
                if piece.agreement is not None:
                    drawn[piece.agreement] += piece.quantity
    for agreement in agreements:
        reserved = planned.reserves.get(agreement.number, ZERO)
        outcome.stock[sku, agreement.location]["reserved"] += reserved - agreement.reserved
        if reserved != agreement.reserved or drawn[agreement.number]:
            outcome.agreements.append((agreement.number, reserved, drawn[agreement.number]))


def settle_line(
    rows: Sequence[Waiting],
    pieces: Sequence[Piece],
    counted: bool,
    outcome: Outcome,
    cause: Cause,
    work: Work,
) -> None:
    """What becomes of a line's portions. `counted`: its product's stock is."""
    first = rows[0]
    if len(rows) == len(pieces) == 1 and first.portion.quantity == pieces[0].quantity:
        _settle_whole(first, pieces[0], counted, outcome, cause, work)
        return
    # The line has waited since the first of it did: the plan goes by that, and so is told from one plan to the next.
    since = min((row.portion.waiting_since for row in rows if row.portion.waiting_since), default=None)
    old = [row.portion for row in rows]
    outcome.orders[first.portion.order_id] = first.order
    waits = sum((piece.quantity for piece in pieces if piece.stage == "waiting"), ZERO)
    wanted: list[Portion] = []
    for quantity, before, piece in align(old, pieces):
        become = _become(before or first.portion, quantity, piece, counted, since)
        _tell(first, before, become, waits, outcome, cause, work)
        if wanted and _alike(wanted[-1], become):
            become = replace(become, quantity=become.quantity + wanted.pop().quantity)
        wanted.append(become)
    if waits and any(_is_new(portion) for portion in old):
        _note_without_stock(first, waits, pieces, outcome)
    _match(old, wanted, outcome.rewriting)


def _settle_whole(
    first: Waiting, piece: Piece, counted: bool, outcome: Outcome, cause: Cause, work: Work
) -> None:
    """By far the most frequent case in a long queue: a line waits as one portion, and goes on as one."""
    before = first.portion
    if before.id is not None and _stays(before, piece, counted):
        return
    outcome.orders[before.order_id] = first.order
    become = _become(before, piece.quantity, piece, counted, before.waiting_since)
    waits = ZERO if become.stage == "allocated" else become.quantity
    _tell(first, before, become, waits, outcome, cause, work)
    if waits and _is_new(before):
        _note_without_stock(first, waits, [piece], outcome)
    if before.id is None:
        outcome.rewriting.added.append(become)
    else:
        outcome.rewriting.changed.append(replace(become, id=before.id))


def _stays(before: Portion, piece: Piece, counted: bool) -> bool:
    """Whether the piece says nothing new of the portion."""
    has_first = before.first_arrives_on is not None
    return (
        before.stage == piece.stage
        and before.status == piece.status
        and before.ships_on == piece.ships_on
        and before.arrives_on == piece.arrives_on
        and before.inbound_line_id == piece.inbound
        and before.location == piece.location
        and before.counted == counted
        and before.agreement is None
        and (has_first or (before.first_ships_on, None) == (piece.ships_on, piece.arrives_on))
        and list(before.because) == list(piece.because)
    )


def _become(
    before: Portion, quantity: Decimal, piece: Piece, counted: bool, waiting_since: date | None
) -> Portion:
    """The portion that this piece makes of what it was. A first promise, once given, stays."""
    first = (before.first_ships_on, before.first_arrives_on)
    if before.first_arrives_on is None:
        first = (piece.ships_on, piece.arrives_on)
    return replace(
        before,
        id=None,
        quantity=quantity,
        stage=piece.stage,
        status=piece.status,
        location=piece.location,
        counted=counted,
        agreement=piece.agreement if piece.stage == "allocated" else None,
        inbound_line_id=piece.inbound,
        ships_on=piece.ships_on,
        arrives_on=piece.arrives_on,
        first_ships_on=first[0],
        first_arrives_on=first[1],
        because=list(piece.because),
        waiting_since=waiting_since,
    )


def _alike(one: Portion, other: Portion) -> bool:
    return replace(one, quantity=ZERO) == replace(other, quantity=ZERO)


def _is_new(portion: Portion) -> bool:
    """Whether it was never planned before."""
    return portion.status == "waiting" and portion.first_arrives_on is None


def _note_without_stock(first: Waiting, waits: Decimal, pieces: Sequence[Piece], outcome: Outcome) -> None:
    told = {"line": first.line, "sku": first.portion.sku, "quantity": text(waits)}
    # The last of them that is on its way: the line is not filled before.
    for piece in reversed(pieces):
        if piece.inbound is not None:
            told |= {"location": piece.location} | _supplier(piece.because)
            break
    outcome.without_stock[first.portion.order_id].append(told)


def _supplier(because: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Who sends what it waits for, as an event tells it; nothing when nobody outside the house does."""
    return next(({"supplier": fact["supplier"]} for fact in because if "supplier" in fact), {})


def _tell(
    first: Waiting,
    before: Portion | None,
    now: Portion,
    waits: Decimal,
    outcome: Outcome,
    cause: Cause,
    work: Work,
) -> None:
    """`waits` is how much of the line has no stock now."""
    order = now.order_id
    if now.stage == "allocated":
        outcome.allocated[order].append(
            {"line": first.line, "sku": now.sku, "quantity": text(now.quantity), "location": now.location}
            | {"ships_on": _iso(now.ships_on), "arrives_on": _iso(now.arrives_on), "waits": text(waits)}
            | (_supplier(before.because) if before is not None else {})
        )
    # This is its first promise, not a moved one.
    if before is None or _is_new(before):
        return
    if (before.ships_on, before.arrives_on) == (now.ships_on, now.arrives_on):
        return
    # It ships when the whole order does: that one date is told when the books are closed.
    if first.delivery_preference == "complete_only":
        return
    outcome.moves.append(
        Move(
            order, now.line_id, now.account, now.quantity, before.ships_on, before.arrives_on,
            now.ships_on, now.arrives_on, cause, work.now,
        )
    )  # fmt: skip
    outcome.moved[order].append(
        {"line": first.line, "sku": now.sku, "quantity": text(now.quantity), "status": now.status}
        | {"old": {"ships_on": _iso(before.ships_on), "arrives_on": _iso(before.arrives_on)}}
        | {"new": {"ships_on": _iso(now.ships_on), "arrives_on": _iso(now.arrives_on)}}
        | _on_its_way(now)
    )


def _on_its_way(now: Portion) -> dict[str, Any]:
    if now.inbound_line_id is None:
        return {}
    return {"location": now.location} | _supplier(now.because)


def _match(old: Sequence[Portion], wanted: Sequence[Portion], into: Rewriting) -> None:
    """Turn the old rows into the wanted ones with the fewest writes; rows that are right already stay untouched."""
    left = list(wanted)
    spare = []
    for row in [row for row in old if row.id is not None]:
        blank = replace(row, id=None)
        if blank in left:
            left.remove(blank)
        else:
            spare.append(row)
    for row, become in zip(spare, left, strict=False):
        into.changed.append(replace(become, id=row.id))
    into.added.extend(left[len(spare) :])
    into.dropped.extend(row.id for row in spare[len(left) :] if row.id is not None)


async def write(work: Work, outcome: Outcome, cause: Cause, new_lines: Collection[int]) -> None:
    """Write all that came of it, and say what is to be told. Lines that are written with it are not told apart."""
    await portions.rewrite(work.conn, outcome.rewriting)
    await stock.change(work.conn, outcome.stock)
    await stock.write_agreements(work.conn, outcome.agreements)
    work.moves.extend(outcome.moves)
    for order_id, line_id in outcome.rewriting.lines:
        work.touch(order_id, () if line_id in new_lines else [line_id])
    accounts = {p.order_id: p.account for p in (*outcome.rewriting.changed, *outcome.rewriting.added)}
    for order_id, lines in outcome.allocated.items():
        data = {"lines": lines, "cause": cause}
        work.record(Event("portion.allocated", accounts[order_id], order_id, outcome.orders[order_id], data))
    for order_id, lines in outcome.moved.items():
        data = {"lines": lines, "cause": cause}
        work.record(Event("promise.changed", accounts[order_id], order_id, outcome.orders[order_id], data))


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
