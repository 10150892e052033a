"""Place an order: price it, check credit under the account's lock, give it stock and promises, in one transaction."""

from typing import Any

from portal.db import accounts, orders, portions, stock
from portal.db.accounts import Account
from portal.db.orders import Header
from portal.db.queue import Waiting
from portal.db.work import Work
from portal.domain import money
from portal.domain.access import Viewer
from portal.domain.events import Event
from portal.domain.portions import Portion, nothing
from portal.domain.refusals import Conflict, Problem, unknown
from portal.operations import approving, billing, crediting, drafting, holding, planning
from portal.operations.crediting import Heard
from portal.operations.drafting import Draft, Supplier, Wanted, WantedLine, missing, price_of, tax_rate

# The language of placing is found here, whichever file it is kept in.
__all__ = ["Supplier", "Wanted", "WantedLine", "facts", "missing", "place", "price_of", "tax_rate"]


async def place(
    work: Work, viewer: Viewer, supplier: Supplier, wanted: Wanted, heard: Heard | None = None
) -> tuple[str, bool]:
    """Answers the order's number, and whether it is new: the same origin and external id place one order.

    `heard` is what the ERP answered before this began, for an account whose credit it knows.
    """
    account = await accounts.lock(work.conn, wanted.account)
    if account is None or not viewer.sees(wanted.account):
        raise unknown("account", wanted.account, "/account")
    if wanted.origin is not None and wanted.external_id is not None:
        first = await orders.by_external_id(work.conn, wanted.origin, wanted.external_id)
        if first is not None:
            return _repeated(first, wanted), False
    number = await _write(work, viewer, supplier, wanted, account, heard)
    return number, True


def _repeated(first: tuple[str, bytes | None], wanted: Wanted) -> str:
    number, fingerprint = first
    if fingerprint != wanted.fingerprint:
        raise Conflict(
            f"{wanted.origin} {wanted.external_id} is order {number} already, with other content.",
            [Problem("/external_id", f"is order {number} already")],
        )
    return number


async def _write(
    work: Work, viewer: Viewer, supplier: Supplier, wanted: Wanted, account: Account, heard: Heard | None
) -> str:
    draft = await drafting.draft(work.conn, supplier, wanted, account, work.now)
    ship_to, lines, totals, articles = draft.ship_to, draft.lines, draft.totals, draft.articles
    chain = None
    if not wanted.without_approval:
        chain = await approving.needed(work, viewer, account, draft.terms, facts(wanted, draft))
    verdict = await crediting.judge(work, account, totals.total, heard, draft.terms.exposure)
    # Approval comes first: credit is looked at again when all have agreed.
    state = "pending_approval" if chain else "open" if verdict.is_covered else "held"
    # Before the place in the queue is given: nobody who is told a place later may stand before it. All of the order's
    # products are locked at once, in order, before anything of them is read.
    products = await stock.lock(work.conn, articles) if draft.scarce or state == "open" else {}
    await drafting.refuse_missing(work, draft)

    header = Header(
        account=account.number,
        ship_to=ship_to,
        purchase_order_number=wanted.purchase_order_number,
        placed_by=viewer.author,
        placed_at=wanted.placed_at or work.now,
        requested_on=wanted.requested_on,
        delivery_preference=draft.preference,
        currency=account.currency,
        discount=totals.discount,
        freight=totals.freight,
        goods=totals.goods,
        tax=totals.tax,
        total=totals.total,
        origin=wanted.origin,
        external_id=wanted.external_id,
        fingerprint=wanted.fingerprint,
        person_id=viewer.person_id if not viewer.is_supplier or "token" in viewer.roles else None,
        cost_centre=wanted.cost_centre,
        instructions=wanted.instructions,
        repeated_because=wanted.repeated_because,
    )
    order = await orders.insert(work.conn, header, lines, state, work.now)
    placed: dict[str, Any] = {
        "purchase_order_number": wanted.purchase_order_number,
        "total": money.text(totals.total, account.currency),
        "currency": account.currency,
        "lines": len(lines),
        "placed_at": header.placed_at.isoformat(),
    }
    # What is told here of stock is known once the order is planned: events are written when the books are closed.
    if state != "pending_approval":
        work.record(Event("order.placed", account.number, order.id, order.number, placed))

    new = [
        Portion(
            order.lines[line.line],
            order.id,
            account.number,
            line.sku,
            line.quantity,
            "waiting",
            "waiting",
            waiting_since=draft.today,
        )
        for line in lines
    ]
    if state != "open":
        rewriting = nothing()
        rewriting.added.extend(new)
        await portions.rewrite(work.conn, rewriting)
    if chain:
        await approving.ask(work, viewer, account, order, chain, placed)
        return order.number
    await crediting.keep(work, account, order.id, verdict)
    if state == "held":
        await holding.write(work, order.id, order.number, account.number, "credit", verdict.note, None)
        return order.number

    waiting = [
        Waiting(
            portion, line.line, line.mode, order.number, order.arrival, wanted.requested_on, draft.preference,
            account.priority, account.path, account.own_country_first, account.weekly_day, draft.city, draft.country,
        )
        for portion, line in zip(new, lines, strict=True)
    ]  # fmt: skip
    # Others may learn that an order went ahead of theirs, never whose.
    cause = {"what": "order_placed"}
    short = await planning.replan(work, articles, cause, fresh=order.id, unwritten=waiting, products=products)
    placed["waiting"] = short.get(order.id, [])
    if order.is_prepaid:
        billing.follow_later(work, order.id)
    return order.number


def facts(wanted: Wanted, draft: Draft) -> approving.Asked:
    """What rules look at, of an order that is not written yet."""
    return approving.Asked(draft.ship_to, wanted.cost_centre, draft.lines, draft.totals)
