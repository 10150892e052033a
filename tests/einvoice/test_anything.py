"""Whatever people write, and whatever numbers meet: what is issued stays valid."""

from decimal import Decimal

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.adapters import einvoice
from portal.domain.invoices import Address, Document
from tests.einvoice import reading
from tests.einvoice.issued import refused
from tests.einvoice.samples import BUYERS, HAMBURGS, OURS, THERE, Case, Item

# All that PostgreSQL can hold, and that nobody would call empty.
TEXT = st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=30
).filter(lambda text: any(sign.isprintable() and not sign.isspace() for sign in text))
LINES = st.lists(TEXT, max_size=5)
CODES = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=2, max_size=3)


def decimals(most: str, places: int) -> st.SearchStrategy[str]:
    least = Decimal(1).scaleb(-places)
    return st.decimals(least, Decimal(most), places=places).map(str)


ITEMS = st.builds(
    Item,
    sku=TEXT,
    name=TEXT,
    unit=CODES,
    quantity=decimals("99999", 3),
    price=decimals("9999", 6),
    per=st.sampled_from(["1", "100", "1000"]),
    rate=st.sampled_from(["0", "5", "7", "19", "20"]),
    buyer_sku=st.none() | TEXT,
)
ADDRESSES = st.builds(
    Address,
    lines=LINES,
    city=TEXT,
    postal_code=st.none() | TEXT,
    region=st.none() | TEXT,
    country=st.sampled_from(["GB", "DE", "FR", "US"]),
)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    buyer = msgspec.structs.replace(
        BUYERS,
        name=draw(TEXT),
        legal_name=draw(st.none() | TEXT),
        registration=draw(st.none() | TEXT),
        vat_id=draw(st.none() | st.sampled_from(["DE136695976", "136695976"]) | TEXT),
        address=draw(ADDRESSES),
        electronic_address=draw(st.none() | st.sampled_from(["9930:DE1", "EM:a@b.example", "0099:x"]) | TEXT),
    )
    case = Case(
        items=draw(st.lists(ITEMS, min_size=1, max_size=4)),
        currency=draw(st.sampled_from(["GBP", "EUR", "JPY"])),
        status=draw(st.sampled_from(["standard", "exempt", "reverse_charge"])),
        seller=draw(st.sampled_from([OURS, HAMBURGS])),
        buyer=buyer,
        deliver_to=msgspec.structs.replace(THERE, name=draw(TEXT), address=draw(ADDRESSES)),
        kind=draw(st.sampled_from(["invoice", "credit_note"])),
        extra={"buyer_reference": draw(st.none() | TEXT), "reason": draw(st.none() | TEXT)},
    )
    return case.document()


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(documents())
def test_whatever_people_write_is_valid_or_has_no_xml(document: Document) -> None:
    profile = einvoice.profile(document)
    if profile == "none":
        assert einvoice.lacks(document)
        return
    cii, ubl = einvoice.cii(document), einvoice.ubl(document)

    assert list(refused(cii, profile)) == []
    assert list(refused(ubl, "ubl")) == []
    assert reading.differences(reading.read(cii), reading.read(ubl)) == []
