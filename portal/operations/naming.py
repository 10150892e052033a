"""What an account calls products: its own codes, understood wherever its buyers type a number."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.db import own_skus, shop
from portal.db.work import Work
from portal.domain.refusals import NotFound, Problem, refuse_any


@dataclass(frozen=True, slots=True)
class OwnWord:
    """A code of the buyer's and the product that it means."""

    code: str
    sku: str


async def put(work: Work, account: str, words: Sequence[OwnWord]) -> bool:
    """These and no others; answers whether there were none before. Codes that differ only in case are one."""
    customer = await shop.customer(work.conn, account)
    if customer is None:
        raise NotFound(f"There is no account {account!r}.")
    known = await own_skus.names(work.conn, [word.sku for word in words])
    problems, seen = [], set[str]()
    for index, word in enumerate(words):
        if word.sku not in known:
            problems.append(Problem(f"/items/{index}/sku", f"unknown product {word.sku!r}"))
        if word.code.upper() in seen:
            problems.append(Problem(f"/items/{index}/code", f"{word.code!r} stands here twice"))
        seen.add(word.code.upper())
    refuse_any(problems)
    before = await own_skus.listed(work.conn, account)
    await own_skus.replace(work.conn, account, {word.code: word.sku for word in words})
    return not before
