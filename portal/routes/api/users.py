"""The people of an account, as the supplier's systems tell them."""

from litestar import Router, delete, put
from litestar.di import NamedDependency
from litestar.params import FromPath

from portal.db.master import USER
from portal.db.patience import patiently
from portal.db.work import Work
from portal.domain.mails import is_address
from portal.domain.refusals import Problem, Unacceptable
from portal.operations import administering, people
from portal.routes.api import bodies, master


@put("/accounts/{number:str}/users/{email:str}", opt=master.ACCOUNTS, status_code=200)
async def put_user(
    number: FromPath[str],
    email: FromPath[str],
    data: bodies.PutUser,
    work: NamedDependency[Work],
    simulated: NamedDependency[bool],
) -> master.Put:
    """Write or replace a person of an account. A password can be set in demo and test mode only.

    `active` false shuts them out of the portal, of all their accounts, with the next request; true lets them in again.
    """
    if not is_address(email):
        raise Unacceptable(f"{email!r} is no e-mail address.", [Problem("", "no e-mail address")])
    if data.password is not None and not simulated:
        raise Unacceptable(
            "People choose their own passwords; one can be given in demo and test mode only.",
            [Problem("/password", "not in production")],
        )
    order, period = data.limit_per_order, data.limit_per_period
    member = people.Member(
        account=number,
        email=email,
        name=data.name,
        roles=data.roles,
        password=data.password,
        per_order=people.Limit(
            bodies.amount(order.amount, "/limit_per_order/amount", order.currency), order.currency
        )
        if order
        else None,
        per_period=people.Limit(
            bodies.amount(period.amount, "/limit_per_period/amount", period.currency),
            period.currency,
            period.period,
        )
        if period
        else None,
    )

    async def write() -> bool:
        is_new = await people.put_member(work, member)
        if data.active is not None:
            await administering.turn(work, number, email, active=data.active)
        return is_new

    return await master.replace(work, write, USER, number, email)


@delete("/accounts/{number:str}/users/{email:str}", opt=master.ACCOUNTS, status_code=204)
async def delete_user(number: FromPath[str], email: FromPath[str], work: NamedDependency[Work]) -> None:
    """Take a person out of an account; what they did there stays under their name. Their other accounts stay theirs."""

    async def once() -> None:
        async with work:
            await administering.take_out(work, number, email)

    await patiently(once)


router = Router(path="", tags=["People and tokens"], route_handlers=[put_user, delete_user])
