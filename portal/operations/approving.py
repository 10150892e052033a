"""Approvals: who must agree before an order is placed, and what they decide."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from portal.db.accounts import Account, Terms
from portal.db.orders import NewLine, Placed
from portal.db.work import Work
from portal.domain.access import Viewer
from portal.domain.money import Totals


@dataclass(frozen=True, slots=True)
class Asked:
    """What rules look at, of an order that is about to be placed."""

    ship_to: str
    cost_centre: str | None
    lines: Sequence[NewLine]
    totals: Totals


async def needed(work: Work, viewer: Viewer, account: Account, terms: Terms, asked: Asked) -> Any | None:
    """The chain that the order needs; None when it may be placed at once."""
    return None


async def ask(
    work: Work, viewer: Viewer, account: Account, order: Placed, chain: Any, told: dict[str, Any]
) -> None:
    """Open the request."""
