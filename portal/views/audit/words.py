"""What the audit log says in words: what was done, and what the names in a snapshot mean."""

from collections.abc import Mapping

from portal.domain.words import N_
from portal.filters import Tongue

# What is not here is called by its own name: an entry that nobody has words for is shown all the same.
DONE: Mapping[str, str] = {
    "approval.requested": N_("Approval requested"),
    "approval.approved": N_("Approved"),
    "approval.rejected": N_("Request rejected"),
    "approval.lines_rejected": N_("Lines rejected"),
    "approval.asked": N_("Question asked"),
    "approval.answered": N_("Question answered"),
    "approval.withdrawn": N_("Request withdrawn"),
    "approval.changed": N_("What is asked for changed"),
    "approval.escalated": N_("Passed on to somebody higher"),
    "approval.reminded": N_("Reminder sent"),
    "approval.expired": N_("Request expired"),
    "approval.lapsed": N_("Condition no longer met"),
    "approval.link_used": N_("Decided by the link in a mail"),
    "policy.changed": N_("Approval policy changed"),
    "delegation.begun": N_("Decisions handed over"),
    "delegation.ended": N_("Decisions taken back"),
    "credit.judged": N_("Credit checked"),
    "credit.released": N_("Credit hold lifted"),
    "account.arranged": N_("How we look after the account changed"),
    "member.changed": N_("Somebody's rights changed"),
    "member.invited": N_("Somebody invited"),
    "member.joined": N_("Somebody invited has come"),
    "member.removed": N_("Somebody taken out of the account"),
    "member.shut_out": N_("Somebody shut out"),
    "member.let_in": N_("Somebody let in again"),
    "member.sessions_ended": N_("Somebody's sessions ended"),
    "person.linked": N_("Somebody came in by the company's own sign-in for the first time"),
    "provider.arranged": N_("Company's own sign-in arranged"),
    "provider.on": N_("Company's own sign-in switched on"),
    "provider.off": N_("Company's own sign-in switched off"),
    "provider.only_way": N_("Company's own sign-in made the only way in"),
    "provider.not_only_way": N_("Other ways to sign in opened again"),
    "provider.removed": N_("Company's own sign-in taken away"),
    "provider.rules": N_("What is asked of whoever signs in changed"),
    "provider.confirmed": N_("Mail domains confirmed"),
    "provider.way_back": N_("Way back in opened"),
    "provider.way_back_closed": N_("Way back in closed"),
    "token.issued": N_("Token made"),
    "token.revoked": N_("Token revoked"),
    "endpoint.created": N_("Webhook endpoint made"),
    "endpoint.changed": N_("Webhook endpoint changed"),
    "endpoint.secret_rotated": N_("Webhook endpoint given another secret"),
    "endpoint.deleted": N_("Webhook endpoint taken away"),
    "impersonation.begun": N_("Somebody began to look as a buyer"),
    "impersonation.ended": N_("Looking as a buyer ended"),
    "impersonation.allowed": N_("Who may look as a buyer changed"),
    "payment.received": N_("Payment recorded"),
    "payment.refunded": N_("Surplus paid back"),
    "payment.transferred": N_("Surplus moved to another invoice"),
}


def done(action: str, tongue: Tongue) -> str:
    said = DONE.get(action)
    return tongue.gettext(said) if said else plain(action)


def plain(name: str) -> str:
    """`approval.link_used` as people read it."""
    words = name.replace(".", " ").replace("_", " ").strip()
    return words[:1].upper() + words[1:]
