"""The mail of each kind about approvals, in words."""

from collections.abc import Callable

from portal.domain import mails
from portal.views.letters import answering, asking
from portal.views.letters.letters import Letter
from portal.views.letters.parts import Told

__all__ = ["Told", "letter"]


def letter(told: Told) -> Letter:
    """The mail of a kind."""
    return _LETTERS[told.kind](told)


_LETTERS: dict[str, Callable[[Told], Letter]] = {
    mails.ASKED: asking.asked,
    mails.REMINDED: asking.reminded,
    mails.ESCALATED: asking.escalated,
    mails.EXPIRING: asking.expiring,
    mails.ANSWERED: asking.answered,
    mails.QUESTION: answering.question,
    mails.APPROVED: answering.approved,
    mails.REJECTED: answering.rejected,
    mails.LINES_REJECTED: answering.lines_rejected,
    mails.EXPIRED: answering.expired,
    mails.WITHDRAWN: answering.withdrawn,
}
