"""Put lines into a cart, change them, take them out. What cannot be ordered stays there and says why."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from portal.db.carts import Row
from portal.db.work import Work
from portal.domain.access import Viewer
from portal.domain.carts import NO_QUANTITY, UNKNOWN
from portal.domain.pasting import Pasted
from portal.domain.refusals import Problem, Unacceptable
from portal.operations.baskets import Basket, can_grow, open_basket, words

# More than anybody orders at once; a page shows a part of them.
MOST_LINES = 5000


@dataclass(frozen=True, slots=True)
class Added:
    """How many lines became lines of the cart, how many were added to what was there, how many need a look."""

    new: int = 0
    merged: int = 0
    faulty: int = 0
    first: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """A line as it was typed into a form, beside what the form had shown. Without a quantity the line goes."""

    position: int
    shown: tuple[Decimal | None, date | None]
    quantity: Decimal | None
    need_by: date | None
    # Only of a line that needs a look: what it shall be.
    code: str | None = None
    # What the form called the line.
    name: str = ""


@dataclass(slots=True)
class Changed:
    """`clashes` were changed otherwise meanwhile and stay so; `gone` were taken out meanwhile; `removed` just now."""

    count: int = 0
    clashes: list[Change] = field(default_factory=list)
    gone: list[Change] = field(default_factory=list)
    removed: list[Row] = field(default_factory=list)


async def add(work: Work, viewer: Viewer, account: str, lines: Sequence[Pasted], day: date) -> Added:
    """Lines behind those that are there; more of the same product for the same day is added to its line."""
    basket = await open_basket(work, viewer, account)
    refuse_too_many(len(basket.rows), len(lines))
    return await put_in(basket, lines, day)


def refuse_too_many(there: int, more: int) -> None:
    """A cart of more lines than anybody reads is not one."""
    if there + more > MOST_LINES:
        raise Unacceptable(
            f"A cart holds at most {MOST_LINES:,} lines; it has {there:,}, and these are {more:,}.",
            [Problem("/lines", "too many")],
        )


async def put_in(basket: Basket, lines: Sequence[Pasted], day: date) -> Added:
    """As `add`, into a cart that is open already."""
    await basket.learn((word for line in lines for word in words(line)), basket.rows.values(), day)
    places = {(row.sku, row.need_by): row for row in basket.rows.values() if can_grow(row)}
    first = position = max(basket.rows, default=0) + 1
    merged = faulty = 0
    for line in lines:
        row = basket.row(position, line)
        there = places.get((row.sku, row.need_by)) if can_grow(row) else None
        grown = basket.grown(there, row) if there is not None else None
        merged += grown is not None
        position += grown is None
        row = grown or row
        faulty += row.problem is not None
        basket.write(row)
        if can_grow(row):
            places[row.sku, row.need_by] = row
    await basket.save()
    return Added(position - first, merged, faulty, first)


async def change(work: Work, viewer: Viewer, account: str, changes: Sequence[Change], day: date) -> Changed:
    """What was changed in a form. Where somebody, or the same person in another window, has changed the same line
    meanwhile, theirs stays and is told; nothing of the rest is lost for it."""
    basket = await open_basket(work, viewer, account)
    rows = [basket.rows[one.position] for one in changes if one.position in basket.rows]
    await basket.learn((one.code for one in changes if one.code), rows, day)
    done = Changed()
    for one in changes:
        row = basket.rows.get(one.position)
        if row is None:
            done.gone.append(one)
        elif (row.quantity, row.need_by) not in (one.shown, (one.quantity, one.need_by)):
            done.clashes.append(one)
        elif one.quantity is None and one.code is None:
            done.removed.append(row)
        else:
            basket.write(_changed(basket, row, one))
            done.count += 1
    await basket.save()
    await basket.take_out(done.removed)
    return done


def _changed(basket: Basket, row: Row, one: Change) -> Row:
    if one.code is None:
        assert one.quantity is not None
        return replace(basket.requantified(row, one.quantity), need_by=one.need_by)
    found = basket.meanings.get(one.code, [])
    if not found:
        return replace(
            row, typed=one.code, sku=None, quantity=one.quantity, need_by=one.need_by, problem=UNKNOWN
        )
    problem = None if one.quantity is not None else NO_QUANTITY
    return basket.of(replace(row, problem=problem), found, one.quantity, one.need_by)


async def remove(
    work: Work, viewer: Viewer, account: str, positions: Sequence[int] | None = None
) -> list[Row]:
    """Take lines out, or all of them; answers what they were."""
    basket = await open_basket(work, viewer, account)
    found = [row for row in basket.rows.values() if positions is None or row.position in positions]
    await basket.take_out(found)
    return found


async def put_back(work: Work, viewer: Viewer, account: str, rows: Sequence[Row]) -> int:
    """Lines that were taken out, at their old places where those are free; answers how many."""
    basket = await open_basket(work, viewer, account)
    last = max([*basket.rows, *(row.position for row in rows)], default=0)
    for row in rows:
        last += row.position in basket.rows
        basket.write(replace(row, position=last) if row.position in basket.rows else row)
    await basket.save()
    return len(rows)


async def accept_prices(
    work: Work, viewer: Viewer, account: str, shown: dict[int, Decimal], day: date
) -> int:
    """Agree to the prices that were shown beside the old ones. One that has moved again since is not agreed to."""
    basket = await open_basket(work, viewer, account)
    rows = [basket.rows[position] for position in shown if position in basket.rows]
    await basket.learn((), rows, day)
    for row in rows:
        new = basket.priced(row)
        if new != row and new.unit_price == shown[row.position]:
            basket.write(new)
    await basket.save()
    return len(basket.written)
