"""One honest sentence for every portion, from its status, dates and facts. It never names others."""

from portal.domain.because_awaiting import Awaiting
from portal.domain.because_held import Holds
from portal.domain.because_here import Whereabouts
from portal.domain.because_told import Told, stop
from portal.domain.words import Words, english

__all__ = ["LIFTED_BY", "Told", "Words", "english", "sentence"]

# Who can lift a hold that was set for this reason.
LIFTED_BY = {
    "credit": "finance",
    "finance": "finance",
    "quality": "operations",
    "approval": "approver",
    "address": "account_manager",
    "manual": "operations",
}


def sentence(told: Told, words: Words) -> str:
    """Say what happens with a portion and when, in the language of `words`."""
    return _Speaker(told, words).speak()


class _Speaker(Holds, Whereabouts, Awaiting):
    """A portion about to be told."""

    def speak(self) -> str:
        match self.told.status:
            case "held":
                return stop(self.held()) + " " + stop(self.kept_while_held())
            case "allocated" | "picking" | "packed":
                return stop(f"{self.at_hand()}; {self.dates()}") + self.waiting_for_rest()
            case "shipped":
                return stop(f"{self.left()}; {self.on_the_road()}")
            case "delivered" | "returned" | "cancelled":
                return stop(self.settled())
            case "backordered":
                return stop(f"{self.queued()}; {self.by_lead_time()}")
            case "reserved_elsewhere":
                return stop(f"{self.reserved()}; {self.dates()}")
            case "waiting" if self.told.waits_for_approval:
                unapproved = self.ngettext(
                    "%(count)s waits until the order is approved; nothing is set aside yet",
                    "%(count)s wait until the order is approved; nothing is set aside yet",
                    self.n,
                )
                return stop(self.say(unapproved))
            case "waiting":
                unplanned = self.ngettext(
                    "%(count)s waits to be planned", "%(count)s wait to be planned", self.n
                )
                return stop(f"{self.say(unplanned)}; {self.dates()}")
            case _:
                return stop(f"{self.awaiting()}; {self.dates()}")
