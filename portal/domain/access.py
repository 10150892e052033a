"""Who asks, what they may see, and what they may do. Scope is decided here and nowhere else."""

from collections.abc import Iterable
from dataclasses import dataclass

from portal.domain.refusals import Forbidden

_READS = frozenset({"orders:read", "invoices:read", "returns:read"})
_BUYS = _READS | {
    "offers:answer",
    "orders:place",
    "approvals:read",
    "credit:read",
    "invoices:dispute",
    "returns:ask",
}
# What each role of a buying company may do with its own account's things. `approvals:decide` is what being asked needs:
# who is asked says the policy.
BUYER_ROLES: dict[str, frozenset[str]] = {
    "buyer": _BUYS,
    "approver": _READS | {"approvals:read", "approvals:decide", "credit:read"},
    "finance": _READS
    | {"approvals:read", "approvals:decide", "credit:read", "audit:read", "invoices:dispute"},
    "account_admin": _BUYS
    | {
        "approvals:decide",
        "policy:write",
        "audit:read",
        "webhooks:write",
        "tokens:write",
        "impersonation:control",
    },
    "reader": _READS,
}
# Whoever takes a buyer's call may write a dispute down for them, and answer it; crediting is finance's.
_STAFF = _READS | {
    "desk:read",
    "finance:read",
    "approvals:read",
    "credit:read",
    "audit:read",
    "invoices:dispute",
    "accounts:read",
    "connections:read",
    "tasks:do",
}
_OPERATIONS = _STAFF | {
    "connections:write",
    "shipments:write",
    "stock:write",
    "queue:write",
    "offers:write",
    "holds:set",
    "holds:operations",
    # On the word of a buyer who calls.
    "returns:ask",
    "returns:decide",
    "returns:receive",
}
_ACCOUNT_MANAGER = _STAFF | {
    # To see what a buyer sees, as that buyer.
    "impersonate",
    "offers:write",
    "holds:set",
    "holds:account_manager",
    "returns:ask",
    "returns:decide",
}
_FINANCE = _STAFF | {"holds:set", "holds:finance", "invoices:write", "returns:ask", "returns:decide"}
# What each role of the supplier may do, for every account. `holds:<role>` lifts the holds that wait for that role.
SUPPLIER_ROLES: dict[str, frozenset[str]] = {
    "account_manager": _ACCOUNT_MANAGER,
    "operations": _OPERATIONS,
    "finance": _FINANCE,
    "admin": _OPERATIONS | _ACCOUNT_MANAGER | _FINANCE,
}
SCOPES = (
    "accounts:write",
    "stock:write",
    "orders:write",
    "orders:bypass",
    "shipments:write",
    "invoices:write",
    "orders:read",
    "approvals:write",
    "webhooks:write",
    "*",
)


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person or a token. `accounts` are all it may see; None is the supplier, who sees every account."""

    actor: str
    name: str
    accounts: tuple[str, ...] | None
    permissions: frozenset[str]
    person_id: int | None = None
    email: str | None = None
    account: str | None = None
    roles: tuple[str, ...] = ()
    locale: str = "en"

    @property
    def is_supplier(self) -> bool:
        return self.accounts is None

    def may(self, permission: str) -> bool:
        """Whether the viewer holds the permission; `*` holds them all."""
        return "*" in self.permissions or permission in self.permissions

    def need(self, permission: str) -> None:
        """Refuse with a sentence unless the viewer holds the permission."""
        if not self.may(permission):
            raise Forbidden(f"This needs the permission {permission!r}, which {self.actor} does not have.")

    def sees(self, account: str) -> bool:
        """Whether the account is within the viewer's scope."""
        return self.accounts is None or account in self.accounts


def permissions_of(roles: Iterable[str], table: dict[str, frozenset[str]]) -> frozenset[str]:
    """The union of what the roles allow."""
    return frozenset().union(*(table.get(role, frozenset()) for role in roles))
