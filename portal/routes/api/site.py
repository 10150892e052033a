"""The API put together: its routers, its guard, its errors, its description."""

from litestar import Router
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme, Tag

from portal.domain.refusals import Refused
from portal.routes.api import (
    approval_policies,
    approvals,
    audit,
    changes,
    contract,
    credit,
    delegations,
    disputes,
    feed,
    invoices,
    mail_bounces,
    master,
    offers,
    operating,
    orders,
    own_skus,
    payments,
    queue,
    quotes,
    return_pictures,
    returns,
    shipments,
    users,
    warehouse,
    webhooks,
)
from portal.routes.api.access import bearer, provide_viewer
from portal.routes.api.problems import problem_handler
from portal.routes.api.reading import StrictRequest

PATH = contract.PATH

router = Router(
    path=PATH,
    guards=[bearer],
    dependencies={"viewer": Provide(provide_viewer)},
    exception_handlers={HTTPException: problem_handler, Refused: problem_handler, Exception: problem_handler},
    security=[{"token": []}],
    request_class=StrictRequest,
    request_max_body_size=20_000_000,
    route_handlers=[
        master.router,
        users.router,
        credit.router,
        own_skus.router,
        orders.router,
        approvals.router,
        approval_policies.router,
        delegations.router,
        changes.router,
        queue.router,
        offers.router,
        quotes.router,
        warehouse.router,
        shipments.router,
        invoices.router,
        payments.router,
        returns.router,
        return_pictures.router,
        disputes.router,
        feed.router,
        webhooks.router,
        audit.router,
        mail_bounces.router,
        operating.router,
    ],
)

description = OpenAPIConfig(
    title="Buyer portal",
    version="1",
    description=(
        "Orders as quantities: where each is, why, and when it arrives. Money and quantities are strings that hold "
        "decimals. Every POST takes an `Idempotency-Key`; errors are problem documents (RFC 9457)."
    ),
    # The document and its page are handlers of ours: the framework's own would answer for every unknown address.
    path="/api/openapi",
    render_plugins=[JsonRenderPlugin(path="/document.json")],
    use_handler_docstrings=True,
    components=Components(security_schemes={"token": SecurityScheme(type="http", scheme="bearer")}),
    tags=[
        Tag("Master data", "What the ERP and the warehouse tell. PUT replaces."),
        Tag("Orders", "Placing, reading, and every command that moves quantities."),
        Tag("Approvals", "Who must agree, who decides, and what they decided."),
        Tag("Shipments", "What carriers and warehouses report."),
        Tag("Returns", "Goods that come back, and what was credited for them."),
        Tag("Invoices", "What was billed, corrected and paid, and what is disputed."),
        Tag("Feed", "What happened, without gaps."),
        Tag("Webhooks", "What happened, told to a system of yours as it happens."),
        Tag("People and tokens", "Who may ask."),
    ],
)


# Open to everybody: they say what can be asked, not what is answered.
described = (contract.document, contract.page)


def concerns(path: str) -> bool:
    """Whether an address belongs to the API, also one that does not exist."""
    return path == "/api" or path.startswith("/api/")
