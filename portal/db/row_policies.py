"""Whose rows each table holds, as the role of buyers' connections sees them. The migrations say the same to PostgreSQL;
a test compares both, and refuses a table that stands nowhere here.

`portal.accounts` and `portal.person` are set for each transaction (`portal.db.scoped`). Without them nothing is there.
"""

from collections.abc import Mapping
from dataclasses import dataclass

ROLE = "portal_buyer"

# Of the accounts that the viewer sees. `portal_accounts()` reads the setting; in a subquery, so that a statement reads
# it once and not with each row.
_THEIRS = "= any ((select portal_accounts())::text[])"
# Of those and of the accounts above them: what a company has agreed holds for its sites.
_AND_ABOVE = "= any ((select portal_lineage())::text[])"
_ME = "= (select portal_person())"


def theirs(column: str = "account") -> str:
    return f"{column} {_THEIRS}"


def and_above(column: str = "account") -> str:
    return f"{column} {_AND_ABOVE}"


def own(column: str = "person_id") -> str:
    return f"{column} {_ME}"


def colleagues(table: str) -> str:
    """A person's own, and that of the people of their accounts."""
    of_theirs = f"select from membership m where m.person_id = {table}.person_id and {theirs('m.account')}"
    return f"{own()} or exists ({of_theirs})"


@dataclass(frozen=True, slots=True)
class Parent:
    """Where a row's account comes from: `account` of the row of `table` that `column` names by its `key`."""

    table: str
    column: str
    key: str = "id"
    # Which column of the parent holds the account, and which one of this table is given it.
    account: str = "account"
    into: str = "account"
    # The supplier's own have none.
    nullable: bool = False


_OF_ONE_ACCOUNT = (
    "account_feed", "alert", "approval_decision", "approval_request", "approval_step", "audit_entry", "audit_head",
    "billing_run", "carrier_event", "cart", "cart_line", "cart_upload", "connection", "connection_secret",
    "credit_check", "credit_entry", "credit_figures", "dispute", "dispute_line",
    "dispute_message", "event", "goods_return", "goods_return_line", "hold", "impersonation",
    "impersonation_view", "invoice", "invoice_document", "invoice_line", "invoice_status", "invoice_tax",
    "line_billing", "order_line", "order_status", "orders", "package", "payment", "portion", "promise_change",
    "queue_override", "return_credit", "return_picture", "return_receipt", "saved_list", "saved_list_line", "ship_to",
    "shipment", "shipment_line", "substitution", "token", "watcher",
)  # fmt: skip
_ALSO_FROM_ABOVE = (
    "agreed_price", "allocation_agreement", "approval_policy", "identity_provider", "membership", "own_sku",
    "price_agreement",
)  # fmt: skip

# Rows of an account, and who sees them.
BY_ACCOUNT: Mapping[str, str] = {
    **dict.fromkeys(_OF_ONE_ACCOUNT, theirs()),
    # The request's account; `account` says where the authority of the seat comes from.
    "approval_seat": theirs("request_account"),
    # What was agreed or said for a company holds for its sites, so these read what stands above them.
    **dict.fromkeys(_ALSO_FROM_ABOVE, and_above()),
    # One's own first: those above are looked for only where a row is not.
    "account": f"{theirs('number')} or {and_above('number')}",
    "delegation": f"{and_above()} or {own('from_person_id')} or {own('to_person_id')}",
    "acquaintance": f"account = '' and (select portal_accounts()) is not null or {and_above()}",
    # How far a system of theirs has read; the supplier's read the same feeds.
    "feed_reader": f"{theirs()} and exists (select from token t where t.id = feed_reader.token_id)",
    # Which version a person has read of an order: theirs alone, while they may see the order.
    "order_visit": f"{theirs()} and {own()}",
}

# What was told to a system is its owner's, whose ever the event was: the supplier's systems hear of every account.
BY_CONNECTION: Mapping[str, str] = {
    "delivery": "exists (select from connection c where c.id = delivery.connection_id)",
    "delivery_attempt": "exists (select from delivery d where d.id = delivery_attempt.delivery_id)",
}

