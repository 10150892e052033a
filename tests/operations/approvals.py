"""Who must agree, as moves: orders of people, decisions of those who are asked, changes, and time that runs out."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from portal.db import people as found
from portal.db.work import Connection, Pool, Work
from portal.domain.access import Viewer
from portal.domain.chains import Policy
from portal.domain.orders import Order
from portal.domain.policies import Above, Rule, Step, When
from portal.operations import deciding, delegating, minding, people, placing, regulating, revising
from portal.operations.deciding import Condition, Decision
from portal.operations.people import Limit, Member
from portal.operations.placing import Wanted, WantedLine
from tests.operations.moves import AGAIN, TRIES, Draw, Move, one_of
from tests.operations.supplier import EVERYBODY, SKUS, SUPPLIER, Sight, share

# (who, account, roles, limit per order). Ann and Bob stand in for each other now and then; Gus is the group's.
STAFF = (
    ("pia", "NORTH", ["buyer"], Decimal(150)),
    ("ann", "NORTH", ["approver"], Decimal(120)),
    ("bob", "NORTH", ["approver", "buyer"], None),
    ("gus", "GROUP", ["account_admin"], None),
    ("sam", "SMALL", ["buyer", "finance"], None),
    ("sue", "SMALL", ["account_admin"], Decimal(300)),
)
BUYERS = {"pia": "NORTH", "bob": "NORTH", "sam": "SMALL"}


def email(who: str) -> str:
    return f"{who}@buyers.example"


def above(amount: int) -> When:
    return When(total_above=Above(Decimal(amount), "GBP"))


def policies(self_approval: bool = False, hours: int = 30) -> list[Policy]:
    """Small amounts pass, more asks one, much asks several."""
    both = (email("ann"), email("bob"))
    return [
        Policy(
            "NORTH",
            (
                Rule("Some", (Step(both, need="any"),), above(40)),
                Rule("Much", (Step(both), Step(role="account_admin", need="any")), above(120)),
            ),
            self_approval,
            expires_after_hours=hours,
            remind_after_hours=8,
            escalate_after_hours=16,
        ),
        Policy("SMALL", (Rule("Some", (Step((email("sue"),)),), above(60)),), True, 40),
    ]


async def employ(pool: Pool) -> None:
    """The people, and what they must agree to."""
    work = Work(pool, actor="test")
    async with work:
        for who, account, roles, limit in STAFF:
            per_order = Limit(limit, "GBP") if limit else None
            await people.put_member(
                work, Member(account, email(who), who.title(), roles, per_order=per_order)
            )
        for policy in policies():
            await regulating.put_policy(work, EVERYBODY, policy)


async def viewer(conn: Connection, who: str) -> Viewer:
    person = await found.by_email(conn, email(who))
    known = await found.viewer(conn, person.id) if person else None
    assert known is not None
    return known[0]


@dataclass(frozen=True, slots=True)
class Request:
    """A request that is open. `asked` are those who sit in the step that is asked."""

    number: str
    order: str
    account: str
    state: str
    version: int
    total: Decimal
    requester: str | None
    asked: tuple[str, ...]


OPEN = """
select r.number, o.number as order, r.account, r.state, r.version, r.total, split_part(p.email, '@', 1) as requester,
    array(select split_part(q.email, '@', 1) from approval_seat s join person q on q.id = s.person_id
          where s.request_id = r.id and s.position = r.step and s.state = 'open' order by q.email) as asked
