"""The form in which staff offer another product: what the line waits for, what could be sent, and what was typed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from urllib.parse import urlencode

from portal.db.substitutions import Candidate
from portal.domain.orders import Line
from portal.domain.quantities import ZERO, NotAQuantity, parse, text
from portal.filters import Tongue
from portal.views.desk.words import Mistyped, typed_quantity
from portal.views.order.scene import Scene

LONGEST = 200
LONGEST_NOTE = 2000
# What a price says of where it comes from.
Price = tuple[Decimal, str]


@dataclass(frozen=True, slots=True)
class Typed:
    """As it was typed; `q` searches for products."""

    q: str = ""
    sku: str = ""
    quantity: str = ""
    substitute_quantity: str = ""
    unit_price: str = ""
    note: str = ""

    @classmethod
    def read(cls, form: Mapping[str, object]) -> "Typed":
        def said(name: str) -> str:
            return "".join(c for c in str(form.get(name, "")) if c.isprintable()).strip()[:LONGEST]

        note = str(form.get("note", "")).replace("\r\n", "\n").replace("\x00", "").strip()[:LONGEST_NOTE]
        return cls(
            said("q"),
            said("sku"),
            said("quantity"),
            said("substitute_quantity"),
            said("unit_price"),
            note,
        )

    def filled(self, line: Line) -> "Typed":
        """With what most offers are: all that waits, one for one."""
        quantity = self.quantity or text(line.of("waiting") or line.replaceable)
        return replace(self, quantity=quantity, substitute_quantity=self.substitute_quantity or quantity)


@dataclass(frozen=True, slots=True)
class Numbers:
    """What was typed as numbers; what is none of them is told beside its field."""

    quantity: Decimal | None
    substitute_quantity: Decimal | None
    unit_price: Decimal | None
    problems: Mapping[str, str]


def numbers(typed: Typed, line: Line, unit: str | None, tongue: Tongue) -> Numbers:
    problems: dict[str, str] = {}

    def read(name: str, raw: str, unit: str | None) -> Decimal | None:
        try:
            quantity = typed_quantity(raw, unit, tongue)
        except Mistyped as wrong:
            problems[name] = str(wrong)
            return None
        if not quantity:
            problems[name] = tongue.gettext("More than 0 is needed.")
        return quantity or None

    quantity = read("quantity", typed.quantity, line.unit)
    instead = read("substitute_quantity", typed.substitute_quantity, unit)
    price = None
    if typed.unit_price:
        try:
            price = parse(typed.unit_price)
        except NotAQuantity:
            problems["unit_price"] = tongue.gettext("Write a price in digits, such as 12 or 12.50.")
    if not typed.sku:
        problems["sku"] = tongue.gettext("Choose a product first.")
    return Numbers(quantity, instead, price, problems)


@dataclass(frozen=True, slots=True)
class Choice:
    """A product that could be offered, beside the one that is ordered."""

    sku: str
    name: str
    category: str
    free: str
    covers: bool
    price: str
    than: str
    source: str
    href: str
    is_chosen: bool


def choices(
    scene: Scene, line: Line, found: Sequence[Candidate], prices: Mapping[str, Price], typed: Typed
) -> list[Choice]:
    return [_choice(scene, line, candidate, prices.get(candidate.sku), typed) for candidate in found]


def _choice(scene: Scene, line: Line, candidate: Candidate, price: Price | None, typed: Typed) -> Choice:
    tongue, _ = scene.tongue, scene.tongue.gettext
    free = candidate.free
    query = {"q": typed.q, "sku": candidate.sku}
    return Choice(
        sku=candidate.sku,
        name=candidate.name,
        category=candidate.category or "",
        free=_("always there") if free is None else tongue.quantity(max(free, ZERO), candidate.unit),
        covers=free is None or free >= line.of("waiting"),
        price=tongue.price(price[0], scene.order.currency) if price else _("no price"),
        than=than(scene, price[0], line.unit_price) if price else "",
        source=source(price[1], tongue) if price else "",
        href=f"?{urlencode({name: value for name, value in query.items() if value})}#offer",
        is_chosen=candidate.sku == typed.sku,
    )


def than(scene: Scene, price: Decimal, old: Decimal) -> str:
    """How its price stands to the one of what is ordered."""
    _ = scene.tongue.gettext
    if price == old:
        return _("the same price")
    template = _("{money} more") if price > old else _("{money} less")
    return template.format(money=scene.tongue.price(abs(price - old), scene.order.currency))


def source(where: str, tongue: Tongue) -> str:
    """Where a price comes from."""
    kind, _colon, number = where.partition(":")
    if kind == "agreement":
        return tongue.gettext("agreement {number}").format(number=number)
    return tongue.gettext("list price")
