"""Whether somebody has proved who they are, recently and strongly enough for what they are about to do."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

PASSWORD: Final = "password"  # noqa: S105 - the name of a factor
AUTHENTICATOR: Final = "totp"
RECOVERY: Final = "recovery"
PASSKEY: Final = "passkey"
# Their company's own sign-in.
PROVIDER: Final = "provider"
# So long what was proved holds for decisions above a limit, secrets, and looking as somebody else.
FRESH: Final = timedelta(minutes=10)
# A recovery code stands in for whatever was lost; a company answers for how its provider asks its people.
STRENGTH: Final[Mapping[str, int]] = {PASSWORD: 1, AUTHENTICATOR: 2, RECOVERY: 3, PASSKEY: 3, PROVIDER: 3}


@dataclass(frozen=True, slots=True)
class Held:
    """What somebody can prove with. `provider` is the account whose provider has let them in, in this session."""

    has_password: bool = True
    passkeys: int = 0
    has_authenticator: bool = False
    codes: int = 0
    provider: str | None = None

    @property
    def has_second(self) -> bool:
        """Whether they hold a second factor. Codes only stand in for one."""
        return self.has_authenticator or self.passkeys > 0

    def ways(self, *, passkeys_work: bool = True) -> tuple[str, ...]:
        """With what they may prove who they are, the best first; nothing weaker than the strongest that they hold.

        `passkeys_work`: the portal is open under a name that browsers take for one.
        """
        found = [PROVIDER] if self.provider else []
        if self.passkeys and passkeys_work:
            found.append(PASSKEY)
        elif self.has_authenticator:
            found.append(AUTHENTICATOR)
        elif self.has_password and not found:
            found.append(PASSWORD)
        if self.has_second and self.codes:
            found.append(RECOVERY)
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Proof:
    """When somebody last proved in their session who they are, and with what."""

    at: datetime
    factors: tuple[str, ...]


def is_enough(proof: Proof, held: Held, now: datetime, *, passkeys_work: bool = True) -> bool:
    """Whether the proof is of a moment ago, and as strong as they can give. `now` is real time."""
    if not now - FRESH <= proof.at <= now + FRESH:
        return False
    wanted = min((STRENGTH[way] for way in held.ways(passkeys_work=passkeys_work)), default=1)
    return max((STRENGTH.get(factor, 0) for factor in proof.factors), default=0) >= wanted


@dataclass(frozen=True, slots=True)
class Limit:
    """Of an account or one above it: a decision on more needs a fresh proof."""

    above: Decimal
    currency: str


def needs_proof(total: Decimal, currency: str, limits: Iterable[Limit]) -> bool:
    """Whether deciding on this sum does. An amount in another currency counts as more."""
    return any(currency != limit.currency or total > limit.above for limit in limits)
