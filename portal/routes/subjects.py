"""What a buyer wants to change is looked for in their scope first, before any operation with the portal's own rights
hears of it: what is not theirs is not there, whatever that operation forgets to ask.

It is found by the address. What a form or a body names besides (the account of a new order, products, other orders of
a mass decision) is looked up by the operations themselves, within the viewer's accounts.
"""

from itertools import pairwise
from typing import Any

from litestar.connection import ASGIConnection

from portal.db.scoped import Readers, is_theirs
from portal.domain.access import Viewer
from portal.domain.refusals import NotFound

LOOKS = frozenset({"GET", "HEAD", "OPTIONS"})
# By the part of the address before the name: where it is kept, and what it is called.
KINDS: dict[str, tuple[tuple[str, str], str]] = {
    "accounts": (("account", "number"), "account"),
    "approvals": (("approval_request", "number"), "approval"),
    "disputes": (("dispute", "number"), "dispute"),
    "invoices": (("invoice", "number"), "invoice"),
    "orders": (("orders", "number"), "order"),
    "returns": (("goods_return", "number"), "return"),
    "shipments": (("shipment", "number"), "shipment"),
    "webhook-endpoints": (("connection", "id"), "endpoint"),
}


async def find_subject(connection: ASGIConnection[Any, Any, Any, Any], viewer: Viewer) -> None:
    """Refused, as if it were not there, where it is not the viewer's. The supplier's people may change everybody's."""
    if viewer.is_supplier or connection.scope.get("method") in LOOKS:
        return
    named = subject_of(connection.scope["path"], connection.path_params)
    if named is None:
        return
    kind, name = named
    where, word = KINDS[kind]
    readers: Readers = connection.app.state.readers
    if "\x00" in name or not await is_theirs(readers.buyers, viewer, where, name):
        raise NotFound(f"There is no {word} {name!r}.")


def subject_of(path: str, parameters: Any) -> tuple[str, str] | None:
    """(what kind it is, its name): the first part of the address that is a parameter, behind the word for its kind."""
    parts = path.removeprefix("/api/v1").split("/")
    given = {str(value) for value in parameters.values()}
    for kind, name in pairwise(parts):
        if kind in KINDS and name in given:
            return kind, name
    return None
