"""An order as one way of looking at it: loaded once per version, drawn once per arrangement and language, and kept.

The page and the live stream both take their parts from here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from types import SimpleNamespace

from markupsafe import Markup

from portal.db import approvals, detail, events
from portal.db.glance import version
from portal.db.scoped import Readers, reading
from portal.domain.access import Viewer
from portal.domain.orders import Foreseen, Order
from portal.domain.requests import Request
from portal.operations.foreseeing import foresee
from portal.pages import Pages
from portal.shelf import Shelf
from portal.views.order import listing
from portal.views.order.drawing import Drawn, arrangement, draw
from portal.views.order.listing import Found
from portal.views.order.scene import Scene
from portal.views.order.timeline import Happened
from portal.views.order.wanted import Wanted

MEGABYTE = 1 << 20
# Rough weight of a loaded order, for the shelf.
BYTES_PER_LINE = 4_000
# Of a longer story the newest events.
LONGEST_STORY = 1_000


@dataclass(frozen=True, slots=True)
class Look:
    """One way of looking at an order. All who look the same way are shown the same bytes.

    `read` is the last version that changes what stays marked as moved: not the version a person has read, but the
    newest move that they have read, so that readers who differ in nothing visible share their page.
    """

    number: str
    wanted: Wanted
    locale: str
    today: date
    read: int
    for_supplier: bool
    may_offer: bool = False
    sees_approvals: bool = False
    may_return: bool = False


@dataclass(frozen=True, slots=True)
class Where:
    """An order of an account. Whoever may see it is shown all of it, and the same as everybody else: who that is, is
    decided in the glance before. So it is loaded in the scope of its own account, whoever looks."""

    order_id: int
    number: str
    account: str

    @property
    def viewer(self) -> Viewer:
        return Viewer("portal", "portal", (self.account,), frozenset({"orders:read"}))


@dataclass(frozen=True, slots=True)
class Loaded:
    """An order at a version. `foreseen` is what would become of its standing offers as things stand elsewhere: it may
    change while the order's version stays."""

    order: Order
    events: Sequence[Happened]
    foreseen: Mapping[str, Foreseen] = field(default_factory=dict)
    requests: Sequence[Request] = ()

    def floor(self, read: int | None) -> int:
        """The newest move up to the version that was read."""
        moves = (move.version for line in self.order.lines for move in line.moves)
        return max((version for version in moves if version <= (read or 0)), default=0)


def was_asked(happened: Sequence[Happened]) -> bool:
    """Whether others ever had to agree to the order: most orders spare the look for it."""
    return len(happened) >= LONGEST_STORY or any(one.type == "order.approval_requested" for one in happened)


class Looking:
    def __init__(self, pages: Pages) -> None:
        self.pages = pages
        self.loaded = Shelf(64 * MEGABYTE)
        self.drawn = Shelf(128 * MEGABYTE)
        # Rows of the list of orders.
        self.rows = Shelf(32 * MEGABYTE)
        # Whole pages of one person, compressed.
        self.ready = Shelf(64 * MEGABYTE)

    async def load(self, readers: Readers, where: Where, at_least: int) -> Loaded | None:
        """The order at that version or a newer one."""
        kept: Loaded | None = self.loaded.get((where.order_id, at_least))
        loaded = kept if kept is not None else await self.load_now(readers, where)
        if loaded is None or not (offers := loaded.order.standing_offers):
            return loaded
        return replace(loaded, foreseen=await foresee(readers.main, loaded.order, offers))

    async def latest(self, readers: Readers, order_id: int, number: str) -> Loaded | None:
        """As it stands, from the shelf when nothing has happened since it was put there."""
        current = await version(readers.main, order_id)
        if current is None:
            return None
        at, account = current
        return await self.load(readers, Where(order_id, number, account), at)

    async def load_now(self, readers: Readers, where: Where) -> Loaded | None:
        """As it stands in the database."""
        viewer = where.viewer
        async with reading(readers.buyers, viewer) as conn:
            order = await detail.detail(conn, viewer, where.number)
            if order is None:
                return None
            happened: Sequence[Happened] = await events.timeline(conn, order.id, limit=LONGEST_STORY)
            requests = await approvals.of_order(conn, viewer, where.number) if was_asked(happened) else []
        # What was committed between the queries belongs to a version that is not shown yet.
        told = [event for event in happened if (event.version or 0) <= order.version]
        loaded = Loaded(order, told, requests=requests)
        self.loaded.put((order.id, order.version), loaded, BYTES_PER_LINE * len(order.lines))
        return loaded

    def known(self, order_id: int, version: int, look: Look) -> Drawn | None:
        """What was drawn of an earlier version, if it is still here."""
        drawn: Drawn | None = self.drawn.get((order_id, version, look))
        return drawn

    def draw(self, loaded: Loaded, look: Look) -> Drawn:
        key = (loaded.order.id, loaded.order.version, look)
        drawn: Drawn | None = self.drawn.get(key)
        if drawn is None or drawn.foreseen != loaded.foreseen:
            drawn = draw(
                self.scene(loaded, look), loaded.events, partial(self.pages.fragment, locale=look.locale)
            )
            self.drawn.put(key, drawn, drawn.size * 2)
        return drawn

    def scene(self, loaded: Loaded, look: Look) -> Scene:
        return Scene(
            loaded.order,
            self.pages.tongue(look.locale),
            look.today,
            look.wanted,
            look.read,
            look.for_supplier,
            look.may_offer,
            loaded.foreseen,
            loaded.requests,
            look.sees_approvals,
            look.may_return,
        )

    def row(self, order: Found, locale: str, today: date, *, shows_account: bool) -> Markup:
        """An order's row in the list."""
        key = (order.id, order.version, locale, today, shows_account)
        kept: Markup | None = self.rows.get(key)
        if kept is None:
            drawn = listing.row(order, self.pages.tongue(locale), today)
            kept = self.pages.fragment(
                "orders/_row.html", locale=locale, row=drawn, shows_account=shows_account
            )
            self.rows.put(key, kept, 2 * len(kept))
        return kept

    def body(self, drawn: Drawn, look: Look, live: SimpleNamespace) -> Markup:
        """Everything below the head, with the live switch between its parts."""
        switch = self.pages.fragment("orders/_live.html", locale=look.locale, live=live)
        return self.pages.fragment(
            "orders/_body.html", locale=look.locale, drawn=drawn, live=switch, arrangement=arrangement(drawn)
        )
