"""The address of the list of returns: which ones, and where the page begins."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

# What a list can be of, by what stands in its address.
SHELVES: dict[str, tuple[str, ...]] = {
    "": (),
    "requested": ("requested",),
    "expected": ("authorised",),
    "settled": ("closed", "refused", "cancelled"),
}


@dataclass(frozen=True, slots=True)
class AskedReturns:
    """`show` is a shelf; `q` the beginning of any number."""

    q: str = ""
    show: str = ""
    location: str = ""
    before: int | None = None

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "AskedReturns":
        """Unknown values are left out, not refused."""

        def said(name: str) -> str:
            return "".join(c for c in query.get(name, "") if c.isprintable()).strip()[:80]

        show, before = said("show"), said("before")
        is_key = before.isascii() and before.isdigit() and len(before) < 18
        return cls(
            said("q"), show if show in SHELVES else "", said("location"), int(before) if is_key else None
        )

    @property
    def is_filtered(self) -> bool:
        return bool(self.q or self.location)

    def href(self, **changes: object) -> str:
        """The same list with these differences, from its beginning unless `before` is named."""
        said = {"q": self.q, "show": self.show, "location": self.location, **changes}
        pairs = {name: str(value) for name, value in said.items() if value}
        return f"/returns?{urlencode(pairs)}" if pairs else "/returns"
