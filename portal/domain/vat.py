"""Which VAT category of EN 16931 (UNCL 5305) a line falls in, and what an invoice must say where no tax is charged.

| code | when |
|---|---|
| `S` | tax is charged |
| `Z` | the product's own rate is nothing |
| `E` | the account is exempt |
| `AE` | the customer owes the tax (reverse charge) in the supplier's own country |
| `K` | the customer owes the tax, and the goods go to another member state of the European Union |
| `G` | the goods leave the supplier's country or the Union, to an account that is not charged tax |
| `O` | the supplier is no VAT payer at all |
"""

from decimal import Decimal
from typing import Literal

from portal.domain.words import N_

Code = Literal["S", "Z", "E", "AE", "K", "G", "O"]

UNION = frozenset(
    {
        "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU",
        "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
    }
)  # fmt: skip
# The words that EN 16931 asks for, or their equivalent where the Union's law does not hold.
REASONS: dict[str, str] = {
    "E": N_("Exempt from VAT"),
    "AE": N_("Reverse charge: the customer is to account for the VAT"),
    "K": N_("Intra-community supply"),
    "G": N_("Export, no VAT charged"),
    "O": N_("Not subject to VAT"),
}
# Codes of the VATEX list name articles of the Union's directive: only its own suppliers may refer to them. Why an
# account is exempt is not known to the portal, so `E` has words alone.
VATEX = {"AE": "VATEX-EU-AE", "K": "VATEX-EU-IC", "G": "VATEX-EU-G", "O": "VATEX-EU-O"}


def code(
    tax_status: str,
    tax_category: str,
    rate: Decimal,
    supplier_country: str,
    ship_to_country: str,
    *,
    registered: bool = True,
) -> Code:
    """The category of a line whose product has `tax_category` and that was ordered at `rate` percent.

    What was agreed at ordering holds: a line with a rate is taxed whatever the account's status has become since.
    `registered` is whether the supplier has a VAT id.
    """
    if rate:
        return "S"
    if not registered:
        return "O"
    if tax_status == "standard":
        return "Z"
    return _untaxed(tax_status, tax_category, supplier_country, ship_to_country)


def _untaxed(tax_status: str, tax_category: str, supplier_country: str, ship_to_country: str) -> Code:
    """Of an account that is charged no tax: why depends on where the goods go first."""
    countries = {supplier_country, ship_to_country}
    if len(countries) > 1 and not countries <= UNION:
        return "G"
    if len(countries) > 1 and tax_status == "reverse_charge":
        return "K"
    if tax_category == "zero":
        return "Z"
    return "AE" if tax_status == "reverse_charge" else "E"


def exemption(code: str, supplier_country: str) -> tuple[str | None, str | None]:
    """Why no tax is charged: the words (BT-120, to be translated for paper) and the VATEX code (BT-121), if any."""
    return REASONS.get(code), VATEX.get(code) if supplier_country in UNION else None
