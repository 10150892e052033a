"""What whoever writes a mail is given, and what they give back."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from portal.clock import utc_now
from portal.db.mail import Mail
from portal.db.work import Pool
from portal.filters import Tongue
from portal.settings import Settings
from portal.views.letters.letters import Letter


class Dropped(Exception):
    """There is nothing to say any more, or nobody to tell."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Where one mail is written: what it is about, in whose language."""

    pool: Pool
    settings: Settings
    mail: Mail
    tongue: Tongue

    @property
    def today(self) -> date:
        return self.tongue.on(utc_now())


@dataclass(frozen=True, slots=True)
class Written:
    """Mails of one `thread` stand together. `kinds` of `domain.notifying` are what its reader may have no more of; none
    for a mail that nobody can do without."""

    letter: Letter
    thread: str = ""
    kinds: Collection[str] = ()
