"""Whose cart a page is about, and what the cart's pages look up together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from litestar.handlers import BaseRouteHandler

from portal.db import carts, own_skus, scopes, shop
from portal.db.shop import Customer
from portal.db.work import Connection as Database
from portal.domain.carts import AMBIGUOUS, UNKNOWN, Cart
from portal.domain.refusals import NotFound, Unacceptable
from portal.domain.suggesting import Suggestion, rank
from portal.pages import Pages
from portal.routes.asking import Asked
from portal.routes.visitor import Connection, locale_of
from portal.views.buying.cart import MOST_FAULTY

NEEDS = "orders:place"
HERE = "/new-order"
# Of a form, in bytes: a pasted list of thousands of lines is still read, so that it can be refused by its lines.
LARGEST = 1024 * 1024 + 64 * 1024
# Looking for what is like a word goes through the whole catalogue.
MOST_LOOKED_FOR = 25


@dataclass(frozen=True, slots=True)
class Buying:
    """The account that somebody orders for, and all that they could order for."""

    customer: Customer
    accounts: Sequence[tuple[str, str]]
    is_named: bool

    def address(self, path: str = HERE, **query: object) -> str:
        """A page for the same account; what is empty is left out."""
        said = {"account": self.customer.number if self.is_named else "", **query}
        found = urlencode({name: value for name, value in said.items() if value})
        return f"{path}?{found}" if found else path


async def not_too_large(connection: Connection, _handler: BaseRouteHandler) -> None:
    """Guard, before a form is read: what is much larger than any list is refused in words. The framework's own limit
    stands behind it for whoever does not say how much is coming."""
    length = connection.headers.get("content-length", "")
    if length.isdecimal() and int(length) > LARGEST:
        pages: Pages = connection.app.state.pages
        _ = pages.tongue(locale_of(connection)).gettext
        raise Unacceptable(
            _(
                "This is more than 1 MB, and was not taken. Go back: what you typed is still there. Send it in "
                "parts, or upload a smaller file."
            )
        )


def path_of(whose: Buying, what: str) -> str:
    """What a form is for: whatever is sent once is sent once for this."""
    return f"{HERE}/{what}/{whose.customer.number}"


async def buying(conn: Database, asked: Asked, named: str) -> Buying:
    """For the account that is named, else for the person's own. A stranger's account is none."""
    viewer = asked.viewer
    number = named.replace("\x00", "").strip()[:80] or viewer.account
    customer = await shop.customer(conn, number) if number and viewer.sees(number) else None
    if customer is None or viewer.is_supplier:
        raise NotFound(f"There is no account {number!r}.")
    own = await scopes.accounts(conn, viewer, None)
    return Buying(customer, own, number != viewer.account)


async def cart_of(conn: Database, asked: Asked, customer: Customer) -> Cart | None:
    """Their cart for that account; none before the first line."""
    cart_id = await carts.find(conn, customer.number, asked.viewer.person_id or 0)
    return await carts.read(conn, cart_id, asked.today) if cart_id is not None else None


async def choices(conn: Database, customer: Customer, cart: Cart) -> Mapping[str, Sequence[Suggestion]]:
    """For the words that lead to no one product: what they can mean, or what is like them."""
    faulty = cart.faulty[:MOST_FAULTY]
    unknown = [line.typed for line in faulty if line.problem == UNKNOWN][:MOST_LOOKED_FOR]
    several = [line.typed for line in faulty if line.problem == AMBIGUOUS]
    like = await own_skus.alike(conn, customer, unknown)
    found = {typed: rank(typed, candidates) for typed, candidates in like.items()}
    if several:
        meant = await own_skus.meant(conn, customer, several)
        names = await own_skus.names(conn, [sku for skus in meant.values() for sku in skus])
        found |= {
            typed: [Suggestion(sku, sku, names.get(sku, "")) for sku in skus] for typed, skus in meant.items()
        }
    return found
