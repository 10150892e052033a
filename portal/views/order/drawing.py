"""An order drawn: each part of its page as HTML under its id. The page is put together from these parts, and the live
stream sends the ones that differ between two versions, so that both always say the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from markupsafe import Markup

from portal.domain.orders import Foreseen, Order
from portal.views.order.approvals import approvals
from portal.views.order.arrange import Rest, arrange, is_open
from portal.views.order.cards import cards
from portal.views.order.figures import figures
from portal.views.order.groups import Group
from portal.views.order.money import NOT_YET, money_of
from portal.views.order.offers import standing
from portal.views.order.returns import returns
from portal.views.order.rows import Row
from portal.views.order.scene import Scene
from portal.views.order.statuses import LOOKS, ROLES, hold_word, role_word_in
from portal.views.order.timeline import NEWEST, Happened, timeline
from portal.views.order.wanted import VIEWS


class Draws(Protocol):
    """Renders a fragment in the reader's language."""

    def __call__(self, name: str, /, **values: object) -> Markup: ...


@dataclass(frozen=True, slots=True)
class Drawn:
    """One order at one version, arranged one way, in one language. `blocks` are the table's body in order."""

    order: Order
    title: str
    parts: Mapping[str, Markup]
    blocks: Mapping[str, Markup]
    # What its offers were drawn with: that may change while the version stays.
    foreseen: Mapping[str, Foreseen] = field(default_factory=dict)
    size: int = field(init=False)

    def __post_init__(self) -> None:
        texts = (*self.parts.values(), *self.blocks.values())
        object.__setattr__(self, "size", sum(map(len, texts)))

    @property
    def number(self) -> str:
        return self.order.number

    @property
    def version(self) -> int:
        return self.order.version

    @property
    def delivery_notes(self) -> list[str]:
        """The shipments whose papers went with goods, the newest first."""
        return [one.number for one in reversed(self.order.shipments) if one.state != "cancelled"]

    @property
    def is_agreed(self) -> bool:
        """Whether there is something to confirm."""
        return self.order.state not in NOT_YET

    @property
    def nodes(self) -> dict[str, Markup]:
        return {**self.parts, **self.blocks}


@dataclass(frozen=True, slots=True)
class Choice:
    name: str
    word: str
    href: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Role:
    role: str
    word: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class HoldNotice:
    title: str
    text: str


def draw(scene: Scene, events: Sequence[Happened], fragment: Draws) -> Drawn:
    order = scene.order
    blocks: dict[str, Markup] = {}
    for block in arrange(scene):
        blocks[block.id] = _block(block, fragment)
    clear = scene.link(scene.wanted.but(only_open=False, status=""))
    if not blocks:
        blocks["no-lines"] = fragment("orders/_none.html", clear=clear)
    po = order.purchase_order_number
    drawn_cards, asked = cards(scene), approvals(scene)
    earlier = f"{scene.path}/timeline" if len(events) > NEWEST else None
    return Drawn(
        order=order,
        title=f"{order.number}, PO {po}" if po else order.number,
        parts={
            "order-head": fragment("orders/_head.html", scene=scene, figures=figures(scene)),
            "offers": fragment("orders/_offers.html", offers=standing(scene)),
            "approval": fragment("orders/_approval.html", request=asked.open),
            "holds": fragment("orders/_holds.html", holds=_holds(scene)),
            "tools": fragment(
                "orders/_tools.html",
                scene=scene,
                views=_views(scene),
                roles=_roles(scene),
                open_count=scene.tongue.number(sum(map(is_open, order.lines))),
                clear=clear,
            ),
            "lines-caption": fragment("orders/_caption.html", text=_caption(scene)),
            "lines-sum": fragment(
                "orders/_sum.html", label=_sum(scene), goods=scene.tongue.money(order.goods, order.currency)
            ),
            "shipments": fragment(
                "orders/_shipments.html",
                cards=drawn_cards,
                count=_card_count(scene, [c.is_planned for c in drawn_cards]),
            ),
            "approvals": fragment("orders/_approvals.html", approvals=asked),
            "returns": fragment("orders/_returns.html", returns=returns(scene)),
            "money": fragment("orders/_money.html", money=money_of(scene)),
            "timeline": fragment("orders/_timeline.html", days=timeline(scene, events), earlier=earlier),
        },
        blocks=blocks,
        foreseen=scene.foreseen,
    )


