"""A cart as it is read: a slice of its lines, what they cost and why some cannot be ordered yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from markupsafe import Markup

from portal.domain.carts import Cart, Line
from portal.domain.pasting import LONGEST_CODE
from portal.domain.quantities import text
from portal.domain.suggesting import Suggestion
from portal.filters import Tongue
from portal.views.buying import sums, words
from portal.views.buying.words import Stock

PER_PAGE = 100
# Lines that need a look stand before the others; of very many, so many at a time.
MOST_FAULTY = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the cart is looked at, as the address says it."""

    page: int = 1
    find: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """What a form had said that could not be kept, by field; and what is wrong, by field."""

    fields: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """One line. `was` is what the form had shown, so that only what was changed is changed."""

    position: int
    number: str
    sku: str
    name: str
    own: str
    was: str
    code: str
    quantity: str
    unit: str
    need_by: str
    price: str
    source: str
    old_price: str
    moved: str
    breaks: Sequence[str]
    nudge: str
    amount: str
    stock: Stock | None
    problem: str
    choices: Sequence[Suggestion]
    take: str
    note: str
    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class View:
    """The whole page below its head."""

    rows: Sequence[Row]
    faulty: Sequence[Row]
    truth: Markup
    goods: str
    facts: Sequence[tuple[str, str]]
    lines: int
    orderable: int
    faulty_count: int
    moved: Sequence[tuple[int, str]]
    shown: str
    pages: Sequence[tuple[int, bool]]
    asked: Asked


@dataclass(frozen=True, slots=True)
class Table:
    """Makes rows."""

    cart: Cart
    tongue: Tongue
    today: date
    sent: Sent
    choices: Mapping[str, Sequence[Suggestion]]
    left: Mapping[int, Decimal | None]

    def row(self, number: int, line: Line) -> Row:
        product, tongue, currency = line.product, self.tongue, self.cart.currency
        errors = {
            name: self.sent.errors.get(f"{name}-{line.position}", "") for name in ("code", "qty", "need")
        }
        now, old = line.now, line.seen if line.has_moved else None
        choices = [] if line.is_orderable else self.choices.get(line.typed, [])
        return Row(
            position=line.position,
            number=tongue.number(number),
            sku=line.sku or "",
            name=product.name if product else "",
            own=product.own_codes[0] if product and product.own_codes else "",
            was=was(line),
            code=self._typed("code", line, code_of(line)),
            quantity=self._typed("qty", line, words.typeable(line.quantity, tongue)),
            unit=tongue.unit(product.unit, line.quantity or Decimal(2)) if product else "",
            need_by=self._typed("need", line, line.need_by.isoformat() if line.need_by else ""),
            price=tongue.price(now.amount, currency) if now else "",
            source=words.comes_from(now, tongue, self.today) if now else "",
            old_price=tongue.price(old.amount, currency) if old else "",
            moved=text(now.amount) if now and line.has_moved else "",
            breaks=words.breaks(product, currency, tongue) if product else [],
            nudge=words.nudge(product, line.quantity, currency, tongue) if product else "",
            amount=tongue.money(line.amount(currency), currency) if line.is_orderable else "",
            stock=self._stock(line),
            problem=words.problem(line, tongue, currency),
            choices=choices,
            take=self._take(line),
            note=self.sent.notes.get(line.position, ""),
            errors=errors,
        )

    def _typed(self, name: str, line: Line, stands: str) -> str:
        return self.sent.fields.get(f"{name}-{line.position}", stands)

    def _stock(self, line: Line) -> Stock | None:
        if line.product is None or not line.product.is_active:
            return None
        return words.stock(line.product, line.quantity, self.left.get(line.position), self.tongue)

    def _take(self, line: Line) -> str:
        """The quantity that could be ordered where the wanted one cannot."""
        if line.problem != "too_few" or line.product is None or not line.product.free:
            return ""
        return words.typeable(line.product.free, self.tongue)


def was(line: Line) -> str:
    """What a form shows of a line, written so that it can be compared."""
    quantity = text(line.quantity) if line.quantity is not None else ""
    return f"{quantity}|{line.need_by or ''}|{'' if line.is_orderable else '!'}|{code_of(line)}"


def code_of(line: Line) -> str:
    """What the line is about, or was meant to be."""
    return (line.sku or line.typed)[:LONGEST_CODE].strip()


def view(
    cart: Cart,
    tongue: Tongue,
    today: date,
    asked: Asked,
    sent: Sent,
    choices: Mapping[str, Sequence[Suggestion]],
) -> View:
    table = Table(cart, tongue, today, sent, choices, words.left_on_shelf(cart.lines))
    numbered = list(enumerate(cart.lines, 1))
    good = [(n, line) for n, line in numbered if line.is_orderable and _fits(line, asked.find)]
    last = max(1, -(-len(good) // PER_PAGE))
    page = min(max(asked.page, 1), last)
    part = good[(page - 1) * PER_PAGE : page * PER_PAGE]
    faulty = cart.faulty
    return View(
        rows=[table.row(n, line) for n, line in part],
        faulty=[table.row(n, line) for n, line in numbered if not line.is_orderable][:MOST_FAULTY],
        truth=sums.truth(cart, tongue),
        goods=tongue.money(cart.goods, cart.currency),
        facts=sums.facts(cart, tongue),
        lines=len(cart.lines),
        orderable=len(cart.orderable),
        faulty_count=len(faulty),
        moved=[(line.position, text(line.now.amount)) for line in cart.moved if line.now],
        shown=sums.shown(part, len(good), tongue),
        pages=[(n, n == page) for n in range(1, last + 1)] if last > 1 else [],
        asked=Asked(page, asked.find),
    )


def _fits(line: Line, find: str) -> bool:
    if not find:
        return True
    product = line.product
    said = (
        line.typed,
        line.sku or "",
        *(product.own_codes if product else ()),
        product.name if product else "",
    )
    return any(find.casefold() in one.casefold() for one in said)
