"""A cart: what somebody is about to order, with the prices they have seen and those that hold now."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from portal.domain.money import rounded
from portal.domain.quantities import WHOLE_UNITS as WHOLE
from portal.domain.quantities import ZERO, is_whole

# Why a line cannot be ordered as it stands. What was typed cannot be read, or leads to no product:
NO_QUANTITY, NOT_A_QUANTITY, BAD_DATE = "no_quantity", "not_a_quantity", "bad_date"
UNKNOWN, AMBIGUOUS = "unknown", "ambiguous"
# or the product stands in the way:
NOT_SOLD, NO_PRICE, WHOLE_ONLY, TOO_FEW = "not_sold", "no_price", "whole_only", "too_few"


@dataclass(frozen=True, slots=True)
class Offer:
    """A price from a quantity on. `source` is `list` or `agreement:<number>`; without `valid_to` it has no end."""

    amount: Decimal
    source: str
    min_quantity: Decimal = ZERO
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Product:
    """A product as one account may buy it. `offers` stand in the order in which they are asked: the first that has a
    price from the quantity on holds. `free` is what the account could take off the shelf now, None where nobody counts.
    """

    sku: str
    name: str
    unit: str
    mode: str
    category: str | None
    tax_category: str
    weight_kg: Decimal | None
    backorders: str
    lead_time_days: int | None
    is_active: bool
    free: Decimal | None
    offers: Sequence[Offer] = ()
    # What the account calls it, its own words before its parents'.
    own_codes: Sequence[str] = ()

    def price(self, quantity: Decimal) -> Offer | None:
        """What each costs when so many are bought."""
        return next((offer for offer in self.offers if offer.min_quantity <= quantity), None)

    @property
    def breaks(self) -> list[Offer]:
        """Each price that can be had, from the smallest quantity on."""
        found: list[Offer] = []
        for quantity in sorted({offer.min_quantity for offer in self.offers}):
            offer = self.price(quantity)
            if offer is not None and (not found or offer.amount != found[-1].amount):
                found.append(Offer(offer.amount, offer.source, quantity, offer.valid_to))
        return found

    def next_break(self, quantity: Decimal) -> Offer | None:
        """The nearest larger quantity from which each costs less."""
        now = self.price(quantity)
        cheaper = (b for b in self.breaks if b.min_quantity > quantity and now and b.amount < now.amount)
        return next(cheaper, None)

    @property
    def is_scarce(self) -> bool:
        """What is not on the shelf cannot be ordered."""
        return self.backorders == "deny" and self.free is not None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a cart. `position` is its name for as long as the cart has it; `seen` is the price that was agreed to.

    `problem` says why it cannot be ordered as it stands; then what was typed stays as it was.
    """

    position: int
    typed: str
    sku: str | None = None
    quantity: Decimal | None = None
    need_by: date | None = None
    seen: Offer | None = None
    problem: str | None = None
    product: Product | None = None

    @property
    def now(self) -> Offer | None:
        """The price that holds today."""
        if self.product is None or self.quantity is None:
            return None
        return self.product.price(self.quantity)

    @property
    def is_orderable(self) -> bool:
        return self.problem is None

    @property
    def has_moved(self) -> bool:
        """Whether it costs something else than what was seen: nobody is billed another price than they agreed to."""
        return self.is_orderable and (
            self.seen is None or self.now is None or self.seen.amount != self.now.amount
        )

    def amount(self, currency: str) -> Decimal:
        """Before tax, at the price that holds now."""
        now = self.now
        if now is None or self.quantity is None:
            return ZERO
        return rounded(now.amount * self.quantity, currency)


@dataclass(frozen=True, slots=True)
class Cart:
    """Somebody's cart for one account. `version` rises with each change of it."""

    id: int
    account: str
    currency: str
    person_id: int
    version: int
    changed_at: datetime
    lines: Sequence[Line] = ()
    ship_to: str | None = None
    purchase_order_number: str | None = None
    cost_centre: str | None = None
    delivery_preference: str | None = None
    instructions: str | None = None
    requested_on: date | None = None

    @property
    def orderable(self) -> list[Line]:
        return [line for line in self.lines if line.is_orderable]

    @property
    def faulty(self) -> list[Line]:
        return [line for line in self.lines if not line.is_orderable]

    @property
    def moved(self) -> list[Line]:
        """The lines whose new price nobody has agreed to yet."""
        return [line for line in self.lines if line.has_moved]

    @property
    def goods(self) -> Decimal:
        """What can be ordered of it, before tax and freight, at today's prices."""
        return sum((line.amount(self.currency) for line in self.orderable), ZERO)


def obstacle(problem: str | None, quantity: Decimal | None, product: Product | None) -> str | None:
    """What stands in a line's way: what was wrong when it was typed, or what the product says today."""
    if problem is not None:
        return problem
    if product is None or not product.is_active:
        return NOT_SOLD
    if quantity is None:
        return NO_QUANTITY
    if product.unit in WHOLE and not is_whole(quantity):
        return WHOLE_ONLY
    return None if product.price(quantity) is not None else NO_PRICE


def too_few(lines: Sequence[Line]) -> set[int]:
    """The positions of lines that ask together for more than there is of something that takes no backorders."""
    wanted: dict[str, Decimal] = defaultdict(Decimal)
    free: Mapping[str, Decimal | None] = {p.sku: p.free for line in lines if (p := line.product)}
    for line in lines:
        if line.is_orderable and line.product and line.product.is_scarce and line.quantity is not None:
            wanted[line.product.sku] += line.quantity
    short = {sku for sku, quantity in wanted.items() if quantity > (free[sku] or ZERO)}
    return {line.position for line in lines if line.is_orderable and line.sku in short}
