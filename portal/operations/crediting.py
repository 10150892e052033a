"""Credit: whether what an account owes leaves room for an order, judged under the account's lock."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from portal.db import credit, orders
from portal.db.accounts import Account
from portal.db.work import Connection, Work
from portal.domain import credit as judging
from portal.domain import money
from portal.domain.credit import Heard, Verdict
from portal.domain.credit_words import document, problem_text, sentence
from portal.domain.quantities import ZERO
from portal.domain.refusals import Unacceptable

__all__ = ["Heard", "Verdict", "foresee", "judge", "keep", "refuse_beyond", "reopen"]


async def judge(
    work: Work, account: Account, total: Decimal, heard: Heard | None, owed: Decimal | None = None
) -> Verdict:
    """Whether the order's total, gross of tax, is covered. Whoever goes on from there has locked the account's row, and
    those of its lenders, and keeps the verdict.

    `heard` is what the ERP answered before this work began. `owed` is the exposure by the account's own orders, where
    it was read under this lock already. Of an order that counts already, `total` is zero.
    """
    return _in_words(judging.judge(await credit.tills(work.conn, account, owed), total, heard, work.now))


async def foresee(
    conn: Connection, account: Account, total: Decimal, heard: Heard | None, now: datetime
) -> Verdict:
    """The same before anything is ordered: nothing is locked or written."""
    return _in_words(judging.judge(await credit.tills(conn, account), total, heard, now))


def _in_words(verdict: Verdict) -> Verdict:
    if verdict.is_covered and verdict.is_settled:
        return verdict
    return replace(verdict, note=sentence(verdict))


async def keep(work: Work, account: Account, order_id: int, verdict: Verdict) -> None:
    """Write down how the order was judged, and what the ERP said. What passed by the portal's own tables stands in the
    ledger alone."""
    for figures in verdict.told:
        await credit.keep_figures(work.conn, figures, work.now)
    if verdict.is_covered and verdict.basis == "portal":
        return
    said = document(verdict)
    await credit.insert_check(
        work.conn, account.number, order_id, verdict.outcome, verdict.basis, verdict.problem, said, work.now,
        is_settled=verdict.is_settled,
    )  # fmt: skip
    work.audit(account.number, "credit.judged", await orders.number_of(work.conn, order_id), said)


async def refuse_beyond(
    work: Work, account: Account, order_id: int, more: Decimal, heard: Heard | None
) -> None:
    """Refuse what would cost the account more than there is room for. The account's row is locked; the order counts
    already. What costs no more than before is nobody's risk."""
    if more <= 0:
        return
    verdict = await judge(work, account, more, heard)
    if not verdict.is_covered:
        raise Unacceptable(_too_much(account, verdict))
    await keep(work, account, order_id, verdict)


def _too_much(account: Account, verdict: Verdict) -> str:
    adds = f"{money.text(verdict.more, account.currency)} {account.currency}"
    if verdict.outcome == "on_hold":
        return f"Account {verdict.account} is on credit hold, and this would add {adds} to what is open."
    if verdict.outcome == "over":
        shown = [money.text(amount, account.currency) for amount in (verdict.exposure, verdict.limit or ZERO)]
        limit = f"{shown[1]} {account.currency}"
        return f"This would add {adds} to {shown[0]} already open, more than the limit of {limit}."
    return f"{problem_text(verdict.problem)}: whether another {adds} are covered cannot be said now."


async def reopen(work: Work, account: Account, order_id: int, heard: Heard | None) -> Verdict:
    """Judge an order that waits for its goods again, and counted all the while: whether its account still has room for
    what it owes. The account's row is locked."""
    verdict = await judge(work, account, ZERO, heard)
    await keep(work, account, order_id, verdict)
    return verdict
