"""What each role may do, in words: made from the very table that decides it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from portal.domain.access import BUYER_ROLES, SUPPLIER_ROLES
from portal.domain.words import N_
from portal.filters import Tongue

# In the order in which people meet them. Every permission of every role has its words here: a test looks.
MAY: Mapping[str, str] = {
    "orders:read": N_("see orders, deliveries and dates"),
    "invoices:read": N_("see invoices and statements"),
    "returns:read": N_("see returns"),
    "orders:place": N_("place orders, change them, and keep lists"),
    "offers:answer": N_("answer when another product is offered"),
    "addresses:write": N_("say how each place wants its goods"),
    "returns:ask": N_("ask to send goods back"),
    "invoices:dispute": N_("say that an invoice is wrong"),
    "credit:read": N_("see what may still be ordered on credit"),
    "approvals:read": N_("see who has to agree to what"),
    "approvals:answer": N_("answer questions about a request, and take it back"),
    "approvals:decide": N_("approve or reject what they are asked to"),
    "policy:write": N_("say which orders need approval, and whose"),
    "people:write": N_("invite people, and say what each may do"),
    "sign_in:write": N_("say how people sign in: with their company, with a second factor"),
    "tokens:write": N_("make and revoke tokens of other systems"),
    "webhooks:write": N_("have other systems told what happens"),
    "impersonation:control": N_("say whether the supplier's people may look at the portal as one of them"),
    "audit:read": N_("read the audit log"),
    "desk:read": N_("see the desk: stock, queues, and what is held"),
    "shipments:write": N_("pick, pack and ship"),
    "stock:write": N_("book what comes in, and count stock"),
    "queue:write": N_("change who goes ahead in a queue"),
    "offers:write": N_("offer another product"),
    "holds:set": N_("hold orders"),
    "holds:operations": N_("lift holds that wait for operations"),
    "holds:account_manager": N_("lift holds that wait for the account manager"),
    "holds:finance": N_("lift holds that wait for finance"),
    "returns:decide": N_("decide on returns"),
    "returns:receive": N_("book what comes back"),
    "finance:read": N_("see what was billed, paid and is open"),
    "invoices:write": N_("bill, credit, and record payments"),
    "accounts:read": N_("see every account, and what is wrong there"),
    "accounts:write": N_("say how an account is looked after"),
    "tasks:do": N_("take tasks, and finish them"),
    "impersonate": N_("see what a buyer sees, as that buyer"),
    "connections:read": N_("see how connections to other systems are doing"),
    "connections:write": N_("mend connections to other systems"),
    "sign_in:help": N_("confirm mail domains of companies, and open a way back in for their people"),
    "staff:write": N_("say who of the supplier's people may do what"),
}
# From the least to the most.
BUYERS = ("reader", "buyer", "approver", "finance", "account_admin")
STAFF = ("account_manager", "operations", "finance", "admin")
_WORDS = {
    "reader": N_("Reader"),
    "buyer": N_("Buyer"),
    "approver": N_("Approver"),
    "finance": N_("Finance"),
    "account_admin": N_("Administrator"),
    "account_manager": N_("Account manager"),
    "operations": N_("Operations"),
    "admin": N_("Admin"),
}
_FOR = {
    "reader": N_("For whoever only needs to know."),
    "buyer": N_("For whoever orders."),
    "approver": N_("For whoever has to agree before others' orders are placed."),
    "account_admin": N_("For whoever arranges how the company works here."),
}
_FOR_STAFF = {
    "account_manager": N_("Looks after accounts and their people."),
    "operations": N_("Moves the goods."),
    "finance": N_("Bills, and sees that it is paid."),
    "admin": N_("May all of it, and says who else may what."),
}
_FINANCE = N_("For whoever looks after bills and what is paid.")
_PERIODS = {
    "day": N_("{amount} a day"),
    "week": N_("{amount} a week"),
    "month": N_("{amount} a month"),
    "quarter": N_("{amount} a quarter"),
    "year": N_("{amount} a year"),
}


@dataclass(frozen=True, slots=True)
class RoleCard:
    """`like` are the roles all of whose permissions it has, in words; `may` what comes on top."""

    name: str
    word: str
    text: str
    like: str
    may: Sequence[str]


def role_word(name: str, tongue: Tongue) -> str:
    return tongue.gettext(_WORDS[name]) if name in _WORDS else name


def role_text(name: str, tongue: Tongue, *, is_staff: bool = False) -> str:
    """For whom it is, in a sentence."""
    found = _FOR_STAFF[name] if is_staff else _FOR.get(name, _FINANCE)
    return tongue.gettext(found)


def up_to(amount: Decimal, currency: str, period: str | None, tongue: Tongue) -> str:
    """A limit: `£5,000 an order`, `£20,000 a month`."""
    template = _PERIODS.get(period or "", N_("{amount} an order"))
    return tongue.gettext(template).format(amount=tongue.money(amount, currency))


def cards(tongue: Tongue, *, is_staff: bool) -> list[RoleCard]:
    names, table = (STAFF, SUPPLIER_ROLES) if is_staff else (BUYERS, BUYER_ROLES)
    return [_card(name, names, table, tongue, is_staff=is_staff) for name in names]


def _card(
    name: str, names: Sequence[str], table: Mapping[str, frozenset[str]], tongue: Tongue, *, is_staff: bool
) -> RoleCard:
    _ = tongue.gettext
    within = [other for other in names if table[other] < table[name]]
    # Whoever is within another of them need not be named beside it.
    like = [one for one in within if not any(table[one] < table[other] for other in within)]
    left = table[name].difference(*(table[one] for one in like))
    said = ", ".join(role_word(one, tongue) for one in like)
    return RoleCard(
        name=name,
        word=role_word(name, tongue),
        text=role_text(name, tongue, is_staff=is_staff),
        like=_("All that {roles} may, and:").format(roles=said) if like else "",
        may=[_(words) for permission, words in MAY.items() if permission in left],
    )
