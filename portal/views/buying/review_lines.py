"""The lines of a review: each with its promise in parts, its price and where that comes from, and its need-by day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from markupsafe import Markup, escape

from portal.domain.because import sentence
from portal.domain.carts import Line as CartLine
from portal.domain.orders import Portion
from portal.domain.quantities import ZERO
from portal.domain.quotes import Quote, QuotedLine, is_late
from portal.domain.telling import foretold
from portal.filters import Tongue
from portal.views.order.bars import bar
from portal.views.order.offer_form import source
from portal.views.order.rows import by_role
from portal.views.order.statuses import LOOKS, mode_word, word


@dataclass(frozen=True, slots=True)
class Part:
    """What becomes of a part of a line, as the rows of an order tell it."""

    quantity: str
    unit: str
    role: str
    icon: str
    word: str
    note: str
    ships: Markup
    has_ships: bool
    by: str
    arrives: Markup
    has_arrives: bool
    unsure: str
    sentence: str
    amount: str


@dataclass(frozen=True, slots=True)
class Row:
    """`old_price`: what was agreed to when the line was put into the cart, where that is another by now."""

    line: int
    position: int
    sku: str
    name: str
    own: str
    quantity: str
    unit: str
    bar: Markup
    parts: Sequence[Part]
    split: Markup
    amount: str
    price: str
    old_price: str
    source: str
    need_by: str
    # Why the day it is needed by will probably be missed.
    warning: str
    later: str
    error: str


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands beside the lines, by position: the days as they were typed, what is wrong with them, and the days
    that were shown before and are later now."""

    need_by: Mapping[int, str] = field(default_factory=dict)
    errors: Mapping[int, str] = field(default_factory=dict)
    before: Mapping[int, date | None] = field(default_factory=dict)


def rows(quote: Quote, cart: Sequence[CartLine], typed: Typed, tongue: Tongue, today: date) -> list[Row]:
    """`cart` are the same lines as the cart has them, in the same order."""
    scene = _Scene(quote, tongue, today)
    return [scene.row(line, own, typed) for line, own in zip(quote.lines, cart, strict=True)]


class _Scene:
    def __init__(self, quote: Quote, tongue: Tongue, today: date) -> None:
        self.quote = quote
        self.tongue = tongue
        self.today = today
        self.words = tongue.words(today)

    def row(self, line: QuotedLine, own: CartLine, typed: Typed) -> Row:
        tongue, currency = self.tongue, self.quote.currency
        portions = self.quote.chosen.portions[line.line]
        seen = own.seen.amount if own.seen and own.has_moved else None
        needed = typed.need_by.get(own.position)
        return Row(
            line=line.line,
            position=own.position,
            sku=line.sku,
            name=line.name,
            own=", ".join(own.product.own_codes) if own.product else "",
            quantity=tongue.number(line.quantity),
            unit=tongue.unit(line.unit, line.quantity),
            bar=bar(by_role(portions)),
            parts=[self.part(line, portion) for portion in portions],
            split=self.split(portions),
            amount=tongue.money(line.net, currency),
            price=tongue.price(line.unit_price, currency),
            old_price=tongue.price(seen, currency) if seen is not None else "",
            source=self.source(line),
            need_by=needed if needed is not None else line.need_by.isoformat() if line.need_by else "",
            warning=self.warning(line),
            later=self.later(own.position, typed),
            error=typed.errors.get(own.position, ""),
        )

    def source(self, line: QuotedLine) -> str:
        said = source(line.price_source, self.tongue)
        if line.price_until is None:
            return said
        until = self.tongue.day_month(line.price_until, self.today)
        return self.tongue.gettext("{source}, until {day}").format(source=said, day=until)

    def part(self, line: QuotedLine, portion: Portion) -> Part:
        tongue, look = self.tongue, LOOKS[portion.status]
        _ = tongue.gettext
        told = foretold(line, portion, self.quote.chosen, self.quote.city, self.quote.locations)
        guessed = any(fact.get("fact") == "lead_time" for fact in portion.because)
        unconfirmed = portion.supply is not None and not portion.supply.confirmed
        is_unsure = portion.arrives_on and portion.stage == "waiting" and (guessed or unconfirmed)
        return Part(
            quantity=tongue.number(portion.quantity),
            unit=tongue.unit(line.unit, portion.quantity),
            role=look.role,
            icon=look.icon,
            word=word(portion.status, tongue),
            note=_("waits for the rest") if told.waits_for_rest else "",
            ships=tongue.day_html(portion.ships_on, self.today) if portion.ships_on else escape("–"),
            has_ships=portion.ships_on is not None,
            by=mode_word(line.mode, tongue),
            arrives=tongue.day_html(portion.arrives_on, self.today)
            if portion.arrives_on
            else escape(_("no date yet")),
            has_arrives=portion.arrives_on is not None,
            unsure=_("not confirmed") if is_unsure else "",
            sentence=sentence(told, self.words),
            amount=tongue.money(portion.quantity * line.unit_price, self.quote.currency),
        )

    def split(self, portions: Sequence[Portion]) -> Markup:
        """`In 2 parts: 40 ready, 60 still to come in`."""
        if len(portions) == 1:
            return Markup("")
        _, number = self.tongue.gettext, self.tongue.number
        ready = sum((p.quantity for p in portions if p.stage == "allocated"), ZERO)
        rest = sum((p.quantity for p in portions), Decimal(0)) - ready
        said = []
        if ready:
            said.append(self.tongue.strong(_("{n} on the shelf"), n=number(ready)))
        if rest:
            said.append(self.tongue.strong(_("{n} still to come in"), n=number(rest)))
        count = len(portions)
        whole = self.tongue.strong(self.tongue.ngettext("In {n} part", "In {n} parts", count), n=count)
        return Markup("{}: {}").format(whole, Markup(", ").join(said))

    def warning(self, line: QuotedLine) -> str:
        day = self.quote.chosen.arrives_on(line.line)
        if line.need_by is None or not is_late(line.need_by, day):
            return ""
        _, needed = self.tongue.gettext, self.tongue.day(line.need_by, self.today)
        if day is None:
            return _("Needed by {needed}, but nobody can name a day for all of it yet.").format(needed=needed)
        late = (day - line.need_by).days
        template = self.tongue.ngettext(
            "Needed by {needed}: the last of it arrives {n} day later, on {day}.",
            "Needed by {needed}: the last of it arrives {n} days later, on {day}.",
            late,
        )
        return template.format(
            needed=needed, n=self.tongue.number(late), day=self.tongue.day(day, self.today)
        )

    def later(self, position: int, typed: Typed) -> str:
        """What was shown before, where it is later now."""
        if position not in typed.before:
            return ""
        day = typed.before[position]
        shown = self.tongue.day(day, self.today) if day else self.tongue.gettext("no date yet")
        return self.tongue.gettext("was {day} when you looked").format(day=shown)
