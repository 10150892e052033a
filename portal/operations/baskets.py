"""A cart under its lock, with what its lines and the words that were typed are about."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from portal.db import carts, own_skus, shop
from portal.db.carts import Row
from portal.db.shop import Customer
from portal.db.work import Work
from portal.domain.access import Viewer
from portal.domain.carts import AMBIGUOUS, NO_QUANTITY, UNKNOWN, Product
from portal.domain.pasting import Pasted
from portal.domain.quantities import MOST_DIGITS
from portal.domain.refusals import Forbidden, unknown


@dataclass(slots=True)
class Basket:
    """`rows` by position, as they are after what was written so far."""

    work: Work
    id: int
    customer: Customer
    rows: dict[int, Row]
    products: dict[str, Product] = field(default_factory=dict)
    meanings: dict[str, list[str]] = field(default_factory=dict)
    written: dict[int, Row] = field(default_factory=dict)

    async def learn(self, codes: Iterable[str], rows: Iterable[Row], day: date) -> None:
        """What the codes mean, and the products that these and the lines are about, at that day's prices."""
        if codes := set(codes):
            self.meanings |= await own_skus.meant(self.work.conn, self.customer, codes)
        meant = {sku for found in self.meanings.values() for sku in found}
        wanted = (meant | {row.sku for row in rows if row.sku}) - self.products.keys()
        self.products |= await shop.products(self.work.conn, self.customer, wanted, day)

    def write(self, row: Row) -> None:
        self.rows[row.position] = self.written[row.position] = row

    async def save(self) -> None:
        if self.written:
            await carts.put(self.work.conn, self.id, list(self.written.values()))
            await carts.changed(self.work.conn, self.id, self.work.now)

    async def take_out(self, rows: Sequence[Row]) -> None:
        if rows:
            await carts.remove(self.work.conn, self.id, [row.position for row in rows])
            await carts.changed(self.work.conn, self.id, self.work.now)

    # -- lines --

    def row(self, position: int, line: Pasted) -> Row:
        """What was typed as a line, with the price that holds now: whoever puts it into the cart sees that one."""
        # Of a code that nobody can see, as spreadsheets hide some, only the number is left.
        code, _whole, *unmarked = words(line) if line.code else ("", line.typed)
        # Where the number could be read, only the code is in question.
        typed = line.typed if line.problem and line.problem != NO_QUANTITY else line.code or line.typed
        for said in (code, *unmarked[:1]):
            if found := self.meanings.get(said):
                typed = typed if len(found) > 1 else line.typed
                row = Row(position, typed, problem=line.problem)
                return self.of(row, found, line.quantity, line.need_by)
        whole = self.meanings.get(line.typed, [])
        if line.quantity is not None and len(whole) == 1:
            return Row(position, line.typed, whole[0], None, line.need_by, problem=NO_QUANTITY)
        return Row(position, typed, None, line.quantity, line.need_by, problem=UNKNOWN)

    def of(self, row: Row, found: Sequence[str], quantity: Decimal | None, need_by: date | None) -> Row:
        """The line as one of the product that was meant."""
        if len(found) > 1:
            return replace(row, sku=None, quantity=quantity, need_by=need_by, problem=AMBIGUOUS)
        return self.priced(replace(row, sku=found[0], quantity=quantity, need_by=need_by))

    def priced(self, row: Row) -> Row:
        """With the price that holds now as the one that was seen."""
        product = self.products.get(row.sku or "")
        offer = product.price(row.quantity) if product and row.quantity is not None else None
        amount, source = (offer.amount, offer.source) if offer else (None, None)
        return replace(row, unit_price=amount, price_source=source)

    def grown(self, there: Row, more: Row) -> Row | None:
        """The line with so much more; None where that would be too much for one line."""
        assert there.quantity is not None
        assert more.quantity is not None
        quantity = there.quantity + more.quantity
        return None if quantity >= 10**MOST_DIGITS else self.requantified(there, quantity)

    def requantified(self, row: Row, quantity: Decimal) -> Row:
        """Another quantity may have another price by its break. A price that has moved stays as it was seen, so that
        the new one is still agreed to."""
        new = replace(row, quantity=quantity)
        return new if self._has_moved(row) else self.priced(new)

    def _has_moved(self, row: Row) -> bool:
        product = self.products.get(row.sku or "")
        now = product.price(row.quantity) if product and row.quantity is not None else None
        return row.unit_price is not None and now is not None and now.amount != row.unit_price


async def open_basket(work: Work, viewer: Viewer, account: str) -> Basket:
    """The viewer's cart for that account, locked until commit."""
    if viewer.person_id is None:
        raise Forbidden("Only people have carts.")
    customer = await shop.customer(work.conn, account) if viewer.sees(account) else None
    if customer is None:
        raise unknown("account", account, "/account")
    viewer.need("orders:place", account)
    return await begun(work, customer, viewer.person_id)


async def begun(work: Work, customer: Customer, person_id: int) -> Basket:
    """Somebody's cart, locked until commit; begun when there is none."""
    cart_id = await carts.open_for(work.conn, customer.number, person_id, work.now)
    rows = {row.position: row for row in await carts.rows_of(work.conn, cart_id)}
    return Basket(work, cart_id, customer, rows)


def words(line: Pasted) -> list[str]:
    """What may be meant: the code; all of the words, where a number in a name was taken for the quantity; and a code
    that a spreadsheet has put a mark before, so that it is no formula."""
    said = [line.code, line.typed]
    return [word for word in (*said, *(word[1:] for word in said if word.startswith("'"))) if word]


def can_grow(row: Row) -> bool:
    """More of it may be added to the line."""
    return row.problem is None and row.sku is not None and row.quantity is not None
