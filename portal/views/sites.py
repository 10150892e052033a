"""What sites are called: by their town where that is enough, else with as much more as tells them apart."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from portal.domain.arrivals import Site


class AtSite(Protocol):
    """Something that is delivered to a site."""

    @property
    def account(self) -> str: ...
    @property
    def site(self) -> str: ...
    @property
    def city(self) -> str: ...
    @property
    def site_name(self) -> str: ...


@dataclass(frozen=True, slots=True)
class SiteNames:
    """The names of all sites that a reader may meet on a page."""

    sites: Sequence[Site]
    towns: Counter[str] = field(init=False)
    names: Counter[tuple[str, str]] = field(init=False)
    known: dict[tuple[str, str], Site] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "towns", Counter(site.city for site in self.sites))
        object.__setattr__(self, "names", Counter((site.city, site.name) for site in self.sites))
        object.__setattr__(self, "known", {(site.account, site.code): site for site in self.sites})

    @property
    def are_several(self) -> bool:
        return len(self.sites) > 1

    def of(self, where: AtSite) -> str:
        """ "Leeds"; "Hull, Gate 2" where Hull has two; "Hull (NORDWIND)" where two accounts call theirs the same."""
        if self.names[where.city, where.site_name] > 1:
            return f"{where.city} ({where.account})"
        return self.plain(where)

    def plain(self, where: AtSite) -> str:
        """The same for where the account stands beside it."""
        return where.city if self.towns[where.city] == 1 else f"{where.city}, {where.site_name}"

    def chosen(self, address: str) -> Site | None:
        """The site that an address names as `account/code`."""
        account, _, code = address.partition("/")
        return self.known.get((account, code))


def address_of(where: AtSite) -> str:
    """How the address of a page names a site; no code has a slash in it."""
    return f"{where.account}/{where.site}"
