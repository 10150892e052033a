"""Deliveries to customers' endpoints: signed, over the way out that leads to the public internet only."""

import time
from collections.abc import Sequence

from portal.adapters import sealed, signing
from portal.adapters.egress import Egress
from portal.db.deliveries import Claimed
from portal.db.work import Pool
from portal.domain import webhooks
from portal.domain.webhooks import Answer, Outcome
from portal.settings import Settings


class Webhooks:
    """Standard Webhooks 1.0.0."""

    def __init__(self, settings: Settings, egress: Egress | None = None) -> None:
        self.settings = settings
        self.egress = egress or Egress(simulated=settings.has_simulated_clock)

    @classmethod
    def of(cls, pool: Pool, settings: Settings) -> "Webhooks":  # noqa: ARG003 (as other senders are made)
        return cls(settings)

    async def send(self, claimed: Claimed) -> Answer:
        # Keys are unsealed each time: none stays in memory longer than it is needed.
        try:
            keys = [sealed.unseal(one, self.settings.secret_key) for one in claimed.secrets]
        except sealed.CannotUnseal as problem:
            return Answer(None, f"{problem}: rotate it")
        body = body_of(claimed)
        return await self.egress.post(
            claimed.url, headers(claimed, keys, body), body, way=claimed.connection_id
        )

    def judge(self, answer: Answer, attempt: int, chance: float) -> Outcome:
        return webhooks.judge(answer, attempt, chance=chance)

    async def close(self) -> None:
        await self.egress.close()


def body_of(claimed: Claimed) -> bytes:
    """The same on each attempt."""
    if claimed.event is None:
        return webhooks.body(claimed.type, claimed.created_at, claimed.body or {})
    return webhooks.body(claimed.type, claimed.event.at, claimed.event.told())


def headers(claimed: Claimed, keys: Sequence[str], body: bytes) -> dict[str, str]:
    told = webhooks.webhook_id(claimed.id, claimed.event.id if claimed.event else None)
    # Of the machine's clock, never of the simulated one: receivers refuse what is not of now.
    timestamp = int(time.time())
    return {
        "content-type": "application/json",
        "user-agent": "portal-webhooks/1.0",
        "webhook-id": told,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signing.sign(keys, told, timestamp, body),
    }
