"""The supplier's own facts on its papers, read from `PORTAL_SUPPLIER_...`: who, where, VAT id, bank.

EN 16931 makes some of them mandatory, so production does not start without. The demo's supplier has made-up ones.
"""

import re
from collections.abc import Callable, Mapping

from portal.domain.invoices import Address, Bank, Party

# What production has to be told; the others make papers better.
MANDATORY = (
    "PORTAL_SUPPLIER_LEGAL_NAME",
    "PORTAL_SUPPLIER_STREET",
    "PORTAL_SUPPLIER_CITY",
    "PORTAL_SUPPLIER_POSTAL_CODE",
    "PORTAL_SUPPLIER_IBAN",
)
# Without a VAT id no tax may be charged.
VAT_ID = "PORTAL_SUPPLIER_VAT_ID"

DEMO = {
    "PORTAL_SUPPLIER_LEGAL_NAME": "Harrow & Pike Industrial Supplies Ltd",
    "PORTAL_SUPPLIER_STREET": "Unit 7, Calder Wharf | 48 Canal Road",
    "PORTAL_SUPPLIER_CITY": "Leeds",
    "PORTAL_SUPPLIER_POSTAL_CODE": "LS12 2PL",
    "PORTAL_SUPPLIER_VAT_ID": "GB123456782",
    "PORTAL_SUPPLIER_REGISTRATION": "00000042",
    "PORTAL_SUPPLIER_CONTACT": "Accounts receivable",
    "PORTAL_SUPPLIER_EMAIL": "accounts@harrowpike.example",
    "PORTAL_SUPPLIER_PHONE": "+44 113 496 0000",
    "PORTAL_SUPPLIER_ELECTRONIC_ADDRESS": "9932:GB123456782",
    "PORTAL_SUPPLIER_IBAN": "GB82 WEST 1234 5698 7654 32",
    "PORTAL_SUPPLIER_BIC": "WESTGB2LXXX",
    "PORTAL_SUPPLIER_BANK": "West Riding Bank",
}

Text = Callable[[str, str], str]


class Malformed(ValueError):
    """A fact that no bank or tax office would take; the text names the variable."""


def reading(text: Text, *, made_up: bool) -> Text:
    """`text`, or all of the demo's supplier where none was named and one may be `made_up`."""
    if not made_up or text("PORTAL_SUPPLIER_LEGAL_NAME", ""):
        return text
    return lambda name, default: text(name, DEMO.get(name, default))


def party(text: Text, name: str, country: str) -> Party:
    """`text(variable, default)` reads. Lines of the street are parted by `|`."""
    return Party(
        name=name,
        legal_name=text("PORTAL_SUPPLIER_LEGAL_NAME", name),
        address=Address(
            lines=[line.strip() for line in text("PORTAL_SUPPLIER_STREET", "").split("|") if line.strip()],
            city=text("PORTAL_SUPPLIER_CITY", ""),
            postal_code=text("PORTAL_SUPPLIER_POSTAL_CODE", "") or None,
            region=text("PORTAL_SUPPLIER_REGION", "") or None,
            country=country,
        ),
        vat_id=_vat_id(text(VAT_ID, "")),
        registration=text("PORTAL_SUPPLIER_REGISTRATION", "") or None,
        contact=text("PORTAL_SUPPLIER_CONTACT", "") or None,
        email=text("PORTAL_SUPPLIER_EMAIL", "") or None,
        phone=text("PORTAL_SUPPLIER_PHONE", "") or None,
        electronic_address=_electronic_address(text("PORTAL_SUPPLIER_ELECTRONIC_ADDRESS", "")),
    )


def bank(text: Text, holder: str) -> Bank | None:
    """None without an IBAN."""
    iban = _iban(text("PORTAL_SUPPLIER_IBAN", ""))
    if iban is None:
        return None
    return Bank(
        holder=text("PORTAL_SUPPLIER_ACCOUNT_HOLDER", holder),
        iban=iban,
        bic=_bic(text("PORTAL_SUPPLIER_BIC", "")),
        name=text("PORTAL_SUPPLIER_BANK", "") or None,
    )


def variables(party: Party, bank: Bank | None) -> Mapping[str, str]:
    """The variables that make exactly these facts."""
    address = party.address
    said = {
        "PORTAL_SUPPLIER_LEGAL_NAME": party.legal_name,
        "PORTAL_SUPPLIER_STREET": " | ".join(address.lines),
        "PORTAL_SUPPLIER_CITY": address.city,
        "PORTAL_SUPPLIER_POSTAL_CODE": address.postal_code,
        "PORTAL_SUPPLIER_REGION": address.region,
        VAT_ID: party.vat_id,
        "PORTAL_SUPPLIER_REGISTRATION": party.registration,
        "PORTAL_SUPPLIER_CONTACT": party.contact,
        "PORTAL_SUPPLIER_EMAIL": party.email,
        "PORTAL_SUPPLIER_PHONE": party.phone,
        "PORTAL_SUPPLIER_ELECTRONIC_ADDRESS": party.electronic_address,
        "PORTAL_SUPPLIER_IBAN": bank and bank.iban,
        "PORTAL_SUPPLIER_BIC": bank and bank.bic,
        "PORTAL_SUPPLIER_BANK": bank and bank.name,
        "PORTAL_SUPPLIER_ACCOUNT_HOLDER": bank and bank.holder,
    }
    return {name: value or "" for name, value in said.items()}


def _vat_id(value: str) -> str | None:
    """With the country's two letters in front, as BR-CO-09 asks for."""
    number = re.sub(r"[\s.-]", "", value).upper()
    if number and not re.fullmatch(r"[A-Z]{2}[0-9A-Z+*]{2,13}", number):
        raise Malformed(f"{VAT_ID} is {value!r}: write it with its country's two letters, like GB123456782.")
    return number or None


def _electronic_address(value: str) -> str | None:
    if value and not re.fullmatch(r"\d{4}:\S+", value):
        raise Malformed(
            f"PORTAL_SUPPLIER_ELECTRONIC_ADDRESS is {value!r}: write scheme:value, like 9932:GB123456782."
        )
    return value or None


def _iban(value: str) -> str | None:
    number = re.sub(r"\s", "", value).upper()
    if number and not (re.fullmatch(r"[A-Z]{2}\d{2}[0-9A-Z]{10,30}", number) and _checks(number)):
        raise Malformed("PORTAL_SUPPLIER_IBAN is not a valid IBAN: its check digits do not fit.")
    return number or None


def _checks(iban: str) -> bool:
    """ISO 13616: letters count from ten, the first four characters go to the end, the rest by 97 is one."""
    return int("".join(str(int(sign, 36)) for sign in iban[4:] + iban[:4])) % 97 == 1


def _bic(value: str) -> str | None:
    code = re.sub(r"\s", "", value).upper()
    if code and not re.fullmatch(r"[A-Z]{6}[0-9A-Z]{2}([0-9A-Z]{3})?", code):
        raise Malformed(f"PORTAL_SUPPLIER_BIC is {value!r}: a BIC has 8 or 11 letters and digits.")
    return code or None
