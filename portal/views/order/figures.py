"""The head of an order: who, when, where to, the sentence, the sums, the bar and its legend."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup, escape

from portal.domain.orders import Order
from portal.domain.truth import truth
from portal.filters import Tongue
from portal.views.order.bars import bar, swatch
from portal.views.order.scene import Scene
from portal.views.order.statuses import LOOKS, ROLES, order_state, role_word_in
from portal.views.problems import account_path


@dataclass(frozen=True, slots=True)
class Key:
    """One entry of the legend; it opens the lines it counts."""

    href: str
    swatch: Markup
    word: str
    figure: str
    lines: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Figures:
    state: str
    facts: Sequence[tuple[str, str]]
    truth: Markup
    sums: Sequence[Markup]
    bar: Markup
    label: str
    legend: Sequence[Key]


def figures(scene: Scene) -> Figures:
    by_role = _amounts(scene.order)
    legend = [_key(scene, role, by_role[role]) for role in ROLES if role in by_role]
    return Figures(
        state=order_state(scene.order.state, scene.tongue),
        facts=_facts(scene),
        truth=_truth(scene),
        sums=_sums(scene),
        bar=bar({role: amount for role, (amount, _, _) in by_role.items()}, "bar big"),
        label=scene.tongue.gettext("By status: {figures}").format(
            figures="; ".join(f"{key.word} {key.figure}" for key in legend)
        ),
        legend=legend,
    )


def _facts(scene: Scene) -> list[tuple[str, str]]:
    order, tongue, today = scene.order, scene.tongue, scene.today
    _ = tongue.gettext
    ordered = tongue.day(tongue.on(order.placed_at), today)
    to = ", ".join(filter(None, (order.ship_to.city, order.ship_to.name)))
    said: list[tuple[str, str]] = [(_("Account"), _account(scene))] if scene.for_supplier else []
    said.append(
        (
            _("Ordered"),
            _("{day} by {who}").format(day=ordered, who=order.placed_by) if order.placed_by else ordered,
        )
    )
    if order.requested_on:
        said.append((_("Wanted for"), tongue.day(order.requested_on, today)))
    said.append((_("To"), to))
    said.append((_("Delivery"), preference(order.delivery_preference, tongue)))
    if order.complete_arrives_on and order.delivery_preference == "complete_only":
        said.append((_("All arrives"), tongue.day(order.complete_arrives_on, today)))
    said.append((_("Terms"), _terms(scene)))
    if order.cost_centre:
        said.append((_("Cost centre"), order.cost_centre))
    if order.instructions:
        said.append((_("Instructions"), order.instructions))
    return said


def _account(scene: Scene) -> Markup:
    """Whoever looks after it is a click away."""
    order = scene.order
    link = Markup('<a href="{}">{}</a> ({})')
    return link.format(account_path(order.account), order.account_name, order.account)


def preference(code: str, tongue: Tongue) -> str:
    _ = tongue.gettext
    return {
        "as_available": _("as available"),
        "complete_only": _("all in one delivery"),
        "weekly": _("collected, once a week"),
    }.get(code, code)


def _terms(scene: Scene) -> str:
    tongue, days = scene.tongue, scene.order.payment_terms_days
    _ = tongue.gettext
    paid = tongue.ngettext("{n} day net", "{n} days net", days).format(n=days) if days else _("due at once")
    billed = {
        "on_shipment": _("by shipment"),
        "on_delivery": _("by delivery"),
        "consolidated": _("one invoice for many"),
        "on_order": _("invoiced when ordered"),
    }.get(scene.order.invoice_terms, "")
    return ", ".join(filter(None, (paid, billed)))


def _truth(scene: Scene) -> Markup:
    pieces = truth(scene.order, scene.tongue.words(scene.today, weekdays=True))
    return Markup("").join(Markup("<b>{}</b>").format(p.text) if p.strong else escape(p.text) for p in pieces)


def _sums(scene: Scene) -> list[Markup]:
    """Ordered, shipped and delivered, still to come, never: quantities of one unit, else lines."""
    order, tongue = scene.order, scene.tongue
    _ = tongue.gettext
    unit, lines = order.unit, order.lines
    if unit is None:
        done = sum(line.is_complete for line in lines)
        said = tongue.strong(
            tongue.ngettext("{n} line ordered", "{n} lines ordered", len(lines)), n=tongue.number(len(lines))
        )
        return [
            said,
            tongue.strong(_("{n} complete"), n=done),
            tongue.strong(_("{n} still to come"), n=len(lines) - done),
        ]
    ordered = sum((line.quantity for line in lines), Decimal(0))
    shipped = sum((line.shipped for line in lines), Decimal(0))
    delivered = sum((line.delivered for line in lines), Decimal(0))
    to_come = sum((line.to_come for line in lines), Decimal(0))
    never = sum((line.never for line in lines), Decimal(0))
    number = tongue.number
    said_shipped = tongue.strong(_("{n} shipped"), n=number(shipped))
    if delivered:
        more = tongue.strong(_("{n} of them delivered"), n=number(delivered))
        said_shipped = Markup("{}, {}").format(said_shipped, more)
    sums = [
        tongue.strong(
            _("{n} {unit} ordered").replace("{unit}", tongue.unit(unit, ordered)), n=number(ordered)
        ),
        said_shipped,
        tongue.strong(_("{n} still to come"), n=number(to_come)),
    ]
    return [*sums, tongue.strong(_("{n} never coming"), n=number(never))] if never else sums


def _amounts(order: Order) -> dict[str, tuple[Decimal, int, frozenset[str]]]:
    """By role: how much (quantity where units agree, else lines' shares), in how many lines, which statuses."""
    summable = order.unit is not None
    amounts: dict[str, Decimal] = {}
    lines: dict[str, set[int]] = {}
    statuses: dict[str, set[str]] = {}
    for line in order.lines:
        for portion in line.portions:
            role = LOOKS[portion.status].role
            share = portion.quantity if summable else portion.quantity / line.quantity
            amounts[role] = amounts.get(role, Decimal(0)) + share
            lines.setdefault(role, set()).add(line.line)
            statuses.setdefault(role, set()).add(portion.status)
    return {role: (amounts[role], len(lines[role]), frozenset(statuses[role])) for role in amounts}


def _key(scene: Scene, role: str, amount: tuple[Decimal, int, frozenset[str]]) -> Key:
    tongue = scene.tongue
    quantity, lines, statuses = amount
    is_chosen = scene.wanted.status == role
    counted = tongue.ngettext("{n} line", "{n} lines", lines).format(n=tongue.number(lines))
    summable = scene.order.unit is not None
    return Key(
        href=scene.link(scene.wanted.but(status="" if is_chosen else role)),
        swatch=swatch(role),
        word=role_word_in(scene.order.state, role, statuses, tongue),
        figure=tongue.number(quantity) if summable else tongue.number(lines),
        lines=tongue.gettext("in {lines}").format(lines=counted)
        if summable
        else tongue.ngettext("line", "lines", lines),
        is_chosen=is_chosen,
    )
