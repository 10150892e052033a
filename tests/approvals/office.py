"""A buying company with people who order and decide: a group, a company of it, and whoever is needed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from portal.clock import utc_now
from portal.db import approvals, people
from portal.db.work import Pool, Work
from portal.domain.access import Viewer
from portal.domain.chains import Policy
from portal.domain.policies import Above, Rule, Step, When
from portal.domain.requests import Request
from portal.domain.working_time import WorkingTime
from portal.operations import approving, cataloguing, counting, deciding, placing, revising
from portal.operations import people as membership
from portal.operations.deciding import Decision
from portal.operations.placing import Supplier, Wanted, WantedLine
from portal.operations.revising import Change, ChangedLine
from tests.operations import supplier as goods

SUPPLIER: Supplier = goods.SUPPLIER
STAFF = goods.EVERYBODY
# Work goes on around the clock: tests of working time say their own.
ALWAYS = WorkingTime(
    frozenset(range(7)), datetime.min.time(), datetime.max.time().replace(microsecond=0), "UTC"
)


@dataclass(slots=True)
class Office:
    """Verbs of the people of NORTH (below GROUP); accounts and products are those of the state machine's supplier."""

    pool: Pool
    persons: dict[str, int] = field(default_factory=dict)

    async def open(self) -> None:
        await goods.begin_anew(self.pool)

    async def person(
        self, name: str, *roles: str, account: str = "NORTH", limit: str | None = None,
        per_month: str | None = None,
    ) -> str:  # fmt: skip
        """Answers the e-mail."""
        email = f"{name.lower()}@example.test"
        member = membership.Member(
            account, email, name.title(), list(roles or ["buyer"]),
            per_order=membership.Limit(Decimal(limit), "GBP") if limit else None,
            per_period=membership.Limit(Decimal(per_month), "GBP", "month") if per_month else None,
        )  # fmt: skip
        work = Work(self.pool, actor="test")
        async with work:
            await membership.put_member(work, member)
            found = await people.by_email(work.conn, email)
        assert found is not None
        self.persons[name] = found.id
        return email

    async def viewer(self, name: str) -> Viewer:
        work = Work(self.pool)
        async with work:
            found = await people.viewer(work.conn, self.persons[name])
        assert found is not None
        return found[0]

    async def policy(self, *rules: Rule, account: str = "NORTH", **more: Any) -> None:
        more.setdefault("working", ALWAYS)
        work = Work(self.pool, actor="test")
        async with work:
            await approving.put_policy(work, STAFF, Policy(account, tuple(rules), **more))

    async def stock(self, sku: str = "BOLT", quantity: int = 1000, location: str = "MAIN") -> None:
        work = Work(self.pool, actor="test")
        async with work:
            await counting.count(work, location, sku, Decimal(quantity), None)

    async def account(self, number: str = "NORTH", **changes: Any) -> None:
        work = Work(self.pool, actor="test")
        async with work:
            await cataloguing.put_account(work, goods.account(number, **changes))

    async def order(
        self, by: str, total: str | int = 1200, *, account: str = "NORTH", lines: Sequence[WantedLine] = (),
        **more: Any,
    ) -> str:  # fmt: skip
        """Place an order that comes to the total with 20 % tax; answers its number."""
        work = Work(self.pool, actor=by)
        viewer = await self.viewer(by) if by in self.persons else STAFF
        wanted = lines or [WantedLine(1, "BOLT", Decimal(10), Decimal(total) / 12)]
        async with work:
            number, _ = await placing.place(work, viewer, SUPPLIER, Wanted(account, wanted, **more))
        return number

    async def state(self, order: str) -> str:
        return await self.pool.fetchval(  # type: ignore[no-any-return]
            "select s.state from orders o join order_status s on s.order_id = o.id where o.number = $1", order
        )

    async def request(self, order: str, person: str | None = None) -> Request:
        """The newest request of an order."""
        work = Work(self.pool)
        async with work:
            found = await approvals.of_order(
                work.conn, STAFF, order, self.persons[person] if person else None, utc_now()
            )
        return found[0]

    async def decide(self, who: str, order: str, what: str = "approve", **more: Any) -> str:
        """Decide on the newest request of an order; answers the request's state."""
        request = await self.request(order)
        return await self.decide_on(who, request.number, what, **more)

    async def decide_on(self, who: str, number: str, what: str = "approve", **more: Any) -> str:
        work = Work(self.pool, actor=who)
        viewer = await self.viewer(who)
        if what != "approve":
            more.setdefault("comment", "because")
        async with work:
            return await deciding.decide(work, viewer, number, Decision(what, **more), SUPPLIER)

    async def answer(self, who: str, order: str, comment: str = "so") -> str:
        request, viewer, work = await self.request(order), await self.viewer(who), Work(self.pool, actor=who)
        async with work:
            return await deciding.answer(work, viewer, request.number, comment)

    async def withdraw(self, who: str, order: str) -> str:
        request, viewer, work = await self.request(order), await self.viewer(who), Work(self.pool, actor=who)
        async with work:
            return await deciding.withdraw(work, viewer, request.number, "no longer")

    async def change(self, who: str, order: str, *lines: ChangedLine, **more: Any) -> str:
        viewer = await self.viewer(who) if who in self.persons else STAFF
        work = Work(self.pool, actor=who)
        async with work:
            return await revising.change(work, viewer, SUPPLIER, order, Change(lines, **more))

    async def told(self, order: str) -> list[str]:
        """The types of the order's events, oldest first."""
        rows = await self.pool.fetch(
            """select e.type from event e join orders o on o.id = e.order_id where o.number = $1 order by e.id""",
            order,
        )
        return [row["type"] for row in rows]

    async def mailed(self, name: str) -> list[str]:
        rows = await self.pool.fetch(
            "select kind from mail where person_id = $1 order by id", self.persons[name]
        )
        return [row["kind"] for row in rows]


def above(amount: str | int, *steps: Step, name: str = "large") -> Rule:
    """A rule for orders above an amount in GBP."""
    return Rule(name, steps, When(total_above=Above(Decimal(amount), "GBP")))


def by(*emails: str, need: str | int = "all") -> Step:
    return Step(tuple(emails), need=need)


def role(name: str, need: str | int = "any") -> Step:
    return Step(role=name, need=need)


def seats(request: Request) -> list[list[str]]:
    """Who sits in each step, by e-mail's first part."""
    return [[seat.email.partition("@")[0] for seat in step.seats] for step in request.steps]
