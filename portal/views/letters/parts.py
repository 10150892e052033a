"""What letters about approvals are written from: the request, its order, and what both look like in a mail."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from portal.domain import money
from portal.domain.orders import Line, Order
from portal.domain.requests import DecisionRead, Request
from portal.filters import Tongue
from portal.views.approvals.facts import reasons
from portal.views.letters.letters import Row

# The largest lines say what an order is about; the rest is one click away.
MOST_ROWS = 8


@dataclass(frozen=True, slots=True)
class Told:
    """What a letter is written from. `link` leads its reader to the page where they decide, empty where they cannot."""

    kind: str
    data: Mapping[str, Any]
    request: Request
    order: Order
    reader_id: int
    tongue: Tongue
    today: date
    page: str
    link: str = ""

    @property
    def total(self) -> str:
        return self.tongue.money(self.request.total, self.request.currency)

    @property
    def name(self) -> str:
        """The order as its people call it."""
        _ = self.tongue.gettext
        po = self.order.purchase_order_number
        return _("PO {number}").format(number=po) if po else self.request.order

    @property
    def portal(self) -> str:
        return f"{self.page}/approvals/{self.request.number}"

    def text(self, name: str) -> str:
        """A word of the mail's data; empty where there is none."""
        return str(self.data.get(name) or "")

    @property
    def last(self) -> DecisionRead | None:
        """What was said last by a person, for mails whose data do not repeat it."""
        return next((said for said in reversed(self.request.decisions) if said.name), None)

    @property
    def by(self) -> str:
        return self.text("by") or (self.last.name or "" if self.last else "")

    @property
    def comment(self) -> str:
        return self.text("comment") or (self.last.comment or "" if self.last else "")


def why(told: Told) -> list[str]:
    return [str(said) for said in reasons(told.request.reasons, told.request.currency, told.tongue)]


def expiry(told: Told) -> str:
    """When the request ends by itself; empty for one that does not."""
    at = told.request.expires_at
    return told.tongue.stamp(at, told.today) if at else ""


def facts(told: Told, *, expires: bool) -> list[tuple[str, str]]:
    """The order in figures; `expires` adds until when it can be decided."""
    _, order = told.tongue.gettext, told.order
    said = [(_("Order"), order.number)]
    if order.purchase_order_number:
        said.append((_("Purchase order"), order.purchase_order_number))
    said += [
        (_("Request"), told.request.number),
        (_("Asked by"), told.request.requester),
        (_("Account"), order.account_name),
        (_("Ship to"), ", ".join(filter(None, [order.ship_to.name, order.ship_to.city]))),
        (_("Total with tax"), told.total),
    ]
    if expires and told.request.is_open and told.request.expires_at:
        said.append((_("Open until"), expiry(told)))
    return said


def lines(told: Told) -> dict[str, Any]:
    """The largest lines, as the letter's `rows`."""
    tongue, currency = told.tongue, told.order.currency
    still = [line for line in told.order.lines if line.quantity > line.never]
    largest = sorted(still, key=lambda line: (-_amount(line, currency), line.line))[:MOST_ROWS]
    rows = [
        Row(
            line.line,
            line.sku,
            line.name,
            tongue.quantity(line.quantity - line.never, line.unit),
            tongue.money(_amount(line, currency), currency),
        )
        for line in sorted(largest, key=lambda line: line.line)
    ]
    left = len(still) - len(rows)
    title = tongue.ngettext("{n} line, before tax", "{n} lines, before tax", len(still))
    more = tongue.ngettext("and {n} smaller line", "and {n} smaller lines", left)
    return {
        "rows": rows,
        "rows_title": title.format(n=tongue.number(len(still))),
        "more_rows": more.format(n=tongue.number(left)) if left else "",
    }


def _amount(line: Line, currency: str) -> Decimal:
    return money.rounded((line.quantity - line.never) * line.unit_price, currency)
