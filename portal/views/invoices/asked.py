"""The address of the list of invoices: which of them, kept in one place so that it can be sent and returned to."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal
from urllib.parse import urlencode

from portal.db.invoice_list import Asked as Search

# Shelves of the list, in the order of its tabs.
SHELVES = ("", "unpaid", "overdue", "paid", "credit_notes", "surplus", "disputed")
FIRST_YEAR, LAST_YEAR = 1970, 2199
PATH = "/invoices"
# A credit note is never paid, though the state of one that is settled is called so.
KINDS: Mapping[str, Literal["invoice", "credit_note"]] = {"credit_notes": "credit_note", "paid": "invoice"}


@dataclass(frozen=True, slots=True)
class Asked:
    """`shelf` is one of the tabs; `account` one of those that the reader sees, with those below it."""

    q: str = ""
    shelf: str = ""
    account: str = ""
    first: date | None = None
    last: date | None = None
    before: int | None = None

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "Asked":
        """What is not known is left out, not refused: an old link must still open."""
        shelf, before = query.get("show", ""), query.get("before", "")
        return cls(
            q=_plain(query.get("q", "")),
            shelf=shelf if shelf in SHELVES else "",
            account=_plain(query.get("account", "")),
            first=_day(query.get("from", "")),
            last=_day(query.get("to", "")),
            before=int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None,
        )

    def but(self, **changes: object) -> "Asked":
        """Another address; it begins at its first page."""
        return replace(self, **{"before": None, **changes})  # type: ignore[arg-type]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The fields of the address, always in the same order."""
        said = {
            "show": self.shelf,
            "q": self.q,
            "account": self.account,
            "from": str(self.first or ""),
            "to": str(self.last or ""),
            "before": str(self.before or ""),
        }
        return [(name, value) for name, value in said.items() if value]

    @property
    def query(self) -> str:
        return f"?{urlencode(self.pairs)}" if self.pairs else ""

    @property
    def href(self) -> str:
        return f"{PATH}{self.query}"

    @property
    def csv(self) -> str:
        """All that the list has, as a file."""
        return f"{PATH}.csv{self.but().query}"

    @property
    def is_narrowed(self) -> bool:
        """Whether something is left out besides what the tab and the account leave out."""
        return bool(self.q or self.first or self.last)

    @property
    def search(self) -> Search:
        """As the database is asked."""
        return replace(
            self.scope,
            q=self.q or None,
            issued_from=self.first,
            issued_to=self.last,
            state=self.shelf if self.shelf in ("overdue", "paid") else None,  # type: ignore[arg-type]
            kind=KINDS.get(self.shelf),
            unpaid=self.shelf == "unpaid",
            disputed=self.shelf == "disputed",
            surplus=self.shelf == "surplus",
        )

    @property
    def scope(self) -> Search:
        """Everything of the account."""
        return Search(account=self.account or None, below=True)


def _plain(text: str) -> str:
    return text.replace("\x00", "").strip()[:80]


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None
