"""Why an order must be approved, in words with their numbers: each rule that applies, and what would avoid it."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from portal.filters import Tongue

Json = Mapping[str, Any]
# So many lines or products are named one by one.
FEW = 5


def reasons(found: Sequence[Json], currency: str, tongue: Tongue) -> list[str]:
    """Each rule that applies with the numbers that made it apply: `Large orders: the total of £75,000.00 is above
    £50,000.00`."""
    return [reason(one, currency, tongue) for one in found]


def reason(one: Json, currency: str, tongue: Tongue) -> str:
    """One rule that applies, and why."""
    name = rule_name(str(one.get("rule") or ""), tongue)
    facts = "; ".join(fact(said, currency, tongue) for said in one.get("because", ()))
    return tongue.gettext("{rule}: {facts}").format(rule=name, facts=facts) if facts else name


def rule_name(name: str, tongue: Tongue) -> str:
    """A rule's own name; the portal's word where it is not a rule of a policy."""
    _ = tongue.gettext
    return {"authority": _("Authority"), "": _("Policy")}.get(name, name)


def fact(said: Json, currency: str, tongue: Tongue) -> str:
    """One fact with its numbers."""
    tell = FACTS.get(str(said.get("fact")))
    return tell(said, str(said.get("currency") or currency), tongue) if tell else str(said.get("fact", ""))


def _money(said: Json, name: str, currency: str, tongue: Tongue) -> str:
    return tongue.money(Decimal(str(said[name])), currency)


def _always(_said: Json, _currency: str, tongue: Tongue) -> str:
    return tongue.gettext("it applies to every order")


def _total_above(said: Json, currency: str, tongue: Tongue) -> str:
    _ = tongue.gettext
    return _("the total of {total} is above {limit}").format(
        total=_money(said, "total", currency, tongue), limit=_money(said, "amount", currency, tongue)
    )


def _period_total_above(said: Json, currency: str, tongue: Tongue) -> str:
    return _in_period(str(said["period"]), tongue).format(
        total=_money(said, "total", currency, tongue), limit=_money(said, "amount", currency, tongue)
    )


def _other_currency(said: Json, currency: str, tongue: Tongue) -> str:
    return tongue.gettext("it is in {other}, so nobody can say that it is not above {limit}").format(
        other=said["ordered_in"], limit=_money(said, "amount", currency, tongue)
    )


def _in_period(period: str, tongue: Tongue) -> str:
    _ = tongue.gettext
    return {
        "month": _("with this order {total} are ordered this month, above {limit}"),
        "quarter": _("with this order {total} are ordered this quarter, above {limit}"),
        "year": _("with this order {total} are ordered this year, above {limit}"),
    }.get(period, _("with this order {total} are ordered in this period, above {limit}"))


def _category(said: Json, _currency: str, tongue: Tongue) -> str:
    named = ", ".join(map(str, said.get("categories", ())))
    return _on_lines(tongue.gettext("category {names}").format(names=named), said.get("lines", ()), tongue)


def _cost_centre(said: Json, _currency: str, tongue: Tongue) -> str:
    return tongue.gettext("cost centre {name}").format(name=said["cost_centre"])


def _ship_to(said: Json, _currency: str, tongue: Tongue) -> str:
    return tongue.gettext("it goes to {name}").format(name=said["ship_to"])


def _price_deviation(said: Json, currency: str, tongue: Tongue) -> str:
    _ = tongue.gettext
    lines = said.get("lines", ())
    if len(lines) == 1 and lines[0].get("agreed") is not None:
        return _("line {line} costs {price} instead of {agreed}, {percent} % more").format(
            line=lines[0]["line"],
            price=tongue.price(Decimal(lines[0]["price"]), currency),
            agreed=tongue.price(Decimal(lines[0]["agreed"]), currency),
            percent=tongue.number(Decimal(lines[0]["percent"])) if lines[0].get("percent") else "–",
        )
    more = _("the price is over {percent} % above what was agreed")
    return _on_lines(more.format(percent=tongue.number(Decimal(str(said["percent"])))), lines, tongue)


def _first_order(said: Json, _currency: str, tongue: Tongue) -> str:
    lines = said.get("lines", ())
    skus = [str(line["sku"]) for line in lines]
    if len(skus) <= FEW:
        return tongue.gettext("ordered for the first time: {skus}").format(skus=", ".join(skus))
    return tongue.ngettext(
        "{n} product is ordered for the first time", "{n} products are ordered for the first time", len(skus)
    ).format(n=tongue.number(len(skus)))


def _limit_per_order(said: Json, currency: str, tongue: Tongue) -> str:
    return tongue.gettext("{total} is above the requester's own limit of {limit} per order").format(
        total=_money(said, "total", currency, tongue), limit=_money(said, "amount", currency, tongue)
    )


def _limit_per_period(said: Json, currency: str, tongue: Tongue) -> str:
    _ = tongue.gettext
    template = {
        "month": _(
            "{total} and {before} ordered before are above the requester's own limit of {limit} a month"
        ),
        "quarter": _(
            "{total} and {before} ordered before are above the requester's own limit of {limit} a quarter"
        ),
        "year": _(
            "{total} and {before} ordered before are above the requester's own limit of {limit} a year"
        ),
    }[str(said["period"])]
    return template.format(
        total=_money(said, "total", currency, tongue),
        before=_money(said, "before", currency, tongue),
        limit=_money(said, "amount", currency, tongue),
    )


def _on_lines(what: str, lines: Sequence[Any], tongue: Tongue) -> str:
    """With the lines that it concerns, where they are few."""
    numbers = [str(line["line"] if isinstance(line, Mapping) else line) for line in lines]
    if not numbers:
        return what
    if len(numbers) > FEW:
        listed = tongue.ngettext("{n} line", "{n} lines", len(numbers)).format(n=tongue.number(len(numbers)))
    else:
        listed = tongue.ngettext("line {lines}", "lines {lines}", len(numbers)).format(
            lines=", ".join(numbers)
        )
    return tongue.gettext("{what} ({lines})").format(what=what, lines=listed)


FACTS: Mapping[str, Callable[[Json, str, Tongue], str]] = {
    "always": _always,
    "total_above": _total_above,
    "period_total_above": _period_total_above,
    "other_currency": _other_currency,
    "category": _category,
    "cost_centre": _cost_centre,
    "ship_to": _ship_to,
    "price_deviation_above": _price_deviation,
    "first_order_of_product": _first_order,
    "limit_per_order": _limit_per_order,
    "limit_per_period": _limit_per_period,
}


def avoid(said: Json, tongue: Tongue) -> str:
    """What would make a rule not apply: `below £50,000.00 it would not be asked (Large orders)`."""
    _ = tongue.gettext
    match said.get("fact"):
        case "below":
            amount = tongue.money(Decimal(str(said["amount"])), str(said["currency"]))
            what = _("an order of at most {amount}").format(amount=amount)
        case "price_within":
            what = _("prices of at most {percent} % above what was agreed").format(percent=said["percent"])
        case "without_category":
            what = _("an order without {names}").format(names=", ".join(map(str, said["categories"])))
        case "other_cost_centre":
            what = _("another cost centre than {name}").format(name=said["cost_centre"])
        case "other_ship_to":
            what = _("another destination than {name}").format(name=said["ship_to"])
        case "without_first_order":
            what = _("an order without products that are new to you")
        case _:
            what = str(said.get("fact", ""))
    return _("{rule}: {facts}").format(rule=rule_name(str(said.get("rule") or ""), tongue), facts=what)
