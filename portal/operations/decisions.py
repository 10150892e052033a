"""A decision as somebody sends it: what it says, and what makes no sense whatever it is on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from portal.domain import money
from portal.domain.refusals import Problem, Unacceptable

LONGEST_COMMENT = 2000


@dataclass(frozen=True, slots=True)
class Condition:
    """Approved only while the order comes to no more than `total`, and up to and including the day `until`."""

    total: Decimal | None = None
    until: date | None = None

    def told(self, currency: str) -> dict[str, Any] | None:
        """As JSON; None where nothing is said."""
        said: dict[str, Any] = {}
        if self.total is not None:
            said["total"] = money.text(self.total, currency)
        if self.until is not None:
            said["until"] = self.until.isoformat()
        return said or None


@dataclass(frozen=True, slots=True)
class Decision:
    """`what` is approve, reject (with `lines`: only those) or ask. `version` is the request's that it was decided on;
    `through` is the door: page, bulk, mail or api."""

    what: str
    comment: str | None = None
    lines: Sequence[int] | None = None
    condition: Condition | None = None
    version: int | None = None
    through: str = "page"


def refuse_input(decision: Decision) -> None:
    """Refuse what is no decision, whatever it is on."""
    if decision.what not in ("approve", "reject", "ask"):
        raise Unacceptable("A decision is approve, reject or ask.", [Problem("/decision", "unknown")])
    said = any(c.isprintable() and not c.isspace() for c in decision.comment or "")
    if decision.what != "approve" and not said:
        words = "say why" if decision.what == "reject" else "say what you want to know"
        raise Unacceptable(f"A comment is needed: {words}.", [Problem("/comment", words)])
    if len(decision.comment or "") > LONGEST_COMMENT:
        raise Unacceptable("The comment is too long.", [Problem("/comment", f"at most {LONGEST_COMMENT}")])
    if decision.lines is not None and decision.what != "reject":
        raise Unacceptable("Only a rejection can name lines.", [Problem("/lines", "only to reject them")])
    if decision.condition is not None and decision.what != "approve":
        raise Unacceptable(
            "Only an approval can have a condition.", [Problem("/condition", "only to approve")]
        )
