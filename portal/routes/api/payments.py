"""Money through the API: what was received for an invoice, paid back of a surplus, or moved to another invoice."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

from litestar import Request, Response, Router, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from portal.db.work import Work
from portal.domain.access import Viewer
from portal.operations import paying
from portal.operations.paying import Money
from portal.routes.api import bodies, invoice_shapes
from portal.routes.api import invoice_bodies as sent
from portal.routes.api.access import NEEDS
from portal.routes.api.commands import Answer, command
from portal.routes.api.invoices import find
from portal.routes.api.orders import fingerprint, with_origin

ApiRequest = Request[Any, Any, Any]
WRITE: dict[str, Any] = {NEEDS: "invoices:write"}


@post("/invoices/{number:str}/payments", opt=WRITE, status_code=201)
async def pay(
    request: ApiRequest,
    number: FromPath[str],
    data: sent.PostPayment,
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
) -> Response[bytes]:
    """What was received for an invoice: in part, in full, or more, which leaves a surplus on it. Told again under the
    same origin and external id it is the first one."""
    money = _money(data, data.amount, data.received_on, "/received_on")
    return await _record(request, work, viewer, number, lambda: paying.pay(work, viewer, number, money))


@post("/invoices/{number:str}/refunds", opt=WRITE, status_code=201)
async def refund(
    request: ApiRequest,
    number: FromPath[str],
    data: sent.PostRefund,
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
) -> Response[bytes]:
    """What was paid back of an invoice's surplus."""
    money = _money(data, data.amount, data.paid_on, "/paid_on")
    return await _record(request, work, viewer, number, lambda: paying.refund(work, viewer, number, money))


@post("/invoices/{number:str}/transfers", opt=WRITE, status_code=201)
async def transfer(
    request: ApiRequest,
    number: FromPath[str],
    data: sent.PostTransfer,
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
) -> Response[bytes]:
    """Settle another invoice of the account with this one's surplus: by an amount, or by as much as is there and is
    due. The answer is what the other invoice received."""
    money = _money(data, data.amount, data.on, "/on")
    return await _record(
        request, work, viewer, data.to, lambda: paying.transfer(work, viewer, number, data.to, money)
    )


def _money(
    data: sent.PostPayment | sent.PostRefund | sent.PostTransfer,
    amount: str | int | None,
    on: date | None,
    pointer: str,
) -> Money:
    with_origin(data.origin, data.external_id)
    bodies.within_reach(on, pointer)
    return Money(
        amount=bodies.amount(amount, "/amount") if amount is not None else None,
        on=on,
        reference=data.reference,
        origin=data.origin,
        external_id=data.external_id,
        fingerprint=fingerprint(data) if data.origin is not None else None,
    )


async def _record(
    request: ApiRequest,
    work: Work,
    viewer: Viewer,
    number: str,
    verb: Callable[[], Awaitable[tuple[int, bool]]],
) -> Response[bytes]:
    """A payment, answered with how the invoice that it settles stands since."""

    async def do() -> Answer:
        payment, is_new = await verb()
        return Answer(
            201 if is_new else 200, invoice_shapes.payment(await find(work, viewer, number), payment)
        )

    return await command(request, work, viewer, do)


router = Router(path="", tags=["Invoices"], route_handlers=[pay, refund, transfer])
