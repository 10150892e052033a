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

# Somebody of the supplier's looks as this person: said to them whatever they chose. data: {"by": name, "reason": ...,
# "until": instant, "level": read or order}
IMPERSONATED: Final = "impersonation.begun"

# What happened to an order, gathered for a moment; and what is told once a day. What they tell are their notices.
NEWS: Final = "news"
DIGEST: Final = "digest"
# To see that mail arrives.
TEST: Final = "test"

# To whoever minds a connection, when a threshold is passed and when all is well again. data: {"alert": id,
# "connection": id, "kind": ..., "account_name": ..., "url": ..., "measure": ..., "value": ..., "limit": ...}
ALERT_RAISED: Final = "alert.raised"
ALERT_CLEARED: Final = "alert.cleared"
# The same to whoever administers the account whose endpoint is not told any more.
ENDPOINT_DISABLED: Final = "endpoint.disabled"
ABOUT_CONNECTIONS: Final = frozenset({ALERT_RAISED, ALERT_CLEARED, ENDPOINT_DISABLED})

ABOUT_REQUESTS: Final = frozenset(
    {
        ASKED, REMINDED, ESCALATED, EXPIRING, ANSWERED, QUESTION, APPROVED, REJECTED, LINES_REJECTED, EXPIRED,
        WITHDRAWN,
    }
)  # fmt: skip
KINDS: Final = (
    ABOUT_REQUESTS | ABOUT_CONNECTIONS | {DELEGATED, DELEGATION_ENDED, IMPERSONATED, NEWS, DIGEST, TEST}
)
# Those whose reader may decide, straight from the mail.
DECIDED_FROM: Final = frozenset({ASKED, REMINDED, ESCALATED, EXPIRING, ANSWERED})
