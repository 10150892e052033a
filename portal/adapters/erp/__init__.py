"""The port to the ERP, which may know what accounts may owe: standing alone, or asked over HTTP (docs/erp.md)."""

from collections.abc import Sequence
from typing import Protocol

from portal.adapters.erp.http import HttpErp
from portal.clock import utc_now
from portal.domain.credit import Heard
from portal.settings import Settings


class Erp(Protocol):
    """Whoever can be asked of accounts' credit."""

    is_connected: bool

    async def ask(self, accounts: Sequence[str]) -> Heard:
        """What it says of them. Never raises, and never takes longer than its time limit."""
        ...

    async def close(self) -> None: ...


class Standalone:
    """No ERP: the portal's own tables are the master. Answers at once."""

    is_connected = False

    async def ask(self, accounts: Sequence[str]) -> Heard:
        return Heard(utc_now(), problems=dict.fromkeys(accounts, "not_asked"))

    async def close(self) -> None:
        """Nothing is open."""


def connect(settings: Settings) -> Erp:
    """The ERP that the settings name, or none."""
    if not settings.erp_url:
        return Standalone()
    return HttpErp(settings.erp_url, settings.erp_token)
