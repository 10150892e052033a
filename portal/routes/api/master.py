"""Master data: what the ERP and the warehouse tell. PUT replaces; the answer is the thing as it is now."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import msgspec
from litestar import Response, Router, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from portal.db import master
from portal.db.inbound import Announced
from portal.db.patience import patiently
from portal.db.work import Work
from portal.domain.access import Viewer
from portal.domain.freight import Tariff
from portal.domain.refusals import NotFound, Problem, Unacceptable
from portal.operations import agreeing, arranging, cataloguing, counting, receiving
from portal.routes.api import bodies, master_bodies, shapes
from portal.routes.api.access import NEEDS, SUPPLIER_ONLY

Put = Response[dict[str, Any]]
ACCOUNTS: dict[str, Any] = {NEEDS: "accounts:write"}
STOCK: dict[str, Any] = {NEEDS: "stock:write"}
READ: dict[str, Any] = {SUPPLIER_ONLY: True}
KINDS = ("purchase_order", "transfer", "production", "inspection")


def code(value: str, noun: str) -> str:
    """A number in the address that is to be written: printable, no slash, at most 64 characters."""
    try:
        return msgspec.convert(value, bodies.Code)
    except msgspec.ValidationError as wrong:
        raise Unacceptable(
            f"A {noun} has 1 to 64 printable characters, no slash, no space at its ends.",
            [Problem("", str(wrong))],
        ) from wrong


async def replace(work: Work, write: Callable[[], Awaitable[bool]], query: str, *keys: str) -> Put:
    async def once() -> Put:
        async with work:
            is_new = await write()
            document = await master.document(work.conn, query, *keys)
        return Response(shapes.master_data(document or {}), status_code=201 if is_new else 200)

    return await patiently(once)


async def _read(work: Work, noun: str, query: str, *keys: str) -> dict[str, Any]:
    async with work:
        document = await master.document(work.conn, query, *keys)
    if document is None:
        raise NotFound(f"There is no {noun} {' '.join(keys)!r}.")
    return shapes.master_data(document)


@put("/accounts/{number:str}", opt=ACCOUNTS, status_code=200)
async def put_account(
    number: FromPath[str],
    data: master_bodies.PutAccount,
    work: NamedDependency[Work],
    viewer: NamedDependency[Viewer],
) -> Put:
    """Write or replace a buying company with its ship-tos."""
    limit = data.credit_limit
    terms = cataloguing.AccountTerms(
        number=code(number, "account number"),
        name=data.name,
        currency=data.currency,
        parent=data.parent,
        priority=data.priority,
        tax_id=data.tax_id,
        credit_limit=bodies.amount(limit, "/credit_limit", data.currency) if limit is not None else None,
        credit_hold=data.credit_hold,
        payment_terms_days=data.payment_terms_days,
        invoice_terms=data.invoice_terms,
        consolidation=data.consolidation,
        delivery_preference=data.delivery_preference,
        weekly_day=data.weekly_day,
        tax_status=data.tax_status,
        freight_policy=data.freight_policy,
        own_country_first=data.own_country_first,
        credit_source=data.credit_source,
        erp_silence=data.erp_silence,
        erp_figures_age_hours=data.erp_figures_age_hours,
        draws_on_parent=data.draws_on_parent,
        invoicing=_invoicing(data),
        ship_tos=[
            cataloguing.ShipTo(s.code, s.name, _address(s.address), s.instructions) for s in data.ship_tos
        ],
    )

    async def write() -> bool:
        is_new = await cataloguing.put_account(work, terms)
        await arranging.arrange(work, viewer, number, _arranged(data), is_new=is_new)
        return is_new

    return await replace(work, write, master.ACCOUNT, number)


def _arranged(data: master_bodies.PutAccount) -> dict[str, Any]:
    """What was named of how the supplier looks after it."""
    said = {
        "manager": data.manager,
        "silence_days": data.silence_days,
        "impersonation": data.impersonation,
        "erp_number": data.erp_number,
    }
    return {name: value for name, value in said.items() if value is not msgspec.UNSET}


def _invoicing(data: master_bodies.PutAccount) -> cataloguing.Invoicing:
    bills_go_to = data.billing_address
    return cataloguing.Invoicing(
        legal_name=data.legal_name,
        registration=data.registration,
        billing_name=bills_go_to.name if bills_go_to else None,
        billing_address=_address(bills_go_to) if bills_go_to else None,
        electronic_address=data.electronic_address,
        buyer_reference=data.buyer_reference,
        contract_number=data.contract_number,
        document_language=data.document_language,
    )


def _address(address: bodies.Address) -> cataloguing.Address:
    return cataloguing.Address(
        address.lines, address.city, address.country, address.postal_code, address.region
    )


@get("/accounts/{number:str}", opt=READ)
async def get_account(number: FromPath[str], work: NamedDependency[Work]) -> dict[str, Any]:
    """A buying company."""
    return await _read(work, "account", master.ACCOUNT, number)


@put("/products/{sku:str}", opt=STOCK, status_code=200)
async def put_product(sku: FromPath[str], data: master_bodies.PutProduct, work: NamedDependency[Work]) -> Put:
    """Write or replace a product."""
    facts = cataloguing.ProductFacts(
        sku=code(sku, "SKU"),
        name=data.name,
        unit=data.unit,
        list_price=bodies.quantity(data.list_price.amount, "/list_price/amount"),
        list_currency=data.list_price.currency,
        tax_category=data.tax_category,
        mode=data.mode,
        weight_kg=bodies.optional(data.weight_kg, "/weight_kg"),
        category=data.category,
        managed=data.managed,
        backorders=data.backorders,
        lead_time_days=data.lead_time_days,
        active=data.active,
    )
    return await replace(work, lambda: cataloguing.put_product(work, facts), master.PRODUCT, sku)


@get("/products/{sku:str}", opt=READ)
async def get_product(sku: FromPath[str], work: NamedDependency[Work]) -> dict[str, Any]:
    """A product."""
    return await _read(work, "product", master.PRODUCT, sku)


@put("/locations/{location:str}", opt=STOCK, status_code=200)
async def put_location(
    location: FromPath[str], data: master_bodies.PutLocation, work: NamedDependency[Work]
) -> Put:
    """Write or replace a warehouse with its calendar."""
    facts = cataloguing.LocationFacts(
        code=code(location, "location code"),
        name=data.name,
        address=_address(data.address),
        time_zone=data.time_zone,
        working_days=data.working_days,
        holiday_calendar=data.holiday_calendar,
        receiving_days=data.receiving_days,
        handling_days=data.handling_days,
        transit_days={"parcel": data.transit_days.parcel, "freight": data.transit_days.freight},
        freight_tariffs=[_tariff(location, one, index) for index, one in enumerate(data.freight_tariffs)],
    )
    return await replace(work, lambda: cataloguing.put_location(work, facts), master.LOCATION, location)


def _tariff(location: str, tariff: master_bodies.FreightTariff, index: int) -> Tariff:
    at = f"/freight_tariffs/{index}"
    return Tariff(
        location,
        tariff.mode,
        tariff.currency,
        bodies.amount(tariff.per_shipment, f"{at}/per_shipment", tariff.currency),
        bodies.amount(tariff.per_kg, f"{at}/per_kg"),
        None
        if tariff.free_from is None
        else bodies.amount(tariff.free_from, f"{at}/free_from", tariff.currency),
    )


@get("/locations/{location:str}", opt=READ)
async def get_location(location: FromPath[str], work: NamedDependency[Work]) -> dict[str, Any]:
    """A warehouse."""
    return await _read(work, "location", master.LOCATION, location)


@put("/price-agreements/{number:str}", opt=ACCOUNTS, status_code=200)
async def put_price_agreement(
    number: FromPath[str], data: master_bodies.PutPriceAgreement, work: NamedDependency[Work]
) -> Put:
    """Write or replace the prices of one account between two dates."""
    terms = cataloguing.PriceTerms(
        code(number, "agreement number"),
        data.account,
        data.currency,
        data.valid_from,
        data.valid_to,
        [
            cataloguing.Price(
                price.sku,
                bodies.quantity(price.amount, f"/prices/{index}/amount"),
                bodies.quantity(price.min_quantity, f"/prices/{index}/min_quantity"),
            )
            for index, price in enumerate(data.prices)
        ],
    )
    return await replace(
        work, lambda: cataloguing.put_price_agreement(work, terms), master.PRICE_AGREEMENT, number
    )


@get("/price-agreements/{number:str}", opt=READ)
async def get_price_agreement(number: FromPath[str], work: NamedDependency[Work]) -> dict[str, Any]:
    """A price agreement."""
    return await _read(work, "price agreement", master.PRICE_AGREEMENT, number)


@put("/allocation-agreements/{number:str}", opt=ACCOUNTS, status_code=200)
async def put_allocation_agreement(
    number: FromPath[str], data: master_bodies.PutAllocationAgreement, work: NamedDependency[Work]
) -> Put:
    """Guarantee stock to an account. A new agreement takes unpicked stock of others at once."""
    terms = agreeing.Terms(
        code(number, "agreement number"),
        data.account,
        data.location,
        data.sku,
        bodies.quantity(data.quantity, "/quantity"),
        data.valid_from,
        data.valid_to,
    )
    return await replace(work, lambda: agreeing.put(work, terms), master.ALLOCATION_AGREEMENT, number)


@get("/allocation-agreements/{number:str}", opt=READ)
async def get_allocation_agreement(number: FromPath[str], work: NamedDependency[Work]) -> dict[str, Any]:
    """An allocation agreement and what it holds now."""
    return await _read(work, "allocation agreement", master.ALLOCATION_AGREEMENT, number)


@put("/stock/{location:str}/{sku:str}", opt=STOCK, status_code=200)
async def put_stock(
    location: FromPath[str], sku: FromPath[str], data: master_bodies.PutStock, work: NamedDependency[Work]
) -> Put:
    """A count, absolute. What it leaves short is taken from the least urgent, what it finds goes to the queue."""
    on_hand = bodies.quantity(data.on_hand, "/on_hand")
    quarantined = bodies.optional(data.quarantined, "/quarantined")
    if quarantined is not None and quarantined > on_hand:
        raise Unacceptable(
            f"{quarantined} cannot be in quarantine when {on_hand} are on hand.",
            [Problem("/quarantined", "more than on_hand")],
        )
    return await replace(
        work, lambda: counting.count(work, location, sku, on_hand, quarantined), master.STOCK, location, sku
    )


@get("/stock/{location:str}/{sku:str}", opt=READ)
async def get_stock(
    location: FromPath[str], sku: FromPath[str], work: NamedDependency[Work]
) -> dict[str, Any]:
    """One stock level."""
    return await _read(work, "stock level", master.STOCK, location, sku)


@get("/stock", opt={**READ, "query": ("sku",)})
async def list_stock(
    sku: Annotated[str, QueryParameter(description="The product")], work: NamedDependency[Work]
) -> dict[str, Any]:
    """A product's stock at all locations."""
    async with work:
        if await master.document(work.conn, master.PRODUCT, sku) is None:
            raise NotFound(f"There is no product {sku!r}.")
        return {"items": await master.stock_of(work.conn, sku), "next": None}


