"""What the ERP is told of orders, and what its answers mean; see docs/erp.md."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from portal.domain.webhooks import PAUSES as LATER
from portal.domain.webhooks import Answer, Outcome, jittered, retry_after

# What an ERP books: what was ordered, what left, what was billed and paid.
TYPES: Final = (
    "order.placed",
    "order.approved",
    "order.changed",
    "line.cancelled",
    "shipment.shipped",
    "shipment.cancelled",
    "shipment.delivered",
    "invoice.issued",
    "credit_note.issued",
    "payment.received",
    "return.received",
)
# An ERP is one machine that is restarted, not a stranger's: it is asked again soon, later like everybody.
PAUSES: Final = (
    timedelta(seconds=5),
    timedelta(seconds=15),
    timedelta(seconds=60),
    timedelta(minutes=5),
    *LATER[2:],
)
# Nothing was ordered yet, or nothing will be.
NOT_ORDERED: Final = frozenset({"draft", "pending_approval", "rejected"})
# What stands in the answer instead of a status.
NOT_ORDERED_YET: Final = "nothing is ordered by it"
# The `type` of a refusal that is put right in the portal: under which number the ERP knows the account.
UNKNOWN_CUSTOMER: Final = "unknown_customer"
LONGEST: Final = 500


def body(
    kind: str, at: datetime, data: Mapping[str, Any], order: Mapping[str, Any] | None, customer: str | None
) -> bytes:
    """What is posted. `order` is the order as the API tells it, as it stands when this is sent."""
    timestamp = at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    told = {"type": kind, "timestamp": timestamp, "customer_number": customer, "data": data, "order": order}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def judge(answer: Answer, attempt: int, *, chance: float, now: datetime) -> Outcome:
    """Whatever it has once, it has (409); what it refuses with a reason (422) waits for a person. It is never given
    up altogether."""
    if answer.status is None and answer.problem == NOT_ORDERED_YET:
        return Outcome("dropped")
    if answer.status == 409 or (answer.status is not None and 200 <= answer.status < 300):
        return Outcome("delivered")
    if answer.status == 422 or attempt > len(PAUSES):
        return Outcome("dead")
    asked = retry_after(answer, now)
    pause = max(jittered(PAUSES[attempt - 1], chance), asked)
    return Outcome("again", pause, asked if answer.status in {429, 503} else timedelta())


def refusal(response_body: str | None) -> tuple[str, str]:
    """(`type`, `detail`) of a refusal, each empty where the answer does not say it."""
    try:
        said = json.loads(response_body or "")
    except (ValueError, RecursionError):
        return "", ""
    if not isinstance(said, dict):
        return "", ""
    kind, detail = said.get("type"), said.get("detail")
    return (
        kind[:LONGEST] if isinstance(kind, str) else "",
        detail[:LONGEST] if isinstance(detail, str) else "",
    )
