"""A cart in one sentence, and what its goods weigh and how they travel."""

from collections.abc import Sequence
from decimal import Decimal

from markupsafe import Markup

from portal.domain.carts import Cart, Line
from portal.filters import Tongue


def shown(part: Sequence[tuple[int, Line]], total: int, tongue: Tongue) -> str:
    if not part or len(part) == total:
        return ""
    first, last, count = (tongue.number(n) for n in (part[0][0], part[-1][0], total))
    return tongue.gettext("Lines {first} to {last} of {count}").format(first=first, last=last, count=count)


def truth(cart: Cart, tongue: Tongue) -> Markup:
    """The cart in one sentence."""
    _ = tongue.gettext
    if not cart.lines:
        return tongue.strong(_("Nothing is in it yet."))
    count, faulty, moved = len(cart.orderable), len(cart.faulty), len(cart.moved)
    said = [
        tongue.strong(
            tongue.ngettext("{n} line for {money} before tax", "{n} lines for {money} before tax", count),
            n=tongue.number(count),
            money=tongue.money(cart.goods, cart.currency),
        )
    ]
    if faulty:
        needs = tongue.ngettext("{n} line needs a look", "{n} lines need a look", faulty)
        said.append(tongue.strong(needs, n=tongue.number(faulty)))
    if moved:
        changed = tongue.ngettext("{n} price has changed", "{n} prices have changed", moved)
        said.append(tongue.strong(changed, n=tongue.number(moved)))
    return Markup("; ").join(said) + "."


def facts(cart: Cart, tongue: Tongue) -> list[tuple[str, str]]:
    """What the goods weigh and how they travel."""
    _ = tongue.gettext
    facts = []
    weights = [(line, line.product.weight_kg) for line in cart.orderable if line.product]
    known = [line.quantity * kg for line, kg in weights if kg is not None and line.quantity is not None]
    if known:
        total = tongue.quantity(sum(known, Decimal(0)).quantize(Decimal("0.1")), "KGM")
        unknown = len(weights) - len(known)
        without = tongue.ngettext("without {n} line", "without {n} lines", unknown).format(n=unknown)
        facts.append((_("Weight"), f"{total}, {without}" if unknown else total))
    parcels = sum(line.product.mode == "parcel" for line in cart.orderable if line.product)
    freight = len(weights) - parcels
    said = []
    if parcels:
        said.append(tongue.ngettext("{n} line by parcel", "{n} lines by parcel", parcels).format(n=parcels))
    if freight:
        said.append(tongue.ngettext("{n} line by freight", "{n} lines by freight", freight).format(n=freight))
    if said:
        facts.append((_("Travels"), ", ".join(said)))
    return facts
