"""Master data as documents: one statement each, in the shape in which the API tells them."""

from typing import Any

from portal.db.work import Connection

ACCOUNT = """
select jsonb_build_object('number', a.number, 'name', a.name, 'currency', a.currency, 'parent', a.parent,
    'priority', a.priority, 'tax_id', a.tax_id, 'credit_limit', a.credit_limit::text, 'credit_hold', a.credit_hold,
    'payment_terms_days', a.payment_terms_days, 'invoice_terms', a.invoice_terms, 'consolidation', a.consolidation,
    'delivery_preference', a.delivery_preference, 'weekly_day', a.weekly_day, 'tax_status', a.tax_status,
    'freight_policy', a.freight_policy, 'own_country_first', a.own_country_first, 'credit_source', a.credit_source,
    'erp_silence', a.erp_silence, 'erp_figures_age_hours', a.erp_figures_age_hours,
    'draws_on_parent', a.draws_on_parent, 'legal_name', a.legal_name, 'registration', a.registration,
    'billing_address', a.billing_address, 'electronic_address', a.electronic_address,
    'buyer_reference', a.buyer_reference, 'contract_number', a.contract_number,
    'document_language', a.document_language,
    'manager', (select email from person where id = a.manager_id), 'silence_days', a.silence_days,
    'impersonation', a.impersonation, 'erp_number', a.erp_number,
    'ship_tos', coalesce((select jsonb_agg(jsonb_build_object('code', t.code, 'name', t.name, 'address',
        jsonb_build_object('lines', t.lines, 'city', t.city, 'postal_code', t.postal_code, 'region', t.region,
            'country', t.country), 'instructions', t.instructions) order by t.code)
        from ship_to t where t.account = a.number and t.active), '[]'))
from account a where a.number = $1
"""
PRODUCT = """
select jsonb_build_object('sku', sku, 'name', name, 'unit', unit, 'list_price',
    jsonb_build_object('amount', trim_scale(list_price)::text, 'currency', list_currency),
    'tax_category', tax_category, 'mode', mode, 'weight_kg', trim_scale(weight_kg)::text, 'category', category,
    'managed', managed, 'backorders', backorders, 'lead_time_days', lead_time_days, 'active', active)
from product where sku = $1
"""
LOCATION = """
select jsonb_build_object('code', code, 'name', name, 'address', jsonb_build_object('lines', lines, 'city', city,
    'postal_code', postal_code, 'region', region, 'country', country), 'time_zone', time_zone,
    'working_days', working_days, 'holiday_calendar', holiday_calendar, 'receiving_days', receiving_days,
    'handling_days', handling_days, 'transit_days', transit_days, 'freight_tariffs', coalesce((
        select jsonb_agg(jsonb_build_object('mode', f.mode, 'currency', f.currency,
            'per_shipment', trim_scale(f.per_shipment)::text, 'per_kg', trim_scale(f.per_kg)::text,
            'free_from', trim_scale(f.free_from)::text) order by f.mode, f.currency)
        from freight_tariff f where f.location = location.code), '[]'))
from location where code = $1
"""
PRICE_AGREEMENT = """
select jsonb_build_object('number', a.number, 'account', a.account, 'currency', a.currency,
    'valid_from', a.valid_from, 'valid_to', a.valid_to,
    'prices', coalesce((select jsonb_agg(jsonb_build_object('sku', p.sku, 'amount', trim_scale(p.amount)::text,
        'min_quantity', trim_scale(p.min_quantity)::text) order by p.sku, p.min_quantity)
        from agreed_price p where p.agreement = a.number), '[]'))
from price_agreement a where a.number = $1
"""
ALLOCATION_AGREEMENT = """
select jsonb_build_object('number', number, 'account', account, 'location', location, 'sku', sku,
    'quantity', trim_scale(quantity)::text, 'drawn', trim_scale(drawn)::text,
    'reserved', trim_scale(reserved)::text, 'valid_from', valid_from, 'valid_to', valid_to)
from allocation_agreement where number = $1
"""
STOCK = """
select jsonb_build_object('location', location, 'sku', sku, 'on_hand', trim_scale(on_hand)::text,
    'quarantined', trim_scale(quarantined)::text, 'allocated', trim_scale(allocated)::text,
    'reserved', trim_scale(reserved)::text,
    'free', trim_scale(on_hand - quarantined - allocated - reserved)::text)
from stock_level where location = $1 and sku = $2
"""
INBOUND = """
select jsonb_build_object('kind', n.kind, 'reference', n.reference, 'location', n.location,
    'from_location', n.from_location, 'supplier', n.supplier, 'confirmed', n.confirmed,
    'lines', coalesce((select jsonb_agg(jsonb_build_object('line', i.line, 'sku', i.sku,
        'quantity', trim_scale(i.quantity)::text, 'received', trim_scale(i.received)::text,
        'rejected', trim_scale(i.rejected)::text, 'quarantined', trim_scale(i.quarantined)::text,
        'outstanding', trim_scale(case when i.closed then 0
            else greatest(i.quantity - i.received - i.rejected - i.quarantined, 0) end)::text,
        'expected_on', i.expected_on, 'closed', i.closed, 'for_order', i.for_order, 'for_line', i.for_line)
        order by i.line) from inbound_line i where i.inbound_id = n.id), '[]'))
from inbound n where n.kind = $1 and n.reference = $2
"""
USER = """
select jsonb_build_object('email', p.email, 'name', p.name, 'active', p.active, 'account', m.account, 'roles', m.roles,
    'limit_per_order', case when m.limit_per_order is not null then jsonb_build_object(
        'amount', m.limit_per_order::text, 'currency', m.limit_per_order_currency) end,
    'limit_per_period', case when m.limit_per_period is not null then jsonb_build_object(
        'amount', m.limit_per_period::text, 'currency', m.limit_per_period_currency, 'period', m.limit_period) end)
from person p join membership m on m.person_id = p.id where m.account = $1 and lower(p.email) = lower($2)
"""


async def document(conn: Connection, query: str, *keys: str) -> dict[str, Any] | None:
    """The document that one of the queries above makes, or None."""
    found: dict[str, Any] | None = await conn.fetchval(query, *keys)
    return found


async def stock_of(conn: Connection, sku: str) -> list[dict[str, Any]]:
    """The product's levels at all locations, by code."""
    rows = await conn.fetch(
        STOCK.replace("where location = $1 and sku = $2", "where sku = $1 order by location"), sku
    )
    return [row[0] for row in rows]
