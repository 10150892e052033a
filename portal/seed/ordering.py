"""What the demo's buyers have in hand: who must agree to what, orders that wait for somebody, and their own words."""

from dataclasses import replace
from decimal import Decimal

from portal.db import own_skus
from portal.db import people as known
from portal.domain.access import Viewer
from portal.domain.chains import Policy
from portal.domain.policies import Above, Rule, Step, When
from portal.domain.working_time import WorkingTime
from portal.operations import deciding, keeping_lists, regulating
from portal.operations.deciding import Decision
from portal.operations.keeping_lists import Named
from portal.operations.placing import Supplier
from portal.seed import cast
from portal.seed.telling import SYSTEM, DemoTeller

ACCOUNT = "NORDWIND"
KLAUS, LEAH = "klaus.brandt@nordwind.example", "leah.stone@nordwind.example"
ANY_APPROVER = Step(role="approver", need="any")
ANY_OF_FINANCE = Step(role="finance", need="any")
# Of machines, controls and investments. Fasteners and seals are ordered every day, and nobody is asked.
RULES = (
    Rule(
        "Machines above 2,500",
        (ANY_APPROVER,),
        When(
            total_above=Above(Decimal(2_500), "GBP"),
            category=("Gearboxes", "Hydraulics", "Motors"),
        ),
    ),
    Rule(
        "Controls above 5,000",
        (ANY_APPROVER, ANY_OF_FINANCE),
        When(total_above=Above(Decimal(5_000), "GBP"), category=("Controls",)),
    ),
    Rule(
        "Investments",
        (ANY_OF_FINANCE, Step(role="account_admin", need="any")),
        When(cost_centre=("INVEST",)),
    ),
)
# What they call in their own system what they order most.
OWN_SKUS = {
    "NW-10020": "BRG-6204-2RS",
    "NW-10031": "SCR-M8-40",
    "NW-20114": "SEA-V40",
    "NW-30007": "CHN-10B-5",
    "NW-40750": "MOT-IE4-075",
    "NW-50112": "SEN-IND-M12",
}
# What is bought again and again: (name, whether the company shares it, what).
LISTS = (
    (
        "Winter service, press line",
        True,
        (
            ("BRG-6204-2RS", 40),
            ("SEA-V40", 60),
            ("BLT-XPA-1250", 12),
            ("LUB-EP2-400", 24),
            ("SEN-IND-M12", 6),
        ),
    ),
    ("Hydraulics, spare parts", False, (("HOS-HYD-12", 30), ("SEA-ROD-32", 20), ("SEA-WIP-32", 20))),
)


async def tell(teller: DemoTeller) -> None:
    """From eleven o'clock on the day on which the story stands still."""
    conn = teller.work.conn
    await own_skus.replace(conn, ACCOUNT, OWN_SKUS)
    await teller.now(0, "11:00", "ines.albers@nordwind.example")
    await regulating.put_policy(teller.work, SYSTEM, _policy(teller))
    await _keep_lists(teller)
    await _waits_for_klaus(teller)
    await _klaus_has_asked(teller)
    await _waits_for_finance(teller)


async def _keep_lists(teller: DemoTeller) -> None:
    """One that the company shares, and one of Petra's own."""
    petra = await _as(teller, "11:02", cast.BUYER)
    for name, is_shared, lines in LISTS:
        wanted = [(sku, Decimal(quantity)) for sku, quantity in lines]
        await keeping_lists.create(teller.work, petra, ACCOUNT, Named(name, is_shared), wanted)


def _policy(teller: DemoTeller) -> Policy:
    working = replace(WorkingTime(), time_zone=teller.settings.supplier_time_zone)
    return Policy(
        ACCOUNT, RULES, expires_after_hours=40, remind_after_hours=8, escalate_after_hours=24, working=working
    )


async def _waits_for_klaus(teller: DemoTeller) -> None:
    petra = await _as(teller, "11:05", cast.BUYER)
    lines = [("MOT-IE4-075", 4), ("GBX-H63-20", 2)]
    await teller.order("motors", ACCOUNT, petra, lines, reference="4500118301", ship_to="LEEDS")


async def _klaus_has_asked(teller: DemoTeller) -> None:
    leah = await _as(teller, "11:20", LEAH)
    order = await teller.order("pumps", "NORDWIND-HULL", leah, [("PMP-GR2-16", 20)], reference="HYD-0781")
    await _decide(teller, "11:45", order, "ask", "Are these for the press line, or for stock?")


async def _waits_for_finance(teller: DemoTeller) -> None:
    petra = await _as(teller, "12:10", cast.BUYER)
    lines = [("SEN-IND-M12", 100), ("VLV-SOL-12", 80)]
    order = await teller.order("controls", ACCOUNT, petra, lines, reference="4500118302", ship_to="LEEDS")
    await _decide(teller, "13:05", order, "approve", "Agreed for the winter service.")


async def _as(teller: DemoTeller, clock: str, email: str) -> Viewer:
    await teller.now(0, clock, email)
    person = await known.by_email(teller.work.conn, email)
    found = await known.viewer(teller.work.conn, person.id) if person else None
    assert found is not None
    return found[0]


async def _decide(teller: DemoTeller, clock: str, order: str, what: str, comment: str) -> None:
    klaus = await _as(teller, clock, KLAUS)
    number = await teller.work.conn.fetchval(
        "select r.number from approval_request r join orders o on o.id = r.order_id where o.number = $1",
        order,
    )
    settings = teller.settings
    supplier = Supplier(settings.supplier_time_zone, settings.tax_rates[settings.supplier_country])
    await deciding.decide(teller.work, klaus, number, Decision(what, comment), supplier)
