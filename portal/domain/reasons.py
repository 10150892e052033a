"""Why staff changed the queue, in words that every buyer it concerns may read: they never tell who else it concerns."""

from collections.abc import Callable

# Staff choose one of these; whatever else there is to say stays in a note among themselves.
REASONS = ("line_down", "safety", "contract", "our_error", "agreed")


def because(reason: object, gettext: Callable[[str], str]) -> str:
    """The end of a sentence such as "moved ahead in the queue ..."; empty for a word that is not a reason."""
    return {
        "line_down": gettext("because a production line stands still"),
        "safety": gettext("because people's safety depends on it"),
        "contract": gettext("because a contract asks for it"),
        "our_error": gettext("to make up for a mistake of ours"),
        "agreed": gettext("as was agreed"),
    }.get(str(reason), "")


def decision(what: str, reason: object, gettext: Callable[[str], str]) -> str:
    """What staff decided, and why; empty for a cause that nobody decided."""
    decided = {
        "queue_changed": gettext("the queue was changed {because}"),
        "reassigned": gettext("stock was given to whom it is more urgent for {because}"),
        "relocated": gettext("served from another location {because}"),
    }.get(what, "")
    return decided.format(because=because(reason, gettext))
