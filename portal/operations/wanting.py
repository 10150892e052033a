"""What a change of an order means: what is added to it, priced as of today, and what is taken off."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from portal.db import accounts, orders, portions, prices, revisions
from portal.db.accounts import Account, Terms
from portal.db.orders import Locked, NewLine
from portal.db.prices import Article
from portal.db.work import Work
from portal.domain.portions import total
from portal.domain.quantities import ZERO, NotAQuantity, check_unit
from portal.domain.refusals import Problem, Unacceptable, refuse_any
from portal.operations import rewriting
from portal.operations.amending import Added, Amendment
from portal.operations.drafting import Supplier, price_of
from portal.operations.moving import Part


@dataclass(frozen=True, slots=True)
class ChangedLine:
    """So much of a line of the order from now on (0: nothing of it), or so much of another product besides."""

    quantity: Decimal
    line: int | None = None
    sku: str | None = None
    need_by: date | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What is to become of the order; lines that are not named stay as they are. `version` is the order's."""

    lines: Sequence[ChangedLine]
    note: str | None = None
    version: int | None = None


@dataclass(slots=True)
class _Reading:
    """A change on its way to an amendment, with everything that is wrong with it."""

    order: Locked
    lines: Mapping[int, NewLine]
    there: Mapping[int, Decimal]
    articles: Mapping[str, Article]
    terms: Terms
    add: list[Added] = field(default_factory=list)
    cancel: list[Part] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def line(self, at: str, number: int, one: ChangedLine) -> None:
        """More or less of a line of the order."""
        line = self.lines.get(number)
        if line is None:
            self.problems.append(Problem(f"{at}/line", f"order {self.order.number} has no line {number}"))
            return
        more = one.quantity - self.there[number]
        if more < 0:
            self.cancel.append(Part(number, -more))
        elif more > 0:
            named = (line.unit_price, line.price_source) if line.price_source == "order" else None
            self.more(at, line.sku, more, one, named)

    def more(
        self, at: str, sku: str, quantity: Decimal, one: ChangedLine, named: tuple[Decimal, str] | None = None
    ) -> None:
        """More of a product; a price that somebody named for the line holds for more of it, too."""
        article = self.articles.get(sku)
        if article is None or not article.active:
            self.problems.append(Problem(f"{at}/sku", f"unknown or no longer sold: {sku!r}"))
            return
        try:
            check_unit(quantity, article.unit)
        except NotAQuantity as wrong:
            self.problems.append(Problem(f"{at}/quantity", str(wrong)))
            return
        price = named or price_of(one.quantity, article, self.terms, self.order.currency)
        if price is None:
            self.problems.append(Problem(f"{at}/sku", f"{sku} has no price in {self.order.currency}"))
            return
        self.add.append(Added(sku, quantity, *price, one.need_by, one.line))


async def read(work: Work, supplier: Supplier, account: Account, order: Locked, wanted: Change) -> Amendment:
    """Refused with everything that is wrong, and where nothing would change. The order is locked."""
    lines = {line.line: line for line in await revisions.lines(work.conn, order.id)}
    skus = {one.sku for one in wanted.lines if one.sku is not None}
    skus |= {lines[one.line].sku for one in wanted.lines if one.line is not None and one.line in lines}
    terms = await accounts.terms(
        work.conn, replace(account, currency=order.currency), skus, rewriting.today(supplier, work)
    )
    reading = _Reading(
        order, lines, await quantities(work, order), await prices.articles(work.conn, skus), terms
    )
    for index, one in enumerate(wanted.lines):
        _read_line(reading, f"/lines/{index}", one, wanted.lines[:index])
    refuse_any(reading.problems)
    if not reading.add and not reading.cancel:
        raise Unacceptable("Nothing would change.", [Problem("/lines", "nothing would change")])
    return Amendment(reading.add, reading.cancel, wanted.note)


def _read_line(reading: _Reading, at: str, one: ChangedLine, before: Sequence[ChangedLine]) -> None:
    if (one.line is None) == (one.sku is None):
        reading.problems.append(Problem(at, "name a line of the order, or a product"))
    elif one.line is not None and any(one.line == other.line for other in before):
        reading.problems.append(Problem(f"{at}/line", f"line {one.line} stands here twice"))
    elif one.line is not None:
        reading.line(at, one.line, one)
    elif one.sku is not None and one.quantity > 0:
        reading.more(at, one.sku, one.quantity, one)
    else:
        reading.problems.append(Problem(f"{at}/quantity", "must be more than 0"))


async def quantities(work: Work, order: Locked) -> dict[int, Decimal]:
    """By line number: what was ordered and not cancelled."""
    numbers = {line.id: line.line for line in await orders.lines(work.conn, order.id)}
    rows = await portions.of_order(work.conn, order.id)
    return {
        number: total(row for row in rows if row.line_id == line_id and row.stage != "cancelled") or ZERO
        for line_id, number in numbers.items()
    }
