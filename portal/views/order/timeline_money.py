"""What money tells in an order's timeline: what was billed, credited and paid, and what somebody said was wrong."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from markupsafe import Markup, escape

from portal.filters import Tongue
from portal.views.invoices.words import credit_reason, dispute_reason
from portal.views.order.scene import Scene

Told = tuple[str, str, Markup, str]
Data = Mapping[str, Any]


def issued(scene: Scene, data: Data) -> Told:
    """`INV-2026-000214 issued, £964.49`, for which shipments, and by when."""
    tongue = scene.tongue
    _ = tongue.gettext
    said = _said(_("Invoice {invoice} issued, {amount}"), data, scene, "total")
    due_on = data.get("due_on")
    day = _("due {day}").format(day=tongue.day(date.fromisoformat(due_on), scene.today)) if due_on else ""
    shipments = [str(number) for number in data.get("shipments") or ()]
    for_goods = _("for {shipments}").format(shipments=", ".join(shipments)) if 0 < len(shipments) < 3 else ""
    return "muted", "invoices", said, _more(for_goods, day)


def credited(scene: Scene, data: Data) -> Told:
    """A credit note: which invoice it corrects, and why."""
    tongue = scene.tongue
    _ = tongue.gettext
    said = _said(_("Credit note {invoice} issued, {amount}"), data, scene, "total")
    corrects = _("corrects {number}").format(number=data["corrects"]) if data.get("corrects") else ""
    return "ready", "returned", said, _more(corrects, credit_reason(data.get("reason"), tongue))


def received(scene: Scene, data: Data) -> Told:
    """A payment, and what it leaves due."""
    tongue = scene.tongue
    _ = tongue.gettext
    said = _said(_("Payment of {amount} received for {invoice}"), data, scene, "amount")
    return "delivered", "tick", said, _more(_left(data, tongue), data.get("reference"))


def refunded(scene: Scene, data: Data) -> Told:
    """A surplus went back."""
    said = _said(scene.tongue.gettext("{amount} paid back of {invoice}"), data, scene, "amount")
    return "muted", "swap", said, _more(data.get("reference"))


def transferred(scene: Scene, data: Data) -> Told:
    """A surplus settles another invoice: told of both."""
    tongue = scene.tongue
    _ = tongue.gettext
    if data.get("to"):
        said = _said(_("{amount} of {invoice} moved to another invoice"), data, scene, "amount")
        return "muted", "swap", said, str(data["to"])
    said = _said(_("{amount} moved to {invoice} from another invoice"), data, scene, "amount")
    return "delivered", "swap", said, _more(data.get("from"), _left(data, tongue))


def _left(data: Data, tongue: Tongue) -> str:
    """What is still due after it."""
    _ = tongue.gettext
    if data.get("due") is None or not data.get("currency"):
        return ""
    due = Decimal(str(data["due"]))
    amount = tongue.money(abs(due), str(data["currency"]))
    if due > 0:
        return _("{amount} is still to pay").format(amount=amount)
    if due < 0:
        return _("{amount} more than was due").format(amount=amount)
    return _("it is paid in full")


def disputed(scene: Scene, data: Data) -> Told:
    """Somebody says that an invoice is wrong."""
    tongue = scene.tongue
    said = _said(tongue.gettext("Invoice {invoice} disputed"), data, scene, "total")
    reason = dispute_reason(str(data.get("reason") or ""), tongue)
    return "reserved", "unsure", said, _more(reason, _by(scene, data))


def answered(scene: Scene, data: Data) -> Told:
    """One more message in a case."""
    _ = scene.tongue.gettext
    said = _said(_("Message about the dispute of {invoice}"), data, scene, "total")
    who = data.get("author")
    return "reserved", "unsure", said, _more(who, data.get("text"))


def settled(scene: Scene, data: Data) -> Told:
    """How a case ended."""
    _ = scene.tongue.gettext
    outcome = {
        "credited": _("Dispute of {invoice} settled: credited"),
        "rejected": _("Dispute of {invoice} rejected"),
        "withdrawn": _("Dispute of {invoice} withdrawn"),
    }[str(data.get("outcome") or data.get("state"))]
    role, icon = ("delivered", "tick") if data.get("outcome") == "credited" else ("never", "cancelled")
    return role, icon, _said(outcome, data, scene, "total"), _more(data.get("credit_note"), data.get("text"))


def _said(template: str, data: Data, scene: Scene, amount: str) -> Markup:
    """The sentence, its invoice as a link."""
    number = str(data.get("invoice") or data.get("number") or "")
    link = Markup('<a href="/invoices/{0}">{0}</a>').format(number)
    value = data.get(amount)
    currency = str(data.get("currency") or scene.order.currency)
    money = scene.tongue.money(Decimal(str(value)), currency) if value is not None else ""
    return escape(template).format(invoice=link, amount=Markup("<b>{}</b>").format(money))


def _by(scene: Scene, data: Data) -> str:
    return scene.tongue.gettext("by {who}").format(who=data["by"]) if data.get("by") else ""


def _more(*parts: object) -> str:
    return ", ".join(str(part) for part in parts if part)


TELL = {
    "invoice.issued": issued,
    "credit_note.issued": credited,
    "payment.received": received,
    "payment.refunded": refunded,
    "payment.transferred": transferred,
    "invoice.disputed": disputed,
    "dispute.answered": answered,
    "dispute.settled": settled,
}
