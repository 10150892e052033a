"""Deliveries to the ERP: the event, and the order as it stands when it is told."""

from dataclasses import replace
from typing import Any, cast

from portal.adapters.erp.pushing import Pushing
from portal.clock import utc_now
from portal.db import detail
from portal.db.deliveries import Claimed
from portal.db.work import Connection, Pool
from portal.domain import pushing
from portal.domain.access import Viewer
from portal.domain.because import english
from portal.domain.webhooks import Answer, Outcome, webhook_id
from portal.settings import Settings
from portal.views import told

EVERYTHING = Viewer("portal", "portal", None, frozenset({"*"}))


class ToErp:
    """Posts to the ERP that the settings name."""

    def __init__(self, pool: Pool, erp: Pushing) -> None:
        self.pool = pool
        self.erp = erp

    @classmethod
    def of(cls, pool: Pool, settings: Settings) -> "ToErp | None":
        return cls(pool, Pushing(settings.erp_url, settings.erp_token)) if settings.erp_url else None

    async def send(self, claimed: Claimed) -> Answer:
        body = await self._body(claimed)
        if body is None:
            return Answer(None, pushing.NOT_ORDERED_YET)
        key = webhook_id(claimed.id, claimed.event.id if claimed.event else None)
        answer = await self.erp.post(key, body)
        if answer.status == 422:
            _, detail = pushing.refusal(answer.response_body)
            answer = replace(answer, problem=detail or "refused without a reason")
        return answer

    async def _body(self, claimed: Claimed) -> bytes | None:
        """None for an order that was not placed, or never will be."""
        event = claimed.event
        if event is None or event.order is None:
            at, data = claimed.created_at, claimed.body or {}
            return pushing.body(claimed.type, at, event.told() if event else data, None, None)
        order, customer = await self._order(event.order, event.account)
        if order is None:
            return None
        return pushing.body(claimed.type, event.at, event.told(), order, customer)

    async def _order(self, number: str, account: str) -> tuple[dict[str, Any] | None, str]:
        """(the order as the API tells it, under which number the ERP knows the account)."""
        async with self.pool.acquire() as acquired:
            conn = cast("Connection", acquired)
            found = await detail.detail(conn, EVERYTHING, number)
            customer: str = await conn.fetchval(
                "select coalesce(erp_number, number) from account where number = $1", account
            )
        if found is None or found.state in pushing.NOT_ORDERED:
            return None, customer
        return told.order(found, english(utc_now().date())), customer

    def judge(self, answer: Answer, attempt: int, chance: float) -> Outcome:
        return pushing.judge(answer, attempt, chance=chance, now=utc_now())

    async def close(self) -> None:
        await self.erp.close()
