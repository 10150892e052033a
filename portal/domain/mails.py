"""The mails the portal writes: what each kind is for, and what it needs to be told."""

from typing import Final

# Somebody is asked to decide: their seat has opened, a change has asked them anew, or an answer has come.
ASKED: Final = "approval.asked"
REMINDED: Final = "approval.reminded"
# Nobody decided in time, so that this person may as well. data: {"waiting_for": [name, ...]}
ESCALATED: Final = "approval.escalated"
# The request ends soon. data: {} (when, is on the request)
EXPIRING: Final = "approval.expiring"
# To those who may decide, when the requester answered. data: {"question": ..., "answer": ...}
ANSWERED: Final = "approval.answered"

# To the requester. data: {"by": name, "comment": ...}
QUESTION: Final = "approval.question"
# Everybody agreed. data: {"state": the order's state, `open` or `held`, "note": why it is held}
APPROVED: Final = "approval.approved"
# Of the whole order. data: {"by": name, "comment": ...}
REJECTED: Final = "approval.rejected"
# Some lines were taken out, the rest goes on. data: {"by": name, "comment": ..., "lines": [1, 4]}
LINES_REJECTED: Final = "approval.lines_rejected"
EXPIRED: Final = "approval.expired"
# To those whose decision is not needed any more. data: {"by": name}
WITHDRAWN: Final = "approval.withdrawn"

# Somebody decides for somebody else. data: {"from": name, "to": name, "from_on": ..., "to_on": ..., "cap": "80000.00",
# "currency": "GBP", "note": ...}
DELEGATED: Final = "delegation.begun"
DELEGATION_ENDED: Final = "delegation.ended"

KINDS: Final = frozenset(
    {
        ASKED, REMINDED, ESCALATED, EXPIRING, ANSWERED, QUESTION, APPROVED, REJECTED, LINES_REJECTED, EXPIRED,
        WITHDRAWN, DELEGATED, DELEGATION_ENDED,
    }
)  # fmt: skip
# Those whose reader may decide, straight from the mail.
DECIDED_FROM: Final = frozenset({ASKED, REMINDED, ESCALATED, EXPIRING, ANSWERED})
