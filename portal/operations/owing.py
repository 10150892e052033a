"""What an account owes and may still order on credit, as it is told to people and to other systems."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from portal.db import accounts, credit
from portal.db.work import Connection
from portal.domain.credit import NOTHING, Exposure, Heard, Known, known
from portal.domain.quantities import ZERO


@dataclass(frozen=True, slots=True)
class Owing:
    """One limit and what counts against it. `seen` says how well that is known."""

    account: str
    currency: str
    source: str
    seen: Known
    exposure: Exposure
    # Others draw on it too.
    is_shared: bool

    @property
    def left(self) -> Decimal | None:
        """What the limit still allows; None where there is none, or nobody knows it."""
        if self.seen.limit is None:
            return None
        return max(self.seen.limit - self.exposure.total, ZERO)


@dataclass(frozen=True, slots=True)
class Credit:
    """An account's own limit, and those of the parents that it draws on, the nearest first."""

    own: Owing
    lenders: Sequence[Owing]

    @property
    def available(self) -> Decimal | None:
        """What may still be ordered: the narrowest of the limits decides."""
        known_left = [owing.left for owing in (self.own, *self.lenders) if owing.left is not None]
        return min(known_left, default=None)

    @property
    def is_known(self) -> bool:
        return all(owing.seen.basis != "silent" for owing in (self.own, *self.lenders))

    @property
    def is_stopped(self) -> bool:
        return any(owing.seen.hold for owing in (self.own, *self.lenders))


async def owing(conn: Connection, number: str, heard: Heard | None, now: datetime) -> Credit | None:
    """None when there is no such account. `heard` is what the ERP answered just now; nothing is written."""
    account = await accounts.get(conn, number)
    if account is None:
        return None
    tills = await credit.tills(conn, account)
    all_of_them = (account, *account.lenders)
    found = []
    for one, till in zip(all_of_them, tills, strict=True):
        seen = known(till, heard, now)
        exposure = await credit.exposure(conn, one.number)
        exposure += seen.figures.exposure if seen.figures is not None else NOTHING
        found.append(
            Owing(one.number, one.currency, one.credit_source, seen, exposure.readable(), is_shared=one.lends)
        )
    return Credit(found[0], found[1:])