from approval_request r join orders o on o.id = r.order_id left join person p on p.id = r.requester_id
where r.settled_at is null order by r.id
"""


async def requests(conn: Connection) -> list[Request]:
    return [Request(*list(row.values())[:-1], tuple(row["asked"])) for row in await conn.fetch(OPEN)]


def place_as_a_person(sight: Sight, draw: Draw) -> Move:
    """Somebody orders for their own company."""
    who = draw(st.sampled_from(sorted(BUYERS)))
    skus = draw(st.lists(st.sampled_from(SKUS), min_size=1, max_size=3))
    lines = [WantedLine(line, sku, share(sku, draw(st.integers(1, 20)))) for line, sku in enumerate(skus, 1)]
    wanted = Wanted(account=BUYERS[who], lines=lines)

    async def do(work: Work) -> None:
        await placing.place(work, await viewer(work.conn, who), SUPPLIER, wanted)

    return Move(f"{who} places {wanted}", do)


def decide(sight: Sight, draw: Draw) -> Move | None:
    """Mostly one of those who are asked, mostly with what they have seen."""
    request = one_of(draw, sight.requests)
    if request is None:
        return None
    anybody = [who for who, *_ in STAFF]
    who = draw(st.sampled_from([*request.asked * 4, *anybody]))
    decision = draw(_decisions(request, sight))
    return Move(
        f"{who} decides {request}: {decision}",
        lambda work: _decide(work, who, request.number, decision),
    )


def _decisions(request: Request, sight: Sight) -> st.SearchStrategy[Decision]:
    version = st.sampled_from((request.version,) * 5 + (request.version - 1, None))
    totals = st.sampled_from((None, request.total - 5, request.total, request.total * 2))
    days = st.none() | st.integers(0, 5).map(lambda days: sight.today + timedelta(days))
    plainly = st.builds(Decision, st.just("approve"), version=version)
    within = st.builds(
        Decision, st.just("approve"), condition=st.builds(Condition, totals, days), version=version
    )
    not_at_all = st.builds(Decision, st.just("reject"), st.just("too much"), version=version)
    some = st.lists(st.integers(1, 4), min_size=1, max_size=3, unique=True)
    in_part = st.builds(Decision, st.just("reject"), st.just("not these"), some, version=version)
    back = st.builds(Decision, st.just("ask"), st.just("why?"), version=version)
    return st.one_of(plainly, plainly, plainly, within, not_at_all, in_part, back)


async def _decide(work: Work, who: str, number: str, decision: Decision) -> str:
    return await deciding.decide(work, await viewer(work.conn, who), number, decision, SUPPLIER)


def ask(sight: Sight, draw: Draw) -> Move | None:
    """One of those who are asked wants to know more."""
    request = one_of(draw, [request for request in sight.requests if request.asked])
    if request is None:
        return None
    decision = Decision("ask", "why?", version=request.version)
    return Move(
        f"{request.asked[0]} asks back {request}",
        lambda work: _decide(work, request.asked[0], request.number, decision),
    )


def answer(sight: Sight, draw: Draw) -> Move | None:
    request = one_of(draw, [request for request in sight.requests if request.state == "asked"])
    if request is None:
        return None
    who = request.requester or draw(st.sampled_from(("gus", "sue")))

    async def do(work: Work) -> None:
        await deciding.answer(work, await viewer(work.conn, who), request.number, "because")

    return Move(f"{who} answers {request}", do)


def withdraw(sight: Sight, draw: Draw) -> Move | None:
    request = one_of(draw, sight.requests)
    if request is None:
        return None
    who = request.requester or draw(st.sampled_from(("gus", "sue")))

    async def do(work: Work) -> None:
        await deciding.withdraw(work, await viewer(work.conn, who), request.number)

    return Move(f"{who} withdraws {request}", do)


def change(sight: Sight, draw: Draw) -> Move | None:
    """More or less of a line, or another product besides; before the order is placed and after."""
    order: Order | None = one_of(draw, sight.orders)
    if order is None:
        return None
    line = draw(st.sampled_from([line.line for line in order.lines]))
    sku = next(one.sku for one in order.lines if one.line == line)
    lines = [revising.ChangedLine(share(sku, draw(st.integers(0, 25))), line=line)]
    besides = draw(st.none() | st.sampled_from(SKUS))
    if besides:
        lines.append(revising.ChangedLine(share(besides, draw(st.integers(1, 9))), sku=besides))
    wanted = revising.Change(lines)
    who = draw(st.sampled_from((None, "pia", "gus")))

    async def do(work: Work) -> None:
        someone = await viewer(work.conn, who) if who else EVERYBODY
        await revising.change(work, someone, SUPPLIER, order.number, wanted)

    return Move(f"{who} changes {order.number}: {wanted}", do)


def delegate(sight: Sight, draw: Draw) -> Move:
    """Also round in a circle."""
    away, deputy = draw(
        st.sampled_from((("ann", "bob"), ("bob", "ann"), ("bob", "gus"), ("gus", "ann"), ("sue", "sam")))
    )
    first: date = sight.today + timedelta(draw(st.integers(0, 1)))
    last = first + timedelta(draw(st.integers(0, 4)))
    cap = draw(st.none() | st.just(Decimal(100)))
    account = next(account for who, account, *_ in STAFF if who == away)
    wanted = delegating.Delegating(
        account, email(away), email(deputy), first, last, cap, "GBP" if cap else None
    )

    async def do(work: Work) -> None:
        await delegating.delegate(work, await viewer(work.conn, away), wanted)

    return Move(f"delegate {wanted}", do)


def regulate(sight: Sight, draw: Draw) -> Move:
    policy = draw(st.sampled_from([*policies(), *policies(True, 10)]))
    return Move(f"policy {policy}", lambda work: regulating.put_policy(work, EVERYBODY, policy))


class Minded(Move):
    """The worker does what is due; several transactions."""

    async def make(self, pool: Pool) -> None:
        for left in reversed(range(TRIES)):
            try:
                await minding.mind(pool)
                return
            except AGAIN:
                if not left:
                    raise


def mind(sight: Sight, draw: Draw) -> Move:
    async def nothing(work: Work) -> None:
        return None

    return Minded("mind the requests", nothing)


MOVES: tuple[Callable[[Sight, Draw], Move | None], ...] = (
    place_as_a_person,
    decide,
    ask,
    answer,
    withdraw,
    change,
    delegate,
    regulate,
    mind,
)

# Each finds what breaks it.
LAWS = {
    "an order waits for approval exactly while it is asked for": """
        select o.number || ' is ' || s.state || ', its request ' || coalesce(r.state, 'is not there')
        from orders o join order_status s on s.order_id = o.id
        left join approval_request r on r.order_id = o.id and r.kind = 'order' and r.settled_at is null
        where (s.state = 'pending_approval') <> (r.id is not null)""",
    "what waits for approval has nothing set aside": """
        select o.number || ': ' || p.stage || ' of ' || p.sku
        from order_status s join orders o on o.id = s.order_id join portion p on p.order_id = s.order_id
        where s.state in ('pending_approval', 'rejected') and (p.stage not in ('waiting', 'cancelled')
            or p.inbound_line_id is not null or (p.stage = 'waiting' and p.location is not null))""",
    "nothing is placed before all have agreed": """
        select o.number || ' is ' || s.state || ', its request ' || r.state
        from orders o join order_status s on s.order_id = o.id
        join lateral (select * from approval_request r where r.order_id = o.id and r.kind = 'order'
            order by r.id desc limit 1) r on true
        where s.state in ('open', 'held', 'closed') and r.state <> 'approved'
            or s.state = 'rejected' and r.state not in ('rejected', 'expired')""",
    "enough of each step have agreed, and none of them placed the order": """
        select r.number || ' step ' || t.position || ': ' || count(s.id) || ' of ' || t.need
        from approval_request r join approval_step t on t.request_id = r.id
        left join approval_seat s on s.request_id = r.id and s.position = t.position and s.state = 'approved'
        where t.state = 'passed'
        group by r.id, t.request_id, t.position, t.need having count(s.id) < t.need""",
    "nobody sits in two steps of a request": """
        select r.number || ': ' || p.email from approval_seat s join approval_request r on r.id = s.request_id
        join person p on p.id = s.person_id group by r.id, p.id having count(*) > 1""",
    "nobody approves for themselves where it is not allowed": """
        select r.number || ': ' || p.email from approval_seat s join approval_request r on r.id = s.request_id
        join person p on p.id = coalesce(s.decided_by, s.person_id)
        where s.state = 'approved' and r.requester_id in (s.person_id, s.decided_by)
            and not exists (select 1 from audit_entry a where a.account = r.account and a.action = 'policy.changed'
                and a.body like '%"self_approval":true%')""",
    "a request asks for what the order comes to": """
        select r.number || ': ' || r.total || ' asked, ' || s.open_value || ' to come'
        from approval_request r join order_status s on s.order_id = r.order_id
        where r.kind = 'order' and r.settled_at is null and r.total <> s.open_value""",
    "every request and every decision is in the audit chain": """
        select r.number || ': ' || count(a.id) || ' entries, ' || d.given || ' decisions'
        from approval_request r
        join lateral (select count(*) as given from approval_decision d where d.request_id = r.id) d on true
        left join audit_entry a on a.account = r.account and a.subject = r.number
        group by r.id, d.given having count(a.id) < d.given""",
}


async def broken(conn: Connection) -> list[str]:
    """A sentence for everything that breaks a law about approvals."""
    return [f"{law}: {row[0]}" for law, query in LAWS.items() for row in await conn.fetch(query)]
