"""The address of the board of accounts: whose, with which problem, what was searched, and where the page begins."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from portal.db import account_board
from portal.domain.problems import KINDS

PATH = "/accounts"
WHOSE = ("mine", "all", "nobodys")


@dataclass(frozen=True, slots=True)
class AskedAccounts:
    """`whose` empty: mine, for whoever looks after some, else everybody's. `show` is `all` for accounts without a
    problem too."""

    whose: str = ""
    problem: str = ""
    q: str = ""
    show: str = ""
    after: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "AskedAccounts":
        """Unknown values are left out, not refused."""

        def said(name: str) -> str:
            return "".join(c for c in query.get(name, "") if c.isprintable()).strip()[:160]

        whose, problem = said("whose"), said("problem")
        return cls(
            whose=whose if whose in WHOSE else "",
            problem=problem if problem in KINDS else "",
            q=said("q")[:80],
            show="all" if said("show") == "all" else "",
            after=said("after"),
        )

    def href(self, **changes: str) -> str:
        """The same board with these differences, from its beginning unless `after` is named."""
        asked = replace(self, **{"after": "", **changes})
        said = {
            "whose": asked.whose,
            "problem": asked.problem,
            "q": asked.q,
            "show": asked.show,
            "after": asked.after,
        }
        pairs = {name: value for name, value in said.items() if value}
        return f"{PATH}?{urlencode(pairs)}" if pairs else PATH

    def wanted(self, *, manages_any: bool) -> account_board.Wanted:
        """What is looked for, by somebody who looks after accounts or not."""
        whose = self.chosen(manages_any=manages_any)
        return account_board.Wanted(
            "" if whose == "all" else whose, self.problem, self.q, self.show == "all", self._place
        )

    def chosen(self, *, manages_any: bool) -> str:
        return self.whose or ("mine" if manages_any else "all")

    @property
    def _place(self) -> tuple[int, int, str] | None:
        """`0.-12.NORDWIND`: the key of the last account of the page before."""
        first, _, rest = self.after.partition(".")
        of, _, number = rest.partition(".")
        is_count = of.startswith("-") or of == "0"
        if first not in ("0", "1") or not is_count or not of.lstrip("-").isdigit() or len(of) > 9:
            return None
        return int(first), int(of), number


def place(key: tuple[int, int, str] | None) -> str:
    """As it stands in the address."""
    return ".".join(map(str, key)) if key else ""
