"""The pages' environment without a portal around it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from markupsafe import Markup

from portal.domain.orders import Order
from portal.pages import Pages, Reader, Site
from portal.routes.looking import Loaded, Look, Looking
from portal.routes.orders import live_switch
from portal.views.order.drawing import Drawn
from portal.views.order.timeline import news
from portal.views.order.wanted import Wanted
from tests.templates import examples


@dataclass(frozen=True, slots=True)
class Shown:
    """A page, and the parts it was put together from."""

    page: str
    drawn: Drawn
    since: Markup


@pytest.fixture(scope="session")
def pages() -> Pages:
    return Pages(
        site=Site("Harrow & Pike", "/brand.css"), asset=lambda name: f"/static/{name}", zone="Europe/London"
    )


@pytest.fixture
def show(pages: Pages) -> Callable[..., Shown]:
    """`show(view="status", locale="de")`: the order page as the route puts it together."""

    def shown(
        order: Order | None = None,
        *,
        locale: str = "en",
        read: tuple[int, Any] | None = None,
        for_supplier: bool = False,
        **wanted: Any,
    ) -> Shown:
        looking = Looking(pages)
        loaded = Loaded(order or examples.order(), examples.events())
        floor = loaded.floor(read[0] if read else None)
        look = Look(loaded.order.number, Wanted(**wanted), locale, examples.TODAY, floor, for_supplier)
        drawn = looking.draw(loaded, look)
        told = news(looking.scene(loaded, look), loaded.events, read)
        person = Reader("token", f"/orders/{loaded.order.number}", "Petra Vogt", "Nordwind Maschinenbau")
        body = looking.body(drawn, look, live_switch(look, drawn.version))
        fragment = partial(pages.fragment, locale=locale)
        page = pages.page(
            "orders/show.html",
            locale=locale,
            reader=person,
            drawn=drawn,
            body=body,
            news=told,
            may_order=False,
            section="orders",
        )
        return Shown(
            page,
            drawn,
            fragment("orders/_since.html", news=told, drawn=drawn, reader=person, may_order=False),
        )

    return shown
