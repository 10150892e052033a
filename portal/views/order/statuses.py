"""How each status looks: its role (a colour and a pattern), its icon, its word. Never a colour without the word."""

from dataclasses import dataclass
from functools import lru_cache

from portal.filters import Tongue


@dataclass(frozen=True, slots=True)
class Look:
    role: str
    icon: str


# Roles in the order of the bar: what is there first, what never comes last.
ROLES = ("delivered", "shipped", "ready", "held", "inbound", "reserved", "queued", "never")
# Solid is yours, a pattern is not yours yet: it survives grey print and colour blindness.
PATTERNS = {"held": "p-d", "inbound": "p-a", "reserved": "p-b", "queued": "p-c", "never": "p-n"}

LOOKS = {
    "returned": Look("never", "returned"),
    "delivered": Look("delivered", "delivered"),
    "shipped": Look("shipped", "shipped"),
    "packed": Look("ready", "packed"),
    "picking": Look("ready", "picking"),
    "allocated": Look("ready", "ready"),
    "held": Look("held", "held"),
    "awaiting_inspection": Look("inbound", "inspection"),
    "awaiting_transfer": Look("inbound", "transfer"),
    "awaiting_production": Look("inbound", "production"),
    "awaiting_supplier": Look("inbound", "supplier"),
    "reserved_elsewhere": Look("reserved", "reserved"),
    "backordered": Look("queued", "queue"),
    "waiting": Look("queued", "queue"),
    "cancelled": Look("never", "cancelled"),
}


@lru_cache(maxsize=1024)
def word(status: str, tongue: Tongue) -> str:
    """The status as a buyer reads it."""
    _ = tongue.gettext
    return {
        "returned": _("Returned"),
        "delivered": _("Delivered"),
        "shipped": _("Shipped"),
        "packed": _("Packed"),
        "picking": _("Picking"),
        "allocated": _("Ready to ship"),
        "held": _("Held"),
        "awaiting_inspection": _("Awaiting inspection"),
        "awaiting_transfer": _("Awaiting transfer"),
        "awaiting_production": _("Awaiting production"),
        "awaiting_supplier": _("Awaiting supplier"),
        "reserved_elsewhere": _("Reserved"),
        "backordered": _("Backordered"),
        "waiting": _("Being planned"),
        "cancelled": _("Cancelled"),
    }[status]


def word_in(state: str, status: str, tongue: Tongue) -> str:
    """The same, of an order in this state: what waits to be approved is not being planned."""
    if status == "waiting" and state == "pending_approval":
        return order_state(state, tongue)
    return word(status, tongue)


@lru_cache(maxsize=1024)
def role_word(role: str, statuses: frozenset[str], tongue: Tongue) -> str:
    """The word of a role in the legend: the status's own when there is but one of it."""
    if len(statuses) == 1:
        return word(next(iter(statuses)), tongue)
    _ = tongue.gettext
    return {
        "delivered": _("Delivered"),
        "shipped": _("Shipped"),
        "ready": _("Ready or packed"),
        "held": _("Held"),
        "inbound": _("Awaiting supply"),
        "reserved": _("Reserved"),
        "queued": _("Backordered"),
        "never": _("Cancelled or returned"),
    }[role]


def role_word_in(state: str, role: str, statuses: frozenset[str], tongue: Tongue) -> str:
    """The same, of an order in this state."""
    return word_in(state, "waiting", tongue) if statuses == {"waiting"} else role_word(role, statuses, tongue)


@lru_cache(maxsize=1024)
def hold_word(reason: str, tongue: Tongue) -> str:
    """Who or what stops it, small beside "Held"."""
    _ = tongue.gettext
    return {
        "finance": _("by our finance team"),
        "credit": _("for a credit decision"),
        "quality": _("by our quality check"),
        "approval": _("for an approval"),
        "address": _("for the address"),
        "manual": _("by our service"),
    }.get(reason, reason)


@lru_cache(maxsize=1024)
def order_state(state: str, tongue: Tongue) -> str:
    _ = tongue.gettext
    return {
        "draft": _("Draft"),
        "pending_approval": _("Waits for approval"),
        "rejected": _("Not approved"),
        "held": _("On hold"),
        "open": _("Open"),
        "closed": _("Closed"),
        "cancelled": _("Cancelled"),
    }[state]


@lru_cache(maxsize=1024)
def shipment_state(state: str, tongue: Tongue) -> str:
    _ = tongue.gettext
    return {
        "pending": _("Being prepared"),
        "shipped": _("Shipped"),
        "in_transit": _("In transit"),
        "out_for_delivery": _("Out for delivery"),
        "delivered": _("Delivered"),
        "exception": _("Problem on the way"),
        "returned_to_sender": _("Coming back"),
        "cancelled": _("Cancelled"),
    }.get(state, state)


@lru_cache(maxsize=1024)
def mode_word(mode: str, tongue: Tongue) -> str:
    _ = tongue.gettext
    return {"parcel": _("Parcel"), "freight": _("Freight")}.get(mode, mode)
