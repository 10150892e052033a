"""The mail that tells what happened to one order: what is most pressing first, and where the whole order stands."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from markupsafe import Markup

from portal.domain import truth
from portal.domain.notifying import KINDS
from portal.domain.words import N_
from portal.filters import Tongue
from portal.views.letters.bursts import Happened, bursts
from portal.views.letters.letters import Letter, Way
from portal.views.letters.told_parts import headline, parts
from portal.views.order.scene import Scene

AT_ONCE = N_("Sent because you want to hear at once of: {kinds}.")
# A subject that names more is not read to its end.
NAMED = 2
# Pieces of news in one mail; more than that is a page.
MOST_PARTS = 12


def news(scene: Scene, happened: Iterable[Happened], page: str) -> Letter | None:
    """None when nothing of it is so any more."""
    told = bursts(scene, happened)
    if not told:
        return None
    shown = parts(scene, told[:MOST_PARTS], page)
    left = len(told) - len(shown)
    headlines = [headline(scene, one, said) for one, said in zip(told, shown, strict=False)]
    if len(shown) == 1 and headlines[0] == shown[0].text.striptags():
        # It is the title already.
        shown = [replace(shown[0], text=Markup(""))]
    tongue = scene.tongue
    said = _standing(scene, told)
    more = tongue.ngettext("And {n} more change.", "And {n} more changes.", left).format(n=left)
    return Letter(
        subject=f"{name(scene)}: {subject(headlines, tongue)}",
        preview=said or shown[0].more,
        title=headlines[0],
        paragraphs=[said] if said else [],
        ways=_ways(scene, told, page),
        parts=shown,
        facts=_facts(scene, told),
        small=[*([more] if left else []), because(tongue, AT_ONCE, {one.kind for one in told})],
    )


def _standing(scene: Scene, told: Sequence[Happened]) -> str:
    """The sentence at the head of the order's page; nothing where only money moved."""
    if all(KINDS[one.kind].group == "money" for one in told):
        return ""
    return truth.text(truth.truth(scene.order, scene.tongue.words(scene.today, weekdays=True)))


def name(scene: Scene) -> str:
    """The order as its people call it."""
    po = scene.order.purchase_order_number
    return scene.tongue.gettext("PO {number}").format(number=po) if po else scene.order.number


def subject(headlines: Sequence[str], tongue: Tongue) -> str:
    left = len(headlines) - NAMED
    named = "; ".join(headlines[:NAMED])
    if left <= 0:
        return named
    return tongue.ngettext("{news}, and {n} more", "{news}, and {n} more", left).format(
        news=named, n=tongue.number(left)
    )


def because(tongue: Tongue, template: str, kinds: Iterable[str]) -> str:
    """Which of their choices brought it."""
    _ = tongue.gettext
    titles = [_(kind.title) for name, kind in KINDS.items() if name in set(kinds)]
    return _(template).format(kinds=", ".join(titles))


def _ways(scene: Scene, told: Sequence[Happened], page: str) -> list[Way]:
    """What the reader is asked for comes first; then the order, and where its goods are followed."""
    _ = scene.tongue.gettext
    order = Way(_("Look at the order"), f"{page}{scene.path}")
    offered = next((one for one in told if one.type == "substitution.offered"), None)
    if offered is not None:
        answer = Way(_("Answer the offer"), f"{page}{scene.path}/offers/{offered.data['id']}")
        return [answer, order]
    billed = told[0].data.get("invoice") if KINDS[told[0].kind].group == "money" else None
    if billed:
        return [Way(_("Open {number}").format(number=billed), f"{page}/invoices/{billed}"), order]
    back = told[0].data.get("return") if told[0].kind == "return_received" else None
    if back:
        return [Way(_("Look at return {number}").format(number=back), f"{page}/returns/{back}"), order]
    tracked = [
        package.tracking_url
        for one in told
        if one.type.startswith("shipment.") and (sent := scene.shipments.get(str(one.data.get("shipment"))))
        for package in sent.packages
        if package.tracking_url and package.tracking_url.startswith(("https://", "http://"))
    ]
    return [order, *([Way(_("Follow the shipment"), tracked[0])] if tracked else [])]


def _facts(scene: Scene, told: Sequence[Happened]) -> list[tuple[str, str]]:
    _, order = scene.tongue.gettext, scene.order
    said = [(_("Order"), order.number)]
    if order.purchase_order_number:
        said.append((_("Purchase order"), order.purchase_order_number))
    said.append((_("Account"), order.account_name))
    said.append((_("Ship to"), ", ".join(filter(None, [order.ship_to.name, order.ship_to.city]))))
    if any(one.kind == "order_placed" for one in told):
        said.append((_("Total with tax"), scene.tongue.money(order.total, order.currency)))
    return said
