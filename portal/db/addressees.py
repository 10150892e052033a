"""To whom papers about an account go, as the account stands now. An issued invoice keeps whom it went to."""

import msgspec

from portal.db.work import Connection
from portal.domain.invoices import Address, Party

# Bills go to the billing address; without one to where this order's goods go, or those of the account's orders.
READ = """
select json_build_object(
    'name', a.name, 'legal_name', a.legal_name, 'vat_id', a.tax_id, 'registration', a.registration,
    'billing', a.billing_address, 'language', a.document_language, 'terms', a.payment_terms_days,
    'ship_to', (
        select json_build_object('lines', t.lines, 'city', t.city, 'country', t.country,
            'postal_code', t.postal_code, 'region', t.region)
        from ship_to t where t.account = a.number order by t.code is distinct from $2, t.code limit 1))::text
from account a where a.number = $1
"""


class _Billing(Address, frozen=True):
    name: str | None = None


class _Row(msgspec.Struct):
    name: str
    language: str
    terms: int
    legal_name: str | None
    vat_id: str | None
    registration: str | None
    billing: _Billing | None
    ship_to: Address | None


class Addressee(msgspec.Struct, frozen=True):
    """`language` is that of the account's documents: `en`, `de` or `both`."""

    party: Party
    language: str
    payment_terms_days: int


_decoder = msgspec.json.Decoder(_Row)


async def addressee(conn: Connection, account: str, ship_to: str | None = None) -> Addressee:
    row = _decoder.decode(await conn.fetchval(READ, account, ship_to))
    where = row.billing or row.ship_to
    nowhere = Address(lines=(), city="", country="")
    address = (
        Address(
            lines=where.lines,
            city=where.city,
            country=where.country,
            postal_code=where.postal_code,
            region=where.region,
        )
        if where
        else nowhere
    )
    party = Party(
        name=(row.billing.name if row.billing else None) or row.name,
        legal_name=row.legal_name,
        vat_id=row.vat_id,
        registration=row.registration,
        address=address,
    )
    return Addressee(party, row.language, row.terms)
