"""The people of a story's companies: who they are, who must agree to what, and what they decide."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from portal.db import people as known_people
from portal.domain.access import Viewer
from portal.domain.chains import Policy
from portal.domain.policies import ROLES, Above, Rule, Step, When
from portal.domain.working_time import WorkingTime
from portal.operations import deciding, delegating, people, regulating
from portal.operations.deciding import Condition, Decision
from portal.operations.delegating import Delegating
from portal.operations.people import Limit, Member
from portal.operations.placing import Supplier
from portal.seed import cast
from portal.seed.telling import SYSTEM, Teller
from portal.stories import happenings
from portal.stories.happenings import Answered, Decided, Deputised, Employed, Ruled

CURRENCY = "GBP"


@dataclass(slots=True)
class Office:
    """Where a playing's people sit; `code` and `day` are the playing's own."""

    teller: Teller
    code: Callable[[str], str]
    day: Callable[[str], date]

    async def employ(self, somebody: Employed) -> None:
        account = self.code(somebody.account)
        limit = Limit(Decimal(somebody.limit), CURRENCY) if somebody.limit else None
        member = Member(
            account, email(somebody.who, account), somebody.name, list(somebody.roles), cast.PASSWORD, limit
        )
        await people.put_member(self.teller.work, member)

    async def rule(self, ruled: Ruled) -> None:
        account = self.code(ruled.account)
        policy = Policy(
            account,
            tuple(_rule(rule, account) for rule in ruled.rules),
            expires_after_hours=ruled.expires_after,
            remind_after_hours=ruled.remind_after,
            escalate_after_hours=ruled.escalate_after,
            working=replace(WorkingTime(), time_zone=self.teller.settings.supplier_time_zone),
        )
        await regulating.put_policy(self.teller.work, SYSTEM, policy)

    async def deputise(self, told: Deputised) -> None:
        account = self.code(told.account)
        wanted = Delegating(
            account,
            email(told.away, account),
            email(told.deputy, account),
            self.day(told.first),
            self.day(told.last),
        )
        await delegating.delegate(self.teller.work, await self.viewer(told.away, account), wanted)

    async def decide(self, order: str, told: Decided) -> None:
        """Decide on what is asked of the order now."""
        request, account = await self._asked(order)
        viewer = await self.viewer(told.who, account)
        condition = None
        if told.total or told.until:
            total = Decimal(told.total) if told.total else None
            condition = Condition(total, self.day(told.until) if told.until else None)
        settings = self.teller.settings
        supplier = Supplier(settings.supplier_time_zone, settings.tax_rates[settings.supplier_country])
        decision = Decision(told.what, told.comment, condition=condition)
        await deciding.decide(self.teller.work, viewer, request, decision, supplier)

    async def answer(self, order: str, told: Answered) -> None:
        request, account = await self._asked(order)
        viewer = await self.viewer(told.who, account)
        await deciding.answer(self.teller.work, viewer, request, told.comment)

    async def viewer(self, who: str, account: str) -> Viewer:
        """Somebody as the portal knows them; what happens next is theirs."""
        conn = self.teller.work.conn
        person = await known_people.by_email(conn, email(who, account))
        found = await known_people.viewer(conn, person.id) if person else None
        if found is None:
            raise LookupError(f"nobody of {account} is called {who}")
        self.teller.work.actor = found[0].actor
        return found[0]

    async def _asked(self, order: str) -> tuple[str, str]:
        """(the request that is open for the order, whose order it is)."""
        row = await self.teller.work.conn.fetchrow(
            """select r.number, r.account from approval_request r join orders o on o.id = r.order_id
               where o.number = $1 and r.settled_at is null""",
            order,
        )
        if row is None:
            raise LookupError(f"nothing is asked of order {order}")
        return row["number"], row["account"]


def email(who: str, account: str) -> str:
    """Somebody's address; they sign in with it and the demo's password."""
    return f"{who}@{account}.example".lower()


def _rule(rule: happenings.Rule, account: str) -> Rule:
    steps = tuple(
        Step(role=step) if step in ROLES else Step(approvers=(email(step, account),)) for step in rule.steps
    )
    return Rule(rule.name, steps, When(total_above=Above(Decimal(rule.above), CURRENCY)))
