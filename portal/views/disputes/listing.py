"""The list of disputes: those that wait for the reader first among the tabs, each with whose turn it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from portal.db import disputes
from portal.domain.access import Viewer
from portal.domain.disputes import DisputeRow
from portal.domain.words import capitalised
from portal.filters import Tongue
from portal.views.invoices.words import State, dispute_reason, dispute_state

PATH = "/disputes"
SHELVES = ("open", "us", "credited", "rejected", "withdrawn", "all")


@dataclass(frozen=True, slots=True)
class Wanted:
    """`shelf` is a tab; `us` are those that wait for the supplier."""

    shelf: str = "open"
    q: str = ""
    before: int | None = None

    @classmethod
    def read(cls, query: Mapping[str, str], *, is_supplier: bool) -> "Wanted":
        """What is not known is left out: an old link must still open."""
        shelf, before = query.get("show", ""), query.get("before", "")
        known = [one for one in SHELVES if one != "us" or is_supplier]
        return cls(
            shelf if shelf in known else "open",
            query.get("q", "").replace("\x00", "").strip()[:80],
            int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None,
        )

    @property
    def search(self) -> disputes.Wanted:
        state = self.shelf if self.shelf not in ("us", "all") else None
        return disputes.Wanted(state, q=self.q, waits_for_us=self.shelf == "us", before=self.before)

    def href(self, shelf: str | None = None, before: int | None = None) -> str:
        said = {"show": shelf or self.shelf, "q": self.q, "before": str(before or "")}
        kept = {name: value for name, value in said.items() if value and (name, value) != ("show", "open")}
        return f"{PATH}?{urlencode(kept)}" if kept else PATH


@dataclass(frozen=True, slots=True)
class Row:
    number: str
    invoice: str
    order: str
    account: str
    reason: str
    lines: str
    worth: str
    opened: str
    by: str
    last: str
    state: State
    waits: str


@dataclass(frozen=True, slots=True)
class Listing:
    wanted: Wanted
    tabs: Sequence[tuple[str, str, bool]]
    rows: Sequence[Row]
    shows_account: bool
    following: str
    first: str
    empty: str


def listing(
    wanted: Wanted,
    found: Sequence[DisputeRow],
    following: int | None,
    viewer: Viewer,
    tongue: Tongue,
    today: date,
) -> Listing:
    _ = tongue.gettext
    words = {
        "open": _("Open"),
        "us": _("Waiting for us"),
        "credited": _("Credited"),
        "rejected": _("Rejected"),
        "withdrawn": _("Withdrawn"),
        "all": _("All"),
    }
    shelves = [one for one in SHELVES if one != "us" or viewer.is_supplier]
    return Listing(
        wanted=wanted,
        tabs=[(wanted.href(one), words[one], one == wanted.shelf) for one in shelves],
        rows=[_row(one, viewer, tongue, today) for one in found],
        shows_account=viewer.is_supplier or len(viewer.accounts or ()) > 1,
        following=wanted.href(before=following) if following else "",
        first=wanted.href() if wanted.before else "",
        empty=_empty(wanted, tongue),
    )


def _row(one: DisputeRow, viewer: Viewer, tongue: Tongue, today: date) -> Row:
    _ = tongue.gettext
    waits = ""
    if one.state == "open":
        is_ours = one.waits_for_us == viewer.is_supplier
        waits = (
            _("waits for you")
            if is_ours
            else _("waits for the buyer")
            if viewer.is_supplier
            else _("waits for us")
        )
    return Row(
        number=one.number,
        invoice=one.invoice,
        order=one.order,
        account=f"{one.account_name} ({one.account})",
        reason=capitalised(dispute_reason(one.reason, tongue)),
        lines=tongue.ngettext("{n} line", "{n} lines", one.lines).format(n=tongue.number(one.lines))
        if one.lines
        else "",
        worth=tongue.money(one.worth, one.currency) if one.worth else "",
        opened=tongue.moment(one.opened_at, today),
        by=one.opener,
        last=tongue.moment(one.last_at, today),
        state=dispute_state(one.state, tongue),
        waits=waits,
    )


def _empty(wanted: Wanted, tongue: Tongue) -> str:
    _ = tongue.gettext
    if wanted.q:
        return _("No dispute fits. Try the beginning of its number, of the invoice's or of the order's.")
    return {
        "open": _(
            "Nothing is disputed. Where an invoice bills what did not arrive, open it and dispute the line."
        ),
        "us": _("No dispute waits for an answer of ours."),
    }.get(wanted.shelf, _("There is none."))
