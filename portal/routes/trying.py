"""Try an order out against a policy that nobody has saved: it is written, looked at, and never committed."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.clock import utc_now
from portal.db.work import Work
from portal.domain.access import Viewer
from portal.domain.approvals import Chain
from portal.domain.chains import Policy
from portal.domain.money import Totals
from portal.operations import approving, regulating
from portal.operations.approving import Asked


@dataclass(frozen=True, slots=True)
class Order:
    """An order that nobody places."""

    account: str
    total: Decimal
    requester: int | None = None
    category: str = ""
    ship_to: str = ""
    cost_centre: str = ""


class _Looked(Exception):
    """Everything is known: what was written is undone."""

    def __init__(self, chain: Chain | None) -> None:
        super().__init__("looked")
        self.chain = chain


async def chain_of(work: Work, viewer: Viewer, order: Order, policy: Policy | None) -> Chain | None:
    """The chain with this policy in place of the account's own; with the one that stands where there is none."""
    zero = Decimal(0)
    asked = Asked(
        ship_to=order.ship_to or None,
        cost_centre=order.cost_centre or None,
        lines=(),
        totals=Totals(order.total, zero, zero, zero, order.total),
        categories=[order.category] if order.category else [],
    )
    today: date = utc_now().date()
    try:
        async with work:
            if policy is not None:
                await regulating.put_policy(work, viewer, policy)
            raise _Looked(await approving.chain_for(work.conn, order.account, order.requester, asked, today))
    except _Looked as looked:
        return looked.chain
