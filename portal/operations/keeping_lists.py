"""Lists to order from again: from a cart or from lines, shared or not, changed by their owner or an administrator."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from portal.db import lists, own_skus, shop
from portal.db.lists import SavedList
from portal.db.shop import Customer
from portal.db.work import Connection, Work
from portal.domain.access import Viewer
from portal.domain.pasting import Pasted
from portal.domain.refusals import Conflict, Forbidden, NotFound, Problem, Unacceptable, unknown

MOST_LINES = 2000
LONGEST_NAME = 80
# Whoever may set the account's policy keeps its shared lists in order too.
ADMINISTERS = "policy:write"

Lines = Sequence[tuple[str, Decimal]]


@dataclass(frozen=True, slots=True)
class Named:
    """What a list is called, and who uses it."""

    name: str
    is_shared: bool


async def find(conn: Connection, viewer: Viewer, list_id: int) -> SavedList:
    """One that the viewer may use: their own, or one that is shared in an account they see."""
    found = await lists.find(conn, list_id)
    is_theirs = found is not None and viewer.sees(found.account) and not viewer.is_supplier
    if found is None or not is_theirs or not (found.is_shared or found.person_id == viewer.person_id):
        raise NotFound(f"There is no list {list_id}.")
    return found


def may_change(viewer: Viewer, found: SavedList) -> bool:
    return found.person_id == viewer.person_id or (found.is_shared and viewer.may(ADMINISTERS, found.account))


async def create(work: Work, viewer: Viewer, account: str, named: Named, lines: Lines) -> int:
    """Answers the new list's id."""
    if viewer.person_id is None or not viewer.sees(account):
        raise unknown("account", account, "/account")
    viewer.need("orders:place", account)
    _refuse_nameless(named)
    _refuse_long(lines)
    made = await lists.insert(work.conn, account, viewer.person_id, named.name, named.is_shared, work.now)
    if made is None:
        raise _taken(named.name)
    await lists.put_lines(work.conn, made, lines)
    return made


async def change(
    work: Work, viewer: Viewer, list_id: int, named: Named, quantities: Mapping[int, Decimal], more: Lines
) -> None:
    """Another name, other quantities (a line whose quantity is left out goes), more lines."""
    found = await _held(work, viewer, list_id)
    _refuse_nameless(named)
    there = await lists.lines(work.conn, list_id)
    kept = [(line.sku, quantities[line.position]) for line in there if quantities.get(line.position)]
    wanted = [*kept, *more]
    _refuse_long(wanted)
    # Whether everybody uses it says its owner alone.
    shared = named.is_shared if found.person_id == viewer.person_id else found.is_shared
    if not await lists.rename(work.conn, list_id, named.name, shared, work.now):
        raise _taken(named.name)
    await lists.put_lines(work.conn, list_id, wanted)


async def delete(work: Work, viewer: Viewer, list_id: int) -> None:
    await _held(work, viewer, list_id)
    await lists.delete(work.conn, list_id)


async def _held(work: Work, viewer: Viewer, list_id: int) -> SavedList:
    """Locked, and the viewer's to change."""
    await lists.lock(work.conn, list_id)
    found = await find(work.conn, viewer, list_id)
    if not may_change(viewer, found):
        raise Forbidden(
            f"The list {found.name!r} is {found.owner}'s; administrators of the account change it too."
        )
    return found


async def understood(conn: Connection, customer: Customer, lines: Sequence[Pasted]) -> Lines:
    """Typed lines as SKU and quantity; refused with every line that is not understood, as a list has no room for it."""
    meanings = await own_skus.meant(conn, customer, {line.code for line in lines})
    found, faulty = [], []
    for line in lines:
        skus = meanings.get(line.code, [])
        if len(skus) == 1 and line.quantity is not None:
            found.append((skus[0], line.quantity))
        else:
            faulty.append(line.typed)
    if faulty:
        listed = ", ".join(faulty[:10]) + (", ..." if len(faulty) > 10 else "")
        raise Unacceptable(
            f"{len(faulty)} of {len(lines)} lines were not understood: {listed}. Nothing was changed.",
            [Problem("lines", listed)],
        )
    return found


async def account_of(conn: Connection, found: SavedList) -> Customer:
    customer = await shop.customer(conn, found.account)
    assert customer is not None
    return customer


def _refuse_nameless(named: Named) -> None:
    if not named.name or len(named.name) > LONGEST_NAME or not named.name.isprintable():
        raise Unacceptable(
            f"A list needs a name of at most {LONGEST_NAME} letters.", [Problem("name", "needed")]
        )


def _refuse_long(lines: Lines) -> None:
    if len(lines) > MOST_LINES:
        raise Unacceptable(f"A list holds at most {MOST_LINES:,} lines; these are {len(lines):,}.")


def _taken(name: str) -> Conflict:
    return Conflict(f"You have a list {name!r} already.", [Problem("name", "taken")])
