"""Pages that a buyer has over all orders: of whose accounts they speak, also when the supplier's people look."""

from collections.abc import Sequence
from dataclasses import dataclass

from litestar import Response

from portal.db import arrivals, scopes
from portal.db.work import Connection
from portal.domain.access import Viewer
from portal.routes.asking import Asked
from portal.views.sites import SiteNames


@dataclass(frozen=True, slots=True)
class Scope:
    """The accounts that a viewer may choose from, those that were chosen, and the sites of all of them."""

    accounts: Sequence[tuple[str, str]]
    chosen: tuple[str, ...]
    names: SiteNames


async def scope(conn: Connection, viewer: Viewer, account: str) -> Scope | None:
    """None when one of the supplier's people has named no account, or there is none of that number.

    A buyer who names an account that they do not see has chosen nothing.
    """
    below = await scopes.accounts(conn, viewer, account or None)
    mine = below if viewer.is_supplier or not account else await scopes.accounts(conn, viewer, None)
    if viewer.is_supplier and not below:
        return None
    numbers = tuple(number for number, _ in mine)
    return Scope(mine, tuple(number for number, _ in below), SiteNames(await arrivals.sites(conn, numbers)))


def choose_account(asked: Asked, section: str, action: str, account: str) -> Response[bytes]:
    """For the supplier's people: whose page shall it be? A number that nobody has stays in the form."""
    _ = asked.tongue.gettext
    problem = _("There is no account {number}.").format(number=account) if account else ""
    return asked.page(
        "today/choose.html",
        section=section,
        status=404 if account else 200,
        action=action,
        account=account,
        problem=problem,
    )


def named_account(query_account: str) -> str:
    return query_account.replace("\x00", "").strip()[:80]
