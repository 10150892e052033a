"""The mail of a morning: what happened since the last one, order by order."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup, escape

from portal.domain.words import N_
from portal.filters import Tongue
from portal.views.letters.bursts import RANK, Happened, bursts
from portal.views.letters.letters import Letter, Part, Way
from portal.views.letters.news import because, name
from portal.views.letters.parts import Told as Request
from portal.views.letters.told_parts import brief
from portal.views.order.scene import Scene

DAILY = N_("Sent because you want to hear once a day of: {kinds}.")
# Pieces of news of one order.
MOST_PARTS = 6


@dataclass(frozen=True, slots=True)
class OfOrder:
    """One order's news, and a request for its approval that waits for the reader."""

    scene: Scene
    happened: Sequence[Happened]
    request: Request | None = None


def digest(orders: Sequence[OfOrder], left: int, page: str, tongue: Tongue) -> Letter | None:
    """`left` is how many more orders have news that the mail has no room for. None when nothing is so any more."""
    told = [(one, bursts(one.scene, one.happened)) for one in orders]
    told = [(one, found) for one, found in told if found or one.request]
    if not told:
        return None
    told.sort(key=lambda pair: min((RANK.index(one.kind) for one in pair[1]), default=0))
    kinds = {one.kind for _, found in told for one in found}
    kinds |= {"approval_needed"} if any(one.request for one, _ in told) else set()
    count = len(told) + left
    title = tongue.ngettext("News of {n} order", "News of {n} orders", count).format(n=tongue.number(count))
    more = tongue.ngettext("{n} more order has news.", "{n} more orders have news.", left)
    names = ", ".join(name(one.scene) for one, _ in told[:4])
    return Letter(
        subject=f"{title}: {names}" if count <= len(told[:4]) else f"{title}: {names}, …",
        preview=names,
        title=title,
        paragraphs=[more.format(n=tongue.number(left))] if left else [],
        ways=[Way(tongue.gettext("Look at what is new"), f"{page}/today")],
        parts=[part for one, found in told for part in _of_order(one, found, page)],
        small=[because(tongue, DAILY, kinds)],
    )


def _of_order(one: OfOrder, found: Sequence[Happened], page: str) -> list[Part]:
    """The first part names the order."""
    scene = one.scene
    parts = [brief(scene, happened, page) for happened in found[:MOST_PARTS]]
    if one.request is not None:
        parts.insert(0, _to_decide(one.request))
    left = len(found) - MOST_PARTS
    if left > 0:
        said = scene.tongue.ngettext("and {n} more change", "and {n} more changes", left)
        parts.append(Part(text=escape(said.format(n=scene.tongue.number(left)))))
    place = ", ".join(filter(None, (scene.order.number, scene.order.ship_to.city)))
    title = f"{name(scene)} ({place})" if scene.order.purchase_order_number else place
    return [replace(parts[0], title=title, href=f"{page}{scene.path}"), *parts[1:]]


def _to_decide(told: Request) -> Part:
    _ = told.tongue.gettext
    said = _("{who} asks you to approve {total}").format(who=told.request.requester, total=told.total)
    return Part(
        text=Markup('<a class="link" style="color:#1b4f8f" href="{}">{}</a>').format(told.portal, said)
    )
