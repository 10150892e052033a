"""Change what was ordered: before it is placed in place, after that by what is added and cancelled."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from portal.db import accounts, orders, prices, requests, revisions
from portal.db.accounts import Account
from portal.db.orders import Locked, NewLine
from portal.db.requests import New
from portal.db.work import Work
from portal.domain import money
from portal.domain.access import Viewer
from portal.domain.approvals import Chain
from portal.domain.quantities import ZERO
from portal.domain.refusals import Conflict, Forbidden, NotFound, Problem, Unacceptable
from portal.operations import amending, approving, reopening, requesting, rewriting, wanting
from portal.operations.amending import Amendment
from portal.operations.crediting import Heard
from portal.operations.drafting import Supplier
from portal.operations.wanting import Change, ChangedLine

__all__ = ["Change", "ChangedLine", "change"]

PLACED = ("open", "held")


async def change(
    work: Work, viewer: Viewer, supplier: Supplier, number: str, wanted: Change, heard: Heard | None = None
) -> str:
    """Answers `changed` when it is done, `asked` when others must agree first.

    Before an order is placed its lines change in place: more than was asked for voids what was approved, unless it was
    approved on a condition that covers it. Of a placed order nothing changes before all have agreed to what is added.
    """
    account_number = await orders.account_of(work.conn, viewer, number)
    if not (viewer.may("orders:place", account_number) or viewer.may("orders:write", account_number)):
        raise Forbidden(f"{viewer.actor} may not change orders.")
    account = await accounts.lock(work.conn, account_number) if account_number else None
    if account is None:
        raise NotFound(f"There is no order {number!r}.")
    order = await orders.lock(work.conn, viewer, number)
    if wanted.version is not None and wanted.version != order.version:
        raise Conflict(
            f"Order {number} has changed since you opened it (it is at version {order.version}): look at it again."
        )
    if order.state not in ("pending_approval", *PLACED):
        raise Conflict(f"Order {number} is {order.state}: it cannot be changed any more.")
    changed = await wanting.read(work, supplier, account, order, wanted)
    if order.state == "pending_approval":
        await _in_place(work, viewer, supplier, account, order, changed, heard)
        return "changed"
    return await _placed(work, viewer, supplier, account, order, changed, heard)


async def _in_place(
    work: Work, viewer: Viewer, supplier: Supplier, account: Account, order: Locked, changed: Amendment,
    heard: Heard | None,
) -> None:  # fmt: skip
    """The order is not placed: its lines become what is wanted, and whoever must agree is asked to that."""
    number = await requests.open_of(work.conn, order.id)
    assert number is not None
    held = await requesting.regrasp(work, account, order, number, viewer.person_id)
    by = await requesting.name_of(work, viewer)
    worth = await rewriting.rewrite(work, supplier, account, order, changed, by, number)
    if worth is None:
        raise Unacceptable(
            "Nothing of the order would be left: withdraw it instead.", [Problem("/lines", "nothing is left")]
        )
    chain = await _chain(work, account, order, held.request.requester_id, worth, ())
    await reopening.ask_anew(work, viewer, held, chain, worth, changed.note, supplier, heard)


async def _placed(
    work: Work, viewer: Viewer, supplier: Supplier, account: Account, order: Locked, changed: Amendment,
    heard: Heard | None,
) -> str:  # fmt: skip
    by = await requesting.name_of(work, viewer)
    if not changed.add:
        # Less needs nobody's leave.
        await amending.amend(work, account, order, changed, by, supplier, heard)
        return "changed"
    articles = await prices.articles(work.conn, {one.sku for one in changed.add})
    lines = await orders.lines(work.conn, order.id)
    new = [
        amending.new_line(supplier, account, lines, one, articles[one.sku])
        for one in changed.add
        if one.sku in articles
    ]
    worth = await _worth(work, order, new, changed)
    requester = approving.requester_of(viewer)
    chain = await _chain(work, account, order, requester, worth, new)
    wanted = changed.told(order.currency)
    standing = await requests.open_of(work.conn, order.id)
    if standing is not None:
        held = await requesting.regrasp(work, account, order, standing, viewer.person_id)
        await requests.rewrite_wanted(work.conn, held.request.id, wanted, changed.note)
        state = await reopening.ask_anew(work, viewer, held, chain, worth, changed.note, supplier, heard)
        return "changed" if state == "approved" else "asked"
    if chain is None:
        await amending.amend(work, account, order, changed, by, supplier, heard)
        return "changed"
    opened = New(
        account.number, order.id, order.number, "amendment", requester, by, worth, order.currency, wanted,
        changed.note,
    )  # fmt: skip
    await requesting.open_request(work, viewer, opened, chain, {"currency": order.currency, "wanted": wanted})
    return "asked"


async def _worth(work: Work, order: Locked, new: Sequence[NewLine], changed: Amendment) -> Decimal:
    """What the order would come to, gross of tax."""
    lines = await orders.lines(work.conn, order.id)
    there = await wanting.quantities(work, order)
    less = {part.line: part.quantity for part in changed.cancel}
    parts = [there[line.line] - less.get(line.line, ZERO) for line in lines]
    return money.worth(
        [*(line.priced for line in lines), *(line.priced for line in new)],
        [*parts, *(line.quantity for line in new)],
        order.discount,
        order.freight,
        order.currency,
        order.freight_policy,
    )


async def _chain(
    work: Work, account: Account, order: Locked, requester: int | None, worth: Decimal, new: Sequence[NewLine]
) -> Chain | None:
    """Who must agree to the order as it would be."""
    there = await wanting.quantities(work, order)
    standing = [
        replace(line, quantity=there[line.line])
        for line in await revisions.lines(work.conn, order.id)
        if there[line.line]
    ]
    facts = await revisions.facts(work.conn, order.id)
    totals = money.Totals(worth, order.discount, order.freight, ZERO, worth)
    asked = approving.Asked(facts.ship_to, facts.cost_centre, [*standing, *new], totals, order_id=order.id)
    return await approving.chain_again(work, account, requester, asked)
