"""Why a portion is held, who can lift that, and what it keeps meanwhile."""

from portal.domain.because_told import Clauses

OURS = frozenset({"allocated", "picking", "packed"})


class Holds(Clauses):
    """Of a portion that nobody may ship."""

    def held(self) -> str:
        holds = [fact for fact in self.told.because if fact["fact"] == "hold"]
        reasons = list(dict.fromkeys(self._reason(hold["reason"]) for hold in holds))
        lifters = list(dict.fromkeys(self._lifter(hold["lifted_by"]) for hold in holds))
        held = self.ngettext("%(count)s is held %(why)s", "%(count)s are held %(why)s", self.n)
        if not holds:
            return self.say(held, why=self._reason(None))

        lift = self.ngettext(
            "%(who)s can lift the hold", "all %(holds)s holds must be lifted, by %(who)s", len(holds)
        )
        return (
            self.say(held, why=self._list(reasons))
            + "; "
            + self.say(lift, who=self._list(lifters), holds=len(holds))
        )

    def kept_while_held(self) -> str:
        if self.told.held_from in OURS:
            kept = self.ngettext(
                "It keeps its stock at %(location)s", "They keep their stock at %(location)s", self.n
            )
        else:
            kept = self.ngettext(
                "It keeps its place in the queue", "They keep their place in the queue", self.n
            )
        until = self.dates() if self.told.ships_on else self.gettext("no date until the hold is lifted")
        return f"{self.say(kept)}; {until}"

    def _reason(self, reason: object) -> str:
        match reason:
            case "credit":
                return self.gettext("because of the credit limit")
            case "finance":
                return self.gettext("for a finance decision")
            case "quality":
                return self.gettext("for a quality check")
            case "approval":
                return self.gettext("for an approval")
            case "address":
                return self.gettext("because of the delivery address")
            case "manual":
                return self.gettext("by our staff")
        return self.gettext("for another reason")

    def _lifter(self, role: object) -> str:
        match role:
            case "finance":
                return self.gettext("our finance team")
            case "operations":
                return self.gettext("our operations team")
            case "account_manager":
                return self.gettext("your account manager")
            case "approver":
                return self.gettext("your approver")
        return self.gettext("our staff")

    def _list(self, parts: list[str]) -> str:
        *some, last = parts
        return (
            self.say(self.gettext("%(some)s and %(last)s"), some=", ".join(some), last=last) if some else last
        )
