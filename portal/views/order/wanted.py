"""How a reader wants an order's lines; all of it stands in the address, to be kept, sent and gone back to."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from portal.views.order.statuses import ROLES

VIEWS = ("line", "status", "arrival", "shipment")
# From here on lines are arranged by status at first: the question is then rarely about one line.
MANY_LINES = 12
# The most lines that are drawn at once unless asked for all.
MOST = 200
SLUG = re.compile(r"[a-z0-9_-]{1,60}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """`view` is empty while the order decides; `opened` are the groups that show all their lines."""

    view: str = ""
    only_open: bool = False
    status: str = ""
    opened: frozenset[str] = frozenset()
    everything: bool = False

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "Wanted":
        """Unknown values are left out, not refused: an old link must still open."""
        view, status = query.get("view", ""), query.get("status", "")
        opened = [slug for slug in query.get("open", "").split(",") if SLUG.fullmatch(slug)]
        return cls(
            view=view if view in VIEWS else "",
            only_open=query.get("only") == "open",
            status=status if status in ROLES else "",
            opened=frozenset(opened[:20]),
            everything=query.get("all") == "1",
        )

    def view_of(self, lines: int) -> str:
        return self.view or ("status" if lines > MANY_LINES else "line")

    def but(self, **changes: object) -> "Wanted":
        return replace(self, **changes)  # type: ignore[arg-type]

    def opening(self, slug: str) -> "Wanted":
        return replace(self, opened=self.opened | {slug})

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The fields of the address, always in the same order."""
        said = {
            "view": self.view,
            "only": "open" if self.only_open else "",
            "status": self.status,
            "open": ",".join(sorted(self.opened)),
            "all": "1" if self.everything else "",
        }
        return [(name, value) for name, value in said.items() if value]

    @property
    def query(self) -> str:
        """`?view=status&only=open`, or nothing."""
        return f"?{urlencode(self.pairs, safe=',')}" if self.pairs else ""

    @property
    def is_filtered(self) -> bool:
        return self.only_open or bool(self.status)
