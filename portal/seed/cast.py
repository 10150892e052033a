"""Who plays in the demo: companies, their people, and the supplier's own."""

from decimal import Decimal
from typing import Any

from portal.db.work import Work
from portal.domain.access import Viewer
from portal.operations import arranging, cataloguing, people
from portal.operations.cataloguing import AccountTerms, Address, Invoicing, ShipTo
from portal.operations.people import Limit, Member

# The demo listens on this machine only; everybody signs in with the same word.
PASSWORD = "harrow-and-pike"  # noqa: S105 - known on purpose

BUYER = "petra.vogt@nordwind.example"
FINANCE = "amara.cole@harrowpike.example"
OPERATIONS = "dev.patel@harrowpike.example"

LEEDS = ShipTo(
    "LEEDS",
    "Goods in, gate 2",
    Address(["Nordwind Works", "Whitehall Road 40"], "Leeds", "GB", "LS12 1BE"),
    "Forklift from 08:00 to 14:00.",
)
HULL = ShipTo(
    "HULL", "Hydraulics yard", Address(["Nordwind Hydraulics", "Alexandra Dock"], "Hull", "GB", "HU9 1TA")
)
DERBY = ShipTo("DERBY", "Plant 1", Address(["Meridian Process", "Sinfin Lane 8"], "Derby", "GB", "DE24 9GL"))
BRISTOL = ShipTo(
    "BRISTOL", "Central stores", Address(["Ashdown House", "Avon Street"], "Bristol", "GB", "BS2 0PS")
)
CARDIFF = ShipTo(
    "CARDIFF", "Workshop", Address(["Calder Motors", "Ocean Way 11"], "Cardiff", "GB", "CF24 5PE")
)


def company(
    number: str,
    name: str,
    *ship_tos: ShipTo,
    parent: str | None = None,
    tax_id: str | None = None,
    days: int = 30,
    terms: str = "on_shipment",
    consolidation: str | None = None,
    invoicing: Invoicing | None = None,
) -> AccountTerms:
    """A buying company, on the usual terms where nothing else is said."""
    return AccountTerms(
        number=number,
        name=name,
        currency="GBP",
        parent=parent,
        priority=0,
        tax_id=tax_id,
        credit_limit=None,
        credit_hold=False,
        payment_terms_days=days,
        invoice_terms=terms,
        consolidation=consolidation,
        delivery_preference="as_available",
        weekly_day="fri",
        tax_status="standard",
        freight_policy="pro_rata",
        own_country_first=False,
        ship_tos=ship_tos,
        invoicing=invoicing or Invoicing(),
    )


NORDWIND = Invoicing(
    legal_name="Nordwind Maschinenbau UK Ltd",
    registration="04417832",
    billing_name="Nordwind Maschinenbau, accounts payable",
    billing_address=Address(["Whitehall Road 40"], "Leeds", "GB", "LS12 1BE"),
    electronic_address="9932:GB317420528",
    buyer_reference="AP-LEEDS",
    contract_number="NW-2024-07",
)

ACCOUNTS = (
    company("NORDWIND", "Nordwind Maschinenbau", LEEDS, HULL, tax_id="GB317420528", invoicing=NORDWIND),
    # Its parent reads German.
    company(
        "NORDWIND-HULL",
        "Nordwind Hydraulics",
        HULL,
        parent="NORDWIND",
        tax_id="GB441883201",
        invoicing=Invoicing(document_language="both"),
    ),
    company("MERIDIAN", "Meridian Process", DERBY, tax_id="GB229061714"),
    company("ASHDOWN", "Ashdown Distribution", BRISTOL, tax_id="GB775304130", days=14),
    company(
        "CALDER",
        "Calder Motors",
        CARDIFF,
        tax_id="GB516092811",
        terms="consolidated",
        consolidation="completion",
    ),
)
_MEMBERS = (
    ("NORDWIND", BUYER, "Petra Vogt", "buyer"),
    ("NORDWIND", "klaus.brandt@nordwind.example", "Klaus Brandt", "approver"),
    ("NORDWIND", "ines.albers@nordwind.example", "Ines Albers", "account_admin"),
    ("NORDWIND", "tomasz.reid@nordwind.example", "Tomasz Reid", "finance"),
    ("NORDWIND", "rosa.lindt@nordwind.example", "Rosa Lindt", "reader"),
    ("NORDWIND-HULL", "leah.stone@nordwind.example", "Leah Stone", "buyer"),
    ("MERIDIAN", "sam.okafor@meridian.example", "Sam Okafor", "buyer"),
)
DEMO = Viewer("demo", "Demo", None, frozenset({"*"}))
MANAGER = "jo.whitfield@harrowpike.example"
OTHER_MANAGER = "noor.haddad@harrowpike.example"
_STAFF = (
    (MANAGER, "Jo Whitfield", "account_manager"),
    (OTHER_MANAGER, "Noor Haddad", "account_manager"),
    (OPERATIONS, "Dev Patel", "operations"),
    (FINANCE, "Amara Cole", "finance"),
    ("ruth.lindqvist@harrowpike.example", "Ruth Lindqvist", "admin"),
)


async def introduce(work: Work) -> None:
    """Put the companies and their people into the portal."""
    for account in ACCOUNTS:
        await cataloguing.put_account(work, account)
    for number, email, name, role in _MEMBERS:
        limit = Limit(Decimal(25_000), "GBP") if role == "approver" else None
        await people.put_member(work, Member(number, email, name, [role], PASSWORD, per_order=limit))
    for email, name, role in _STAFF:
        await people.put_staff(work, email, name, [role], PASSWORD)
    for number in ("NORDWIND", "NORDWIND-HULL"):
        await arranging.arrange(work, DEMO, number, {"manager": MANAGER}, is_new=True)
    # Whoever decides on more there proves first who they are.
    await work.conn.execute("update account set step_up_above = 50000 where number = 'NORDWIND'")
    # One looks after all the others, those of the imported book too.
    await work.conn.execute(
        "update account set manager_id = (select id from person where email = $1) where manager_id is null",
        OTHER_MANAGER,
    )


def users() -> list[dict[str, Any]]:
    """Who can sign in, as `demo.json` tells it. People of the supplier have no account."""
    told: list[tuple[str, str, str | None]] = [(email, role, account) for account, email, _, role in _MEMBERS]
    told += [(email, role, None) for email, _, role in _STAFF]
    return [
        {"email": email, "password": PASSWORD, "role": role, "account": account}
        for email, role, account in told
    ]
