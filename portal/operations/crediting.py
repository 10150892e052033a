"""Credit: whether what an account owes leaves room for an order, judged under the account's lock."""

from dataclasses import dataclass
from decimal import Decimal

from portal.db import accounts
from portal.db.accounts import Account
from portal.db.work import Work
from portal.domain import money


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of asking the ERP, before the transaction began."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How an order was judged; `note` says in words why it must wait."""

    is_covered: bool
    note: str | None = None


async def judge(work: Work, account: Account, total: Decimal, heard: Heard | None) -> Verdict:  # noqa: ARG001
    """Whether the order's total, gross of tax, is covered. The account's row is locked."""
    if account.credit_hold:
        return Verdict(False, "The account is on credit hold.")
    if account.credit_limit is None:
        return Verdict(True)
    exposure = await accounts.exposure(work.conn, account.number)
    if exposure.total + total <= account.credit_limit:
        return Verdict(True)
    shown = [money.text(m, account.currency) for m in (total, exposure.total, account.credit_limit)]
    return Verdict(
        False,
        f"This order of {shown[0]} and {shown[1]} already open exceed the limit of {shown[2]} {account.currency}.",
    )


async def keep(work: Work, account: Account, order_id: int, verdict: Verdict) -> None:
    """Write down how the order was judged."""
