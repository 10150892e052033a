"""What can be wrong, in words, and where each is seen to."""

from urllib.parse import quote, urlencode

from portal.domain.problems import OF_ORDERS
from portal.filters import Tongue
from portal.views.order.statuses import LOOKS as STATUS_LOOKS
from portal.views.order.statuses import Look

LOOKS = {
    "late": Look("held", "today"),
    "failed": Look("held", "shipped"),
    "silent": Look("queued", "queue"),
    "held": STATUS_LOOKS["held"],
    "moved": Look("inbound", "supplier"),
    "disputed": Look("reserved", "unsure"),
    "returns": Look("reserved", "returned"),
    "overdue": Look("held", "invoices"),
    "bounced": Look("never", "bell"),
    "endpoints": Look("never", "connections"),
}


def problem_word(kind: str, tongue: Tongue) -> str:
    """A column, a filter: `Late`."""
    _ = tongue.gettext
    return {
        "late": _("Late"),
        "failed": _("Delivery failed"),
        "silent": _("No news"),
        "held": _("Held"),
        "moved": _("Date moved"),
        "disputed": _("Invoice disputed"),
        "returns": _("Return to decide"),
        "overdue": _("Invoice overdue"),
        "bounced": _("Mail comes back"),
        "endpoints": _("Webhook failing"),
    }[kind]


def counted(kind: str, n: int, tongue: Tongue) -> str:
    """So many of it, within a sentence: `3 orders late`."""
    ngettext = tongue.ngettext
    said = {
        "late": ngettext("{n} order late", "{n} orders late", n),
        "failed": ngettext("{n} delivery failed", "{n} deliveries failed", n),
        "silent": ngettext("{n} order without news", "{n} orders without news", n),
        "held": ngettext("{n} order held", "{n} orders held", n),
        "moved": ngettext("{n} order with a later date", "{n} orders with a later date", n),
        "disputed": ngettext("{n} dispute open", "{n} disputes open", n),
        "returns": ngettext("{n} return to decide", "{n} returns to decide", n),
        "overdue": ngettext("{n} invoice overdue", "{n} invoices overdue", n),
        "bounced": ngettext("mail to {n} person comes back", "mail to {n} people comes back", n),
        "endpoints": ngettext("{n} webhook failing", "{n} webhooks failing", n),
    }[kind]
    return said.format(n=tongue.number(n))


def where(kind: str, account: str) -> str:
    """Where these of an account are listed."""
    if kind in OF_ORDERS:
        return f"/orders?{urlencode({'account': account, 'problem': kind})}"
    return {
        "disputed": f"/disputes?{urlencode({'q': account})}",
        "returns": f"/returns?{urlencode({'show': 'requested', 'q': account})}",
        "overdue": f"/invoices?{urlencode({'show': 'overdue', 'account': account})}",
        "bounced": f"{account_path(account)}#people",
        "endpoints": f"/settings/webhooks?{urlencode({'account': account})}",
    }[kind]


def account_path(number: str) -> str:
    """The page of an account; its number may hold anything but a slash."""
    return f"/accounts/{quote(number, safe='')}"