def arrangement(drawn: Drawn) -> Markup:
    """The ids of the table's blocks from top to bottom: the script puts them in that order."""
    return Markup('<div id="arrangement" data-ids="{}" hidden></div>').format(" ".join(drawn.blocks))


def _block(block: Group | Row | Rest, fragment: Draws) -> Markup:
    match block:
        case Row():
            return fragment("orders/_line.html", row=block)
        case Group():
            return fragment("orders/_group.html", group=block)
        case Rest():
            return fragment("orders/_rest.html", rest=block)


def _views(scene: Scene) -> list[Choice]:
    _ = scene.tongue.gettext
    words = {
        "line": _("By line"),
        "status": _("By status"),
        "arrival": _("By arrival"),
        "shipment": _("By shipment"),
    }
    plain = scene.wanted.but(opened=frozenset(), everything=False)
    return [Choice(v, words[v], scene.link(plain.but(view=v)), v == scene.view) for v in VIEWS]


def _roles(scene: Scene) -> list[Role]:
    present: dict[str, set[str]] = {}
    for line in scene.order.lines:
        for portion in line.portions:
            present.setdefault(LOOKS[portion.status].role, set()).add(portion.status)
    state, chosen = scene.order.state, scene.wanted.status
    return [
        Role(role, role_word_in(state, role, frozenset(present.get(role, ())), scene.tongue), role == chosen)
        for role in ROLES
        if role in present or role == scene.wanted.status
    ]


def _holds(scene: Scene) -> list[HoldNotice]:
    tongue = scene.tongue
    _ = tongue.gettext
    notices = []
    for hold in scene.order.holds:
        count = len(hold.lines) if hold.lines is not None else 0
        lines = (
            tongue.ngettext("{n} line", "{n} lines", count).format(n=count)
            if hold.lines is not None
            else _("the whole order")
        )
        since = _("since {moment}").format(moment=tongue.stamp(hold.set_at, scene.today))
        said = f"{hold_word(hold.reason, tongue)}, {since}"
        notices.append(
            HoldNotice(
                _("Held: {lines}").format(lines=lines), f"{said}. {hold.note}" if hold.note else f"{said}."
            )
        )
    return notices


def _caption(scene: Scene) -> str:
    tongue, count = scene.tongue, len(scene.order.lines)
    how = {
        "line": tongue.ngettext(
            "{n} line in the order's sequence.", "{n} lines in the order's sequence.", count
        ),
        "status": tongue.ngettext(
            "{n} line by what it waits for.",
            "{n} lines by what they wait for, most urgent first; a line in parts stands where its last part is.",
            count,
        ),
        "arrival": tongue.ngettext(
            "{n} line by the day it arrives.",
            "{n} lines by the day they arrive; a line in parts stands at each of its days.",
            count,
        ),
        "shipment": tongue.ngettext(
            "{n} line by the shipment it comes with.",
            "{n} lines by the shipment they come with; a line in parts stands in each of its shipments.",
            count,
        ),
    }[scene.view].format(n=tongue.number(count))
    changed = tongue.gettext("Last change {moment}.").format(
        moment=tongue.stamp(scene.order.updated_at, scene.today)
    )
    return f"{how} {changed}"


def _sum(scene: Scene) -> str:
    tongue, order = scene.tongue, scene.order
    lines = tongue.ngettext("{n} line", "{n} lines", len(order.lines)).format(
        n=tongue.number(len(order.lines))
    )
    return tongue.gettext("Goods, {lines}").format(lines=lines)


def _card_count(scene: Scene, planned: Sequence[bool]) -> str:
    tongue = scene.tongue
    sent, coming = planned.count(False), planned.count(True)
    _ = tongue.gettext
    if sent and coming:
        return _("{sent}, and {coming} planned").format(sent=sent, coming=coming)
    if coming:
        return _("{coming} planned").format(coming=coming)
    return tongue.number(sent) if sent else ""
