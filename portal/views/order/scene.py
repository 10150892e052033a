"""What every view of an order looks at: the order, whose eyes, which language, which day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from portal.domain.orders import Foreseen, Order, Shipment
from portal.domain.requests import Request
from portal.domain.words import Words
from portal.filters import Tongue
from portal.views.order.wanted import Wanted


@dataclass(frozen=True, slots=True)
class Scene:
    """`read` is the version up to which the reader has read: dates that moved later stay marked.

    `may_offer`: other products are theirs to offer, or, of a buyer, to accept. `foreseen` tells of each standing offer,
    by its id, what would become of it. `requests` are those for its approval, the newest first; `sees_approvals`: the
    reader may open them.
    """

    order: Order
    tongue: Tongue
    today: date
    wanted: Wanted
    read: int = 0
    for_supplier: bool = False
    may_offer: bool = False
    foreseen: Mapping[str, Foreseen] = field(default_factory=dict)
    requests: Sequence[Request] = ()
    sees_approvals: bool = False
    # They may announce goods that come back.
    may_return: bool = False
    words: Words = field(init=False)
    shipments: Mapping[str, Shipment] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", self.tongue.words(self.today))
        object.__setattr__(self, "shipments", {s.number: s for s in self.order.shipments})

    @property
    def view(self) -> str:
        return self.wanted.view_of(len(self.order.lines))

    @property
    def path(self) -> str:
        return f"/orders/{self.order.number}"

    def link(self, wanted: Wanted, anchor: str = "lines") -> str:
        """The address of this order, arranged that way."""
        return f"{self.path}{wanted.query}#{anchor}"

    def place(self, code: str | None) -> str:
        """A location's name for people."""
        place = self.order.locations.get(code or "")
        return place.name if place else code or ""
