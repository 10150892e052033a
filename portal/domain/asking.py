"""Whom a rule's step asks, among the people of an account and of those above it; and who could instead."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from portal.domain import money
from portal.domain.approvals import Away, Limit, Seat
from portal.domain.merging import Asking
from portal.domain.policies import Step
from portal.domain.refusals import Problem, Unacceptable

# Whoever may be given authority over others' orders.
AUTHORITY = ("approver", "account_admin")
# Roles that may decide when they are asked.
DECIDE = frozenset({"approver", "finance", "account_admin"})


class NobodyToAsk(Unacceptable):
    """Somebody must agree, and there is nobody who could."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, [Problem("/account", "nobody could approve this")])


@dataclass(frozen=True, slots=True)
class Member:
    """A person's place in one account. `limits` are what they may decide on there."""

    person_id: int
    email: str
    name: str
    account: str
    roles: frozenset[str]
    limits: tuple[Limit, ...] = ()

    @property
    def decides(self) -> bool:
        return bool(self.roles & DECIDE)

    def seat(self, why: str, away: Away | None = None) -> Seat:
        return Seat(self.person_id, self.email, self.name, self.account, why, self.limits, away)


@dataclass(frozen=True, slots=True)
class Crowd:
    """Everybody of the account and of those above it. `accounts` begins with the order's own and ends at the top.

    `excluded` may not decide on this order: its requester, unless all policies let them.
    """

    accounts: Sequence[str]
    members: Sequence[Member]
    excluded: int | None = None
    away: dict[int, Away] = field(default_factory=dict)

    def of(self, account: str) -> list[Member]:
        """Who may decide there, by name."""
        found = [
            member
            for member in self.members
            if member.account == account and member.decides and member.person_id != self.excluded
        ]
        return sorted(found, key=lambda member: (member.name, member.email))

    def nearest(self, roles: Iterable[str]) -> list[Member]:
        """Everybody with one of these roles in the first account, going up, where anybody has it."""
        wanted = frozenset(roles)
        for account in self.accounts:
            found = [member for member in self.of(account) if member.roles & wanted]
            if found:
                return found
        return []

    def named(self, email: str) -> Member | None:
        """The person with this address, where they stand nearest to the order."""
        for account in self.accounts:
            for member in self.of(account):
                if member.email.lower() == email.lower():
                    return member
        return None

    def covering(self, total: Decimal, currency: str, but: Iterable[int] = ()) -> list[Member]:
        """Who, nearest to the order, has the authority to decide on the amount."""
        left_out = frozenset(but)
        for account in self.accounts:
            found = [
                member
                for member in self.of(account)
                if member.roles & frozenset(AUTHORITY)
                and member.person_id not in left_out
                and member.seat("authority").covers(total, currency)
            ]
            if found:
                return found
        return []

    def seat(self, member: Member, why: str) -> Seat:
        return member.seat(why, self.away.get(member.person_id))


def asking(rule: str, step: Step, crowd: Crowd) -> Asking:
    """The people that a step of a rule asks. Where only the requester would be left, those above are asked, and then
    the admins; refused where there is nobody at all."""
    if step.role is not None:
        members, why = crowd.nearest([step.role]), "role"
    else:
        members, why = [found for email in step.approvers if (found := crowd.named(email))], "named"
    members = list({member.person_id: member for member in members}.values())
    if not members:
        why = "role"
        members = crowd.nearest([step.role or "approver"]) or crowd.nearest(["account_admin"])
    if not members:
        raise NobodyToAsk(
            f"The rule {rule!r} asks {_wanted(step)}, and there is nobody, besides whoever orders, who could decide: "
            f"an account admin of {' or '.join(crowd.accounts)} has to name somebody else, or to give somebody the "
            "role."
        )
    return Asking(rule, _need(step, len(members)), str(step.need), tuple(crowd.seat(m, why) for m in members))


def _wanted(step: Step) -> str:
    return f"whoever has the role {step.role!r}" if step.role is not None else ", ".join(step.approvers)


def _need(step: Step, there: int) -> int:
    """A quorum of more than are left is all of them."""
    if step.need == "all":
        return there
    return 1 if step.need == "any" else min(int(step.need), there)


def authority(total: Decimal, currency: str, crowd: Crowd, seated: Iterable[Seat]) -> Asking:
    """Somebody whose authority covers the amount: who is asked anyway, or else the nearest."""
    there = {seat.person_id: seat for seat in seated if seat.covers(total, currency)}
    nearest = {m.person_id: crowd.seat(m, "authority") for m in crowd.covering(total, currency)}
    people = {**nearest, **there}
    if not people:
        shown = f"{money.text(total, currency)} {currency}"
        raise NobodyToAsk(
            f"Nobody of {' or '.join(crowd.accounts)} who could be asked has the authority to approve {shown}: an "
            "account admin has to raise somebody's limit, or to name an approver without one."
        )
    return Asking("authority", 1, "any", tuple(people.values()))