# Rows of persons.
BY_PERSON: Mapping[str, str] = {
    # Whoever ever belonged to an account that one sees, or to one above it, and the supplier's people.
    "person": "exists (select from acquaintance k where k.person_id = person.id)",
    "bulk_row": "exists (select from bulk_run r where r.id = bulk_row.run_id)",
    "bulk_run": own(),
    "bundle": own(),
    "calendar_link": own(),
    "notification_choice": own(),
    "today_visit": own(),
    "authenticator": colleagues("authenticator"),
    "login": colleagues("login"),
    "passkey": colleagues("passkey"),
    "recovery_code": colleagues("recovery_code"),
    "external_identity": colleagues("external_identity"),
}

# The same for everybody: what is sold, from where, when more comes, the supplier's name.
COMMON = (
    "clock", "feed_base", "freight_tariff", "inbound", "inbound_line", "location", "product", "stock_level", "supplier",
)  # fmt: skip

# Nothing of it is a buyer's to read. Of those with an account the policy stands all the same.
NOT_GRANTED: Mapping[str, str] = {
    "answer": "answers to forms and keys; looked up by whom they were given to, with the portal's own rights",
    "approval_link": "keys in mails",
    "entry_link": "keys in mails",
    "mail": "letters that wait, some with keys in them",
    "notice": "what is gathered for letters",
    "number_series": "how many invoices were written for everybody",
    "parked_message": "messages of the supplier's systems",
    "receipt": "what the supplier received",
    "story_play": "stories of the demo",
    "task": "what account managers look after",
    "told_position": "how far letters are gathered",
}
# The tables of an account among these, with the policy that would hold.
NOT_GRANTED_BY_ACCOUNT: Mapping[str, str] = dict.fromkeys(
    ("approval_link", "mail", "notice", "task"), theirs()
)

# Columns that hold secrets, or what is the supplier's alone: the others are granted one by one.
WITHHELD: Mapping[str, tuple[str, ...]] = {
    "authenticator": ("secret", "last_step"),
    "calendar_link": ("sha256",),
    "connection_secret": ("sealed",),
    "identity_provider": ("client_secret",),
    "inbound_line": ("for_order", "for_line"),
    "login": ("provider_token",),
    "passkey": ("public_key", "sign_count"),
    "person": ("password_hash", "session_epoch"),
    "queue_override": ("note",),
    "recovery_code": ("sha256",),
    "token": ("sha256",),
}

# Rows that get their account from their parent's, by a trigger: it cannot be wrong, and code that does not know of the
# column goes on writing.
FROM_PARENT: Mapping[str, Parent] = {
    "agreed_price": Parent("price_agreement", "agreement", "number"),
    "alert": Parent("connection", "connection_id", nullable=True),
    "approval_decision": Parent("approval_request", "request_id"),
    "approval_link": Parent("approval_request", "request_id"),
    "approval_seat": Parent("approval_request", "request_id", into="request_account"),
    "approval_step": Parent("approval_request", "request_id"),
    "carrier_event": Parent("shipment", "shipment_id"),
    "cart_line": Parent("cart", "cart_id"),
    "cart_upload": Parent("cart", "cart_id"),
    "connection_secret": Parent("connection", "connection_id", nullable=True),
    "dispute_line": Parent("dispute", "dispute_id"),
    "dispute_message": Parent("dispute", "dispute_id"),
    "goods_return_line": Parent("goods_return", "return_id"),
    "impersonation_view": Parent("impersonation", "impersonation_id"),
    "invoice_document": Parent("invoice", "invoice_id"),
    "invoice_tax": Parent("invoice", "invoice_id"),
    "order_visit": Parent("orders", "order_id"),
    "package": Parent("shipment", "shipment_id"),
    "return_credit": Parent("goods_return", "return_id"),
    "return_picture": Parent("goods_return", "return_id"),
    "return_receipt": Parent("goods_return", "return_id"),
    "saved_list_line": Parent("saved_list", "list_id"),
    "shipment_line": Parent("shipment", "shipment_id"),
    "watcher": Parent("connection", "connection_id", nullable=True),
}


def policies() -> dict[str, str]:
    """What a row must fulfil, by table."""
    return {**BY_ACCOUNT, **BY_CONNECTION, **BY_PERSON, **NOT_GRANTED_BY_ACCOUNT}