@put("/inbound/{kind:str}/{reference:str}", opt=STOCK, status_code=200)
async def put_inbound(
    kind: FromPath[str], reference: FromPath[str], data: master_bodies.PutInbound, work: NamedDependency[Work]
) -> Put:
    """Announce supply, or announce it anew: a new date is how a slip is told."""
    refuse_kind(kind)
    for index, line in enumerate(data.lines):
        bodies.within_reach(line.expected_on, f"/lines/{index}/expected_on")
    lines = [
        Announced(
            line.line,
            line.sku,
            positive(line.quantity, f"/lines/{index}/quantity"),
            line.expected_on,
            line.for_order,
            line.for_line,
        )
        for index, line in enumerate(data.lines)
    ]
    wanted = receiving.Announcement(
        kind,
        code(reference, "reference"),
        data.location,
        lines,
        data.from_location,
        data.supplier,
        data.confirmed,
    )
    return await replace(work, lambda: receiving.announce(work, wanted), master.INBOUND, kind, reference)


@get("/inbound/{kind:str}/{reference:str}", opt=READ)
async def get_inbound(
    kind: FromPath[str], reference: FromPath[str], work: NamedDependency[Work]
) -> dict[str, Any]:
    """Supply on its way, and what has come of it."""
    refuse_kind(kind)
    return await _read(work, "inbound", master.INBOUND, kind, reference)


def refuse_kind(kind: str) -> None:
    """There are four kinds of inbound; anything else is no address of ours."""
    if kind not in KINDS:
        raise NotFound(f"There is no kind of inbound {kind!r}; the kinds are {', '.join(KINDS)}.")


def positive(raw: str | int, pointer: str) -> Any:
    """A quantity of more than nothing."""
    value = bodies.quantity(raw, pointer)
    if not value:
        raise Unacceptable("The quantity must be more than 0.", [Problem(pointer, "must be more than 0")])
    return value


router = Router(
    path="",
    tags=["Master data"],
    route_handlers=[
        put_account,
        get_account,
        put_product,
        get_product,
        put_location,
        get_location,
        put_price_agreement,
        get_price_agreement,
        put_allocation_agreement,
        get_allocation_agreement,
        put_stock,
        get_stock,
        list_stock,
        put_inbound,
        get_inbound,
    ],
)
