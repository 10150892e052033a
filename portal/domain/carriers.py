"""What a carrier's messages come to, in whatever order and however often they arrive."""

from collections.abc import Iterable
from datetime import datetime

PROGRESS = ("shipped", "in_transit", "out_for_delivery", "delivered")
STATES = ("in_transit", "out_for_delivery", "delivered", "exception", "returned_to_sender")


def state_after(messages: Iterable[tuple[str, datetime]], *, all_delivered: bool) -> str:
    """The shipment's state from (state, at) of all messages.

    Late or repeated messages never take it back. An exception stands until the carrier reports progress again;
    goods that return to the sender stay on their way back. `delivered` is said once all of it is.
    """
    if all_delivered:
        return "delivered"

    furthest = 0
    trouble: str | None = None
    for state, _ in sorted(messages, key=lambda message: message[1]):
        if state in PROGRESS:
            # While only a part was delivered, the shipment as a whole is still on its way.
            furthest = max(furthest, PROGRESS.index("in_transit" if state == "delivered" else state))
            trouble = None if trouble == "exception" else trouble
        else:
            trouble = "returned_to_sender" if "returned_to_sender" in (trouble, state) else state
    return trouble or PROGRESS[furthest]
