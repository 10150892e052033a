"""What was asked of the list of requests, and the address that asks it again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from portal.db.approval_pages import Wanted
from portal.domain.inbox import SHELVES

PATH = "/approvals"
LONGEST = 80


@dataclass(frozen=True, slots=True)
class Asked:
    """The address of a list."""

    shelf: str = ""
    q: str = ""
    account: str = ""
    after: tuple[datetime, int] | None = None

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "Asked":
        """Unknown values are left out, not refused."""
        shelf = query.get("show", "")
        return cls(
            shelf=shelf if shelf in SHELVES else "",
            q=_clean(query.get("q", "")),
            account=_clean(query.get("account", "")),
            after=_key(query.get("after", "")),
        )

    @property
    def href(self) -> str:
        after = f"{int(self.after[0].timestamp() * 1_000_000)}_{self.after[1]}" if self.after else ""
        said = {"show": self.shelf, "q": self.q, "account": self.account, "after": after}
        pairs = {name: value for name, value in said.items() if value}
        return f"{PATH}?{urlencode(pairs)}" if pairs else PATH

    @property
    def is_filtered(self) -> bool:
        return bool(self.q or self.account)

    @property
    def wanted(self) -> Wanted:
        return Wanted(self.shelf, self.q, self.account, self.after)


def _clean(raw: str) -> str:
    return raw.replace("\x00", "").strip()[:LONGEST]


def _key(raw: str) -> tuple[datetime, int] | None:
    """Of the page before: microseconds and an id."""
    at, _, number = raw.partition("_")
    if not all(part.isascii() and part.isdigit() and len(part) < 19 for part in (at, number)):
        return None
    try:
        return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=int(at)), int(number)
    except OverflowError:
        return None
