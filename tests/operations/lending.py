"""Credit as moves: the ERP that knows, is silent or lies, limits that are shared, orders that are judged again."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from portal.db import credit
from portal.db.work import Work
from portal.domain.credit import Figures, Heard
from portal.domain.credit_words import PROBLEMS
from portal.operations import cataloguing, holding, placing, rechecking
from portal.operations.placing import Wanted, WantedLine
from tests.operations import supplier
from tests.operations.moves import Draw, Move, one_of
from tests.operations.supplier import ACCOUNTS, EVERYBODY, SKUS, SUPPLIER, Sight, share

LIMITS = (None, Decimal(0), Decimal(90), Decimal(300), Decimal(5000))
MONEY = st.integers(0, 200).map(Decimal)


def connect(sight: Sight, draw: Draw) -> Move:
    """The ERP is the one that knows, or the portal again; a limit is shared, or not any more."""
    number = draw(st.sampled_from(ACCOUNTS))
    terms = supplier.account(
        number,
        credit_source=draw(st.sampled_from(("erp", "erp", "portal"))),
        erp_silence=draw(st.sampled_from(("last_known", "last_known", "hold"))),
        erp_figures_age_hours=draw(st.sampled_from((1, 24, 500))),
        credit_limit=draw(st.sampled_from(LIMITS)),
        parent=draw(st.sampled_from(("GROUP", "GROUP", None))) if number != "GROUP" else None,
        draws_on_parent=draw(st.booleans()),
    )
    return Move(f"connect {terms}", lambda work: cataloguing.put_account(work, terms))


def answer(sight: Sight, draw: Draw) -> Heard | None:
    """What the ERP says of everybody: figures, sometimes such as cannot be right, or nothing."""
    told: dict[str, Figures] = {}
    for account in ACCOUNTS:
        if draw(st.integers(0, 3)):
            age = timedelta(hours=draw(st.sampled_from((0, 0, 0, 2, 30, -1))))
            told[account] = Figures(
                account, draw(st.sampled_from(("GBP", "GBP", "GBP", "EUR"))), draw(st.sampled_from(LIMITS)),
                draw(st.sampled_from((False, False, False, True))), draw(MONEY), draw(MONEY),
                draw(st.sampled_from((Decimal(0), Decimal(0), Decimal(30)))), sight.now - age, sight.now,
            )  # fmt: skip
    heard = Heard(sight.now, told, dict.fromkeys(ACCOUNTS, draw(st.sampled_from(sorted(PROBLEMS)))))
    return draw(st.sampled_from((heard, heard, heard, None)))  # type: ignore[no-any-return]


def place(sight: Sight, draw: Draw) -> Move:
    account, heard = draw(st.sampled_from(ACCOUNTS)), answer(sight, draw)
    skus = draw(st.lists(st.sampled_from(SKUS), min_size=1, max_size=2))
    lines = [WantedLine(line, sku, share(sku, draw(st.integers(1, 12)))) for line, sku in enumerate(skus, 1)]
    wanted = Wanted(account, lines, ship_to="LEEDS", without_approval=True)

    async def do(work: Work) -> None:
        await placing.place(work, EVERYBODY, SUPPLIER, wanted, heard)

    return Move(f"place {wanted} after {heard}", do)


def release(sight: Sight, draw: Draw) -> Move | None:
    """Finance lifts a credit hold, after the ERP was asked."""
    able = [
        (order.number, str(hold.id))
        for order in sight.orders
        for hold in order.holds
        if hold.reason == "credit"
    ]
    found, heard = one_of(draw, able), answer(sight, draw)
    if found is None:
        return None
    return Move(
        f"release {found} after {heard}",
        lambda work: holding.release(work, EVERYBODY, found[0], found[1], None, heard),
    )


def recheck(sight: Sight, draw: Draw) -> Move:
    """What was judged on old figures or none is judged again."""
    nth, heard = draw(st.integers(0, 3)), answer(sight, draw)

    async def do(work: Work) -> Any:
        waiting = await credit.waiting(work.conn)
        return await rechecking.recheck(work, waiting[nth % len(waiting)], heard) if waiting else None

    return Move(f"recheck {nth} after {heard}", do)


MOVES = (connect, place, release, recheck)
