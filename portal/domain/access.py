"""Who asks, what they may see, and what they may do. Scope is decided here and nowhere else."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache

from portal.domain.refusals import Forbidden

_READS = frozenset({"orders:read", "invoices:read", "returns:read"})
_BUYS = _READS | {
    "offers:answer",
    "orders:place",
    "approvals:read",
    "credit:read",
    "invoices:dispute",
    "returns:ask",
    # To say how their places want their goods; to answer those who are to approve, or take a request back.
    "addresses:write",
    "approvals:answer",
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
        "people:write",
        # How its people sign in: their company's provider, second factors.
        "sign_in:write",
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
    # How an account is looked after.
    "accounts:write",
    "people:write",
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
    "admin": _OPERATIONS
    | _ACCOUNT_MANAGER
    | _FINANCE
    # The supplier's own people; and the way back in for an account whose provider has locked it out.
    | {"staff:write", "sign_in:help"},
}
# Somebody who looks as a buyer holds what that buyer holds and the account allows, both at once. Decisions, secrets and
# addresses are in neither set.
_LOOKS = frozenset({"orders:read", "invoices:read", "returns:read", "approvals:read", "credit:read"})
# What an account may let them do beyond looking: the only things that a form of theirs does.
ACTS = frozenset({"orders:place", "returns:ask", "invoices:dispute"})
IMPERSONATION: dict[str, frozenset[str]] = {"off": frozenset(), "read": _LOOKS, "order": _LOOKS | ACTS}
# From the narrowest to the widest.
LEVELS = tuple(IMPERSONATION)
# Roles of the supplier's whose people may look as a buyer.
IMPERSONATORS = tuple(role for role, held in SUPPLIER_ROLES.items() if "impersonate" in held)
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
# What an account's administrator may give a token of theirs, and what they need themselves for that.
OWN_SCOPES = {
    "orders:read": "orders:read",
    "orders:write": "orders:place",
    "approvals:write": "approvals:decide",
    "shipments:write": "returns:ask",
}


# Between the two in a signature; an address has no blanks.
_AS = " as "


@dataclass(frozen=True, slots=True)
class Impersonator:
    """Who really sits there: one of the supplier's people, who sees for a while what the viewer sees. `level` is what
    the account allows."""

    id: int
    person_id: int
    email: str
    name: str
    reason: str
    ends_at: datetime
    level: str

    def signs(self, email: str) -> str:
        """How what they do is signed: with both identities."""
        return f"{self.email}{_AS}{email}"


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person or a token. `accounts` are all it may see; None is the supplier, who sees every account.

    `permissions` are what the viewer may do anywhere at all: enough for what leads somewhere. Whatever is done to
    something of an account asks for that account.
    """

    actor: str
    name: str
    accounts: tuple[str, ...] | None
    permissions: frozenset[str]
    person_id: int | None = None
    email: str | None = None
    account: str | None = None
    roles: tuple[str, ...] = ()
    locale: str = "en"
    # Set when somebody else sees this viewer's pages: the rest speaks of whose pages they are.
    impersonator: Impersonator | None = None
    # A buyer's permissions for each of their accounts; None: `permissions` hold for all the viewer sees.
    held: Mapping[str, frozenset[str]] | None = field(default=None, hash=False)

    @property
    def author(self) -> str:
        """By what name what they write is kept: both, when somebody else writes in theirs."""
        return self.name if self.impersonator is None else f"{self.impersonator.name}{_AS}{self.name}"

    @property
    def is_supplier(self) -> bool:
        return self.accounts is None

    def may(self, permission: str, account: str | None = None) -> bool:
        """Whether the viewer holds the permission for the account; without one, whether they hold it for any."""
        if account is not None and not self.sees(account):
            return False
        held = self.permissions
        if account is not None and self.held is not None:
            held = self.held.get(account, frozenset())
        return "*" in held or permission in held

    def need(self, permission: str, account: str | None = None) -> None:
        """Refuse with a sentence unless the viewer may."""
        if not self.may(permission, account):
            where = "" if account is None else f" for {account}"
            raise Forbidden(
                f"This needs the permission {permission!r}{where}, which {self.actor} does not have."
            )

    def sees(self, account: str) -> bool:
        """Whether the account is within the viewer's scope."""
        return self.accounts is None or account in self.accounts

    def accounts_where(self, permission: str) -> tuple[str, ...] | None:
        """Of the accounts that they see those for which they hold the permission; None: every account there is."""
        if self.accounts is None:
            return None if self.may(permission) else ()
        if self.held is None:
            return self.accounts if self.may(permission) else ()
        return tuple(number for number in self.accounts if self.may(permission, number))

    def within(self, permission: str) -> "Viewer":
        """The same viewer, seeing nothing but where they hold the permission: whatever a page or an operation that
        needs it looks up, lists or changes is of one of those accounts. Refused when there is none."""
        self.need(permission)
        accounts = self.accounts_where(permission)
        if accounts == self.accounts:
            return self
        if not accounts:
            raise Forbidden(f"This needs the permission {permission!r}, which {self.actor} does not have.")
        return replace(
            self, accounts=accounts, account=self.account if self.account in accounts else accounts[0]
        )


@lru_cache(maxsize=1024)
def buyers(roles: str) -> frozenset[str]:
    """What a buyer may do who has these roles, named with blanks between them."""
    return permissions_of(roles.split(), BUYER_ROLES)


def permissions_of(roles: Iterable[str], table: dict[str, frozenset[str]]) -> frozenset[str]:
    """The union of what the roles allow."""
    return frozenset().union(*(table.get(role, frozenset()) for role in roles))


def both_of(actor: str | None) -> tuple[str, str] | None:
    """(who did it, in whose name) where an event or an entry was signed with two identities."""
    who, joint, whose = (actor or "").partition(_AS)
    return (who, whose) if joint else None


def name_of(actor: str | None, names: Mapping[str, str]) -> str:
    """What whoever signed so is called; both, where somebody did it as somebody else."""
    both = both_of(actor)
    if both is None:
        return names.get(actor or "", actor or "")
    return _AS.join(names.get(one, one) for one in both)


def seen_through(held: frozenset[str], impersonator: Impersonator | None) -> frozenset[str]:
    """What is left of a person's permissions when somebody else looks as them."""
    return held if impersonator is None else held & IMPERSONATION[impersonator.level]
