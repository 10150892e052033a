"""The mails the portal writes: what each kind is for, and what it needs to be told."""

from typing import Final

LONGEST_ADDRESS: Final = 254


def is_address(text: str) -> bool:
    """One address that a mail can be written to: neither a list of them nor one with a name."""
    local, at, domain = text.rpartition("@")
    is_plain = text.isascii() and text.isprintable() and not set(text) & set(' "(),:;<>[\\]')
    return bool(local and at and domain) and len(text) <= LONGEST_ADDRESS and is_plain and "@" not in local


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

# A key that lets somebody in for the first time; word to somebody who is known that they belong to one more account.
# Who did it is in data: {"by": name, "by_email": ...}
INVITED: Final = "entry.invited"
WELCOMED: Final = "entry.welcomed"
# Somebody, hopefully this person, has forgotten their password. data: {}
RESET: Final = "entry.reset"
# Their password was set by such a key. data: {"at": instant, "address": ..., "agent": ...}
PASSWORD_SET: Final = "entry.password_set"  # noqa: S105 (the name of a kind)
# They signed in on a device that was not known. data: {"at": instant, "address": ..., "agent": ...}
NEW_DEVICE: Final = "entry.new_device"
# Somebody else ended their sessions. data: {"by": name, "at": instant}
SESSIONS_ENDED: Final = "entry.sessions_ended"
# What they may do in an account was changed by somebody else, or they do not belong to it any more (no roles). In data:
# by (a name or nothing), roles, limit_per_order with amount and currency, limit_per_period with its period as well
RIGHTS: Final = "member.rights"
# They may not sign in any more; they may again. data: {"by": name}
SHUT_OUT: Final = "member.shut_out"
LET_IN: Final = "member.let_in"
ABOUT_RIGHTS: Final = frozenset({RIGHTS, SHUT_OUT, LET_IN})
ABOUT_ENTRIES: Final = frozenset({INVITED, WELCOMED, RESET, PASSWORD_SET, NEW_DEVICE, SESSIONS_ENDED})

# How they sign in was changed, or somebody tried to. data: {"what": passkey_added, passkey_removed,
# authenticator_added, authenticator_replaced, authenticator_removed, codes_made, code_used, password_changed,
# factors_removed or guessed, "at": instant, and "name" of a passkey, "left" codes, "by" whom, "address" and "agent"
# of who guessed}
SECURITY_CHANGED: Final = "security.changed"

# To whoever administers an account: how its people sign in was changed. data: {"what": arranged, on, off, only_way,
# not_only_way, removed, rules, confirmed, way_back or way_back_closed, "by": name, "account_name": ..., "at": instant,
# "until": instant of a way back, "domains": [...] that were confirmed}
SIGN_IN_CHANGED: Final = "sign_in.changed"
# To those of the supplier who may agree to it: an account has named mail domains. data: {"by": name, "account": number,
# "account_name": ..., "domains": [...]}
DOMAINS_NAMED: Final = "sign_in.domains"
ABOUT_SIGN_INS: Final = frozenset({SIGN_IN_CHANGED, DOMAINS_NAMED})

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
    ABOUT_REQUESTS
    | ABOUT_CONNECTIONS
    | ABOUT_ENTRIES
    | ABOUT_RIGHTS
    | ABOUT_SIGN_INS
    | {DELEGATED, DELEGATION_ENDED, IMPERSONATED, SECURITY_CHANGED, NEWS, DIGEST, TEST}
)
# Those whose reader may decide, straight from the mail.
DECIDED_FROM: Final = frozenset({ASKED, REMINDED, ESCALATED, EXPIRING, ANSWERED})
